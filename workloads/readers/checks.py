"""What every reader does the same way: repeated ids, numbers below what is possible, labels of kept rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import OPTIONAL, UNKNOWN, Tally, label_column

UNKNOWABLE = (
    "wait_s", "run_s", "requested_s", "slots", "allocated_slots",
    *(column.name for column in OPTIONAL if column.dtype != "category" and column.name != "eligible_s"),
)  # fmt: skip
"""Columns in which -1 means that the log does not say."""
AGAIN_S = 30 * 86400
"""Of two jobs of one id that were submitted further apart, the later has it because ids started again. [s]"""


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


def started_again(
    ids: NDArray[Any], submit_s: NDArray[Any], preceding: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], list[Tally]]:
    """Tell jobs apart that have one id because a batch system began to count anew.

    Parameters
    ----------
    ids, submit_s, preceding : arrays of int, each of shape (n_jobs,)
        Job id, submission [s], and id of the job before, -1 for none.

    Returns
    -------
    ids, preceding : arrays of int
        An id that was given again is moved up by a power of ten; so is what refers to it: to the last job of
        that id submitted until then.
    remarks : list of Tally
        How many were moved.
    """
    order = np.lexsort((submit_s, ids)) if (ids[1:] <= ids[:-1]).any() else np.arange(len(ids))
    same = ids[order][1:] == ids[order][:-1]
    later = np.flatnonzero(same & (np.diff(submit_s[order].astype(np.int64)) > AGAIN_S)) + 1
    if not len(later):
        return ids, preceding, []
    rounds = np.zeros(len(ids), np.int64)
    rounds[later] = 1
    rounds = np.cumsum(rounds)
    first = np.maximum.accumulate(np.where(np.append(False, same), 0, np.arange(len(ids))))
    rounds -= rounds[first]  # since the first job of the same id
    step = 10 ** len(str(int(ids.max())))
    moved = ids.astype(np.int64)
    moved[order] += rounds * step
    known, submitted = ids[order], submit_s[order]
    before = preceding.astype(np.int64)
    for row in np.flatnonzero(np.isin(preceding, known[later])):
        start, end = (
            np.searchsorted(known, preceding[row], "left"),
            np.searchsorted(known, preceding[row], "right"),
        )
        place = start + np.searchsorted(submitted[start:end], submit_s[row], "right") - 1
        before[row] = moved[order[max(place, start)]]
    examples = tuple(f"job {job}" for job in ids[order[later[:3]]])
    what = f"the id was given before, more than a month ago: another job, numbered from {step}"
    return moved, before, [Tally(what, int(np.count_nonzero(rounds)), examples)]


def raise_to_unknown(columns: dict[str, Any], remarks: list[Tally]) -> None:
    """Replace numbers below -1 by -1 where that is the word for unknown, and remark on it."""
    for name in UNKNOWABLE:
        if name in columns:
            below = np.flatnonzero((columns[name] < 0) & (columns[name] != UNKNOWN))
            if len(below):
                examples = tuple(f"job {job}" for job in columns["job_id"][below[:3]])
                remarks.append(Tally(f"{name} below -1: taken as unknown", len(below), examples))
                columns[name] = columns[name].copy()
                columns[name][below] = UNKNOWN


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
