"""Unit h: a bare ``heapq`` loop with two events per job, the best that plain Python can do.

It needs no compiler and is measured beside every figure that is given as a multiple of it.
"""

import heapq
from functools import cache

from benchmarks.measure import cpu_s
from benchmarks.workload import generate

JOBS = 100_000


@cache
def _columns() -> tuple[list[int], list[int]]:
    jobs = generate(JOBS, 0.85)
    return jobs.submit_s.tolist(), jobs.run_s.tolist()


def _loop() -> None:
    submit, run = _columns()
    push, pop = heapq.heappush, heapq.heappop
    calendar = [(submit[0], 0, 0)]
    while calendar:
        now, kind, job = pop(calendar)
        if kind == 0:
            push(calendar, (now + run[job], 1, job))
            if job + 1 < JOBS:
                push(calendar, (submit[job + 1], 0, job + 1))


def floor_s() -> float:
    """CPU time per job of the bare loop [s]."""
    _columns()
    return cpu_s(_loop) / JOBS
