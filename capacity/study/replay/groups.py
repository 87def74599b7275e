"""Sorting the jobs of a log into months, sizes and lengths, in which past and replay are compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workloads.synthetic.calendar import month_edges

Ints = npt.NDArray[Any]

PERIOD_S: Final = 30 * 86_400
"""Instead of a month, where the log does not say when its clock was 0. [s]"""

LENGTHS: Final = (
    (60, "under 1 min"), (600, "1 to 10 min"), (3_600, "10 min to 1 h"), (4 * 3_600, "1 to 4 h"),
    (12 * 3_600, "4 to 12 h"), (86_400, "12 h to 1 d"), (1 << 60, "1 d and over"),
)  # fmt: skip
"""Classes of run time: below so much, the previous one excluded [s]; and how to call it."""


@dataclass(frozen=True, slots=True)
class Members:
    """The rows of the jobs of a group, what they are sorted by, and which of its groups this is.

    A group that is a time has its span: from when until when. [s]
    """

    by: str
    name: str
    rows: Ints
    span_s: tuple[int, int] | None = None


def groups(submit_s: Ints, slots: Ints, run_s: Ints, origin: datetime | None) -> list[Members]:
    """Return every group that has a job: months of submission, then sizes, then lengths.

    Parameters
    ----------
    submit_s, slots, run_s : ndarray of int, shape (n_jobs,)
        Submission in ascending order [s], slots asked for, run time in the log [s].
    origin : datetime, optional
        When the log's clock was 0; without it periods of 30 days take the place of months.
    """
    return [*_times(submit_s, origin), *_sizes(slots), *_lengths(run_s)]


def _times(submit_s: Ints, origin: datetime | None) -> Iterator[Members]:
    first, last = int(submit_s[0]), int(submit_s[-1])
    named = _months(first, last, origin) if origin is not None else None
    edges, names = named or _periods(first, last)
    places = np.searchsorted(submit_s, np.array(edges))
    for index, name in enumerate(names):
        rows = np.arange(places[index], places[index + 1])
        if len(rows):
            span = max(edges[index], first), min(edges[index + 1], last)
            yield Members("month", name, rows, span)


def _months(first: int, last: int, origin: datetime) -> tuple[list[int], list[str]] | None:
    """Return where each calendar month begins and the last ends, within the log [s], and their names."""
    zero = origin if origin.tzinfo else origin.replace(tzinfo=UTC)
    try:
        begin = (zero.astimezone(UTC) + timedelta(seconds=first)).astimezone(zero.tzinfo)
        months = month_edges(begin, last - first + 1)
    except (OverflowError, ValueError):  # beyond the year 9999
        return None
    return [first, *(first + end for _, end in months.values())], list(months)


def _periods(first: int, last: int) -> tuple[list[int], list[str]]:
    edges = [*range(first, last + 1, PERIOD_S)]
    days = PERIOD_S // 86_400
    names = [f"days {days * n + 1} to {days * (n + 1)}" for n in range(len(edges))]
    return [*edges, edges[-1] + PERIOD_S], names


def _sizes(slots: Ints) -> Iterator[Members]:
    """Yield 1, 2, 3 to 4, 5 to 8, ...: each class up to twice the one before."""
    low, high = 0, 1
    most = int(slots.max())
    while low < most:
        rows = np.flatnonzero((slots > low) & (slots <= high))
        if len(rows):
            name = f"{high:,}" if high - low == 1 else f"{low + 1:,} to {min(high, most):,}"
            yield Members("slots", name, rows)
        low, high = high, 2 * high


def _lengths(run_s: Ints) -> Iterator[Members]:
    low = 0
    for high, name in LENGTHS:
        rows = np.flatnonzero((run_s >= low) & (run_s < high))
        if len(rows):
            yield Members("run time", name, rows)
        low = high
