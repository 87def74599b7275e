"""One long run: where its start is forgotten, what its mean is worth, and means over time, windows exact.

For steady-state questions only. A plan is transient: it begins empty, and that is part of the answer.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from capacity.statistics.intervals import Interval, t_interval

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truncation:
    """Where a run is taken to be in its steady state.

    Attributes
    ----------
    kept_from : int
        Observations before this one are left out.
    reached_limit : bool
        Whether the best place is the last that was looked at: half of the run is not enough to forget its
        start, and the run is too short to speak of a steady state.
    """

    kept_from: int
    reached_limit: bool


@dataclass(frozen=True, slots=True)
class BatchMeans:
    """The mean of one long run, and whether the batches it was cut into were long enough.

    Attributes
    ----------
    interval : Interval
        Of the mean; `n` counts batches.
    lag_one : float
        Correlation of neighbouring batch means; NaN if they are all the same.
    long_enough : bool
        Whether that is no more than chance allows (one-sided von Neumann test at 5 %).
    """

    interval: Interval
    lag_one: float
    long_enough: bool


def mser5(values: Floats, *, batch: int = 5) -> Truncation:
    """Return where to cut off the warm-up of a run: where the mean of the rest is known best (MSER-5).

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Observations in order, as the waits of jobs by submission.
    batch : int
        Observations are averaged by so many first.

    Raises
    ------
    ValueError
        There is no whole batch, or a value is not finite.

    Notes
    -----
    Minimises the sum of squared deviations of what is left over the square of its number, over the first half
    of the run; of places equally good it takes the first. A minimum at the last place looked at is returned,
    and flagged: such a run is too short. K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five
    steady-state truncation heuristics for simulation", WSC 2000, doi:10.1109/WSC.2000.899799.

    Examples
    --------
    >>> mser5(np.concatenate([np.full(50, 100.0), np.tile([1.0, 2.0, 3.0], 100)]))
    Truncation(kept_from=50, reached_limit=False)
    """
    count = len(values) // batch
    if count < 1:
        message = f"{len(values)} values are not one batch of {batch}"
        raise ValueError(message)
    means = _finite(values[: count * batch]).reshape(count, batch).mean(axis=1)
    half = max(count // 2, 1)
    # Squares of large numbers would swamp the differences between them. The second half is in every sum, so
    # from its mean the sums of squares are nearly those of the deviations.
    means = means - means[half - 1 :].mean()
    left = np.arange(count, 0, -1).astype(np.float64)
    total = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum((means**2)[::-1])[::-1]
    deviations = squares - total**2 / left
    # Where a run stays at one number what is left is rounding, and must not choose among equals.
    deviations[deviations <= count * np.finfo(np.float64).eps * squares] = 0.0
    statistic = deviations / left**2
    best = int(np.argmin(statistic[:half]))
    return Truncation(best * batch, reached_limit=best == half - 1 and half > 1)


def _finite(values: Floats) -> Floats:
    """Return the values as floats; one that is none would be in every sum, or move those after it."""
    found = np.asarray(values, np.float64)
    if not np.all(np.isfinite(found)):
        message = "a run is made of finite values"
        raise ValueError(message)
    return found


def batch_means(values: Floats, *, batches: int = 20, confidence: float = 0.95) -> BatchMeans:
    """Return the mean of one long run with an interval from the means of its batches.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Observations in order, warm-up removed. What does not fill the batches is dropped at the beginning.
    batches : int
        How many; 10 to 30 are usual.
    confidence : float
        How often the interval covers the mean, if batches are long enough to be independent.

    Raises
    ------
    ValueError
        There are fewer observations than batches, or fewer than two batches, or a value is not finite.

    Notes
    -----
    Law, "Simulation Modeling and Analysis", 5th ed., section 9.5.3. The ratio of mean squared successive
    differences to variance is that of von Neumann 1941, doi:10.1214/aoms/1177731677.

    Examples
    --------
    >>> found = batch_means(np.random.default_rng(1).exponential(size=10_000))
    >>> found.interval.low < 1.0 < found.interval.high, found.long_enough
    (True, True)
    """
    size = len(values) // batches if batches else 0
    if batches < 2 or size < 1:
        message = f"{len(values)} values make no {batches} batches"
        raise ValueError(message)
    means = _finite(values[len(values) - size * batches :]).reshape(batches, size).mean(axis=1)
    interval = t_interval(means, confidence=confidence)
    around = means - interval.mean
    squares = float(np.dot(around, around))
    if not squares:
        return BatchMeans(interval, math.nan, long_enough=True)
    lag_one = float(np.dot(around[:-1], around[1:])) / squares
    ratio = float(np.dot(np.diff(means), np.diff(means))) / squares
    # Under independence 1 - ratio/2 is about normal with variance (n - 2) / (n^2 - 1).
    limit = 1.645 * math.sqrt((batches - 2) / (batches**2 - 1))
    return BatchMeans(interval, lag_one, long_enough=1 - ratio / 2 <= limit)


def time_averages(
    times_s: npt.ArrayLike, levels: npt.ArrayLike, edges_s: npt.ArrayLike, *, before: float = 0.0
) -> Floats:
    """Return the mean level over each window between two edges, parts of a step counted exactly.

    Parameters
    ----------
    times_s : array_like, shape (n,)
        When the level changes, ascending. [s]
    levels : array_like, shape (n,)
        What it is from then on.
    edges_s : array_like, shape (m + 1,)
        Edges of the windows, strictly ascending. [s]
    before : float
        The level before the first change.

    Returns
    -------
    ndarray of float, shape (m,)
        In the unit of the levels.

    Raises
    ------
    ValueError
        Times or edges do not ascend, or there are not as many levels as times.

    Notes
    -----
    Areas are summed from the first change on: whole numbers stay exact while the area is below 2^53.

    Examples
    --------
    One job waits from 10 s to 40 s; the windows are 0 to 20 s and 20 to 60 s:

    >>> time_averages([10, 40], [1, 0], [0, 20, 60]).tolist()
    [0.5, 0.5]
    """
    times = np.asarray(times_s, np.float64)
    edges = np.asarray(edges_s, np.float64)
    if np.any(np.diff(times) < 0) or np.any(np.diff(edges) <= 0):
        message = "times and edges ascend"
        raise ValueError(message)
    steps = np.concatenate([[before], np.asarray(levels, np.float64)])
    if len(steps) != len(times) + 1:
        message = f"{len(times)} times do not go with {len(steps) - 1} levels"
        raise ValueError(message)
    if not len(times):
        return np.full(len(edges) - 1, before)
    area = np.concatenate(
        [[0.0], np.cumsum(steps[1:-1] * np.diff(times))]
    )  # up to each change, from the first
    place = np.searchsorted(times, edges, side="right")
    known = np.where(place > 0, area[np.maximum(place - 1, 0)], 0.0)
    since = edges - np.where(place > 0, times[np.maximum(place - 1, 0)], times[0])
    found: Floats = np.diff(known + steps[place] * since) / np.diff(edges)
    return found


def time_average(
    times_s: npt.ArrayLike, levels: npt.ArrayLike, start_s: float, end_s: float, *, before: float = 0.0
) -> float:
    """Return the mean level over one window; see `time_averages`.

    Examples
    --------
    >>> time_average([0], [5], 3, 4)
    5.0
    """
    return float(time_averages(times_s, levels, [start_s, end_s], before=before)[0])
