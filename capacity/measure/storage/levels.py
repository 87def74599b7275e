"""What is measured of a site's storage: levels, flows, who holds what, and what a full tier cost."""

import math
from typing import Final

import numpy as np

from capacity.measure.findings import Measured, labels
from capacity.measure.outcomes import JobOutcomes
from capacity.simulation.record import RunRecord, TierReading

FLOWS: Final = (
    "arrived", "expired", "user_deleted", "purged", "migrated_in", "migrated_out", "refused", "over_quota",
)  # fmt: skip
"""Totals of a reading that are told month by month."""


def storage_levels(jobs: JobOutcomes, record: RunRecord) -> Measured:
    """Yield everything measured of all tiers, by metric and labels."""
    at = {reading.time_s: reading for reading in record.readings}
    day_of = {edge: day for day, edge in enumerate(jobs.built.site.day_edges_s)}
    for plan in jobs.built.site.storage.tiers:
        name = plan.name
        for month, (start, end) in jobs.months.items():
            yield from _levels(name, month, at[start].tiers[name], at[end].tiers[name])
        yield from _moments(name, record)
    for (tier, tenant, kind), held in record.held.items():
        for month, (_, end) in jobs.months.items():
            where = labels(tier=tier, tenant=tenant, kind=kind, month=month)
            yield ("storage_held_bytes", where), float(held[day_of[end]])
    yield from _cost_of_full(jobs, record)


def _levels(name: str, month: str, before: TierReading, after: TierReading) -> Measured:
    """Levels of a tier at the end of a month, and what flowed in it."""
    where = labels(tier=name, month=month)
    yield ("storage_used_bytes", where), float(after.used_bytes)
    yield ("storage_capacity_bytes", where), float(after.capacity_bytes)
    yield ("storage_limit_bytes", where), float(after.limit_bytes)
    used = after.used_bytes / after.capacity_bytes if after.capacity_bytes else math.nan
    yield ("storage_used_frac", where), used
    yield ("storage_snapshot_bytes", where), float(after.snapshot_bytes)
    for flow in FLOWS:
        came = getattr(after, f"{flow}_bytes") - getattr(before, f"{flow}_bytes")
        yield (f"storage_{flow}_bytes", where), float(came)


def _moments(name: str, record: RunRecord) -> Measured:
    """When a tier was first full and had room again, and what was stored on it."""
    for metric, kind in (("storage_full_s", "tier_full"), ("storage_relieved_s", "tier_relieved")):
        times = [event.time_s for event in record.events if (event.kind, event.place) == (kind, name)]
        yield (metric, labels(tier=name)), float(times[0]) if times else math.nan
    for (tier, tenant, source), by_day in record.growth.items():
        if tier == name:
            where = labels(tier=name, tenant=tenant, source=source)
            yield ("storage_growth_bytes", where), float(by_day.sum())


def _cost_of_full(jobs: JobOutcomes, record: RunRecord) -> Measured:
    """Yield the jobs that failed for want of room or were held back, and their slot-hours."""
    slots = jobs.slots.astype(np.float64)
    for tier in jobs.built.site.storage.tiers:
        where = labels(tier=tier.name)
        failed = record.without_room.get(tier.name, np.zeros(0, np.int64))
        held = record.held_back.get(tier.name, np.zeros(0, np.int64))
        yield ("storage_failed_jobs", where), float(len(failed))
        yield ("storage_lost_slot_hours", where), float((slots[failed] * jobs.run_s[failed]).sum() / 3600)
        yield ("storage_held_jobs", where), float(len(held))
        yield ("storage_held_slot_hours", where), float((slots[held] * jobs.wait_s[held]).sum() / 3600)
