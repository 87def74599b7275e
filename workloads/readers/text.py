"""Opens logs as bytes, compressed or not; whatever can go wrong while reading becomes a LogError."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from workloads.errors import LogError
from workloads.readers.compressed import kind_of, unpacked, zstd_writer

Source = str | Path | BinaryIO
TAR_MAGIC_AT = 257
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PARQUET_MAGIC = b"PAR1"
OTHER_KINDS = {
    PARQUET_MAGIC: "a Parquet file",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
    b"SQLite format 3": "a database of SQLite",
    b"\xd0\xcf\x11\xe0": "a spreadsheet or document of an old office program: save it as CSV",
    b"7z\xbc\xaf": "a 7z archive: unpack it and name one log file in it",
}


@contextmanager
def open_log(source: Source) -> Iterator[tuple[BinaryIO, str]]:
    """Yield a readable stream of the log's plain bytes, and the name to use in messages.

    Raises
    ------
    LogError
        The file is missing, a directory, unreadable, cut short, damaged, or no text at all.
    """
    name, kind = source_name(source), ""
    try:
        with io.BufferedReader(_raw(source)) as stream:
            magic = stream.peek(16)[:16]
            for start, other in OTHER_KINDS.items():
                if magic.startswith(start):
                    raise LogError.whole_file(name, f"this is {other}, not a text log")
            kind = kind_of(magic)
            plain = unpacked(cast(io.BufferedReader, stream), kind, name)
            if plain.peek(512)[TAR_MAGIC_AT:].startswith(b"ustar"):
                raise LogError.whole_file(
                    name, "this is a tar archive", "unpack it and name one log file in it"
                )
            yield cast(BinaryIO, plain), name
    except FileNotFoundError:
        raise LogError.whole_file(name, "no such file") from None
    except IsADirectoryError:
        raise LogError.whole_file(name, "this is a directory", "name one log file in it") from None
    except EOFError:
        raise LogError.whole_file(name, f"the {kind} file is cut short", "fetch it again") from None
    except (gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise LogError.whole_file(name, f"the {kind} file is damaged: {error}", "fetch it again") from None
    except OSError as error:
        if kind in {"bzip2", "zstd"} and error.errno is None:  # these have no error of their own
            raise LogError.whole_file(
                name, f"the {kind} file is damaged: {error}", "fetch it again"
            ) from None
        raise LogError.whole_file(name, f"cannot be read: {error.strerror or error}") from None


def source_name(source: Source) -> str:
    """Return how to call `source` in a message."""
    return str(source) if isinstance(source, str | Path) else str(getattr(source, "name", "<stream>"))


def _raw(source: Source) -> io.RawIOBase:
    if isinstance(source, str | Path):
        return Path(source).open("rb", buffering=0)
    return cast(io.RawIOBase, _Borrowed(source))


class _Borrowed(io.RawIOBase):
    """Somebody else's stream: read it, but leave it open when done."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Return True: this is for reading."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from the stream; 0 at its end."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def decode(raw: bytes) -> str:
    """Return text from bytes of unknown encoding: UTF-8, else Korean CP949, else byte by byte.

    Examples
    --------
    >>> decode("광주".encode("cp949"))
    '광주'
    """
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


@contextmanager
def open_target(target: str | Path | BinaryIO) -> Iterator[BinaryIO]:
    """Yield a binary stream to write to; a file is compressed on the way as the ending of its name says.

    The same content gives the same bytes: no time and no name go into the header of gzip.

    Raises
    ------
    LogError
        The name ends as that of a kind of file that is only read.
    """
    if not isinstance(target, str | Path):
        yield target
        return
    ending = Path(target).suffix.lower()
    if ending == ".zip":
        raise LogError.whole_file(str(target), "zip archives are read, not written", "as .gz, .xz or .zst")
    with Path(target).open("wb") as raw:
        if ending == ".gz":
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as zipped:
                yield cast(BinaryIO, zipped)
        elif ending == ".bz2":
            with bz2.BZ2File(raw, "wb") as packed:
                yield cast(BinaryIO, packed)
        elif ending == ".xz":
            with lzma.LZMAFile(raw, "wb", preset=3) as packed_more:
                yield cast(BinaryIO, packed_more)
        elif ending == ".zst":
            with zstd_writer(raw) as fast:
                yield fast
        else:
            yield raw
