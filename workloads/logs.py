"""Logs as files: which format one has, told from its name where that is enough, else from how it begins.

Many formats are comma separated files, so ``.csv``, ``.json``, ``.txt`` and a pipe say little: there every
format is shown the first kilobytes. What none or several take for theirs is an error, never a guess.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from workloads.errors import LogError
from workloads.formats import FORMATS, Recognise, reader, writer
from workloads.readers.text import BYTE_ORDER_MARK, GZIP_MAGIC, Source, open_log, source_name
from workloads.registry import load

if TYPE_CHECKING:
    from workloads.jobtable import JobTable

HEAD_BYTES = 64 << 10


def read_log(path: str | Path, *, format_name: str | None = None, lenient: bool = False) -> "JobTable":
    """Return the jobs of a log in any format; unless given, name and content tell which."""
    return reader(format_name or recognised(path))(path, lenient=lenient)


def write_log(table: "JobTable", path: str | Path, *, format_name: str | None = None) -> None:
    """Write a table in any format; the format is told from the name unless given."""
    writer(format_name or format_of(path))(table, path)


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
    for form in FORMATS.values():
        if name.endswith(form.suffixes):
            return form.name
    endings = ", ".join(suffix for form in FORMATS.values() for suffix in form.suffixes)
    raise LogError.whole_file(str(path), "the name does not say which format this is", f"known: {endings}")


def recognised(source: Source, *, otherwise: str = "") -> str:
    """Return the name of the format of a log.

    Parameters
    ----------
    source : str, Path or binary file
        The log; a binary file must be able to go back to its beginning.
    otherwise : str
        What it is if nothing tells; without it, what the ending stands for.

    Raises
    ------
    LogError
        The file cannot be read, or nothing tells its format, or several formats fit.
    """
    name = Path(source).name.lower() if isinstance(source, str | Path) else ""
    for form in FORMATS.values():
        if form.decisive and name.endswith(form.suffixes):
            return form.name
    head = head_of(source)
    fitting = [
        form.name
        for form in FORMATS.values()
        if form.recognise and cast(Recognise, load(form.recognise))(head)
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        what = f"this could be {' or '.join(fitting)}"
        raise LogError.whole_file(source_name(source), what, "say which with --format-of-log")
    if otherwise:
        return otherwise
    try:
        return format_of(name)
    except LogError:
        fix = f"say which with --format-of-log {'|'.join(FORMATS)}"
        what = "neither name nor content say which format this is"
        raise LogError.whole_file(source_name(source), what, fix) from None


def head_of(source: Source) -> bytes:
    """Return the first plain bytes of a log, without byte order mark."""
    if not isinstance(source, str | Path):
        source.seek(0)
        raw = source.read(HEAD_BYTES)
        source.seek(0)
        return _plain(io.BytesIO(raw), raw)
    try:
        with Path(source).open("rb") as stream:
            raw = stream.read(HEAD_BYTES)
    except OSError:
        raw = b""  # the reader will say what is wrong with the file
    return _plain(io.BytesIO(raw), raw)


def _plain(stream: BinaryIO, raw: bytes) -> bytes:
    if not raw.startswith(GZIP_MAGIC):
        return raw.removeprefix(BYTE_ORDER_MARK)
    plain = b""
    try:
        with open_log(stream) as (unzipped, _):
            while piece := unzipped.read(1024):
                plain += piece
    except LogError:
        pass  # the gzip stream is cut where the head ends
    return plain[:HEAD_BYTES].removeprefix(BYTE_ORDER_MARK)
