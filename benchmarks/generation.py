"""How fast the demand model of the default scenario draws jobs, at its own rates and to a target."""

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.effort import Effort
from benchmarks.floor import floor_s
from benchmarks.measure import cpu_s, interleaved
from benchmarks.row import Row
from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.calendar import calendar_of
from workloads.synthetic.generate import generate
from workloads.synthetic.target import TargetNumbers

SCENARIO = "gwangju-plan"
TARGET = TargetNumbers(offered_load_frac=0.3)
"""About as many jobs as without a target, by the work of the whole machine."""


def rows(effort: Effort) -> Iterator[Row]:
    """Jobs per second of CPU, all columns of the job table included."""
    scenario = load_scenario(SCENARIO).scenario
    calendar = calendar_of(scenario)
    model = scenario.workload.to_model()
    to_target = replace(model, target=replace(TARGET, slots=scenario.site.slots))
    for name, what in (("", model), (" to a target", to_target)):
        counts: list[int] = []

        def draw(what=what, counts=counts) -> None:  # noqa: ANN001  # bound here, used in this turn
            table = generate(
                what, start=calendar.start_time, horizon_s=calendar.horizon_s, seed=scenario.seed
            )
            counts.append(len(table.frame))

        took = interleaved({"draw": lambda draw=draw: cpu_s(draw), "h": floor_s}, effort.repeats)
        count = counts[-1]
        label = f"demand of {SCENARIO} drawn{name} ({count:,} jobs)"
        rate, ratio = count / took.of("draw") / 1e6, took.ratio("draw", "h") / count
        yield Row(label, rate, "M jobs/s", ratio, "h per job", least=1.5)
