"""Finds ``key=value`` tokens by their keys, for all lines of a block at once.

A key is known by its length and its last sixteen bytes, read as two numbers, so that thirty pairs a line cost
little.
"""

import numpy as np
from numpy.typing import NDArray

from workloads.readers.schedulers.tokens import NOWHERE, Places, Tokens

_EQUALS = ord("=")
_HALF = 8


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
        signs = np.flatnonzero(tokens.data == _EQUALS)
        token = np.searchsorted(tokens.ends, signs)
        first = np.ones(len(signs), np.bool_)
        first[1:] = token[1:] != token[:-1]
        first &= owner[token] >= 0
        signs, self._token = signs[first], token[first]
        self._owner = owner[self._token]
        self._length = signs - tokens.starts[self._token]
        padded = bytes(2 * _HALF) + tokens.data.tobytes()
        words = np.ndarray((len(padded) - _HALF,), np.uint64, padded, strides=(1,))
        self._near, self._far = words[signs + _HALF], words[signs]
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
            hit = self._hits(key.encode())
            tokens = np.full(self._n_rows, NOWHERE, np.int64)
            tokens[self._owner[hit]] = self._token[hit]
            self._found[key] = tokens, np.full(self._n_rows, len(key) + 1, np.int64)
        return self._found[key]

    def _hits(self, key: bytes) -> Places:
        """Return which pairs have a key; of several in a line the last one counts."""
        hit = np.flatnonzero(self._length == len(key))
        for half, part in ((self._near, key[-_HALF:]), (self._far, key[-2 * _HALF : -_HALF])):
            if part:
                unused = np.uint64(8 * (_HALF - len(part)))
                wanted = np.frombuffer(part.ljust(_HALF, b"\0"), np.uint64)[0]
                hit = hit[half[hit] >> unused == wanted]
        return hit
