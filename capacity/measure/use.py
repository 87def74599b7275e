"""How full each pool was, and where its slot-seconds went: useful, checkpoint, lost, restart, idle, down.

Everything is counted in whole slot-seconds, so that the six uses of a pool add up to what was installed.
"""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from capacity.measure.findings import Measured, labels
from capacity.measure.outcomes import JobOutcomes
from capacity.scheduling.pools.pool import PoolSpec
from capacity.simulation.record import Reading, RunRecord

USES: Final = ("useful", "checkpoint", "lost", "restart", "idle", "down")
"""What becomes of a slot-second that was delivered, in the order in which reports name it."""


def installed_slot_s(spec: PoolSpec, until_s: int) -> int:
    """Return the slot-seconds of a pool from the start until a time, in service or not [slot s]."""
    steps = [(0, spec.nodes), *spec.deliveries]
    node_s = sum(count * (until_s - time) for time, count in steps if time < until_s)
    return node_s * spec.slots_per_node


def uses(jobs: JobOutcomes, record: RunRecord) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield each pool with the slot-seconds of each of `USES`, which add up to those installed [slot s]."""
    specs, last = jobs.batch.specs, record.readings[-1]
    by_pool = {
        use: np.bincount(jobs.pool, getattr(jobs.spent, f"{use}_s") * jobs.held_slots, minlength=len(specs))
        for use in ("checkpoint", "lost", "restart")
    }
    for number, spec in enumerate(specs):
        state = last.pools[spec.name]
        found = {use: int(amounts[number]) for use, amounts in by_pool.items()}
        found["useful"] = state.busy_slot_s - sum(found.values())
        found["idle"] = state.capacity_slot_s - state.busy_slot_s
        found["down"] = installed_slot_s(spec, last.time_s) - state.capacity_slot_s
        yield spec.name, {use: found[use] for use in USES}


def use(jobs: JobOutcomes, record: RunRecord) -> Measured:
    """Yield how full each pool was by month, and what became of its slot-hours."""
    at: dict[int, Reading] = {reading.time_s: reading for reading in record.readings}
    for spec in jobs.batch.specs:
        for month, (start, end) in jobs.months.items():
            where = labels(pool=spec.name, month=month)
            before, after = at[start].pools[spec.name], at[end].pools[spec.name]
            busy_slot_s = after.busy_slot_s - before.busy_slot_s
            served = after.capacity_slot_s - before.capacity_slot_s
            installed = installed_slot_s(spec, end) - installed_slot_s(spec, start)
            yield ("capacity_slots", where), float(after.capacity_slots)
            yield ("utilization", where), busy_slot_s / served if served > 0 else math.nan
            yield ("delivered_slot_hours", where), busy_slot_s / 3600
            yield ("queue_length", where), (after.waiting_job_s - before.waiting_job_s) / (end - start)
            yield ("available_frac", where), served / installed if installed else math.nan
    for name, found in uses(jobs, record):
        for kind, slot_s in found.items():
            yield ("slot_hours", labels(pool=name, use=kind)), slot_s / 3600
        delivered = sum(found.values())
        share = found["useful"] / delivered if delivered else math.nan
        yield ("goodput_frac", labels(pool=name, month="all")), share
