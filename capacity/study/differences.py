"""Is one site really better than another? Paired differences with intervals, and what one may say of them.

The sites saw the same jobs and the same luck (common random numbers), so the difference within a replication
is what the sites make, and far less noisy than two means apart. Many differences are looked at together, so
p-values and intervals are corrected for that: Holm's for what is said to differ, Bonferroni's for how much.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from capacity.spec.scenario import Scenario
from capacity.study.definitions import BETTER, UNITS
from capacity.study.findings import Labels, labels
from capacity.study.run import Result
from capacity.study.statistics import holm, paired_difference, replications_for, simultaneous_t_interval

Verdict = Literal["better", "worse", "more", "less", "none", "unknown"]
CONFIDENCE: Final = 0.95
WORTH_SHOWING: Final = 0.10
"""The difference that one would want to have noticed, as a part of the baseline's value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of a case against that of the baseline.

    Attributes
    ----------
    case, baseline : str
        Names of the scenarios.
    metric : str
        What is compared.
    labels : tuple of (str, str)
        What it holds for.
    unit : str
        Of the values and the difference.
    before, after : float
        Means of the baseline and of the case, over the replications in which both have a value.
    mean, low, high : float
        Difference of the case from the baseline, and its interval, simultaneous over all comparisons.
    p_value : float
        Adjusted for all comparisons (Holm).
    n : int
        Pairs of replications.
    verdict : str
        Better or worse (more or less, where neither is good in itself), none shown, or unknown with fewer
        than two pairs.
    would_show : int or None
        Replications that would show a difference of 10 % with a power of 80 %; None where that is unknown.
    """

    case: str
    baseline: str
    metric: str
    labels: Labels
    unit: str
    before: float
    after: float
    mean: float
    low: float
    high: float
    p_value: float
    n: int
    verdict: Verdict
    would_show: int | None

    @property
    def relative(self) -> tuple[float, float, float]:
        """Difference and interval as parts of the baseline's value; NaN where that is 0."""
        if not self.before:
            return math.nan, math.nan, math.nan
        low, high = sorted((self.low / abs(self.before), self.high / abs(self.before)))
        return self.mean / abs(self.before), low, high

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; NaN is null."""
        relative, low, high = self.relative
        numbers = {
            "before": self.before, "after": self.after, "difference": self.mean, "low": self.low,
            "high": self.high, "relative": relative, "relative_low": low, "relative_high": high,
            "p_value": self.p_value,
        }  # fmt: skip
        return {
            "case": self.case, "baseline": self.baseline, "metric": self.metric, "labels": dict(self.labels),
            "unit": self.unit,
            **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
            "n": self.n, "verdict": self.verdict, "replications_for_10_percent": self.would_show,
        }  # fmt: skip


def compared_metrics(scenario: Scenario) -> list[tuple[str, Labels]]:
    """Return what a comparison looks at: few numbers, because each weakens what one can say of the others."""
    last = f"{scenario.until:%Y-%m}"
    found: list[tuple[str, Labels]] = []
    for pool in scenario.site.pools:
        for month in ("all", last):
            found.append(("utilization", labels(pool=pool, month=month)))
            found.append(("p95_wait_s", labels(pool=pool, month=month)))
        found.append(("mean_wait_s", labels(pool=pool, month="all")))
        found.append(("goodput_frac", labels(pool=pool, month="all")))
        found.append(("work_reference_slot_hours", labels(pool=pool, month="all")))
    if scenario.simulate.energy:
        found.append(("site_energy_j", labels(month="all")))
    if scenario.simulate.storage:
        found += [("storage_used_bytes", labels(tier=tier, month="all")) for tier in scenario.site.storage]
    return found


def differences(results: Sequence[Result]) -> list[Difference]:
    """Return the differences of each result from the first one, in the order of the results.

    Raises
    ------
    ValueError
        The results do not rest on the same seed: there is nothing to pair.
    """
    first, *others = results
    if any(result.seed != first.seed for result in others):
        message = "only runs with the same seed can be paired"
        raise ValueError(message)
    raw = [pair for other in others for pair in _pairs(first, other)]
    adjusted = holm([pair.p_value for pair in raw])
    return [
        _decided(pair, float(p_value), len(raw)) for pair, p_value in zip(raw, adjusted, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Pair:
    case: str
    baseline: str
    key: tuple[str, Labels]
    before: tuple[float, ...]
    after: tuple[float, ...]
    p_value: float


def _pairs(first: Result, other: Result) -> Iterator[_Pair]:
    """Yield what both have, replication by replication."""
    wanted = compared_metrics(first.loaded.scenario)
    also = set(compared_metrics(other.loaded.scenario))
    for key in wanted:
        if key in also:
            before, after = _both(key, first, other)
            p_value = paired_difference(before, after).p_value if len(before) > 1 else math.nan
            names = (other.loaded.scenario.name, first.loaded.scenario.name)
            yield _Pair(*names, key, tuple(before), tuple(after), p_value)


def _both(key: tuple[str, Labels], first: Result, other: Result) -> tuple[list[float], list[float]]:
    runs = zip(first.runs, other.runs, strict=False)
    values: Sequence[tuple[float, float]] = [
        (_value(one.values, key), _value(two.values, key)) for one, two in runs
    ]
    known = [(a, b) for a, b in values if math.isfinite(a) and math.isfinite(b)]
    return [a for a, _ in known], [b for _, b in known]


def _value(values: Mapping[tuple[str, Labels], float], key: tuple[str, Labels]) -> float:
    return values.get(key, math.nan)


def _decided(pair: _Pair, p_value: float, comparisons: int) -> Difference:
    metric, where = pair.key
    n = len(pair.before)
    before = math.fsum(pair.before) / n if n else math.nan
    after = math.fsum(pair.after) / n if n else math.nan
    apart = [b - a for a, b in zip(pair.before, pair.after, strict=True)]
    if n > 1:
        interval = simultaneous_t_interval(apart, comparisons, confidence=CONFIDENCE)
        low, high = interval.low, interval.high
    else:
        low = high = math.nan
    return Difference(
        pair.case, pair.baseline, metric, where, UNITS[metric], before, after, after - before, low, high,
        p_value, n, _verdict(metric, after - before, p_value, n), _would_show(apart, before),
    )  # fmt: skip


def _verdict(metric: str, mean: float, p_value: float, n: int) -> Verdict:
    if n < 2 or math.isnan(p_value):
        return "unknown"
    if p_value > 1 - CONFIDENCE:
        return "none"
    better = BETTER.get(metric, "")
    if not better:
        return "more" if mean > 0 else "less"
    return "better" if (mean < 0) == (better == "lower") else "worse"


def _would_show(apart: Sequence[float], before: float) -> int | None:
    """Return the replications that a difference of 10 % would need, judging by the spread seen."""
    n = len(apart)
    if n < 2 or not before:
        return None
    mean = math.fsum(apart) / n
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in apart) / (n - 1))
    return replications_for(spread, WORTH_SHOWING * abs(before), confidence=CONFIDENCE)
