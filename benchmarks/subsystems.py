"""What each part of the world costs: the plan with everything, and with one part after the other left out.

The horizon is drawn out until there are three million jobs. Every run is a process of its own, so that its
memory is its own, too; start-up, which all share, is taken off.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks import children
from benchmarks.effort import Effort
from benchmarks.row import Row

SCENARIO: Final = "gwangju-plan"
LONG, SHORT = "until=2023-09-30", "until=2022-03-31"
PARTS: Final = ("hardware", "failures", "checkpoints", "storage", "energy")
NEW: Final = ("hardware", "failures", "checkpoints")
"""What together may cost half as much again as the run without them."""

GIB = float(1 << 30)


@dataclass(frozen=True, slots=True)
class Cost:
    """One run: jobs, CPU and wall time of the replication [s], and its highest memory [B]."""

    jobs: int
    cpu_s: float
    wall_s: float
    peak_bytes: float


def _once(horizon: str, without: Sequence[str]) -> Cost:
    off = [f"simulate.{part}=false" for part in without]
    with tempfile.TemporaryDirectory() as folder:
        command = children.python("-m", "benchmarks.scenario_run", SCENARIO, folder, horizon, *off)
        said = json.loads(children.run(command).said)
    return Cost(said["jobs"], said["cpu_s"], said["wall_s"], said["after"])


def rows(effort: Effort) -> Iterator[Row]:
    """Yield the lines of this piece."""
    horizon = LONG if effort.million >= 1_000_000 else SHORT
    cases: dict[tuple[str, ...], list[Cost]] = {(): [], NEW: []} | {(part,): [] for part in PARTS}
    for _ in range(effort.repeats):
        for without, costs in cases.items():
            costs.append(_once(horizon, without))
    cpu = {without: median(cost.cpu_s for cost in costs) for without, costs in cases.items()}
    whole, first = cpu[()], cases[()][0]
    what = f"{SCENARIO}, {first.jobs / 1e6:.2g} M jobs"
    yield Row(
        f"{what}: everything", whole, "s", whole / cpu[NEW], f"without {', '.join(NEW)}",
        most=1.5, on_ratio=True,
    )  # fmt: skip
    yield Row(f"{what}: start to written results, wall", median(c.wall_s for c in cases[()]), "s", most=30.0)
    yield Row(f"{what}: highest memory", max(c.peak_bytes for c in cases[()]) / GIB, "GiB", most=1.5e9 / GIB)
    for part in PARTS:
        yield Row(f"{what}: {part}", whole - cpu[(part,)], "s", (whole - cpu[(part,)]) / whole, "everything")
