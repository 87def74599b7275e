"""Who is who in an export of ``sacct``: numbers for its job ids, and which rows are attempts of one job.

A requeued job has several rows with ``--duplicates``: same id, same user, and a new ``Submit``, that of the
requeue. Ids also start again, after the highest or with a new database: then the row is another job.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workloads.jobtable import UNKNOWN, label_column
from workloads.readers.delimited.reader import Delimited
from workloads.readers.sacct.fields import MISSING
from workloads.readers.sacct.rows import Mask, SacctRows
from workloads.readers.sacct.words import split_job_ids

_REQUEUE_S = 86_400
"""A requeued job is submitted again at once. A row that comes later than this is of another job. [s]"""
_LARGEST = 2**53
_NONE = pa.array(["", *MISSING])


@dataclass(slots=True)
class JobIds:
    """The ids of all rows.

    Attributes
    ----------
    number : array of int64
        A number that is different for every job; -1 where there is no id.
    array : array of int64
        The number of the job array it is a task of; -1 none.
    several : array of bool
        Whether the row stands for several tasks, which never started.
    words : Categorical or None
        Ids that are no numbers, empty where they are; None if all are.
    """

    number: NDArray[np.int64]
    array: NDArray[np.int64]
    several: Mask
    words: pd.Categorical | None


def job_ids(log: Delimited, rows: SacctRows) -> JobIds:
    """Return the ids; steps and rows without any are left out."""
    texts = log.texts("jobid" if "jobid" in log else "jobidraw")
    named = split_job_ids(texts)
    raw = split_job_ids(log.texts("jobidraw")) if "jobidraw" in log else named
    wordy = (named["number"] < 0) & (raw["number"] < 0)
    step = named["step"] | raw["step"]
    blank = np.zeros(len(log), np.bool_)
    if wordy.any():
        some = texts.filter(wordy)
        step[wordy] = pc.match_substring_regex(some, r"^[^.\s]+\.(batch|extern|interactive|\d+)$").to_numpy()
        blank[wordy] = pc.is_in(pc.utf8_trim_whitespace(some), value_set=_NONE).to_numpy()
    rows.leave_out(step, "job step: the job has a row of its own", works=False)
    rows.leave_out(blank, "no job id")
    rows.remark(named["several"], "stands for tasks of an array that never started: kept as one job")
    rows.remark(named["part"], "component of a heterogeneous job: kept as a job of its own")
    number = np.where(raw["number"] < 0, named["number"], raw["number"])
    ours = (named["array"] | named["part"]) & ("jobidraw" not in log)
    renumbered = (ours | wordy) & rows.keep
    words = None
    if renumbered.any():
        codes, found = pd.factorize(texts.filter(renumbered).to_numpy(zero_copy_only=False))
        number[renumbered] = max(int(number[rows.keep].max()), 0) + 1 + codes
        rows.remark(ours, "no JobIDRaw: numbered by us")
        rows.remark(wordy, "the id is a word: numbered by us")
        if (wordy & rows.keep).any():
            place = np.zeros(len(log), np.int64)
            place[renumbered] = np.where(wordy[renumbered], codes + 1, 0)
            words = label_column(place, ["", *map(str, found)])
    array = np.where(named["array"], named["number"], UNKNOWN)
    return JobIds(number, array, named["several"], words)


@dataclass(frozen=True, slots=True)
class Spells:
    """When the rows of a log were submitted, began and ended; `MISSING_TIME` where nothing says [s]."""

    submit: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def earlier_attempts(log: Delimited, rows: SacctRows, ids: JobIds, spells: Spells) -> tuple[Mask, Mask]:
    """Return which rows are earlier attempts of a job, and which of these are there again.

    A later job with the same id gets a number of its own, and so does the array it is a task of.
    """
    earlier, again = np.zeros(len(log), np.bool_), np.zeros(len(log), np.bool_)
    kept = np.flatnonzero(rows.keep)
    number = ids.number[kept]
    if len(number) < 2 or (np.diff(number) > 0).all():
        return earlier, again
    inorder = np.sort(number)
    twice = np.unique(inorder[1:][np.diff(inorder) == 0])
    kept = kept[np.isin(number, twice)]
    several, user = ids.several, log.labels("user").codes if "user" in log else np.zeros(len(log), np.int8)
    keys = kept, spells.end[kept], spells.start[kept], spells.submit[kept], several[kept], ids.number[kept]
    row = kept[np.lexsort(keys)]
    before, after = row[:-1], row[1:]
    same = (ids.number[before] == ids.number[after]) & (several[before] == several[after])
    left = np.maximum(np.maximum(spells.end[before], spells.start[before]), spells.submit[before])
    later = same & (spells.submit[after] - left > _REQUEUE_S)
    attempt = same & ~later & (user[before] == user[after])
    earlier[before[attempt]] = True
    starts = spells.start[before] == spells.start[after]
    again[before[attempt & starts & (spells.submit[before] == spells.submit[after])]] = True
    if later.any():
        _number_anew(rows, ids, row, same, later)
    return earlier, again


def _number_anew(rows: SacctRows, ids: JobIds, row: NDArray[np.intp], same: Mask, later: Mask) -> None:
    """Give jobs whose id was another one's before a number of their own: in the next decade of numbers."""
    count = np.concatenate([[0], np.cumsum(later)])
    first = np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), np.arange(len(row)), 0))
    turn = np.zeros(len(rows.keep), np.int64)
    turn[row] = count - count[first]
    step = 10 ** len(str(int(ids.number[rows.keep].max())))
    if (int(turn.max()) + 1) * step < _LARGEST:
        ids.number = ids.number + turn * step
        ids.array = np.where(ids.array < 0, UNKNOWN, ids.array + turn * step)
        rows.remark(turn > 0, "its id was that of an earlier job: numbered by us")
