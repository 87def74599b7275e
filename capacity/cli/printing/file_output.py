"""Writing one file so that it is there whole or not at all: full disk, interruption, second writer."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from capacity.errors import InputError, UsageError

FIGURES = (".svg", ".png", ".pdf")
CHARTS = (".svg",)
"""Of charts, which a browser opens and prints."""


def check_file(target: Path, *, force: bool) -> None:
    """Refuse early, before anything is computed, a file that could not be written at the end.

    Raises
    ------
    InputError
        It exists (without `force`), is no ordinary file, or its directory is missing or cannot be written.
    """
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and stat.S_ISDIR(mode):
        raise InputError("this is a directory", where=str(target), fix="name a file in it")
    if mode is not None and not stat.S_ISREG(mode):
        fix = "leave -o out to write to standard output"
        raise InputError("this is not an ordinary file", where=str(target), fix=fix)
    if mode is not None and not force:
        raise InputError("exists already", where=str(target), fix="--force overwrites it")
    parent = target.resolve().parent
    if not parent.is_dir():
        raise InputError("no such directory", where=str(parent), fix="make it first")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError("cannot write here", where=str(parent), fix="choose another place with -o")


def figure_path(plot: str, *, force: bool, endings: Sequence[str] = FIGURES) -> Path:
    """Return where a figure goes, after a look whether it can.

    Raises
    ------
    UsageError
        The file's ending is none of `endings`.
    InputError
        As `check_file`.
    """
    path = Path(plot)
    if path.suffix.lower() not in endings:
        raise UsageError(f"--plot '{plot}': the file ends in {', '.join(endings)}")
    check_file(path, force=force)
    return path


@contextmanager
def naming(target: Path) -> Iterator[None]:
    """Give an error that names no file, such as a full disk, the name of the file being written."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(target)) from error


@contextmanager
def whole_file(target: Path, *, force: bool) -> Iterator[Path]:
    """Give a path beside `target` to write to; what is there takes the target's place when all went well.

    The path ends as the target does, for writers that go by the ending.

    Raises
    ------
    InputError
        See `check_file`.
    """
    check_file(target, force=force)
    final = target.resolve()
    part = final.with_name(f".partial-{os.getpid()}-{final.name}")
    try:
        with naming(target):
            yield part
            part.replace(final)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
