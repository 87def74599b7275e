"""Findings: what reports are made of. A value, its unit, its interval, and how many runs it rests on."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from capacity.measure.metrics import EVERY
from capacity.statistics.bounds import AtLeast
from capacity.statistics.intervals import t_interval

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Label names and values in a fixed order, hashable: ``(("pool", "gpu"), ("month", "2022-07"))``."""

Values: TypeAlias = dict[tuple[str, Labels], float]
"""What one run measured; NaN where there was nothing to measure."""

Measured: TypeAlias = Iterator[tuple[tuple[str, Labels], float]]
"""Values one by one, as each subject yields them."""


AMOUNTS: Final = ("level", "total")
"""Reducers of which nothing is 0."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One number a planner can sign.

    Attributes
    ----------
    metric, labels : str, tuple of (str, str)
        Name of the metric, see docs/metrics.md, and what it holds for.
    value : float
        Mean over the replications; NaN where nothing was measured. Unit as in `unit`.
    low, high : float
        Interval of 95 % for the mean; NaN with fewer than two replications.
    unit, n : str, int
        SI unit, or what is counted; replications in which there was something to measure.
    """

    metric: str
    labels: Labels
    value: float
    low: float
    high: float
    unit: str
    n: int

    def to_json(self) -> dict[str, Any]:
        """Return it as the interface has it; NaN is null."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        known = {name: None if math.isnan(number) else float(number) for name, number in numbers.items()}
        said = {"unit": self.unit, "n": self.n, "censored": self.censored}
        return {"metric": self.metric, "labels": dict(self.labels), **known, **said}

    @property
    def censored(self) -> bool:
        """Whether only the least it can be is known, as of waits of which many have not ended."""
        return isinstance(self.value, AtLeast)


def labels(**named: str) -> Labels:
    """Make labels.

    Examples
    --------
    >>> labels(pool="gpu", month="all")
    (('pool', 'gpu'), ('month', 'all'))
    """
    return tuple(named.items())


def combine(runs: Sequence[Values], units: Mapping[str, str]) -> list[Finding]:
    """Make findings of the replications' values, in the order of the first run.

    What only some runs name is an amount, as what a tenant stored, and was 0 in the others; or a quantile,
    mean or ratio of what the others did not have, as waits of jobs of a size: there is none in those.
    """
    keys = dict.fromkeys(key for run in runs for key in run)
    found = []
    for metric, where in keys:
        absent = 0.0 if metric not in EVERY or EVERY[metric].reducer in AMOUNTS else math.nan
        values = [value for run in runs if not math.isnan(value := run.get((metric, where), absent))]
        known = t_interval(values)
        mean = AtLeast(known.mean) if any(isinstance(value, AtLeast) for value in values) else known.mean
        found.append(Finding(metric, where, mean, known.low, known.high, units[metric], known.n))
    return found


class Lookup:
    """Findings by metric and exact labels."""

    def __init__(self, found: Iterable[Finding]) -> None:
        self._found = {(f.metric, f.labels): f for f in found}

    def __call__(self, metric: str, **where: str) -> Finding | None:
        """Return the finding with exactly these labels, or None."""
        return self._found.get((metric, labels(**where)))

    def value(self, metric: str, **where: str) -> float:
        """Return its value, NaN where there is none."""
        found = self(metric, **where)
        return math.nan if found is None else found.value

    def of(self, metric: str) -> list[Finding]:
        """All findings of a metric, in order."""
        return [f for (name, _), f in self._found.items() if name == metric]
