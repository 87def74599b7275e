"""Is one site really better than another? Paired differences with intervals, and what one may say of them.

The sites saw the same jobs and the same luck (common random numbers), so the difference within a replication
is what the sites make, and far less noisy than two means apart. Waits are compared as ratios, on a
logarithmic scale: ten times as long is the news, and a mean of differences would belong to the one worst
replication. Of other skewed numbers the differences have Hall's interval, of the rest Student's. No end lies
beyond what is possible: nothing is less than none, a share is at most the whole, and a wait of the case is
at least 0 where that of the baseline is as it is.

Many differences are looked at together, so Holm's procedure decides which are shown; each interval is at the
level at which it was decided on, so that an interval without 0 and a verdict always go together.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from capacity.measure.figures import compared
from capacity.measure.findings import Labels
from capacity.measure.metrics import METRICS, UNITS
from capacity.statistics.bounds import AtLeast
from capacity.statistics.kinds import interval_of
from capacity.statistics.pairs import PairedDifference, holm, paired_difference, replications_for
from capacity.study.run import Result
from capacity.study.verdict import Verdict, known

Direction = Literal["better", "worse", "more", "less"]
CONFIDENCE: Final = 0.95
WORTH_SHOWING: Final = 0.10
"""The difference that one would want to have noticed, as a part of the baseline's value."""
SAME_WAIT_S: Final = 60.0
"""Added to both waits before their ratio is taken: a minute is nothing, and 0 has no logarithm. [s]"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of a case against that of the baseline.

    Attributes
    ----------
    case, baseline : str
        Names of the scenarios.
    before, after, values_unit : float, float, str
        The baseline and the case as findings sum them up, a mean or the median future, over the replications
        in which both have a value; their unit.
    verdict : Verdict
        Whether they are shown to differ. Found is the difference of the case from the baseline as a part of
        the baseline's value, of waits the ratio less 1, and the limit 0; `by` is the ratio. NaN where the
        baseline is 0.
    p_value : float
        Adjusted for all comparisons (Holm); NaN where nothing is judged: with fewer than two pairs, or where
        a value is a lower bound only, as a wait that is cut off by the end of the run.
    direction : str or None
        Better or worse (more or less, where neither is good in itself); None where no difference is shown.
    would_show : int or None
        Replications that would show a difference of 10 % with a power of 80 %; None where that is unknown.
    better_in : float
        Part of the futures in which the case is better than the baseline, equal ones counting half; NaN where
        neither more nor less is good in itself. [1]
    """

    case: str
    baseline: str
    before: float
    after: float
    values_unit: str
    verdict: Verdict
    p_value: float
    direction: Direction | None
    would_show: int | None
    better_in: float = math.nan

    @property
    def censored(self) -> bool:
        """Whether only the least that one of them can be is known, so that nothing is judged."""
        return isinstance(self.before, AtLeast) or isinstance(self.after, AtLeast)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; NaN is null."""
        numbers = {"before": self.before, "after": self.after, "p_value": self.p_value}
        numbers["better_in"] = self.better_in
        return {
            "case": self.case, "baseline": self.baseline, **self.verdict.to_json(),
            **{name: known(value) for name, value in numbers.items()},
            "values_unit": self.values_unit, "censored": self.censored, "direction": self.direction,
            "replications_for_10_percent": self.would_show,
        }  # fmt: skip


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
    pairs = [pair for other in others for pair in _pairs(first, other)]
    raw = [pair.p_value for pair in pairs]
    adjusted = [float(p_value) for p_value in holm(raw)]
    levels = _levels(raw, adjusted)
    return [_decided(*each) for each in zip(pairs, adjusted, levels, strict=True)]


def _levels(raw: Sequence[float], adjusted: Sequence[float]) -> list[float]:
    """Return the level at which Holm's procedure decided on each; where it stopped, for the rest."""
    alpha = 1 - CONFIDENCE
    order = sorted((place for place, p in enumerate(raw) if not math.isnan(p)), key=lambda place: raw[place])
    levels = [alpha] * len(raw)
    stopped: float | None = None
    for rank, place in enumerate(order):
        level = alpha / (len(order) - rank)
        if stopped is None and adjusted[place] > alpha:
            stopped = level
        levels[place] = level if stopped is None else stopped
    return levels


@dataclass(frozen=True, slots=True)
class _Pair:
    """One metric in both cases, by replication; `apart` is what is tested, in `scale`."""

    case: str
    baseline: str
    key: tuple[str, Labels]
    before: tuple[float, ...]
    after: tuple[float, ...]
    apart: tuple[float, ...]
    p_value: float


def _pairs(first: Result, other: Result) -> Iterator[_Pair]:
    """Yield what both have, replication by replication."""
    also = set(compared(other.loaded.scenario))
    names = (other.loaded.scenario.name, first.loaded.scenario.name)
    for key in (key for key in compared(first.loaded.scenario) if key in also):
        runs = zip(first.futures_of_their_own, other.futures_of_their_own, strict=False)
        each = [(one.values.get(key, math.nan), two.values.get(key, math.nan)) for one, two in runs]
        both = [pair for pair in each if all(map(math.isfinite, pair))]
        before, after = tuple(a for a, _ in both), tuple(b for _, b in both)
        scaled = [_scaled(key[0], value) for value in before], [_scaled(key[0], value) for value in after]
        apart = tuple(b - a for a, b in zip(*scaled, strict=True))
        bounds = any(isinstance(value, AtLeast) for value in (*before, *after))
        p_value = math.nan if bounds else _apart(key[0], apart, CONFIDENCE).p_value
        yield _Pair(*names, key, before, after, apart, p_value)


def _is_ratio(metric: str) -> bool:
    return metric.endswith("_wait_s")


def _scaled(metric: str, value: float) -> float:
    return math.log(value + SAME_WAIT_S) if _is_ratio(metric) else value


def _apart(metric: str, apart: Sequence[float], confidence: float) -> PairedDifference:
    """Return the mean difference in the scale of the metric, its interval and its p-value."""
    skewed = METRICS[metric].kind == "skewed" and not _is_ratio(metric)
    return paired_difference([0.0] * len(apart), apart, confidence=confidence, skewed=skewed)


def _decided(pair: _Pair, p_value: float, level: float) -> Difference:
    metric, where = pair.key
    n = len(pair.before)
    before, after = (
        AtLeast(value) if any(isinstance(one, AtLeast) for one in values) else value
        for values in (pair.before, pair.after)
        for value in (interval_of(METRICS[metric].kind, values).value,)
    )
    apart = _apart(metric, pair.apart, 1 - level)
    relative, low, high = _relative(pair, apart, before)
    shown = p_value <= 1 - CONFIDENCE  # with fewer than two pairs it is NaN, and nothing is shown
    verdict = Verdict(
        asked=f"{pair.case} differs from {pair.baseline} in {metric}",
        standing="shown" if shown else "not shown", metric=metric, labels=where,
        found=relative, low=low, high=high, limit=0.0, by=1 + relative, n=n, confidence=1 - level,
        method="paired interval at the level of Holm's procedure",
    )  # fmt: skip
    return Difference(
        pair.case, pair.baseline, before, after, UNITS[metric], verdict, p_value,
        _direction(metric, apart.mean) if shown else None, _would_show(metric, pair.apart, before),
        _better_in(metric, pair.before, pair.after),
    )  # fmt: skip


def _better_in(metric: str, before: Sequence[float], after: Sequence[float]) -> float:
    """Return the part of the pairs in which the case is better, equal ones counting half."""
    better = METRICS[metric].better
    if not better or not before:
        return math.nan
    sign = -1 if better == "less" else 1
    won = [0.5 * (1 + math.copysign(b != a, sign * (b - a))) for a, b in zip(before, after, strict=True)]
    return math.fsum(won) / len(won)


def _relative(pair: _Pair, apart: PairedDifference, before: float) -> tuple[float, float, float]:
    """Return difference and interval as parts of the baseline's value, within what is possible."""
    metric, three = pair.key[0], (apart.mean, apart.low, apart.high)
    if _is_ratio(metric):
        shortest, longest = (
            math.fsum(_scaled(metric, value) - _scaled(metric, 0.0) for value in values) / max(len(values), 1)
            for values in (pair.before, pair.after)
        )
        mean, low, high = (math.expm1(min(max(value, -shortest), longest)) for value in three)
        return mean, low, high
    kind = METRICS[metric].kind
    least = -math.inf if kind == "signed" else -before
    most = 1 - before if kind == "share" and max(pair.before + pair.after, default=0.0) <= 1 else math.inf
    mean, low, high = (min(max(value, least), most) / abs(before) if before else math.nan for value in three)
    return mean, low, high


def _direction(metric: str, mean: float) -> Direction:
    better = METRICS[metric].better
    if not better:
        return "more" if mean > 0 else "less"
    return "better" if (mean < 0) == (better == "less") else "worse"


def _would_show(metric: str, apart: Sequence[float], before: float) -> int | None:
    """Return the replications that a difference of 10 % would need, judging by the spread seen."""
    n = len(apart)
    if n < 2 or not before:
        return None
    mean = math.fsum(apart) / n
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in apart) / (n - 1))
    detect = math.log1p(WORTH_SHOWING) if _is_ratio(metric) else WORTH_SHOWING * abs(before)
    return replications_for(spread, detect, confidence=CONFIDENCE)
