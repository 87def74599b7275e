"""When people submit: weights of hours, weekend hours and weekdays, counted from the starts of series."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from workloads.synthetic.calendar import Profile

Ints = NDArray[np.int64]
HOUR_S, DAY_S = 3600, 86400
THURSDAY, SATURDAY = 3, 5
PRIOR = 40.0
"""Series whose rhythm is taken to be that of all: weighs against what a small class shows by chance."""
ENOUGH = 400
"""Series that a class needs for a rhythm of its own."""


@dataclass(frozen=True, slots=True)
class WallClock:
    """What the clock showed at each submission.

    Attributes
    ----------
    hour, weekday : array of int64, shape (n_series,)
        0 to 23; 0 to 6, Monday first.
    """

    hour: Ints
    weekday: Ints


def wall_clock(start_s: Ints, origin: datetime | None, first_submit_s: int) -> WallClock:
    """Return hours and weekdays of submissions; a log that tells no origin begins on a Monday at midnight.

    Parameters
    ----------
    start_s : array of int64, shape (n_series,)
        Since the first submission of the log. [s]
    origin : datetime or None
        When second 0 of the log was, with its zone.
    first_submit_s : int
        First submission since `origin`. [s]

    Notes
    -----
    The offset of the zone at the origin holds throughout: an hour of summer time is not worth more.
    """
    offset_s = first_submit_s
    if origin is not None:
        zone = origin.utcoffset()
        offset_s += int(origin.timestamp()) + (int(zone.total_seconds()) if zone else 0)
        day = (start_s + offset_s) // DAY_S + THURSDAY
    else:
        day = (start_s + offset_s) // DAY_S
    return WallClock((start_s + offset_s) // HOUR_S % 24, day % 7)


def profile_of(clock: WallClock, members: NDArray[np.bool_], overall: Profile | None = None) -> Profile:
    """Return the rhythm of some of the series, each set of weights with a mean of 1.

    Parameters
    ----------
    clock : WallClock
        Of all series.
    members : array of bool, shape (n_series,)
        Which of them count.
    overall : Profile, optional
        The rhythm of all series, to which that of few is drawn.
    """
    weekend = clock.weekday >= SATURDAY
    return Profile(
        hours=_weights(clock.hour[members & ~weekend], 24, overall.hours if overall else None),
        weekend_hours=_weights(clock.hour[members & weekend], 24, overall.weekend_hours if overall else None),
        weekdays=_weights(clock.weekday[members], 7, overall.weekdays if overall else None),
    )


def _weights(places: Ints, size: int, prior: tuple[float, ...] | None) -> tuple[float, ...]:
    counts = np.bincount(places, minlength=size) + np.array(prior or (0.05,) * size) * PRIOR / size
    return tuple(float(weight) for weight in np.round(counts / counts.mean(), 3))
