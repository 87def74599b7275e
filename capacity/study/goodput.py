"""Where slot-seconds went: useful, checkpoints, lost, restarts, idle, down. Whole numbers that add up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from capacity.scheduling.batch import BatchSystem, Outcome
from capacity.scheduling.pool import PoolSpec, PoolState
from capacity.simulation.record import RunRecord
from capacity.spec.scenario import Scenario
from capacity.study.build import Built
from capacity.study.findings import Labels, labels
from capacity.study.tables import pool_of

Ints = npt.NDArray[np.int64]
Measured = Iterator[tuple[tuple[str, Labels], float]]

ROWS_AT_ONCE: Final = 1 << 17
"""Jobs looked at together: millions of jobs must not cost an array of 8 bytes per job for every number."""


class Seconds(NamedTuple):
    """Time of single jobs, columns of shape (n,); together the time they held their slots. [s]"""

    useful_s: Ints
    checkpoint_s: Ints
    lost_s: Ints
    restart_s: Ints


@dataclass(frozen=True, slots=True)
class JobTime:
    """Time of all jobs that started, by pool, class and size.

    Attributes
    ----------
    pool, job_class : ndarray of int64, shape (n_groups,)
        Indices of the pool they ran on last and of their class.
    asked, held : ndarray of int64, shape (n_groups,)
        Slots each asked for and held.
    useful_s, checkpoint_s, lost_s, restart_s : ndarray of int64, shape (n_groups,)
        Sums over the jobs of the time within the horizon; one that still runs counts with its time so far.
        [job s]
    ended_s : ndarray of int64, shape (n_groups,)
        The part of `useful_s` that belongs to jobs that ended. [job s]
    """

    pool: Ints
    job_class: Ints
    asked: Ints
    held: Ints
    useful_s: Ints
    checkpoint_s: Ints
    lost_s: Ints
    restart_s: Ints
    ended_s: Ints

    def slot_s(self, use: str, mine: npt.NDArray[np.bool_]) -> int:
        """Return the slot-seconds that the jobs of some groups held for a use [slot s]."""
        return int(np.dot(getattr(self, f"{use}_s")[mine], self.held[mine]))


def job_time(built: Built, outcome: Outcome, horizon_s: int) -> JobTime:
    """Add up the time of the jobs by pool, class and size."""
    batch = built.plant.batch
    codes, names = built.table.labels("job_class")
    pools, asked = pool_of(batch, outcome), np.asarray(batch.jobs.slots)
    started = outcome.start_s >= 0
    place = _places(asked, started)
    sizes = int(place.max(initial=-1)) + 1
    groups = len(batch.specs) * len(names) * sizes
    sums = {field.name: np.zeros(groups, np.int64) for field in fields(JobTime)}
    for begin in range(0, len(started), ROWS_AT_ONCE):
        rows = begin + np.flatnonzero(started[begin : begin + ROWS_AT_ONCE])
        group = (pools[rows].astype(np.int64) * len(names) + codes[rows]) * sizes + place[asked[rows]]
        found = _seconds(built, outcome, rows, horizon_s)
        sums["asked"][group], sums["held"][group] = asked[rows], outcome.held_slots[rows]
        ended = np.where(outcome.end_s[rows] >= 0, found.useful_s, 0)
        for name, seconds in {**found._asdict(), "ended_s": ended}.items():
            # Sums of whole numbers below 2**53 are exact in the floats that bincount adds up.
            sums[name] += np.bincount(group, seconds, minlength=groups).astype(np.int64)
    sums["pool"], rest = np.divmod(np.arange(groups), max(1, len(names) * sizes))
    sums["job_class"] = rest // max(1, sizes)
    there = sums["asked"] > 0
    return JobTime(**{name: column[there] for name, column in sums.items()})


def _places(asked: npt.NDArray[np.integer], started: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Return the place of each number of slots among those that jobs which started asked for."""
    seen = np.zeros(int(asked.max(initial=0, where=started)) + 1, np.bool_)
    seen[asked[started]] = True
    return np.asarray(np.cumsum(seen, dtype=np.int32) - 1)


def _seconds(built: Built, outcome: Outcome, rows: Ints, horizon_s: int) -> Seconds:
    """Return what some jobs, all of which started, did with their time until the end of the horizon."""
    lost = restart = np.zeros(len(rows), np.int64)
    site = outcome.site
    if site is None:
        end = outcome.end_s[rows]
        held = np.where(end >= 0, end, horizon_s) - outcome.start_s[rows]
    else:
        held, lost, restart = site.ran_s[rows], site.lost_s[rows], site.restart_s[rows].copy()
        since = site.running_since_s[rows]
        so_far = np.where(since >= 0, horizon_s - since, 0)
        held = held + so_far
        if built.plant.batch.jobs.restart_s is not None:
            again = site.attempts[rows] > 1
            restart += np.where(again, np.minimum(so_far, built.plant.batch.jobs.restart_s[rows]), 0)
    kept = held - lost - restart
    written = np.zeros(len(rows), np.int64)
    if built.checkpoints is not None:
        cycle, write = built.checkpoints.cycle_s[rows], built.checkpoints.write_s[rows]
        whole, rest = np.divmod(kept, np.maximum(cycle, 1))
        # A cycle is work first, then writing; a job that was cut off may have been writing.
        written = np.where(cycle > 0, whole * write + np.maximum(rest - (cycle - write), 0), 0)
    return Seconds(kept - written, written, lost, restart)


def installed_slot_s(spec: PoolSpec, first_s: int, last_s: int) -> int:
    """Return the slot-seconds that what is delivered of a pool offers between two times [slot s]."""
    arrivals = ((0, spec.nodes), *spec.deliveries)
    return spec.slots_per_node * sum(nodes * max(0, last_s - max(first_s, time)) for time, nodes in arrivals)


USES: Final = ("useful", "checkpoint", "lost", "restart", "idle", "down")
"""What a slot-second can be, each exactly one of them."""


def uses(batch: BatchSystem, pool: int, last: PoolState, time: JobTime) -> dict[str, int]:
    """Return what became of the slot-seconds of a pool; they add up to those installed [slot s].

    What the pool held and what was in service are its own integrals. Of a job that ran on several pools, what
    was not useful counts where it ran last.
    """
    mine = time.pool == pool
    found = {use: time.slot_s(use, mine) for use in ("checkpoint", "lost", "restart")}
    useful = last.busy_slot_s - sum(found.values())
    installed = installed_slot_s(batch.specs[pool], 0, last.now_s)
    idle, down = last.capacity_slot_s - last.busy_slot_s, installed - last.capacity_slot_s
    return {"useful": useful, **found, "idle": idle, "down": down}


def goodput(
    scenario: Scenario, built: Built, record: RunRecord, time: JobTime, months: Mapping[str, tuple[int, int]]
) -> Measured:
    """Yield the uses of slot-hours, goodput and availability of each pool, and what failures took."""
    batch, at = built.plant.batch, {reading.time_s: reading.pools for reading in record.readings}
    for number, spec in enumerate(batch.specs):
        found = uses(batch, number, at[scenario.horizon_s][spec.name], time)
        for use in USES:
            yield ("slot_hours", labels(pool=spec.name, use=use, month="all")), found[use] / 3600
        installed = sum(found.values())
        share = found["useful"] / installed if installed else np.nan
        yield ("goodput_frac", labels(pool=spec.name, month="all")), share
        for month, (first, last) in months.items():
            offered = installed_slot_s(spec, first, last)
            served = at[last][spec.name].capacity_slot_s - at[first][spec.name].capacity_slot_s
            there = served / offered if offered else np.nan
            yield ("available_frac", labels(pool=spec.name, month=month)), there
    names = built.table.labels("job_class")[1]
    for code, name in enumerate(names):
        lost = time.slot_s("lost", time.job_class == code) / 3600
        yield ("lost_slot_hours", labels(job_class=name, month="all")), lost
    if scenario.simulate.failures:
        yield from _failures(scenario, record)


def _failures(scenario: Scenario, record: RunRecord) -> Measured:
    """Yield how often nodes failed, and how often groups of nodes had outages."""
    places: dict[tuple[str, str], int] = {}
    for event in record.events:
        places[event.kind, event.place] = places.get((event.kind, event.place), 0) + 1
    for name in scenario.site.pools:
        yield ("node_failures", labels(pool=name, month="all")), float(places.get(("node_failure", name), 0))
    for name in scenario.site.outages:
        yield ("outages", labels(outage=name, month="all")), float(places.get(("outage_start", name), 0))
