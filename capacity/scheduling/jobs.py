"""The jobs a batch system will see: one column per attribute, checked where they come in."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError

LATEST_SUBMIT_S: Final = 1 << 38
"""The core holds times in 39 bits: submissions end here, 8,700 years on, and may wait as long again. [s]"""

DECIDING: Final = ("submit_s", "run_s", "requested_s", "slots", "pool_factor")
"""Columns of jobs that their order and their times on pools depend on."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs a batch system will see, sorted by submission, ties by row.

    Attributes
    ----------
    submit_s, run_s, requested_s : ndarray of int64 or int32, shape (n_jobs,)
        Submission, true run time, requested time. [s]
    slots : ndarray of int32, shape (n_jobs,)
        Slots asked for.
    pool : ndarray of int, shape (n_jobs,), optional
        Index of each job's pool; None when there is one pool.
    user, account, qos : ndarray of int32, shape (n_jobs,), optional
        Who submitted, and indices into `SiteRules.accounts` and `SiteRules.qos`; None for 0 everywhere.
    pool_set : ndarray of int32, shape (n_jobs,), optional
        Index into `pool_sets` of the pools each job may use, instead of `pool`.
    pool_sets : tuple of tuple of int
        Indices of pools, the preferred one first.
    pool_factor : ndarray of float64, shape (n_jobs, n_pools), optional
        Run time and requested time on each pool over those in the columns; None for 1 everywhere.
    after : ndarray of int32, shape (n_jobs,), optional
        Row of an earlier job that must have ended first; -1 for none.
    after_ok : ndarray of bool, shape (n_jobs,), optional
        That job must have completed (afterok); otherwise it only must have ended (afterany).
    singleton : ndarray of int32, shape (n_jobs,), optional
        Jobs of one number, 0 or more, run one after the other in order of submission; -1 for none.
    array : ndarray of int32, shape (n_jobs,), optional
        Number of the job array a job is a task of; -1 for none.
    array_limit : ndarray of int32, shape (n_arrays,), optional
        How many tasks of each array may run at once.
    patience_s, deadline_s : ndarray of int32, shape (n_jobs,), optional
        The job is cancelled by its user, or rejected by the site, when it has waited longer than this since
        its submission; -1 for never. [s]
    checkpoint_s : ndarray of int32, shape (n_jobs,), optional
        Run time between checkpoints, writing one included, from which a requeued job goes on; 0 for none. [s]
    restart_s : ndarray of int32, shape (n_jobs,), optional
        What each attempt after the first takes to get going again before it works; 0 for nothing. [s]
    unservable : ndarray of bool, shape (n_jobs,), optional
        No pool can run the job: it is rejected when it is submitted.
    """

    submit_s: npt.NDArray[np.integer]
    run_s: npt.NDArray[np.integer]
    requested_s: npt.NDArray[np.integer]
    slots: npt.NDArray[np.integer]
    pool: npt.NDArray[np.integer] | None = None
    user: npt.NDArray[np.integer] | None = None
    account: npt.NDArray[np.integer] | None = None
    qos: npt.NDArray[np.integer] | None = None
    pool_set: npt.NDArray[np.integer] | None = None
    pool_sets: tuple[tuple[int, ...], ...] = ()
    pool_factor: npt.NDArray[np.float64] | None = None
    after: npt.NDArray[np.integer] | None = None
    after_ok: npt.NDArray[np.bool_] | None = None
    singleton: npt.NDArray[np.integer] | None = None
    array: npt.NDArray[np.integer] | None = None
    array_limit: npt.NDArray[np.integer] | None = None
    patience_s: npt.NDArray[np.integer] | None = None
    deadline_s: npt.NDArray[np.integer] | None = None
    checkpoint_s: npt.NDArray[np.integer] | None = None
    restart_s: npt.NDArray[np.integer] | None = None
    unservable: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        columns = (self.submit_s, self.run_s, self.requested_s, self.slots, self.pool)
        lengths = {len(column) for column in columns if column is not None}
        if len(lengths) != 1:
            message = f"columns of jobs have different lengths: {sorted(lengths)}"
            raise InputError(message)
        if len(self.submit_s) and np.any(np.diff(self.submit_s) < 0):
            message = "jobs must be sorted by submission"
            raise InputError(message)
        if len(self.submit_s) and int(self.submit_s[-1]) > LATEST_SUBMIT_S:
            message = f"the last job is submitted at {int(self.submit_s[-1])} s"
            raise InputError(message, fix=f"at most {LATEST_SUBMIT_S} s; are the times milliseconds?")
        for name, column, least in (
            ("submission", self.submit_s, 0),
            ("run time", self.run_s, 0),
            ("requested time", self.requested_s, 0),
            ("slots", self.slots, 1),
        ):
            if len(column) and int(column.min()) < least:
                row = int(column.argmin())
                message = f"job in row {row + 1}: {name} is {int(column[row])}"
                raise InputError(message, fix=f"at least {least}")


def _made(columns: Mapping[str, Any]) -> Jobs:
    """Return jobs with these columns; those that are added later need not be in order of submission."""
    made = object.__new__(Jobs)
    for field in fields(Jobs):
        object.__setattr__(made, field.name, columns.get(field.name, field.default))
    return made


def with_own_times(jobs: Jobs) -> Jobs:
    """Return the same jobs with run and requested times that nobody else has, and that may be written."""
    columns = {field.name: getattr(jobs, field.name) for field in fields(jobs)}
    return _made(columns | {"run_s": jobs.run_s.copy(), "requested_s": jobs.requested_s.copy()})


def taken(jobs: Jobs, rows: npt.NDArray[np.integer]) -> Jobs:
    """Return some of the jobs with what orders and times on pools depend on, and no other columns."""
    columns = {name: getattr(jobs, name) for name in DECIDING}
    return _made({name: values[rows] for name, values in columns.items() if values is not None})


def appended(old: Jobs, new: Jobs) -> Jobs:
    """Return two sets of jobs in one, not sorted by submission as a whole.

    Raises
    ------
    InputError
        One has a column that the other has not.
    """
    columns: dict[str, Any] = {}
    for field in fields(old):
        one, other = getattr(old, field.name), getattr(new, field.name)
        if field.name in ("pool_sets", "array_limit"):
            columns[field.name] = one if one is not None and len(one) else other
        elif (one is None) != (other is None):
            message = f"jobs with and without the column {field.name} cannot be mixed"
            raise InputError(message)
        else:
            columns[field.name] = None if one is None else np.concatenate([one, other])
    return _made(columns)
