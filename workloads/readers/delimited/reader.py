r"""Reads delimited text logs, whatever their columns: the part that all such formats share.

A format says in a `Layout` which columns it has and what they hold; this gives them as arrays, with the
line every row stands in. Whole blocks of lines go through pyarrow, so a good file costs no Python per row,
and only the wanted columns are kept. What a log from the wild has is taken: gzip, byte order mark, CRLF,
comments, blank lines, UTF-8 and CP949 mixed, columns in any order, further columns. What is broken is an
error with file and line, or, with ``lenient``, left out and counted.

Examples
--------
>>> import io
>>> layout = Layout((Field("job", "integer"), Field("user", "label"), Field("at", "time")))
>>> log = read_delimited(io.BytesIO(b"user,job,at\nlee,7,2021-05-01T12:00:00\n"), layout)
>>> log.numbers("job"), log.labels("user")[0], log.numbers("at"), log.lines
(array([7]), 'lee', array([1619870400]), array([2]))
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from workloads.errors import LogError, LogProblem
from workloads.jobtable import Tally
from workloads.readers.delimited.block import BlockPlan, Part, parse_block
from workloads.readers.delimited.join import joined
from workloads.readers.delimited.layout import MISSING_TIME, Field, Kind, Layout
from workloads.readers.text import BYTE_ORDER_MARK, Source, decode, open_log

__all__ = ["MISSING_TIME", "Delimited", "Field", "Kind", "Layout", "read_delimited"]

BLOCK_BYTES = 2 << 20
LONGEST_LINE_BYTES = 64 << 20
MOST_PROBLEMS = 20
MOST_ABOVE = 20


@dataclass(frozen=True, slots=True, eq=False)
class Delimited:
    """The rows of a delimited log.

    Attributes
    ----------
    path : str
        Name of the file, for messages.
    columns : mapping of str to array
        By name of the field: int64 array ("integer", "time"), float64 array ("number"), Categorical without
        missing values ("label"), or pyarrow ChunkedArray of strings ("text"). Optional fields that the file
        does not have are not there.
    lines : array of int64, shape (n_rows,)
        Line of the file in which each row stands, from 1.
    without_zone : frozenset of str
        Names of the time fields in which some time states no zone; it was read as UTC.
    dropped, remarks : tuple of Tally
        Rows left out, and rows changed, as in `JobTable`.
    with_zone : frozenset of str
        Names of the time fields in which some time states a zone.
    """

    path: str
    columns: Mapping[str, Any]
    lines: NDArray[np.int64]
    without_zone: frozenset[str]
    dropped: tuple[Tally, ...]
    remarks: tuple[Tally, ...]
    with_zone: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def numbers(self, name: str) -> NDArray[Any]:
        """Return an "integer", "number" or "time" column."""
        column: NDArray[Any] = self.columns[name]
        return column

    def labels(self, name: str) -> pd.Categorical:
        """Return a "label" column."""
        column: pd.Categorical = self.columns[name]
        return column

    def texts(self, name: str) -> pa.ChunkedArray:
        """Return a "text" column."""
        return self.columns[name]


def read_delimited(
    source: Source, layout: Layout | Callable[[str], Layout], *, lenient: bool = False
) -> Delimited:
    """Return the wanted columns of a delimited log.

    Parameters
    ----------
    source : str, Path or binary file
        The log, plain or gzipped.
    layout : Layout, or function
        The columns; or what gives them for the text of the first line that is neither blank nor a comment.
        What it refuses may stand above a header line: at most `MOST_ABOVE` lines, which are counted.
    lenient : bool
        Leave out malformed rows instead of failing; they are counted.

    Raises
    ------
    LogError
        The file cannot be read, has no row, lacks a required column, or (unless `lenient`) has a malformed
        row: at most `MOST_PROBLEMS` of them are named.
    """
    with open_log(source) as (stream, path):
        number, first = _first_line(stream, path, layout)
        above: list[Tally] = []
        if isinstance(layout, Layout):
            chosen = layout
        else:
            chosen, number, first, above = _ask(layout, first, number, path, stream)
        plan, remarks = _plan(chosen, first, number, path)
        rest = b"" if chosen.header else first
        parts = _parse(_blocks(stream, rest, number + chosen.header, path), plan, lenient=lenient)
    problems = [problem for part in parts for problem in part.problems]
    bad = sum(part.bad for part in parts)
    if not sum(len(part.lines) for part in parts):
        if problems:
            raise LogError(problems[:MOST_PROBLEMS], more=bad - len(problems[:MOST_PROBLEMS]))
        raise LogError.whole_file(path, "no job in this log", "it has no row of values")
    dropped = [Tally("malformed line", bad, _examples(problems))] if bad else []
    columns, more = joined(parts, plan)
    naive = frozenset(name for part in parts for name in part.without_zone)
    zoned = frozenset(name for part in parts for name in part.with_zone)
    lines = np.concatenate([part.lines for part in parts])
    return Delimited(path, columns, lines, naive, tuple(dropped), (*above, *remarks, *more), zoned)


def _examples(problems: list[LogProblem]) -> tuple[str, ...]:
    return tuple(f"line {problem.line}: {problem.what}" for problem in problems[:3])


def _first_line(stream: BinaryIO, path: str, layout: Layout | Callable[[str], Layout]) -> tuple[int, bytes]:
    """Return the number and the bytes of the first line that says anything."""
    comment = (layout.comment if isinstance(layout, Layout) else "#").encode()
    number = 1
    line = stream.readline(LONGEST_LINE_BYTES).removeprefix(BYTE_ORDER_MARK)
    while line and (not line.strip() or (comment and line.startswith(comment))):
        number += 1
        line = stream.readline(LONGEST_LINE_BYTES)
    if not line:
        raise LogError.whole_file(path, "no job in this log", "the file is empty")
    if b"\0" in line:
        place = line.index(b"\0") + 1
        raise LogError([LogProblem(path, number, place, "a zero byte: this is not text")])
    return number, line


def _ask(
    layout: Callable[[str], Layout], first: bytes, number: int, path: str, stream: BinaryIO
) -> tuple[Layout, int, bytes, list[Tally]]:
    """Return the layout, the number and the bytes of the line it is of, and a remark on lines above it.

    That is the first line, or else a header line a little further down, below the message of a program.
    What speaks against the first line gets its place in the file.
    """
    try:
        return layout(decode(first).rstrip("\r\n")), number, first, []
    except LogError as error:
        problems = [replace(problem, path=path, line=number) for problem in error.problems]
    for above in range(1, MOST_ABOVE + 1):
        line = stream.readline(LONGEST_LINE_BYTES)
        try:
            found = layout(decode(line).rstrip("\r\n"))
        except LogError:
            continue
        if found.header:
            lines = tuple(f"line {one}" for one in range(number, number + min(above, 3)))
            return found, number + above, line, [Tally("stands above the header line: no job", above, lines)]
    raise LogError(problems)


def _plan(layout: Layout, first: bytes, number: int, path: str) -> tuple[BlockPlan, list[Tally]]:
    """Return where the wanted columns stand in this file, and remarks on columns that nobody wants."""
    if not layout.header:
        names = layout.names or tuple(field.name for field in layout.fields)
        return BlockPlan(path, layout, names, {field.name: field for field in layout.fields}), []
    text = decode(layout.marked(first)).rstrip("\r\n")
    rows = csv.reader([text], delimiter=layout.mark, quoting=layout.quoting)
    try:
        names = tuple(name.strip() for name in next(rows))
    except csv.Error as error:
        raise LogError([LogProblem(path, number, None, f"not a header row: {error}")]) from None
    fields: dict[str, Field] = {}
    for field in layout.fields:
        places = next((found for word in field.spellings if (found := _places(names, word))), [])
        if len(places) > 1:
            what = f"column {places[0]} is there {len(places)} times"
            raise LogError([LogProblem(path, number, None, what)])
        if places:
            fields[places[0]] = field
    missing = [field.name for field in layout.fields if field.required and field not in fields.values()]
    if missing:
        fix = f"the header row has {_short(names)}"
        raise LogError([LogProblem(path, number, None, f"column {', '.join(missing)} is missing", fix)])
    strange = [name for name in names if name and name not in fields and name.lower() not in layout.known]
    remarks = [Tally("column that no job table has is left out", len(strange), tuple(strange[:3]))]
    return BlockPlan(path, layout, names, fields, first.rstrip(b"\r\n")), remarks if strange else []


def _places(names: tuple[str, ...], spelling: str) -> list[str]:
    return [name for name in names if name.lower() == spelling]


def _short(names: tuple[str, ...]) -> str:
    text = ", ".join(names)
    return text if len(text) <= 300 else text[:300] + " …"


def _blocks(stream: BinaryIO, rest: bytes, number: int, path: str) -> Iterator[tuple[int, bytes]]:
    """Yield some MB of whole lines at a time, with the number of the first line."""
    while True:
        block = rest + stream.read(BLOCK_BYTES)
        if not block:
            return
        if not block.endswith(b"\n"):
            block += stream.readline(LONGEST_LINE_BYTES)
        if len(block) >= LONGEST_LINE_BYTES:
            what = f"a line of more than {LONGEST_LINE_BYTES >> 20} MB"
            raise LogError([LogProblem(path, number + block.count(b"\n"), None, what, "is this a log?")])
        yield number, block
        number += block.count(b"\n")
        rest = b""


def _parse(blocks: Iterator[tuple[int, bytes]], plan: BlockPlan, *, lenient: bool) -> list[Part]:
    parts: list[Part] = []
    problems: list[LogProblem] = []
    bad = 0
    for number, block in blocks:
        parts.append(parse_block(block, number, plan))
        problems += parts[-1].problems
        bad += parts[-1].bad
        if not lenient and bad >= MOST_PROBLEMS:
            break
    if bad and not lenient:
        shown = problems[:MOST_PROBLEMS]
        raise LogError(shown, more=bad - len(shown))
    return parts
