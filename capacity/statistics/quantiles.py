"""Quantiles of waits, the same in every table: always the wait of a job that exists, never one in between."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.statistics.bounds import AtLeast

NEVER: Final = np.iinfo(np.int64).max


MOVED_FRAC: Final = 0.01
"""What is still open may move a number by this part of it and it is printed as known."""


def quantiles(
    values: npt.NDArray[np.int64], open_: npt.NDArray[np.bool_] | None = None, *,
    weights: npt.NDArray[np.float64] | None = None,
) -> tuple[float, float]:  # fmt: skip
    """Return median and 95th percentile, or NaN without any value.

    The smallest value that at least this part of the values does not exceed.

    Parameters
    ----------
    values : ndarray of int64, shape (n,)
        What is looked at, as waits. [s]
    open_ : ndarray of bool, shape (n,), optional
        Values that are only known to be at least so large, as waits of jobs that still wait. Where they
        could move a quantile by more than `MOVED_FRAC` however large they really are, it is `AtLeast`.
    weights : ndarray of float, shape (n,), optional
        What each value counts for, as the slot-hours of a job.

    Examples
    --------
    >>> quantiles(np.arange(1, 101))
    (50.0, 95.0)
    >>> quantiles(np.arange(1, 101), np.arange(1, 101) > 90)[1].__class__.__name__
    'AtLeast'
    """
    if len(values) == 0:
        return math.nan, math.nan
    low = _quantiles(values, weights)
    if open_ is None or not open_.any():
        return low
    high = _quantiles(np.where(open_, NEVER, values), weights)
    half, late = (
        AtLeast(at_least) if at_most > at_least + max(1.0, MOVED_FRAC * at_least) else at_least
        for at_least, at_most in zip(low, high, strict=True)
    )
    return half, late


def _quantiles(values: npt.NDArray[np.int64], weights: npt.NDArray[np.float64] | None) -> tuple[float, float]:
    if weights is None:
        places = [math.ceil(part * len(values)) - 1 for part in (0.5, 0.95)]
        found = np.partition(values, places)[places]
    else:
        order = np.argsort(values, kind="stable")
        total = np.cumsum(weights[order])
        # Rounding of the sum must not push a quantile to the next value.
        places = np.searchsorted(total, np.array([0.5, 0.95]) * total[-1] * (1 - 1e-12)).tolist()
        found = values[order[places]]
    return float(found[0]), float(found[1])
