"""What a log asks for at once: the slots its jobs would hold if each started when it was submitted.

It needs no scheduler, and says most of what a scheduler would: where it stays below the machine, nobody
waits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SELDOM_FRAC = 0.01
BUSY_FRAC = 0.3
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Demanded:
    """Slots asked for at once, beside a machine.

    Attributes
    ----------
    above_frac : float
        Part of the time in which they are more than the machine has.
    excess_frac : float
        By how much, averaged over all time, as a part of the machine.
    """

    above_frac: float
    excess_frac: float

    def tells_starts(self, load_frac: float) -> bool:
        """Say whether a log of this load would ask for too much more often if its jobs had had to wait."""
        return load_frac >= BUSY_FRAC and self.above_frac < SELDOM_FRAC


def demanded(submit_s: Ints, run_s: Ints, slots: Ints, machine_slots: int) -> Demanded:
    """Return how often and how much a log asks for too much, from its first submission to its last.

    Parameters
    ----------
    submit_s, run_s : array of int64, shape (n_jobs,)
        Submissions, in order; run times. [s]
    slots : array of int64, shape (n_jobs,)
        Slots of each job. [slot]
    machine_slots : int
        Size of the machine. [slot]

    Examples
    --------
    >>> demanded(np.array([0, 10, 30]), np.array([20, 20, 20]), np.array([3, 3, 1]), 4)
    Demanded(above_frac=0.3333333333333333, excess_frac=0.16666666666666666)
    """
    when = np.concatenate((submit_s, submit_s + run_s))
    change = np.concatenate((slots, -slots))
    order = np.lexsort((change, when))
    held = np.cumsum(change[order])
    last = int(submit_s[-1])
    edges = np.minimum(when[order], last)
    lasts = np.diff(edges, append=last)
    span = max(last - int(submit_s[0]), 1)
    over = np.maximum(held - machine_slots, 0) / machine_slots
    return Demanded(float(lasts[over > 0].sum() / span), float((over * lasts).sum() / span))
