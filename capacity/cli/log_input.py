"""Opening the job log that a command line names: a file, a pipe, or ``-`` for standard input."""

import hashlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from capacity.errors import InputError, UsageError, nearest

if TYPE_CHECKING:
    from workloads.jobtable import JobTable

STREAM_FORMAT = "swf"
"""What comes through a pipe, which has no ending to tell by, unless the user says otherwise."""


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
    """

    name: str
    format: str
    source: Path | BinaryIO

    def read(self, *, lenient: bool) -> "JobTable":
        """Return its jobs."""
        from workloads.registry import reader

        return reader(self.format)(self.source, lenient=lenient)

    def sha256(self) -> str:
        """Return the hash of its bytes, 64 hex digits."""
        if isinstance(self.source, Path):
            with self.source.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        self.source.seek(0)
        return hashlib.sha256(self.source.read()).hexdigest()


def find_log(name: str, format_name: str | None) -> LogInput:
    """Find a log and its format.

    Parameters
    ----------
    name : str
        Path of a file, or ``-``.
    format_name : str, optional
        The format; without it, what the ending of a file says, and SWF for a pipe.

    Raises
    ------
    InputError
        There is no such file, or its name does not say its format.
    UsageError
        There is no such format.
    """
    if format_name is not None:
        check_format(format_name)
    path = Path(name)
    if name == "-":
        source: Path | BinaryIO = _Named(sys.stdin.buffer.read(), "<stdin>")
    elif not path.exists():
        raise InputError("no such file", where=name, fix="a log is a file, or - for standard input")
    elif path.is_dir():
        raise InputError("this is a directory", where=name, fix="name one log file in it")
    elif path.is_file():
        return LogInput(name, format_name or format_by_ending(name, option="--format-of-log"), path)
    else:
        source = _Named(path.read_bytes(), name)
    return LogInput(source.name, format_name or STREAM_FORMAT, source)


def check_format(name: str) -> None:
    """Refuse the name of a format that does not exist.

    Raises
    ------
    UsageError
        There is no such format; the error carries the nearest name.
    """
    from workloads.registry import FORMATS

    if name not in FORMATS:
        raise UsageError(f"unknown log format '{name}': {nearest(name, list(FORMATS))}")


def format_by_ending(name: str, *, option: str) -> str:
    """Return the format that the ending of a file name stands for.

    Raises
    ------
    InputError
        It stands for none; the error names the `option` that says the format.
    """
    from workloads.errors import LogError
    from workloads.registry import FORMATS, format_of

    try:
        return format_of(name)
    except LogError:
        endings = ", ".join(ending for known in FORMATS.values() for ending in known.suffixes)
        fix = f"known endings: {endings}; otherwise say {option} {'|'.join(FORMATS)}"
        raise InputError("the name does not say which format this is", where=name, fix=fix) from None
