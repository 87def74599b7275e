"""One replication as a piece of work: everything it needs, and everything it tells, as plain data.

A task may be carried out in this process, in another one, or on another machine: it names no file and no
place. What it leaves for a run directory comes back as bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import perf_counter

import pyarrow as pa

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Values
from capacity.measure.measure import job_outcomes, measure
from capacity.measure.outcomes import JobOutcomes
from capacity.measure.storage.beyond import beyond
from capacity.simulation.build import build, with_failed_for_room
from capacity.simulation.calendar import calendar_of
from capacity.simulation.record import Event
from capacity.simulation.storage.ahead import LookAhead
from capacity.simulation.world import World
from capacity.study.files import tables

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
    """

    scenario: Scenario
    sha256: str
    seed: int
    replication: int
    ahead: LookAhead | None = None
    keep_tables: bool = False
    waits_by: tuple[str, ...] = ()


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
    """

    values: Values
    events: tuple[Event, ...]
    jobs: int
    factors: dict[str, float]
    timings: dict[str, float]
    tables: Mapping[str, bytes] = field(default_factory=dict)


def perform(task: Task, progress: Progress | None = None) -> OneRun:
    """Simulate one replication; `progress` is told the part done, from 0 to 1.

    Raises
    ------
    InputError
        The demand has a target that no draw of it can meet.
    """
    begun = perf_counter()
    scenario = task.scenario
    built = build(scenario, seed=task.seed, replication=task.replication)
    drawn = perf_counter()
    horizon = calendar_of(scenario).horizon_s
    tell = (lambda now, ended: progress(now / horizon, now, ended)) if progress else None
    record = World(built.site, tell).run()
    built = with_failed_for_room(built, record)
    jobs = job_outcomes(scenario, built, record)
    drained = _drained(task, jobs)
    values = measure(
        scenario, jobs, record, with_savings=task.ahead is not None, drained=drained, waits_by=task.waits_by
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


def _drained(task: Task, jobs: JobOutcomes) -> JobOutcomes | None:
    """Follow the jobs that wait at the end of the horizon beyond it, as long as the scenario says.

    Demand and site go on as they would; what is returned knows more of the waits of the months of the horizon
    and nothing else.
    """
    scenario = task.scenario
    if not scenario.drain or not (jobs.wait_open & ~jobs.left).any():
        return None
    longer = scenario.model_copy(update={"until": scenario.until + timedelta(days=scenario.drain_days)})
    built = build(longer, seed=task.seed, replication=task.replication)
    record = World(built.site).run()
    followed = job_outcomes(longer, with_failed_for_room(built, record), record)
    return replace(followed, months=jobs.months)


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    tables.write(table, sink)
    return bytes(memoryview(sink.getvalue()))
