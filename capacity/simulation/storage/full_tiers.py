"""What a full tier does to the jobs: those without room fail, or those that would need some are held back.

A tier is short while it turns something away or stays at its fill limit. Where its rule is to wait, jobs of
the classes that write to it are held back at submission from then on, until `RELIEVED_FRAC` of the limit is
reached; those already in the queue run. Jobs that end and find no room have failed, unless the rule is to
turn away.
"""

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.scheduling.batch import BatchSystem
from capacity.simulation.record import TierReading
from capacity.simulation.storage.account import JobColumns, Settlement, StorageAccount

Note = Callable[[str, str, float, str], None]
Rows = npt.NDArray[np.integer]
RELIEVED_FRAC: Final = 0.98
"""Jobs are let in again when so much of what may be filled is used: not at each gigabyte that is freed."""
TIER_TEXTS: Final = {
    "tier_full": "{} reaches its fill limit: what does not fit is turned away",
    "tier_missing": "{} is not in service: what comes is turned away",
    "tier_relieved": "{} has room again",
    "tier_holds": "{}: jobs that write to it are held back",
    "tier_admits": "{}: jobs that write to it are let in again",
}


class FullTiers:
    """Which tiers are short of room, and the jobs that pay for it.

    Parameters
    ----------
    batch, storage, jobs : BatchSystem, StorageAccount, JobColumns
        Where jobs are held back, the tiers, and all jobs.
    note : callable
        Records an event: kind, tier, bytes used, text.
    """

    def __init__(self, batch: BatchSystem, storage: StorageAccount, jobs: JobColumns, note: Note) -> None:
        self._batch, self._storage, self._jobs, self._note = batch, storage, jobs, note
        self._rule = {tier.name: tier.when_full for tier in storage.tiers}
        self._state: dict[str, str] = {}
        self._failed: dict[str, list[Rows]] = {}
        self._holding: dict[str, Rows] = {}
        self._held_back: dict[str, list[Rows]] = {}

    def settled(self, now_s: int, settlement: Settlement) -> None:
        """Take in what a day brought."""
        readings = self._storage.readings()
        for name, rows in settlement.without_room.items():
            if self._rule[name] != "turn-away" and readings[name].capacity_bytes:
                self._failed.setdefault(name, []).append(rows)
        for name, tier in readings.items():
            self._follow(name, tier, settlement.lacking)
            if self._rule[name] == "wait":
                self._hold(now_s, name, tier)

    def _follow(self, name: str, tier: TierReading, lacking: Collection[str]) -> None:
        """Record that a tier has become full, or has room again."""
        was = self._state.get(name, "")
        full = name in lacking or (was and tier.used_bytes >= tier.limit_bytes)
        now = "" if not full else "tier_full" if tier.capacity_bytes else "tier_missing"
        kind = now or ("tier_relieved" if was == "tier_full" else "")
        if kind and now != was:
            self._note(kind, name, tier.used_bytes, TIER_TEXTS[kind].format(name))
        self._state[name] = now

    def _hold(self, now_s: int, name: str, tier: TierReading) -> None:
        """Hold jobs back while a tier is short, and let them in once it is not."""
        if name not in self._holding and self._state[name]:
            later = np.flatnonzero(self._batch.jobs.submit_s > now_s)
            writers = np.fromiter(self._storage.writers(name), np.int64)
            rows: Rows = later[np.isin(self._jobs.job_class[later], writers)]
            self._batch.hold(rows)
            self._holding[name] = rows
            self._note("tier_holds", name, tier.used_bytes, TIER_TEXTS["tier_holds"].format(name))
        elif name in self._holding and tier.used_bytes <= RELIEVED_FRAC * tier.limit_bytes:
            rows = self._holding.pop(name)
            self._count_held(now_s, name, rows)
            for others in self._holding.values():
                rows = np.setdiff1d(rows, others, assume_unique=True)
            self._batch.release(rows)
            self._note("tier_admits", name, tier.used_bytes, TIER_TEXTS["tier_admits"].format(name))

    def _count_held(self, now_s: int, name: str, rows: Rows) -> None:
        submitted = self._batch.jobs.submit_s[rows] <= now_s
        self._held_back.setdefault(name, []).append(rows[submitted])

    def failed(self) -> dict[str, Rows]:
        """Return the jobs that failed because what they wrote did not fit, by tier."""
        return {tier: np.unique(np.concatenate(rows)) for tier, rows in self._failed.items()}

    def held_back(self, end_s: int) -> dict[str, Rows]:
        """Return the jobs that were held back at their submission, by tier, at the end of the run."""
        for name, rows in self._holding.items():
            self._count_held(end_s, name, rows)
        return {tier: np.unique(np.concatenate(rows)) for tier, rows in self._held_back.items()}
