"""What became of each job, in plain columns in the rows of the jobs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of each job, in the rows of `Jobs`.

    Where a column is the same for all jobs it may be a view of one number that cannot be written.

    Attributes
    ----------
    start_s, end_s : ndarray of int64, shape (n_jobs,)
        First start, and end; -1 where it did not happen. [s]
    killed : ndarray of bool
        Ended at its requested time before its work was done.
    rejected : ndarray of bool
        Larger than its pool will ever be, or marked as unservable.
    held_slots : ndarray of int32
        Slots a started job occupies: whole nodes above one node.
    pool : ndarray of int16
        Index of the pool it ran on last, or would have.
    attempts : ndarray of int16
        How often it started.
    last_start_s : ndarray of int64
        Start of the latest attempt; -1 if there was none. [s]
    running : ndarray of bool
        An attempt runs now.
    cancelled, node_fail : ndarray of bool
        Given up while it waited, preempted for good or left without what it depended on; ended by a failed
        node for good.
    lost_s, restart_s : ndarray of int64
        Of the time in attempts that have ended: the part after the checkpoint from which it went on, or lost
        for good, and the part in which attempts after the first got going again. [s]
    attempts_ran_s : ndarray of int64 or None
        Time in all attempts that have ended, where a job can have several; see `ran_s`. [s]
    left_s : ndarray of int64 or None
        When it left without a start because it had waited as long as its patience or deadline allowed, -1 if
        it did not; None where jobs have neither. [s]
    """

    start_s: npt.NDArray[np.int64]
    end_s: npt.NDArray[np.int64]
    killed: npt.NDArray[np.bool_]
    rejected: npt.NDArray[np.bool_]
    held_slots: npt.NDArray[np.int32]
    pool: npt.NDArray[np.int16]
    attempts: npt.NDArray[np.int16]
    last_start_s: npt.NDArray[np.int64]
    running: npt.NDArray[np.bool_]
    cancelled: npt.NDArray[np.bool_]
    node_fail: npt.NDArray[np.bool_]
    lost_s: npt.NDArray[np.int64]
    restart_s: npt.NDArray[np.int64]
    attempts_ran_s: npt.NDArray[np.int64] | None = None
    left_s: npt.NDArray[np.int64] | None = None

    @property
    def interruptible(self) -> bool:
        """Whether jobs can have several attempts: nodes can fail, or the rules of a site hold."""
        return self.attempts_ran_s is not None

    @property
    def ran_s(self) -> npt.NDArray[np.int64]:
        """Time it held its slots in all attempts that have ended, shape (n_jobs,) [s]."""
        if self.attempts_ran_s is not None:
            return self.attempts_ran_s
        return np.where(self.end_s >= 0, self.end_s - self.start_s, 0)
