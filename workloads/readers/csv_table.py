"""JobTables as CSV: for a spreadsheet, or written by hand with the required columns only.

What is known about the table stands in ``# key: value`` lines above the header row.
"""

import io
import json
import re
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from workloads.errors import LogError, LogProblem
from workloads.jobtable import COLUMNS, OPTIONAL, JobTable
from workloads.readers.columns import about_of, table_from_loose
from workloads.readers.text import BYTE_ORDER_MARK, Source, decode, open_log, open_target

REQUIRED = {column.name for column in COLUMNS if column.required}
TYPED = {column.name: "float64" for column in (*COLUMNS, *OPTIONAL) if column.dtype != "category"}
"""The columns of numbers, and as what they are read: any of them may be a fraction in a file by hand."""
MARKS = (";", "\t")
"""What cuts the values if it stands in the header row, else commas do."""


def write_csv(table: JobTable, target: str | Path | BinaryIO) -> None:
    """Write `table` as CSV in UTF-8."""
    about = {key: value for key, value in about_of(table).items() if value}
    head = "".join(f"# {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in about.items())
    with open_target(target) as stream:
        stream.write(head.encode())
        table.frame.to_csv(stream, index=False, lineterminator="\n", mode="wb", encoding="utf-8")


def read_csv(source: Source, *, lenient: bool = False) -> JobTable:
    """Return the table in a CSV file with a header row, plain or gzipped.

    Raises
    ------
    LogError
        The file cannot be read, is no CSV, lacks a required column, or has a number no job can have.
    """
    with open_log(source) as (stream, name):
        raw = stream.read().removeprefix(BYTE_ORDER_MARK)
    if b"\0" in raw:
        raise LogError.whole_file(name, "this is not text: a zero byte")
    text = decode(raw)
    about, header_line = _about(text, name)
    header = text.split("\n", header_line)[header_line - 1]
    mark = _mark(header)
    try:
        frame = _frame(text, header_line, header, mark)
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError, ValueError) as error:
        raise LogError([_broken(text, header_line, name, mark, str(error).strip())]) from None
    loose = {str(key).strip(): frame[key] for key in frame.columns}
    told = []
    if mark != ",":
        loose, commas = _decimal_points(loose, name)
        what = "values are cut at semicolons or tabs"
        if commas:
            what = "values are cut at semicolons or tabs, and decimals have commas"
        told = [{"reason": what, "count": len(frame), "examples": ()}]
    about["remarks"] = [*(about.get("remarks") or ()), *told]
    return table_from_loose(loose, about, name, first_line=header_line + 1, lenient=lenient)


def looks_like_table(head: bytes) -> bool:
    """Whether a file that begins so has the header row of a job table."""
    for line in decode(head).split("\n"):
        if not line.startswith("#"):
            return REQUIRED.issubset(_names(line, _mark(line)))
    return False


def _mark(header: str) -> str:
    """Return at what the values are cut: a comma, or what a spreadsheet takes where decimals have commas."""
    return next((mark for mark in MARKS if mark in header), ",")


def _names(header: str, mark: str) -> list[str]:
    return [name.strip('" \r') for name in header.split(mark)]


def _decimal_points(
    loose: dict[str, "pd.Series[Any]"], path: str
) -> tuple[dict[str, "pd.Series[Any]"], bool]:
    """Return columns of words with decimal points in numbers, and whether they had commas.

    Raises
    ------
    LogError
        Some numbers have commas and some have points: which are decimals, nobody can say.
    """
    numbers = [name for name in loose if name in TYPED]
    commas, points = (
        [name for name in numbers if loose[name].astype(str).str.contains(mark, regex=False).any()]
        for mark in (",", ".")
    )
    if commas and points:
        what = f"numbers with commas ({commas[0]}) and with points ({points[0]})"
        raise LogError.whole_file(path, what, "write decimals in one way, and no mark between thousands")
    changed = {name: loose[name].str.replace(",", ".", regex=False) for name in commas}
    return {**loose, **changed}, bool(commas)


def _broken(text: str, header_line: int, name: str, mark: str, what: str) -> LogProblem:
    """Return where the table breaks, and how: at a quote that does not end, or in a row that is too long."""
    names = len(_names(text.split("\n", header_line)[header_line - 1], mark))
    said = re.search(r"in line (\d+), saw (\d+)", what)
    if said:
        line, values = int(said[1]), int(said[2])
        return _no_table(name, line, f"{values} values, where the header has {names} names")
    numbered = enumerate(io.StringIO(text), 1)
    rows = ((number, line) for number, line in numbered if number > header_line)
    for number, row in rows:
        if row.count('"') & 1:
            return _no_table(name, number, "a quote that does not end")
        if row.count(mark) >= names and '"' not in row:
            values = row.count(mark) + 1
            return _no_table(name, number, f"{values} values, where the header has {names} names")
    return _no_table(name, header_line, what.partition("\n")[0])


def _no_table(name: str, line: int, what: str) -> LogProblem:
    return LogProblem(name, line, None, f"not a CSV table: {what}")


def _frame(text: str, header_line: int, header: str, mark: str) -> pd.DataFrame:
    """Return the table in `text`: typed if all numbers are numbers, else as words, for a closer look."""
    names = _names(header, mark)
    if mark != ",":
        return _parsed(text, header_line, mark, str)
    try:
        return _parsed(text, header_line, mark, {name: TYPED.get(name, str) for name in names})
    except ValueError:
        return _parsed(text, header_line, mark, object)


def _parsed(text: str, header_line: int, mark: str, types: Any) -> pd.DataFrame:  # noqa: ANN401
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # more values than the header has names
        return pd.read_csv(
            io.StringIO(text),
            sep=mark,
            skiprows=header_line - 1,
            skip_blank_lines=False,
            index_col=False,  # else a value too many would move every column by one
            dtype=types,
            keep_default_na=False,
            na_values={number: [""] for number in TYPED},
        )


def _about(text: str, name: str) -> tuple[dict[str, Any], int]:
    """Return what the leading ``#`` lines say, and the number of the line after them."""
    about: dict[str, Any] = {}
    for number, line in enumerate(io.StringIO(text), 1):
        if not line.startswith("#"):
            return about, number
        key, _, value = line[1:].partition(":")
        try:
            about[key.strip()] = json.loads(value)
        except ValueError:
            what = f"'{key.strip()}' is not followed by a JSON value"
            raise LogError(
                [LogProblem(name, number, None, what, "leave the # lines out if in doubt")]
            ) from None
    raise LogError.whole_file(name, "no header row: the file is empty")
