"""Reads logs in the Standard Workload Format 2.2 of the Parallel Workloads Archive.

18 numbers a line, ``;`` in front of header lines, -1 for unknown. Real files bend that: tabs, more columns,
fractions, submissions out of order, only one of the two processor fields. What is bent is read and
remarked; what is broken is an error with its line, or, with ``lenient``, left out and counted.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError, LogProblem
from workloads.jobtable import JobTable, Tally, table_from
from workloads.readers.checks import repeated_ids, started_again
from workloads.readers.swf.clock import clock_of
from workloads.readers.swf.columns import columns_of
from workloads.readers.swf.header import machine_size, parse_header
from workloads.readers.swf.lines import FIELDS, JOB, PRECEDING, SUBMIT, Parsed, is_job, parse_block
from workloads.readers.swf.parts import whole_jobs
from workloads.readers.swf.period import period_of
from workloads.readers.text import BYTE_ORDER_MARK, Source, open_log

BLOCK_BYTES = 4 << 20
MOST_PROBLEMS = 20


def read_swf(
    source: Source, *, lenient: bool = False, ties: Literal["id", "file"] = "id", zone: str | None = None
) -> JobTable:
    """Return the jobs of an SWF log, exactly as recorded (see `JobTable.clean`).

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines, and keep repeated job ids, instead of failing; both are counted.
    ties : {"id", "file"}
        Order of jobs submitted in the same second.
    zone : str, optional
        In which hours and weekdays are told; without it, what the header says, else UTC.

    Raises
    ------
    LogError
        The file cannot be read, holds no job, or (unless `lenient`) has a malformed line, a repeated id or a
        size of the machine that is no number; or there is no such zone.
    """
    with open_log(source) as (stream, path):
        parts = _parse(stream, path, lenient=lenient)
    values = [np.concatenate([part.values.pop(0) for part in parts]) for _ in FIELDS] if parts else []
    problems = [problem for part in parts for problem in part.problems]
    if not values or not len(values[0]):
        _refuse_empty(path, problems)
    header = parse_header([comment for part in parts for comment in part.comments])
    size, wrong = machine_size(header)
    if wrong and not lenient:
        raise LogError.whole_file(path, wrong, "write it in digits, or read the log leniently without it")
    values, dropped = whole_jobs(values)
    remarks = [*_remarks_on_lines(parts, values[SUBMIT])]
    remarks += (
        [Tally("the size of the machine is no whole number: left out", len(values[0]))] if wrong else []
    )
    values[JOB], values[PRECEDING], again = started_again(values[JOB], values[SUBMIT], values[PRECEDING])
    remarks += [*again, *repeated_ids(values[JOB], path, lenient=lenient)]
    clock, supposed = clock_of(header, values[SUBMIT], zone)
    period_s = period_of(header, values[SUBMIT], clock["origin"])
    columns = columns_of(values, header, remarks)
    values.clear()  # ten million jobs need the memory
    return table_from(
        columns,
        ties=ties,
        max_slots=size,
        source=path,
        header=header,
        period_s=period_s,
        dropped=(*_counted(problems), *dropped),
        remarks=(*remarks, *supposed),
        **clock,
    )


def looks_like_swf(head: bytes) -> bool:
    """Whether a file that begins so is SWF: its first line that is no comment has 18 numbers."""
    for line in head.split(b"\n"):
        if line.strip() and not line.lstrip().startswith(b";"):
            return is_job(line)
    return head.lstrip().startswith(b";")


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


def _remarks_on_lines(parts: Iterable[Parsed], submit_s: NDArray[np.number]) -> list[Tally]:
    backwards = np.flatnonzero(submit_s[1:] < submit_s[:-1])
    tallies = [
        Tally("more than 18 columns: the further ones are left out", sum(part.wider for part in parts)),
        Tally("fractions rounded to whole numbers", sum(part.fractions for part in parts)),
        Tally("line out of submission order: sorted", len(backwards)),
    ]
    return [tally for tally in tallies if tally.count]
