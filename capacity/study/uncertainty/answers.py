"""What is asked of many worlds when nobody says: use and waits of the last month, and what tiers hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Labels, Values, labels
from capacity.measure.metrics import EVERY, units_in
from capacity.measure.outcomes import LONG
from capacity.statistics.luck import Scale
from capacity.study.requirements import read_requirement
from capacity.study.uncertainty.futures import scale_of, values_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """One number that is asked for.

    Attributes
    ----------
    metric, labels : str, tuple of (str, str)
        Its name in docs/metrics.md, and what it holds for.
    unit : str
        SI unit, or what is counted.
    """

    metric: str
    labels: Labels
    unit: str

    @property
    def where(self) -> str:
        """Its labels as text: ``pool=gpu,month=2022-12``."""
        return ",".join(f"{name}={value}" for name, value in self.labels)

    def in_month(self, month: str) -> "Answer":
        """Return the same for another month."""
        return replace(self, labels=tuple((name, month if name == "month" else value)
                                          for name, value in self.labels))  # fmt: skip

    def values(self, runs: Sequence[Values]) -> Floats:
        """Return it in each run; NaN where it was not measured or does not happen [unit]."""
        return values_of(self.metric, self.labels, runs)

    def scale(self, values: Floats) -> Scale:
        """Return the scale on which both of its ends are alike."""
        return scale_of(EVERY[self.metric].kind, self.unit, values)


def usual_answers(scenario: Scenario) -> Iterator[Answer]:
    """Yield use and p95 wait of long jobs of a node in the last month, largest pool first; what is stored."""
    last = f"{scenario.until:%Y-%m}"
    pools = scenario.site.pools
    for name, pool in sorted(pools.items(), key=lambda one: -one[1].slots):
        yield Answer("utilization", labels(pool=name, month=last), "1")
        size = {"slots": str(pool.node.slots)} if pool.node.slots > 1 else {}
        yield Answer("p95_wait_s", labels(pool=name, month=last, **size, length=LONG), "s")
    for tier in scenario.site.storage if scenario.simulate.storage else ():
        yield Answer("storage_used_bytes", labels(tier=tier, month="all"), "B")


def read_answer(text: str, scenario: Scenario) -> Answer:
    """Read ``METRIC[LABEL=VALUE,…]``; the month is the whole horizon if none is given.

    Raises
    ------
    InputError
        There is no such metric, or it has another form.
    """
    read = read_requirement(f"{text} >= 0")
    where = read.where if any(name == "month" for name, _ in read.where) else (*read.where, ("month", "all"))
    return Answer(read.metric, where, units_in(scenario.site.reporting_currency)[read.metric])
