"""Reading published schedules: the jobs, and the second at which each of them started.

There are two forms. A log in the Standard Workload Format whose field 3, the wait, is the answer; and an
input and a schedule as two CSV files, with an index of all of them and their figures. Whatever is wrong in a
file is an InputError or LogError that names it.
"""

import csv
import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from capacity.errors import InputError
from capacity.measure.metrics import REPLAYED, shown
from capacity.scheduling.jobs import Jobs
from workloads.readers.swf.reader import read_swf

INDEX: Final = "metrics.csv"
INDEX_COLUMNS: Final = ("log", "processors", "policy", "producer", "semantics", "jobs", "file")
MOST_SLOTS: Final = 2**31 - 1
FIGURES: Final = {
    name: f"{name}_tau10" if name.endswith("slowdown") else name for name in shown("published", REPLAYED)
}
"""Names of ours and of the columns of the index."""


@dataclass(frozen=True, slots=True)
class Published:
    """A schedule that somebody else made on a machine on which any free slots will do.

    Jobs are in order of submission; `start_s` says when each started [s].
    """

    jobs: Jobs
    start_s: npt.NDArray[np.int64]
    slots: int


@dataclass(frozen=True, slots=True)
class IndexLine:
    """A line of the index.

    It has the names there of log, policy, simulator and dialect, the file with the schedule, the slots of the
    machine, the number of jobs, and published figures by our names, as they are written: rounded there.
    """

    log: str
    policy: str
    producer: str
    semantics: str
    file: str
    processors: int
    jobs: int
    figures: dict[str, str]


def read_index(path: Path) -> list[IndexLine]:
    """Return the lines of the index.

    Raises
    ------
    InputError
        It cannot be read, lacks a column, or a number is none.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = csv.DictReader(stream)
            columns = rows.fieldnames or ()
            missing = [name for name in INDEX_COLUMNS if name not in columns]
            if missing:
                raise InputError(f"no column {', '.join(missing)}", where=str(path))
            return [_entry(row, f"{path}:{rows.line_num}") for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)) from None


def _entry(row: dict[str, Any], where: str) -> IndexLine:
    figures = {ours: row[theirs] for ours, theirs in FIGURES.items() if row.get(theirs)}
    if None in row or None in row.values():
        raise InputError("as many values as there are columns are wanted", where=where)
    if Path(row["file"]).name != row["file"] or Path(row["log"]).name != row["log"]:
        raise InputError("a file beside the index is wanted, not a path", where=where)
    try:
        for figure in figures.values():
            float(figure)
        size, jobs = int(row["processors"]), int(row["jobs"])
    except ValueError as error:
        raise InputError(f"not a number: {error}", where=where) from None
    if not 1 <= size <= MOST_SLOTS:
        raise InputError(f"a machine of {size} processors", where=where, fix=f"1 to {MOST_SLOTS:,}")
    names = {name: str(row[name]) for name in ("log", "policy", "producer", "semantics", "file")}
    return IndexLine(**names, processors=size, jobs=jobs, figures=figures)


def read_schedule(folder: Path, entry: IndexLine) -> Published:
    """Return the jobs of a line of the index, and their starts.

    Raises
    ------
    InputError
        A file cannot be read, or the two do not have the same jobs.
    """
    inputs = jobs_file(folder, entry)
    given = read_columns(inputs, ("job_id", "submit", "run", "procs", "requested"))
    made = read_columns(folder / entry.file, ("job_id", "submit", "start", "end"))
    if len(given[0]) != len(made[0]) or (given[0] != made[0]).any() or (given[1] != made[1]).any():
        raise InputError(f"its jobs are not those of {inputs.name}", where=str(folder / entry.file))
    _, submit, run, procs, requested = given
    start, end = made[2], made[3]
    if (end - start != np.minimum(run, requested)).any():
        raise InputError("a job does not run for its run time", where=str(folder / entry.file))
    return Published(_jobs(inputs, submit, run, requested, procs), start, entry.processors)


def jobs_file(folder: Path, entry: IndexLine) -> Path:
    """Return the file with the jobs of a line of the index."""
    return folder / f"{entry.log}.jobs.csv.gz"


def read_columns(path: Path, names: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    """Return columns of whole numbers from a CSV file, plain or gzipped.

    Raises
    ------
    InputError
        It is cut short, damaged, no such table, or a column holds something else.
    """
    try:
        frame = pd.read_csv(path, usecols=[*names])
    except EOFError:
        raise InputError("the gzip file is cut short", where=str(path)) from None
    except (OSError, zlib.error, gzip.BadGzipFile, ValueError, pd.errors.ParserError) as error:
        raise InputError(f"cannot be read: {str(error).splitlines()[0]}", where=str(path)) from None
    wrong = [name for name in names if frame[name].dtype != np.int64]
    if wrong or not len(frame):
        what = f"no whole numbers in {', '.join(wrong)}" if wrong else "no job"
        raise InputError(what, where=str(path))
    return [frame[name].to_numpy() for name in names]


def read_answers(path: Path) -> Published:
    """Return the jobs of a log whose waits are a published schedule, and their starts.

    Raises
    ------
    InputError, LogError
        It cannot be read, or does not say how large the machine was or how long its jobs waited.
    """
    table = read_swf(path)
    submit, wait, run, requested = map(table.numbers, ("submit_s", "wait_s", "run_s", "requested_s"))
    if table.max_slots is None or not 1 <= table.max_slots <= MOST_SLOTS:
        raise InputError("no MaxProcs that can be in its header", where=str(path))
    if (wait < 0).any():
        raise InputError("a job without a wait", where=str(path))
    allocated = table.numbers("allocated_slots")
    slots = np.where(allocated > 0, allocated, table.numbers("slots"))
    users = table.labels("user")[0].astype(np.int32)
    return Published(_jobs(path, submit, run, requested, slots, user=users), submit + wait, table.max_slots)


def _jobs(path: Path, *columns: Any, **more: Any) -> Jobs:  # noqa: ANN401 - columns of Jobs
    try:
        return Jobs(*columns, **more)
    except InputError as error:
        raise InputError(str(error).splitlines()[0], where=str(path)) from None
