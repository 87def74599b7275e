"""How sure is a number? Intervals of means and quantiles, paired differences, corrections, how many runs.

Everything here is for independent replications, or pairs of them; a single long run is for `steady_state`.
scipy.stats, which costs a second of start-up, is imported where it is used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Values = Sequence[float] | Floats
CONFIDENCE: Final = 0.95
MOST_REPLICATIONS: Final = 10_000_000
EVIDENT: Final = 30.0
"""So many standard deviations apart, two pairs show it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its bounds, NaN with fewer than two values; the number of values, and how it was made."""

    mean: float
    low: float
    high: float
    n: int
    method: str


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


def _known(values: Values) -> Floats:
    found = np.asarray(values, np.float64)
    return found[~np.isnan(found)]


def _mean_spread(values: Floats) -> tuple[float, float]:
    """Return mean and standard deviation, summed exactly; the spread is NaN with fewer than two values."""
    n = len(values)
    mean = math.fsum(values) / n if n else math.nan
    return mean, math.sqrt(math.fsum((values - mean) ** 2) / (n - 1)) if n > 1 else math.nan


def _t(df: int, part: float) -> float:
    from scipy.special import stdtrit  # noqa: PLC0415 - scipy.stats costs a second of start-up

    return float(stdtrit(df, part))


def t_interval(values: Values, *, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of independent replications and an interval that covers it so often, by Student's t.

    One number per replication; NaN is left out. Valid for means near normal. Law, "Simulation Modeling and
    Analysis", 5th ed., section 4.5.

    Examples
    --------
    >>> found = t_interval([1.0, 2.0, 3.0])
    >>> round(found.low, 3), found.mean, round(found.high, 3)
    (-0.484, 2.0, 4.484)
    """
    known = _known(values)
    mean, spread = _mean_spread(known)
    n = len(known)
    if n < 2:
        return Interval(mean, math.nan, math.nan, n, "t")
    half = _t(n - 1, (1 + confidence) / 2) * spread / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n, "t")


def upper_bound(values: Values, confidence: float = CONFIDENCE) -> float:
    """Return what the mean is no larger than, with a confidence; NaN with fewer than two values.

    Examples
    --------
    >>> round(upper_bound([1.0, 2.0, 3.0]), 3)
    3.686
    """
    return t_interval(values, confidence=2 * confidence - 1).high


def lower_bound(values: Values, confidence: float = CONFIDENCE) -> float:
    """Return what the mean is no smaller than, with a confidence; NaN with fewer than two values.

    Examples
    --------
    >>> round(lower_bound([1.0, 2.0, 3.0]), 3)
    0.314
    """
    return t_interval(values, confidence=2 * confidence - 1).low


def quantile_interval(values: Values, part: float, *, confidence: float = CONFIDENCE) -> Interval:
    """Return a quantile of independent values and an interval that holds whatever their distribution.

    Parameters
    ----------
    values : array_like, shape (n,)
        Independent values, as waits of replications, not of jobs of one run; NaN is left out.
    part : float
        Which quantile, between 0 and 1. The estimate is the smallest value that at least this part of the
        values does not exceed, as everywhere here; it is what `Interval` calls the mean. The interval covers
        the quantile as often as `confidence` says, at least.

    Raises
    ------
    ValueError
        `part` is not between 0 and 1.

    Notes
    -----
    From order statistics: the number of values below the quantile is binomial. With too few values one side,
    or both, are infinite. David and Nagaraja, "Order Statistics", 3rd ed., section 7.1.

    Examples
    --------
    >>> found = quantile_interval(range(1, 101), 0.5)
    >>> found.mean, found.low, found.high
    (50.0, 40.0, 61.0)
    """
    if not 0 < part < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {part}")
    from scipy.special import bdtr  # noqa: PLC0415 - as above

    known = np.sort(_known(values))
    n = len(known)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0, "order statistics")
    miss = (1 - confidence) / 2
    below = bdtr(np.arange(n), n, part)  # P(at most k values lie below the quantile)
    low = int(np.searchsorted(below, miss, side="right"))  # P(fewer than `low` below) <= miss
    high = int(np.searchsorted(below, 1 - miss, side="left")) + 1
    needed = math.ceil(Fraction(repr(float(part))) * n)  # 0.55 is meant as written, and 55 of 100 are enough
    at_least = float(known[low - 1]) if low >= 1 else -math.inf
    at_most = float(known[high - 1]) if high <= n else math.inf
    return Interval(float(known[needed - 1]), at_least, at_most, n, "order statistics")


def paired_difference(a: Values, b: Values, *, confidence: float = CONFIDENCE) -> PairedDifference:
    """Return the mean of b - a over replications that saw the same luck, its interval and its p-value.

    One number per replication each, shape (n,), in the same order; a pair with NaN is left out.

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
    apart = _known(two - one)
    found = t_interval(apart, confidence=confidence)
    mean, n, (_, spread) = found.mean, found.n, _mean_spread(apart)
    p_value = math.nan if n < 2 else 0.0 if mean else 1.0
    if n > 1 and spread:
        from scipy.special import stdtr  # noqa: PLC0415 - as above

        p_value = 2 * float(stdtr(n - 1, -abs(mean) / spread * math.sqrt(n)))
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
        limit, shift = _t(n - 1, (1 + confidence) / 2), effect * math.sqrt(n)
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


def relative_half_width(values: Values, *, confidence: float = CONFIDENCE) -> float:
    """Return half of the t-interval over the mean; infinite for a mean of 0, NaN for less than two values.

    Examples
    --------
    >>> round(relative_half_width([9.0, 10.0, 11.0]), 3)
    0.248
    """
    found = t_interval(values, confidence=confidence)
    half = (found.high - found.low) / 2
    return half / abs(found.mean) if found.mean else math.inf if not math.isnan(half) else math.nan
