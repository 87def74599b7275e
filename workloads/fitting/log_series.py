"""Finds the series in a log: jobs that one person submitted in a row, with one size and one request.

A job belongs to the series of the one before if the same person asked for the same slots and the same time at
most 20 minutes earlier, the gap that separates sessions in N. Zakay and D. G. Feitelson, "On identifying user
session boundaries in parallel workload logs", JSSPP 2012, doi:10.1007/978-3-642-35867-8_12 (recalled).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import JobTable

SESSION_GAP_S = 20 * 60
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LogSeries:
    """The series of a log, and its jobs ordered by series.

    Attributes
    ----------
    row : array of int64, shape (n_jobs,)
        Row of the job table of each job, series by series, in order of submission.
    of_job : array of int64, shape (n_jobs,)
        Series of each job, in that order.
    first, count : array of int64, shape (n_series,)
        Where the jobs of each series begin, and how many there are.
    start_s : array of int64, shape (n_series,)
        Submission of its first job, since the first of the log. [s]
    gap_s : array of int64, shape (n_jobs,)
        Time since the job before in its series; 0 for the first of each. [s]
    slots, requested_s : array of int64, shape (n_series,)
        What each asks for. [slot], [s]
    run_s : array of int64, shape (n_jobs,)
        True run times, in that order. [s]
    log_run : array of float64, shape (n_series,)
        Mean logarithm of the run times of each series.
    user, tenant : array of int64, shape (n_series,)
        Codes of the labels of the job table.
    work : array of float64, shape (n_series,)
        Slots times run time. [slot s]
    """

    row: Ints
    of_job: Ints
    first: Ints
    count: Ints
    start_s: Ints
    gap_s: Ints
    slots: Ints
    requested_s: Ints
    run_s: Ints
    log_run: Floats
    user: Ints
    tenant: Ints
    work: Floats

    @property
    def weight(self) -> Floats:
        """How much each series matters: its part of the series, of the jobs and of the work. Sums to 3."""
        parts: Floats = self.count / self.count.sum() + self.work / self.work.sum()
        return 1 / len(self.count) + parts


def series_in(table: JobTable, *, gap_s: int = SESSION_GAP_S) -> LogSeries:
    """Return the series of a cleaned log.

    Parameters
    ----------
    table : JobTable
        Jobs with run time, slots and request, as `JobTable.clean` leaves them.
    gap_s : int
        Longest time between two jobs of a series. [s]

    Notes
    -----
    Where the log has no requests, they equal the run times and say nothing; where it has no users, all jobs
    of a tenant count as one person's.
    """
    submit_s, slots = (table.numbers(name).astype(np.int64) for name in ("submit_s", "slots"))
    run_s, requested_s = (table.numbers(name).astype(np.int64) for name in ("run_s", "requested_s"))
    user, tenant = (table.labels(name)[0].astype(np.int64) for name in ("user", "tenant"))
    keys = [tenant, user, slots]
    if not (requested_s == run_s).all():
        keys.append(requested_s)
    row = np.lexsort([submit_s, *reversed(keys)])
    new = np.ones(len(row), dtype=np.bool_)
    new[1:] = np.diff(submit_s[row]) > gap_s
    for key in keys:
        new[1:] |= key[row][1:] != key[row][:-1]
    first = np.flatnonzero(new)
    count = np.diff(np.append(first, len(row)))
    gaps = np.diff(submit_s[row], prepend=submit_s[row[:1]])
    gaps[first] = 0
    run_s = run_s[row]
    return LogSeries(
        row=row,
        of_job=np.cumsum(new) - 1,
        first=first,
        count=count,
        start_s=submit_s[row][first] - int(submit_s.min()),
        gap_s=gaps,
        slots=slots[row][first],
        requested_s=requested_s[row][first],
        run_s=run_s,
        log_run=np.add.reduceat(np.log(run_s), first) / count,
        user=user[row][first],
        tenant=tenant[row][first],
        work=np.add.reduceat(slots[row] * run_s.astype(np.float64), first),
    )
