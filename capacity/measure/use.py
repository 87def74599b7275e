"""How full each pool was, what waited for it, and where its slot-seconds went: useful, lost, idle or down.

Everything is counted in whole slot-seconds, so that the six uses of a pool add up to what was installed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from capacity.measure.findings import Lookup, Measured, labels
from capacity.measure.outcomes import JobOutcomes
from capacity.scheduling.pools.pool import PoolSpec
from capacity.simulation.record import Reading, RunRecord

DAY_S: Final = 86_400
LoadState = Literal["settled", "backlogged", "overloaded"]
"""How a run leaves a pool, see `PoolLoad`."""
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
        use: jobs.sums_by_pool(getattr(jobs.spent, f"{use}_s") * jobs.held_slots)
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
    yield from _queued_work(jobs, at)
    for name, found in uses(jobs, record):
        for kind, slot_s in found.items():
            yield ("slot_hours", labels(pool=name, use=kind)), slot_s / 3600
        delivered = sum(found.values())
        share = found["useful"] / delivered if delivered else math.nan
        yield ("goodput_frac", labels(pool=name, month="all")), share


def _queued_work(jobs: JobOutcomes, at: Mapping[int, Reading]) -> Measured:
    """Yield the work that arrived, over what could be done, and how long that in the queue would take."""
    work_slot_s = jobs.run_time_s * jobs.slots.astype(np.float64)
    queued_until_s = np.where(jobs.wait_open & ~jobs.left, jobs.horizon_s + 1, jobs.submit_s + jobs.wait_s)
    ends_s = np.unique([end for _, end in jobs.months.values()])
    for number, spec in enumerate(jobs.batch.specs):
        rows = np.flatnonzero(jobs.waited & (jobs.pool == number))
        submit_s, work = jobs.submit_s[rows], work_slot_s[rows]
        came = np.concatenate([[0.0], np.cumsum(work)])
        # Whole slot-seconds, so that the order of the sum does not matter.
        in_queue = np.bincount(np.searchsorted(ends_s, queued_until_s[rows]), work, len(ends_s) + 1)
        gone = dict(zip(ends_s.tolist(), np.cumsum(in_queue).tolist(), strict=False))
        for month, (start, end) in jobs.months.items():
            where = labels(pool=spec.name, month=month)
            before, after = at[start].pools[spec.name], at[end].pools[spec.name]
            served = after.capacity_slot_s - before.capacity_slot_s
            until, since = came[np.searchsorted(submit_s, [end, start])]
            waiting = max(0.0, until - gone[end])
            slots = after.capacity_slots
            yield ("offered_load", where), float(until - since) / served if served > 0 else math.nan
            yield ("backlog_s", where), waiting / slots if slots else math.nan


@dataclass(frozen=True, slots=True)
class PoolLoad:
    """How a run left a pool, from its last three months in service.

    Attributes
    ----------
    state : str
        ``settled`` if what waits would keep the pool busy for less than a day; ``overloaded`` if more work
        arrived in these months than the pool could have done, so that waits grow for as long as that lasts;
        ``backlogged`` in between. Only of the first is there a wait that one longer run would find as well.
    offered, backlog_s : float
        Work that arrived over what could be done, the mean of these months; how long what waits at the end
        would keep the pool busy, NaN if it never came. [1, s]
    """

    state: LoadState
    offered: float
    backlog_s: float


def served_months(look: Lookup, pool: str, months: Sequence[str]) -> list[str]:
    """Return the months, of these, in which a pool was in service: its use is known."""
    return [month for month in months if not math.isnan(look.value("utilization", pool=pool, month=month))]


def pool_load(look: Lookup, pool: str, months: Sequence[str]) -> PoolLoad:
    """Return how a run left a pool."""
    served = served_months(look, pool, months)[-3:]
    if not served:
        return PoolLoad("settled", math.nan, math.nan)
    backlog_s = look.value("backlog_s", pool=pool, month=served[-1])
    offered = math.fsum(look.value("offered_load", pool=pool, month=m) for m in served) / len(served)
    waits = backlog_s >= DAY_S
    state: LoadState = "settled" if not waits else "overloaded" if offered > 1 else "backlogged"
    return PoolLoad(state, offered, backlog_s)
