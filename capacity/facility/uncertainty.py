"""What an assumption may be instead: distributions out of ranges that people state, and causes in common.

An assumption is drawn by its quantile at a uniform number between 0 and 1, so that the numbers that are drawn
stay the same when the range changes. Values have the unit of the range they came from. scipy.special, which
costs start-up, is imported where it is used.

Three-term metalog in closed form: Keelin 2016, doi:10.1287/deca.2016.0338. Gaussian copula: Nelsen, "An
Introduction to Copulas", 2nd ed., section 2.3.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, Self, overload

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Shape = Literal["lognormal", "metalog", "pert", "triangular", "uniform"]

CONFIDENCE: Final = 0.8
"""Of a range, if nothing else is said: in so many futures the value lies between its ends."""
STRETCH: Final = 1.25
"""What people's 80 % ranges are too narrow by: they hold the truth in some 70 % of cases, z(0.8) / z(0.7)."""
CONSISTENT: Final = 0.05
"""By this part the two halves of a range may differ in logarithms and still make a lognormal."""
STEEPEST: Final = 1.66711
"""A three-term metalog rises everywhere while |a3| is below so many a2 (Keelin 2016, section 4)."""
PERT_WEIGHT: Final = 4.0
"""What the likely value counts for in a beta-PERT beside each end."""
MOST_QUANTILES: Final = 9

TOO_NEAR_ONE_END: Final = (
    "the likely value lies too near one end for a range of this confidence: state as likely what is exceeded"
    " as often as not, or quantiles, or the outermost ends with a confidence of 100 %"
)
NO_LOGNORMAL: Final = (
    "no lognormal fits this range: it lies above a bound, its likely value as far above the low end as below"
    " the high one in logarithms; leave out the likely value or the shape"
)
HARD_ENDS_ONLY: Final = "a triangle, a PERT and an even spread end hard: they need a confidence of 100 %"
SOFT_ENDS_ONLY: Final = "a lognormal and a metalog have no hard ends: they need a confidence below 100 %"


@dataclass(frozen=True, slots=True)
class Uncertain:
    """What a value may be and how likely; drawn by its quantiles."""

    @overload
    def quantile(self, part: float) -> float: ...
    @overload
    def quantile(self, part: Floats) -> Floats: ...
    def quantile(self, part: float | Floats) -> float | Floats:
        """Return the value that this part of the futures stays below; a float for a float.

        Raises
        ------
        ValueError
            A part is not between 0 and 1.
        """
        parts = np.asarray(part, np.float64)
        if not np.all((parts >= 0) & (parts <= 1)):
            raise ValueError("a quantile lies between 0 and 1")
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = self._quantile(parts)
        return found if isinstance(part, np.ndarray) else float(found)

    def _quantile(self, part: Floats) -> Floats:
        raise NotImplementedError

    def part_below(self, value: float) -> float:
        """Return the part of the futures in which it is at most this value: the inverse of `quantile` [1]."""
        low, high = 0.0, 1.0
        if value >= self.quantile(1.0):
            return 1.0
        while low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if self.quantile(middle) <= value else (low, middle)
        return low

    def mean(self) -> float:
        """Return the mean over all futures; infinite where a few rare ones outweigh all others."""
        raise NotImplementedError

    def stretched(self, _factor: float) -> Self:
        """Return it with the ends so many times as far from the median, as `STRETCH` for ranges of people.

        Raises
        ------
        ValueError
            Its ends are hard, or it is no range.
        """
        raise ValueError("only a range with a confidence below 100 % can be stretched")


@dataclass(frozen=True, slots=True)
class ShiftedLognormal(Uncertain):
    """A value above a bound, the logarithm of what is above it being normal.

    Attributes
    ----------
    mu, sigma : float
        Mean and standard deviation of the logarithm.
    lower : float
        The bound.
    """

    mu: float
    sigma: float
    lower: float = 0.0

    def _quantile(self, part: Floats) -> Floats:
        return self.lower + np.exp(self.mu + self.sigma * normal_of(part))

    def part_below(self, value: float) -> float:
        """Return the part at or below a value, in closed form."""
        if value <= self.lower:
            return 0.0
        return float(part_of(np.asarray((math.log(value - self.lower) - self.mu) / self.sigma)))

    def mean(self) -> float:
        """Return what half the variance of the logarithm lifts above the median."""
        return self.lower + math.exp(self.mu + self.sigma**2 / 2)

    def stretched(self, factor: float) -> Self:
        """Return it with a wider logarithm."""
        return replace(self, sigma=self.sigma * factor)


@dataclass(frozen=True, slots=True)
class Metalog(Uncertain):
    """A value through stated quantiles: a logistic whose middle and width change along the way.

    Attributes
    ----------
    coefficients : tuple of float
        Two to nine, on the scale that the bounds make: the value, ln(value - lower), -ln(upper - value) or
        ln((value - lower) / (upper - value)).
    lower, upper : float
        Bounds that are approached and never reached; infinite if there are none.
    least, most : float
        Bounds at which a range begins or ends: what would lie beyond lies on them.
    """

    coefficients: tuple[float, ...]
    lower: float = -math.inf
    upper: float = math.inf
    least: float = -math.inf
    most: float = math.inf

    def _quantile(self, part: Floats) -> Floats:
        scaled = _terms(part, len(self.coefficients)) @ np.asarray(self.coefficients)
        found = np.clip(_from_scale(scaled, self.lower, self.upper), self.least, self.most)
        lowest, highest = max(self.lower, self.least), min(self.upper, self.most)
        return np.where(part <= 0, lowest, np.where(part >= 1, highest, found))

    def mean(self) -> float:
        """Return a1 + a3 / 2 without bounds, a sum over the quantiles elsewhere."""
        ends = (self.lower, self.least, -self.upper, -self.most)
        if max(ends) == -math.inf and len(self.coefficients) <= 3:
            return self.coefficients[0] + sum(self.coefficients[2:]) / 2
        if self._tail() >= 1:
            return math.inf if self.upper == math.inf else -math.inf
        return self._summed_mean()

    def _tail(self) -> float:
        """Return how fast the value grows in its open tail: 1 and more has no mean."""
        if (self.lower == -math.inf) == (self.upper == math.inf) or max(self.least, -self.most) > -math.inf:
            return 0.0
        side = 0.5 if self.upper == math.inf else -0.5
        terms = zip(self.coefficients, _POWERS, strict=False)
        return sum(coefficient * side**power for coefficient, (power, steep) in terms if steep)

    def _summed_mean(self) -> float:
        reach = min(40.0 / (1 - self._tail()), 4_000.0)
        odds, step = np.linspace(-reach, reach, 40_001, retstep=True)
        weight = -np.abs(odds) - 2 * np.log1p(np.exp(-np.abs(odds)))  # ln of dy / d(log odds)
        scaled = _terms_of_odds(odds, len(self.coefficients)) @ np.asarray(self.coefficients)
        if (self.lower == -math.inf) != (self.upper == math.inf) and self.least == -self.most:
            side = 1 if self.upper == math.inf else -1
            bound = self.lower if side == 1 else self.upper
            return bound + side * float(np.exp(side * scaled + weight).sum() * step)
        with np.errstate(over="ignore"):
            found = np.clip(_from_scale(scaled, self.lower, self.upper), self.least, self.most)
        return float((found * np.exp(weight)).sum() * step)

    def stretched(self, factor: float) -> Self:
        """Return it with all but the median further away on its scale."""
        first, *others = self.coefficients
        return replace(self, coefficients=(first, *(factor * one for one in others)))


@dataclass(frozen=True, slots=True)
class BetaPert(Uncertain):
    """A value between hard ends with a peak: (a + 4 b + c) / 6 in the mean.

    Modified beta-PERT: Vose, "Risk Analysis", 3rd ed., section "PERT".
    """

    low: float
    likely: float
    high: float

    def _quantile(self, part: Floats) -> Floats:
        from scipy.special import betaincinv  # noqa: PLC0415 - costs start-up

        width = self.high - self.low
        before = 1 + PERT_WEIGHT * (self.likely - self.low) / width
        after = 1 + PERT_WEIGHT * (self.high - self.likely) / width
        return self.low + width * np.asarray(betaincinv(before, after, part))

    def mean(self) -> float:
        """Return the mean of the ends and four times the peak."""
        return (self.low + PERT_WEIGHT * self.likely + self.high) / (PERT_WEIGHT + 2)


@dataclass(frozen=True, slots=True)
class Triangle(Uncertain):
    """A value between hard ends, becoming rarer in straight lines from a peak."""

    low: float
    likely: float
    high: float

    def _quantile(self, part: Floats) -> Floats:
        width = self.high - self.low
        rising, falling = self.likely - self.low, self.high - self.likely
        return np.where(
            part * width <= rising,
            self.low + np.sqrt(part * width * rising),
            self.high - np.sqrt((1 - part) * width * falling),
        )

    def mean(self) -> float:
        """Return the mean of the three."""
        return (self.low + self.likely + self.high) / 3


@dataclass(frozen=True, slots=True)
class Even(Uncertain):
    """A value anywhere between hard ends, each as likely as the others."""

    low: float
    high: float

    def _quantile(self, part: Floats) -> Floats:
        return self.low + part * (self.high - self.low)

    def mean(self) -> float:
        """Return the middle."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Weighted(Uncertain):
    """One of several things of any kind: the quantile is the place of one, counted from 0 in their order."""

    weights: tuple[float, ...]

    def _quantile(self, part: Floats) -> Floats:
        last = max(place for place, weight in enumerate(self.weights) if weight > 0)
        places = np.searchsorted(np.cumsum(self.weights), part, side="right")
        return np.minimum(places, last).astype(np.float64)

    def mean(self) -> float:
        """Return the mean place, which says something only of an order."""
        return math.fsum(place * weight for place, weight in enumerate(self.weights))


def from_range(
    low: float, likely: float | None, high: float, *,
    confidence: float = CONFIDENCE, lower: float = -math.inf, upper: float = math.inf,
    shape: Shape | None = None,
) -> Uncertain:  # fmt: skip
    """Return what a stated range stands for.

    Parameters
    ----------
    low, high : float
        Ends: as many futures lie below the one as above the other.
    likely : float, optional
        What is exceeded as often as not; between hard ends the peak. Without it the middle of the scale.
    confidence : float
        Part of the futures between the ends; 1 for hard ends. [1]
    lower, upper : float
        What the quantity can be at all. A range that begins or ends there puts its tail on that bound: from
        0 to 4 lemons with 80 % confidence, there are none in one future of ten.
    shape : str, optional
        If a certain one is asked for. Otherwise a lognormal above a single bound if the likely value lies
        where it belongs, a metalog elsewhere; between hard ends a beta-PERT, an even spread without a peak.

    Raises
    ------
    ValueError
        The range is empty or reversed, lies beyond a bound, or no such distribution exists.

    Notes
    -----
    The mean of a lognormal lies above its median: 0.65 … 1.5 at 80 % has a median of 0.987, a mean of 1.041.

    Examples
    --------
    >>> found = from_range(0.65, None, 1.5, lower=0.0)
    >>> round(found.quantile(0.1), 4), round(found.quantile(0.5), 4), round(found.mean(), 4)
    (0.65, 0.9874, 1.0414)
    >>> round(from_range(0.5, 1.0, 3.0, confidence=1.0).quantile(0.9), 2)
    1.86
    """
    _check_range(low, likely, high, confidence, lower, upper)
    if confidence == 1:
        return _hard_ended(low, likely, high, shape)
    if shape not in {None, "lognormal", "metalog"}:
        raise ValueError(HARD_ENDS_ONLY)
    least, lower = (lower, -math.inf) if low == lower else (-math.inf, lower)
    most, upper = (upper, math.inf) if high == upper else (math.inf, upper)
    one, two = (float(_to_scale(end, lower, upper)) for end in (low, high))
    middle = (one + two) / 2 if likely is None else float(_to_scale(likely, lower, upper))
    above_a_bound = lower > -math.inf and upper == math.inf == most
    if above_a_bound and shape != "metalog" and abs(one + two - 2 * middle) < CONSISTENT * (two - one):
        z = float(normal_of(np.asarray((1 + confidence) / 2)))
        return ShiftedLognormal((one + two) / 2, (two - one) / (2 * z), lower)
    if shape == "lognormal":
        raise ValueError(NO_LOGNORMAL)
    log_odds = math.log((1 + confidence) / (1 - confidence))
    skew = (one + two - 2 * middle) / (log_odds * confidence)
    width = (two - one) / (2 * log_odds)
    if abs(skew) >= STEEPEST * width:
        raise ValueError(TOO_NEAR_ONE_END)
    return Metalog((middle, width, skew), lower, upper, least, most)


def likely_between(
    low: float, high: float, *,
    confidence: float = CONFIDENCE, lower: float = -math.inf, upper: float = math.inf,
) -> tuple[float, float]:  # fmt: skip
    """Return between what and what the likely value of a range must lie, both out of reach.

    Of a range with a confidence below 1, for a message; parameters as of `from_range`.
    """
    lower, upper = -math.inf if low == lower else lower, math.inf if high == upper else upper
    one, two = (float(_to_scale(end, lower, upper)) for end in (low, high))
    spare = max(0.0, 1 - STEEPEST * confidence / 2) / 2 * (two - one)
    found = _from_scale(np.array([one + spare, two - spare]), lower, upper)
    return float(found[0]), float(found[1])


def _check_range(
    low: float, likely: float | None, high: float, confidence: float, lower: float, upper: float
) -> None:
    if not all(map(math.isfinite, (low, high, low if likely is None else likely))):
        raise ValueError("the ends of a range are finite numbers")
    if not 0 < confidence <= 1:
        raise ValueError("the confidence of a range lies between 0 and 100 %")
    if low == high:
        raise ValueError("the range is empty, its ends are the same: a value that is certain needs none")
    if low > high:
        raise ValueError("the range is reversed: its low end lies above its high end")
    if low < lower or high > upper:
        raise ValueError("the range goes beyond what the quantity can be")
    if likely is not None and not (low <= likely <= high if confidence == 1 else low < likely < high):
        raise ValueError("the likely value does not lie between the ends of its range")


def _hard_ended(low: float, likely: float | None, high: float, shape: Shape | None) -> Uncertain:
    if shape in {"lognormal", "metalog"}:
        raise ValueError(SOFT_ENDS_ONLY)
    if shape == "uniform" or (shape is None and likely is None):
        return Even(low, high)
    if likely is None:
        raise ValueError("a triangle and a PERT need a likely value")
    return Triangle(low, likely, high) if shape == "triangular" else BetaPert(low, likely, high)


def from_quantiles(
    quantiles: Mapping[float, float], *, lower: float = -math.inf, upper: float = math.inf
) -> Metalog:
    """Return the metalog through two to nine quantiles: the value by the part of the futures below it.

    Raises
    ------
    ValueError
        There are too few or too many, they do not rise, or what lies between them would not.

    Examples
    --------
    >>> found = from_quantiles({0.05: 1.0, 0.5: 2.0, 0.95: 5.0}, lower=0.0)
    >>> [round(found.quantile(part), 9) for part in (0.05, 0.5, 0.95)]
    [1.0, 2.0, 5.0]
    """
    if not 2 <= len(quantiles) <= MOST_QUANTILES:
        raise ValueError("state two to nine quantiles")
    parts = np.array(sorted(quantiles), np.float64)
    values = np.array([quantiles[part] for part in sorted(quantiles)], np.float64)
    if not (parts[0] > 0 and parts[-1] < 1):
        raise ValueError("a quantile lies between 0 and 100 %, both left out")
    if not (np.isfinite(values).all() and (np.diff(values) > 0).all()):
        raise ValueError("quantiles must rise: a larger part of the futures lies below a larger value")
    if not (values[0] > lower and values[-1] < upper):
        raise ValueError("the quantiles go beyond what the quantity can be")
    coefficients = np.linalg.solve(_terms(parts, len(parts)), _to_scale(values, lower, upper))
    steps = np.diff(_terms_of_odds(np.linspace(-30.0, 30.0, 6_001), len(parts)) @ coefficients)
    if not (steps > 0).all():
        raise ValueError("no rising curve goes through these quantiles: state fewer of them")
    return Metalog(tuple(coefficients.tolist()), lower, upper)


def following(cause: Floats, own: Floats, strength: float) -> Floats:
    """Return uniform numbers that follow those of a cause, others of their own taken in for the rest.

    Parameters
    ----------
    cause, own : ndarray of float
        Uniform numbers between 0 and 1, independent of each other. [1]
    strength : float
        From -1, always the other way, to 1, always the same. A cause may follow another one in turn. [1]

    Raises
    ------
    ValueError
        The strength is not between -1 and 1.

    Notes
    -----
    z = s Z + sqrt(1 - s²) e with Z and e normal. Any number of followers are consistent with each other; the
    rank correlation of two is (6/π) asin(s₁ s₂ / 2): Kruskal 1958, doi:10.1080/01621459.1958.10501481.
    """
    if not -1 <= strength <= 1:
        raise ValueError("the strength by which one follows a cause lies between -1 and 1")
    return part_of(strength * normal_of(cause) + math.sqrt(1 - strength**2) * normal_of(own))


def normal_of(part: Floats) -> Floats:
    """Return the standard normal values that these parts lie below."""
    from scipy.special import ndtri  # noqa: PLC0415 - costs start-up

    return np.asarray(ndtri(part))


def part_of(normal: Floats) -> Floats:
    """Return which part of a standard normal lies below these values: the inverse of `normal_of`."""
    from scipy.special import ndtr  # noqa: PLC0415 - costs start-up

    return np.asarray(ndtr(normal))


_POWERS: Final = (
    (0, False), (0, True), (1, True), (1, False), (2, False), (2, True), (3, True), (3, False), (4, False)
)  # fmt: skip
"""Terms of a metalog: (y - 1/2) to a power, with the logarithm of the odds or without.

The seventh is Keelin's eighth: with his, seven quantiles that lie evenly about the median have no solution.
"""


def _terms(part: Floats, count: int) -> Floats:
    return _terms_of_odds(np.log(part) - np.log1p(-part), count)


def _terms_of_odds(log_odds: Floats, count: int) -> Floats:
    centred = np.tanh(log_odds / 2) / 2
    return np.stack(
        [centred**power * (log_odds if steep else 1.0) for power, steep in _POWERS[:count]], axis=-1
    )


def _to_scale(value: float | Floats, lower: float, upper: float) -> Floats:
    values = np.asarray(value, np.float64)
    if lower > -math.inf and upper < math.inf:
        return np.log((values - lower) / (upper - values))
    if lower > -math.inf:
        return np.log(values - lower)
    return values if upper == math.inf else -np.log(upper - values)


def _from_scale(scaled: Floats, lower: float, upper: float) -> Floats:
    if lower > -math.inf and upper < math.inf:
        return lower + (upper - lower) * (0.5 + 0.5 * np.tanh(scaled / 2))
    if lower > -math.inf:
        return lower + np.exp(scaled)
    return scaled if upper == math.inf else upper - np.exp(-scaled)
