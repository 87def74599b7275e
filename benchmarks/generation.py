"""How fast the demand model of the default scenario draws jobs."""

from collections.abc import Iterator

from benchmarks.effort import Effort
from benchmarks.floor import floor_s
from benchmarks.measure import cpu_s, interleaved
from benchmarks.row import Row
from capacity.spec.loader import load_scenario
from workloads.synthetic.generate import generate

SCENARIO = "gwangju-plan"


def rows(effort: Effort) -> Iterator[Row]:
    """Jobs per second of CPU, all columns of the job table included."""
    scenario = load_scenario(SCENARIO).scenario
    model = scenario.workload.to_model()
    counts: list[int] = []

    def draw() -> None:
        table = generate(model, start=scenario.start_time, horizon_s=scenario.horizon_s, seed=scenario.seed)
        counts.append(len(table.frame))

    took = interleaved({"draw": lambda: cpu_s(draw), "h": floor_s}, effort.repeats)
    count = counts[-1]
    name = f"demand of {SCENARIO} drawn ({count:,} jobs)"
    yield Row(
        name, count / took.of("draw") / 1e6, "M jobs/s", took.ratio("draw", "h") / count, "h per job", least=1
    )
