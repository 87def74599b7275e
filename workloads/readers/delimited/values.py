"""Columns of a delimited log to numbers, instants and labels, and what is wrong with each value.

A column is first converted as if all were well; only if that fails is it looked at value by value, in bulk.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workloads.jobtable import UNKNOWN
from workloads.readers.delimited.layout import MISSING_TIME, Field
from workloads.readers.instants import LATEST_S, cast, seconds_of

LARGEST = 2**53
"""Whole numbers beyond this are not exact as floats."""
REASONS = (
    "", "not a number", "missing", "not a finite number", "too large", "below {least:g}", "not a time",
    "not between 1970 and 2200", "not a whole number", "not {sort}",
)  # fmt: skip
_WORD, _MISSING, _INFINITE, _HUGE, _LOW, _NO_TIME, _FAR, _PART, _STRANGE = range(1, len(REASONS))
_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"
_NOT_FINITE = r"(?i)^[-+]?(nan|inf|infinity)$"


@dataclass(slots=True)
class Values:
    """One column of a block.

    Attributes
    ----------
    data : array
        The values: numpy for numbers and times, pyarrow for text and labels.
    wrong : array of int8, shape (n_rows,)
        Which of `REASONS` speaks against each value; 0 for none.
    rounded : int
        How many whole numbers were given with a fraction.
    without_zone, with_zone : bool
        Whether some time states no zone, and whether some does.
    """

    data: Any
    wrong: NDArray[np.int8]
    rounded: int = 0
    without_zone: bool = False
    with_zone: bool = False

    def take(self, mask: NDArray[np.bool_]) -> "Values":
        """Return the rows in a mask; words that only other rows had are gone."""
        rows = self.data[mask] if isinstance(self.data, np.ndarray) else self.data.filter(pa.array(mask))
        if not isinstance(rows, np.ndarray) and pa.types.is_dictionary(rows.type):
            rows = rows.cast(pa.string()).dictionary_encode()
        return Values(rows, self.wrong[mask], self.rounded, self.without_zone, self.with_zone)


def values_of(column: pa.ChunkedArray, field: Field, missing: tuple[str, ...]) -> Values:
    """Return a column of strings as what the field holds."""
    if field.kind in ("text", "label"):
        return _words(column, field, missing)
    convert = _to_seconds if field.kind == "time" else _to_numbers
    try:
        return convert(*_emptied(column, missing), field, trusted=True)
    except pa.ArrowInvalid:
        words, empty = _emptied(pc.utf8_trim_whitespace(column), missing)
    try:
        return convert(words, empty, field, trusted=True)
    except pa.ArrowInvalid:
        return convert(words, empty, field, trusted=False)


def _emptied(words: pa.ChunkedArray, missing: tuple[str, ...]) -> tuple[pa.ChunkedArray, NDArray[np.bool_]]:
    """Return the words with nothing in place of those that say nothing, and which those are."""
    empty = pc.is_in(words, value_set=pa.array(["", *missing]))
    return pc.if_else(empty, pa.scalar(None, pa.string()), words), _mask(empty)


def _to_seconds(words: pa.ChunkedArray, empty: NDArray[np.bool_], field: Field, *, trusted: bool) -> Values:
    """Return instants; `trusted` words are all dates without zone, or it raises ArrowInvalid."""
    if trusted:
        micros = cast(words, pa.timestamp("us")).cast(pa.int64()).fill_null(0).to_numpy()
        return _times(micros // 1_000_000, empty, np.zeros(len(empty), np.bool_), field, naive=True)
    seconds, good, naive, zoned = seconds_of(words)
    values = _times(seconds, empty, ~good, field, naive=naive)
    values.with_zone = zoned
    return values


def _to_numbers(words: pa.ChunkedArray, empty: NDArray[np.bool_], field: Field, *, trusted: bool) -> Values:
    """Return numbers; `trusted` words are all numbers, or it raises ArrowInvalid."""
    wrong = np.zeros(len(words), np.int8)
    if not trusted:
        good = pc.match_substring_regex(words, _NUMBER)
        wrong[~_mask(good)] = _WORD
        wrong[_mask(pc.match_substring_regex(words, _NOT_FINITE))] = _INFINITE
        words = pc.replace_substring_regex(words, r"^\+", "")
        words = pc.if_else(good, words, pa.scalar(None, pa.string()))
    return _numbers(cast(words, pa.float64()).fill_null(0).to_numpy(), empty, wrong, field)


def _mask(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = column.fill_null(False).to_numpy().astype(np.bool_)
    return mask


def _words(column: pa.ChunkedArray, field: Field, missing: tuple[str, ...]) -> Values:
    wrong = np.zeros(len(column), np.int8)
    none = pa.array(["", *missing])
    if field.kind == "text":
        if not field.blank:
            wrong[_mask(pc.is_in(column, value_set=none))] = _MISSING
    elif field.pattern or not field.blank:
        array = column.combine_chunks()
        array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
        words = pc.utf8_trim_whitespace(array.dictionary)
        empty = pc.is_in(words, value_set=none).to_numpy(zero_copy_only=False)
        fits = pc.match_substring_regex(words, field.pattern).to_numpy(zero_copy_only=False)
        bad = np.where(empty, 0 if field.blank else _MISSING, np.where(fits, 0, _STRANGE)).astype(np.int8)
        if bad.any():
            wrong = bad[array.indices.to_numpy()]
    return Values(column, wrong)


def _numbers(
    values: NDArray[np.float64], empty: NDArray[np.bool_], wrong: NDArray[np.int8], field: Field
) -> Values:
    with np.errstate(invalid="ignore"):
        wrong[~np.isfinite(values)] = _INFINITE
        wrong[np.isfinite(values) & (np.abs(values) >= LARGEST)] = _HUGE
        if field.least is not None:
            wrong[(wrong == 0) & (values < field.least)] = _LOW
    wrong[empty] = 0 if field.blank else _MISSING
    if field.kind == "number":
        return Values(np.where(empty, np.nan, values), wrong)
    values = np.where(wrong > 0, 0, values)
    whole = np.floor(values + 0.5)
    if field.whole:
        wrong[(wrong == 0) & (whole != values)] = _PART
    rounded = int((whole != values).sum())
    return Values(np.where(empty, UNKNOWN, whole).astype(np.int64), wrong, rounded=rounded)


def _times(
    seconds: NDArray[np.int64], empty: NDArray[np.bool_], bad: NDArray[np.bool_], field: Field, *, naive: bool
) -> Values:
    wrong = np.where(bad, _NO_TIME, 0).astype(np.int8)
    wrong[~bad & ((seconds < 0) | (seconds > LATEST_S))] = _FAR
    wrong[empty] = 0 if field.blank else _MISSING
    data = np.where(empty, MISSING_TIME, seconds).astype(np.int64)
    return Values(data, wrong, without_zone=naive and not bool(empty.all()))
