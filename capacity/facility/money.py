"""What hardware and electricity cost."""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])
"""One number or an array of them."""

J_PER_KWH = 3.6e6

DEFAULT_KRW_PER_KWH = 97.3
"""Flat price of a load that runs day and night [KRW/kWh].

KEPCO industrial tariff (을) 고압A, option II, over the 2021 calendar: 85.9 for energy and 11.4 for demand.
"""


def capex_krw(items: Iterable[tuple[float, float]]) -> float:
    """Return the purchase price of several things.

    Parameters
    ----------
    items : iterable of (float, float)
        How many, and the price of one. [KRW]

    Returns
    -------
    float
        Sum. [KRW]

    Examples
    --------
    >>> capex_krw([(568, usd_to_krw(199_000.0, 1180.0))]) / 1e9
    133.37776
    """
    return sum(count * price_krw for count, price_krw in items)


def usd_to_krw(amount_usd: Number, krw_per_usd: float) -> Number:
    """Return dollars in won.

    Parameters
    ----------
    amount_usd : float or ndarray
        Amount. [USD]
    krw_per_usd : float
        Exchange rate of the date of the amount. [KRW/USD]

    Returns
    -------
    float or ndarray
        Amount. [KRW]
    """
    return amount_usd * krw_per_usd


def energy_cost_krw(energy_j: Number, *, krw_per_kwh: float = DEFAULT_KRW_PER_KWH) -> Number:
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
    One megawatt of computing at a PUE of 1.35 for a year, in bn KRW:

    >>> round(energy_cost_krw(1e6 * 1.35 * 365 * 86400) / 1e9, 2)
    1.15
    """
    return energy_j / J_PER_KWH * krw_per_kwh
