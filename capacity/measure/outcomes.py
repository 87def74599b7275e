"""What became of each job of a run, in one word."""

from typing import Final

import numpy as np
import numpy.typing as npt

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
    state[outcome.cancelled] = STATES.index("cancelled")
    state[outcome.node_fail] = STATES.index("node_fail")
    return state
