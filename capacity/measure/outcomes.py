"""What became of each job of a run, as columns: where it ran, how long it held its slots, how it ended."""

from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.scheduling.batch import BatchSystem
from capacity.scheduling.outcome import Outcome
from workloads.jobtable import JobTable

STATES: Final = (
    "completed", "failed", "cancelled", "timeout", "node_fail", "unfinished", "rejected",
)  # fmt: skip


def state_codes(table: JobTable, outcome: Outcome) -> npt.NDArray[np.int8]:
    """State of each job as a number into `STATES`; what a log does not say counts as completed."""
    codes, words = table.labels("state")
    known = np.array([STATES.index(w) if w in STATES else STATES.index("completed") for w in words], np.int8)
    state: npt.NDArray[np.int8] = known[codes]
    state[outcome.killed] = STATES.index("timeout")
    state[outcome.end_s < 0] = STATES.index("unfinished")
    state[outcome.rejected] = STATES.index("rejected")
    if outcome.site is not None:
        state[outcome.site.cancelled] = STATES.index("cancelled")
        state[outcome.site.node_fail] = STATES.index("node_fail")
    return state


def pool_of(batch: BatchSystem, outcome: Outcome) -> npt.NDArray[np.integer]:
    """Return the index of the pool that each job ran in last, or would have, shape (n_jobs,)."""
    if outcome.site is not None:
        return outcome.site.pool
    jobs = batch.jobs
    return np.zeros(len(jobs.submit_s), np.int8) if jobs.pool is None else jobs.pool


def held_s(outcome: Outcome) -> npt.NDArray[np.int64]:
    """Return how long each job that has ended held its slots in all its attempts, shape (n_jobs,) [s]."""
    return outcome.end_s - outcome.start_s if outcome.site is None else outcome.site.ran_s
