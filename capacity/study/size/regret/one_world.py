"""One world, and the least size that is enough in it: its sizes tried one by one, its jobs drawn once.

This is a piece of work by itself: it needs nothing but what it is handed, and hands back plain numbers. So it
may be carried out in another process or on another machine. All sizes have the same luck, as all candidates
of a world must. What a requirement does not speak of, and what cannot change it, is not simulated.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from capacity.inputs.fields.money import Money
from capacity.inputs.reading.tree import KeyPath
from capacity.inputs.scenario import Scenario
from capacity.inputs.uncertainty.applied import put, scenario_in_world
from capacity.inputs.uncertainty.assumptions import Assumption
from capacity.measure.findings import Values
from capacity.measure.measure import job_outcomes, measure_asked
from capacity.measure.metrics import METRICS
from capacity.measure.outcomes import Ints, JobOutcomes
from capacity.measure.waits import set_of
from capacity.simulation.build import Built, build, pool_specs, with_failed_for_room
from capacity.simulation.calendar import calendar_of
from capacity.simulation.world import World
from capacity.study.drain import drained
from capacity.study.requirements import ANY, Requirement, places_of
from capacity.study.size.regret.bound import least_slots, still_running
from capacity.study.size.regret.prices import HOUR_S, YEAR_S, TooLittle, in_currency, own_per_year

RUN_ON_DAYS: Final = 14
"""How long after the last month asked a run goes on, so that the waits of its jobs are known. [d]"""
OVER_BOUND: Final = 1.25
"""Rules, widths and luck take so much more than a perfect scheduler: where the search begins."""
STEP: Final = 1.12
"""By so much the size changes until the answer lies between two sizes that were tried."""
DOWN: Final = 0.85
"""By so much smaller sizes are tried on, where waiting is priced."""
FAR_TOO_DEAR: Final = 3.0
"""Until one costs so many times the best: the size for all worlds can be far too small for this one, and
lateness grows steeply. Settled on worlds of seed 5 of the site of `benchmarks.regret`, where stopping as
soon as costs turn chose 1.3 to 1.7 times as bad as the best; on those of seed 6 it is 1.01 to 1.14 times.
"""
SPARE_FRAC: Final = 0.5
"""Of the bandwidth of a tier; below this nobody waits for it."""
DATA: Final = ("storage_refused_bytes", (("tier", "*"), ("month", "all")))


@dataclass(frozen=True, slots=True)
class SizeSearch:
    """The question: which is the least of some sizes that meets what is required in one world.

    Attributes
    ----------
    data, path, values, numbers
        The specification of the smallest size; where the size stands in it, what may stand there, rising, and
        that as numbers. Without a path there is one size.
    assumptions, drawn, world
        What is uncertain, what it is in this world, and what to call the world.
    requirements : tuple of Requirement
        What must be met.
    too_little, refused, upkeep_frac : TooLittle, Money or None, float
        What too little costs, what data turned away cost by the byte, and the upkeep of what is owned, each
        year over its price.
    pool : str
        The pool that grows; empty if it is anything else.
    seen : tuple of date ordinals
        First and last day of the time whose demand will have been seen when a later order is due.
    """

    data: Mapping[str, Any]
    path: KeyPath
    values: tuple[Any, ...]
    numbers: tuple[float, ...]
    assumptions: tuple[Assumption, ...]
    drawn: Mapping[str, float]
    world: str
    requirements: tuple[Requirement, ...]
    too_little: TooLittle
    refused: Money | None
    upkeep_frac: float
    pool: str
    seen: tuple[int, int]

    @property
    def identity(self) -> tuple[Any, ...]:
        """What a result depends on besides scenario, luck and code, as plain values."""
        asked = [(one.text, one.limit) for one in self.requirements]
        prices = (self.too_little.kind, str(self.too_little.price), str(self.refused), self.upkeep_frac)
        return (self.path, self.values, dict(self.drawn), asked, prices, self.pool, self.seen)


@dataclass(frozen=True, slots=True)
class SizeTried:
    """One size that was simulated.

    Attributes
    ----------
    place : int
        Which size.
    found : tuple of float
        Of each requirement the value furthest beyond its limit; NaN if nothing was measured. [its unit]
    met : tuple of bool
        Whether each is met.
    own, slots : float
        What owning the site costs in a year, and its slots. [currency], [slot]
    late_slot_h : float
        Slots times time waited beyond what is required, by the jobs that it speaks of. [slot h]
    refused_bytes : float
        Data turned away, where they are priced. [B]
    too_wide : int
        Jobs that a larger size could run and this one cannot.
    use_frac : float
        Part of the slots in use over the time asked; NaN where no pool grows. [1]
    """

    place: int
    found: tuple[float, ...]
    met: tuple[bool, ...]
    own: float
    slots: float
    late_slot_h: float = 0.0
    refused_bytes: float = 0.0
    too_wide: int = 0
    use_frac: float = math.nan

    @property
    def enough(self) -> bool:
        """Whether everything is met."""
        return all(self.met) and not self.too_wide


@dataclass(frozen=True, slots=True)
class WorldSized:
    """What came of one world.

    Attributes
    ----------
    tried : tuple of SizeTried
        Sizes that were simulated, rising.
    least : int
        Place of the least size that is enough; the number of sizes if none is.
    pruned : int
        Sizes below this place were ruled out by the jobs alone.
    bound_slots : float
        Slots that a perfect scheduler needs; NaN where no pool grows.
    seen_slots : float
        Slots that the work of the eight weeks before a later order would keep busy; NaN likewise.
    own_ends, slots_ends : tuple of float
        What owning the smallest and the largest site costs in a year, and their slots.
    rent : float
        What an hour of a slot costs to rent, NaN where that is not asked. [currency]
    there_frac : float
        Part of what is ordered that is in service in the time asked: deliveries can come late. [1]
    """

    tried: tuple[SizeTried, ...]
    least: int
    pruned: int
    bound_slots: float
    seen_slots: float
    own_ends: tuple[float, float]
    slots_ends: tuple[float, float]
    rent: float = math.nan
    there_frac: float = 1.0


def sized_from(found: Mapping[str, Any]) -> WorldSized:
    """Return what came of a world as it was filed, all fields plain."""
    tried = tuple(
        SizeTried(**(one | {"found": tuple(one["found"]), "met": tuple(one["met"])}))
        for one in found["tried"]
    )
    ends = {name: tuple(found[name]) for name in ("own_ends", "slots_ends")}
    return WorldSized(**{**found, **ends, "tried": tried})


Tell = Callable[[int], None]
"""Told how many sizes were tried."""


def least_enough(search: SizeSearch, *, seed: int, replication: int, tell: Tell | None = None) -> WorldSized:
    """Find the least size that is enough in one world.

    Raises
    ------
    InputError
        A requirement speaks of nothing that is measured, or a price is missing.
    """
    one = _Sizes(search, seed, replication, tell)
    return one.found()


@dataclass(slots=True)
class _Sizes:
    """The sizes of one world; see the module."""

    search: SizeSearch
    seed: int
    replication: int
    tell: Tell | None
    built: Built | None = None
    tried: dict[int, SizeTried] = field(default_factory=dict)
    scenarios: dict[int, Scenario] = field(default_factory=dict)
    there_frac: float = 1.0
    contended: tuple[float, float] | None = None
    """Slots of the first size tried, and the largest load of a storage tier's bandwidth on it. [slot], [1]"""

    def found(self) -> WorldSized:
        last = len(self.search.values) - 1
        low, high = self.scenario(0).site, self.scenario(last).site
        ends = tuple(own_per_year(site, self.search.upkeep_frac) for site in (low, high))
        begun = build(self.lean(self.scenario(last)), seed=self.seed, replication=self.replication)
        self.built = begun
        if begun.site.contention is None:
            self.contended = (1.0, 0.0)
        self.there_frac = in_service_frac(self.search, self.scenario(last))
        pruned, bound, seen = self._by_jobs(begun)
        guess = self._place_of(bound * OVER_BOUND) if not math.isnan(bound) else last // 2
        least = self._least(pruned, max(pruned, min(guess, last)))
        if self.search.too_little.kind == "late":
            self._down_until_it_turns(min(least, last))
        tried = tuple(self.tried[place] for place in sorted(self.tried))
        return WorldSized(
            tried, least, pruned, bound, seen, (ends[0], ends[1]), (float(low.slots), float(high.slots)),
            self._rent(high), self.there_frac,
        )  # fmt: skip

    def _rent(self, site: Any) -> float:  # noqa: ANN401 - of the largest size
        said = self.search.too_little
        if said.kind != "rent":
            return math.nan
        node = site.pools[self.search.pool].node if self.search.pool else None
        price = said.price or (node.rent_price if node is not None else None)
        return math.nan if price is None else in_currency(price, site, "--rent-price")

    def scenario(self, place: int) -> Scenario:
        """Return the scenario of one size in this world."""
        if place not in self.scenarios:
            search, data = self.search, dict(self.search.data)
            if search.path:
                data = put(data, search.path, search.values[place])
            found = scenario_in_world(data, search.assumptions, search.drawn, world=search.world)
            self.scenarios[place] = found
        return self.scenarios[place]

    def lean(self, scenario: Scenario) -> Scenario:
        """Return a scenario without what no requirement speaks of and what cannot change one that does.

        Jobs that share the bandwidth of storage take longer where it is short. So that is left out only where
        the first size of this world had half of it to spare, and of larger sizes as much more.
        """
        sections = {METRICS[one.metric].section for one in self.search.requirements}
        off: dict[str, Any] = {}
        if sections <= {"waits", "use"} and self.search.refused is None:
            off["energy"] = False
            held = any(tier.when_full == "wait" for tier in scenario.site.storage.values())
            if not held and self.contended is not None:
                slots, load_frac = self.contended
                if load_frac * max(1.0, scenario.site.slots / slots) <= SPARE_FRAC:
                    off["storage"] = off["contention"] = False
        switched = scenario.simulate.model_copy(update=off)
        return scenario.model_copy(update={"simulate": switched, "until": self._until(scenario)})

    def _until(self, scenario: Scenario) -> Any:  # noqa: ANN401 - a day
        asked = [dict(one.where).get("month", "all") for one in self.search.requirements]
        if scenario.regime == "steady" or not all(month[:4].isdigit() for month in asked):
            return scenario.until
        spans = calendar_of(scenario)
        end_s = max(spans.months()[month][1] for month in asked)
        limits_s = [one.limit for one in self.search.requirements if one.unit == "s"]
        days = max(RUN_ON_DAYS, math.ceil(2 * max(limits_s, default=0.0) / 86_400))
        return spans.date_at(end_s - 1) + timedelta(days=days)  # beyond the horizon, too: demand goes on

    def _by_jobs(self, built: Built) -> tuple[int, float, float]:
        """Return below which place sizes are too small whatever is simulated, the bound and what is seen."""
        search, pool = self.search, self.search.pool
        if not pool:
            return 0, math.nan, math.nan
        scenario = built.hardware.scenario
        submit_s, slots, run_s = _jobs_of_pool(built, pool)
        work, calendar = slots.astype(np.float64) * run_s, calendar_of(scenario)
        first_s, last_s = (calendar.midnight_s(_day(day)) for day in search.seen)
        mine = slice(*np.searchsorted(submit_s, [max(0, first_s), last_s]))
        seen = float(work[mine].sum()) / max(1, last_s - max(0, first_s))
        start_s, end_s = asked_span(search.requirements, scenario)
        limit_s = next(
            (one.limit for one in search.requirements if one.metric == "backlog_s" and one.at_most), 86_400.0
        )
        span = {"start_s": start_s, "end_s": end_s}
        bound = least_slots(submit_s, work, **span, left_over_s=limit_s)
        return self._pruned(scenario, (submit_s, slots, run_s), span, limit_s), bound, seen

    def _pruned(
        self, scenario: Scenario, jobs: tuple[Ints, Ints, Ints], span: dict[str, int], limit_s: float
    ) -> int:  # fmt: skip
        """Return below which place the work required cannot be done, even if running jobs are left over."""
        asked = any(one.metric == "backlog_s" and one.at_most for one in self.search.requirements)
        leaves = any(
            work.patience is not None or work.start_deadline is not None or len(scenario.pools_of(work)) > 1
            for work in scenario.workload.classes.values()
        )
        if not asked or leaves:
            return 0
        submit_s, slots, run_s = jobs
        work, came = slots.astype(np.float64) * run_s, np.searchsorted(submit_s, span["end_s"])
        length_s = span["end_s"] - span["start_s"]
        for place in range(len(self.search.values)):
            on = self._slots_at(place)
            left = still_running(slots[:came], run_s[:came], on_slots=on) / on
            if least_slots(submit_s, work, **span, left_over_s=limit_s + left) <= on or length_s <= 0:
                return place
        return len(self.search.values)

    def _slots_at(self, place: int) -> float:
        """Return the slots of the pool at a place that are in service in the time asked."""
        assert self.built is not None
        per_node = self.built.hardware.scenario.site.pools[self.search.pool].node.slots
        return self.search.numbers[place] * per_node * self.there_frac

    def _place_of(self, slots: float) -> int:
        return next((at for at in range(len(self.search.values)) if self._slots_at(at) >= slots),
                    len(self.search.values) - 1)  # fmt: skip

    def _least(self, low: int, guess: int) -> int:
        """Return the least place that is enough, from `low` on: first around a guess, then by halves."""
        last = len(self.search.values) - 1
        if low > last:
            self._at(last)  # nothing is enough; the largest says by how much
            return last + 1
        below, above, at = low - 1, last + 1, guess
        while above - below > 1:
            if self._at(at).enough:
                above = at
                wanted = self._stepped(at, 1 / STEP)
                at = max(below + 1, wanted) if below == low - 1 else (below + above) // 2
            else:
                below = at
                wanted = self._stepped(at, STEP)
                at = min(above - 1, wanted) if above == last + 1 else (below + above) // 2
            at = min(max(at, below + 1), above - 1)
        return above

    def _stepped(self, place: int, by: float) -> int:
        numbers = np.asarray(self.search.numbers)
        at = int(np.searchsorted(numbers, numbers[place] * by))
        return at if at != place else place + (1 if by > 1 else -1)

    def _down_until_it_turns(self, place: int) -> None:
        """Try smaller sizes until one costs far more than the best."""
        best = cost = self._cost(self._at(place))
        while place > 0 and cost < FAR_TOO_DEAR * best:
            place = max(0, min(self._stepped(place, DOWN), place - 1))
            cost = self._cost(self._at(place))
            best = min(best, cost)

    def _cost(self, tried: SizeTried) -> float:
        price = self.search.too_little.price
        site = self.scenario(tried.place).site
        late = 0.0 if price is None else in_currency(price, site, "--too-little")
        return tried.own + late * tried.late_slot_h

    def _at(self, place: int) -> SizeTried:
        """Return what came of one size, simulated if it was not."""
        if place not in self.tried:
            self.tried[place] = self._simulated(place)
            if self.tell is not None:
                self.tell(len(self.tried))
        return self.tried[place]

    def _simulated(self, place: int) -> SizeTried:
        assert self.built is not None
        search, luck = self.search, {"seed": self.seed, "replication": self.replication}
        scenario = self.lean(self.scenario(place))
        built = build(scenario, drawn=self.built.drawn, **luck)
        record = World(built.site).run()
        built = with_failed_for_room(built, record)
        if record.contention is not None and self.contended is None:
            loads = record.contention.load_frac
            self.contended = (scenario.site.slots, float(np.nanmax(loads, initial=0.0)))
        jobs = job_outcomes(scenario, built, record)
        followed = drained(scenario, jobs, **luck) or jobs
        asked = [(one.metric, one.where) for one in search.requirements]
        asked += [DATA] if search.refused is not None else []
        values = measure_asked(scenario, jobs, record, asked, drained=followed)
        pairs = [_furthest(one, values) for one in search.requirements]
        start_s, end_s = asked_span(search.requirements, scenario)
        late = sum(late_slot_h(one, followed) for one in search.requirements)
        return SizeTried(
            place, tuple(value for value, _ in pairs), tuple(met for _, met in pairs),
            own_per_year(scenario.site, search.upkeep_frac), float(scenario.site.slots),
            late * YEAR_S / (end_s - start_s), _refused(search, values), self._too_wide(scenario, built),
            _use_of(search.pool, values, search.requirements),
        )  # fmt: skip

    def _too_wide(self, scenario: Scenario, built: Built) -> int:
        """Count the jobs that the largest size can hold and this one cannot."""
        pool = self.search.pool
        if not pool:
            return 0
        slots = _jobs_of_pool(built, pool)[1]
        per_node = scenario.site.pools[pool].node.slots
        most = self.search.numbers[-1] * per_node
        return int(((slots > scenario.site.pools[pool].slots) & (slots <= most)).sum())


def asked_span(requirements: Sequence[Requirement], scenario: Scenario) -> tuple[int, int]:
    """Return the time that requirements speak of: the months of those that name one, else the horizon [s]."""
    months = calendar_of(scenario).months()
    named = {month for one in requirements if (month := dict(one.where).get("month", "all")) in months}
    spans = [months[month] for month in named] or [(0, calendar_of(scenario).horizon_s)]
    return min(start for start, _ in spans), max(end for _, end in spans)


def in_service_frac(search: SizeSearch, scenario: Scenario) -> float:
    """Return the part of the pool that grows that is in service over the time asked [1]."""
    if not search.pool:
        return 1.0
    start_s, end_s = asked_span(search.requirements, scenario)
    (spec,) = (one for one in pool_specs(scenario) if one.name == search.pool)
    steps = [(0, spec.nodes), *spec.deliveries]
    there = sum(nodes * max(0, end_s - max(start_s, time)) for time, nodes in steps)
    return float(there / (end_s - start_s) / scenario.site.pools[search.pool].nodes)


def late_slot_h(requirement: Requirement, jobs: JobOutcomes) -> float:
    """Return how long slots waited beyond what a requirement on waits allows, of the jobs it names [slot h].

    0 of a requirement that speaks of anything else.
    """
    names = set_of(requirement.metric, requirement.where)
    if not names or not requirement.at_most:
        return 0.0
    asked = {"month": "all", **dict(requirement.where)}
    late = 0.0
    for where, rows in jobs.groups(names, jobs.waited):
        if all(asked[name] in {ANY, value} for name, value in where):
            beyond_s = np.maximum(0.0, jobs.wait_s[rows] - requirement.limit)
            late += float((beyond_s * jobs.slots[rows]).sum()) / HOUR_S
    return late


def _jobs_of_pool(built: Built, pool: str) -> tuple[Ints, Ints, Ints]:
    """Return when the jobs of a pool come, how many slots they want and how long they run [s]."""
    scenario = built.hardware.scenario
    codes, names = built.table.labels("job_class")
    there = scenario.pool_by_class()
    rows = np.flatnonzero(np.array([there[name] == pool for name in names])[codes])
    numbers = built.table.numbers
    run_s = np.minimum(numbers("run_s")[rows], numbers("requested_s")[rows])
    submit_s, slots = numbers("submit_s")[rows], numbers("slots")[rows]
    return submit_s.astype(np.int64), slots.astype(np.int64), run_s.astype(np.int64)


def _furthest(requirement: Requirement, values: Values) -> tuple[float, bool]:
    """Return the value furthest beyond a limit, of all that a requirement names, and whether all are within.

    The least that a value can be does not show that it is within.
    """
    each = [values[requirement.metric, where] for where in places_of(requirement, list(values))]
    known = [value for value in each if not math.isnan(value)]
    if not known:
        return math.nan, True  # what was never measured asks for nothing
    met = all(requirement.holds(one) and requirement.decides(one) for one in known)
    return float(max(known) if requirement.at_most else min(known)), met


def _refused(search: SizeSearch, values: Values) -> float:
    """Return the data turned away over the horizon, where they are priced [B]."""
    if search.refused is None:
        return 0.0
    metric = DATA[0]
    return math.fsum(v for (m, where), v in values.items() if m == metric and dict(where)["month"] == "all")


def _use_of(pool: str, values: Values, requirements: Sequence[Requirement]) -> float:
    month = next((dict(one.where)["month"] for one in requirements if "month" in dict(one.where)), "all")
    return values.get(("utilization", (("pool", pool), ("month", month))), math.nan)


def _day(ordinal: int) -> date:
    return date.fromordinal(ordinal)
