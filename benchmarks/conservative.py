"""Conservative backfilling of unlimited depth, against EASY on the same jobs in the same run."""

from collections.abc import Iterator
from functools import partial

from benchmarks.effort import Effort
from benchmarks.engine import kernel_s
from benchmarks.measure import interleaved
from benchmarks.row import Row
from benchmarks.workload import generate
from capacity.scheduling.rules import Rules

JOBS = 100_000
MOST_EASY = {0.85: 12.0, 0.95: 32.0}
"""Aims of the study of the core, in EASY's time, by load."""
LOADS = (0.7, 0.85, 0.95, 1.05)
WAYS = {
    "EASY": Rules(),
    "sticky": Rules(backfill="conservative"),
    "depth 100": Rules(backfill="conservative", backfill_depth=100),
    "replan": Rules(backfill="conservative", conservative="replan"),
}
REPLANNED = (0.7, 0.85)
"""Loads at which making all plans anew does not take minutes."""


def rows(effort: Effort) -> Iterator[Row]:
    """Time each kind at each load; the size is that of the aims even in a quick run."""
    for load in LOADS:
        jobs = generate(JOBS, load)
        names = [name for name in WAYS if name != "replan" or load in REPLANNED]
        ways = {name: partial(kernel_s, jobs, rules=WAYS[name]) for name in names}
        took = interleaved(ways, effort.repeats)
        for name in names[1:]:
            most = MOST_EASY.get(load) if name == "sticky" else None
            yield Row(
                f"{JOBS:,} jobs, conservative ({name}), load {load}",
                1e6 * took.of(name) / JOBS,
                "µs per job",
                took.ratio(name, "EASY"),
                "EASY",
                most=most,
                on_ratio=most is not None,
            )
