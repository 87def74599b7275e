"""Where to look among many assumptions: points between 0 and 1, one column for each of them.

Worlds come from `nested_uniforms`: a point stays the same however many there are and whatever else is drawn.
Experiments of a fixed size may take a Latin hypercube, Sobol points or a grid; influence by Saltelli and by
Morris needs points that differ in one column. scipy, which costs start-up, is imported where it is used.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_POINTS: Final = 2**20
"""So many points have room for exact numbers within their intervals."""
FINE: Final = 2**32
"""Into so many parts an interval is cut; a point lies in the middle of one, never on an end."""
MOST_COLUMNS: Final = 21_201
"""So many columns Sobol points have (directions of Joe and Kuo 2008, doi:10.1137/070709359)."""


def generator(seed: int, *names: str) -> np.random.Generator:
    """Return the random numbers that belong to a seed and these names, on every machine and to no others."""
    digest = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(int.from_bytes(digest, "little"))))


def nested_uniforms(names: Sequence[str], count: int, seed: int) -> Floats:
    """Return points of which each depends on its number, its column's name and the seed alone.

    Parameters
    ----------
    names : sequence of str
        One for each column.
    count : int
        Number of points.
    seed : int
        Of the draw.

    Returns
    -------
    ndarray of float, shape (count, len(names))
        Between 0 and 1, both left out. Of the first 2^m points one lies in each of 2^m equal intervals, in
        every column. Columns are independent of each other. [1]

    Raises
    ------
    ValueError
        There are more points than `MOST_POINTS`.

    Notes
    -----
    A Latin hypercube that grows by doubling: new points take, in random order, the halves of the intervals
    that the points before them left empty. After Qian, "Nested Latin hypercube designs", Biometrika 96(4),
    957-970, 2009, doi:10.1093/biomet/asp045.

    Examples
    --------
    >>> few, many = nested_uniforms(["pue"], 4, 1), nested_uniforms(["demand", "pue"], 64, 1)
    >>> bool((few[:, 0] == many[:4, 1]).all()), sorted((few[:, 0] * 4).astype(int).tolist())
    (True, [0, 1, 2, 3])
    """
    if count > MOST_POINTS:
        raise ValueError(f"at most {MOST_POINTS} points can be drawn, not {count}")
    return np.stack([_column(name, count, seed) for name in names], axis=1) if names else np.empty((count, 0))


def _column(name: str, count: int, seed: int) -> Floats:
    points = _within(np.zeros(1), generator(seed, name, "1"), 1)
    while len(points) < count:
        intervals = 2 * len(points)
        random = generator(seed, name, str(intervals))
        empty = np.floor(points * intervals).astype(np.int64) ^ 1  # the other half of each interval
        order = np.argsort(random.random(len(points)), kind="stable")
        points = np.concatenate([points, _within(empty[order].astype(np.float64), random, intervals)])
    return points[:count]


def _within(interval: Floats, random: np.random.Generator, intervals: int) -> Floats:
    """Return a point within each interval of so many."""
    return (interval + (np.floor(random.random(len(interval)) * FINE) + 0.5) / FINE) / intervals


def latin_hypercube(columns: int, count: int, seed: int) -> Floats:
    """Return points of which one lies in each of `count` equal intervals, in every column.

    They change with their number. McKay, Beckman and Conover 1979, doi:10.1080/00401706.1979.10489755.
    """
    random = generator(seed, "latin hypercube")
    places = np.argsort(random.random((count, columns)), axis=0).astype(np.float64)
    return (places + (np.floor(random.random((count, columns)) * FINE) + 0.5) / FINE) / count


def sobol(columns: int, count: int, seed: int) -> Floats:
    """Return the first of the scrambled Sobol points, best for powers of two; a point keeps its place.

    Raises
    ------
    ValueError
        There are more columns than directions are known for.
    """
    if columns > MOST_COLUMNS:
        raise ValueError(f"Sobol points have at most {MOST_COLUMNS} columns, not {columns}")
    from scipy.stats import qmc  # noqa: PLC0415 - costs start-up

    points = qmc.Sobol(columns, bits=52, rng=generator(seed, "sobol"))
    found = points.random_base2(max(0, math.ceil(math.log2(max(1, count)))))[:count]
    return np.clip(found, 2.0**-53, 1 - 2.0**-53)


def grid(levels: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return every choice of one level of each axis, the last one changing fastest.

    Examples
    --------
    >>> grid([2, 3]).tolist()
    [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    """
    return np.indices(tuple(levels), dtype=np.int64).reshape(len(levels), math.prod(levels)).T


def saltelli(columns: int, rows: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return the points A, B and A with one column from B, for indices by Saltelli and Jansen.

    Returns
    -------
    a, b : ndarray of float, shape (rows, columns)
        The halves of Sobol points with twice as many columns.
    a_b : ndarray of float, shape (columns, rows, columns)
        For each column A with that one from B.

    Notes
    -----
    A row of A and of all `a_b` must see the same luck, that of B another one: then what does nothing is
    found to do nothing. Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018.
    """
    a, b = np.split(sobol(2 * columns, rows, seed), 2, axis=1)
    a_b = np.repeat(a[None], columns, axis=0)
    for column in range(columns):
        a_b[column, :, column] = b[:, column]
    return a, b, a_b


def morris(columns: int, trajectories: int, seed: int, *, levels: int = 4) -> Floats:
    """Return walks through a grid in which each step changes one column by the same distance.

    Parameters
    ----------
    columns, trajectories : int
        Number of assumptions and of walks.
    seed : int
        Of the draw.
    levels : int
        Levels of the grid, an even number; a step goes over half of them, by 0.5. They lie in the middle of
        equal intervals, so that no distribution is asked for its ends.

    Returns
    -------
    ndarray of float, shape (trajectories, columns + 1, columns)
        Between 0 and 1. [1]

    Notes
    -----
    Morris 1991, doi:10.1080/00401706.1991.10484804.
    """
    random = generator(seed, "morris")
    half = levels // 2
    walks = np.empty((trajectories, columns + 1, columns))
    for walk in walks:
        place = random.integers(0, levels, columns)
        walk[0] = place
        for step, column in enumerate(np.argsort(random.random(columns)), start=1):
            place[column] += half if place[column] < half else -half
            walk[step] = place
    return (walks + 0.5) / levels
