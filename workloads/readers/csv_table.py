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
from workloads.jobtable import COLUMNS, LABELS, NUMBERS, JobTable
from workloads.readers.columns import about_of, table_from_loose
from workloads.readers.text import BYTE_ORDER_MARK, Source, decode, open_log, open_target

REQUIRED = {column.name for column in COLUMNS if column.required}


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
    try:
        frame = _frame(text, header_line)
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError, ValueError) as error:
        raise LogError([_broken(text, header_line, name, str(error).strip())]) from None
    loose = {str(key): frame[key] for key in frame.columns}
    return table_from_loose(loose, about, name, first_line=header_line + 1, lenient=lenient)


def looks_like_table(head: bytes) -> bool:
    """Whether a file that begins so has the header row of a job table."""
    for line in decode(head).split("\n"):
        if not line.startswith("#"):
            return REQUIRED.issubset(name.strip('" \r') for name in line.split(","))
    return False


def _broken(text: str, header_line: int, name: str, what: str) -> LogProblem:
    """Return where the table breaks: as pandas says, at a quote that does not end, or in the first row."""
    said = re.search(r"in line (\d+)", what)
    numbered = enumerate(io.StringIO(text), 1)
    quotes = (number for number, line in numbered if number > header_line and line.count('"') & 1)
    last = header_line + ("Length of header" in what)
    line = int(said[1]) if said else next(quotes, last)
    return LogProblem(name, line, None, f"not a CSV table: {what}")


def _frame(text: str, header_line: int) -> pd.DataFrame:
    """Return the table in `text`: typed if all numbers are numbers, else as words, for a closer look."""
    try:
        return _parsed(text, header_line, dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(LABELS, str))
    except ValueError:
        return _parsed(text, header_line, object)


def _parsed(text: str, header_line: int, types: Any) -> pd.DataFrame:  # noqa: ANN401 - what pandas takes
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # more values than the header has names
        return pd.read_csv(
            io.StringIO(text),
            skiprows=header_line - 1,
            skip_blank_lines=False,
            index_col=False,  # else a value too many would move every column by one
            dtype=types,
            keep_default_na=False,
            na_values={number: [""] for number in NUMBERS},
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
