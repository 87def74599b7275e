"""The options that are weighed: at least three of different kind where there are so many.

One order of the size of least regret in each family; two orders; enough for nine worlds of ten; and little of
one's own, the rest being rented or waited for. What is no better than another of its kind is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from capacity.facility.uncertainty import normal_of, part_of
from capacity.statistics.intervals import Interval
from capacity.statistics.regret.costs import Regret, regrets, share_met
from capacity.statistics.regret.knowledge import of_each
from capacity.study.size.regret.costs import CostTable
from capacity.study.size.regret.phases import PhasedPlan
from capacity.study.uncertainty.draws import Draws
from capacity.study.verdict import known

Floats = npt.NDArray[np.float64]
Kind = Literal["one order", "two orders", "nearly all", "little"]
NEARLY_ALL, LITTLE = 0.9, 0.1
"""Parts of the worlds in which a size is enough."""
ALIKE: Final = 0.05
"""Sizes nearer to each other than this part are one option. [1]"""


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes
    ----------
    kind : str
        One order of the size of least regret, two orders, enough in nine of ten worlds, or little of
        one's own.
    values, second : mapping of str to str, tuple of mappings
        What is ordered now, by path; for two orders what there is in the end, from low loads to high ones.
    thresholds : tuple of float
        From which load on the next is ordered, one fewer. [slot]
    cost, own : float
        Mean of all costs in a year, and of owning. [currency]
    regret : Regret
        Against the best of everything weighed.
    met : Interval
        The part of the worlds in which its own machines are enough. [1]
    """

    kind: Kind
    values: Mapping[str, str]
    second: tuple[Mapping[str, str], ...]
    thresholds: tuple[float, ...]
    cost: float
    own: float
    regret: Regret
    met: Interval

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "kind": self.kind, "values": dict(self.values), "second": [dict(one) for one in self.second],
            "thresholds_slots": list(self.thresholds), "cost": known(self.cost), "own": known(self.own),
            "mean_regret": self.regret.mean, "worst_tenth": self.regret.worst_tenth,
            "worst": self.regret.worst, "worst_worlds": list(self.regret.worst_worlds),
            "met": self.met.value, "met_low": self.met.low, "met_high": self.met.high, "worlds": self.met.n,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weighed:
    """An option with its costs in each world, before anything is held against it."""

    kind: Kind
    table: CostTable
    place: int
    costs: Floats
    own: Floats
    met: npt.NDArray[np.bool_]
    plan: PhasedPlan | None = None


def weighed(tables: Sequence[CostTable], plans: Sequence[PhasedPlan | None]) -> list[Weighed]:
    """Return what is weighed, the best one order first, then what is of another kind or family."""
    order = sorted(range(len(tables)), key=lambda number: tables[number].smooth[tables[number].chosen])
    found = [_single("one order", tables[number], tables[number].chosen) for number in order]
    best, plan = tables[order[0]], plans[order[0]]
    others: list[Weighed] = []
    if plan is not None and (plan.decides_later or plan.second[0] != plan.first):
        others.append(_two(best, plan))
    if best.family.axis is not None:
        parts: tuple[tuple[Kind, float], ...] = (("nearly all", NEARLY_ALL), ("little", LITTLE))
        for kind, part in parts:
            place = best.place_enough(part)
            numbers = best.family.numbers
            near = [
                numbers[one.place] for one in (found[0], *others) if one.table is best and one.plan is None
            ]
            if all(abs(numbers[place] / number - 1) > ALIKE for number in near):
                others.append(_single(kind, best, place))
    return [found[0], *others, *found[1:]]


def _single(kind: Kind, table: CostTable, place: int) -> Weighed:
    return Weighed(kind, table, place, table.costs[place], table.own[place], table.met[place])


def _two(table: CostTable, plan: PhasedPlan) -> Weighed:
    last, worlds = np.array(plan.second)[plan.rule], np.arange(len(plan.costs))
    own, met = table.own[last, worlds], table.met[last, worlds]
    return Weighed("two orders", table, plan.first, plan.costs, own, met, plan)


def options(found: Sequence[Weighed], every: Floats) -> list[Option]:
    """Return the options with their regret against the best of all candidates and of themselves.

    Parameters
    ----------
    found : sequence of Weighed
        What is weighed.
    every : ndarray of float, shape (n_candidates, n_worlds)
        The costs of all candidates.
    """
    held = regrets(np.vstack([*(one.costs for one in found), every]))
    return [_option(one, regret) for one, regret in zip(found, held, strict=False)]


def _option(one: Weighed, regret: Regret) -> Option:
    family, plan = one.table.family, one.plan
    second = () if plan is None else tuple(family.values_at(place) for place in plan.second)
    cost = float(one.costs.mean()) if plan is None else plan.cost
    return Option(
        one.kind, family.values_at(one.place), second, () if plan is None else plan.thresholds, cost,
        float(one.own.mean()), regret, share_met(one.met),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """What would have to be true for another option to be best.

    Attributes
    ----------
    option : int
        Place of the other option.
    assumption : str
        What it hangs on, by name: the one of which knowing is worth most between the two.
    above : bool
        Whether it has to be above the value, or below.
    value, part : float
        That value, as it is drawn, and the part of the futures below it; NaN for a cause that has no value.
    """

    option: int
    assumption: str
    above: bool
    value: float
    part: float

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "option": self.option, "assumption": self.assumption, "above": self.above,
            "value": known(self.value), "part": self.part,
        }  # fmt: skip


def turns(found: Sequence[Weighed], draws: Draws) -> list[Turn]:
    """Return for each option but the first on which side of which assumption it would be best, if on any."""
    answers = []
    for number, other in enumerate(found[1:], 1):
        apart = other.costs - found[0].costs
        if not (apart < 0).any():
            continue
        worth = of_each(np.vstack([found[0].costs, other.costs]), draws.uniforms)
        column = max(range(len(worth)), key=lambda at: worth[at].raw)
        turn = _turn(number, draws, column, apart)
        if turn is not None:
            answers.append(turn)
    return answers


def _turn(number: int, draws: Draws, column: int, apart: Floats) -> Turn | None:
    """Return where a line through what the other option costs more crosses nothing."""
    scores = normal_of(np.clip(draws.uniforms[:, column], 1e-9, 1 - 1e-9))
    slope, start = np.polyfit(scores, apart, 1)
    if slope == 0:
        return None
    at = -start / slope
    part = float(part_of(np.array([at]))[0])
    if not 0.001 < part < 0.999:
        return None
    name = draws.inputs[column]
    stated = {one.name: one for one in draws.assumptions}.get(name)
    drawn = stated is not None and not stated.cause and stated.how != "choice"
    value = float(stated.what.quantile(part)) if stated is not None and drawn else float("nan")
    return Turn(number, name, bool(slope < 0), value, part)
