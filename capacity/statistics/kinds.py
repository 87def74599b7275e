"""Which interval suits which kind of number, by how it varies from one future to the next: the one table.

What ten replications are worth hangs on what is asked of them. Energy is nearly normal over futures; a mean
wait is skewed, and a t interval of it lies below the truth far more often than above; a percentile over
futures has no useful mean. The sample cannot warn: ten replications of a skewed number mostly look tame, and
just then the interval is too short. So the kind of the metric decides, not the values. How often each holds
the truth was counted, see docs/answers.md.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from capacity.statistics.intervals import (
    CONFIDENCE,
    Floats,
    Interval,
    Values,
    hall_interval,
    known_values,
    logit_interval,
    median_interval,
    t_interval,
)

Kind = Literal["symmetric", "signed", "share", "skewed", "quantile", "first time", "rare"]
HEAVY: Final = ((1.5, 0), (0.65, 40))
"""If single jobs carry the work so far, a skewed mean needs so many replications: above 1.5 no number
would do, and the low end stands alone. [1, 1]"""
LEAST_SKEWNESS: Final = ((30, 2.0), (15, 1.5), (0, 1.0))
"""From so many replications on, what the skewness is at least: more would double an interval of ten. [1]"""


@dataclass(frozen=True, slots=True)
class Way:
    """How a kind of number is summed up.

    Attributes
    ----------
    means : str
        What its value and interval are, in words.
    interval : callable
        Takes values and a confidence.
    enough : int
        Replications from which on there are two ends. [1]
    """

    means: str
    interval: Callable[[Floats, float], Interval]
    enough: int


def _symmetric(values: Floats, confidence: float) -> Interval:
    """Return the t interval; what is never below 0 has no end there."""
    return _not_below(values, t_interval(values, confidence=confidence))


def _share(values: Floats, confidence: float) -> Interval:
    """Return the interval of a share; what goes beyond 1 after all is no share."""
    inside = len(values) == 0 or (values.min() >= 0 and values.max() <= 1)
    return logit_interval(values, confidence=confidence) if inside else _symmetric(values, confidence)


def _skewed(values: Floats, confidence: float) -> Interval:
    least = next(floor for count, floor in LEAST_SKEWNESS if len(values) >= count)
    return _not_below(values, hall_interval(values, confidence=confidence, least_skewness=least))


def _rare(values: Floats, confidence: float) -> Interval:  # noqa: ARG001 - every way takes one
    """Return the mean between the least and the most that a future had."""
    mean = t_interval(values).value
    if len(values) < 2:
        return Interval(mean, math.nan, math.nan, len(values), "range of futures", "none")
    return Interval(mean, float(values.min()), float(values.max()), len(values), "range of futures", "range")


def _not_below(values: Floats, found: Interval) -> Interval:
    return replace(found, low=0.0) if found.low < 0 <= values.min() else found


WAYS: Final[dict[Kind, Way]] = {
    "symmetric": Way("mean; Student's t, not below 0", _symmetric, 2),
    "signed": Way("mean; Student's t", lambda values, sure: t_interval(values, confidence=sure), 2),
    "share": Way("mean; Student's t on the log odds, within 0 and 1", _share, 2),
    "skewed": Way("mean; Hall's transformation with a least skewness, not below 0", _skewed, 10),
    "quantile": Way("median future; order statistics",
                    lambda values, sure: median_interval(values, confidence=sure), 6),
    "first time": Way("median future, later than the horizon where it does not happen; order statistics",
                      lambda values, sure: median_interval(values, confidence=sure), 6),
    "rare": Way("mean; from the least to the most of any future, and in how many it is above 0", _rare, 14),
}  # fmt: skip
"""How each kind of number is summed up over independent replications."""


def interval_of(kind: Kind, values: Values, *, confidence: float = CONFIDENCE, tail: float = 0.0) -> Interval:
    """Return the value of a kind of number over independent replications, and its interval.

    Parameters
    ----------
    kind : str
        How it varies from one future to the next.
    values : array_like, shape (n,)
        One number per replication. NaN is left out, but for a first time: that is not within the horizon.
    confidence : float
        How often the interval covers the truth. [1]
    tail : float
        How far single jobs carry the work of a future, the metric ``work_skewness``. [1]

    Returns
    -------
    Interval
        With fewer replications than `replications_enough` a low end alone, at the same confidence.

    Examples
    --------
    >>> found = interval_of("skewed", [0.0] * 9 + [600.0])
    >>> found.value, found.low, round(found.high)
    (60.0, 0.0, 443)
    >>> found = interval_of("skewed", [10.0, 20.0, 60.0])
    >>> found.value, round(found.low, 1), found.high, found.covers
    (30.0, 3.1, nan, 'at least')
    """
    each = np.asarray(values, np.float64)
    known = np.where(np.isnan(each), math.inf, each) if kind == "first time" else known_values(each)
    found = WAYS[kind].interval(known, confidence)
    if 0 < replications_enough(kind, tail=tail) <= len(known) or found.covers != "both":
        return found
    low = WAYS[kind].interval(known, 2 * confidence - 1).low
    return replace(found, low=low, high=math.nan, covers="at least")


def replications_enough(kind: Kind, *, tail: float = 0.0) -> int:
    """Return from how many replications on there are two ends, 0 for none. [1].

    Examples
    --------
    >>> [replications_enough("skewed", tail=tail) for tail in (0.1, 1.0, 5.0)]
    [10, 40, 0]
    """
    if kind != "skewed":
        return WAYS[kind].enough
    return next((enough for beyond, enough in HEAVY if tail > beyond), WAYS[kind].enough)


def share_of_futures(kind: Kind, values: Values) -> float:
    """Return in which part of the replications something that need not happen does; NaN of other kinds. [1].

    Examples
    --------
    >>> share_of_futures("rare", [0.0, 0.0, 5.0, 0.0]), share_of_futures("first time", [3.0, float("nan")])
    (0.25, 0.5)
    """
    each = np.asarray(values, np.float64)
    if kind not in {"first time", "rare"} or len(each) == 0:
        return math.nan
    return float(np.mean(np.isfinite(each) if kind == "first time" else known_values(each) > 0))
