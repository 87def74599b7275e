"""How a bandwidth is shared by all who want it at once: max-min fair, as water fills a vessel.

Whoever wants less than an even share gets what he wants; the rest share what is left evenly, slot by slot:
nobody's share can grow without that of someone who has no more of it (D. Bertsekas and R. Gallager, Data
Networks, 2nd edition, Prentice Hall 1992, section 6.5.2).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError

Floats = npt.NDArray[np.float64]

MOST_STEPS: Final = 200
"""Newton's method doubles its digits in each step; these many are needed by no sensible input."""


def stretches(
    demands: npt.ArrayLike, parts: npt.ArrayLike, capacity: float, weights: npt.ArrayLike
) -> Floats:
    """Return how much longer each waits for a bandwidth that is shared max-min fairly.

    Parameters
    ----------
    demands : array_like, shape (n,)
        What jobs of each kind move, on average over their run time, when they have it for themselves. [B/s]
    parts : array_like, shape (n,)
        Part of that run time in which they wait for it, and move all of it; above 0, at most 1.
    capacity : float
        What there is, above 0. [B/s]
    weights : array_like, shape (n,)
        Slots of the jobs of each kind; above 0.

    Returns
    -------
    ndarray of float64, shape (n,)
        Length of the waiting part over what it is alone, at least 1.

    Raises
    ------
    InputError
        A number out of its bounds.

    Notes
    -----
    Jobs that wait longer move the same bytes in a longer time, and more of them wait at once. With `d` the
    demand, `p` the part, `w` the slots, a slot that moves data wants d / (p w), and gets at most the level
    L; the part stretches by s = max(1, d / (p w L)), and the kind moves d / (1 - p + p s). The level is
    where all kinds together move the capacity. As a function of L that sum is concave and increasing, so
    that Newton's method from an even share for all slots climbs to it and never passes it. For one kind,
    1 - p + p s = d / C: the bound that a saturated device sets to the throughput of a closed system
    (P. J. Denning and J. P. Buzen, The operational analysis of queueing network models, ACM Computing
    Surveys 10, 1978, doi:10.1145/356733.356735).

    Examples
    --------
    Jobs that read for a fifth of their time, and want twice what there is: their run time doubles.

    >>> stretches([20.0], [0.2], 10.0, [4]).round(6).tolist()
    [6.0]
    """
    wanted, part, weight = (np.asarray(given, np.float64) for given in (demands, parts, weights))
    good = np.all(np.isfinite(wanted) & (wanted >= 0)) and np.all(np.isfinite(weight) & (weight > 0))
    if not (good and capacity >= 0 and wanted.shape == weight.shape):
        raise InputError("shares need demands of at least 0, weights above 0 and a capacity of at least 0")
    if not (capacity > 0 and np.all((part > 0) & (part <= 1))):
        raise InputError("shares of a bandwidth need one above 0, and parts above 0 and at most 1")
    if float(wanted.sum()) <= capacity:
        return np.ones_like(wanted)
    alone = wanted / (part * weight)
    level = capacity / float(weight.sum())
    for _ in range(MOST_STEPS):
        limited = alone > level
        held_up = (1 - part) * level + part * alone
        moved = np.where(limited, wanted * level / held_up, wanted)
        rises = np.where(limited, wanted * part * alone / held_up**2, 0.0)
        short, slope = capacity - float(moved.sum()), float(rises.sum())
        step = short / slope if slope > 0 else 0.0
        if step <= 1e-12 * level:
            break
        level += step
    stretched: Floats = np.maximum(1.0, alone / level)
    return stretched
