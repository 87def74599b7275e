"""Demand beside the dates of the site: what comes too early, what stops growing, who is let in regardless."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.inputs.demand.growth import Growth
from capacity.inputs.demand.workload import Workload
from workloads.synthetic.calendar import EPOCH, Ramp

Floats = npt.NDArray[np.float64]
STILL_DAYS: Final = 92
"""A curve that grew until so long before the end of the horizon is a quarter old. [d]"""
CROWDED: Final = 2.5
"""So many times the jobs of another time for each slot in service are not what was planned."""


WEEK_DAYS: Final = 7
"""Shorter times between two steps are the steps themselves. [d]"""


@dataclass(frozen=True, slots=True)
class Timing:
    """A workload on a site, day by day.

    Attributes
    ----------
    workload, admitted : Workload, Ramp or None
        Who submits what; the share that is let in.
    start, until : date
        First and last day, both included.
    slots, tiers : mapping of pool or tier to mapping of date to number
        What is in service from which day on. [slot], [B]
    pools_of : mapping of str to sequence of str
        The pools that can run each class.
    """

    workload: Workload
    admitted: Ramp | None
    start: date
    until: date
    slots: Mapping[str, Mapping[date, int]]
    tiers: Mapping[str, Mapping[date, float]]
    pools_of: Mapping[str, Sequence[str]]

    @property
    def days(self) -> Floats:
        """The middle of each day of the horizon, in days since 1970."""
        first, last = ((day - EPOCH).days for day in (self.start, self.until))
        return np.arange(first, last + 1, dtype=np.float64) + 0.5

    def sentences(self) -> Iterator[str]:
        """Yield what does not fit together."""
        yield from self._before_pools()
        yield from self._before_tiers()
        if self.workload.target is None:
            yield from self._stops_growing()
            yield from self._let_in_regardless()

    def _let_in(self) -> Floats:
        return np.ones(len(self.days)) if self.admitted is None else self.admitted.at(self.days)

    def jobs(self) -> dict[tuple[str, str], Floats]:
        """Return the jobs expected on each day, by tenant and class, where there are any."""
        found = {}
        people = self.workload.people(self.start)
        for name, tenant in self.workload.tenants.items():
            daily = people[name].at(self.days) * self._let_in() * tenant.jobs_per_member
            for job_class, part in tenant.works_on.items():
                share = part * self.workload.classes[job_class].scale
                if share * daily.sum() > 0:
                    found[name, job_class] = share * daily
        return found

    def _ready(self, steps: Mapping[date, float]) -> date | None:
        """Return the first day on which anything is there; None if nothing is within the horizon."""
        return next((day for day, amount in steps.items() if amount > 0 and day <= self.until), None)

    def _before_pools(self) -> Iterator[str]:
        """Say which jobs come before their pools."""
        together: dict[tuple[str, ...], Floats] = {}
        whose: dict[tuple[str, ...], list[str]] = {}
        for (tenant, job_class), daily in self.jobs().items():
            pools = tuple(sorted(self.pools_of[job_class]))
            together[pools] = together.get(pools, 0.0) + daily
            whose.setdefault(pools, []).append(tenant)
        for pools, daily in together.items():
            ready = min((day for pool in pools if (day := self._ready(self.slots[pool]))), default=None)
            early = 0 if ready is None else max(0, (ready - self.start).days)
            if early and daily[:early].sum() >= 1:
                first = self.start + timedelta(days=int(np.flatnonzero(daily[:early])[0]))
                about = "" if self.workload.target else f", about {daily[:early].sum():,.0f} until then"
                who, where = ", ".join(dict.fromkeys(whose[pools])), " or ".join(pools)
                yield (
                    f"{who}: jobs for {where} come from {first} on{about}, and nothing is in service there "
                    f"before {ready}"
                )

    def _before_tiers(self) -> Iterator[str]:
        """Say which data come before their tier."""
        whose: dict[str, dict[str, date]] = {}
        for name, tenant in self.workload.tenants.items():
            for key, ingest in tenant.brings.items():
                there = np.flatnonzero(ingest.sources.to_ramp().at(self.days))
                first = self.start + timedelta(days=int(there[0])) if len(there) else self.until
                ready = self._ready(self.tiers[ingest.tier])
                if len(there) and (ready is None or first < ready):
                    whose.setdefault(ingest.tier, {})[f"{name}.{key}"] = first
        for tier, early in whose.items():
            ready = self._ready(self.tiers[tier])
            when = "within the horizon" if ready is None else f"before {ready}"
            since = min(early.values())
            yield f"{', '.join(early)}: data come from {since} on, and {tier} is not there {when}"

    def _stops_growing(self) -> Iterator[str]:
        """Say which curves still grew when they ended, long before the horizon."""
        curves: dict[str, Growth | None] = {"admitted": self.workload.admitted}
        for name, tenant in self.workload.tenants.items():
            curves[f"members of {name}"] = tenant.members if tenant.members is not None else tenant.projects
            curves |= {f"sources of {name}.{key}": one.sources for key, one in tenant.brings.items()}
        ends: dict[date, list[str]] = {}
        for what, curve in curves.items():
            points = [] if curve is None else [*curve.points.items()]
            grew = len(points) > 1 and points[-1][1] > points[-2][1]
            if grew and (self.until - points[-1][0]).days > STILL_DAYS:
                ends.setdefault(points[-1][0], []).append(what)
        if ends:
            told = "; ".join(f"{', '.join(what)} on {day}" for day, what in sorted(ends.items()))
            jobs = sum(daily[-1] for daily in self.jobs().values())
            still = f"; at the end {jobs:,.0f} jobs come a day"
            yield f"demand stops growing before the horizon ends on {self.until}: {told}{still}"

    def _let_in_regardless(self) -> Iterator[str]:
        """Say where admission keeps its dates although the site does not come with it."""
        admitted, jobs = self.workload.admitted, self.jobs()
        if admitted is None or admitted.follows == "service" or not jobs:
            return
        daily = np.sum([*jobs.values()], axis=0)
        steps = sorted({day for dated in (*self.slots.values(), admitted.points) for day in dated})
        spans: list[tuple[float, date, date]] = []
        for begin, end in pairwise([*steps, self.until + timedelta(days=1)]):
            there = sum(_at(of_pool, begin) for of_pool in self.slots.values())
            mine = daily[max(0, (begin - self.start).days) : max(0, (end - self.start).days)]
            if there and len(mine) >= WEEK_DAYS and mine.sum() > 0:
                spans.append((float(mine.mean()) / there, max(begin, self.start), end - timedelta(days=1)))
        if not spans or (worst := max(spans))[0] < CROWDED * min(spans)[0]:
            return
        (most, first, last), (least, since, _) = worst, min(spans)
        yield (
            f"admitted keeps its own dates: from {first} to {last} {most:.2g} jobs a day come for each slot "
            f"in service, {most / least:.1f} times as many as from {since} on; with 'follows: service' the "
            "share grows with the site"
        )


def _at(steps: Mapping[date, int], day: date) -> int:
    """Return what is there on a day."""
    return max((amount for begin, amount in steps.items() if begin <= day), default=0)
