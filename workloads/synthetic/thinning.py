"""Meets a target exactly, by drawing more than it needs and keeping a part of the bursts.

Bursts form a Poisson process. If each has a uniform mark, those with marks below a threshold form a Poisson
process again, with that part of the rate (thinning: P. A. W. Lewis and G. S. Shedler, "Simulation of
nonhomogeneous Poisson processes by thinning", Naval Research Logistics Quarterly 1979,
doi:10.1002/nav.3800260304). So bursts are kept in the order of their marks until the target is met. All
tenants and classes are thinned alike, and no burst is cut.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from workloads.synthetic.stream_jobs import StreamJobs
from workloads.synthetic.target import Supply, TargetError, TargetNumbers
from workloads.synthetic.times import by_slots
from workloads.synthetic.week_levels import HOUR_S, HOURS, WEEK_S, Hours, keep_by_week

PILOT_JOBS = 100_000.0
"""Jobs of the first draw, which tells how much work a job is, on average."""
SPARE = 1.12
"""How much more than expected is drawn, so that a further draw is seldom needed."""
SPARE_BY_WEEK = 1.5
"""The same where each week has a goal of its own."""
ATTEMPTS = 4
"""After so many draws too much is good enough."""
MOST_JOBS = 1e8
"""More than most memories hold."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Goal:
    """A target in a given horizon on a given machine.

    Attributes
    ----------
    amount : float
        Work [slot s] or jobs to be reached.
    counts_jobs : bool
        Whether jobs are counted, rather than their work.
    from_s, until_s : float
        Window of submission. [s]
    run_factors : mapping of str to mapping of int to float
        Run time there over that of the model, by job class and slots.
    by_week, level : array, shape (n_weeks,), or None
        The part of each week of the window, and how busy it is beside the others, where the target says how
        weeks differ.
    capacity : array, shape (n_hours,), or None
        What the machine can do in each hour of the window, then. [slot s]
    restraint : float
        How much less people submit for each day of work that is queued.
    """

    amount: float
    counts_jobs: bool
    from_s: float
    until_s: float
    run_factors: Mapping[str, Mapping[int, float]]
    by_week: Floats | None = None
    level: Floats | None = None
    capacity: Floats | None = None
    restraint: float = 0.0

    def week_of(self, time_s: Floats) -> NDArray[np.int64]:
        """Return the week of the window that each time [s] lies in; -1 outside the window."""
        week = np.floor((time_s - self.from_s) / WEEK_S).astype(np.int64)
        return np.where((time_s >= self.from_s) & (time_s < self.until_s), week, -1)

    def hour_of(self, time_s: Floats) -> NDArray[np.int64]:
        """Return the hour of the window that each time [s] lies in, also before and after it."""
        return np.floor((time_s - self.from_s) / HOUR_S).astype(np.int64)

    def by_burst(self, jobs: StreamJobs, class_name: str) -> Floats:
        """Return what each burst adds, shape ``(n_bursts,)``; 0 outside the window."""
        submit_s = jobs.columns["submit_s"]
        within = (submit_s >= self.from_s) & (submit_s < self.until_s)
        burst = jobs.columns["burst"]
        if self.counts_jobs:
            return np.bincount(burst[within], minlength=jobs.n_bursts).astype(np.float64)
        slots, factors = jobs.columns["slots"], self.run_factors.get(class_name)
        run_s = jobs.columns["run_s"] * (by_slots(factors, slots) if factors else 1.0)
        work = slots * np.maximum(np.rint(run_s), 1.0)
        return np.bincount(burst, weights=work * within, minlength=jobs.n_bursts).astype(np.float64)


def goal_of(
    target: TargetNumbers,
    supply: Supply | None,
    edges_s: Floats,
    rate: Floats,
    *,
    origin: datetime,
    rng: np.random.Generator,
) -> Goal:
    """Return what is to be reached within a horizon.

    Parameters
    ----------
    target : TargetNumbers
        What was asked for.
    supply : Supply or None
        The machine, unless the target says how many slots it refers to.
    edges_s : array, shape (n_hours + 1,)
        Where each hour begins, and the last one ends. [s]
    rate : array, shape (n_hours,)
        Jobs expected in each hour, of all tenants, before the target. [1/h]
    origin : datetime.datetime
        Start of the horizon.
    rng : numpy.random.Generator
        For the levels of weeks.

    Raises
    ------
    TargetError
        The window is empty, or has no slots, or nobody submits in it.
    """
    if target.slots is not None:
        supply = Supply(((0.0, target.slots),))
    if supply is None:
        message = "a target needs to know how many slots there are"
        raise TargetError(message)
    from_s, until_s = target.window_s(origin, round(edges_s[-1]))
    busy = edges_s[:-1][rate > 0]
    if target.start is None:
        from_s = max(from_s, supply.first_s, float(busy[0]) if len(busy) else inf)
    slot_seconds = supply.slot_seconds(from_s, until_s) if from_s < until_s else 0.0
    if not slot_seconds:
        message = "no slot is in service in the window of the target while somebody submits"
        raise TargetError(message)
    if not ((edges_s[1:] > from_s) & (edges_s[:-1] < until_s) & (rate > 0)).any():
        message = "nobody submits in the window of the target"
        raise TargetError(message)
    counts = target.offered_load_frac is None
    amount = target.amount(slot_seconds)
    goal = Goal(amount, counts, from_s, until_s, supply.run_factors)
    if target.weeks is None:
        return goal
    week = goal.week_of(edges_s[:-1])
    usual = np.bincount(week[week >= 0], rate[week >= 0])
    level = target.weeks.draw(rng, len(usual))
    if not usual @ level:  # the quiet weeks of the table, and no others: they are alike
        level = np.ones(len(usual))
    level *= usual.sum() / float(usual @ level)
    edges = [*np.arange(from_s, until_s, HOUR_S), until_s]
    capacity = np.array([supply.slot_seconds(*hour) for hour in pairwise(edges)])
    return replace(
        goal,
        by_week=usual * level * (amount / usual.sum()),
        level=level,
        capacity=capacity,
        restraint=0.0 if counts else target.weeks.restraint_frac,
    )


@dataclass(frozen=True, slots=True)
class Thinned:
    """Streams with the bursts that are kept.

    Attributes
    ----------
    streams : list of StreamJobs
        As drawn.
    kept : list of array of bool, shape (n_bursts,)
        Of each stream.
    """

    streams: list[StreamJobs]
    kept: list[NDArray[np.bool_]]


def draw_to_goal(
    goal: Goal,
    expected_jobs: float,
    draw: Callable[[float], Sequence[StreamJobs]],
    marks: Callable[[StreamJobs], Floats],
    class_name: Callable[[StreamJobs], str],
) -> Thinned:
    """Draw at a rate that gives enough, and thin to the goal.

    Parameters
    ----------
    goal : Goal
        What is to be reached.
    expected_jobs : float
        Jobs of the whole horizon at the model's own rate.
    draw : callable
        Draws all streams at so many times the model's own rate.
    marks : callable
        Gives the marks of the bursts of a stream, uniform between 0 and 1.
    class_name : callable
        Gives the name of the class of a stream.

    Raises
    ------
    TargetError
        More jobs would be needed than can be held.
    """
    times = PILOT_JOBS / expected_jobs
    spare = SPARE if goal.by_week is None else SPARE_BY_WEEK
    for attempt in count():
        if expected_jobs * times > MOST_JOBS:
            message = f"the target needs more than {MOST_JOBS:.0e} jobs, which is more than can be held"
            raise TargetError(message)
        streams = [*draw(times)]
        amounts = [goal.by_burst(jobs, class_name(jobs)) for jobs in streams]
        reached = float(sum(amount.sum() for amount in amounts))
        enough = reached >= goal.amount * spare / SPARE
        if enough and (reached <= 2 * goal.amount or attempt >= ATTEMPTS):
            break
        wanted = times * spare * goal.amount / reached if reached else times * 10
        times = wanted if enough else max(wanted, times * spare)
    kept = _keep(goal, streams, np.concatenate(amounts), np.concatenate([marks(jobs) for jobs in streams]))
    ends = np.cumsum([jobs.n_bursts for jobs in streams])[:-1]
    return Thinned(streams, np.split(kept, ends))


def _keep(goal: Goal, streams: Sequence[StreamJobs], amounts: Floats, marks: Floats) -> NDArray[np.bool_]:
    """Return which bursts to keep: week by week where the goal says so, and then as the whole needs it."""
    if goal.by_week is None or goal.capacity is None:
        return keep(amounts, marks, goal.amount)
    starts = np.concatenate([_first_submit_s(jobs) for jobs in streams])
    outside = amounts == 0
    hour = np.where(outside, -1, np.clip(goal.hour_of(starts), 0, len(goal.capacity) - 1))
    mine = keep_by_week(Hours.of(hour, amounts, marks, goal.capacity), goal.by_week, goal.restraint)
    # In the order of weeks, then those left over: the last week gives or takes what the whole still needs.
    rank = 2 + marks
    rank[mine] = (hour[mine] // HOURS + marks[mine]) / (len(goal.by_week) + 1)
    exact = keep(amounts, rank, goal.amount)
    exact[outside] = marks[outside] < len(mine) / max(int((~outside).sum()), 1)
    return exact


def _first_submit_s(jobs: StreamJobs) -> Floats:
    """Return when each burst begins, shape ``(n_bursts,)`` [s]."""
    first = np.searchsorted(jobs.columns["burst"], np.arange(jobs.n_bursts))
    return jobs.columns["submit_s"][first].astype(np.float64)


def keep(amounts: Floats, marks: Floats, goal: float) -> NDArray[np.bool_]:
    """Return which bursts to keep so that their amounts add up to the goal.

    Parameters
    ----------
    amounts : array, shape (n_bursts,)
        What each adds; those with 0 lie outside the window and are thinned like the others.
    marks : array, shape (n_bursts,)
        Uniform between 0 and 1; the smallest are kept.
    goal : float
        Not more than the sum of the amounts.

    Returns
    -------
    array of bool, shape (n_bursts,)
        The sum of the amounts kept is at most the goal, and no burst left out would fit into what is missing.

    Notes
    -----
    The burst that would go beyond the goal is left out; smaller ones behind it fill the gap.
    """
    order = np.argsort(marks)
    total = np.cumsum(amounts[order])
    whole = int(np.searchsorted(total, goal, side="right"))
    kept = np.zeros(len(amounts), dtype=np.bool_)
    kept[order[:whole]] = True
    missing = goal - (float(total[whole - 1]) if whole else 0.0)
    rest = order[whole:]
    rest = rest[amounts[rest] > 0]
    while len(rest := rest[amounts[rest] <= missing]):
        total = np.cumsum(amounts[rest])
        count = int(np.searchsorted(total, missing, side="right"))
        kept[rest[:count]] = True
        missing -= float(total[count - 1])
        rest = rest[count:]
    return kept
