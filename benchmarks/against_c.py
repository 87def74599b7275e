"""Kernel against the same algorithm in C, and against the bare heapq loop, over the load."""

from collections.abc import Iterator

import numpy as np

from benchmarks import plain_c
from benchmarks.effort import Effort
from benchmarks.engine import kernel_s, starts
from benchmarks.floor import floor_s
from benchmarks.measure import cpu_s, interleaved
from benchmarks.row import Row, skipped
from benchmarks.workload import SLOTS, generate

LOADS = (0.7, 0.85, 0.9, 0.95, 1.05)
MOST_FLOORS = {0.85: 0.25, 1.05: 0.6}
"""Aims of the study of the core, in h."""


def rows(effort: Effort) -> Iterator[Row]:
    """EASY, counted machine, fcfs, one pass per instant: identical starts, then the ratio."""
    for load in LOADS:
        jobs = generate(effort.million, load)
        count = effort.million
        ways = {"kernel": lambda: kernel_s(jobs), "floor": floor_s}  # noqa: B023 - used within this turn
        answer = np.empty(count, np.int64)
        if plain_c.compiler():
            plain_c.easy(jobs, SLOTS, answer)
            if not np.array_equal(answer, starts(jobs)):
                message = f"kernel and C differ at load {load}"
                raise AssertionError(message)
            ways["c"] = lambda: cpu_s(lambda: plain_c.easy(jobs, SLOTS, answer))  # noqa: B023
        took = interleaved(ways, effort.repeats)
        name = f"EASY kernel, load {load}"
        each = took.of("kernel") / count
        yield Row(
            name,
            1e6 * each,
            "us/job",
            took.ratio("kernel", "floor") / count,
            "h",
            MOST_FLOORS.get(load),
            on_ratio=True,
        )
        if "c" in ways:
            yield Row(name, 1e6 * each, "us/job", took.ratio("kernel", "c"), "plain C", 1.5, on_ratio=True)
        else:
            yield skipped(f"{name} to plain C", "no C compiler")
