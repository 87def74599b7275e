"""Files that are packed: gzip, bzip2, xz and zstd streams, and zip archives of one file.

The content says which, not the name. Everything is unpacked as it is read, never as a whole.
"""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final, Literal, cast

from workloads.errors import LogError

Kind = Literal["", "gzip", "bzip2", "xz", "zstd", "zip"]
MAGIC: Final[dict[bytes, Kind]] = {
    b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip",
}  # fmt: skip
_PIECE_BYTES = 64 << 10


def kind_of(start: bytes) -> Kind:
    """Return how a file that begins so is packed; nothing for one that is not."""
    return next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), "")


def unpacked(stream: io.BufferedReader, kind: Kind, name: str) -> io.BufferedReader:
    """Return a stream of the plain bytes of a packed one.

    Raises
    ------
    LogError
        A zip archive that does not hold one file, or asks for a password.
    """
    if kind == "gzip":
        return cast(io.BufferedReader, gzip.GzipFile(fileobj=stream))
    if kind == "bzip2":
        return cast(io.BufferedReader, bz2.BZ2File(stream))
    if kind == "xz":
        return cast(io.BufferedReader, lzma.LZMAFile(stream))
    if kind == "zstd":
        return io.BufferedReader(_Zstd(stream), _PIECE_BYTES)
    if kind == "zip":
        return io.BufferedReader(cast(io.RawIOBase, _only_member(stream, name)), _PIECE_BYTES)
    return stream


def _only_member(stream: io.BufferedReader, name: str) -> zipfile.ZipExtFile:
    archive = zipfile.ZipFile(stream if stream.seekable() else io.BytesIO(stream.read()))
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        what = f"this zip archive holds {len(members)} files"
        raise LogError.whole_file(name, what, "unpack it and name one log file in it")
    try:
        return cast(zipfile.ZipExtFile, archive.open(members[0]))
    except (RuntimeError, NotImplementedError) as error:  # a password, or a way of packing nobody uses
        raise LogError.whole_file(name, f"this zip archive cannot be opened: {error}", "unpack it") from None


class _Zstd(io.RawIOBase):
    """The plain bytes of a zstd stream, of one frame or several, through pyarrow."""

    def __init__(self, stream: io.BufferedReader) -> None:
        import pyarrow as pa  # noqa: PLC0415 - a third of a second, for few files

        self._plain = pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd")

    def readable(self) -> bool:
        """Return True: this is for reading."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`; 0 at the end. A stream that is cut short is an EOFError."""
        try:
            data = self._plain.read(len(buffer))
        except OSError as error:
            if "truncated" in str(error).lower():
                raise EOFError from None
            raise
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def zstd_writer(raw: BinaryIO) -> Iterator[BinaryIO]:
    """Yield a stream whose bytes go to `raw` packed as zstd."""
    import pyarrow as pa  # noqa: PLC0415 - a third of a second, for few files

    with pa.CompressedOutputStream(pa.PythonFile(raw, "w"), "zstd") as packed:
        yield cast(BinaryIO, packed)
