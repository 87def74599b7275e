"""Job lines of an SWF file to numbers, a block of lines at a time, through pyarrow.

Blanks are squeezed to one, so that the block can be cut like any delimited text. Lines that are cut into
another number of fields, or hold something else than numbers, are looked at one by one: comments, blank
lines, lines with more fields than the others, and broken ones, whose message names line and character.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from workloads.errors import LogError, LogProblem
from workloads.jobtable import UNKNOWN

FIELDS = (
    "job number", "submit time", "wait time", "run time", "allocated processors", "average CPU time",
    "used memory", "requested processors", "requested time", "requested memory", "status", "user",
    "group", "application", "queue", "partition", "preceding job", "think time",
)  # fmt: skip
JOB, SUBMIT, RUN, CPU, STATUS, PRECEDING, THINK = 0, 1, 3, 5, 10, 16, 17
"""Positions of some fields."""
PROCESSORS = (4, 7)
"""Positions of the two processor counts."""
FRACTIONS = (CPU, 6, 9)
"""Positions of the fields that need not be whole: CPU time and memory, means over processors."""
LARGEST = 2**53
"""Whole numbers beyond this are not exact as floats, and no time or count of a log is that large."""
MOST_SLOTS = 2**31 - 1
MOST_EXPLAINED = 1000
"""Broken lines of a block that are told apart; further ones are only counted."""

_ASCII = bytes.maketrans(bytes([*b"\t\r\v\f", *range(128, 256)]), b"    " + b"?" * 128)
"""Every kind of blank to a blank, and what cannot be part of a number to something harmless."""
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_TOKEN = re.compile(rb"\S+")
_ONE = re.compile(_NUMBER.encode())


@dataclass(slots=True)
class Parsed:
    """What was found in some lines.

    Attributes
    ----------
    values : list of arrays, each of shape (n_jobs,)
        The 18 fields; whole numbers are rounded, and as small as they can be: a log has tens of millions.
    fractions : int
        Rows in which rounding changed something.
    wider : int
        Rows with more than 18 fields; the further ones are left out.
    comments : list of bytes
        Comment lines, in order.
    problems : list of LogProblem
        One per line that is no job.
    """

    values: list[NDArray[np.number]]
    fractions: int = 0
    wider: int = 0
    comments: list[bytes] = field(default_factory=list)
    problems: list[LogProblem] = field(default_factory=list)


def parse_block(lines: Sequence[bytes], first: int, path: str) -> Parsed:
    """Return the jobs of some consecutive lines.

    Parameters
    ----------
    lines : sequence of bytes
        Whole lines with their ends.
    first : int
        Number of the first of them in the file, from 1.
    path : str
        Name of the file, for messages.
    """
    block = b"".join(lines)
    if b"\0" in block:
        _refuse_zero(lines, first, path)
    width = max(len(FIELDS), _first_width(lines))
    columns, places, others = _cut(block, width)
    wider = len(places) if width > len(FIELDS) else 0
    comments: list[bytes] = []
    problems: list[LogProblem] = []
    more: dict[int, bytes] = {}
    for place in others:
        line = lines[place]
        if not line.strip() or line.lstrip().startswith(b";"):
            comments += [line] if line.strip() else []
        elif is_job(line):
            more[place] = line
        else:
            problems.append(_problem(line, first + place, path, explain=len(problems) < MOST_EXPLAINED))
    if more:
        columns, places = _merged(columns, places, more)
        wider += sum(len(line.split()) > len(FIELDS) for line in more.values())
    values, fractions, huge = _whole(columns)
    what = f"more than {MOST_SLOTS} processors"
    problems += [LogProblem(path, first + int(place), None, what) for place in places[huge]]
    problems.sort(key=lambda problem: problem.line or 0)
    return Parsed(values, fractions, wider, comments, problems)


def _refuse_zero(lines: Sequence[bytes], first: int, path: str) -> NoReturn:
    number, line = next((number, line) for number, line in enumerate(lines, first) if b"\0" in line)
    raise LogError([LogProblem(path, number, line.index(b"\0") + 1, "a zero byte: this is not text")])


def _first_width(lines: Sequence[bytes]) -> int:
    """Return how many fields the first job has: all others have as many, if the log is in order."""
    return next((len(line.split()) for line in lines if is_job(line)), 0)


def _cut(block: bytes, width: int) -> tuple[list[NDArray[np.float64]], NDArray[np.intp], list[int]]:
    """Cut lines of `width` fields.

    Returns
    -------
    columns : list of arrays of float64
        The first 18 fields of the lines that hold that many fields, of which these are numbers.
    places : array of int
        Which lines these are, from 0.
    others : list of int
        The other lines.
    """
    odd: list[int] = []
    squeezed = _squeezed(block)
    if not squeezed.strip():
        none = [np.empty(0) for _ in FIELDS]
        return none, np.empty(0, np.intp), [*range(block.count(b"\n") + (not block.endswith(b"\n")))]
    try:
        table = _table(squeezed, width, odd, pa.float64())
        count = table.num_rows + len(odd)
        columns = [column.to_numpy() for column in table.columns]
        good = np.ones(table.num_rows, np.bool_)
    except pa.ArrowInvalid:
        odd.clear()
        table = _table(squeezed, width, odd, pa.string())
        count = table.num_rows + len(odd)
        columns, good = _numbers(table)
    for column in columns:
        good &= np.abs(column) < LARGEST
    rows = np.delete(np.arange(count), odd) if odd else np.arange(count)
    others = sorted([*odd, *rows[~good].tolist()])
    if others:
        return [column[good] for column in columns], rows[good], others
    return columns, rows, []


def _squeezed(block: bytes) -> bytes:
    """Return lines with one blank between fields and none around them; all in ASCII."""
    text = block.translate(_ASCII).strip(b" ")
    if b"  " not in text and b"\n " not in text and b" \n" not in text:
        return text
    letters = np.frombuffer(text, np.uint8)
    blank = letters == ord(" ")
    spare = np.zeros(len(letters), np.bool_)
    spare[:-1] = blank[:-1] & (blank[1:] | (letters[1:] == ord("\n")))
    return letters[~spare].tobytes().replace(b"\n ", b"\n").strip(b" ")


def _table(text: bytes, width: int, odd: list[int], kind: pa.DataType) -> pa.Table:
    """Return the first 18 fields; the places of lines with another number of fields go to `odd`."""

    def refuse(row: arrow_csv.InvalidRow) -> str:
        odd.append(row.number - 1)
        return "skip"

    names = [str(position) for position in range(width)]
    wanted = names[: len(FIELDS)]
    return arrow_csv.read_csv(
        pa.BufferReader(text),
        arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
        arrow_csv.ParseOptions(
            delimiter=" ", quote_char=False, ignore_empty_lines=False, invalid_row_handler=refuse
        ),
        arrow_csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, kind), null_values=[], check_utf8=False
        ),
    )


def _numbers(table: pa.Table) -> tuple[list[NDArray[np.float64]], NDArray[np.bool_]]:
    """Return columns of words as numbers, and the rows that hold nothing but numbers."""
    columns = []
    good = np.ones(table.num_rows, np.bool_)
    for words in table.columns:
        try:
            numbers = words.cast(pa.float64())
        except pa.ArrowInvalid:
            right = pc.match_substring_regex(words, f"^{_NUMBER}$")
            good &= right.to_numpy(zero_copy_only=False)
            plain = pc.replace_substring_regex(words, r"^\+", "")
            numbers = pc.if_else(right, plain, "0").cast(pa.float64())
        columns.append(numbers.to_numpy())
    return columns, good


def _merged(
    columns: list[NDArray[np.float64]], places: NDArray[np.intp], more: dict[int, bytes]
) -> tuple[list[NDArray[np.float64]], NDArray[np.intp]]:
    """Return columns with the jobs of some further lines put where they belong."""
    lines = [b" ".join(line.split(None, len(FIELDS))[: len(FIELDS)]) for line in more.values()]
    further, found, _ = _cut(b"\n".join(lines) + b"\n", len(FIELDS))
    where = np.concatenate([places, np.array([*more], np.intp)[found]])
    order = np.argsort(where, kind="stable")
    return [np.concatenate(pair)[order] for pair in zip(columns, further, strict=True)], where[order]


def _whole(
    columns: Sequence[NDArray[np.float64]],
) -> tuple[list[NDArray[np.number]], int, NDArray[np.bool_]]:
    """Round to whole numbers: columns, rows that changed, and rows that no machine can have and that go."""
    huge = np.logical_or.reduce([columns[position] + 0.5 >= MOST_SLOTS + 1 for position in PROCESSORS])
    changed = np.zeros(len(huge), np.bool_)
    kept: list[NDArray[np.number]] = []
    for position, column in enumerate(columns):
        if len(column) and column[0] == UNKNOWN and (column == UNKNOWN).all():
            nothing = np.broadcast_to(np.int8(UNKNOWN), len(column))
            kept.append(nothing[~huge])
        elif position in FRACTIONS:
            kept.append(column[~huge])
        else:
            rounded = np.floor(column + 0.5)
            changed |= rounded != column
            kept.append(_small(rounded[~huge]))
    return kept, int(np.count_nonzero(changed)), huge


def _small(whole: NDArray[np.float64]) -> NDArray[np.number]:
    """Return whole numbers in the smallest type of integers that holds them."""
    if not len(whole):
        return whole.astype(np.int8)
    ends = [np.min_scalar_type(-abs(int(end)) - 1) for end in (whole.min(), whole.max())]
    return whole.astype(np.result_type(*ends))


def _problem(line: bytes, number: int, path: str, *, explain: bool) -> LogProblem:
    return _explain(line, number, path) if explain else LogProblem(path, number, None, "no job")


def is_job(line: bytes) -> bool:
    """Whether a line begins with 18 numbers, none too large."""
    tokens = line.split(None, len(FIELDS))[: len(FIELDS)]
    if len(tokens) < len(FIELDS) or not all(map(_ONE.fullmatch, tokens)):
        return False
    return all(abs(float(token)) < LARGEST for token in tokens)


def _explain(line: bytes, number: int, path: str) -> LogProblem:
    """Return what is wrong with a line that is neither a job nor a comment."""
    tokens = list(_TOKEN.finditer(line))
    for position, token in enumerate(tokens[: len(FIELDS)]):
        reason = ""
        if not _ONE.fullmatch(token[0]):
            reason = "not a number"
        elif not abs(float(token[0])) < LARGEST:
            reason = "too large"
        if reason:
            what = f"field {position + 1} ({FIELDS[position]}) is {_show(token[0])}, {reason}"
            return LogProblem(path, number, token.start() + 1, what)
    missing = len(tokens)
    what = f"{missing} fields, not {len(FIELDS)}; field {missing + 1} ({FIELDS[missing]}) is missing"
    return LogProblem(path, number, len(line.rstrip()) + 1, what)


def _show(token: bytes) -> str:
    text = token.decode("ascii", "backslashreplace")
    return repr(text if len(text) <= 24 else text[:24] + "…")
