"""Conservative backfilling, every waiting job with a reservation, against EASY on the same jobs."""

from collections.abc import Iterator

from benchmarks.effort import Effort
from benchmarks.engine import kernel_s
from benchmarks.measure import interleaved
from benchmarks.row import Row
from benchmarks.workload import generate
from capacity.scheduling.rules import Rules

MOST = {0.85: 12.0, 0.95: 32.0}
"""Aims of the study of the core, as multiples of EASY."""
CONSERVATIVE = Rules(backfill="conservative")


def rows(effort: Effort) -> Iterator[Row]:
    """Sticky reservations of any number of jobs."""
    count = effort.million // 10
    for load, most in MOST.items():
        jobs = generate(count, load)
        ways = {
            "conservative": lambda: kernel_s(jobs, rules=CONSERVATIVE),  # noqa: B023 - used within this turn
            "easy": lambda: kernel_s(jobs),  # noqa: B023
        }
        took = interleaved(ways, effort.repeats)
        each = 1e6 * took.of("conservative") / count
        name = f"conservative, {count:,} jobs, load {load}"
        yield Row(name, each, "us/job", took.ratio("conservative", "easy"), "EASY", most, on_ratio=True)
