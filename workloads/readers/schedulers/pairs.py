"""Finds ``key=value`` tokens by their keys, for all lines of a block at once.

Keys are compared eight bytes at a time, read as numbers, so that thirty pairs a line cost little.
"""

import numpy as np
from numpy.typing import NDArray

from workloads.readers.schedulers.tokens import NOWHERE, Places, Tokens

_EIGHT = 8


class Pairs:
    """The pairs of some lines.

    Parameters
    ----------
    tokens : Tokens
        All lines of the block.
    rows : array of int64
        The lines that are looked at.
    skip : int
        How many tokens at the beginning of a line are no pairs.
    """

    def __init__(self, tokens: Tokens, rows: Places, *, skip: int) -> None:
        self._tokens = tokens
        self._n_rows = len(rows)
        counts = np.maximum(tokens.count[rows] - skip, 0)
        place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        owner = np.full(len(tokens.starts), NOWHERE, np.int64)
        owner[np.repeat(tokens.first[rows] + skip, counts) + place] = np.repeat(np.arange(len(rows)), counts)
        self._token = np.flatnonzero(owner >= 0)
        self._owner = owner[self._token]
        self._begin = tokens.starts[self._token]
        self._first = tokens.eights[self._begin]
        self._begins: dict[bytes, Places] = {}
        self._found: dict[str, tuple[Places, Places]] = {}

    def has(self, key: str) -> NDArray[np.bool_]:
        """Return which lines have a key."""
        return self._of(key)[0] >= 0

    def tokens(self, key: str) -> Places:
        """Return the token of a key in each line, `NOWHERE` where it is not."""
        return self._of(key)[0]

    def integers(self, key: str) -> tuple[Places, NDArray[np.bool_]]:
        """Return the value of a key as a whole number, -1 where it is none, and where it is one."""
        tokens, skip = self._of(key)
        value, good = self._tokens.integers(tokens, skip=skip)
        return np.where(good, value, -1), good

    def words(self, key: str) -> tuple[Places, list[str]]:
        """Return the value of a key as `Tokens.words` does."""
        tokens, skip = self._of(key)
        return self._tokens.words(tokens, skip=skip)

    def _of(self, key: str) -> tuple[Places, Places]:
        if key not in self._found:
            hit = self._hits(f"{key}=".encode())
            tokens = np.full(self._n_rows, NOWHERE, np.int64)
            tokens[self._owner[hit]] = self._token[hit]
            self._found[key] = tokens, np.full(self._n_rows, len(key) + 1, np.int64)
        return self._found[key]

    def _hits(self, key: bytes) -> Places:
        """Return which pairs have a key; of several in a line the last one counts."""
        first = key[:_EIGHT]
        if first not in self._begins:
            self._begins[first] = _where(self._first, first)
        hit = self._begins[first]
        for begin in range(_EIGHT, len(key), _EIGHT):
            hit = hit[_where(self._tokens.eights[self._begin[hit] + begin], key[begin : begin + _EIGHT])]
        return hit


def _where(numbers: NDArray[np.uint64], part: bytes) -> Places:
    """Return where a number begins with some bytes, at most eight."""
    unused = np.uint64(8 * (_EIGHT - len(part)))
    wanted = np.frombuffer(part.rjust(_EIGHT, b"\0"), np.uint64)[0]
    return np.flatnonzero(numbers << unused == wanted if unused else numbers == wanted)
