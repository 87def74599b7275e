"""Rolling origins: a forecast from what was known at one instant, then from a horizon later, and so on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from capacity.errors import InputError
from capacity.study.backtest.forecast import FUTURES, Forecast, forecast, futures, run_window
from workloads.fitting.holding import HoldShare, holding
from workloads.fitting.level import QUARTER_WEEKS, WEEK_S, Level
from workloads.fitting.weeks_ahead import LogJobs, columns_of, past_of
from workloads.jobtable import JobTable
from workloads.period import period_of, starts

HORIZON_S: Final = QUARTER_WEEKS * WEEK_S


@dataclass(frozen=True, slots=True)
class ForecastOrigin:
    """What was known at one instant of a log, and the forecasts made of it.

    Attributes
    ----------
    origin_s : int
        The instant, since the log began. [s]
    level : Level
        Level of the demand at that time.
    holding : HoldShare
        How often large jobs had fitted when they were submitted.
    forecasts : tuple of Forecast
        One per figure.
    """

    origin_s: int
    level: Level
    holding: HoldShare
    forecasts: tuple[Forecast, ...]


def origins_of(length_s: int, horizon_s: int) -> Iterator[int]:
    """Yield when forecasts are made, since a log of this length began [s].

    The first after a quarter, or after half of a log that is shorter than two. Their windows do not overlap,
    so that they are nearly independent.

    Examples
    --------
    >>> [at // WEEK_S for at in origins_of(47 * WEEK_S, 13 * WEEK_S)], [*origins_of(20 * WEEK_S, 13 * WEEK_S)]
    ([13, 26], [])
    """
    at = min(QUARTER_WEEKS, length_s // 2 // WEEK_S) * WEEK_S
    while at + horizon_s <= length_s:
        yield at
        at += horizon_s


def backtest(
    table: JobTable, slots: int, *, horizon_s: int = HORIZON_S, seed: int = 1, count: int = FUTURES,
) -> tuple[ForecastOrigin, ...]:  # fmt: skip
    """Forecast every window of a log from what came before it.

    Parameters
    ----------
    table : JobTable
        A cleaned log.
    slots : int
        Size of the machine. [slot]
    horizon_s : int
        How far each forecast reaches: the length of a window, at least a week. [s]
    seed, count : int
        Of the random numbers; futures of each forecast.

    Raises
    ------
    InputError
        The log is too short for one forecast, or the horizon is shorter than a week.

    Notes
    -----
    What came is the window's own jobs from an empty machine under the same rules, as every future is: what
    demand does is forecast, not what the scheduler of those days did. A job counts with the run time it had
    in the end, also where it still ran when the forecast was made.
    """
    if horizon_s < WEEK_S:
        raise InputError(f"a horizon of {horizon_s} s", fix="at least a week: --horizon 4w")
    period = period_of(table)
    jobs = columns_of(table)
    started = starts(table)
    started = np.where(started >= 0, started, jobs.submit_s)
    instants = [at for at in origins_of(period.length_s, horizon_s) if _says_enough(jobs, period.first_s, at)]
    if not instants:
        weeks = period.length_s / WEEK_S
        what = (
            f"{weeks:.1f} weeks of a log with jobs are too short to forecast {horizon_s / WEEK_S:.1f} of them"
        )
        raise InputError(
            what, where=table.source, fix="twice the horizon at least; --horizon 4w is a short one"
        )
    return tuple(_origin(jobs, started, slots, horizon_s, period.first_s, at, seed, count) for at in instants)


def _says_enough(jobs: LogJobs, first_s: int, origin_s: int) -> bool:
    return past_of(jobs, first_s, first_s + origin_s) is not None


def _origin(
    jobs: LogJobs, started_s: NDArray[np.int64], slots: int, horizon_s: int,
    first_s: int, origin_s: int, seed: int, count: int,
) -> ForecastOrigin:  # fmt: skip
    """Return the forecasts made at one instant."""
    now = first_s + origin_s
    past = past_of(jobs, first_s, now)
    assert past is not None
    known = jobs.submit_s < now
    holds = holding(jobs.submit_s[known], started_s[known], jobs.run_s[known], jobs.slots[known], slots)
    back_s = min(horizon_s, origin_s)
    came = run_window(jobs.between(now, now + horizon_s), slots, horizon_s)
    last = run_window(jobs.between(now - back_s, now), slots, back_s)
    drawn = futures(
        past, slots, horizon_s, hold_frac=holds.hold_frac if holds.hides_waits else 0.0, seed=seed,
        name=str(origin_s), count=count,
    )  # fmt: skip
    rows = forecast(drawn, origin_s=origin_s, came=came, last=last, hides=holds.hides_waits)
    return ForecastOrigin(origin_s, past.level, holds, tuple(rows))
