"""Times as logs write them to seconds since 1970: ISO 8601 with and without zone, and Unix time."""

from datetime import tzinfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LATEST_S = 7_258_118_400
"""2200-01-01: a later time is a typing error, or counted in something else than seconds."""
NO_TIME = -(2**63)
"""What numpy makes of a time that is none."""
_DATE = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?"
_ZONE = r" ?(Z|UTC|GMT|[-+]\d\d(:?\d\d)?)$"
_UNIX = r"^\d+(\.\d*)?$"
_MILLISECONDS = 1e11
"""A Unix time beyond this (the year 5138 in seconds, 1973 in milliseconds) is in milliseconds."""


def seconds_of(words: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.bool_], bool, bool]:
    """Return instants, whole seconds since 1970 in UTC, rounded down.

    Parameters
    ----------
    words : ChunkedArray of strings
        ``2021-05-01T12:00:00``, with a blank for the T, with a fraction, with ``Z``, ``UTC`` or an offset;
        or Unix time in seconds or milliseconds, with or without a fraction.

    Returns
    -------
    seconds : array of int64
        0 where `good` is false. [s]
    good : array of bool
        Which words are times.
    naive : bool
        Whether some date states no zone; it is taken as UTC.
    zoned : bool
        Whether some time states its zone, as Unix time does.
    """
    good = np.zeros(len(words), np.bool_)
    seconds = np.zeros(len(words), np.int64)
    unix = _mask(words, _UNIX)
    if unix.any():
        numbers = words.filter(pa.array(unix)).cast(pa.float64()).to_numpy()
        numbers = np.where(numbers >= _MILLISECONDS, numbers / 1000, numbers)
        seconds[unix] = np.floor(np.minimum(numbers, 2.0**53)).astype(np.int64)
        good |= unix
    dates = _mask(words, _DATE + "$")
    zoned = _mask(words, _DATE + _ZONE)
    both = dates | zoned
    if both.any():
        found = _parsed(words.filter(pa.array(both)))
        real = found != NO_TIME
        right = np.flatnonzero(both)[real]
        seconds[right] = found[real]
        good[right] = True
    return seconds, good, bool(dates.any()), bool((zoned | unix).any())


def cast(words: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Return words as `kind`; raise ArrowInvalid at once if not even the first of them is of that kind.

    pyarrow writes a message for every word that it cannot convert, which takes microseconds each.
    """
    first = pc.index(words.is_valid(), True).as_py()
    words.slice(max(first, 0), 1).cast(kind)
    return words.cast(kind)


def _mask(words: pa.ChunkedArray, pattern: str) -> NDArray[np.bool_]:
    found = pc.match_substring_regex(words, pattern).fill_null(False)
    mask: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False).astype(np.bool_)
    return mask


def _parsed(words: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return seconds; `NO_TIME` where there is no such day or hour."""
    plain = pc.replace_substring_regex(words, r" ?(Z|UTC|GMT)$", "+00:00")
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            micros: NDArray[np.int64] = cast(plain, kind).cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            continue
        return micros // 1_000_000
    texts = pd.Series(plain.to_numpy(zero_copy_only=False), dtype=object)
    stamps = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce").dt.tz_localize(None)
    return _seconds(stamps.to_numpy())


def _seconds(stamps: NDArray[np.datetime64]) -> NDArray[np.int64]:
    seconds: NDArray[np.int64] = stamps.astype("datetime64[s]").astype(np.int64)
    return seconds


def local_to_utc(seconds: NDArray[np.int64], zone: tzinfo) -> tuple[NDArray[np.int64], int]:
    """Return instants of times that were read as UTC but are the wall clock of `zone`.

    Parameters
    ----------
    seconds : array of int64
        Wall-clock times as if UTC; none missing. [s]
    zone : tzinfo
        Where the clock hangs.

    Returns
    -------
    seconds : array of int64
        Instants. A time that the clock showed twice is the first of both; one that it jumped over is moved
        to the end of the jump. [s]
    unclear : int
        How many times were shown twice or jumped over.
    """
    wall = pd.DatetimeIndex(seconds.astype("datetime64[s]"))
    twice = np.ones(len(wall), np.bool_)
    early = wall.tz_localize(zone, ambiguous=twice, nonexistent="shift_forward")
    late = wall.tz_localize(zone, ambiguous=~twice, nonexistent="shift_backward")
    instants = _seconds(early.tz_convert("UTC").tz_localize(None).to_numpy())
    others = late.tz_convert("UTC").tz_localize(None).to_numpy()
    return instants, int((early.tz_convert("UTC").tz_localize(None).to_numpy() != others).sum())
