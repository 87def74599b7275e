"""When people submit: weights of hours, weekend hours and weekdays, counted from the starts of series."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import JobTable
from workloads.synthetic.calendar import Profile
from workloads.zones import wall_seconds

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


def wall_clock(times_s: Ints, table: JobTable) -> WallClock:
    """Return hours and weekdays by the clock of a log, summer time included.

    A log that does not say when its clock was 0 begins on a Monday at midnight.

    Parameters
    ----------
    times_s : array of int64, shape (n_series,)
        Since second 0 of the log. [s]
    table : JobTable
        The log.
    """
    if table.origin is None:
        return WallClock(times_s // HOUR_S % 24, times_s // DAY_S % 7)
    wall_s = wall_seconds(times_s, table)
    return WallClock(wall_s // HOUR_S % 24, (wall_s // DAY_S + THURSDAY) % 7)


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
