"""Cuts a long list of objects in JSON into pieces of whole entries, without reading what is in them.

An entry begins as the first one does: the same blanks, the same first key. What is cut so is read by a
parser, which notices a wrong cut; then, and for a list of another form, the whole file is read at once.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from workloads.readers.text import BYTE_ORDER_MARK, Source, open_log, source_name

BLOCK_BYTES = 2 << 20
LARGEST_BYTES = 64 << 20
_BLANKS = rb"[ \t\r\n]*"


class NotCutError(ValueError):
    """A list that cannot be cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some entries of a list, with what stands between two of them."""

    text: bytes
    between: bytes

    def one_behind_the_other(self) -> bytes:
        """Return the entries with a line break instead of the comma between two of them."""
        return self.text.replace(self.between, self.between.replace(b",", b"\n", 1))

    def first(self) -> Any:  # noqa: ANN401 - from a file
        """Return the first entry.

        Raises
        ------
        NotCutError
            It is none.
        """
        try:
            return json.loads(self.text[: self.text.index(self.between) + self.between.index(b",")])
        except (ValueError, RecursionError) as error:
            raise NotCutError from error

    def entries(self) -> list[object]:
        """Return the entries.

        Raises
        ------
        NotCutError
            This is no list of whole entries.
        """
        try:
            found: list[object] = json.loads(b"[" + self.text + b"]")
        except (ValueError, RecursionError) as error:  # of JSON, or of UTF-8
            raise NotCutError from error
        return found


class _Kept(BytesIO):
    """What a stream held, under its name."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream.read())
        self.name = source_name(stream)


def again(source: Source) -> Source:
    """Return a source that can be read from its beginning, and once more by way of this."""
    if isinstance(source, _Kept):
        source.seek(0)
    return source if isinstance(source, str | Path | _Kept) else _Kept(source)


def pieces(source: Source, key: str) -> Iterator[Piece]:
    """Yield the list that stands under a key of the object in a file, in pieces.

    Raises
    ------
    NotCutError
        This is no such object, or its list cannot be cut.
    LogError
        The file cannot be read.
    """
    with open_log(source) as (stream, _):
        text = stream.read(BLOCK_BYTES).removeprefix(BYTE_ORDER_MARK)
        first = re.search(
            rb'"%s"%s:%s\[(%s)\{(%s)("[^"\\]+")' % (key.encode(), _BLANKS, _BLANKS, _BLANKS, _BLANKS), text
        )
        if first is None:
            raise NotCutError
        head, text = text[: first.start(1)], text[first.end(1) :]
        _check(head + b"]}", key)
        between = _between(text, *first.groups())
        yield from _pieces(stream, text, between, key)


def _between(text: bytes, before: bytes, inside: bytes, key: bytes) -> bytes:
    """Return what stands between two entries, from the end of the one to the first key of the other."""
    opening = b"{" + inside + key
    forms = [before + b"}," + before + opening, b"}, " + opening, b"}," + opening]
    counts = [text.count(form) for form in forms]
    if not any(counts):
        raise NotCutError
    return forms[counts.index(max(counts))]


def _pieces(stream: BinaryIO, text: bytes, between: bytes, key: str) -> Iterator[Piece]:
    closing = between.index(b",")
    while block := stream.read(BLOCK_BYTES):
        cut = text.rfind(between)
        if cut >= 0:
            yield Piece(text[: cut + closing], between)
            text = text[cut + closing + 1 :]
        text += block
        if len(text) > LARGEST_BYTES:
            raise NotCutError
    cut = text.rfind(between)
    if cut >= 0:
        yield Piece(text[: cut + closing], between)
        text = text[cut + closing + 1 :]
    text = text.lstrip()
    try:
        plain = text.decode()
        end = json.JSONDecoder().raw_decode(plain)[1]
    except (ValueError, RecursionError) as error:
        raise NotCutError from error
    _check(b'{"' + key.encode() + b'":[' + plain[end:].encode(), key)
    yield Piece(plain[:end].encode(), between)


def _check(rest: bytes, key: str) -> None:
    """Refuse what is no object with an empty list under a key, once its entries are gone."""
    try:
        found = json.loads(rest)
    except (ValueError, RecursionError) as error:
        raise NotCutError from error
    if not isinstance(found, dict) or found.get(key) != [] or rest.count(b'"' + key.encode() + b'"') > 1:
        raise NotCutError
