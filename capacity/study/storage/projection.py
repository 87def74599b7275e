"""When storage is full without simulating jobs: growth at a given rate, or as a history has it.

A history is fitted by least squares with a straight line and with an exponential (a straight line through the
logarithms); that of the smaller AIC comes first (doi:10.1109/TAC.1974.1100705; the likelihood of the
exponential is that of the amounts, by the Jacobian of the logarithm). Intervals are the prediction intervals
of a regression (Montgomery, Peck and Vining, Introduction to Linear Regression Analysis, section 2.5).

**Valid as** an extrapolation: nothing of tomorrow's projects is in it. Readings of one system follow each
other, so that the intervals are too narrow rather than too wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log, log1p
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from capacity.study.storage.history import History

YEAR_DAYS: Final = 365
FURTHEST_DAYS: Final = round(100 * YEAR_DAYS)
Floats = npt.NDArray[np.float64]


def years_to_grow(from_bytes: float, to_bytes: float, per_year_frac: float) -> float:
    """Return how long one amount takes to become another [B] at a rate compounded per year [year].

    The rate is 0.3 for 30 %.

    Examples
    --------
    From a tenth of the Gwangju plan to all of it, at the three rates of centres:

    >>> [round(years_to_grow(10.7e15, 107e15, rate), 1) for rate in (0.30, 0.45, 0.70)]
    [8.8, 6.2, 4.3]
    """
    return log(to_bytes / from_bytes) / log1p(per_year_frac)


@dataclass(frozen=True, slots=True)
class Trend:
    """A curve through a history.

    Attributes
    ----------
    shape, start : {"linear", "exponential"}, date
        What it is, and its day 0.
    slope, intercept : float
        Of the line; of the exponential through natural logarithms. [B/day], [B] or [1/day], [ln B]
    spread : float
        Standard deviation of the residuals, in the same units.
    points, mean_day, day_squares : int, float, float
        How many readings; their mean day; sum of the squared distances from it. [day], [day²]
    aic : float
        Akaike's criterion, of the amounts for both shapes.
    """

    shape: Literal["linear", "exponential"]
    start: date
    slope: float
    intercept: float
    spread: float
    points: int
    mean_day: float
    day_squares: float
    aic: float

    def at(self, days: Floats, *, quantile: float = 0.5) -> Floats:
        """Return the amount on days after the start, or a quantile of its prediction [B]."""
        level = self.intercept + self.slope * days
        if quantile != 0.5:
            distance = 1 + 1 / self.points + (days - self.mean_day) ** 2 / self.day_squares
            level = level + stdtrit(self.points - 2, quantile) * self.spread * np.sqrt(distance)
        return np.exp(level) if self.shape == "exponential" else np.asarray(level, np.float64)

    @property
    def per_year_frac(self) -> float:
        """Growth per year of an exponential; of a line, over its amount on the last days it was fitted to."""
        return exp(self.slope * YEAR_DAYS) - 1

    def reaches(self, limit_bytes: float, first: date, *, quantile: float = 0.5) -> date | None:
        """Return the first day from `first` on with so much, None if none in a hundred years."""
        offset = (first - self.start).days
        days = np.arange(offset, offset + FURTHEST_DAYS, dtype=np.float64)
        with np.errstate(over="ignore"):
            above = np.flatnonzero(self.at(days, quantile=quantile) >= limit_bytes)
        return first + timedelta(days=int(above[0])) if len(above) else None


def fit(history: History) -> tuple[Trend, ...]:
    """Return the trends through a history, the better one first.

    The exponential is left out where nothing was held on some day.
    """
    days = np.array([(day - history.days[0]).days for day in history.days], np.float64)
    used = np.array(history.used_bytes)
    found = [_line("linear", days, used, history.days[0], 0.0)]
    if (used > 0).all():
        found.append(_line("exponential", days, np.log(used), history.days[0], float(np.log(used).sum())))
    return tuple(sorted(found, key=lambda trend: trend.aic))


def _line(
    shape: Literal["linear", "exponential"], days: Floats, values: Floats, start: date, jacobian: float
) -> Trend:
    away = days - days.mean()
    slope = float(away @ values) / float(away @ away)
    intercept = float(values.mean()) - slope * float(days.mean())
    residual = values - (intercept + slope * days)
    count = len(days)
    squares = max(float(residual @ residual), 1e-12 * float(values @ values) + 1e-300)
    return Trend(
        shape=shape, start=start, slope=slope, intercept=intercept, spread=(squares / (count - 2)) ** 0.5,
        points=count, mean_day=float(days.mean()), day_squares=float(((days - days.mean()) ** 2).sum()),
        aic=count * log(squares / count) + 2 * jacobian + 2 * 3,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Growing:
    """An amount that is `used_bytes` [B] on the first day and grows at a given rate per year, compounded."""

    start: date
    used_bytes: float
    per_year_frac: float

    def at(self, day: date) -> float:
        """Return the amount on a day [B]."""
        years = (day - self.start).days / YEAR_DAYS
        return self.used_bytes * exp(years * log1p(self.per_year_frac))


def first_full(growing: Growing, limits: Sequence[tuple[date, float]], *, last: bool = False) -> date | None:
    """Return when an amount is more than may be filled, None if not in a hundred years.

    The limits say, ascending, from which day on how much may be filled [B]. With `last` the largest counts
    from the first day on: when all that is planned is full.
    """
    steps = [(growing.start, limits[-1][1])] if last else list(limits)
    for number, (from_day, limit) in enumerate(steps):
        until = steps[number + 1][0] if number + 1 < len(steps) else date.max
        begin = max(from_day, growing.start)
        if begin >= until:
            continue
        if growing.at(begin) >= limit:
            return begin
        if growing.per_year_frac <= 0 or limit <= 0:
            continue
        years = years_to_grow(growing.used_bytes, limit, growing.per_year_frac)
        if years * YEAR_DAYS > FURTHEST_DAYS:
            continue
        day = growing.start + timedelta(days=int(np.ceil(years * YEAR_DAYS)))
        if day < until:
            return day
    return None
