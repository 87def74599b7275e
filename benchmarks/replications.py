"""Replications side by side, in threads that let go of Python's lock and in processes, against one by one.

The only figures by the clock among the ratios: they say something on a machine that has nothing else to do.
So the load before each is printed beside them, and what two processes that only count gain at that time.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from statistics import median

from benchmarks.effort import Effort
from benchmarks.engine import COUNTED, engine_s
from benchmarks.row import Row, skipped
from benchmarks.workload import generate
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.rules import Rules
from capacity.study.workers import worker_processes

REPLICATIONS = 8
SIDE_BY_SIDE = 2
LOAD = 0.9
LEAST = 1.8
COUNTED_UP = 3_000_000


def drawn_and_run(count: int, seed: int) -> float:
    """Draw jobs and run them; return the CPU time of the second [s]."""
    return engine_s(generate(count, LOAD, seed=seed))


def count_up(_: int) -> int:
    """Keep a processor busy for a moment with nothing but Python."""
    total = 0
    for number in range(COUNTED_UP):
        total += number
    return total


def _ran(jobs: Jobs) -> None:
    batch_system([COUNTED], Rules(), jobs).run()


def _wall_s(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _spread(executor: Executor, work: Callable[[int], object]) -> float:
    """Time by the clock of all replications in an executor [s]."""
    return _wall_s(lambda: list(executor.map(work, range(REPLICATIONS))))


def _row(name: str, alone: list[float], spread: list[float], least: float | None = LEAST) -> Row:
    """Line for two ways that took turns; the quietest turn counts, for foreign load only ever adds time."""
    ratio = min(alone) / min(spread)
    return Row(name, median(spread), "s wall", ratio, "one by one", least=least, on_ratio=True)


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else "load unknown"


def _threads(count: int, repeats: int) -> Row:
    """Time the core alone: the jobs are there."""
    streams = [generate(count, LOAD, seed=seed) for seed in range(REPLICATIONS)]

    def work(seed: int) -> None:
        _ran(streams[seed])

    load = _load()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as executor:
        turns = _turns(executor, work, repeats)
    return _row(f"{REPLICATIONS} replications in {SIDE_BY_SIDE} threads, {load}", *turns)


def _turns(
    executor: Executor, work: Callable[[int], object], repeats: int
) -> tuple[list[float], list[float]]:
    """Take times by the clock one by one, and spread over warm workers [s]."""
    alone, spread = [], []
    _spread(executor, work)
    for _ in range(repeats):
        alone.append(_wall_s(lambda: [work(seed) for seed in range(REPLICATIONS)]))
        spread.append(_spread(executor, work))
    return alone, spread


def _processes(count: int, repeats: int) -> Iterator[Row]:
    """Time drawing and simulating, in processes that have started; then what the machine has to give."""
    load = _load()
    with worker_processes(SIDE_BY_SIDE) as executor:
        turns = _turns(executor, partial(drawn_and_run, count), repeats)
        yield _row(f"{REPLICATIONS} replications in {SIDE_BY_SIDE} processes, {load}", *turns)
        load = _load()
        turns = _turns(executor, count_up, repeats)
        yield _row(f"counting up in {SIDE_BY_SIDE} processes, {load}", *turns, least=None)


def rows(effort: Effort) -> Iterator[Row]:
    """Threads with the core alone, then processes that draw their jobs as well."""
    if (os.cpu_count() or 1) < SIDE_BY_SIDE:
        yield skipped("replications side by side", "one processor")
        return
    count = effort.million // 2
    yield _threads(count, effort.repeats)
    yield from _processes(count, effort.repeats)
