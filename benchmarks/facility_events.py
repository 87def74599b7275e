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
from capacity.scheduling.batch import BatchSystem, Jobs
from capacity.scheduling.rules import Rules

LOAD = 0.85
CALLS = 100_000


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
    system = BatchSystem([COUNTED], Rules(), jobs)
    return cpu_s(lambda: join(system, last_s=int(jobs.submit_s[-1]), events=events))


def _empty_calls(jobs: Jobs) -> tuple[float, float]:
    """CPU time of one call with nothing to do: of the batch system, and of the compiled function [s]."""
    system = BatchSystem([COUNTED], Rules(), jobs)
    pool = system.pools[0]

    def through_python() -> None:
        for _ in range(CALLS):
            system.advance(0)

    def directly() -> None:
        core, table = pool._core, pool._table
        for _ in range(CALLS):
            core(table)

    return cpu_s(through_python) / CALLS, cpu_s(directly) / CALLS


def rows(effort: Effort) -> Iterator[Row]:
    """Compare runs with 10⁴ events per million jobs with runs with none; then the empty calls."""
    jobs = generate(effort.million, LOAD)
    events = effort.million // 100
    ways = {"with": lambda: _joined_s(jobs, events), "without": lambda: kernel_s(jobs)}
    took = interleaved(ways, 2 * effort.repeats + 1)
    name = f"{events:,} SimPy events on {effort.million:,} jobs"
    each = 1e6 * took.of("without") * (took.ratio("with", "without") - 1) / events
    yield Row(name, each, "us/event", took.ratio("with", "without"), "no events", most=1.2, on_ratio=True)
    few = generate(1000, LOAD)
    calls = {
        "advance": lambda: _empty_calls(few)[0],
        "core": lambda: _empty_calls(few)[1],
        "h": floor_s,
    }
    took = interleaved(calls, effort.repeats)
    for name, way in (("empty BatchSystem.advance", "advance"), ("empty call of the compiled core", "core")):
        most = 0.5 if way == "core" else None
        yield Row(name, 1e6 * took.of(way), "us", took.ratio(way, "h"), "h", most=most)
