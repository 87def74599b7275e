"""One replication as a piece of work: everything it needs, and everything it tells, as plain data.

A task may be carried out in this process, in another one, or on another machine: it names no file and no
place. What it leaves for a run directory comes back as bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

import pyarrow as pa

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Values
from capacity.measure.measure import job_outcomes, measure
from capacity.measure.storage.beyond import beyond
from capacity.simulation.build import build, with_failed_for_room
from capacity.simulation.calendar import calendar_of
from capacity.simulation.record import Event
from capacity.simulation.storage.ahead import LookAhead
from capacity.simulation.world import World
from capacity.study.drain import drained
from capacity.study.files import tables
from capacity.study.size.regret.one_world import SizeSearch, WorldSized, least_enough

Progress = Callable[[float, int, int], None]
"""Told how much is done, the simulated time [s] and the jobs that have ended."""


def after(progress: Progress | None, done: float, ended: int = 0) -> Progress | None:
    """Return what counts on from what is done already, and from the jobs that have ended in it."""
    if progress is None:
        return None
    return lambda part, now_s, more: progress(done + part, now_s, ended + more)


@dataclass(frozen=True, slots=True)
class Task:
    """One replication of one scenario.

    Attributes
    ----------
    scenario, sha256 : Scenario, str
        The question, fully resolved, and its hash.
    seed, replication : int
        The luck: the same numbers give the same result anywhere.
    ahead : LookAhead or None
        How far to follow storage beyond the horizon, and to find out what each of its rules saves; None for
        neither.
    keep_tables : bool
        Whether to return the tables of a run directory, too.
    waits_by : tuple of str
        Sets of labels by which waits are asked for beside those of the table of metrics.
    sizes : SizeSearch or None
        Find the least of these sizes that is enough, instead of one run of `scenario`.
    """

    scenario: Scenario
    sha256: str
    seed: int
    replication: int
    ahead: LookAhead | None = None
    keep_tables: bool = False
    waits_by: tuple[str, ...] = ()
    sizes: SizeSearch | None = None


@dataclass(frozen=True, slots=True)
class OneRun:
    """What one replication tells the study.

    Attributes
    ----------
    values, events : dict, tuple of Event
        Everything measured, and what happened to the site.
    jobs : int
        Jobs submitted.
    factors : dict of str to float
        Run time on this hardware over that on the reference, by job class.
    timings : dict of str to float
        Seconds spent on drawing the demand, in the batch system, and in all. [s]
    tables : mapping of str to bytes
        Parquet files by name, if they were asked for.
    sized : WorldSized or None
        What came of the sizes that were asked for.
    """

    values: Values
    events: tuple[Event, ...]
    jobs: int
    factors: dict[str, float]
    timings: dict[str, float]
    tables: Mapping[str, bytes] = field(default_factory=dict)
    sized: WorldSized | None = None


def perform(task: Task, progress: Progress | None = None) -> OneRun:
    """Simulate one replication; `progress` is told the part done, from 0 to 1.

    Raises
    ------
    InputError
        The demand has a target that no draw of it can meet.
    """
    begun = perf_counter()
    if task.sizes is not None:
        return _perform_sizes(task, task.sizes, progress)
    scenario = task.scenario
    built = build(scenario, seed=task.seed, replication=task.replication)
    drawn = perf_counter()
    horizon = calendar_of(scenario).horizon_s
    tell = (lambda now, ended: progress(now / horizon, now, ended)) if progress else None
    record = World(built.site, tell).run()
    built = with_failed_for_room(built, record)
    jobs = job_outcomes(scenario, built, record)
    followed = drained(scenario, jobs, seed=task.seed, replication=task.replication)
    values = measure(
        scenario, jobs, record, with_savings=task.ahead is not None, drained=followed, waits_by=task.waits_by
    )
    if task.ahead is not None and scenario.site.storage:
        luck = {"seed": task.seed, "replication": task.replication}
        values.update(beyond(scenario, built, record, task.ahead, **luck))
    kept = {
        "jobs.parquet": tables.jobs_table(jobs), "series.parquet": tables.series_table(record),
        "events.parquet": tables.events_table(record),
    } if task.keep_tables else {}  # fmt: skip
    encoded = {name: _parquet(table) for name, table in kept.items()}
    timings = {"demand_s": drawn - begun, "engine_s": record.engine_s, "world_s": record.total_s}
    timings["total_s"] = perf_counter() - begun
    return OneRun(values, record.events, len(built.table), built.hardware.mean_factors(), timings, encoded)


def _perform_sizes(task: Task, sizes: SizeSearch, progress: Progress | None) -> OneRun:
    """Find the least size of a world; nobody knows how many have to be tried."""
    begun, horizon_s = perf_counter(), calendar_of(task.scenario).horizon_s
    tell = (lambda tried: progress(tried / (tried + 2), horizon_s, 0)) if progress else None
    found = least_enough(sizes, seed=task.seed, replication=task.replication, tell=tell)
    return OneRun({}, (), 0, {}, {"total_s": perf_counter() - begun}, sized=found)


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    tables.write(table, sink)
    return bytes(memoryview(sink.getvalue()))
