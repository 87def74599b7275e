"""The 18 fields of SWF to the columns of a JobTable."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.jobtable import STATES, UNKNOWN, Tally, label_column
from workloads.readers.checks import early_submissions, raise_to_unknown
from workloads.readers.swf.header import names_of
from workloads.readers.swf.lines import JOB, PRECEDING, THINK

STATUS = {0: "failed", 1: "completed", 3: "completed", 4: "failed", 5: "cancelled"}
"""SWF status to state; 2 (a part, to be continued) and -1 are unknown."""
NAMED = {"tenant": "Group", "user": "User", "job_class": "Queue", "pool": "Partition"}
"""Header keys that may give names to the numbers of a label column."""
NUMBERS = {
    "job_id": JOB, "submit_s": 1, "wait_s": 2, "run_s": 3, "allocated_slots": 4, "slots": 7, "requested_s": 8,
}  # fmt: skip
"""Columns that every table has, and the positions of their fields."""
OPTIONAL = {
    "afterany_id": PRECEDING, "think_s": THINK, "cpu_s": 5, "memory_kb": 6, "requested_memory_kb": 9,
    "application": 13,
}  # fmt: skip
"""Columns that a table has where some job of the log has them, and the positions of their fields."""
LABELS = {"tenant": 12, "user": 11, "job_class": 14, "pool": 15}


def columns_of(
    values: Sequence[NDArray[np.number]], header: Mapping[str, str], remarks: list[Tally]
) -> dict[str, Any]:
    """Return the columns of the JobTable; numbers below -1 become unknown and are remarked on."""
    numbers: dict[str, Any] = {name: values[position] for name, position in NUMBERS.items()}
    numbers["slots"] = np.where(numbers["slots"] > 0, numbers["slots"], numbers["allocated_slots"])
    optional = {name: values[position] for name, position in OPTIONAL.items()}
    if _is_no_link(values[JOB], values[PRECEDING], remarks):
        del optional["afterany_id"], optional["think_s"]
    numbers |= {name: column for name, column in optional.items() if (column != UNKNOWN).any()}
    raise_to_unknown(numbers, remarks)
    early_submissions(numbers, remarks)
    words = {
        name: _labels(values[position], names_of(header, NAMED[name])) for name, position in LABELS.items()
    }
    return {**numbers, **words, "state": _states(values[10])}


def _is_no_link(job: NDArray[np.number], preceding: NDArray[np.number], remarks: list[Tally]) -> bool:
    """Whether field 17 cannot be what the standard says: a job that precedes itself, or one for all."""
    named = preceding > 0
    itself = named & (job == preceding)
    same = len(job) > 1 and bool((preceding == preceding[0]).all())
    if itself.any() or (same and preceding[0] >= 0):
        what = (
            "fields 17 and 18 are no preceding job and think time (a job precedes itself, or all): left out"
        )
        remarks.append(Tally(what, len(job)))
        return True
    return False


def _labels(numbers: NDArray[np.number], names: Mapping[int, str]) -> pd.Categorical:
    """Return numbers as labels: the header's name where there is one, -1 as the empty word."""
    unique, codes = np.unique(numbers, return_inverse=True)
    words = ["" if number < 0 else names.get(int(number), str(number)) for number in unique]
    if len(set(words)) < len(words):
        words = ["" if number == UNKNOWN else str(number) for number in unique]
    return label_column(codes, words)


def _states(status: NDArray[np.number]) -> pd.Categorical:
    codes = np.zeros(len(status), dtype=np.int8)
    for number, state in STATUS.items():
        codes[status == number] = STATES.index(state)
    return label_column(codes, STATES)
