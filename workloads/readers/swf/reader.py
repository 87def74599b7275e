"""Reads logs in the Standard Workload Format 2.2 of the Parallel Workloads Archive.

18 numbers a line, ``;`` in front of header lines, -1 for unknown. Real files bend that: tabs, more columns,
fractions, submissions out of order, only one of the two processor fields. What is bent is read and
remarked; what is broken is an error with its line, or, with ``lenient``, left out and counted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError, LogProblem
from workloads.jobtable import STATES, UNKNOWN, JobTable, Tally, label_column, table_from
from workloads.readers.checks import early_submissions, raise_to_unknown, repeated_ids
from workloads.readers.swf.header import machine_size, names_of, parse_header, start_of
from workloads.readers.swf.lines import USED, Parsed, is_job, parse_block
from workloads.readers.text import BYTE_ORDER_MARK, Source, open_log

BLOCK_BYTES = 4 << 20
MOST_PROBLEMS = 20
STATUS = {0: "failed", 1: "completed", 3: "completed", 4: "failed", 5: "cancelled"}
"""SWF status to state; 2 (a part, to be continued) and -1 are unknown."""
NAMED = {"tenant": "Group", "user": "User", "job_class": "Queue", "pool": "Partition"}
"""Header keys that may give names to the numbers of a label column."""


def read_swf(source: Source, *, lenient: bool = False, ties: Literal["id", "file"] = "id") -> JobTable:
    """Return the jobs of an SWF log, plain or gzipped, exactly as recorded (see `JobTable.clean`).

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines, and keep repeated job ids, instead of failing; both are counted.
    ties : {"id", "file"}
        Order of jobs submitted in the same second.

    Raises
    ------
    LogError
        The file cannot be read, holds no job, or (unless `lenient`) has a malformed line or a repeated id.
    """
    with open_log(source) as (stream, path):
        parts = _parse(stream, path, lenient=lenient)
    values = [np.concatenate([part.values.pop(0) for part in parts]) for _ in USED] if parts else []
    problems = [problem for part in parts for problem in part.problems]
    if not values or not len(values[0]):
        _refuse_empty(path, problems)
    header = parse_header([comment for part in parts for comment in part.comments])
    remarks = [*_remarks_on_lines(parts, values[1]), *repeated_ids(values[0], path, lenient=lenient)]
    return table_from(
        _columns(values, header, remarks),
        ties=ties,
        origin=start_of(header),
        max_slots=machine_size(header),
        source=path,
        header=header,
        dropped=_counted(problems),
        remarks=tuple(remarks),
    )


def looks_like_swf(head: bytes) -> bool:
    """Whether a file that begins so is SWF: its first line that is no comment has 18 numbers."""
    for line in head.split(b"\n"):
        if line.strip() and not line.startswith(b";"):
            return is_job(line)
    return head.startswith(b";")


def _parse(stream: BinaryIO, path: str, *, lenient: bool) -> list[Parsed]:
    parts: list[Parsed] = []
    found = 0
    for first, lines in _blocks(stream):
        parts.append(parse_block(lines, first, path))
        found += len(parts[-1].problems)
        if not lenient and found >= MOST_PROBLEMS:
            break
    if found and not lenient:
        problems = [problem for part in parts for problem in part.problems]
        raise LogError(problems[:MOST_PROBLEMS], more=len(problems[MOST_PROBLEMS:]))
    return parts


def _blocks(stream: BinaryIO) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the line number each block starts at, and its lines: first the header, then some MB at a time."""
    head: list[bytes] = []
    line = stream.readline().removeprefix(BYTE_ORDER_MARK)
    while line.startswith(b";"):
        head.append(line)
        line = stream.readline()
    if head:
        yield 1, head
    first = len(head) + 1
    lines = [line, *stream.readlines(BLOCK_BYTES)] if line else []
    while lines:
        yield first, lines
        first += len(lines)
        lines = stream.readlines(BLOCK_BYTES)


def _refuse_empty(path: str, problems: list[LogProblem]) -> None:
    if problems:
        raise LogError(problems[:MOST_PROBLEMS], more=len(problems[MOST_PROBLEMS:]))
    raise LogError.whole_file(path, "no job in this log", "an SWF log has one line of 18 numbers per job")


def _counted(problems: list[LogProblem]) -> tuple[Tally, ...]:
    if not problems:
        return ()
    examples = tuple(f"line {problem.line}: {problem.what}" for problem in problems[:3])
    return (Tally("malformed line", len(problems), examples),)


def _remarks_on_lines(parts: Iterable[Parsed], submit_s: NDArray[np.int64]) -> list[Tally]:
    backwards = np.flatnonzero(np.diff(submit_s) < 0)
    tallies = [
        Tally("more than 18 columns: the further ones are left out", sum(part.wider for part in parts)),
        Tally("fractions rounded to whole numbers", sum(part.fractions for part in parts)),
        Tally("line out of submission order: sorted", len(backwards)),
    ]
    return [tally for tally in tallies if tally.count]


def _columns(
    values: Sequence[NDArray[np.int64]], header: Mapping[str, str], remarks: list[Tally]
) -> dict[str, Any]:
    """Return the columns of the JobTable; numbers below -1 become unknown and are remarked on."""
    job, submit, wait, run, allocated, asked, requested, status, user, group, queue, partition = values
    numbers = {"job_id": job, "submit_s": submit, "wait_s": wait, "run_s": run, "requested_s": requested}
    numbers |= {"allocated_slots": allocated, "slots": np.where(asked > 0, asked, allocated)}
    raise_to_unknown(numbers, remarks)
    early_submissions(numbers, remarks)
    labels = {"tenant": group, "user": user, "job_class": queue, "pool": partition}
    words = {name: _labels(column, names_of(header, NAMED[name])) for name, column in labels.items()}
    return {**numbers, **words, "state": _states(status)}


def _labels(numbers: NDArray[np.int64], names: Mapping[int, str]) -> pd.Categorical:
    """Return numbers as labels: the header's name where there is one, -1 as the empty word."""
    unique, codes = np.unique(numbers, return_inverse=True)
    words = ["" if number < 0 else names.get(int(number), str(number)) for number in unique]
    if len(set(words)) < len(words):
        words = ["" if number == UNKNOWN else str(number) for number in unique]
    return label_column(codes, words)


def _states(status: NDArray[np.int64]) -> pd.Categorical:
    codes = np.zeros(len(status), dtype=np.int8)
    for number, state in STATUS.items():
        codes[status == number] = STATES.index(state)
    return label_column(codes, STATES)
