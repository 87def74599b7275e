"""Reads an accounting log of lines block by block, and joins what a reader found in each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import UNKNOWN, Tally, label_column
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.schedulers.records import malformed
from workloads.readers.schedulers.tokens import Places, Tokens, blocks
from workloads.readers.text import Source, open_log

Words = tuple[Places, list[str]]
"""Which word each row has, and the words."""


@dataclass(slots=True)
class BlockRows:
    """What one block holds, row by row.

    Attributes
    ----------
    places : array of int64
        Line of each row.
    numbers : mapping of str to array
        Numbers and instants, by name.
    words : mapping of str to `Words`
        Words, by name.
    wrong : dict of int to str
        Lines that are malformed, and why.
    """

    places: Places
    numbers: Mapping[str, NDArray[Any]]
    words: Mapping[str, Words]
    wrong: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Columns:
    """All rows of a log, as `BlockRows` has those of a block; labels have one list of words."""

    path: str
    places: Places
    numbers: dict[str, NDArray[Any]]
    labels: dict[str, pd.Categorical]
    dropped: list[Tally]

    def each_word(self, name: str, value: Callable[[str], float]) -> NDArray[np.float64]:
        """Return a number per row that depends on its word alone, worked out once per word."""
        column = self.labels[name]
        values = np.array([value(str(word)) for word in column.categories], np.float64)
        result: NDArray[np.float64] = values[column.codes] if len(values) else np.zeros(len(column))
        return result

    def texts(self, name: str) -> NDArray[np.object_]:
        """Return a label as words."""
        column = self.labels[name]
        result: NDArray[np.object_] = column.categories.to_numpy()[column.codes]
        return result


def read_lines(
    source: Source,
    look: Callable[[Tokens], BlockRows],
    *,
    between: bytes,
    quoted: bool,
    what: str,
    lenient: bool,
) -> Columns:
    """Return all rows of an accounting log.

    Parameters
    ----------
    source : str, Path or binary file
        The log, plain or compressed.
    look : callable
        What gives the rows of a block.
    between, quoted
        As in `Tokens`.
    what : str
        What such a log is, for the message that this is none.
    lenient : bool
        Count malformed lines instead of failing.

    Raises
    ------
    LogError
        The file cannot be read, has no row, or (unless `lenient`) has a malformed line.
    """
    found: list[BlockRows] = []
    wrong: dict[int, str] = {}
    with open_log(source) as (stream, path):
        for number, block in blocks(stream, path):
            tokens = Tokens(block, number, between=between, quoted=quoted)
            part = look(tokens) if len(tokens) else BlockRows(tokens.lines, {}, {})
            wrong |= dict(sorted((tokens.broken | part.wrong).items()))
            if len(part.places):
                found.append(part)
    dropped = malformed(path, "line", wrong, lenient=lenient, all_wrong=not found)
    if not found:
        raise LogError.whole_file(path, "no job in this log", f"{what} has none but comments here")
    places = np.concatenate([part.places for part in found])
    numbers = {name: np.concatenate([part.numbers[name] for part in found]) for name in found[0].numbers}
    labels = {name: joined_words([part.words[name] for part in found]) for name in found[0].words}
    return Columns(path, places, numbers, labels, dropped)


def joined_words(parts: Sequence[Words]) -> pd.Categorical:
    """Return the words of all parts of a log as one column."""
    every: dict[str, int] = {}
    codes = [
        np.array([every.setdefault(word, len(every)) for word in words], np.int64)[rows]
        for rows, words in parts
    ]
    return label_column(np.concatenate(codes), [*every])


def instants(seconds: Places, known: NDArray[np.bool_]) -> Places:
    """Return instants, `MISSING_TIME` where they are 0 or not known; milliseconds become seconds [s]."""
    whole = np.where(seconds > _MILLISECONDS, seconds // 1000, seconds)
    return np.where(known & (whole > 0), whole, MISSING_TIME)


def array_numbers(numbers: Places, tasks: Places) -> Places:
    """Return the number of the array each job is a task of, -1 for none."""
    return np.where(tasks > 0, numbers, UNKNOWN)


_MILLISECONDS = 100_000_000_000
"""A Unix time beyond this is in milliseconds."""
