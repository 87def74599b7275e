"""Resampling a recorded log by user and week (Zakay and Feitelson 2014): another year that could have been.

A log is taken apart into the jobs of each user, and put together again with every user moved by whole weeks.
So the sessions of a user, the days and hours, and the weeks of a project stay as they were, while who meets
whom in the queue is new. The new log may be longer than the old one. It begins on the weekday and at the hour
of the old one, and the weeks are counted from there.

Notes
-----
N. Zakay, D. G. Feitelson, "Workload resampling for performance evaluation of parallel job schedulers",
Concurrency and Computation: Practice and Experience 26(12), 2014, doi:10.1002/cpe.3240. Users who are there
for a short time, and those who stay, are told apart as in the paper. Recalled, not looked up: the 12 weeks
that divide the two.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import LABELS, JobTable, Tally, label_column, table_from
from workloads.published.request import MOST_JOBS, WEEK_S, Request, jobs_of

TEMPORARY_WEEKS = 12
"""Users whose first and last job are at most so many weeks apart are temporary, unless the log is short."""
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _User:
    """The jobs of one user.

    Attributes
    ----------
    rows : array of int
        Their rows in the log, in order.
    week : array of int
        Week of each job, from the first of the log.
    """

    rows: Rows
    week: NDArray[np.int64]

    @property
    def weeks(self) -> int:
        """From the first job to the last, both included."""
        return int(self.week[-1] - self.week[0]) + 1


def resample(request: Request) -> JobTable:
    """Return jobs of the users of a log, each moved by whole weeks.

    Raises
    ------
    LogError
        The log has no users, or no whole week.
    """
    log = jobs_of(request.log, "resample")
    first_s = int(log.numbers("submit_s")[0])
    weeks = int(log.numbers("submit_s")[-1] + 1 - first_s) // WEEK_S
    if not weeks:
        raise LogError.whole_file(
            log.source, "the log has no whole week", "resample moves users by whole weeks"
        )
    week = (log.numbers("submit_s") - first_s) // WEEK_S
    inside = week < weeks
    users = _users(log, week, inside)
    wanted = -(-request.horizon_s // WEEK_S)
    limit = min(TEMPORARY_WEEKS, max(weeks // 2, 1))
    stays = [user for user in users if user.weeks > limit]
    passes = [user for user in users if user.weeks <= limit]
    pieces = [*_staying(request, stays, weeks, wanted), *_passing(request, passes, weeks, wanted, limit)]
    left_out = int((~inside).sum())
    return _table(request, log, pieces, first_s, left_out)


def _users(log: JobTable, week: NDArray[np.int64], inside: NDArray[np.bool_]) -> list[_User]:
    codes, words = log.labels("user")
    known = np.array([word != "" for word in words], dtype=np.bool_)[codes]
    if not known.any():
        raise LogError.whole_file(log.source, "the log names no users", "resample moves jobs user by user")
    rows = np.flatnonzero(inside)
    rows = rows[np.argsort(codes[rows], kind="stable")]
    edges = np.flatnonzero(np.diff(codes[rows])) + 1
    return [_User(part, week[part]) for part in np.split(rows, edges) if len(part)]


Piece = tuple[Rows, NDArray[np.int64], int]
"""Rows of the log, weeks to move each by, and which visit of its user it is, from 0."""


def _staying(request: Request, users: list[_User], weeks: int, wanted: int) -> list[Piece]:
    """Return users who stay: the log's whole span, begun at a random week, over and over."""
    shifts = request.stream("resample", "staying").integers(weeks, size=len(users))
    pieces: list[Piece] = []
    for user, shift in zip(users, shifts.tolist(), strict=True):
        first = (user.week + shift) % weeks
        turns = range(-(-wanted // weeks))
        pieces += [(user.rows, first + turn * weeks - user.week, 0) for turn in turns]
    return pieces


def _passing(request: Request, users: list[_User], weeks: int, wanted: int, limit: int) -> list[Piece]:
    """Return visits of temporary users: as many in a week as began in a random week of the log.

    Those who came before the beginning and are still there belong to it.
    """
    if not users:
        return []
    rng = request.stream("resample", "passing")
    begun = np.bincount([int(user.week[0]) for user in users], minlength=weeks)
    coming = begun[rng.integers(weeks, size=wanted + limit - 1)]
    who = rng.integers(len(users), size=int(coming.sum()))
    when = np.repeat(np.arange(1 - limit, wanted), coming)
    visits: dict[int, int] = {}
    pieces = []
    for at, week in zip(who.tolist(), when.tolist(), strict=True):
        user = users[at]
        visit = visits[at] = visits.get(at, -1) + 1
        pieces.append((user.rows, np.full(len(user.rows), week - int(user.week[0])), visit))
    return pieces


def _table(request: Request, log: JobTable, pieces: list[Piece], first_s: int, left_out: int) -> JobTable:
    total = sum(len(rows) for rows, _, _ in pieces)
    if total > MOST_JOBS:
        raise LogError.whole_file("", f"{request.days:g} days are too many jobs", f"at most {MOST_JOBS:,}")
    empty = np.empty(0, np.int64)
    rows = np.concatenate([empty, *(rows for rows, _, _ in pieces)]).astype(np.intp)
    moved = np.concatenate([empty, *(moved for _, moved, _ in pieces)])
    visit = np.repeat([visit for _, _, visit in pieces], [len(rows) for rows, _, _ in pieces]).astype(
        np.int64
    )
    submit_s = log.numbers("submit_s")[rows] - first_s + moved * WEEK_S
    keep = np.flatnonzero((submit_s >= 0) & (submit_s < request.horizon_s))  # some came before the beginning
    keep = keep[np.argsort(submit_s[keep], kind="stable")]
    rows, visit = rows[keep], visit[keep]
    columns = {"job_id": np.arange(1, len(keep) + 1), "submit_s": submit_s[keep]}
    columns |= {name: log.numbers(name)[rows] for name in ("run_s", "requested_s", "slots")}
    columns |= {name: log.frame[name].array[rows] for name in LABELS}
    columns["user"] = _named(log, rows, visit)
    reason = "after the last whole week of the log: not drawn from"
    dropped = (*log.dropped, Tally(reason, left_out)) if left_out else log.dropped
    size = log.max_slots if request.slots is None else request.slots
    begin = None if log.origin is None else log.origin + timedelta(seconds=first_s)
    return table_from(columns, ties="file", origin=begin, max_slots=size, dropped=dropped)


def _named(log: JobTable, rows: Rows, visit: NDArray[np.int64]) -> object:
    """Return users: a second visit of a temporary user is another person."""
    codes, words = log.labels("user")
    own, place = np.unique(codes[rows].astype(np.int64) * (1 << 32) + visit, return_inverse=True)
    names = [
        f"{words[key >> 32]}.{key & 0xFFFFFFFF}" if key & 0xFFFFFFFF else words[key >> 32] for key in own
    ]
    distinct = {name: at for at, name in enumerate(dict.fromkeys(names))}
    return label_column(np.array([distinct[name] for name in names], dtype=np.int64)[place], [*distinct])
