"""What every size costs in every world, in a year: owning it, and what is then too little.

What a world needs is known from its own runs, or, where no size of the range is enough, from what the others
need under the same assumptions. Choosing goes by costs that are smoothed over worlds: raw means of skewed
costs swing from draw to draw.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError
from capacity.facility.uncertainty import normal_of
from capacity.statistics.designs import nested_uniforms
from capacity.statistics.regret.costs import bought_for
from capacity.statistics.regret.smooth import (
    Lateness,
    Need,
    chosen_size,
    fitted_lateness,
    fitted_need,
)
from capacity.study.size.regret.families import Family, Sought
from capacity.study.size.regret.one_world import WorldSized
from capacity.study.size.regret.prices import HOUR_S, YEAR_S, in_currency

Floats = npt.NDArray[np.float64]
SMOOTH_WORLDS: Final = 4_096
"""So many worlds are drawn anew for smoothed costs; nothing is simulated in them."""
SMOOTH_LUCKS: Final = 64
"""So many draws of luck for each world where deliveries come late in some: those worlds are kept."""
MONTHS: Final = 12
WHOLE: Final = 0.999
"""From this part on everything counts as delivered. [1]"""


@dataclass(frozen=True, slots=True)
class CostTable:
    """The costs of one family.

    Attributes
    ----------
    family : Family
        Whose.
    needed : ndarray of float, shape (n_worlds,)
        The size in service that each world needs; beyond the range as the others let expect.
    there : ndarray of float, shape (n_worlds,)
        Part of what is ordered that is in service in the time asked. [1]
    least : ndarray of int, shape (n_worlds,)
        Place of the least size that is enough; the number of sizes where none is.
    own, costs : ndarray of float, shape (n_sizes, n_worlds)
        What owning costs in a year, and all costs. [currency]
    smooth : ndarray of float, shape (n_sizes,)
        Mean costs, smoothed; infinite where what was simulated cannot answer. [currency]
    chosen : int
        Place of the size of least smoothed cost.
    edge : str
        "low" or "high" where that is the outermost of the range.
    too_much, too_little : float
        What one more unit of size costs in a year, and one too few beyond that; NaN where that is no price of
        a unit. [currency]
    need : Need or None
        The line by which needs were told; None without sizes.
    """

    family: Family
    needed: Floats
    there: Floats
    least: npt.NDArray[np.intp]
    own: Floats
    costs: Floats
    smooth: Floats
    chosen: int
    edge: str
    too_much: float
    too_little: float
    need: Need | None

    @property
    def met(self) -> npt.NDArray[np.bool_]:
        """Whether each size is enough in each world, shape (n_sizes, n_worlds)."""
        return np.arange(len(self.own))[:, None] >= self.least[None]

    @property
    def bought_for(self) -> float:
        """Part of the futures one buys for at these prices; NaN where too little is not paid by unit [1]."""
        if math.isnan(self.too_little):
            return math.nan
        return bought_for(max(0.0, self.too_little), self.too_much)

    @property
    def place_of_most(self) -> int:
        """Place of the least size that is enough in nine of ten worlds; of the largest if none is."""
        return self.place_enough(0.9)

    def place_enough(self, part: float) -> int:
        """Return the place of the least size that is enough in a part of the worlds, or of the largest."""
        ordered = np.sort(self.least)
        place = int(ordered[max(0, math.ceil(part * len(ordered) - 1e-9) - 1)])
        return min(place, len(self.own) - 1)


def cost_table(sought: Sought) -> CostTable:
    """Return what every size of a family costs in every world.

    Raises
    ------
    InputError
        What too little costs is not known, or is below the cost of owning.
    """
    family, worlds = sought.family, sought.worlds
    numbers = np.array(family.numbers)
    there = np.array([one.there_frac for one in worlds])
    least = np.array([one.least for one in worlds], np.intp)
    own = np.array([_between(one.own_ends, numbers) for one in worlds]).T
    if family.axis is None:
        return _of_one_size(sought, there, least, own)
    inputs = normal_of(np.clip(family.draws.uniforms, 1e-9, 1 - 1e-9))
    need, filled = fitted_need(inputs, _intervals(numbers, there, least))
    needed = np.exp(filled)
    short = _shortage(sought, needed)
    costs = own + short.costs(numbers, needed, there)
    many_needed, many_there = _many(family, need, inputs, there)
    smooth = own.mean(axis=1) + short.costs(numbers, many_needed, many_there).mean(axis=1)
    beyond = short.beyond(numbers, many_needed, many_there)
    known = numbers[_tried(worlds)]
    chosen = chosen_size(numbers, smooth[:, None], simulated=(known.min(), known.max()), beyond=beyond)
    place = int(np.flatnonzero(numbers == chosen.size)[0])
    edge = chosen.edge if place in (0, len(numbers) - 1) else ""
    return CostTable(
        family, needed, there, least, own, costs, smooth, place, edge,
        short.too_much, short.too_little, need,
    )  # fmt: skip


def _between(ends: tuple[float, float], numbers: Floats) -> Floats:
    """Return what stands between two ends at each size: costs and slots grow evenly with it."""
    if len(numbers) == 1:
        return np.array(ends[:1])
    return np.interp(numbers, numbers[[0, -1]], ends)


def _tried(worlds: tuple[WorldSized, ...]) -> npt.NDArray[np.intp]:
    return np.array(sorted({tried.place for one in worlds for tried in one.tried}), np.intp)


def _intervals(numbers: Floats, there: Floats, least: npt.NDArray[np.intp]) -> Floats:
    """Return between which sizes in service each world's need lies, in logarithms, shape (n_worlds, 2)."""
    found = np.empty((len(least), 2))
    last = len(numbers) - 1
    for world, place in enumerate(least):
        in_service = np.log(numbers * there[world])
        if place > last:
            found[world] = in_service[last], np.inf
        elif place == 0:
            found[world] = -np.inf, in_service[0]
        else:
            found[world] = in_service[place]
    return found


def _many(family: Family, need: Need, inputs: Floats, there: Floats) -> tuple[Floats, Floats]:
    """Return what very many worlds need, and what is in service in them."""
    seed = 0
    if there.min() >= WHOLE:
        uniforms = nested_uniforms((*family.draws.inputs, "luck"), SMOOTH_WORLDS, seed)
        drawn = normal_of(np.clip(uniforms[:, :-1], 1e-9, 1 - 1e-9))
        return need.sizes(drawn, uniforms[:, -1]), np.ones(SMOOTH_WORLDS)
    lucks = (np.arange(SMOOTH_LUCKS) + 0.5) / SMOOTH_LUCKS
    rows = np.repeat(np.arange(len(there)), SMOOTH_LUCKS)
    return need.sizes(inputs[rows], np.tile(lucks, len(there))), there[rows]


@dataclass(frozen=True, slots=True)
class Shortage:
    """What too little costs: by the unit of size that is missing, by lateness, or by the month missed.

    Attributes
    ----------
    too_much, too_little : float
        As of `CostTable`.
    by_unit, by_month : float
        Each unit of size that is missing, for a year; each year of missed months. [currency]
    late : Lateness or None
        Hours that slots wait too long in a year, by how much is missing.
    late_price : float
        Of one of them. [currency]
    """

    too_much: float
    too_little: float = math.nan
    by_unit: float = 0.0
    by_month: float = 0.0
    late: Lateness | None = None
    late_price: float = 0.0

    def costs(self, numbers: Floats, needed: Floats, there: Floats) -> Floats:
        """Return what too little costs at each size in each world, shape (n_sizes, n_worlds)."""
        missing = np.maximum(0.0, needed[None] - numbers[:, None] * there[None])
        found = self.by_unit * missing + self.by_month * (missing > 1e-9 * needed[None])
        if self.late is not None:
            found = found + self.late_price * self.late.costs(numbers, needed / there) * there
        return np.asarray(found, np.float64)

    def beyond(self, numbers: Floats, needed: Floats, there: Floats) -> Floats:
        """Return in which part of the worlds each size lies beyond what was simulated."""
        if self.late is None:
            return np.zeros(len(numbers))
        return self.late.beyond(numbers, needed / there)


def _shortage(sought: Sought, needed: Floats) -> Shortage:
    family, worlds = sought.family, sought.worlds
    said, numbers = family.search.too_little, np.array(family.numbers)
    span = numbers[-1] - numbers[0]
    too_much = float(np.mean([one.own_ends[1] - one.own_ends[0] for one in worlds])) / span
    if said.kind == "rent":
        slots = float(np.mean([one.slots_ends[1] - one.slots_ends[0] for one in worlds])) / span
        hours = slots * YEAR_S / HOUR_S * _use(sought)
        by_unit = _rent(sought) * hours
        if by_unit <= too_much:
            what = "renting costs less than owning at this price, so that nothing would be bought at all"
            fix = f"more than {too_much / hours:,.4g} {_currency(family)} an hour of a slot, or --too-little"
            raise InputError(what, where="--rent-price", fix=fix)
        return Shortage(too_much, by_unit - too_much, by_unit)
    assert said.price is not None
    price = in_currency(said.price, family.smallest.scenario.site, "--too-little")
    if said.kind == "missed":
        return Shortage(too_much, by_month=price * MONTHS)
    runs = [
        (family.numbers[tried.place] * one.there_frac, need, tried.late_slot_h)
        for one, need in zip(worlds, needed, strict=True) for tried in one.tried
    ]  # fmt: skip
    sizes, needs, late = (np.array(column, np.float64) for column in zip(*runs, strict=True))
    return Shortage(too_much, late=fitted_lateness(sizes, needs, late), late_price=price)


def _currency(family: Family) -> str:
    return family.smallest.scenario.site.reporting_currency or ""


def _rent(sought: Sought) -> float:
    rents = np.array([one.rent for one in sought.worlds])
    if np.isnan(rents).any():
        what = "what does an hour of a slot cost to rent? The site does not say it ('rent_price' of the node)"
        raise InputError(
            what, where="--worlds", fix="--rent-price '4.10 USD/GPU/h', or a price of --too-little"
        )
    return float(rents.mean())


def _use(sought: Sought) -> float:
    """Return the part of the time in which slots are in use at the size enough: rent is paid for that."""
    found = [
        tried.use_frac for one in sought.worlds for tried in one.tried
        if tried.place == one.least and not math.isnan(tried.use_frac)
    ]  # fmt: skip
    return float(np.mean(found)) if found else 1.0


def _of_one_size(sought: Sought, there: Floats, least: npt.NDArray[np.intp], own: Floats) -> CostTable:
    """Return the costs of a family of one size: as simulated, with nothing to smooth."""
    family, said = sought.family, sought.family.search.too_little
    assert said.price is not None
    price = in_currency(said.price, family.smallest.scenario.site, "--too-little")
    late = np.array([[one.tried[0].late_slot_h for one in sought.worlds]])
    short = price * late if said.kind == "late" else price * MONTHS * (least > 0)[None]
    costs = own + short
    return CostTable(
        family, np.full(len(there), math.nan), there, least, own, costs, costs.mean(axis=1), 0, "",
        math.nan, math.nan, None,
    )  # fmt: skip


def with_refused(table: CostTable, sought: Sought) -> CostTable:
    """Add what the data cost that are turned away, by the nearest size that was simulated."""
    price = sought.family.search.refused
    if price is None:
        return table
    site = sought.family.smallest.scenario.site
    per_byte = in_currency(price, site, "--refused-price")
    years = sought.family.smallest.scenario
    horizon_years = ((years.until - years.start).days + 1) / (YEAR_S / 86_400)
    places = np.arange(len(table.own))
    refused = np.array([
        np.interp(places, [one.place for one in world.tried], [one.refused_bytes for one in world.tried])
        for world in sought.worlds
    ]).T  # fmt: skip
    more = per_byte * refused / horizon_years
    smooth = table.smooth + more.mean(axis=1)
    return replace(table, costs=table.costs + more, smooth=smooth, chosen=int(np.argmin(smooth)))
