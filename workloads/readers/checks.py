"""What every reader does the same way: repeated ids, numbers below what is possible, labels of kept rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import UNKNOWN, Tally, label_column

UNKNOWABLE = ("wait_s", "run_s", "requested_s", "slots", "allocated_slots")
"""Columns in which -1 means that the log does not say."""


def repeated_ids(ids: NDArray[Any], path: str, *, lenient: bool) -> list[Tally]:
    """Return the remark on rows that repeat the id of another, or raise LogError unless `lenient`."""
    in_order = np.sort(ids)
    repeats = in_order[1:][np.diff(in_order) == 0]
    if not len(repeats):
        return []
    examples = tuple(f"job {job}" for job in np.unique(repeats)[:3])
    if not lenient:
        what = f"{len(repeats)} rows repeat the id of another job: {', '.join(examples)}"
        raise LogError.whole_file(path, what, "read it leniently to keep them all and have them counted")
    return [Tally("repeats the id of another job: kept", len(repeats), examples)]


def raise_to_unknown(columns: dict[str, Any], remarks: list[Tally]) -> None:
    """Replace numbers below -1 by -1 where that is the word for unknown, and remark on it."""
    for name in UNKNOWABLE:
        if name in columns:
            below = np.flatnonzero(columns[name] < UNKNOWN)
            if len(below):
                examples = tuple(f"job {job}" for job in columns["job_id"][below[:3]])
                remarks.append(Tally(f"{name} below -1: taken as unknown", len(below), examples))
                columns[name] = np.maximum(columns[name], UNKNOWN)


def labels_of(column: pd.Categorical, keep: NDArray[np.bool_]) -> pd.Categorical:
    """Return the labels of the rows that are kept, without the words that only other rows had."""
    used, codes = np.unique(column.codes[keep], return_inverse=True)
    return label_column(codes, [str(column.categories[code]) for code in used])


def early_submissions(columns: Mapping[str, Any], remarks: list[Tally]) -> None:
    """Remark on submissions before second 0: they are kept, but no replay can use them."""
    early = np.flatnonzero(columns["submit_s"] < 0)
    if len(early):
        examples = tuple(f"job {job}" for job in columns["job_id"][early[:3]])
        remarks.append(Tally("submitted before second 0 of the log: kept", len(early), examples))
