"""Where the slot-seconds of a site went: useful work, checkpoints, what failures took, idle, down.

Everything is counted in whole slot-seconds, so that the six uses of a pool add up to what was installed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.measure.findings import Labels, labels
from capacity.measure.outcomes import pool_of
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import PoolSpec
from capacity.simulation.build import Built
from capacity.simulation.record import Reading, RunRecord

Ints: TypeAlias = npt.NDArray[np.int64]
Measured: TypeAlias = Iterator[tuple[tuple[str, Labels], float]]

USES: Final = ("useful", "checkpoint", "lost", "restart", "idle", "down")
"""What becomes of a slot-second that was delivered, in the order in which reports name it."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What each job did with the time it held its slots, up to the end of the horizon.

    Attributes
    ----------
    useful_s, checkpoint_s, lost_s, restart_s : ndarray of int64, shape (n_jobs,)
        Work that stands; writing the checkpoints of that work; work that was undone, with the checkpoints in
        it; getting going again after an interruption. Together the time it held its slots. [s]
    """

    useful_s: Ints
    checkpoint_s: Ints
    lost_s: Ints
    restart_s: Ints


def spent(built: Built, outcome: Outcome, horizon_s: int) -> Spent:
    """Return what each job did with its time.

    Parameters
    ----------
    built : Built
        The jobs and how they save.
    outcome : Outcome
        What became of them.
    horizon_s : int
        End of the run; jobs that still run have run until then. [s]

    Notes
    -----
    Of the time that stands, every whole cycle (work and writing) holds one checkpoint. A job that ends does
    not write one at its end, which a cycle that is not whole cannot hold; so this is exact for jobs that
    ended, and for one that still runs it counts a checkpoint once it is written.
    """
    jobs, site = built.site.batch.jobs, outcome.site
    if site is None:
        since = np.where(outcome.end_s < 0, outcome.start_s, -1)
        lost = restart = np.zeros(len(since), np.int64)
        stands: Ints = np.where(outcome.end_s >= 0, outcome.end_s - outcome.start_s, 0)
    else:
        since, lost, restart = site.running_since_s, site.lost_s, site.restart_s
        stands = site.ran_s - lost - restart
    running = np.flatnonzero(since >= 0)
    elapsed = horizon_s - since[running]
    if site is not None and jobs.restart_s is not None:
        again = np.where(site.attempts[running] > 1, jobs.restart_s[running], 0)
        restart = restart.copy()
        restart[running] += (going := np.minimum(elapsed, again))
        elapsed = elapsed - going
    stands[running] += elapsed
    if built.checkpoints is None:
        return Spent(stands, np.zeros(len(stands), np.int64), lost, restart)
    saves = np.flatnonzero(built.checkpoints.cycle_s)
    written: Ints = np.zeros(len(stands), np.int64)
    cycle, write = built.checkpoints.cycle_s[saves], built.checkpoints.write_s[saves]
    written[saves] = stands[saves] // cycle * write
    return Spent(stands - written, written, lost, restart)


def delivered_nodes(spec: PoolSpec, until_s: int) -> int:
    """Return the nodes of a pool that were delivered before a time, in service or not [node]."""
    return spec.nodes + sum(count for time, count in spec.deliveries if time < until_s)


def installed_slot_s(spec: PoolSpec, until_s: int) -> int:
    """Return the slot-seconds of a pool from the start until a time, in service or not [slot s]."""
    steps = [(0, spec.nodes), *spec.deliveries]
    node_s = sum(count * (until_s - time) for time, count in steps if time < until_s)
    return node_s * spec.slots_per_node


def uses(built: Built, record: RunRecord, time: Spent) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield each pool with the slot-seconds of each of `USES`, which add up to those installed [slot s]."""
    batch, last = built.site.batch, record.readings[-1]
    pool = pool_of(batch, record.outcome)
    held = record.outcome.held_slots
    by_pool = {
        use: np.bincount(pool, getattr(time, f"{use}_s") * held, minlength=len(batch.specs))
        for use in ("checkpoint", "lost", "restart")
    }
    for number, spec in enumerate(batch.specs):
        state = last.pools[spec.name]
        found = {use: int(amounts[number]) for use, amounts in by_pool.items()}
        found["useful"] = state.busy_slot_s - sum(found.values())
        found["idle"] = state.capacity_slot_s - state.busy_slot_s
        found["down"] = installed_slot_s(spec, last.time_s) - state.capacity_slot_s
        yield spec.name, {use: found[use] for use in USES}


def goodput(built: Built, record: RunRecord, time: Spent, months: dict[str, tuple[int, int]]) -> Measured:
    """Yield the uses of each pool, its goodput and availability, and what struck it."""
    for name, found in uses(built, record, time):
        installed = sum(found.values())
        for use, slot_s in found.items():
            yield ("slot_hours", labels(pool=name, use=use)), slot_s / 3600
        share = found["useful"] / installed if installed else np.nan
        yield ("goodput_frac", labels(pool=name, month="all")), share
    yield from _available(built, record, months)
    yield from _struck(built, record)
    yield from _lost_by_class(built, record, time)


def _available(built: Built, record: RunRecord, months: dict[str, tuple[int, int]]) -> Measured:
    at: dict[int, Reading] = {reading.time_s: reading for reading in record.readings}
    for spec in built.site.batch.specs:
        for month, (start, end) in months.items():
            installed = installed_slot_s(spec, end) - installed_slot_s(spec, start)
            before, after = at[start].pools[spec.name], at[end].pools[spec.name]
            served = after.capacity_slot_s - before.capacity_slot_s
            share = served / installed if installed else np.nan
            yield ("available_frac", labels(pool=spec.name, month=month)), share


def _struck(built: Built, record: RunRecord) -> Measured:
    """Count failures by pool, and outages of groups by what failed."""
    hazards = built.site.hazards
    for failures in hazards.failures:
        name = built.site.batch.specs[failures.pool].name
        count = sum(event.kind == "node_failure" and event.place == name for event in record.events)
        yield ("node_failures", labels(pool=name, month="all")), float(count)
    for group in dict.fromkeys(group.name for group in hazards.groups):
        count = sum(event.kind == "outage_start" and event.place == group for event in record.events)
        yield ("group_outages", labels(outage=group, month="all")), float(count)


def _lost_by_class(built: Built, record: RunRecord, time: Spent) -> Measured:
    if record.outcome.site is None:
        return
    codes, names = built.table.labels("job_class")
    lost = np.bincount(codes, time.lost_s * record.outcome.held_slots, minlength=len(names))
    for name, slot_s in zip(names, lost, strict=True):
        yield ("lost_slot_hours", labels(job_class=name, month="all")), float(slot_s) / 3600
