"""What joining the SimPy calendar costs: rare events between calls of the core; a call with nothing to do."""

from collections.abc import Generator, Iterator
from typing import Any

import simpy

from benchmarks.effort import Effort
from benchmarks.engine import COUNTED, kernel_s
from benchmarks.floor import floor_s
from benchmarks.measure import cpu_s, interleaved
from benchmarks.row import Row
from benchmarks.workload import generate
from capacity.scheduling.batch import BatchSystem, batch_system
from capacity.scheduling.compiled import load_core
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.system import PoolSystem
from capacity.scheduling.rules import Rules

LOAD = 0.85
CALLS = 100_000
MOST = {100: 1.15, 10: 2.5}
"""Jobs per event, and the aim over the run without events."""


def _every(env: simpy.Environment, period_s: int, count: int) -> Generator[simpy.Event, Any, None]:
    for _ in range(count):
        yield env.timeout(period_s)


def join(system: BatchSystem, *, last_s: int, events: int) -> None:
    """Run a batch system to its end, with `events` SimPy timeouts up to `last_s` [s]; they take turns."""
    env = simpy.Environment()
    env.process(_every(env, max(1, last_s // events), events))
    while (time := env.peek()) != float("inf"):
        system.advance(int(time))
        env.step()
    system.run()


def _joined_s(jobs: Jobs, events: int) -> float:
    """CPU time of a run in which SimPy and the core take turns [s]."""
    system = batch_system([COUNTED], Rules(), jobs)
    return cpu_s(lambda: join(system, last_s=int(jobs.submit_s[-1]), events=events))


def _empty_calls(jobs: Jobs) -> tuple[float, float]:
    """CPU time of one call with nothing to do: of the batch system, and of the compiled function [s]."""
    system = PoolSystem([COUNTED], Rules(), jobs, restarts=None, start_s=0)
    pool = system.pools[0]

    def through_python() -> None:
        for _ in range(CALLS):
            system.advance(0)

    def directly() -> None:
        core, table = load_core("queue"), pool._table
        for _ in range(CALLS):
            core(table)

    return cpu_s(through_python) / CALLS, cpu_s(directly) / CALLS


def _joined(jobs: Jobs, events: int, most: float, effort: Effort) -> Row:
    """Compare a run with events with one without."""
    count = len(jobs.submit_s)
    ways = {"with": lambda: _joined_s(jobs, events), "without": lambda: kernel_s(jobs)}
    took = interleaved(ways, 2 * effort.repeats + 1)
    ratio = took.ratio("with", "without")
    each = 1e6 * took.of("without") * (ratio - 1) / events
    name = f"{events:,} SimPy events on {count:,} jobs"
    return Row(name, each, "us/event", ratio, "no events", most, on_ratio=True)


def rows(effort: Effort) -> Iterator[Row]:
    """Compare runs with 10⁴ and 10⁵ events per million jobs with runs with none; then the empty calls."""
    jobs = generate(effort.million, LOAD)
    for jobs_per_event, most in MOST.items():
        yield _joined(jobs, effort.million // jobs_per_event, most, effort)
    few = generate(1000, LOAD)
    calls = {
        "advance": lambda: _empty_calls(few)[0],
        "core": lambda: _empty_calls(few)[1],
        "h": floor_s,
    }
    took = interleaved(calls, effort.repeats)
    for name, way in (("empty BatchSystem.advance", "advance"), ("empty call of the compiled core", "core")):
        yield Row(name, 1e6 * took.of(way), "us", took.ratio(way, "h"), "h", most=0.5)
