"""Log formats by name: how each is recognised, read and written.

To add one, write ``read(source, *, lenient)`` and ``write(table, target)`` in a file of `readers/` and name
them here. Nothing is imported before it is used, so listing the formats costs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from workloads.errors import LogError, LogProblem
from workloads.jobtable import JobTable
from workloads.readers.text import Source


class Reader(Protocol):
    """Reads a log of one format."""

    def __call__(self, source: Source, *, lenient: bool = False) -> JobTable:
        """Return the jobs in `source`."""


Writer = Callable[[JobTable, str | Path | BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A log format: ``"module:function"`` of its reader and writer, and the endings of its files."""

    name: str
    summary: str
    suffixes: tuple[str, ...]
    reader: str
    writer: str


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            "swf",
            "Standard Workload Format 2.2 of the Parallel Workloads Archive",
            (".swf", ".swf.gz"),
            "workloads.readers.swf:read_swf",
            "workloads.readers.swf_write:write_swf",
        ),
        Format(
            "jobtable-parquet",
            "our own job table as Parquet; keeps everything",
            (".parquet",),
            "workloads.readers.parquet:read_parquet",
            "workloads.readers.parquet:write_parquet",
        ),
        Format(
            "jobtable-csv",
            "our own job table as CSV with a header row",
            (".csv", ".csv.gz"),
            "workloads.readers.csv_table:read_csv",
            "workloads.readers.csv_table:write_csv",
        ),
    )
}


def format_of(path: str | Path) -> str:
    """Return the name of the format that files named like `path` have.

    Raises
    ------
    LogError
        No format has such an ending.

    Examples
    --------
    >>> format_of("logs/KTH-SP2.swf.gz")
    'swf'
    """
    name = Path(path).name.lower()
    for entry in FORMATS.values():
        if name.endswith(entry.suffixes):
            return entry.name
    endings = ", ".join(suffix for entry in FORMATS.values() for suffix in entry.suffixes)
    raise LogError.whole_file(str(path), "the name does not say which format this is", f"known: {endings}")


def reader(name: str) -> Reader:
    """Return the reader of a format; an unknown name is a LogError that names the nearest one."""
    return cast(Reader, _load(_format(name).reader))


def writer(name: str) -> Writer:
    """Return the writer of a format; an unknown name is a LogError that names the nearest one."""
    return cast(Writer, _load(_format(name).writer))


def read_log(path: str | Path, *, format_name: str | None = None, lenient: bool = False) -> JobTable:
    """Return the jobs of a log in any format; the format is told from the name unless given."""
    return reader(format_name or format_of(path))(path, lenient=lenient)


def write_log(table: JobTable, path: str | Path, *, format_name: str | None = None) -> None:
    """Write a table in any format; the format is told from the name unless given."""
    writer(format_name or format_of(path))(table, path)


def _format(name: str) -> Format:
    if name in FORMATS:
        return FORMATS[name]
    close = get_close_matches(name, FORMATS, n=1)
    fix = f"did you mean '{close[0]}'?" if close else f"allowed: {', '.join(FORMATS)}"
    raise LogError([LogProblem("", None, None, f"unknown log format '{name}'", fix)])


def _load(target: str) -> object:
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)
