"""The 18 fields of SWF to the columns of a JobTable."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.jobtable import COLUMNS, STATES, UNKNOWN, Tally, label_column
from workloads.jobtable import OPTIONAL as KNOWN
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
DTYPES = {column.name: column.dtype for column in (*COLUMNS, *KNOWN)}
MOST_LABELS = 1 << 20
"""Numbers in a wider range than that are sorted to find the different ones."""
LABELS = {"tenant": 12, "user": 11, "job_class": 14, "pool": 15}


def columns_of(
    values: list[NDArray[np.number]], header: Mapping[str, str], remarks: list[Tally]
) -> dict[str, Any]:
    """Return the columns of the JobTable; numbers below -1 become unknown and are remarked on.

    The fields are taken out of `values` one by one: ten million jobs would not fit twice.
    """
    no_link = _is_no_link(values[JOB], values[PRECEDING], remarks)
    words = {
        name: _labels(_taken(values, position), names_of(header, NAMED[name]))
        for name, position in LABELS.items()
    }
    numbers: dict[str, Any] = {name: _taken(values, at, DTYPES[name]) for name, at in NUMBERS.items()}
    unasked = numbers["slots"] <= 0  # changed in place: it is the field itself if that was of the right type
    numbers["slots"][unasked] = numbers["allocated_slots"][unasked]
    for name, position in OPTIONAL.items():
        if (values[position] != UNKNOWN).any() and not (no_link and position in {PRECEDING, THINK}):
            numbers[name] = _taken(values, position, DTYPES[name])
    raise_to_unknown(numbers, remarks)
    early_submissions(numbers, remarks)
    return {**numbers, **words, "state": _states(values[10])}


def _taken(values: list[NDArray[np.number]], position: int, dtype: str = "") -> NDArray[np.number]:
    """Return a field, in the type of its column, and let go of it."""
    column = values[position].astype(dtype or values[position].dtype, copy=False)
    values[position] = np.empty(0, np.int8)
    return column


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
    unique, codes = _unique(numbers)
    words = ["" if number < 0 else names.get(int(number), str(number)) for number in unique]
    if len(set(words)) < len(words):
        words = ["" if number == UNKNOWN else str(number) for number in unique]
    return label_column(codes, words)


def _unique(numbers: NDArray[np.number]) -> tuple[NDArray[np.number], NDArray[np.integer]]:
    """Return the different numbers, and the place of each row's among them."""
    lowest = int(numbers.min())
    count = int(numbers.max()) - lowest + 1
    if count > MOST_LABELS:
        return np.unique(numbers, return_inverse=True)
    there = np.zeros(count, np.bool_)
    block = 1 << 20
    blocks = [slice(start, start + block) for start in range(0, len(numbers), block)]
    for rows in blocks:
        there[numbers[rows].astype(np.int64) - lowest] = True
    unique = np.flatnonzero(there)
    place = np.zeros(count, np.min_scalar_type(-len(unique) - 1))
    place[unique] = np.arange(len(unique))
    codes = np.concatenate([place[numbers[rows].astype(np.int64) - lowest] for rows in blocks])
    return unique + lowest, codes


def _states(status: NDArray[np.number]) -> pd.Categorical:
    codes = np.zeros(len(status), dtype=np.int8)
    for number, state in STATUS.items():
        codes[status == number] = STATES.index(state)
    return label_column(codes, STATES)
