"""The storage account: what jobs and tenants leave on each tier, settled once a day.

It turns the jobs that ended and those that run into bytes by line, hands them to `Holdings`, which knows the
rules, and says which jobs found no room. Arrivals are remembered, so that the same days can be settled again
under other rules without simulating the jobs again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capacity.simulation.record import TierReading
from capacity.simulation.storage.account_lines import Line
from capacity.simulation.storage.holdings import Holdings
from capacity.simulation.storage.numbers import FOR_GOOD, Ints, StoragePlan

Rows = npt.NDArray[np.integer]


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
    tenants : sequence of str
        Names, in the order of their numbers.
    classes : int
        Number of job classes.
    days : int
        Days of the run.
    """

    def __init__(self, plan: StoragePlan, *, tenants: Sequence[str], classes: int, days: int) -> None:
        self.plan = plan
        self.tiers = plan.tiers
        self._tenants = tuple(tenants)
        self._classes = classes
        flows = [Line(f.tier, t, f.source, f.kind, f.life) for f in plan.job_flows for t in self._tenants]
        running = [
            Line(f.tier, t, f.source, "checkpoints", FOR_GOOD) for f in plan.running for t in self._tenants
        ]
        ingests = [Line(i.tier, i.tenant, i.source, i.kind, i.life) for i in plan.daily]
        self.arriving = (*flows, *running, *ingests)
        self._of_jobs = len(flows)
        self._of_running = slice(len(flows), len(flows) + len(running))
        self.holdings = Holdings(plan.tiers, self.arriving, days)
        self._running_wanted = np.zeros(len(running), np.int64)
        count = len(self.arriving)
        self.arrived = np.zeros((days, count), np.int64)
        self.in_place = np.zeros((days, count), np.int64)
        self._stored = np.zeros((days, count), np.int64)
        groups = dict.fromkeys((line.tier, line.tenant, line.kind) for line in self.holdings.lines)
        self._groups = tuple(groups)
        place = {group: n for n, group in enumerate(groups)}
        self._group_of = np.array(
            [place[line.tier, line.tenant, line.kind] for line in self.holdings.lines], np.int64
        )
        self._held = np.zeros((days + 1, len(groups)), np.int64)
        self.used = np.zeros((days + 1, len(plan.tiers)), np.int64)

    def set_capacity(self, tier: str, usable_bytes: int) -> None:
        """Put so many usable bytes of a tier into service [B]."""
        self.holdings.capacity[self.holdings.number[tier]] = usable_bytes

    def _written(self, jobs: JobColumns, ended: Rows) -> npt.NDArray[np.float64]:
        """Bytes that the jobs `ended` leave, by flow and tenant, shape (n_flows * n_tenants,)."""
        tenants = len(self._tenants)
        group = (jobs.tenant[ended].astype(np.int64) * self._classes + jobs.job_class[ended]) * 2
        group += jobs.completed[ended]
        size = 2 * tenants * self._classes
        slots = jobs.slots[ended].astype(np.float64)

        def totals(weights: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
            # [tenant, class, completed]
            counted = np.bincount(group, weights, size).reshape(tenants, self._classes, 2)
            return counted.astype(np.float64)

        count, work = totals(None), totals(slots * jobs.run_s[ended])
        wide = totals(slots) if any(flow.bytes_per_slot for flow in self.plan.job_flows) else count
        written = np.empty((len(self.plan.job_flows), tenants))
        for row, flow in enumerate(self.plan.job_flows):
            of = flow.job_class
            each = flow.bytes_per_job * count[:, of] + flow.bytes_per_slot_s * work[:, of]
            each += flow.bytes_per_slot * wide[:, of]
            written[row] = each[:, 1] + flow.unfinished_frac * each[:, 0]
        return written.ravel()

    def _in_place(self, jobs: JobColumns, running: Rows) -> Ints:
        """Bytes that the running jobs hold, by flow and tenant, shape (n_running_flows * n_tenants,)."""
        group = jobs.tenant[running].astype(np.int64) * self._classes + jobs.job_class[running]
        size = len(self._tenants) * self._classes
        count = np.bincount(group, minlength=size).reshape(-1, self._classes)
        wide = np.bincount(group, jobs.slots[running].astype(np.float64), size).reshape(-1, self._classes)
        held = [
            f.bytes_per_job * count[:, f.job_class] + f.bytes_per_slot * wide[:, f.job_class]
            for f in self.plan.running
        ]
        total: Ints = np.rint(np.concatenate(held)).astype(np.int64)
        return total

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
        arrived[: self._of_jobs] = np.rint(self._written(jobs, ended))
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
        lacking = np.zeros(len(self.tiers), np.bool_)
        lacking[[self.holdings.number[self.arriving[n].tier] for n in np.flatnonzero(settled.refused)]] = True
        return Settlement(
            tuple(tier.name for tier, short in zip(self.tiers, lacking, strict=True) if short),
            self._without_room(jobs, ended, lost) if lost[: self._of_jobs].any() else {},
        )

    def _without_room(self, jobs: JobColumns, ended: Rows, lost: Ints) -> dict[str, Rows]:
        """Return the jobs whose output did not fit: of each flow those that ended last, by tier."""
        tenants = len(self._tenants)
        found: dict[str, list[Rows]] = {}
        for number in np.flatnonzero(lost[: self._of_jobs]).tolist():
            flow, tenant = self.plan.job_flows[number // tenants], number % tenants
            mine = ended[(jobs.job_class[ended] == flow.job_class) & (jobs.tenant[ended] == tenant)]
            slots = jobs.slots[mine].astype(np.float64)
            each = flow.bytes_per_job + slots * (
                flow.bytes_per_slot + flow.bytes_per_slot_s * jobs.run_s[mine]
            )
            each *= np.where(jobs.completed[mine], 1.0, flow.unfinished_frac)
            # From the last one backwards until what was lost is theirs; half a byte for rounding.
            before = np.cumsum(each[::-1]) - each[::-1]
            short = mine[::-1][(before < lost[number] - 0.5) & (each[::-1] > 0)]
            found.setdefault(flow.tier, []).append(short)
        return {tier: np.unique(np.concatenate(rows)) for tier, rows in found.items()}

    def writers(self, tier: str) -> frozenset[int]:
        """Return the numbers of the classes that need room on a tier."""
        writing = {flow.job_class for flow in self.plan.job_flows if flow.tier == tier}
        return frozenset(writing | {flow.job_class for flow in self.plan.running if flow.tier == tier})

    def readings(self) -> Mapping[str, TierReading]:
        """Every tier as it is now."""
        holdings, totals = self.holdings, self.holdings.totals
        used, limits, held = holdings.used(), holdings.limits, holdings.held
        return {
            tier.name: TierReading(
                used_bytes=int(used[n]),
                capacity_bytes=int(holdings.capacity[n]),
                limit_bytes=int(limits[n]),
                arrived_bytes=int(totals.arrived[n]),
                deleted_bytes=int(totals.expired[n] + totals.deleted[n] + totals.purged[n]),
                refused_bytes=int(totals.refused[n] + totals.over_quota[n]),
                held_bytes=int(held[n]),
                snapshot_bytes=int(holdings.in_snapshots[n]),
                expired_bytes=int(totals.expired[n]),
                user_deleted_bytes=int(totals.deleted[n]),
                purged_bytes=int(totals.purged[n]),
                migrated_in_bytes=int(totals.moved_in[n]),
                migrated_out_bytes=int(totals.moved_out[n]),
                over_quota_bytes=int(totals.over_quota[n]),
            )
            for n, tier in enumerate(self.tiers)
        }

    def growth(self) -> dict[tuple[str, str, str], Ints]:
        """Bytes stored per day by (tier, tenant, source), for those that stored anything [B]."""
        found: dict[tuple[str, str, str], Ints] = {}
        for n, line in enumerate(self.arriving):
            by_day = self._stored[:, n]
            if by_day.any():  # a class may write to one tier more than once
                label = (line.tier, line.tenant, line.source)
                found[label] = found[label] + by_day if label in found else by_day
        return found

    def held(self) -> dict[tuple[str, str, str], Ints]:
        """Bytes held at the end of each day by (tier, tenant, kind), the start of the run first [B]."""
        return {group: self._held[:, n] for n, group in enumerate(self._groups) if self._held[:, n].any()}
