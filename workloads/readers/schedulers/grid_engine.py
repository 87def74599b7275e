"""Reads the file ``accounting`` of Grid Engine: Sun, Oracle, Son of, Open, Univa, Altair.

A line a job, its fields between colons (accounting(5)): queue, host, group, owner, job name, job number,
account, priority, submission, start, end, failed, exit status, wall clock, 17 fields of use, project,
department, parallel environment, slots, task number, cpu, mem, io, category, iow, task of a parallel job,
maxvmem, and further ones by version. Univa writes milliseconds. When a job could have started is not
recorded, so holds are waits. GPUs and the limit stand in the category only, under the names of the site.
"""

import re
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.jobtable import STATES, UNKNOWN, JobTable, label_column
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.schedulers.lines import BlockRows, Columns, array_numbers, instants, read_lines
from workloads.readers.schedulers.records import ATTEMPT, JobNames, Records, table_of
from workloads.readers.schedulers.tokens import Tokens
from workloads.readers.slots_are import SlotsAre
from workloads.readers.text import Source

_NUMBERS: Final = {
    "number": 5, "submit": 8, "start": 9, "end": 10, "failed": 11, "exit_code": 12, "slots": 34, "task": 35,
}  # fmt: skip
_WORDS: Final = {"pool": 0, "group": 2, "user": 3, "project": 31, "category": 39, "part": 41}
_FEWEST_FIELDS = 43
_AGAIN = (24, 25)
"""Values of ``failed`` of a run that moved elsewhere, or was put back into the queue."""
_LIMIT, _SIGNALLED, _ENFORCED = re.compile(r"\bh_rt=([\d:]+)"), 100, 37
_GPUS = re.compile(r"(?:^|[\s,])[\w.]*gpus?[\w.]*=(\d+)", re.IGNORECASE)
_LINE = re.compile(rb"[^:\n]*:[^:\n]*:[^:\n]*:[^:\n]*:(?:[^:\n\\]|\\.)*:\d+:[^\n]*?:\d+:\d+:\d+:\d+:\d+:\d+")


def looks_like_grid_engine(head: bytes) -> bool:
    """Whether a file that begins so is an accounting file of Grid Engine."""
    for line in head.split(b"\n", 50)[:50]:
        if line.strip() and not line.startswith(b"#"):
            return line.count(b":") >= _FEWEST_FIELDS - 1 and bool(_LINE.match(line))
    return False


def read_grid_engine(source: Source, *, lenient: bool = False, slots: SlotsAre = "auto") -> JobTable:
    """Return the jobs of an accounting file of Grid Engine.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines instead of failing; they are counted.
    slots : {"auto", "gpus", "cpus", "nodes"}
        What a slot is; by itself the slots of Grid Engine.

    Raises
    ------
    LogError
        The file cannot be read, holds no job, or (unless `lenient`) has a malformed line.
    """
    log = read_lines(
        source, _look, between=b":", quoted=False, what="Grid Engine's accounting", lenient=lenient
    )
    records = _records(log)
    return table_of(records, slots="cpus" if slots == "auto" else slots)


def _look(tokens: Tokens) -> BlockRows:
    rows = np.arange(len(tokens))
    short = tokens.count < _FEWEST_FIELDS
    numbers, bad = {}, short.copy()
    why = np.where(short, "fewer than 43 fields", "").astype(object)
    for name, place in _NUMBERS.items():
        numbers[name], good = tokens.integers(tokens.at(rows, place))
        why[~good & ~bad] = f"{name} is no whole number"
        bad |= ~good
    words = {name: tokens.words(tokens.at(rows[~bad], place)) for name, place in _WORDS.items()}
    wrong = {int(tokens.lines[row]): str(why[row]) for row in np.flatnonzero(bad)}
    return BlockRows(
        tokens.lines[~bad], {name: values[~bad] for name, values in numbers.items()}, words, wrong
    )


def _records(log: Columns) -> Records:
    numbers = log.numbers
    known = np.ones(len(log.places), np.bool_)
    start = instants(numbers["start"], known)
    end = np.where(start == MISSING_TIME, MISSING_TIME, instants(numbers["end"], known))
    limit = log.each_word("category", _limit).astype(np.int64)
    parts = log.texts("part")
    task_of_another = (parts != "NONE") & (parts != "")
    never = (start == MISSING_TIME) & ~task_of_another
    keep = ~task_of_another & ~never
    records = Records(
        log.path, "line", log.places,
        jobs=JobNames.numbered(numbers["number"], numbers["task"], "{}.{}"),
        submit=instants(numbers["submit"], known),
        eligible=np.full(len(known), MISSING_TIME),
        start=start,
        end=end,
        processors=numbers["slots"].astype(np.float64),
        gpus=log.each_word("category", _gpus),
        fate=_fates(log, np.where(keep, end - start, 0), limit),
        optional={
            "requested_s": limit,
            "exit_code": numbers["exit_code"],
            "array_id": array_numbers(numbers["number"], numbers["task"]),
        },
        labels={"user": log.labels["user"], "pool": log.labels["pool"], "tenant": _tenants(log)},
    )  # fmt: skip
    gone = records.tally("task of a parallel job: the line of its master counts", task_of_another)
    gone += records.tally("never started", never)
    kept = records.take(keep)
    kept.dropped = [*log.dropped, *gone]
    return kept


def _fates(log: Columns, run_s: NDArray[np.int64], limit: NDArray[np.int64]) -> NDArray[np.int8]:
    failed, code = log.numbers["failed"], log.numbers["exit_code"]
    over = (limit > 0) & (run_s >= limit) & np.isin(failed, (_SIGNALLED, _ENFORCED))
    fate = np.where((failed != 0) | (code != 0), STATES.index("failed"), STATES.index("completed"))
    fate = np.where(over, STATES.index("timeout"), fate)
    return np.where(np.isin(failed, _AGAIN), ATTEMPT, fate).astype(np.int8)


def _limit(category: str) -> int:
    """Return the limit in a category [s]; -1 for none.

    Examples
    --------
    >>> _limit("-l h_rt=7200,gpu=2 -pe mpi 16"), _limit("-l h_rt=1:30:00"), _limit("NONE")
    (7200, 5400, -1)
    """
    found = _LIMIT.search(category)
    parts = found[1].split(":") if found else []
    if not parts or not all(part.isdigit() and len(part) < 12 for part in parts):
        return UNKNOWN
    return sum(int(part) * size for part, size in zip(reversed(parts), (1, 60, 3600), strict=False))


def _gpus(category: str) -> int:
    """Return the GPUs in a category, whatever the site calls them.

    Examples
    --------
    >>> _gpus("-l h_rt=7200,gpu=2 -pe mpi 16"), _gpus("-l ngpus=4"), _gpus("NONE")
    (2, 4, 0)
    """
    return sum(int(found[1]) for found in _GPUS.finditer(category) if len(found[1]) < 10)


def _tenants(log: Columns) -> pd.Categorical:
    """Return the project of each job, or the group where it has none."""
    projects = log.texts("project")
    named = (projects != "NONE") & (projects != "")
    codes, words = pd.factorize(np.where(named, projects, log.texts("group")))
    return label_column(codes, [*map(str, words)])
