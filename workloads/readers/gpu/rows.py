"""What the readers of GPU cluster logs do the same way: leave out rows that are no GPU job, and say so.

Such a log also holds jobs without GPUs, jobs that never started and jobs that were running when it was taken.
A reader names the reason for each; what is left becomes a JobTable, and every row is in it or in one count.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workloads.errors import LogError, LogProblem
from workloads.jobtable import STATES, UNKNOWN, JobTable, Tally, label_column, table_from
from workloads.readers.checks import repeated_ids
from workloads.readers.delimited.reader import Delimited

MOST_PROBLEMS = 20
MOST_GPUS = 2**31 - 1
_WHOLE = "^[0-9]{1,15}$"

Mask = NDArray[np.bool_]


class Rows:
    """Rows of a log on their way to a JobTable: which are still in, and why the others are not.

    Parameters
    ----------
    log : Delimited
        The columns as read.
    lenient : bool
        Count rows that make no sense instead of failing.
    word : str
        What a row is called: in a text file it is a line.
    """

    def __init__(self, log: Delimited, *, lenient: bool, word: str = "line") -> None:
        self.log = log
        self.word = word
        self.lenient = lenient
        self.keep: Mask = np.ones(len(log), np.bool_)
        self.shares: NDArray[np.float64] | None = None
        self._dropped: list[tuple[str, Mask]] = []
        self._remarks: list[tuple[Callable[[Mask], str], Mask]] = []
        self._about_file: list[Tally] = [*log.remarks]

    def drop(self, reason: str, rows: Mask) -> None:
        """Leave out rows; those that are out already keep the reason they have."""
        hit = rows & self.keep
        if hit.any():
            self._dropped.append((reason, hit))
            self.keep &= ~hit

    def refuse(self, what: str, rows: Mask) -> None:
        """Raise LogError with the lines of rows that make no sense; leave them out when lenient."""
        hit = rows & self.keep
        if hit.any() and not self.lenient:
            lines = self.log.lines[hit]
            problems = [self._problem(int(line), what) for line in lines[:MOST_PROBLEMS]]
            raise LogError(problems, more=max(len(lines) - MOST_PROBLEMS, 0))
        self.drop(what, rows)

    def remark(self, reason: str | Callable[[Mask], str], rows: Mask) -> None:
        """Say what was done to rows, as far as they stay in; a function is asked then, with those that do."""
        words = reason if callable(reason) else lambda _: reason
        self._remarks.append((words, rows))

    def tell(self, tally: Tally) -> None:
        """Add a remark that has been counted already."""
        self._about_file.append(tally)

    def table(self, columns: Mapping[str, Any], *, origin: datetime | None, **about: Any) -> JobTable:  # noqa: ANN401
        """Return the job table of the rows that are left.

        Parameters
        ----------
        columns : mapping of str to array or Categorical
            Columns of a JobTable for all rows of the log.
        origin : datetime, optional
            The instant at which `submit_s` is 0.
        **about
            Further fields of `JobTable`.

        Raises
        ------
        LogError
            No row is left.
        """
        if not self.keep.any():
            gone = [*self.log.dropped, *(self._tally(*drop) for drop in self._dropped)]
            reasons = "; ".join(str(tally) for tally in gone)
            raise LogError.whole_file(self.log.path, "no GPU job in this log", reasons)
        remarks = [*self._about_file]
        for reason, rows in self._remarks:
            hit = rows & self.keep
            if hit.any():
                remarks.append(self._tally(reason(self.keep), hit))
        dropped = [self._tally(*drop, work=_work(columns)) for drop in self._dropped]
        if self.shares is not None and (self.shares[self.keep] != UNKNOWN).any():
            columns = {**columns, "share_slots": self.shares}
        kept = {name: _kept(column, self.keep) for name, column in columns.items()}
        return table_from(
            kept,
            origin=origin,
            source=self.log.path,
            dropped=(*self.log.dropped, *dropped),
            remarks=tuple(remarks),
            **about,
        )

    def _problem(self, row: int, what: str) -> LogProblem:
        if self.word == "line":
            return LogProblem(self.log.path, row, None, what)
        return LogProblem(self.log.path, None, None, f"{self.word} {row}: {what}")

    def _tally(self, reason: str, rows: Mask, work: NDArray[np.float64] | None = None) -> Tally:
        first = self.log.lines[np.flatnonzero(rows)[:3]]
        slot_s = 0.0 if work is None else float(work[rows].sum())
        return Tally(reason, int(rows.sum()), tuple(f"{self.word} {line}" for line in first), slot_s)


def _work(columns: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return slots times run time of each row, 0 where either is unknown [slot s]."""
    slots, run_s = (np.maximum(columns[name], 0).astype(np.float64) for name in ("slots", "run_s"))
    work: NDArray[np.float64] = slots * run_s
    return work


def _kept(column: Any, keep: Mask) -> Any:  # noqa: ANN401 - an array or a Categorical
    if not isinstance(column, pd.Categorical):
        return column[keep]
    used, codes = np.unique(column.codes[keep], return_inverse=True)
    words = column.categories.to_numpy()
    return label_column(codes, [str(words[code]) for code in used])


def slots_of(rows: Rows, gpus: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole slots for GPUs asked for, which may be fractions; rows without any are left out.

    Parameters
    ----------
    rows : Rows
        The log.
    gpus : array of float64
        GPUs per row; NaN where the log says nothing.
    """
    asked = np.nan_to_num(gpus, nan=0.0)
    rows.drop("no GPU", ~(asked > 0))
    rows.refuse(f"more than {MOST_GPUS} GPUs", asked > MOST_GPUS)
    slots = np.ceil(np.where(rows.keep, asked, 0)).astype(np.int64)
    part = slots != asked
    rows.shares = np.where(part, asked, UNKNOWN)

    def told(kept: Mask) -> str:
        share = part[kept].mean()
        total = f"{asked[kept].sum():.10g} GPUs become {slots[kept].sum()} slots"
        return f"part of a GPU rounded up to whole slots ({share:.1%} of the jobs, {total})"

    rows.remark(told, part)
    return slots


def states(
    rows: Rows,
    column: pd.Categorical,
    words: Mapping[str, str],
    spelled: Callable[[str], str] = str.upper,
) -> pd.Categorical:
    """Return the state column for the words of a log; a word that is not in `words` is unknown, and told.

    Parameters
    ----------
    rows : Rows
        The log.
    column : Categorical
        What the log says.
    words : mapping of str to str
        Words of the log, in capitals, to those of `STATES`.
    spelled : callable
        Makes what `words` has of what stands in the log.
    """
    spellings = [spelled(str(word)) for word in column.categories]
    codes = np.array([STATES.index(words.get(word, "unknown")) for word in spellings], np.int8)
    strange = np.array([bool(word) and word not in words for word in spellings], np.bool_)
    if strange.any():
        shown = ", ".join(np.array(spellings)[strange][:3])
        rows.remark(f"state is no word we know ({shown}): taken as unknown", strange[column.codes])
    return label_column(codes[column.codes], STATES)


def ids(rows: Rows, names: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return numbers for jobs: those the log has, else the number of the row.

    Raises
    ------
    LogError
        Two of the rows that are left have the same id, and `rows` is not lenient.
    """
    kept = names.filter(pa.array(rows.keep))
    if pc.all(pc.match_substring_regex(kept, _WHOLE)).as_py():
        only = pc.if_else(pa.array(rows.keep), names, pa.scalar("0"))
        numbers: NDArray[np.int64] = only.cast(pa.int64()).to_numpy()
        for tally in repeated_ids(numbers[rows.keep], rows.log.path, lenient=rows.lenient):
            rows.tell(tally)
        return numbers
    rows.remark("the id is a word: the job has the number of its row", rows.keep.copy())
    unrepeated(rows, names)
    return row_numbers(rows, header=rows.word == "line")


def unrepeated(rows: Rows, names: pa.ChunkedArray) -> None:
    """Raise LogError if two of the rows that are left have the same name, or count them when lenient."""
    values, counts = pc.value_counts(names.filter(pa.array(rows.keep))).flatten()
    more = counts.to_numpy() - 1
    if not more.any():
        return
    examples = tuple(f"job {values[int(place)]}" for place in np.flatnonzero(more)[:3])
    if not rows.lenient:
        what = f"{more.sum()} rows repeat the id of another job: {', '.join(examples)}"
        raise LogError.whole_file(
            rows.log.path, what, "read it leniently to keep them all and have them counted"
        )
    rows.tell(Tally("repeats the id of another job: kept", int(more.sum()), examples))


def row_numbers(rows: Rows, *, header: bool = True) -> NDArray[np.int64]:
    """Return the number of each row among the lines of the file, from 1; a header row is not counted."""
    return rows.log.lines - header
