"""Opens a table of any kind and takes the wanted columns from it, as `Delimited` has them."""

import csv
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import label_column
from workloads.logs import head_of
from workloads.readers.any_table.mapping import CLOCK, COUNTS, SPANS, TIMES, NamedColumn, near
from workloads.readers.delimited.block import LABEL
from workloads.readers.delimited.reader import Delimited, Field, Layout, read_delimited
from workloads.readers.delimited.values import REASONS, Values, values_of
from workloads.readers.objects.entries import parsed
from workloads.readers.schedulers.records import malformed
from workloads.readers.text import Source, source_name

MISSING = ("NaN", "nan", "NaT", "None", "NULL", "null", "NA", "N/A", "Unknown")
_PARQUET, _JSON = b"PAR1", re.compile(rb"\s*[\[{]")
_DELIMITERS = ",\t;|"


def read_columns(
    source: Source, columns: Mapping[str, NamedColumn], *, lenient: bool
) -> tuple[Delimited, str]:
    """Return the columns of a table by their names in the file, and what its rows are called.

    Parameters
    ----------
    source : str, Path or binary file
        CSV, TSV or the like with a header row, JSON lines, a list in JSON, or Parquet.
    columns : mapping of str to NamedColumn
        What is wanted.
    lenient : bool
        Leave out malformed rows instead of failing; they are counted.

    Raises
    ------
    LogError
        The file cannot be read, has not these columns, or (unless `lenient`) has a malformed row.
    """
    fields = _fields(columns)
    head, _ = head_of(source)
    if head.startswith(_PARQUET):
        return _from_parquet(source, fields, lenient=lenient), "entry"
    if _JSON.match(head):
        return _from_json(source, fields, lenient=lenient), "entry"

    def layout(first: str) -> Layout:
        mark = max(_DELIMITERS, key=lambda one: sum(name in fields for name in _cells(first, one)))
        names = _cells(first, mark)
        _check(fields, names)
        known = tuple(name.lower() for name in names)
        return Layout(tuple(fields.values()), delimiter=mark, missing=MISSING, known=known)

    return read_delimited(source, layout, lenient=lenient), "line"


def _cells(first: str, mark: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([first], delimiter=mark), [])]


def _fields(columns: Mapping[str, NamedColumn]) -> dict[str, Field]:
    """Return the fields that are wanted, by the name of their column."""
    fields: dict[str, Field] = {}
    for part, column in columns.items():
        field = Field(column.name, "label", blank=True)
        if part == "id":
            field = Field(column.name, "text", blank=True)
        elif part in TIMES and not column.unit:
            field = Field(column.name, "time", blank=True)
        elif part in COUNTS or (part in (*TIMES, *SPANS) and column.unit != CLOCK):
            field = Field(column.name, "number", blank=True)
        if fields.setdefault(column.name, field) != field:
            raise LogError.whole_file("", f"column {column.name} cannot be two things at once")
    return fields


def _check(fields: Mapping[str, Field], names: Sequence[str]) -> None:
    known = {name.lower() for name in names}
    for name in fields:
        if name.lower() not in known:
            raise LogError.whole_file("", f"there is no column '{name}'", near(name, names))


def _from_parquet(source: Source, fields: Mapping[str, Field], *, lenient: bool) -> Delimited:
    name = source_name(source)
    try:
        table = pq.read_table(source).flatten()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise LogError.whole_file(name, f"not a readable Parquet file: {reason}") from None
    by_name = {one.lower(): one for one in table.column_names}
    _check(fields, table.column_names)
    cells = {}
    for field in fields:
        column = table[by_name[field.lower()]]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        try:
            cells[field] = column.cast(pa.string()).fill_null("")
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            raise LogError.whole_file(name, f"column {field} is no plain value: {column.type}") from None
    return _delimited(cells, fields, name, table.num_rows, lenient=lenient)


def _from_json(source: Source, fields: Mapping[str, Field], *, lenient: bool) -> Delimited:
    value, name = parsed(source)
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list)]
        value = lists[0] if len(lists) == 1 else [value]
    objects = [one if isinstance(one, dict) else {} for one in value]
    _check(fields, [*dict.fromkeys(path for one in objects[:1000] for path in _paths(one))])
    cells = {}
    for field in fields:
        path = field.split(".")
        words = [_cell(one, field, path) for one in objects]
        cells[field] = pa.chunked_array([pa.array(words, pa.string())])
    return _delimited(cells, fields, name, len(objects), lenient=lenient)


def _paths(value: Mapping[str, Any], before: str = "") -> list[str]:
    """Return the names of all values in an object, those of objects within it behind a point."""
    names = []
    for key, one in value.items():
        names.append(f"{before}{key}")
        if isinstance(one, dict):
            names += _paths(one, f"{before}{key}.")
    return names


def _cell(value: Any, name: str, path: Sequence[str]) -> str:  # noqa: ANN401 - from a file
    if name in value:
        value = value[name]
    else:
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="replace").decode()
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _delimited(
    cells: Mapping[str, pa.ChunkedArray], fields: Mapping[str, Field], path: str, rows: int, *, lenient: bool
) -> Delimited:
    """Return cells of text as what the fields hold; malformed rows are counted or refused."""
    if not rows:
        raise LogError.whole_file(path, "no job in this log", "it has no row of values")
    values = {name: values_of(_coded(cells[name], field), field, MISSING) for name, field in fields.items()}
    wrong = _wrong(values, cells)
    dropped = malformed(path, "entry", wrong, lenient=lenient, all_wrong=len(wrong) == rows)
    good = np.ones(rows, np.bool_)
    good[[place - 1 for place in wrong]] = False
    columns: dict[str, Any] = {}
    for name, field in fields.items():
        data = values[name].take(good).data
        columns[name] = _label(cells[name], good) if field.kind == "label" else data
    lines: NDArray[np.int64] = np.flatnonzero(good) + 1
    naive = frozenset(name for name, value in values.items() if value.without_zone)
    zoned = frozenset(name for name, value in values.items() if value.with_zone)
    return Delimited(path, columns, lines, naive, tuple(dropped), (), zoned)


def _label(words: pa.ChunkedArray, good: NDArray[np.bool_]) -> pd.Categorical:
    texts = [word.strip() for word in words.filter(pa.array(good)).to_pylist()]
    codes, unique = pd.factorize(np.array(["" if word in MISSING else word for word in texts], dtype=object))
    return label_column(codes, [*map(str, unique)])


def _coded(words: pa.ChunkedArray, field: Field) -> pa.ChunkedArray:
    return words.cast(LABEL) if field.kind == "label" else words


def _wrong(values: Mapping[str, Values], cells: Mapping[str, pa.ChunkedArray]) -> dict[int, str]:
    """Return the entries that make no sense, by number, and why."""
    wrong: dict[int, str] = {}
    for name, value in values.items():
        for row in np.flatnonzero(value.wrong).tolist():
            cell = cells[name][row].as_py()
            shown = repr(cell if len(cell) <= 24 else cell[:24] + "…")
            wrong.setdefault(row + 1, f"column {name} is {shown}, {REASONS[value.wrong[row]]}")
    return dict(sorted(wrong.items()))
