"""Electric power from the plug of a node to the meter of the site."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])
"""One number or an array of them."""


def it_power_w(idle_w: float, busy_w: float, busy_frac: Number) -> Number:
    """Return the power of a part that is busy for a fraction of the time or of its slots.

    Parameters
    ----------
    idle_w, busy_w : float
        Power switched on and doing nothing, and while all of it is busy. [W]
    busy_frac : float or ndarray
        Busy fraction, 0 to 1.

    Returns
    -------
    float or ndarray
        Power. [W]

    Notes
    -----
    Linear in between. Measured accelerators draw 42 to 48 % of their rated power on average while a job holds
    them: with the maximum as `busy_w` the result is an upper bound.

    Examples
    --------
    >>> it_power_w(88.0, 400.0, 0.5)
    244.0
    """
    return idle_w + (busy_w - idle_w) * busy_frac


def site_power_w(it_w: Number, pue: float) -> Number:
    """Return the power the site draws for `it_w` of computing.

    Parameters
    ----------
    it_w : float or ndarray
        Power of nodes, network and storage. [W]
    pue : float
        Power usage effectiveness, total over computing, at least 1.

    Returns
    -------
    float or ndarray
        Power at the meter. [W]
    """
    return it_w * pue


def energy_j(power_w: Number, duration_s: Number) -> Number:
    """Return the energy of a power held for a time.

    Parameters
    ----------
    power_w : float or ndarray
        Power. [W]
    duration_s : float or ndarray
        How long. [s]

    Returns
    -------
    float or ndarray
        Energy. [J]
    """
    return power_w * duration_s


def nodes_energy_j(idle_w: float, busy_w: float, in_service_node_s: Number, busy_node_s: Number) -> Number:
    """Return the energy of nodes from the node-seconds they were in service and at work.

    Parameters
    ----------
    idle_w, busy_w : float
        Draw of one node doing nothing, and on average while jobs hold all of it. [W]
    in_service_node_s, busy_node_s : float or ndarray
        Time in service, and the part of it held by jobs; a half-held node counts half. [node s]

    Returns
    -------
    float or ndarray
        Energy. [J]

    Notes
    -----
    The integral of `it_power_w` over time, whatever the course of the load, because that is linear in it.
    Nodes out of service draw nothing.

    Examples
    --------
    A node for an hour, half of it held, is 244 W for an hour:

    >>> nodes_energy_j(88.0, 400.0, 3600.0, 1800.0) == energy_j(it_power_w(88.0, 400.0, 0.5), 3600.0)
    True
    """
    return idle_w * in_service_node_s + (busy_w - idle_w) * busy_node_s
