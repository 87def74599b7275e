"""Electric power from the plug of a node to the meter of the site."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])
"""One number or an array of them."""


def site_power_w(it_w: Number, pue: float) -> Number:
    """Return the power at the meter [W] for so much power of nodes, network and storage [W].

    `pue` is the power usage effectiveness: total over computing, at least 1.
    """
    return it_w * pue


def busy_energy_j(idle_w: float, held_w: float, *, served_s: Number, busy_s: Number) -> Number:
    """Return the energy of a part that is switched on for a time, and held by jobs for a part of it [J].

    Parameters
    ----------
    idle_w, held_w : float
        Power switched on and doing nothing, and on average while jobs hold it. [W]
    served_s, busy_s : float or ndarray
        How long it was switched on, and held. A node of which one slot in eight is held counts as held for an
        eighth of the time. [s]

    Notes
    -----
    Linear in the time held. `held_w` is a mean over jobs of all kinds:
    measured A100 hold 42 to 48 % of their rated power, so rated power times hours would be twice too much.

    Examples
    --------
    >>> busy_energy_j(100.0, 300.0, served_s=10.0, busy_s=5.0)
    2000.0
    """
    return idle_w * served_s + (held_w - idle_w) * busy_s
