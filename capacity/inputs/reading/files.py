"""Reads a file or says in one line why it cannot be read."""

import sys
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from capacity.errors import InputError, Problem, nearest

MAX_BYTES = 2_000_000
STDIN = Path("-")


def shown(path: Path) -> str:
    """Return a path as a person would write it: relative when it lies below the working directory."""
    if path == STDIN:
        return "stdin"
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file (or of standard input, for ``-``) of a sensible size.

    Raises
    ------
    InputError
        There is no such file, it is a directory, may not be read, or is too large to be a specification.
    """
    try:
        data = _all_of(sys.stdin.buffer) if path == STDIN else _start_of(path)
    except FileNotFoundError:
        raise InputError(Problem("no such file", shown(path), _similar(path))) from None
    except IsADirectoryError:
        raise InputError(Problem("is a directory, not a file", shown(path))) from None
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(Problem(f"cannot be read: {what}", shown(path))) from None
    if len(data) > MAX_BYTES:
        what = f"larger than {MAX_BYTES / 1e6:g} MB"
        raise InputError(
            what, where=shown(path), fix="a specification is a short text; is this the right file?"
        )
    return data


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


@lru_cache(maxsize=1)
def _all_of(stream: BinaryIO) -> bytes:
    """Read standard input once: a command may ask first what kind it is, and then what it says."""
    return stream.read(MAX_BYTES + 1)


def _similar(path: Path) -> str:
    try:
        names = [p.name for p in path.parent.glob("*.y*ml")]
    except (OSError, ValueError):
        return ""
    return nearest(path.name, names) if names else ""
