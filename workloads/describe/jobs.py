"""The columns of a job table as a description needs them: what is known, worked out once for all sections."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import NO_LIMIT_S, JobTable, slot_seconds
from workloads.zones import wall_seconds

Numbers = NDArray[Any]
Bools = NDArray[np.bool_]
DAY_S = 86_400
FIRST_S = -719_000 * DAY_S
LAST_S = 2_932_000 * DAY_S
"""Between them every zone has a date with a year of four digits. [s since 1970]"""


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A label column without the empty word, which stands for "not in the log".

    Attributes
    ----------
    codes : ndarray of int, shape (n_jobs,)
        Position of each job's word, -1 where it has none.
    words : tuple of str
        The words that some job has.
    """

    codes: Numbers
    words: tuple[str, ...]

    @property
    def known(self) -> Bools:
        """Which jobs have a word."""
        found: Bools = self.codes >= 0
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Jobs:
    """A table and what the sections share of it.

    Attributes
    ----------
    table : JobTable
        The jobs, in order of submission.
    submit_s, run_s, requested_s, slots : ndarray of int, shape (n_jobs,)
        As in the table; what is unknown is below 0, or for slots and requests below 1.
    work : ndarray of float, shape (n_jobs,)
        Slots times run time, 0 where either is unknown. [slot s]
    has_run, has_slots, has_request : ndarray of bool, shape (n_jobs,)
        Which jobs give it.
    users, states : Labels
        Who submitted, and how the jobs ended; unknown states have none.
    hour, weekday : ndarray of int, shape (n_jobs,), or None
        Hour of the day and day of the week (0 is Monday) of the submission on the log's clock; None where the
        log does not say what its clock means.
    day : ndarray of int, shape (n_jobs,), or None
        Calendar day of the submission, in days since 1970-01-01.
    no_clock : str
        Why there is no hour, weekday and day.
    """

    table: JobTable
    submit_s: Numbers
    run_s: Numbers
    requested_s: Numbers
    slots: Numbers
    work: NDArray[np.float64]
    has_run: Bools
    has_slots: Bools
    has_request: Bools
    users: Labels
    states: Labels
    hour: Numbers | None
    weekday: Numbers | None
    day: Numbers | None
    no_clock: str

    def __len__(self) -> int:
        return len(self.table)

    @property
    def span_s(self) -> int:
        """From the first submission to the last [s]."""
        return int(self.submit_s[-1]) - int(self.submit_s[0]) if len(self) else 0


def jobs_of(table: JobTable) -> Jobs:
    """Return the columns of a table, ready to be described."""
    run_s, slots, requested_s, submit_s = map(table.numbers, ("run_s", "slots", "requested_s", "submit_s"))
    no_clock = _no_clock(table)
    local_s = None if no_clock else wall_seconds(submit_s, table)
    day = None if local_s is None else (local_s // DAY_S).astype(np.int32)
    return Jobs(
        table=table,
        submit_s=submit_s,
        run_s=run_s,
        requested_s=requested_s,
        slots=slots,
        work=slot_seconds(table),
        has_run=run_s >= 0,
        has_slots=slots > 0,
        has_request=(requested_s > 0) & (requested_s != NO_LIMIT_S),
        users=labels_of(table, "user"),
        states=labels_of(table, "state", without="unknown"),
        hour=None if local_s is None else (local_s % DAY_S // 3600).astype(np.int8),
        weekday=None if day is None else ((day + 3) % 7).astype(np.int8),  # 1970-01-01 was a Thursday
        day=day,
        no_clock=no_clock,
    )


def labels_of(table: JobTable, column: str, *, without: str = "") -> Labels:
    """Return a label column with the words that occur; `without` is the one that means "not known"."""
    codes, words = table.labels(column)
    used = np.bincount(codes, minlength=len(words)) > 0
    kept = [i for i, word in enumerate(words) if used[i] and word != without]
    place = np.full(len(words) + 1, -1, dtype=np.min_scalar_type(-max(len(words), 1)))
    place[kept] = np.arange(len(kept))
    return Labels(place[codes], tuple(words[i] for i in kept))


def _no_clock(table: JobTable) -> str:
    """Say why submissions have no place in a calendar; empty when they have."""
    if table.origin is None:
        return "the log does not say when its clock was 0"
    submit_s, start = table.numbers("submit_s"), int(table.origin.timestamp())
    if len(submit_s) and not FIRST_S < int(submit_s[0]) + start <= int(submit_s[-1]) + start < LAST_S:
        return "the clock of the log leaves the calendar, years 1 to 9999"
    return ""
