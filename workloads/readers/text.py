"""Opens logs as bytes, gzipped or not; whatever can go wrong while reading becomes a LogError."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from workloads.errors import LogError

Source = str | Path | BinaryIO
GZIP_MAGIC = b"\x1f\x8b"
TAR_MAGIC_AT = 257
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OTHER_KINDS = {
    b"PAR1": "a Parquet file",
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ": "xz-compressed",
    b"PK\x03\x04": "a zip archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


@contextmanager
def open_log(source: Source) -> Iterator[tuple[BinaryIO, str]]:
    """Yield a readable stream of the log's plain bytes, and the name to use in messages.

    Raises
    ------
    LogError
        The file is missing, a directory, unreadable, cut short, damaged, or no text at all.
    """
    name = source_name(source)
    try:
        with io.BufferedReader(_raw(source)) as stream:
            magic = stream.peek(8)[:8]
            for start, kind in OTHER_KINDS.items():
                if magic.startswith(start):
                    raise LogError.whole_file(name, f"this is {kind}, not a plain or gzipped text log")
            plain = gzip.GzipFile(fileobj=stream) if magic.startswith(GZIP_MAGIC) else stream
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
        raise LogError.whole_file(name, "the gzip file is cut short", "fetch it again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise LogError.whole_file(name, f"the gzip file is damaged: {error}", "fetch it again") from None
    except OSError as error:
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
    """Yield a binary stream to write to; a file name that ends in ``.gz`` is gzipped on the way.

    The same content gives the same bytes: no time and no name go into the gzip header.
    """
    if not isinstance(target, str | Path):
        yield target
        return
    with Path(target).open("wb") as raw:
        if Path(target).suffix != ".gz":
            yield raw
            return
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as zipped:
            yield cast(BinaryIO, zipped)
