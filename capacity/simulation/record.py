"""What one run leaves behind: outcomes per job, readings over time, events. Plain arrays in SI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import PoolState
from capacity.simulation.bandwidth.contention import ContentionRecord


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the site.

    Attributes
    ----------
    time_s : int
        When, since the start of the run. [s]
    kind : str
        What: ``delivery``, ``storage_delivery``, one of `NODE_EVENTS`, ``tier_full``, ``tier_missing`` (not
        in service when data come), ``tier_relieved``.
    place : str
        Pool or tier; of an outage of many nodes, its name.
    amount : float
        How much: nodes or bytes in service afterwards; of an outage of many nodes, how many it strikes.
    text : str
        The same in words.
    """

    time_s: int
    kind: str
    place: str
    amount: float
    text: str


NODE_EVENTS: Final = (
    "node_failure", "node_repair", "outage_start", "outage_end",
    "maintenance_start", "maintenance_end", "reservation_start", "reservation_end",
)  # fmt: skip
"""What happens to nodes beside deliveries."""


@dataclass(frozen=True, slots=True)
class TierReading:
    """One storage tier at one moment; totals count from the start of the run, in whole bytes.

    Attributes
    ----------
    used_bytes, capacity_bytes, limit_bytes : int
        Held now; usable in service; what may be filled of it. [B]
    arrived_bytes, deleted_bytes, refused_bytes : int
        Written and ingested; deleted for whatever reason; turned away, by the limit or a quota. [B]
    held_bytes, snapshot_bytes : int
        Logical bytes held now, snapshots included, and in snapshots alone; equal to what is used where a tier
        has neither copies nor compression. [B]
    expired_bytes, user_deleted_bytes, purged_bytes : int
        Deleted after its time, or released by jobs that ended; by its owners before; by the site's rules. [B]
    migrated_in_bytes, migrated_out_bytes : int
        Moved here from other tiers, and from here to others. [B]
    over_quota_bytes : int
        Turned away because the tenant's quota was full. [B]
    """

    used_bytes: int
    capacity_bytes: int
    limit_bytes: int
    arrived_bytes: int
    deleted_bytes: int
    refused_bytes: int
    held_bytes: int = 0
    snapshot_bytes: int = 0
    expired_bytes: int = 0
    user_deleted_bytes: int = 0
    purged_bytes: int = 0
    migrated_in_bytes: int = 0
    migrated_out_bytes: int = 0
    over_quota_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole site at one moment, just before anything else that happens at it."""

    time_s: int
    pools: Mapping[str, PoolState]
    tiers: Mapping[str, TierReading]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One finished run.

    Attributes
    ----------
    outcome : Outcome
        What became of each job.
    readings, events : tuple of Reading, tuple of Event
        Ascending in time; the first reading is at the start, the last at the end.
    growth : mapping of (tier, tenant, source) to ndarray of int64, shape (n_days,)
        Bytes stored per day by what wrote them. [B]
    held : mapping of (tier, tenant, kind) to ndarray of int64, shape (n_days + 1,)
        Bytes held at each day edge. [B]
    without_room, held_back : mapping of tier to ndarray of int
        Rows of the jobs that failed because what they wrote did not fit, and of those that were held back at
        submission because the tier was full.
    contention : ContentionRecord or None
        How jobs shared the bandwidth of storage, if any could wait for it.
    engine_s, total_s : float
        Time inside the batch system, and of the whole run. [s]
    """

    outcome: Outcome
    readings: tuple[Reading, ...]
    events: tuple[Event, ...]
    growth: Mapping[tuple[str, str, str], npt.NDArray[np.int64]] = field(default_factory=dict)
    held: Mapping[tuple[str, str, str], npt.NDArray[np.int64]] = field(default_factory=dict)
    without_room: Mapping[str, npt.NDArray[np.integer]] = field(default_factory=dict)
    held_back: Mapping[str, npt.NDArray[np.integer]] = field(default_factory=dict)
    contention: ContentionRecord | None = None
    engine_s: float = 0.0
    total_s: float = 0.0
