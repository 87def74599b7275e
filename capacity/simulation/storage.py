"""The storage account: what jobs and tenants leave on each tier, day by day, and what is deleted on age.

Every flow is whole bytes, so that arrived − deleted − refused = held, exactly. A tier that reaches its fill
limit turns away what does not fit, all flows of the day in proportion, and then holds its limit to the byte;
nothing else happens yet when it is full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from capacity.simulation.record import TierReading

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TierPlan:
    """A tier as it comes into service.

    Attributes
    ----------
    name : str
        Name of the tier.
    fill_limit_frac : float
        Part of the usable capacity that may be filled.
    steps : tuple of (int, int)
        Time [s] from which so many usable bytes are in service [B], ascending; from the start with time 0.
    """

    name: str
    fill_limit_frac: float
    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class JobFlow:
    """What the jobs of one class leave on one tier.

    Attributes
    ----------
    source : str
        What it is called: the name of the class.
    tier, job_class : str, int
        Name of the tier; number of the class.
    bytes_per_job, bytes_per_slot_s : float
        Written at the end of a job, once and for each slot-second of running. [B], [B/(slot s)]
    unfinished_frac : float
        Part that remains of jobs that did not complete.
    keep_days : int or None
        Deleted after so many days; None keeps it.
    """

    source: str
    tier: str
    job_class: int
    bytes_per_job: float
    bytes_per_slot_s: float
    unfinished_frac: float
    keep_days: int | None


@dataclass(frozen=True, slots=True)
class Ingest:
    """Data that comes in without a job.

    Attributes
    ----------
    source, tier, tenant : str
        What it is, where it goes, whose it is.
    by_day_bytes : ndarray of int64, shape (n_days,)
        What comes in on each day. [B]
    keep_days : int or None
        Deleted after so many days; None keeps it.
    """

    source: str
    tier: str
    tenant: str
    by_day_bytes: Ints
    keep_days: int | None


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


class StorageAccount:
    """Bytes on each tier, settled once a day.

    Parameters
    ----------
    tiers : sequence of TierPlan
        The tiers.
    job_flows : sequence of JobFlow
        What jobs leave.
    ingests : sequence of Ingest
        What comes in by itself.
    tenants : sequence of str
        Names, in the order of their numbers.
    classes : int
        Number of job classes.
    days : int
        Days of the run.
    """

    def __init__(
        self,
        tiers: Sequence[TierPlan],
        job_flows: Sequence[JobFlow],
        ingests: Sequence[Ingest],
        *,
        tenants: Sequence[str],
        classes: int,
        days: int,
    ) -> None:
        self.tiers = tuple(tiers)
        self._flows = tuple(job_flows)
        self._ingests = tuple(ingests)
        self._tenants = tuple(tenants)
        self._classes = classes
        self._tier_number = {tier.name: number for number, tier in enumerate(self.tiers)}
        count = len(self.tiers)
        self._used, self._arrived, self._deleted, self._refused = (
            np.zeros(count, np.int64) for _ in range(4)
        )
        self._capacity = np.zeros(count, np.int64)
        self._limit_frac = np.array([tier.fill_limit_frac for tier in self.tiers])
        labels = [(f.tier, tenant, f.source) for f in self._flows for tenant in self._tenants]
        labels += [(i.tier, i.tenant, i.source) for i in self._ingests]
        self._labels = tuple(labels)
        self._tier_of = np.array([self._tier_number[tier] for tier, _, _ in labels], np.int64)
        keeps = [f.keep_days for f in self._flows for _ in self._tenants] + [
            i.keep_days for i in self._ingests
        ]
        self._keep_days = np.array([-1 if keep is None else max(1, keep) for keep in keeps], np.int64)
        self._stored = np.zeros((days, len(labels)), np.int64)
        self._day = 0

    def set_capacity(self, tier: str, usable_bytes: int) -> None:
        """Put so many usable bytes of a tier into service [B]."""
        self._capacity[self._tier_number[tier]] = usable_bytes

    @property
    def _limits(self) -> Ints:
        limits: Ints = np.floor(self._capacity * self._limit_frac).astype(np.int64)
        return np.minimum(limits, self._capacity)

    def _written(self, jobs: JobColumns, ended: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Bytes that the jobs `ended` leave, by flow and tenant, shape (n_flows * n_tenants,)."""
        tenants = len(self._tenants)
        group = (jobs.tenant[ended].astype(np.int64) * self._classes + jobs.job_class[ended]) * 2
        group += jobs.completed[ended]
        size = 2 * tenants * self._classes
        slot_s = jobs.slots[ended].astype(np.float64) * jobs.run_s[ended]
        # [tenant, class, completed]
        count = np.bincount(group, minlength=size).reshape(tenants, self._classes, 2)
        work = np.bincount(group, weights=slot_s, minlength=size).reshape(tenants, self._classes, 2)
        written = np.empty((len(self._flows), tenants))
        for row, flow in enumerate(self._flows):
            n, w = count[:, flow.job_class], work[:, flow.job_class]
            whole = flow.bytes_per_job * n[:, 1] + flow.bytes_per_slot_s * w[:, 1]
            part = flow.bytes_per_job * n[:, 0] + flow.bytes_per_slot_s * w[:, 0]
            written[row] = whole + flow.unfinished_frac * part
        return written.ravel()

    def settle(self, jobs: JobColumns, ended: npt.NDArray[np.integer]) -> tuple[str, ...]:
        """Account for a day: delete what is old, then take in what came; return the tiers that lacked room.

        Parameters
        ----------
        jobs : JobColumns
            All jobs.
        ended : ndarray of int
            Rows of the jobs that ended during the day.
        """
        day = self._day
        self._day += 1
        self._delete(day)
        ingested = np.array([i.by_day_bytes[day] for i in self._ingests], np.int64)
        arrived = np.concatenate((np.rint(self._written(jobs, ended)).astype(np.int64), ingested))
        stored = self._take_in(arrived)
        self._stored[day] = stored
        refused = self._by_tier(arrived - stored)
        self._arrived += self._by_tier(arrived)
        self._refused += refused
        self._used += self._by_tier(stored)
        return tuple(tier.name for tier, lost in zip(self.tiers, refused, strict=True) if lost > 0)

    def _by_tier(self, amounts: Ints) -> Ints:
        total = np.zeros(len(self.tiers), np.int64)
        np.add.at(total, self._tier_of, amounts)
        return total

    def _delete(self, day: int) -> None:
        """Delete what was stored exactly its keeping time ago."""
        born = day - self._keep_days
        old = np.flatnonzero((self._keep_days > 0) & (born >= 0))
        amounts = np.zeros(len(self._labels), np.int64)
        amounts[old] = self._stored[born[old], old]
        freed = self._by_tier(amounts)
        self._deleted += freed
        self._used -= freed

    def _take_in(self, arrived: Ints) -> Ints:
        """Return what of the arriving bytes fits, flow by flow in proportion."""
        room = np.maximum(self._limits - self._used, 0)
        stored = arrived.copy()
        for tier in np.flatnonzero(self._by_tier(arrived) > room):
            flows = self._tier_of == tier
            stored[flows] = _fitting(arrived[flows].tolist(), int(room[tier]))
        return stored

    def readings(self) -> Mapping[str, TierReading]:
        """Every tier as it is now."""
        return {
            tier.name: TierReading(
                used_bytes=int(self._used[n]),
                capacity_bytes=int(self._capacity[n]),
                limit_bytes=int(self._limits[n]),
                arrived_bytes=int(self._arrived[n]),
                deleted_bytes=int(self._deleted[n]),
                refused_bytes=int(self._refused[n]),
            )
            for n, tier in enumerate(self.tiers)
        }

    def growth(self) -> dict[tuple[str, str, str], Ints]:
        """Bytes stored per day by (tier, tenant, source), for those that stored anything [B]."""
        found: dict[tuple[str, str, str], Ints] = {}
        for n, label in enumerate(self._labels):
            by_day = self._stored[:, n]
            if by_day.any():  # a class may write to one tier more than once
                found[label] = found[label] + by_day if label in found else by_day
        return found


def _fitting(arrived: Sequence[int], room: int) -> list[int]:
    """Share `room` among amounts that exceed it, in proportion and without a byte left over [B].

    Whole numbers of Python, because doubles lose bytes above 9 PB.

    Examples
    --------
    >>> _fitting([10, 10, 20], 21)
    [5, 5, 11]
    """
    wanted = sum(arrived)
    filled = [total * room // wanted for total in accumulate(arrived, initial=0)]
    return [after - before for before, after in pairwise(filled)]
