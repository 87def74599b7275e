"""One long run: where its start is forgotten, and what its mean is worth.

For steady-state questions only. A plan is transient: it begins empty, and that is part of the answer.
"""

import numpy as np
import numpy.typing as npt

from capacity.statistics.intervals import Interval, t_interval

Floats = npt.NDArray[np.float64]


def mser5(values: Floats, *, batch: int = 5) -> int:
    """Return how many observations to leave out as warm-up: the mean of the rest is known best (MSER-5).

    Parameters
    ----------
    values, batch : ndarray of float, shape (n,), int
        Observations in order, as the waits of jobs by submission; they are averaged by so many first.

    Raises
    ------
    ValueError
        There is no whole batch, or a value is not finite.

    Notes
    -----
    Minimises the sum of squared deviations of what is left over the square of its number, over the first half
    of the run; of places equally good it takes the first. A minimum at the last place looked at, half of
    the run, says that the run is too short. K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five
    steady-state truncation heuristics for simulation", WSC 2000, doi:10.1109/WSC.2000.899799.

    Examples
    --------
    >>> mser5(np.concatenate([np.full(50, 100.0), np.tile([1.0, 2.0, 3.0], 100)]))
    50
    """
    count = len(values) // batch
    if count < 1:
        raise ValueError(f"{len(values)} values are not one batch of {batch}")
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
    return int(np.argmin(statistic[:half])) * batch


def _finite(values: Floats) -> Floats:
    """Return the values as floats; one that is none would be in every sum, or move those after it."""
    found = np.asarray(values, np.float64)
    if not np.all(np.isfinite(found)):
        raise ValueError("a run is made of finite values")
    return found


def batch_means(values: Floats, *, batches: int = 20, confidence: float = 0.95) -> Interval:
    """Return the mean of one long run with an interval from the means of its batches.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Observations in order, warm-up removed. What does not fill the batches is dropped at the beginning.
    batches, confidence : int, float
        How many, 10 to 30 are usual; how often the interval covers the mean, if batches are long enough to be
        independent.

    Raises
    ------
    ValueError
        There are fewer observations than batches, or fewer than two batches, or a value is not finite.

    Notes
    -----
    Law, "Simulation Modeling and Analysis", 5th ed., section 9.5.3. Batches much longer than observations
    hang together are nearly independent; with shorter ones the interval is too narrow.

    Examples
    --------
    >>> found = batch_means(np.random.default_rng(1).exponential(size=10_000))
    >>> found.low < 1.0 < found.high, found.n
    (True, 20)
    """
    size = len(values) // batches if batches else 0
    if batches < 2 or size < 1:
        raise ValueError(f"{len(values)} values make no {batches} batches")
    means = _finite(values[len(values) - size * batches :]).reshape(batches, size).mean(axis=1)
    return t_interval(means, confidence=confidence)
