"""Weeks to come, drawn from the weeks of a log at a level that drifts on.

Late weeks are drawn more often than early ones: what people submit, and of which size, drifts as well. A week
is brought to the level by stretching its time, so that every job keeps its size, its length and its company.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workloads.fitting.level import QUARTER_WEEKS, WEEK_S, Level, level_of, log_work
from workloads.jobtable import JobTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF_LIFE_WEEKS = QUARTER_WEEKS
"""A week that is so much older is drawn half as often."""
FARTHEST = 2.0
"""A week is stretched or pressed by at most this, in logarithms."""


class LogJobs(NamedTuple):
    """Jobs in order of submission, shape (n_jobs,) each; times since when its owner says. [s], [slot]."""

    submit_s: Ints
    run_s: Ints
    requested_s: Ints
    slots: Ints

    def between(self, first_s: int, last_s: int) -> "LogJobs":
        """Return the jobs submitted from `first_s` to before `last_s`, their times since `first_s` [s]."""
        low, high = np.searchsorted(self.submit_s, (first_s, last_s))
        rest = (column[low:high] for column in self[1:])
        return LogJobs(self.submit_s[low:high] - first_s, *rest)


def columns_of(table: JobTable) -> LogJobs:
    """Return the jobs of a cleaned log."""
    return LogJobs(*(table.numbers(name).astype(np.int64) for name in LogJobs._fields))


@dataclass(frozen=True, slots=True)
class Past:
    """What of a log was known at an instant: its whole weeks, counted back from there.

    Attributes
    ----------
    weeks : tuple of LogJobs
        Jobs of each week since it began, the oldest first.
    log_work : array of float64, shape (n_weeks,)
        Logarithm of the work of each. [1]
    level : Level
        How they drift.
    """

    weeks: tuple[LogJobs, ...]
    log_work: Floats
    level: Level

    @property
    def chances(self) -> Floats:
        """How likely each week is drawn; sums to 1."""
        age = np.arange(len(self.weeks))[::-1]
        weight = np.exp2(-age / HALF_LIFE_WEEKS)
        found: Floats = weight / weight.sum()
        return found


def past_of(jobs: LogJobs, first_s: int, until_s: int) -> Past | None:
    """Return what is known at `until_s` of a log that began at `first_s` [s]; None if that is too little."""
    weeks = tuple(_weeks(jobs, first_s, until_s))
    work = _work(weeks)
    level = level_of(work)
    return None if level is None else Past(weeks, log_work(work), level)


def work_of_weeks(jobs: LogJobs, first_s: int, until_s: int) -> Floats:
    """Return the work submitted in each whole week back from `until_s` to `first_s` [slot s]."""
    return _work(tuple(_weeks(jobs, first_s, until_s)))


def _weeks(jobs: LogJobs, first_s: int, until_s: int) -> Iterator[LogJobs]:
    count = (until_s - first_s) // WEEK_S
    for low, high in pairwise(until_s - WEEK_S * np.arange(count, -1, -1)):
        yield jobs.between(int(low), int(high))


def _work(weeks: tuple[LogJobs, ...]) -> Floats:
    return np.array([week.run_s.astype(np.float64) @ week.slots for week in weeks])


def draw_weeks(past: Past, horizon_s: int, rng: np.random.Generator) -> LogJobs:
    """Return the jobs of one future, from the instant of the past on.

    Parameters
    ----------
    past : Past
        What is known.
    horizon_s : int
        How far ahead. [s]
    rng : numpy.random.Generator
        Draws the level now, its steps, and the weeks.

    Notes
    -----
    The level begins where `Level` has it, give or take how well that is known, and walks on. Whatever season
    the drawn week had is replaced by that of the week it stands for.
    """
    level, count = past.level, -(-horizon_s // WEEK_S)
    start = np.log(level.now_ratio) + level.now_sd * rng.standard_normal()
    step = rng.choice(level.step_sds)
    path = start + np.cumsum(step * rng.standard_normal(count)) + level.season_of(np.arange(count))
    here = np.arange(-len(past.weeks), 0)
    chances, season = past.chances, level.season_of(here)
    plain = past.log_work - season
    base = float(chances @ plain - plain.mean())
    parts = [LogJobs(*(np.zeros(0, np.int64) for _ in LogJobs._fields))]
    parts += _stretched(past, path - base, season, chances, horizon_s, rng)
    return LogJobs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _stretched(
    past: Past, path: Floats, season: Floats, chances: Floats, horizon_s: int, rng: np.random.Generator
) -> Iterator[LogJobs]:
    """Yield one drawn week after the other, each as long as brings it to the level, until the horizon."""
    at = 0.0
    while at < horizon_s:
        row = int(rng.choice(len(chances), p=chances))
        wanted = path[min(int(at // WEEK_S), len(path) - 1)] - season[row]
        rate = float(np.exp(np.clip(wanted, -FARTHEST, FARTHEST)))
        week = past.weeks[row]
        submit_s = at + week.submit_s / rate
        stop = int(np.searchsorted(submit_s, horizon_s))
        yield LogJobs(submit_s[:stop].astype(np.int64), *(column[:stop] for column in week[1:]))
        at += WEEK_S / rate
