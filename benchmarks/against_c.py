"""Kernel against the same algorithm in C, and against the bare heapq loop, over the load."""

from collections.abc import Iterator

import numpy as np

from benchmarks import plain_c
from benchmarks.effort import Effort
from benchmarks.engine import kernel_s, starts
from benchmarks.floor import floor_s
from benchmarks.measure import Timed, cpu_s, interleaved
from benchmarks.row import Row, skipped
from benchmarks.workload import SLOTS, generate
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.rules import Rules

LOADS = (0.7, 0.85, 0.9, 0.95, 1.05)
MOST_FLOORS = {0.85: 0.25, 1.05: 0.6}
MOST_FCFS_FLOORS = 0.08
MOST_OVER_C = 1.25
MOST_OVER_SHORT_QUEUE = 4.0
"""Aims of the study of the core: in h, in h, over C, and load 1.05 over load 0.7."""
FCFS = Rules(backfill="none")


def _ways(jobs: Jobs) -> dict[str, Timed]:
    """Ways to time the same jobs; plain C is one of them if it can be compiled and has the same schedule."""
    ways: dict[str, Timed] = {"kernel": lambda: kernel_s(jobs), "h": floor_s}
    if plain_c.compiler():
        answer = np.empty(len(jobs.submit_s), np.int64)
        plain_c.easy(jobs, SLOTS, answer)
        if not np.array_equal(answer, starts(jobs)):
            message = "kernel and C differ"
            raise AssertionError(message)
        ways["c"] = lambda: cpu_s(lambda: plain_c.easy(jobs, SLOTS, answer))
    return ways


def _easy(load: float, effort: Effort) -> tuple[float, list[Row]]:
    """Time per job [s] and lines of one load."""
    count = effort.million
    ways = _ways(generate(count, load))
    took = interleaved(ways, effort.repeats)
    name, each = f"EASY kernel, load {load}", took.of("kernel") / count
    floors = took.ratio("kernel", "h") / count
    found = [Row(name, 1e6 * each, "us/job", floors, "h", MOST_FLOORS.get(load), on_ratio=True)]
    if "c" in ways:
        over_c = took.ratio("kernel", "c")
        found.append(Row(name, 1e6 * each, "us/job", over_c, "plain C", MOST_OVER_C, on_ratio=True))
        floors = took.ratio("c", "h") / count
        found.append(Row(f"plain C, load {load}", 1e6 * took.of("c") / count, "us/job", floors, "h"))
    else:
        found.append(skipped(f"{name} to plain C", "no C compiler"))
    return each, found


def _fcfs(effort: Effort) -> Row:
    """Time the calendar and the columns alone; below the load at which strict order lets the queue grow."""
    count = effort.million
    jobs = generate(count, 0.6)
    took = interleaved({"fcfs": lambda: kernel_s(jobs, rules=FCFS), "h": floor_s}, effort.repeats)
    floors = took.ratio("fcfs", "h") / count
    each = 1e6 * took.of("fcfs") / count
    return Row("FCFS kernel, load 0.6", each, "us/job", floors, "h", MOST_FCFS_FLOORS, on_ratio=True)


def rows(effort: Effort) -> Iterator[Row]:
    """EASY, counted machine, fcfs, one pass per instant: identical starts, then the ratio."""
    yield _fcfs(effort)
    each = {}
    for load in LOADS:
        each[load], found = _easy(load, effort)
        yield from found
    ratio = each[1.05] / each[0.7]
    name = "EASY kernel, load 1.05 over load 0.7"
    yield Row(name, 1e6 * each[1.05], "us/job", ratio, "load 0.7", MOST_OVER_SHORT_QUEUE, on_ratio=True)
