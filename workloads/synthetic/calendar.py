"""What the calendar does to demand: growth over the years, and the rhythm of hours, weekdays and holidays.

Here alone dates become seconds: whoever needs a midnight or a month asks `midnight`, `midnight_s` or
`month_edges`. `capacity` does so by its own `capacity.simulation.calendar`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workloads.synthetic.public_holidays import public_holidays

Floats = NDArray[np.float64]
Growth = Literal["linear", "steps", "exponential", "logistic"]
EPOCH = date(1970, 1, 1)
THURSDAY, SATURDAY, SUNDAY = 3, 5, 6
"""Weekdays, Monday being 0; 1970-01-01 was a Thursday."""
HOUR_S, DAY_S = 3600, 86400
DAYS_PER_YEAR = 365.25
STEEPNESS = 10.0
"""Of the logistic curve between two points: it stays within 0.7 % of either end value near that end."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """A number that grows: nothing before the first point, its value after the last, and a curve between.

    Attributes
    ----------
    kind : {"linear", "steps", "exponential", "logistic"}
        How to get from one point to the next; ``steps`` keeps the value until the next point.
    points : tuple of (date, float)
        In order of time; the value holds from the start of that day.
    per_year : float
        How much it grows on in each year from `since`, as a share: compound, day by day.
    since : date
        From when on it does.
    """

    kind: Growth
    points: tuple[tuple[date, float], ...]
    per_year: float = 0.0
    since: date = EPOCH

    def times(self, factor: float) -> "Ramp":
        """Return the same curve, so many times as high."""
        return replace(self, points=tuple((day, factor * value) for day, value in self.points))

    def at(self, days: Floats) -> Floats:
        """Return the values at times given as local days since 1970-01-01, with fractions.

        Examples
        --------
        >>> Ramp("linear", ((date(1970, 1, 11), 0.0), (date(1970, 1, 21), 10.0))).at(np.array([0.0, 15, 99]))
        array([ 0.,  5., 10.])
        """
        x = np.array([(day - EPOCH).days for day, _ in self.points], dtype=np.float64)
        y = np.array([value for _, value in self.points], dtype=np.float64)
        before = np.clip(np.searchsorted(x, days, side="right") - 1, 0, None)
        after = np.minimum(before + 1, len(x) - 1)
        span = np.where(after > before, x[after] - x[before], 1.0)
        part = np.clip((days - x[before]) / span, 0.0, 1.0)
        there = np.where(days < x[0], 0.0, _CURVES[self.kind](y[before], y[after], part))
        years = np.maximum(days - (self.since - EPOCH).days, 0.0) / DAYS_PER_YEAR
        return there * (1.0 + self.per_year) ** years if self.per_year else there


def _linear(low: Floats, high: Floats, part: Floats) -> Floats:
    return low + (high - low) * part


def _steps(low: Floats, high: Floats, part: Floats) -> Floats:
    return np.where(part < 1.0, low, high)


def _exponential(low: Floats, high: Floats, part: Floats) -> Floats:
    return low * (high / low) ** part


def _logistic(low: Floats, high: Floats, part: Floats) -> Floats:
    edge = 1 / (1 + np.exp(STEEPNESS / 2))
    curve = 1 / (1 + np.exp(-STEEPNESS * (part - 0.5)))
    return _linear(low, high, (curve - edge) / (1 - 2 * edge))


_CURVES = {"linear": _linear, "steps": _steps, "exponential": _exponential, "logistic": _logistic}


@dataclass(frozen=True)
class SeasonNumbers:
    """A part of every year with its own level; it may cross New Year.

    Attributes
    ----------
    start, until : tuple of (month, day)
        First and last day, both included.
    weight : float
        How much more, or less, is submitted than outside all seasons.
    """

    start: tuple[int, int]
    until: tuple[int, int]
    weight: float

    def holds(self, month: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which days lie in the season.

        Examples
        --------
        >>> winter = SeasonNumbers((12, 20), (2, 28), 0.7)
        >>> winter.holds(np.array([12, 12, 1, 3]), np.array([19, 20, 31, 1])).tolist()
        [False, True, True, False]
        """
        at = month * 100 + day
        first, last = (number * 100 + of_month for number, of_month in (self.start, self.until))
        return (at >= first) & (at <= last) if first <= last else (at >= first) | (at <= last)


@dataclass(frozen=True, slots=True)
class Profile:
    """When people submit, by their own clock; only the proportions matter.

    Attributes
    ----------
    hours : tuple of 24 float
        Weight of each hour of the day, from 00 to 23.
    weekdays : tuple of 7 float
        Weight of each weekday, Monday first.
    months : tuple of 12 float
        Weight of each month, January first.
    holidays : frozenset of date
        Days on which people work as on a Sunday.
    weekend_hours : tuple of 24 float
        Weights of the hours of Saturdays, Sundays and holidays; empty if they are those of all days.
    country, subdivision : str
        ISO 3166 codes of the country, and of the part of it, whose public holidays count as well; empty for
        none.
    seasons : tuple of SeasonNumbers
        What the rate is multiplied by in parts of the year; 1 outside all of them.
    zone : tzinfo or None
        By whose clock they live; None for that of the site.
    """

    hours: tuple[float, ...] = (1.0,) * 24
    weekdays: tuple[float, ...] = (1.0,) * 7
    months: tuple[float, ...] = (1.0,) * 12
    holidays: frozenset[date] = frozenset()
    weekend_hours: tuple[float, ...] = ()
    country: str = ""
    subdivision: str = ""
    seasons: tuple[SeasonNumbers, ...] = ()
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The hours of a horizon: when each begins, and what the calendar says about it.

    Attributes
    ----------
    edges_s : array of float64, shape (n_hours + 1,)
        Start of each hour since the start of the horizon, and the end of the last. [s]
    days : array of float64, shape (n_hours,)
        Local days since 1970-01-01 at the middle of each hour.
    rhythm : array of float64, shape (n_hours,)
        How much more, or less, is submitted in that hour than on average over a year.
    season : array of float64, shape (n_hours,)
        What the rate of that hour is multiplied by.
    wall_s : array of int64, shape (n_hours,)
        What the clock of the people shows at the start of each hour, since 1970-01-01. [s]
    """

    edges_s: Floats
    days: Floats
    rhythm: Floats
    season: Floats
    wall_s: NDArray[np.int64]


def clock_of(profile: Profile, start: datetime, horizon_s: int) -> Clock:
    """Return the clock of a horizon that begins at `start`, which carries the site's time zone."""
    n_hours = -(-horizon_s // 3600)
    edges_s = np.minimum(np.arange(n_hours + 1) * 3600.0, horizon_s)
    site_s = _local_seconds(start.timestamp(), start.tzinfo, n_hours)
    days = (site_s + HOUR_S / 2) / DAY_S
    wall_s = site_s if profile.zone is None else _local_seconds(start.timestamp(), profile.zone, n_hours)
    return Clock(edges_s, days, rhythm_of(profile, wall_s), _season(profile, wall_s), wall_s)


def rhythm_of(profile: Profile, wall_s: NDArray[np.int64]) -> Floats:
    """Return how much busier than on average each time on the wall is, shape ``(n,)``."""
    day, hour = wall_s // DAY_S, wall_s % DAY_S // HOUR_S
    weekday = np.where(np.isin(day, _days_off(profile, day)), SUNDAY, (day + THURSDAY) % 7)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    hours = _even(profile.hours)[hour]
    if profile.weekend_hours:
        hours = np.where(weekday >= SATURDAY, _even(profile.weekend_hours)[hour], hours)
    return hours * _even(profile.weekdays)[weekday] * _even(profile.months)[month]


def _season(profile: Profile, wall_s: NDArray[np.int64]) -> Floats:
    """Return what the rate is multiplied by at each time on the wall."""
    day = wall_s // DAY_S
    months = day.astype("datetime64[D]").astype("datetime64[M]")
    month = months.astype(np.int64) % 12
    of_month = day - months.astype("datetime64[D]").astype(np.int64) + 1
    season = np.ones(len(wall_s))
    for part in profile.seasons:
        season[part.holds(month + 1, of_month)] *= part.weight
    return season


def _days_off(profile: Profile, day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the holidays, as days since 1970-01-01."""
    found = set(profile.holidays)
    if profile.country and len(day):
        first, last = (EPOCH.toordinal() + int(edge) for edge in (day.min(), day.max()))
        years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
        found |= public_holidays(profile.country, profile.subdivision, years)
    return np.array([(holiday - EPOCH).days for holiday in found], dtype=np.int64)


@lru_cache(maxsize=8)
def _local_seconds(start_s: float, zone: tzinfo | None, n_hours: int) -> NDArray[np.int64]:
    """Return what the clock on the wall shows at the start of each hour, as seconds since 1970-01-01."""
    first = int(start_s)
    seconds = range(first, first + n_hours * HOUR_S, HOUR_S)
    walls = (datetime.fromtimestamp(second, zone).replace(tzinfo=UTC) for second in seconds)
    found = np.array([int(wall.timestamp()) for wall in walls], dtype=np.int64)
    found.flags.writeable = False  # others get the same
    return found


def _even(weights: tuple[float, ...]) -> Floats:
    """Return the weights scaled to a mean of 1."""
    array = np.array(weights, dtype=np.float64)
    array /= array.mean()
    return array


def midnight(day: date, zone: tzinfo | None) -> datetime:
    """Return the beginning of a day by the clock of a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def midnight_s(day: date, start: datetime) -> int:
    """Return the beginning of a day since `start`, by the clock of its zone [s].

    Examples
    --------
    >>> midnight_s(date(2021, 2, 2), datetime(2021, 2, 1, 12, tzinfo=UTC))
    43200
    """
    return int(midnight(day, start.tzinfo).timestamp() - start.timestamp())


def month_edges(start: datetime, horizon_s: int) -> Mapping[str, tuple[int, int]]:
    """Return the calendar months of a horizon, ``"2022-07"``, with their first second and the one after.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> month_edges(datetime(2021, 2, 1, tzinfo=ZoneInfo("Asia/Seoul")), 28 * 86400 + 60)
    {'2021-02': (0, 2419200), '2021-03': (2419200, 2419260)}
    """
    months: dict[str, tuple[int, int]] = {}
    begin, at_s = start, 0
    while at_s < horizon_s:
        first = begin.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        end_s = min(int(following.timestamp() - start.timestamp()), horizon_s)
        months[f"{begin:%Y-%m}"] = (at_s, end_s)
        begin, at_s = following, end_s
    return months
