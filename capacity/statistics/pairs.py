"""Pairs that saw the same luck: how far apart, corrected for looking at many, how many show a difference."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.statistics.intervals import (
    CONFIDENCE,
    Floats,
    Values,
    hall,
    hall_interval,
    known_values,
    mean_spread,
    skewness,
    student_t,
    t_interval,
)

MOST_REPLICATIONS: Final = 10_000_000
EVIDENT: Final = 30.0
"""So many standard deviations apart, two pairs show it."""


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """How far two things are apart that saw the same luck.

    Attributes
    ----------
    mean, low, high, spread : float
        Mean difference and its interval; standard deviation of the differences.
    p_value, n : float, int
        Of a two-sided t test that there is none, NaN with fewer than two pairs; number of pairs.
    """

    mean: float
    low: float
    high: float
    p_value: float
    n: int
    spread: float


def paired_difference(
    a: Values, b: Values, *, confidence: float = CONFIDENCE, skewed: bool = False
) -> PairedDifference:
    """Return the mean of b - a over replications that saw the same luck, its interval and its p-value.

    One number per replication each, shape (n,), in the same order; a pair with NaN is left out. Interval and
    p-value go together; both are by Hall's transformation where the differences are `skewed`.

    Raises
    ------
    ValueError
        There are not as many of one as of the other.

    Notes
    -----
    Paired t; Law, section 10.2.1. Differences that are all the same number have a p-value of 0, or of 1 if
    that number is 0.

    Examples
    --------
    >>> found = paired_difference([10.0, 20.0, 30.0], [11.0, 22.0, 33.0])
    >>> found.mean, round(found.low, 3), round(found.p_value, 4)
    (2.0, -0.484, 0.0742)
    """
    one, two = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if one.shape != two.shape:
        raise ValueError(f"{len(one)} and {len(two)} values are no pairs")
    apart = known_values(two - one)
    interval = hall_interval if skewed else t_interval
    found = interval(apart, confidence=confidence)
    mean, n, (_, spread) = found.value, found.n, mean_spread(apart)
    p_value = math.nan if n < 2 else 0.0 if mean else 1.0
    if n > 1 and spread:
        from scipy.special import stdtr  # noqa: PLC0415 - as above

        away = mean / spread * math.sqrt(n)
        away = hall(away, skewness(apart) / math.sqrt(n)) if skewed else away
        p_value = 2 * float(stdtr(n - 1, -abs(away)))
    return PairedDifference(mean, found.low, found.high, p_value, n, spread)


def holm(p_values: Values) -> Floats:
    """Return p-values, shape (n,), adjusted for looking at all of them, by Holm's step-down procedure.

    NaN stays NaN and does not count.

    Notes
    -----
    Rejecting those below a level keeps the chance of any false rejection at that level, whatever hangs
    together. Holm 1979, Scandinavian Journal of Statistics 6(2), 65-70, https://www.jstor.org/stable/4615733.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.005]).round(3).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    raw = np.asarray(p_values, np.float64)
    adjusted = np.full(len(raw), np.nan)
    known = np.flatnonzero(~np.isnan(raw))
    order = known[np.argsort(raw[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(raw[order] * factors), 1.0) if len(order) else []
    return adjusted


def replications_for(
    spread: float, detect: float, *, confidence: float = CONFIDENCE, power: float = 0.8
) -> int:
    """Return how many pairs of replications would show a difference: 2 to ten million, which is never.

    Parameters
    ----------
    spread, detect : float
        Standard deviation of the differences, and their true mean, in the same unit.
    confidence, power : float
        Of the two-sided paired t test; chance that the test shows it.

    Raises
    ------
    ValueError
        There is no difference to show.

    Notes
    -----
    From the noncentral t distribution; Cohen, "Statistical Power Analysis", 2nd ed., chapter 2.

    Examples
    --------
    >>> replications_for(1.0, 0.5), replications_for(1.0, 0.8), replications_for(0.0, 1.0)
    (34, 15, 2)
    """
    if not detect:
        raise ValueError("no number of replications shows a difference of 0")
    if abs(detect) >= EVIDENT * spread:
        return 2  # so far apart that the noncentral t need not be asked
    from scipy.special import nctdtr  # noqa: PLC0415 - as above

    effect = abs(detect) / spread
    # Far out the normal approximation with its first correction, z^2 / 2, is exact; the noncentral t is slow.
    z = _normal((1 + confidence) / 2)
    about = (z + _normal(power)) ** 2 / effect**2 + z**2 / 2
    if about > 10_000:
        return min(MOST_REPLICATIONS, math.ceil(about))

    def shows(n: int) -> bool:
        limit, shift = student_t(n - 1, (1 + confidence) / 2), effect * math.sqrt(n)
        # The other tail is less than 1e-15 there, and the function may be NaN.
        wrong_side = nctdtr(n - 1, shift, -limit) if shift < 8 else 0.0
        return float(1 - nctdtr(n - 1, shift, limit) + wrong_side) >= power

    n = max(2, math.floor(about))
    while n > 2 and shows(n - 1):
        n -= 1
    while not shows(n):
        n += 1
    return n


def _normal(part: float) -> float:
    from scipy.special import ndtri  # noqa: PLC0415 - as above

    return float(ndtri(part))
