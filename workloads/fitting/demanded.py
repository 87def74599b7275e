"""How often a log asks for more than the machine has: a log that never does tells starts, not submissions."""

import numpy as np
from numpy.typing import NDArray

SELDOM_FRAC = 0.01
BUSY_FRAC = 0.3
Ints = NDArray[np.int64]


def time_above_frac(submit_s: Ints, run_s: Ints, slots: Ints, machine_slots: int) -> float:
    """Return the part of the time in which jobs that started when submitted would not fit the machine.

    Examples
    --------
    >>> first, second = np.array([0, 10]), np.array([20, 20])
    >>> round(time_above_frac(first, second, np.array([3, 3]), 4), 3)
    0.333
    """
    when = np.concatenate((submit_s, submit_s + run_s))
    change = np.concatenate((slots, -slots))
    order = np.lexsort((change, when))
    held = np.cumsum(change[order])
    lasts = np.diff(when[order], append=when[order][-1:])
    return float(lasts[held > machine_slots].sum() / max(int(lasts.sum()), 1))


def tells_starts(load_frac: float, above_frac: float) -> bool:
    """Say whether a log as full as this would ask for too much more often if its jobs had had to wait."""
    return load_frac >= BUSY_FRAC and above_frac < SELDOM_FRAC
