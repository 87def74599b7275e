"""Makes a block of lines fit for the fast parser: takes out what it would stumble over, keeps the numbers.

The tests look at the whole block at once; only a block in which one of them hits is split into lines.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class Lines:
    """Lines that hold one row each, in UTF-8.

    Attributes
    ----------
    data : bytes
        The lines.
    numbers : array of int64
        Number of each of them in the file.
    broken : dict of int to str
        Lines that are left out, by number, and what is wrong with them.
    other_encoding : list of int
        Lines that were not UTF-8 and have been read as CP949 or Latin-1.
    """

    data: bytes
    numbers: NDArray[np.int64]
    broken: dict[int, str]
    other_encoding: list[int]


def prepare(block: bytes, first: int, *, comment: bytes, quoted: bool) -> Lines:
    """Return the rows of a block of whole lines, of which the first has the number `first`."""
    starts = _starts(block)
    if _has_gaps(block, starts, comment) or _has_traps(block, quoted=quoted) or not _is_utf8(block):
        return _one_by_one(block, first, comment=comment, quoted=quoted)
    return Lines(block, np.arange(first, first + len(starts), dtype=np.int64), {}, [])


def _starts(block: bytes) -> NDArray[np.intp]:
    """Return where each line begins."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
    starts = np.concatenate([[0], ends + 1])
    return starts[:-1] if block.endswith(b"\n") else starts


def _has_gaps(block: bytes, starts: NDArray[np.intp], comment: bytes) -> bool:
    """Whether there are blank lines or comments."""
    letters = np.frombuffer(block, np.uint8)[starts]
    return any((letters == letter).any() for letter in b"\r\n" + comment[:1])


def _has_traps(block: bytes, *, quoted: bool) -> bool:
    """Whether there are zero bytes, carriage returns within lines, or quotes that do not end in theirs."""
    if b"\0" in block or (b"\r" in block and block.count(b"\r") != block.count(b"\r\n")):
        return True
    return quoted and b'"' in block and any(line.count(b'"') & 1 for line in block.split(b"\n"))


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _one_by_one(block: bytes, first: int, *, comment: bytes, quoted: bool) -> Lines:
    kept: list[bytes] = []
    numbers: list[int] = []
    found = Lines(b"", np.empty(0, np.int64), {}, [])
    for number, line in enumerate(block.removesuffix(b"\n").split(b"\n"), first):
        row = line.removesuffix(b"\r")
        if not row.strip() or (comment and row.startswith(comment)):
            continue
        reason = _trap(row, quoted=quoted)
        if reason:
            found.broken[number] = reason
            continue
        if not row.isascii() and not _is_utf8(row):
            found.other_encoding.append(number)
            row = _in_utf8(row)
        kept.append(row)
        numbers.append(number)
    found.data = b"".join(row + b"\n" for row in kept)
    found.numbers = np.array(numbers, dtype=np.int64)
    return found


def without_stray_quotes(lines: Lines, delimiter: str) -> Lines:
    """Return the lines in which quotes stand around whole values only; the others are broken.

    Where a quote within a value is followed by one that begins a value, even their number is no help, and
    a parser would take the next line for a part of this one.
    """
    mark = re.escape(delimiter.encode())
    value = rb'(?:"(?:[^"]|"")*"|[^"' + mark + rb"]*)"
    proper = re.compile(value + rb"(?:" + mark + value + rb")*\r?")
    rows = lines.data.removesuffix(b"\n").split(b"\n")
    good = np.array([b'"' not in row or proper.fullmatch(row) is not None for row in rows], np.bool_)
    broken = dict.fromkeys(lines.numbers[~good].tolist(), "a quote within a value")
    data = b"".join(row + b"\n" for row, right in zip(rows, good, strict=True) if right)
    return Lines(data, lines.numbers[good], lines.broken | broken, lines.other_encoding)


def _trap(row: bytes, *, quoted: bool) -> str:
    if b"\0" in row:
        return "a zero byte: this is not text"
    if b"\r" in row:
        return "a carriage return within the line"
    if quoted and row.count(b'"') & 1:
        return "a quote that does not end in its line"
    return ""


def _in_utf8(row: bytes) -> bytes:
    """Return a line in UTF-8; no second byte of CP949 looks like a comma, bar, tab or quote."""
    try:
        return row.decode("cp949").encode()
    except UnicodeDecodeError:
        return row.decode("latin-1").encode()
