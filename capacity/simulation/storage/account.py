"""The storage account: what jobs and tenants leave on each tier, settled once a day.

It turns the jobs that ended and those that run into bytes by line, hands them to `Holdings`, which knows the
rules, and says which jobs found no room. Arrivals are remembered, so that the same days can be settled again
under other rules without simulating the jobs again.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capacity.simulation.record import TierReading
from capacity.simulation.storage.holdings import Holdings
from capacity.simulation.storage.numbers import Ints, Line, StoragePlan

Rows = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class JobColumns:
    """What the account needs to know of each job, arrays of shape (n_jobs,).

    Attributes
    ----------
    job_class, tenant : ndarray of int
        Numbers of class and tenant.
    slots, run_s : ndarray of int
        Slots asked for; run time that what it writes is counted by [s].
    completed : ndarray of bool
        Whether its work is done when it ends.
    """

    job_class: npt.NDArray[np.integer]
    tenant: npt.NDArray[np.integer]
    slots: npt.NDArray[np.integer]
    run_s: npt.NDArray[np.integer]
    completed: npt.NDArray[np.bool_]


class Settlement(NamedTuple):
    """What a day brought: tiers that turned something away; rows of jobs that found no room, by tier."""

    lacking: tuple[str, ...]
    without_room: Mapping[str, Rows]


class StorageAccount:
    """Bytes on each tier, settled once a day.

    Parameters
    ----------
    plan : StoragePlan
        The tiers and what flows into them.
    tenants, classes : sequence of str, int
        Names of tenants in the order of their numbers; number of job classes.
    days : int
        Days of the run.
    """

    def __init__(self, plan: StoragePlan, *, tenants: Sequence[str], classes: int, days: int) -> None:
        self.plan, self.tiers = plan, plan.tiers
        self._tenants, self._classes = len(tenants), classes
        flows, running = (
            [Line(f.tier, tenant, f.source, f.kind, f.life) for f in some for tenant in tenants]
            for some in (plan.job_flows, plan.running)
        )
        ingests = [Line(i.tier, i.tenant, i.source, i.kind, i.life) for i in plan.daily]
        self.arriving = (*flows, *running, *ingests)
        self._of_jobs = len(flows)
        self._class_of = np.array([flow.job_class for flow in plan.job_flows], np.int64)
        self._flows = np.array(
            [
                (flow.bytes_per_job, flow.bytes_per_slot, flow.bytes_per_slot_s, flow.unfinished_frac)
                for flow in plan.job_flows
            ]
        ).reshape(-1, 4).T[..., None]  # fmt: skip
        self._of_running = slice(len(flows), len(flows) + len(running))
        self.holdings = Holdings(plan.tiers, self.arriving, days)
        self._running_wanted = np.zeros(len(running), np.int64)
        self.arrived, self.in_place, self._stored = np.zeros((3, days, len(self.arriving)), np.int64)
        groups = [(line.tier, line.tenant, line.kind) for line in self.holdings.lines]
        self._groups = tuple(dict.fromkeys(groups))
        self._group_of = np.array([self._groups.index(group) for group in groups], np.int64)
        self._held = np.zeros((days + 1, len(self._groups)), np.int64)
        self.used = np.zeros((days + 1, len(plan.tiers)), np.int64)

    def set_capacity(self, tier: str, usable_bytes: int) -> None:
        """Put so many usable bytes of a tier into service [B]."""
        self.holdings.capacity[self.holdings.number[tier]] = usable_bytes

    def _totals(self, jobs: JobColumns, rows: Rows) -> Callable[[Floats | None], Floats]:
        """Return what sums weights, or counts jobs, by tenant, class and whether completed.

        The sums have the shape (n_tenants, n_classes, 2).
        """
        group = (jobs.tenant[rows].astype(np.int64) * self._classes + jobs.job_class[rows]) * 2
        group += jobs.completed[rows]
        shape = (self._tenants, self._classes, 2)

        def total(weights: Floats | None = None) -> Floats:
            return np.bincount(group, weights, math.prod(shape)).reshape(shape).astype(np.float64, copy=False)

        return total

    def written(self, jobs: JobColumns, ended: Rows) -> Floats:
        """Bytes that the jobs `ended` leave, by flow and tenant, shape (n_flows * n_tenants,)."""
        slots, total = jobs.slots[ended].astype(np.float64), self._totals(jobs, ended)
        of_class = (total(weights) for weights in (None, slots, slots * jobs.run_s[ended]))
        count, wide, work = (one[:, self._class_of] for one in of_class)  # (n_tenants, n_flows, 2)
        per_job, per_slot, per_slot_s, unfinished_frac = self._flows
        each = per_job * count + per_slot_s * work + per_slot * wide
        written: Floats = each[..., 1] + unfinished_frac[:, 0] * each[..., 0]
        return written.T.ravel()

    def _in_place(self, jobs: JobColumns, running: Rows) -> Ints:
        """Bytes that the running jobs hold, by flow and tenant, shape (n_running_flows * n_tenants,)."""
        slots = jobs.slots[running].astype(np.float64)
        total = self._totals(jobs, running)
        count, wide = (total(of_jobs).sum(axis=2) for of_jobs in (None, slots))
        held = [
            f.bytes_per_job * count[:, f.job_class] + f.bytes_per_slot * wide[:, f.job_class]
            for f in self.plan.running
        ]
        whole: Ints = np.rint(np.concatenate(held)).astype(np.int64)
        return whole

    def settle(self, jobs: JobColumns, ended: Rows, running: Rows | None = None) -> Settlement:
        """Account for a day: what is old goes, what came is taken in as far as there is room.

        Parameters
        ----------
        jobs : JobColumns
            All jobs.
        ended, running : ndarray of int
            Rows of the jobs that ended during the day, and of those that run at its end.
        """
        day = self.holdings.day
        arrived, in_place = self.arrived[day], self.in_place[day]
        arrived[: self._of_jobs] = np.rint(self.written(jobs, ended))
        ingests = [ingest.by_day_bytes[day] for ingest in self.plan.daily]
        arrived[len(arrived) - len(ingests) :] = ingests
        if self.plan.running and running is not None:
            wanted = self._in_place(jobs, running)
            in_place[self._of_running] = wanted - self._running_wanted
            self._running_wanted = wanted
        settled = self.holdings.settle(arrived, in_place=in_place)
        self._stored[day] = settled.stored
        np.add.at(self._held[day + 1], self._group_of, self.holdings.live)
        self.used[day + 1] = self.holdings.used()
        lost = settled.refused + settled.over_quota
        lacking = {self.arriving[n].tier for n in np.flatnonzero(settled.refused)}
        return Settlement(
            tuple(tier.name for tier in self.tiers if tier.name in lacking),
            self._without_room(jobs, ended, lost) if lost[: self._of_jobs].any() else {},
        )

    def _without_room(self, jobs: JobColumns, ended: Rows, lost: Ints) -> dict[str, Rows]:
        """Return the jobs whose output did not fit: of each flow those that ended last, by tier."""
        found: dict[str, list[Rows]] = {}
        for number in np.flatnonzero(lost[: self._of_jobs]).tolist():
            flow, tenant = self.plan.job_flows[number // self._tenants], number % self._tenants
            mine = ended[(jobs.job_class[ended] == flow.job_class) & (jobs.tenant[ended] == tenant)]
            slots = jobs.slots[mine].astype(np.float64)
            per_slot = flow.bytes_per_slot + flow.bytes_per_slot_s * jobs.run_s[mine]
            each = flow.bytes_per_job + slots * per_slot
            each *= np.where(jobs.completed[mine], 1.0, flow.unfinished_frac)
            # From the last one backwards until what was lost is theirs; half a byte for rounding.
            before = np.cumsum(each[::-1]) - each[::-1]
            short = mine[::-1][(before < lost[number] - 0.5) & (each[::-1] > 0)]
            found.setdefault(flow.tier, []).append(short)
        return {tier: np.unique(np.concatenate(rows)) for tier, rows in found.items()}

    def writers(self, tier: str) -> frozenset[int]:
        """Return the numbers of the classes that need room on a tier."""
        flows = (*self.plan.job_flows, *self.plan.running)
        return frozenset(flow.job_class for flow in flows if flow.tier == tier)

    def readings(self) -> Mapping[str, TierReading]:
        """Every tier as it is now."""
        holdings, totals = self.holdings, self.holdings.totals
        amounts = {of.name: getattr(totals, of.name) for of in fields(totals)} | {
            "used": holdings.used(),
            "capacity": holdings.capacity,
            "limit": holdings.limits,
            "held": holdings.held,
            "snapshot": holdings.in_snapshots,
            "deleted": totals.expired + totals.user_deleted + totals.purged,
            "refused": totals.refused + totals.over_quota,
        }
        names, by_tier = [f"{name}_bytes" for name in amounts], np.stack([*amounts.values()], axis=1).tolist()
        return {
            tier.name: TierReading(**dict(zip(names, of_tier, strict=True)))
            for tier, of_tier in zip(self.tiers, by_tier, strict=True)
        }

    def growth(self) -> dict[tuple[str, str, str], Ints]:
        """Bytes stored per day by (tier, tenant, source), for those that stored anything [B]."""
        found: dict[tuple[str, str, str], Ints] = {}
        for line, by_day in zip(self.arriving, self._stored.T, strict=True):
            if by_day.any():  # a class may write to one tier more than once
                label = line[:3]
                found[label] = found[label] + by_day if label in found else by_day
        return found

    def held(self) -> dict[tuple[str, str, str], Ints]:
        """Bytes held at the end of each day by (tier, tenant, kind), the start of the run first [B]."""
        return {group: self._held[:, n] for n, group in enumerate(self._groups) if self._held[:, n].any()}
