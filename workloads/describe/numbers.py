"""Statistics that several sections need; each says None, never NaN, when there is nothing to measure."""

import math
from collections.abc import Sequence
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Numbers = NDArray[Any]
Floats = NDArray[np.float64]
FEW = 1 << 20
"""Up to so many different values are counted rather than sorted."""


def of(values: Numbers, rows: NDArray[np.bool_]) -> Numbers:
    """Return the values of some rows; where these are all, the values themselves and no copy."""
    return values if rows.all() else values[rows]


def quantiles(values: Numbers, parts: Sequence[float]) -> list[float | None]:
    """Return for each part the smallest value that at least this part of the values does not exceed.

    Examples
    --------
    >>> quantiles(np.array([4, 1, 3, 2]), [0.25, 0.5, 1.0]), quantiles(np.array([]), [0.5])
    ([1.0, 2.0, 4.0], [None])
    """
    if not len(values):
        return [None] * len(parts)
    ordered = np.sort(values)
    return [float(ordered[_place(part, len(values))]) for part in parts]


def _place(part: float, count: int) -> int:
    """Return where in sorted values a quantile stands; rounding of `part` must not push it one up."""
    return max(math.ceil(part * count - 1e-9) - 1, 0)


def group_medians(codes: Numbers, values: Numbers, groups: int) -> list[float | None]:
    """Return the median of the values of each group, as `quantiles` has it.

    Parameters
    ----------
    codes : array of int, shape (n,)
        Group of each value, from 0.
    values : array of int, shape (n,)
        At least 0.
    groups : int
        Number of groups.
    """
    counts = np.bincount(codes, minlength=groups)
    starts = np.cumsum(counts) - counts
    ordered = _sorted_by_group(codes, values)
    return [
        float(ordered[start + _place(0.5, int(count))]) if count else None
        for start, count in zip(starts, counts, strict=True)
    ]


def _sorted_by_group(codes: Numbers, values: Numbers) -> Numbers:
    """Return the values in order within each group, group after group."""
    top = int(values.max()) + 1 if len(values) else 1
    if len(values) and top > 2**62 // (int(codes.max()) + 1):
        return values[np.lexsort((values, codes))]
    # Sorting one column of sums is several times faster than sorting by two columns.
    ordered: Numbers = codes.astype(np.int64)
    ordered *= top
    ordered += values
    ordered.sort()
    ordered %= top
    return ordered


def group_means(codes: Numbers, values: Numbers, groups: int) -> list[float | None]:
    """Return the mean of the values of each group."""
    counts = np.bincount(codes, minlength=groups)
    sums = np.bincount(codes, values, groups)
    return [float(total / count) if count else None for total, count in zip(sums, counts, strict=True)]


def shares(codes: Numbers, groups: int, *, weights: Numbers | None = None) -> list[float | None]:
    """Return the share of each group of the sum of the weights, or of the number of values."""
    sums = np.bincount(codes, weights, groups)
    total = float(sums.sum())
    return [share(float(part), total) for part in sums]


def share(part: SupportsFloat, whole: SupportsFloat) -> float | None:
    """Return a part of a whole; None of nothing.

    Examples
    --------
    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return float(part) / float(whole) if float(whole) > 0 else None


def mean(values: Numbers) -> float | None:
    """Return the arithmetic mean."""
    return float(values.mean(dtype=np.float64)) if len(values) else None


def autocorrelation(values: Numbers, lag: int) -> float | None:
    """Return the correlation of a series with itself `lag` steps later; None if short or constant."""
    if len(values) < lag + 2:
        return None
    deviation = values - values.mean()
    square = float(deviation @ deviation)
    return float(deviation[:-lag] @ deviation[lag:]) / square if square > 0 else None


def gini(values: Numbers) -> float | None:
    """Return the Gini coefficient of values of at least 0: 0 when all are equal, near 1 when one has all.

    Examples
    --------
    >>> gini(np.array([1, 1, 1, 1])), gini(np.array([0, 0, 0, 4]))
    (0.0, 0.75)
    """
    total = float(values.sum())
    if total <= 0:
        return None
    n = len(values)
    weighted = float(np.sort(values).astype(np.float64) @ np.arange(1, n + 1))
    return max(2.0 * weighted / (n * total) - (n + 1) / n, 0.0)


def top_share(values: Numbers, part_frac: float) -> float | None:
    """Return the share of the largest part of the values in their sum.

    A part of a value is left out: 5 % of 214 users are ten, as in published figures; one at least is taken.

    Examples
    --------
    >>> top_share(np.array([1, 1, 2, 6]), 0.25)
    0.6
    """
    largest = np.sort(values)[::-1][: max(int(part_frac * len(values) + 1e-9), 1)]
    return share(float(largest.sum()), float(values.sum()))


def ranks(values: Numbers) -> Floats:
    """Return the ranks of values, ties at the mean of their places."""
    if len(values) and values.dtype.kind in "iu" and 0 <= values.min() <= values.max() < FEW:
        counts = np.bincount(values)
        by_value: Floats = np.cumsum(counts) - (counts - 1) / 2
        return by_value[values]
    found: Floats = rankdata(values)
    return found


def correlation(one: Floats, other: Floats) -> float | None:
    """Return Pearson's correlation; of ranks it is Spearman's. None where one of them does not vary."""
    if len(one) < 2:
        return None
    left, right = one - one.mean(), other - other.mean()
    scale = math.sqrt(float(left @ left) * float(right @ right))
    return max(-1.0, min(1.0, float(left @ right) / scale)) if scale > 0 else None
