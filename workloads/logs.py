"""Logs as files: which format one has, told from its name where that is enough, else from how it begins.

Many formats are comma separated files, so ``.csv``, ``.json``, ``.txt`` and a pipe say little: there every
format is shown the first kilobytes. What none or several take for theirs is an error, never a guess.
"""

from pathlib import Path
from typing import TYPE_CHECKING, cast

from workloads.errors import LogError
from workloads.formats import FORMATS, Recognise, reader, writer
from workloads.readers.text import BYTE_ORDER_MARK, PARQUET_MAGIC, Source, open_log, source_name
from workloads.readers.unknown import json_of_no_kind, table_of_no_kind
from workloads.registry import load

if TYPE_CHECKING:
    from workloads.jobtable import JobTable

HEAD_BYTES = 64 << 10
_PIECE_BYTES = 4 << 10  # of a packed file that is cut short, so much of the beginning may be lost


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
        if form.names(name):
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
        if form.decisive and form.names(name):
            return form.name
    head, trouble = head_of(source)
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
    fix = f"say which with --format-of-log {'|'.join(FORMATS)}"
    if trouble is not None:
        raise trouble
    if strange := json_of_no_kind(head):
        raise LogError.whole_file(source_name(source), strange, fix)
    if otherwise:
        return otherwise
    try:
        return format_of(name)
    except LogError:
        what = table_of_no_kind(head) or "neither name nor content say which format this is"
        raise LogError.whole_file(source_name(source), what, fix) from None


def head_of(source: Source) -> tuple[bytes, LogError | None]:
    """Return the first plain bytes of a log, without byte order mark, and why there are none.

    No more is read than they need, which is some kilobytes, or the first block of a packed file. That a file
    is missing, or cut short behind its beginning, is for its reader to say.
    """
    plain, trouble = b"", None
    if not isinstance(source, str | Path):
        source.seek(0)
    elif not Path(source).is_file():
        return b"", None
    try:
        with open_log(source) as (stream, _):
            while len(plain) < HEAD_BYTES and (piece := stream.read(_PIECE_BYTES)):
                plain += piece
    except LogError as error:
        trouble = None if plain else error
    if not isinstance(source, str | Path):
        source.seek(0)
    if trouble is not None and _begins(source, PARQUET_MAGIC):
        return PARQUET_MAGIC, None
    return plain.removeprefix(BYTE_ORDER_MARK), trouble


def _begins(source: Source, magic: bytes) -> bool:
    if isinstance(source, str | Path):
        with Path(source).open("rb") as stream:
            return stream.read(len(magic)) == magic
    start = source.read(len(magic))
    source.seek(0)
    return start == magic
