"""WFP3 with EASY on a 60 s grid against EASY in order of submission: what an order that changes costs.

On eleven times the machine of the other figures, so that a job comes every 25 s and about 200 run, as on real
systems; with a job every 270 s there are four passes per job and the grid itself is what costs.
"""

from collections.abc import Iterator
from typing import Final

from benchmarks.effort import Effort
from benchmarks.engine import kernel_s
from benchmarks.measure import interleaved
from benchmarks.row import Row
from benchmarks.workload import SLOTS, generate
from capacity.scheduling.pool import PoolSpec
from capacity.scheduling.rules import Rules

LOAD: Final = 0.95
LARGE: Final = PoolSpec("large", 11 * SLOTS)
CHANGING: Final = {
    "keys every 300 s": (Rules("wfp3", cycle_s=60), 1.5),
    "keys every cycle": (Rules("wfp3", cycle_s=60, recompute_s=60), None),
}
"""Rules and the aim of the study of the core, as a multiple of EASY in order of submission."""


def rows(effort: Effort) -> Iterator[Row]:
    """All ways in turn on the same jobs."""
    jobs = generate(effort.million, LOAD, slots=LARGE.nodes)
    ways = {"fcfs": lambda: kernel_s(jobs, spec=LARGE)}
    for name, (rules, _) in CHANGING.items():
        ways[name] = lambda rules=rules: kernel_s(jobs, spec=LARGE, rules=rules)  # type: ignore[misc]
    took = interleaved(ways, effort.repeats)
    for name, (_, most) in CHANGING.items():
        yield Row(
            f"WFP3, 60 s cycle, {name}, load {LOAD}",
            1e6 * took.of(name) / effort.million,
            "us/job",
            took.ratio(name, "fcfs"),
            "EASY fcfs",
            most,
            on_ratio=True,
        )
