"""Quantiles of waits, the same in every table: always the wait of a job that exists, never one in between."""

import math

import numpy as np
import numpy.typing as npt


def quantiles(values: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return median and 95th percentile, or NaN without any value.

    The smallest value that at least this part of the values does not exceed.

    Examples
    --------
    >>> quantiles(np.arange(1, 101))
    (50.0, 95.0)
    """
    if len(values) == 0:
        return math.nan, math.nan
    places = [math.ceil(part * len(values)) - 1 for part in (0.5, 0.95)]
    found = np.partition(values, places)[places]
    return float(found[0]), float(found[1])
