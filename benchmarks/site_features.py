"""What each rule of a site costs: a run with it over the same run without it, and one core over the other."""

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks import site_cases
from benchmarks.effort import Effort
from benchmarks.measure import cpu_s, interleaved
from benchmarks.row import Row
from benchmarks.site_cases import COUNTED, LOAD, NODES, Case, System
from benchmarks.workload import generate
from capacity.scheduling.batch import BatchSystem
from capacity.scheduling.site.rules import SiteRules

MOST = 1.3
"""A rule may cost 30 %."""


def _time(ready: System, drive: Callable[[BatchSystem], None] = site_cases.run) -> float:
    """CPU time of a run, its arrays being ready [s]."""
    batch = ready()
    return cpu_s(lambda: drive(batch))


def assert_same_starts(name: str, one: System, other: System) -> None:
    """Run both and compare.

    Raises
    ------
    AssertionError
        A job starts at different times.
    """
    starts = []
    for batch in (one(), other()):
        batch.run()
        starts.append(batch.outcome().start_s)
    if not np.array_equal(starts[0], starts[1]):
        message = f"{name}: the starts differ"
        raise AssertionError(message)


def _row(case: Case, count: int, repeats: int, to: str) -> Row:
    if case.same:
        assert_same_starts(case.name, case.ready, case.plain)
    ways = {"with": lambda: _time(case.ready, case.drive), "without": lambda: _time(case.plain)}
    took = interleaved(ways, repeats)
    us = 1e6 * took.of("with") / count
    return Row(case.name, us, "us/job", took.ratio("with", "without"), to, MOST, on_ratio=True)


def _cores(count: int) -> Iterator[Case]:
    """Run the same plain jobs in both cores."""
    jobs = generate(count, LOAD)
    for name, specs in (("counted slots", COUNTED), ("nodes", NODES)):
        yield Case(
            f"site core without any rule, {name}",
            site_cases.system(specs, jobs, SiteRules()),
            site_cases.system(specs, jobs, None),
            same=True,
        )


def rows(effort: Effort) -> Iterator[Row]:
    """Price of the core that knows all rules, then of each rule in it."""
    count = effort.million // 5
    for case in _cores(count):
        yield _row(case, count, effort.repeats, "queue core")
    for make in site_cases.CASES:
        yield _row(make(count), count, effort.repeats, "without it")
