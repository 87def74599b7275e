"""WFP3 with EASY on a 60 s grid against EASY in order of submission: what an order that changes costs."""

from collections.abc import Iterator

from benchmarks.effort import Effort
from benchmarks.engine import COUNTED, kernel_s
from benchmarks.measure import interleaved
from benchmarks.row import Row
from benchmarks.workload import generate
from capacity.scheduling.rules import Rules

LOADS = (0.85, 0.95)
CHANGING = Rules("wfp3", cycle_s=60, recompute_s=60)
"""Keys worked out and the queue sorted before every pass; Slurm's 300 s would be cheaper."""


def rows(effort: Effort) -> Iterator[Row]:
    """Both ways in turn on the same jobs."""
    for load in LOADS:
        jobs = generate(effort.million, load)
        ways = {
            "wfp3": lambda: kernel_s(jobs, spec=COUNTED, rules=CHANGING),  # noqa: B023 - used in this turn
            "fcfs": lambda: kernel_s(jobs, spec=COUNTED),  # noqa: B023 - used within this turn
        }
        took = interleaved(ways, effort.repeats)
        yield Row(
            f"WFP3, 60 s cycle, load {load}",
            1e6 * took.of("wfp3") / effort.million,
            "us/job",
            took.ratio("wfp3", "fcfs"),
            "EASY fcfs",
            1.5 if load == 0.95 else None,
            on_ratio=True,
        )
