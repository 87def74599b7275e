"""A job log, found: a file, a pipe, or ``-`` for standard input, and its format."""

import hashlib
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from capacity.errors import InputError, UsageError, nearest
from capacity.inputs.reading.yaml_reader import read_file
from workloads.errors import LogError
from workloads.formats import FORMATS, reader_with
from workloads.logs import format_of

if TYPE_CHECKING:
    from workloads.jobtable import JobTable

STREAM_FORMAT = "swf"
"""What comes through a pipe if neither the user nor its content says anything else."""

ANY_TABLE = "table"
"""The format of what has none: the user says which column is which."""


class _Named(io.BytesIO):
    """Bytes that know where they came from, for messages."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


@dataclass(frozen=True, slots=True)
class LogInput:
    """A log that was found.

    Attributes
    ----------
    name : str
        What to call it in messages.
    format : str
        Name of its format.
    source : Path or binary file
        What a reader reads: a pipe is taken into memory, because it can be read only once.
    options : mapping
        Further arguments of the reader.
    timezone, times_in : str or None
        By whose clock hours and weekdays are told; in which zone times without one are written, where that is
        another.
    period : str or None
        When the log is complete, as ``2024-06-01..2024-06-30``.
    """

    name: str
    format: str
    source: Path | BinaryIO
    options: Mapping[str, Any] = field(default_factory=dict)
    timezone: str | None = None
    times_in: str | None = None
    period: str | None = None

    def read(self, *, lenient: bool) -> "JobTable":
        """Return its jobs."""
        from workloads import period, zone_names, zones  # noqa: PLC0415 - imports NumPy

        for zone in filter(None, (self.timezone, self.times_in)):
            zone_names.zone_called(zone)
        read = reader_with(self.format, self.options, zone=self.times_in or self.timezone)
        table = read(self.source, lenient=lenient)
        if self.timezone is not None:
            table = zones.in_zone(table, self.timezone)
        if "slots" in self.options:
            table = replace(table, header={**table.header, "SlotsAre": self.options["slots"]})
        if self.period is not None:
            table = replace(table, period_s=period.stated(self.period, table))
        return table

    def sha256(self) -> str:
        """Return the hash of its bytes, 64 hex digits."""
        if isinstance(self.source, Path):
            with self.source.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        self.source.seek(0)
        return hashlib.sha256(self.source.read()).hexdigest()


def find_log(
    name: str, format_name: str | None, *, slots_are: str | None = None, columns: Sequence[str] = (),
    cluster: str | None = None, partition: str | None = None,
    timezone: str | None = None, times_in: str | None = None, period: str | None = None,
) -> LogInput:  # fmt: skip
    """Find a log and its format.

    Parameters
    ----------
    name : str
        Path of a file, or ``-``.
    format_name : str, optional
        The format; without it, what the ending or the content says, and SWF for a pipe that says nothing.
    slots_are : str, optional
        What a slot is, for formats that leave a choice.
    columns : sequence of str
        Of any table: which column is what, as ``"submit=submit_time:ms"``, or files of such lines.
    cluster, partition : str, optional
        Only the jobs of one, where a format tells them apart.
    timezone, times_in, period : str, optional
        As in `LogInput`.

    Raises
    ------
    InputError
        There is no such file.
    LogError
        Neither name nor content say its format.
    UsageError
        There is no such format, or it leaves no choice of slots.
    """
    if format_name is not None:
        check_format(format_name)
    if columns and format_name not in (None, ANY_TABLE):
        raise UsageError(f"--column is for tables of no format of their own, not for {format_name}")
    if columns:
        format_name = ANY_TABLE
    elif format_name == ANY_TABLE:
        raise UsageError("say which column is which: --column submit=submit_time:ms --column run=duration …")
    source = _source(name)
    if format_name is None:
        from workloads.logs import recognised  # noqa: PLC0415 - imports NumPy

        piped = "" if isinstance(source, Path) else STREAM_FORMAT
        format_name = recognised(source, otherwise=piped)
    options: dict[str, Any] = {} if slots_are is None else {"slots": slots_are}
    if columns:
        options["columns"] = columns_of(columns)
    if "slots" in options and "slots" not in FORMATS[format_name].options:
        choice = ", ".join(known.name for known in FORMATS.values() if "slots" in known.options)
        raise UsageError(f"--slots-are is for logs that count several things ({choice}), not {format_name}")
    for option, chosen in (("cluster", cluster), ("partition", partition)):
        if chosen is not None and option not in FORMATS[format_name].options:
            known = ", ".join(one.name for one in FORMATS.values() if option in one.options)
            raise UsageError(f"--{option} is for logs that tell them apart ({known}), not {format_name}")
        options |= {option: chosen} if chosen is not None else {}
    called = name if isinstance(source, Path) else source.name
    return LogInput(called, format_name, source, options, timezone, times_in, period)


def columns_of(given: Sequence[str]) -> dict[str, str]:
    """Return which column holds what, from ``part=column`` and from files of such lines.

    Raises
    ------
    InputError
        A file cannot be read, or its values are no words.
    UsageError
        A part is there twice.
    """
    pairs: list[tuple[str, str]] = []
    for text in given:
        part, equals, column = text.partition("=")
        if equals:
            pairs.append((part.strip(), column.strip()))
            continue
        lines = {key: tree.plain() for key, tree in read_file(Path(text)).children()}
        wrong = [key for key, value in lines.items() if not isinstance(value, str)]
        if wrong:
            fix = "a line is as submit: submit_time:ms"
            raise InputError(f"what stands at {wrong[0]} is no column", where=text, fix=fix)
        pairs += [(str(key), str(value)) for key, value in lines.items()]
    twice = [part for place, (part, _) in enumerate(pairs) if part in dict(pairs[:place])]
    if twice:
        raise UsageError(f"--column names {twice[0]} twice")
    return dict(pairs)


def _source(name: str) -> Path | BinaryIO:
    """Return the file, or what came through a pipe."""
    path = Path(name)
    if name == "-":
        return _Named(sys.stdin.buffer.read(), "<stdin>")
    if not path.exists():
        raise InputError("no such file", where=name, fix="a log is a file, or - for standard input")
    if path.is_dir():
        raise InputError("this is a directory", where=name, fix="name one log file in it")
    return path if path.is_file() else _Named(path.read_bytes(), name)


def check_writable(name: str) -> None:
    """Refuse the name of a format that does not exist or cannot be written.

    Raises
    ------
    UsageError
        There is no such format; the error carries the nearest name, or those that can be written.
    """
    check_format(name)
    if not FORMATS[name].writer:
        writable = ", ".join(known.name for known in FORMATS.values() if known.writer)
        raise UsageError(f"{name} can be read but not written; writable: {writable}")


def check_format(name: str) -> None:
    """Refuse the name of a format that does not exist.

    Raises
    ------
    UsageError
        There is no such format; the error carries the nearest name.
    """
    if name not in FORMATS:
        raise UsageError(f"unknown log format '{name}': {nearest(name, list(FORMATS))}")


def format_by_ending(name: str, *, option: str) -> str:
    """Return the format that the ending of a file name stands for.

    Raises
    ------
    InputError
        It stands for none; the error names the `option` that says the format.
    """
    try:
        return format_of(name)
    except LogError:
        endings = ", ".join(ending for known in FORMATS.values() for ending in known.suffixes)
        fix = f"known endings: {endings}; otherwise say {option} {'|'.join(FORMATS)}"
        raise InputError("the name does not say which format this is", where=name, fix=fix) from None
