"""Findings: what reports are made of. A value, its unit, its interval, and how many runs it rests on."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from capacity.measure.metrics import EVERY
from capacity.statistics.bounds import AtLeast
from capacity.statistics.intervals import Covers, Interval
from capacity.statistics.kinds import Kind, interval_of, replications_enough, share_of_futures
from capacity.statistics.quantiles import MOVED_FRAC

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Label names and values in a fixed order, hashable: ``(("pool", "gpu"), ("month", "2022-07"))``."""

Values: TypeAlias = dict[tuple[str, Labels], float]
"""What one run measured; NaN where there was nothing to measure."""


Measured: TypeAlias = Iterator[tuple[tuple[str, Labels], float]]
"""Values one by one, as each subject yields them."""


PARTS: Final = (
    "luck_low", "luck_high", "world_low", "world_high", "luck_share", "luck_share_low", "luck_share_high",
)  # fmt: skip
"""What a finding over futures says of luck and of assumptions."""
AMOUNTS: Final = ("level", "total")
"""Reducers of which nothing is 0."""
_SKEWNESS: Final[tuple[str, Labels]] = ("work_skewness", (("month", "all"),))


@dataclass(frozen=True, slots=True)
class Finding:
    """One number a planner can sign.

    Attributes
    ----------
    metric, labels : str, tuple of (str, str)
        Name of the metric, see docs/metrics.md, and what it holds for.
    value : float
        A mean over the replications, or the median of theirs, as `method` says; NaN where nothing was
        measured, or where in most replications it does not happen within the horizon. [unit]
    low, high : float
        Its 95 % interval; NaN where an end is not known. [unit]
    unit, n : str, int
        SI unit, or what is counted; replications in which there was something to measure.
    method : str
        How it is summed up, see `capacity.statistics.kinds`.
    covers : str
        What the ends are: ``both``; ``at least``, a low one alone; ``range``, the least and the most of any
        replication; ``futures``, what a tenth of the futures lies below and above, when assumptions were
        drawn, too; ``none``.
    enough : int
        Replications with which there are two ends. [1]
    share : float
        Part of the replications in which it happens, of what need not happen; NaN of everything else. [1]
    luck_low, luck_high : float
        When assumptions were drawn: between what and what luck alone leaves it in eight of ten futures, all
        assumptions being in the middle; NaN where it cannot be told. [unit]
    world_low, world_high : float
        Between what and what the assumptions alone leave it in eight of ten worlds. [unit]
    luck_share, luck_share_low, luck_share_high : float
        Part of its variance over futures that is luck, and the 80 % interval of that. [1]
    """

    metric: str
    labels: Labels
    value: float
    low: float
    high: float
    unit: str
    n: int
    method: str = ""
    covers: Covers = "none"
    enough: int = 0
    share: float = math.nan
    luck_low: float = math.nan
    luck_high: float = math.nan
    world_low: float = math.nan
    world_high: float = math.nan
    luck_share: float = math.nan
    luck_share_low: float = math.nan
    luck_share_high: float = math.nan

    def to_json(self) -> dict[str, Any]:
        """Return it as the interface has it; NaN is null."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        known = {name: None if math.isnan(number) else float(number) for name, number in numbers.items()}
        said = {"unit": self.unit, "n": self.n, "censored": self.censored}
        share = None if math.isnan(self.share) else self.share
        how = {"method": self.method, "covers": self.covers, "enough": self.enough, "share": share}
        parts = {} if self.covers != "futures" else {
            name: None if math.isnan(number := getattr(self, name)) else float(number)
            for name in PARTS
        }  # fmt: skip
        return {"metric": self.metric, "labels": dict(self.labels), **known, **said, **how, **parts}

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

    An amount that only some runs name, as what a tenant stored, was 0 in the others; what else only some name
    was not measured in the others.
    """
    skewness = [run[_SKEWNESS] for run in runs if not math.isnan(run.get(_SKEWNESS, math.nan))]
    tail = max(skewness, default=0.0)
    keys = dict.fromkeys(key for run in runs for key in run)
    return [_finding(metric, where, runs, units[metric], tail) for metric, where in keys]


def _finding(metric: str, where: Labels, runs: Sequence[Values], unit: str, tail: float) -> Finding:
    """Make one finding; a lower bound in some runs makes it one if it could be moved however far they go."""
    kind, absent = EVERY[metric].kind, 0.0 if EVERY[metric].reducer in AMOUNTS else math.nan
    values = [run.get((metric, where), absent) for run in runs]
    found = interval_of(kind, values, tail=tail)
    if any(isinstance(value, AtLeast) for value in values):
        found = _at_least(kind, values, found)
    value, low, high = (math.nan if math.isinf(x) else x for x in (found.value, found.low, found.high))
    how = (found.method, found.covers, replications_enough(kind, tail=tail), share_of_futures(kind, values))
    return Finding(metric, where, value, low, high, unit, found.n, *how)


def _at_least(kind: Kind, values: Sequence[float], found: Interval) -> Interval:
    """Return what is known where some values are lower bounds: a median may stay, as may its upper end."""
    value, high = AtLeast(found.value), math.nan
    if kind == "quantile":
        most = interval_of(kind, [math.inf if isinstance(one, AtLeast) else one for one in values])
        high = most.high if math.isfinite(most.high) else math.nan
        if most.value <= (1 + MOVED_FRAC) * found.value:
            return replace(found, high=high, covers=found.covers if math.isfinite(high) else "at least")
    covers: Covers = "none" if math.isnan(found.low) else "at least"
    return replace(found, value=value, high=math.nan, covers=covers)


class Lookup:
    """Findings by metric and exact labels."""

    def __init__(self, found: Iterable[Finding]) -> None:
        self._found = {(f.metric, f.labels): f for f in found}

    def __iter__(self) -> Iterator[Finding]:
        """All findings, in order."""
        return iter(self._found.values())

    def __call__(self, metric: str, **where: str) -> Finding | None:
        """Return the finding with exactly these labels, or None."""
        return self._found.get((metric, labels(**where)))

    def value(self, metric: str, **where: str) -> float:
        """Return its value, NaN where there is none."""
        found = self(metric, **where)
        return math.nan if found is None else found.value

    def of(self, metric: str) -> list[Finding]:
        """All findings of a metric, in order."""
        return [f for f in self if f.metric == metric]
