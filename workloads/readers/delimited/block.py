"""One block of lines of a delimited log to columns: all at once if it is clean, else cell by cell in bulk."""

import csv
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from workloads.errors import LogProblem
from workloads.readers.delimited.layout import Field, Layout
from workloads.readers.delimited.lines import Lines, prepare, without_stray_quotes
from workloads.readers.delimited.values import REASONS, Values, values_of

MOST_EXPLAINED = 20
LABEL = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """What to do with every block of a file.

    Attributes
    ----------
    path : str
        Name of the file, for messages.
    layout : Layout
        How lines are cut.
    names : tuple of str
        All columns of the file, in order.
    fields : dict of str to Field
        The wanted ones, by their name in the file.
    head : bytes
        The header line; another one like it, as in files put one behind the other, is no row.
    """

    path: str
    layout: Layout
    names: tuple[str, ...]
    fields: dict[str, Field]
    head: bytes = b""


@dataclass(slots=True)
class Part:
    """The good rows of one block, by name of the field, and what became of the others."""

    columns: dict[str, Any]
    lines: NDArray[np.int64]
    problems: list[LogProblem] = field(default_factory=list)
    bad: int = 0
    other_encoding: list[int] = field(default_factory=list)
    rounded: dict[str, int] = field(default_factory=dict)
    without_zone: set[str] = field(default_factory=set)
    with_zone: set[str] = field(default_factory=set)
    heads: int = 0


def parse_block(block: bytes, first: int, plan: BlockPlan) -> Part:
    """Return the rows of a block of whole lines, of which the first has the number `first` in the file."""
    layout = plan.layout
    block, heads = _without_heads(block, plan.head)
    part = _parse_rows(layout.marked(block), first, plan)
    part.heads = heads
    return part


def _without_heads(block: bytes, head: bytes) -> tuple[bytes, int]:
    """Return a block with blank lines in place of repeated header lines, and how many there were."""
    if not head or head not in block:
        return block, 0
    return re.subn(rb"(?m)^" + re.escape(head) + rb"\r?$", b"", block)


def _parse_rows(block: bytes, first: int, plan: BlockPlan) -> Part:
    layout = plan.layout
    lines = prepare(block, first, comment=layout.comment.encode(), quoted=layout.quoted)
    if not len(lines.numbers):
        return _part({}, np.empty(0, np.int64), lines, dict(lines.broken), plan)
    lines, values, odd = _read(lines, plan)
    broken = dict(lines.broken) | _explain_odd(odd, lines, plan)
    numbers = np.delete(lines.numbers, [*odd]) if odd else lines.numbers
    rows = np.delete(np.arange(len(lines.numbers)), [*odd]) if odd else None
    bad = np.logical_or.reduce([value.wrong > 0 for value in values.values()])
    if bad.any():
        where = np.flatnonzero(bad)
        texts = lines.data.split(b"\n")
        for at in where[:MOST_EXPLAINED]:
            text = texts[at if rows is None else rows[at]]
            broken[int(numbers[at])] = _explain(text, int(at), values, plan)
        broken |= dict.fromkeys(numbers[where[MOST_EXPLAINED:]].tolist(), "")
        numbers = numbers[~bad]
        values = {name: value.take(~bad) for name, value in values.items()}
    return _part(values, numbers, lines, broken, plan)


def _part(
    values: dict[str, Values],
    numbers: NDArray[np.int64],
    lines: Lines,
    broken: dict[int, str],
    plan: BlockPlan,
) -> Part:
    problems = [LogProblem(plan.path, number, None, what) for number, what in broken.items() if what]
    return Part(
        {name: value.data for name, value in values.items()},
        numbers,
        problems=sorted(problems, key=lambda problem: problem.line or 0)[:MOST_EXPLAINED],
        bad=len(broken),
        other_encoding=lines.other_encoding,
        rounded={name: value.rounded for name, value in values.items() if value.rounded},
        without_zone={name for name, value in values.items() if value.without_zone},
        with_zone={name for name, value in values.items() if value.with_zone},
    )


def _explain_odd(odd: dict[int, int], lines: Lines, plan: BlockPlan) -> dict[int, str]:
    """Return what is wrong with the lines of another number of columns; nothing is, with blanks alone."""
    rows = lines.data.split(b"\n") if odd else []
    most, layout = len(plan.names), plan.layout
    shifted = "" if layout.quoted else f": a value holds the {layout.delimiter!r} between values"
    what = {
        place: f"{count} columns, not {most}{shifted if count > most else ''}"
        for place, count in odd.items()
        if rows[place].strip()
    }
    return {int(lines.numbers[place]): text for place, text in what.items()}


def _read(lines: Lines, plan: BlockPlan) -> tuple[Lines, dict[str, Values], dict[int, int]]:
    """Return the rows, the wanted columns, and the rows with the wrong number of columns, by place."""
    odd: dict[int, int] = {}
    table = _parsed(lines.data, plan, odd)
    if table.num_rows + len(odd) != len(lines.numbers):
        return _read(without_stray_quotes(lines, plan.layout.mark), plan)
    if plan.layout.open_end and any(count > len(plan.names) for count in odd.values()):
        lines.data = _shortened(lines.data, odd, plan)
        return _read(lines, plan)
    values = {
        wanted.name: values_of(table.column(place), wanted, plan.layout.missing)
        for place, wanted in enumerate(plan.fields.values())
    }
    return lines, values, odd


def _parsed(data: bytes, plan: BlockPlan, odd: dict[int, int]) -> pa.Table:
    """Return the wanted columns as strings; rows that are cut into too many or too few go to `odd`."""

    def refuse(row: arrow_csv.InvalidRow) -> str:
        odd[row.number - 1] = row.actual_columns
        return "skip"

    layout = plan.layout
    places = [str(plan.names.index(name)) for name in plan.fields]
    types = [LABEL if wanted.kind == "label" else pa.string() for wanted in plan.fields.values()]
    return arrow_csv.read_csv(
        pa.BufferReader(data),
        arrow_csv.ReadOptions(
            column_names=[str(place) for place in range(len(plan.names))],
            use_threads=False,  # only then are the numbers of bad rows told
            block_size=len(data) + 1,
        ),
        arrow_csv.ParseOptions(
            delimiter=layout.mark,
            quote_char='"' if layout.quoted else False,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        arrow_csv.ConvertOptions(
            include_columns=places,
            column_types=dict(zip(places, types, strict=True)),
            check_utf8=False,
        ),
    )


def _shortened(data: bytes, odd: dict[int, int], plan: BlockPlan) -> bytes:
    """Return the lines with the delimiters that belong to the last column replaced by blanks."""
    rows = data.split(b"\n")
    mark, most = plan.layout.mark.encode(), len(plan.names) - 1
    for place, count in odd.items():
        if count > len(plan.names):
            *head, tail = rows[place].split(mark, most)
            rows[place] = mark.join([*head, tail.replace(mark, b" ")])
    return b"\n".join(rows)


def _explain(text: bytes, at: int, values: dict[str, Values], plan: BlockPlan) -> str:
    """Return what is wrong in a row that has the right number of columns."""
    cells = next(csv.reader([text.decode()], delimiter=plan.layout.mark, quoting=plan.layout.quoting))
    name, wanted = next((name, it) for name, it in plan.fields.items() if values[it.name].wrong[at])
    reason = REASONS[values[wanted.name].wrong[at]].format(least=wanted.least, sort=wanted.sort)
    cell = cells[plan.names.index(name)]
    shown = repr(cell if len(cell) <= 24 else cell[:24] + "…")
    return f"column {name} is {shown}, {reason}" if cell else f"column {name} is empty"
