"""How commands print: data to stdout as a table, CSV or JSON, everything else to stderr.

A table on a terminal is drawn by rich; the same columns go into a pipe as aligned plain text, with no boxes,
no colour and nothing cut off. CSV and JSON carry the SI numbers themselves, the unit in the column's name.
"""

import csv
import json
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar

import click

from capacity.cli.options.option import flag
from capacity.face.document import document, json_values
from capacity.report.terminal.table import Col, Row, TextTable
from capacity.report.words import LANGUAGES

Format = Literal["table", "csv", "json"]
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Output:
    """The form of the output that a user asked for."""

    format: Format = "table"
    noheader: bool = False

    def emit(
        self, columns: Sequence[Col], rows: Sequence[Row], *, json_payload: Mapping[str, Any] | None = None
    ) -> None:
        """Print rows to stdout.

        Parameters
        ----------
        columns : sequence of Col
            What a table and CSV show, in order.
        rows : sequence of mapping
            Values by key, in SI units. JSON carries all keys, also those no column shows.
        json_payload : mapping, optional
            What JSON carries instead of ``{"rows": [...]}``; the schema version is added, NaN and infinity,
            which JSON lacks, become null.
        """
        if self.format == "json":
            whole = document({"rows": rows} if json_payload is None else json_payload)
            click.echo(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False))
        elif self.format == "csv":
            _emit_csv(columns, rows, noheader=self.noheader)
        elif sys.stdout.isatty() and _fits(columns, rows, noheader=self.noheader):
            _emit_rich(columns, rows, noheader=self.noheader)
        else:
            click.echo(plain_table(columns, rows, noheader=self.noheader), nl=False)

    def show(self, blocks: Iterable[str | TextTable]) -> None:
        """Print what a person reads: lines of text, and tables between them."""
        for block in blocks:
            if isinstance(block, str):
                click.echo(block)
            else:
                self.emit(block.columns, block.rows)


def output_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command ``--format``, ``--json`` and ``--noheader``, passed to it as one `Output`."""

    @click.option(
        "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
        envvar="CAPACITY_FORMAT",
        help="How to print the result; the environment variable CAPACITY_FORMAT sets another default.",
    )  # fmt: skip
    @flag("--json as_json", "Short for --format json.")
    @flag("-n --noheader", "No heading above a table or CSV.")
    @wraps(command)
    def with_output(*args: Any, form: Format, as_json: bool, noheader: bool, **kwargs: Any) -> R:  # noqa: ANN401
        return command(*args, output=Output("json" if as_json else form, noheader), **kwargs)

    return with_output


def language_option(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command ``--lang``, passed to it as a `Language` called ``say``."""

    @click.option(
        "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True,
        help="Language of what is written for people; names, CSV and JSON stay as they are.",
    )  # fmt: skip
    @wraps(command)
    def with_language(*args: Any, lang: str, **kwargs: Any) -> R:  # noqa: ANN401
        from capacity.report.language import Language

        say = Language(lang)
        if (session := click.get_current_context().obj) is not None:
            session.say = say
        return command(*args, say=say, **kwargs)

    return with_language


def plain_table(columns: Sequence[Col], rows: Sequence[Row], *, noheader: bool = False) -> str:
    """Return a table as aligned text, two blanks between columns, every line ended by a newline.

    Examples
    --------
    >>> columns = [Col("n", "nodes", align="right"), Col("name", "name")]
    >>> print(plain_table(columns, [{"n": 8, "name": "a"}]), end="")
    nodes  name
        8  a
    """
    padded = []
    for column in columns:
        cells = [column.cell(row) for row in rows]
        if not noheader:
            cells.insert(0, column.heading)
        width = max(map(_width, cells), default=0)
        blanks = [" " * (width - _width(cell)) for cell in cells]
        right = column.align == "right"
        padded.append([b + cell if right else cell + b for b, cell in zip(blanks, cells, strict=True)])
    return "".join("  ".join(line).rstrip() + "\n" for line in zip(*padded, strict=True))


def _width(text: str) -> int:
    """Columns that `text` takes on a terminal: Korean and other wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _fits(columns: Sequence[Col], rows: Sequence[Row], *, noheader: bool) -> bool:
    """Whether a table is narrow enough for the terminal; a wider one wraps whole lines, cutting nothing."""
    lines = plain_table(columns, rows, noheader=noheader).splitlines()
    return max(map(_width, lines), default=0) <= shutil.get_terminal_size().columns


def _emit_csv(columns: Sequence[Col], rows: Sequence[Row], *, noheader: bool) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if not noheader:
        writer.writerow([column.key for column in columns])
    for row in rows:
        values = [json_values(row.get(column.key)) for column in columns]
        writer.writerow(["" if value is None else value for value in values])


def _emit_rich(columns: Sequence[Col], rows: Sequence[Row], *, noheader: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_header=not noheader, pad_edge=False)
    for column in columns:
        table.add_column(Text(column.heading), justify=column.align)
    for row in rows:
        # Text, because a plain string is markup to rich and "[/x]" in a name would vanish.
        table.add_row(*(Text(column.cell(row)) for column in columns))
    Console().print(table)
