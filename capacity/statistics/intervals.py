"""How sure is a number? Intervals of means and of quantiles from independent replications.

Which of them suits which kind of number, `kinds` says; a single long run is for `steady_state`.
scipy.special, which costs start-up, is imported where it is used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Values = Sequence[float] | Floats
Covers = Literal["both", "at least", "range", "futures", "none"]
"""What the ends say: two ends; a low one alone; the least and most that was seen; between what and what eight
of ten futures lie; nothing is known."""
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its bounds.

    Attributes
    ----------
    value, low, high : float
        A mean or a quantile, and its ends; NaN where they are not known.
    n, method : int, str
        Number of values, and how it was made.
    covers : str
        See `Covers`.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    covers: Covers = "both"


def known_values(values: Values) -> Floats:
    """Return the values that are not NaN."""
    found = np.asarray(values, np.float64)
    return found[~np.isnan(found)]


def mean_spread(values: Floats) -> tuple[float, float]:
    """Return mean and standard deviation, summed exactly; the spread is NaN with fewer than two values."""
    n = len(values)
    mean = math.fsum(values) / n if n else math.nan
    return mean, math.sqrt(math.fsum((values - mean) ** 2) / (n - 1)) if n > 1 else math.nan


def student_t(df: int, part: float) -> float:
    """Return a quantile of Student's t with so many degrees of freedom."""
    from scipy.special import stdtrit  # noqa: PLC0415 - scipy.stats costs a second of start-up

    return float(stdtrit(df, part))


def t_interval(values: Values, *, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of independent replications and an interval that covers it so often, by Student's t.

    One number per replication; NaN is left out. Valid for means near normal. Law, "Simulation Modeling and
    Analysis", 5th ed., section 4.5.

    Examples
    --------
    >>> found = t_interval([1.0, 2.0, 3.0])
    >>> round(found.low, 3), found.value, round(found.high, 3)
    (-0.484, 2.0, 4.484)
    """
    known = known_values(values)
    mean, spread = mean_spread(known)
    n = len(known)
    if n < 2:
        return Interval(mean, math.nan, math.nan, n, "t", "none")
    half = student_t(n - 1, (1 + confidence) / 2) * spread / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n, "t")


def skewness(values: Values) -> float:
    """Return the adjusted sample skewness [1]; 0 with fewer than three values or where all are the same.

    Joanes and Gill 1998, doi:10.1111/1467-9884.00122.

    Examples
    --------
    >>> round(skewness([0.0, 0.0, 3.0]), 4), skewness([1.0, 2.0, 3.0])
    (1.7321, 0.0)
    """
    known = known_values(values)
    n, (mean, spread) = len(known), mean_spread(known)
    if n < 3 or not spread:
        return 0.0
    return n * math.fsum(((known - mean) / spread) ** 3) / ((n - 1) * (n - 2))


def hall_interval(
    values: Values, *, confidence: float = CONFIDENCE, least_skewness: float | None = None
) -> Interval:
    """Return the mean of skewed values and an interval by Hall's transformation of Student's t.

    Parameters
    ----------
    values : array_like, shape (n,)
        One number per replication; NaN is left out.
    confidence : float
        How often the interval covers the mean. [1]
    least_skewness : float, optional
        What the skewness is at least: that of a few values says little of where they come from. The
        sample's own if it is not given. [1]

    Notes
    -----
    With g the skewness over the square root of n, H(T) = T + g T² / 3 + g² T³ / 27 + g / 6 is nearly
    distributed as Student's t and rises everywhere. P. Hall, "On the removal of skewness by transformation",
    J. R. Stat. Soc. B 54(1), 221-228, 1992.

    Examples
    --------
    >>> found = hall_interval([0.0, 1.0, 2.0, 9.0], least_skewness=1.0)
    >>> round(found.low, 2), found.value, round(found.high, 2)
    (-0.77, 3.0, 18.6)
    """
    known = known_values(values)
    mean, spread = mean_spread(known)
    n = len(known)
    if n < 2:
        return Interval(mean, math.nan, math.nan, n, "Hall", "none")
    found = skewness(known) if least_skewness is None else max(skewness(known), least_skewness)
    g, t = found / math.sqrt(n), student_t(n - 1, (1 + confidence) / 2)
    scale = spread / math.sqrt(n)
    return Interval(mean, mean - scale * _hall_inverse(t, g), mean - scale * _hall_inverse(-t, g), n, "Hall")


def hall(t: float, g: float) -> float:
    """Return Hall's transformation of a Student's t, see `hall_interval`."""
    return t + g * t**2 / 3 + g**2 * t**3 / 27 + g / 6


def _hall_inverse(y: float, g: float) -> float:
    return 3 / g * (float(np.cbrt(1 + g * (y - g / 6))) - 1) if g else y


def logit_interval(values: Values, *, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of shares and an interval within 0 and 1: Student's t on the logarithm of the odds.

    One share per replication; NaN is left out. The error of the mean is carried over to the odds, divided by
    mean × (1 - mean). A mean of exactly 0 or 1 leaves no room.

    Examples
    --------
    >>> found = logit_interval([0.97, 0.98, 0.999])
    >>> round(found.low, 3), round(found.value, 3), round(found.high, 3)
    (0.866, 0.983, 0.998)
    """
    known = known_values(values)
    mean, spread = mean_spread(known)
    n = len(known)
    if n < 2:
        return Interval(mean, math.nan, math.nan, n, "t of log odds", "none")
    if not 0 < mean < 1:
        return Interval(mean, mean, mean, n, "t of log odds")
    half = student_t(n - 1, (1 + confidence) / 2) * spread / math.sqrt(n) / (mean * (1 - mean))
    centre = math.log(mean / (1 - mean))
    return Interval(mean, _share(centre - half), _share(centre + half), n, "t of log odds")


def _share(log_odds: float) -> float:
    return 0.5 * (1 + math.tanh(log_odds / 2))


def quantile_interval(values: Values, part: float, *, confidence: float = CONFIDENCE) -> Interval:
    """Return a quantile of independent values and an interval that holds whatever their distribution.

    Parameters
    ----------
    values : array_like, shape (n,)
        Independent values, as waits of replications, not of jobs of one run; NaN is left out.
    part : float
        Which quantile, between 0 and 1. The estimate is the smallest value that at least this part of the
        values does not exceed, as everywhere here. The interval covers the quantile as often as `confidence`
        says, at least.

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
    >>> found.value, found.low, found.high
    (50.0, 40.0, 61.0)
    """
    if not 0 < part < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {part}")
    from scipy.special import bdtr  # noqa: PLC0415 - as above

    known = np.sort(known_values(values))
    n = len(known)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0, "order statistics", "none")
    miss = (1 - confidence) / 2
    below = bdtr(np.arange(n), n, part)  # P(at most k values lie below the quantile)
    low = int(np.searchsorted(below, miss, side="right"))  # P(fewer than `low` below) <= miss
    high = int(np.searchsorted(below, 1 - miss, side="left")) + 1
    needed = math.ceil(Fraction(repr(float(part))) * n)  # 0.55 is meant as written, and 55 of 100 are enough
    at_least = float(known[low - 1]) if low >= 1 else -math.inf
    at_most = float(known[high - 1]) if high <= n else math.inf
    return Interval(float(known[needed - 1]), at_least, at_most, n, "order statistics")


def median_interval(values: Values, *, confidence: float = CONFIDENCE) -> Interval:
    """Return the median of independent values and an interval, whatever their distribution.

    Values may be infinite, as a date on which nothing happens within the horizon. With too few values for two
    ends (six, at 95 %) there is a low end alone if they are enough for that (five).

    Notes
    -----
    From order statistics, between which one goes so far in that the confidence is the one asked for:
    Hettmansperger and Sheather 1986, doi:10.1016/0167-7152(86)90021-0. The median of an even number of values
    lies in the middle of the two.

    Examples
    --------
    >>> found = median_interval(range(1, 11))
    >>> round(found.low, 2), found.value, round(found.high, 2), found.covers
    (2.66, 5.5, 8.34, 'both')
    >>> found = median_interval([5.0, 1.0, 2.0, 4.0, 3.0])
    >>> found.low, found.value, found.high, found.covers
    (1.0, 3.0, nan, 'at least')
    """
    from scipy.special import bdtr  # noqa: PLC0415 - as above

    known = np.sort(known_values(values))
    n = len(known)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0, "order statistics", "none")
    value = _between(float(known[(n - 1) // 2]), float(known[n // 2]), 0.5)
    below = bdtr(np.arange(n), n, 0.5)  # P(at most k values lie below the median)
    inner = int(
        np.searchsorted(2 * below, 1 - confidence, side="right")
    )  # the last that is sure enough, from 1
    if inner < 1:
        alone = float(known[0]) if below[0] <= 1 - confidence else math.nan
        return Interval(
            value, alone, math.nan, n, "order statistics", "none" if math.isnan(alone) else "at least"
        )
    if inner > (n - 1) // 2:  # so little is asked that the middle itself is sure enough
        return Interval(value, value, value, n, "order statistics")
    sure, less = (1 - 2 * float(below[place - 1]) for place in (inner, inner + 1))
    spare = (sure - confidence) / (sure - less)
    part = (n - inner) * spare / (inner + (n - 2 * inner) * spare)
    low = _between(float(known[inner - 1]), float(known[inner]), part)
    high = _between(float(known[n - inner]), float(known[n - inner - 1]), part)
    return Interval(value, low, high, n, "order statistics")


def _between(one: float, two: float, part: float) -> float:
    """Return what lies a part of the way from one to two, which may be infinite."""
    return one if one == two or part == 0 else one + part * (two - one) if math.isfinite(one) else one


def relative_half_width(found: Interval) -> float:
    """Return half of an interval over its value; infinite for a value of 0, or without two ends.

    Examples
    --------
    >>> round(relative_half_width(t_interval([9.0, 10.0, 11.0])), 3)
    0.248
    """
    if found.covers != "both" or not found.value:
        return math.inf
    return (found.high - found.low) / 2 / abs(found.value)
