"""What became of each job, in plain columns in the rows of the jobs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class SiteOutcome:
    """What requeueing, preemption, patience, failures and the choice of pools did to each job.

    There is one wherever nodes can fail or the rules of a site hold.

    Attributes
    ----------
    cancelled, node_fail : ndarray of bool, shape (n_jobs,)
        Given up while it waited, preempted for good or left without what it depended on; ended by a failed
        node for good.
    attempts : ndarray of int16
        How often it started.
    ran_s, lost_s : ndarray of int64
        Time it held its slots in all attempts together, and the part of it after the checkpoint it went on
        from, or lost for good. [s]
    restart_s : ndarray of int64
        The part of `ran_s` in which attempts after the first got going again. Like `ran_s` and `lost_s` it
        counts attempts that have ended, not one that still runs. [s]
    last_start_s : ndarray of int64
        Start of the latest attempt; -1 if there was none. [s]
    running_since_s : ndarray of int64
        Start of the attempt that still runs; -1 if none does. [s]
    pool : ndarray of int16
        Index of the pool it ran on last, or would have.
    """

    cancelled: npt.NDArray[np.bool_]
    node_fail: npt.NDArray[np.bool_]
    attempts: npt.NDArray[np.int16]
    ran_s: npt.NDArray[np.int64]
    lost_s: npt.NDArray[np.int64]
    restart_s: npt.NDArray[np.int64]
    last_start_s: npt.NDArray[np.int64]
    running_since_s: npt.NDArray[np.int64]
    pool: npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each job, in the rows of `Jobs`.

    Attributes
    ----------
    start_s, end_s : ndarray of int64, shape (n_jobs,)
        Start and end; -1 where it did not happen. [s]
    killed : ndarray of bool
        Ended at its requested time before its work was done.
    rejected : ndarray of bool
        Larger than its pool will ever be, or marked as unservable.
    held_slots : ndarray of int32
        Slots a started job occupies: whole nodes above one node.
    site : SiteOutcome or None
        What failures and the rules of a site did; None when there were none, and every started job has one
        attempt and loses nothing.
    """

    start_s: npt.NDArray[np.int64]
    end_s: npt.NDArray[np.int64]
    killed: npt.NDArray[np.bool_]
    rejected: npt.NDArray[np.bool_]
    held_slots: npt.NDArray[np.int32]
    site: SiteOutcome | None = None
