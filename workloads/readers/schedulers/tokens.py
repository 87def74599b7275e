"""Cuts blocks of accounting lines into tokens, all lines at once: where each begins and ends in the bytes.

A token is then read as a number or a word for many lines together, so that a million lines take seconds. A
separator within double quotes, or behind a backslash, separates nothing. Lines that cannot be cut, because a
quote does not end or a byte is zero, are left out and named.
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.readers.text import BYTE_ORDER_MARK, decode

Places = NDArray[np.int64]
NOWHERE = -1
"""Number of a token that a line does not have."""
BLOCK_BYTES = 2 << 20
LONGEST_LINE_BYTES = 64 << 20
_LONGEST_NUMBER = 15
_EIGHT = 8
_LOW_BYTES = np.array([(1 << 8 * size) - 1 for size in range(_EIGHT + 1)], np.uint64)
_EVERY, _SIXTY_THREE = np.uint64(2**64 - 1), np.uint64(63)
_ZEROS, _HIGH, _SIX = (np.uint64(0x0101010101010101 * byte) for byte in (0x30, 0xF0, 0x06))
_FOURS = np.uint64(0x000000FF000000FF)
_TO_EIGHT, _TO_FOUR = np.uint64((1_000_000 << 32) + 100), np.uint64((10_000 << 32) + 1)
_NEWLINE, _QUOTE, _ESCAPE, _MINUS, _ZERO = b'\n"\\-0'


def blocks(stream: BinaryIO, path: str) -> Iterator[tuple[int, bytes]]:
    """Yield some MB of whole lines at a time, with the number of the first line."""
    number, mark = 1, BYTE_ORDER_MARK
    while block := stream.read(BLOCK_BYTES):
        if not block.endswith(b"\n"):
            block += stream.readline(LONGEST_LINE_BYTES)
        if len(block) >= LONGEST_LINE_BYTES:
            raise LogError.whole_file(
                path, f"a line of more than {LONGEST_LINE_BYTES >> 20} MB", "is this a log?"
            )
        block, mark = block.removeprefix(mark), b"\0\0"
        yield number, block
        number += block.count(b"\n")


class Tokens:
    """The tokens of a block of whole lines.

    Parameters
    ----------
    block : bytes
        The lines.
    number : int
        Number of the first of them in the file.
    between : bytes
        Every byte of it separates tokens.
    skip : bytes
        What lines begin with that are to be passed over; blank ones are, too.

    Attributes
    ----------
    lines : array of int64
        Number of each line in the file.
    first, count : array of int64
        First token of each line, and how many it has.
    broken : dict of int to str
        Lines that could not be cut, by number, and why.
    data, eights : array of uint8, of uint64
        The bytes, and at each of them the number that eight of them are.
    """

    def __init__(
        self, block: bytes, number: int, *, between: bytes, quoted: bool, skip: bytes = b"#"
    ) -> None:
        block = block.replace(b"\r\n", b"\n") if b"\r" in block else block
        block, self.lines, inside, self.broken = _whole_lines(block, number, quoted=quoted, skip=skip)
        raw = block + b"\0" * 32
        self.data = np.frombuffer(raw, np.uint8)
        self.eights: NDArray[np.uint64] = np.ndarray((len(raw) - 7,), np.uint64, raw, strides=(1,))
        ends = _separators(self.data[:-32], between, inside, escaped=not quoted)
        last = np.flatnonzero(self.data[ends] == _NEWLINE)
        self.ends = ends
        self.starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
        self.first = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
        self.count = last - self.first + 1

    def __len__(self) -> int:
        return len(self.lines)

    def at(self, rows: Places, offset: Places | int) -> Places:
        """Return the tokens that stand `offset` behind the first of their lines, else `NOWHERE`."""
        known = np.asarray(offset) >= 0
        return np.where(known & (np.asarray(offset) < self.count[rows]), self.first[rows] + offset, NOWHERE)

    def integers(self, tokens: Places, *, skip: Places | int = 0) -> tuple[Places, NDArray[np.bool_]]:
        """Return whole numbers and which tokens are one; `skip` bytes at their beginning are passed over."""
        there = tokens >= 0
        start = np.where(there, self.starts[tokens] + skip, 0) if len(self.ends) else np.zeros_like(tokens)
        length = np.where(there, self.ends[tokens] - start, 0) if len(self.ends) else start
        negative = (self.data[start] == _MINUS) & (length > 1)
        value, good = self.whole(start + negative, length - negative)
        return np.where(negative, -value, value), good

    def whole(self, start: Places, length: Places) -> tuple[Places, NDArray[np.bool_]]:
        """Return the numbers that are `length` bytes from each byte on, and which are nothing but digits."""
        few = np.minimum(length, _EIGHT)
        value, good = _eight_digits(self.eights[start + length - few], few)
        if (length > _EIGHT).any():
            more = np.clip(length - _EIGHT, 0, _EIGHT)
            above, also = _eight_digits(self.eights[start], more)
            value, good = value + above * 10**_EIGHT, good & (also | (more == 0))
        return value, good & (length <= _LONGEST_NUMBER)

    def digits(self, start: Places, length: Places) -> tuple[Places, Places]:
        """Return the number that begins at each byte, within `length`, and of how many digits it is."""
        value, count = np.zeros(len(start), np.int64), np.zeros(len(start), np.int64)
        going = np.ones(len(start), np.bool_)
        for place in range(min(int(length.max(initial=0)), _LONGEST_NUMBER)):
            digit = self.data[start + np.where(going, place, 0)] - _ZERO
            going &= (digit < 10) & (place < length)
            value = np.where(going, value * 10 + digit, value)
            count += going
        return value, count

    def words(self, tokens: Places, *, skip: Places | int = 0) -> tuple[Places, list[str]]:
        """Return which word each token is, and the words: without quotes, none for `NOWHERE`."""
        codes, unique = self._coded(tokens, skip)
        return codes, _texts(_bytes_of(unique) if isinstance(unique, np.ndarray) else unique)

    def codes(self, tokens: Places, *, skip: Places | int = 0) -> Places:
        """Return numbers that are the same for the same words."""
        return self._coded(tokens, skip)[0]

    def _coded(
        self, tokens: Places, skip: Places | int
    ) -> tuple[Places, NDArray[np.uint64] | pa.BinaryArray]:
        """Return which word each token is, and the words: short ones as numbers of their bytes."""
        there = (tokens >= 0) if len(self.ends) else np.zeros(len(tokens), np.bool_)
        start = np.where(there, self.starts[tokens] + skip, 0) if len(self.ends) else np.zeros_like(tokens)
        length = np.where(there, self.ends[tokens] - start, 0) if len(self.ends) else start
        if int(length.max(initial=0)) <= _EIGHT:
            kept = self.eights[start] & _LOW_BYTES[length]
            codes, unique = pd.factorize(kept)
            return codes.astype(np.int64), unique
        offsets = np.concatenate([[0], np.cumsum(length)])
        data = self.data[np.arange(offsets[-1]) + np.repeat(start - offsets[:-1], length)]
        buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
        coded = pa.Array.from_buffers(pa.binary(), len(tokens), buffers).dictionary_encode()
        return coded.indices.to_numpy().astype(np.int64), coded.dictionary


def _bytes_of(words: NDArray[np.uint64]) -> pa.BinaryArray:
    """Return words of up to eight bytes that are numbers, without the zeros behind them."""
    used = np.searchsorted(_LOW_BYTES[:_EIGHT], words, side="left")
    data = words.view(np.uint8).reshape(-1, _EIGHT)[np.arange(_EIGHT) < used[:, None]]
    offsets = np.concatenate([[0], np.cumsum(used)]).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(words), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _eight_digits(words: NDArray[np.uint64], length: Places) -> tuple[Places, NDArray[np.bool_]]:
    """Return the numbers of up to eight digits that eight bytes begin with, and which are only digits.

    All digits are worked out at once: neighbours are joined to pairs, pairs to fours, fours to all of it.
    """
    unused = ((_EIGHT - length) * 8).astype(np.uint64)
    digits = np.where(length > 0, words << (unused & _SIXTY_THREE), 0) | np.where(
        length > 0, ~(_EVERY << (unused & _SIXTY_THREE)) & _ZEROS, _ZEROS
    )
    good = ((digits & _HIGH) == _ZEROS) & (((digits + _SIX) & _HIGH) == _ZEROS) & (length > 0)
    ones = digits - _ZEROS
    pairs = ones * np.uint64(10) + (ones >> np.uint64(8))
    low, high = pairs & _FOURS, (pairs >> np.uint64(16)) & _FOURS
    value = (low * _TO_EIGHT + high * _TO_FOUR) >> np.uint64(32)
    return np.where(good, value, 0).astype(np.int64), good


def _separators(
    data: NDArray[np.uint8], between: bytes, quoted: NDArray[np.bool_] | None, *, escaped: bool
) -> Places:
    """Return where tokens end; what is `quoted` separates nothing but lines."""
    marks = data == between[0]
    for mark in between[1:]:
        marks |= data == mark
    if escaped:
        marks[1:] &= data[:-1] != _ESCAPE
    if quoted is not None:
        marks &= ~quoted
    marks |= data == _NEWLINE
    return np.flatnonzero(marks)


def _quoted(data: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Return which bytes have an odd number of quotes before them or at them; None where there is no quote.

    Sixty-four bytes at a time: bits that are shifted and taken together six times count all those below them.
    """
    quotes = data == _QUOTE
    if not quotes.any():
        return None
    bits = np.packbits(quotes, bitorder="little")
    words = np.zeros(-(-len(bits) // _EIGHT), np.uint64)
    words.view(np.uint8)[: len(bits)] = bits
    for shift in (1, 2, 4, 8, 16, 32):
        words ^= words << np.uint64(shift)
    open_at_end = (words >> _SIXTY_THREE).astype(np.bool_)
    words[1:] ^= np.where(np.logical_xor.accumulate(open_at_end)[:-1], _EVERY, np.uint64(0))
    return np.unpackbits(words.view(np.uint8), count=len(data), bitorder="little").view(np.bool_)


def _whole_lines(
    block: bytes, number: int, *, quoted: bool, skip: bytes
) -> tuple[bytes, Places, NDArray[np.bool_] | None, dict[int, str]]:
    """Return the lines that can be cut, their numbers, what is quoted, and what is wrong with others."""
    block = block if block.endswith(b"\n") or not block else block + b"\n"
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    inside = _quoted(data) if quoted else None
    whole = b"\0" not in block and not ((data[starts] == skip[0]) | (starts == ends)).any()
    if whole and (inside is None or not inside[ends].any()):
        return block, np.arange(number, number + len(ends), dtype=np.int64), inside, {}
    kept, numbers, broken = [], [], {}
    for place, line in enumerate(block[:-1].split(b"\n"), number):
        if not line.strip() or line.startswith(skip):
            continue
        if b"\0" in line or (quoted and line.count(b'"') & 1):
            broken[place] = "a zero byte" if b"\0" in line else "a quote that does not end in its line"
            continue
        kept.append(line + b"\n")
        numbers.append(place)
    block = b"".join(kept)
    inside = _quoted(np.frombuffer(block, np.uint8)) if quoted else None
    return block, np.array(numbers, np.int64), inside, broken


def _texts(raw: pa.BinaryArray) -> list[str]:
    """Return words without the quotes around them."""
    try:
        texts = raw.cast(pa.string()).to_pylist()
    except pa.ArrowInvalid:
        texts = [decode(word) for word in raw.to_pylist()]
    return [_unquoted(text) for text in texts] if b'"' in raw.buffers()[2].to_pybytes() else texts


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text
