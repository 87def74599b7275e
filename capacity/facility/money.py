"""What hardware and electricity cost."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])
"""One number or an array of them."""

J_PER_KWH = 3.6e6


def energy_cost_krw(energy_j: Number, *, krw_per_kwh: float) -> Number:
    """Return what energy costs at a flat price.

    Parameters
    ----------
    energy_j : float or ndarray
        Energy at the meter. [J]
    krw_per_kwh : float
        Price. [KRW/kWh]

    Returns
    -------
    float or ndarray
        Cost. [KRW]

    Examples
    --------
    One megawatt of computing at a PUE of 1.35 for a year, at 97.3 KRW/kWh, in bn KRW:

    >>> round(energy_cost_krw(1e6 * 1.35 * 365 * 86400, krw_per_kwh=97.3) / 1e9, 2)
    1.15
    """
    return energy_j / J_PER_KWH * krw_per_kwh
