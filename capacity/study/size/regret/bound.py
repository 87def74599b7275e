"""How small a pool can be whatever its batch system does: from the jobs alone, without a simulation.

A scheduler that never leaves a slot idle, whatever the widths of jobs, does no more than slots times time. So
work that came in a window and is neither done nor left over at its end tells the least slots.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.errors import CapacityError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
WINDOWS: Final = 96
"""So many beginnings of windows are tried, evenly over the time asked."""


def least_slots(
    submit_s: Ints, work_slot_s: Floats, *, start_s: int, end_s: int, left_over_s: float
) -> float:
    """Return the slots that a perfect scheduler needs to serve the work of a time.

    Parameters
    ----------
    submit_s, work_slot_s : ndarray, shape (n_jobs,)
        When jobs came, ascending [s], and slots times run time of each [slot s].
    start_s, end_s : int
        The time asked. [s]
    left_over_s : float
        How long what is left over at its end may keep all slots busy. [s]

    Notes
    -----
    For every window up to the end, slots × (length + what may be left over) is at least the work submitted in
    it.

    Examples
    --------
    >>> times, work = np.array([0, 50, 90]), np.array([100.0, 500.0, 300.0])
    >>> round(least_slots(times, work, start_s=0, end_s=100, left_over_s=20.0), 2)  # 800 in the last 50 s
    11.43
    """
    if end_s <= start_s:
        raise CapacityError("the time asked is empty")
    came = np.concatenate([[0.0], np.cumsum(work_slot_s)])
    begins = np.unique(np.linspace(start_s, end_s, WINDOWS, endpoint=False).astype(np.int64))
    first, last = np.searchsorted(submit_s, begins), int(np.searchsorted(submit_s, end_s))
    work = came[last] - came[np.minimum(first, last)]
    return float((work / (end_s - begins + left_over_s)).max())


def still_running(slots: Ints, run_s: Ints, *, on_slots: float) -> float:
    """Return the most that jobs running at one time can have left to do on so many slots [slot s].

    The longest jobs hold them all, and have just begun.

    Examples
    --------
    >>> still_running(np.array([2, 2, 4]), np.array([10, 30, 20]), on_slots=4)
    100.0
    """
    order = np.argsort(-run_s, kind="stable")
    held = np.minimum(np.cumsum(slots[order]), on_slots)
    return float((np.diff(held, prepend=0) * run_s[order]).sum())
