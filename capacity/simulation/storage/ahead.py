"""Storage beyond the horizon: the account of a run settled on, day after day, with jobs as a stream.

Jobs beyond the horizon are not scheduled one by one. By tenant and class as many are submitted each day as
the demand model expects, with the luck of its weeks; each leaves what those of the run leave on average. They
end on the day of their submission while the slots of their pool can do the work; what they cannot do is left
for the next days, beginning with what was left at the horizon. Data that come without jobs, deliveries and
the rules of the tiers are those of the full simulation.

**Valid as** the full simulation continued: where the machine keeps up with its jobs, tiers hold the same
within 6 % a year later (`tests/cases/test_purchase_dates.py`; the lake of gwangju-plan within 1 % after eight
years); where a long queue stands at the horizon, within a tenth, because the queue decides what runs first.
Jobs that a full tier would fail or hold back write as the others do. Public holidays beyond the horizon are
working days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.inputs.scenario import Scenario
from capacity.simulation.build import Built
from capacity.simulation.calendar import calendar_of
from capacity.simulation.record import RunRecord
from capacity.simulation.storage.holdings import Holdings
from capacity.simulation.storage.numbers import Ints, Line, in_service_before
from capacity.simulation.storage.plan import storage_plan
from capacity.simulation.storage.stream import stream_of
from workloads.synthetic.calendar import EPOCH, clock_of

Floats = npt.NDArray[np.float64]
YEAR_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class LookAhead:
    """How far beyond the horizon storage is followed, and which demand is assumed there.

    Attributes
    ----------
    days : int
        So many days after the last of the horizon; less if all tiers are full before, at least a year.
    growth_per_year_frac : float
        By which demand grows, compounded, once the points of the plan end and the horizon is over; 0 holds it
        at its last value. [1/year]
    """

    days: int = 10 * YEAR_DAYS
    growth_per_year_frac: float = 0.0


@dataclass(frozen=True, slots=True)
class Beyond:
    """Storage followed beyond the horizon.

    Attributes
    ----------
    edges_s : tuple of int
        Midnights from the start of the run to the last day that was followed. [s]
    used_bytes, capacity_bytes : ndarray of int64, shape (len(edges_s), n_tiers)
        Held and in service at each of them. [B]
    full_s : mapping of str to int
        When a tier in service first turned something away, the horizon included, if it did. [s]
    year_growth_bytes, over_quota_bytes : mapping of str to int
        What a tier would hold more a year after the horizon if every tier were large enough; what quotas
        turned away beyond the horizon. [B]
    """

    edges_s: tuple[int, ...]
    used_bytes: Ints
    capacity_bytes: Ints
    full_s: Mapping[str, int]
    year_growth_bytes: Mapping[str, int]
    over_quota_bytes: Mapping[str, int]


def demand_held_from(scenario: Scenario) -> date:
    """Return the last day on which demand follows the plan: that of the horizon or of its last point."""
    ends = scenario.workload.demand_ends
    return scenario.until if ends is None else max(scenario.until, ends)


def follow(
    scenario: Scenario, built: Built, record: RunRecord, rule: LookAhead, *, seed: int, replication: int
) -> Beyond:
    """Settle the storage of a run on beyond its horizon.

    Parameters
    ----------
    scenario, built, record : Scenario, Built, RunRecord
        What was run, as it was built, and what it left.
    rule : LookAhead
        How far, and which demand is assumed.
    seed, replication : int
        The luck of the run, which goes on.
    """
    long = longer(scenario, rule.days)
    edges = calendar_of(long).day_edges_s()
    arrived, in_place = _arriving(
        scenario, long, built, record, rule, edges, seed=seed, replication=replication
    )
    account, until = built.site.storage, len(built.site.day_edges_s) - 1
    tiers = storage_plan(long, edges).tiers
    some = np.flatnonzero(arrived.any(axis=0) | in_place.any(axis=0))
    lines = [account.arriving[n] for n in some]
    flows = _Flows(tuple(lines), arrived[:, some], in_place[:, some])
    held = _Settled(Holdings(tiers, lines, len(edges) - 1), flows, edges)
    while held.day < len(edges) - 1 and not (
        held.day >= until + YEAR_DAYS and len(held.full_s) == len(tiers)
    ):
        held.settle()
    wanted = held
    if held.holdings.bound:
        wanted = _Settled(Holdings(tiers, lines, len(edges) - 1, limits_hold=False), flows, edges)
        while wanted.day < min(until + YEAR_DAYS, len(edges) - 1):
            wanted.settle()
    year = min(until + YEAR_DAYS, len(edges) - 1)
    grown, over = wanted.used[year] - wanted.used[until], held.over_quota[held.day] - held.over_quota[until]
    return Beyond(
        tuple(edges[: held.day + 1]), held.used[: held.day + 1], held.capacity[: held.day + 1], held.full_s,
        {tier.name: int(grown[n]) for n, tier in enumerate(tiers)},
        {tier.name: int(over[n]) for n, tier in enumerate(tiers)},
    )  # fmt: skip


def longer(scenario: Scenario, days: int) -> Scenario:
    """Return the scenario with a longer horizon, and without public holidays, not known so far ahead."""
    rhythm = scenario.workload.rhythm.model_copy(update={"country": None})
    workload = scenario.workload.model_copy(update={"rhythm": rhythm})
    until = scenario.until + timedelta(days=days)
    return scenario.model_copy(update={"until": until, "workload": workload})


@dataclass(frozen=True, slots=True)
class _Flows:
    """What arrives on each day and how what running jobs hold changes, (n_days, n_lines) [B]."""

    lines: tuple[Line, ...]
    arrived: Ints
    in_place: Ints


class _Settled:
    """Days that are settled one after the other, and what is seen of them."""

    def __init__(self, holdings: Holdings, flows: _Flows, edges_s: list[int]) -> None:
        self.holdings, self._flows, self._edges_s = holdings, flows, edges_s
        self.used, self.capacity, self.over_quota = np.zeros((3, len(edges_s), len(holdings.tiers)), np.int64)
        self.full_s: dict[str, int] = {}

    @property
    def day(self) -> int:
        """The next day to settle."""
        return self.holdings.day

    def settle(self) -> None:
        """Settle the next day, with what is in service just before its end."""
        day, holdings = self.day, self.holdings
        end_s = self._edges_s[day + 1]
        holdings.capacity[:] = in_service_before(holdings.tiers, end_s)
        settled = holdings.settle(self._flows.arrived[day], in_place=self._flows.in_place[day])
        self.used[day + 1], self.capacity[day + 1] = holdings.used(), holdings.capacity
        self.over_quota[day + 1] = holdings.totals.over_quota
        for tier in {self._flows.lines[n].tier for n in np.flatnonzero(settled.refused)}:
            if holdings.capacity[holdings.number[tier]]:
                self.full_s.setdefault(tier, end_s)


def _arriving(
    scenario: Scenario, long: Scenario, built: Built, record: RunRecord, rule: LookAhead,
    edges_s: list[int], *, seed: int, replication: int,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Return what arrives on each line and day, and how what running jobs hold changes [B]."""
    account, until = built.site.storage, len(built.site.day_edges_s) - 1
    calendar = calendar_of(long)
    clock = clock_of(long.workload.profile, calendar.start_time, calendar.horizon_s)
    held_from = (demand_held_from(scenario) - EPOCH).days + 1
    times = (1 + rule.growth_per_year_frac) ** (np.maximum(0.0, clock.days - held_from) / YEAR_DAYS)
    stream = stream_of(built, record.outcome)
    submitted = stream.submitted_by_day(long, clock, times, edges_s, seed=seed, replication=replication)
    ended = stream.ended_by_day(long, submitted, edges_s)
    arrived, in_place = np.zeros((2, len(edges_s) - 1, len(account.arriving)), np.int64)
    arrived[:until], in_place[:until] = account.arrived, account.in_place
    line = 0
    for flow, per_job in zip(account.plan.job_flows, stream.bytes_per_job, strict=True):
        mine = slice(line, line := line + len(per_job))
        arrived[until:, mine] = np.rint(ended[until:, :, flow.job_class] * per_job)
    for flow in account.plan.running:
        mine = slice(line, line := line + len(stream.tenants))
        in_place[until:, mine] = _changes(account.in_place[:, mine], ended[:, :, flow.job_class])
    for daily in storage_plan(long, edges_s, times=times).daily:
        arrived[until:, line] = daily.by_day_bytes[until:]
        line += 1
    return arrived, in_place


def _changes(in_place: Ints, ended: Floats) -> Ints:
    """Return how what running jobs hold changes after the horizon, if it follows the jobs that end [B].

    Shapes (days of the run, n_tenants), (all days, n_tenants).
    """
    until = len(in_place)
    level, jobs = np.cumsum(in_place, axis=0), ended[:until].sum(axis=0)
    per_job = np.divide(level.sum(axis=0), jobs, out=np.zeros(len(jobs)), where=jobs > 0)
    later = np.rint(ended[until:] * per_job).astype(np.int64)
    changes: Ints = np.diff(later, axis=0, prepend=level[-1:])
    return changes
