"""Weeks differ, and people see the queue: which bursts are kept so that both come out as in a log.

The work of each week follows the quantiles that a log shows, with as much memory from week to week. Within a
week, the more work is queued, the less is submitted: independent bursts would pile up more than people let
them (D. G. Feitelson, "Workload Modeling", 2015, chapter 8.4, and E. Shmueli and D. G. Feitelson, IEEE TPDS
20(2), 2009, on feedback from the system to its users; recalled). The queue is counted as a fluid: what comes
in less what the machine can do.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

import numpy as np
from numpy.typing import NDArray

WEEK_S, HOUR_S, HOURS = 7 * 86_400, 3_600, 168
HIGHEST = 8.0
"""Threshold above all marks, also of people who hold back."""
HALVINGS = 24
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeekLevels:
    """How the work of a week compares with that of the mean week.

    Attributes
    ----------
    levels : tuple of (fraction, level)
        Quantiles, from fraction 0 to 1, straight in between.
    persistence : float
        Rank correlation of one week with the next.
    restraint_frac : float
        How much less people submit for each day of work that is queued.
    """

    levels: tuple[tuple[float, float], ...]
    persistence: float = 0.0
    restraint_frac: float = 0.0

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return the levels of `n` weeks in a row, not scaled to any mean.

        Notes
        -----
        Normal scores follow a first-order autoregression; a rank correlation ρ of two normal variables is a
        correlation of 2 sin(π ρ / 6). Only their order counts: the levels of the weeks are `n` even
        quantiles, so that a short horizon has its share of busy weeks too, and no more.
        """
        memory = 2 * np.sin(np.pi * self.persistence / 6)
        scores = rng.standard_normal(n)
        for week in range(1, n):
            scores[week] = memory * scores[week - 1] + np.sqrt(1 - memory**2) * scores[week]
        fractions, levels = np.array(self.levels).T
        ranks = (np.argsort(np.argsort(scores)) + 0.5) / n
        drawn: Floats = np.interp(ranks, fractions, levels)
        return drawn


@dataclass(frozen=True, slots=True)
class Hours:
    """Bursts by the hour in which they begin, so that a threshold on marks is looked up and not searched.

    Attributes
    ----------
    order : array of int64, shape (n_bursts,)
        Bursts, hour by hour, by mark.
    edges : array of int64, shape (n_hours + 1,)
        Where each hour begins in it.
    marks : list of list of float
        Marks of each hour, ascending.
    amounts : list of list of float
        Cumulative amounts beside them, from 0.
    capacity : list of float
        What the machine can do in each hour.
    """

    order: NDArray[np.int64]
    edges: NDArray[np.int64]
    marks: list[list[float]]
    amounts: list[list[float]]
    capacity: list[float]

    @classmethod
    def of(cls, hour: NDArray[np.int64], amounts: Floats, marks: Floats, capacity: Floats) -> "Hours":
        """Return bursts in hours 0 and up; others (-1) are left out."""
        order = np.lexsort((marks, hour))
        edges = np.searchsorted(hour[order], np.arange(len(capacity) + 1))
        total = np.concatenate(([0.0], np.cumsum(amounts[order])))
        by_hour = [*pairwise(edges.tolist())]
        return cls(
            order,
            edges,
            [marks[order[first:last]].tolist() for first, last in by_hour],
            [(total[first : last + 1] - total[first]).tolist() for first, last in by_hour],
            capacity.tolist(),
        )

    def week(self, number: int) -> range:
        """Return the hours of a week."""
        return range(number * HOURS, min((number + 1) * HOURS, len(self.capacity)))

    def pass_over(
        self, hours: range, threshold: float, queued: float, restraint: float
    ) -> tuple[float, float, list[int]]:
        """Return what is submitted in some hours, what is queued after them, and how many bursts of each.

        Parameters
        ----------
        hours : range
            Hours in a row.
        threshold : float
            Bursts with marks up to this are submitted when nothing is queued.
        queued : float
            Work queued before. [slot s]
        restraint : float
            See `WeekLevels`.
        """
        submitted = 0.0
        counts: list[int] = []
        patience = log(1.0 - restraint) / 24
        for hour in hours:
            capacity = self.capacity[hour]
            wish = threshold
            if restraint and queued and capacity:
                wish *= exp(patience * queued / capacity)
            count = bisect_right(self.marks[hour], wish)
            counts.append(count)
            amount = self.amounts[hour][count]
            submitted += amount
            queued = max(queued + amount - capacity, 0.0)
        return submitted, queued, counts


def keep_by_week(hours: Hours, goals: Floats, restraint: float) -> NDArray[np.int64]:
    """Return the bursts to keep so that the amounts of each week add up to its goal, as near as bursts allow.

    Parameters
    ----------
    hours : Hours
        The bursts.
    goals : array, shape (n_weeks,)
        Of each week.
    restraint : float
        See `WeekLevels`.

    Notes
    -----
    Of each week the bursts with the smallest marks are kept; the one with which it reaches its goal is kept
    whole. What a week has too much, the next has less, and the other way round: the sum over weeks stays near
    the sum of the goals, and large bursts are as likely to be kept as small ones.
    """
    kept: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    over, queued = 0.0, 0.0
    for number, goal in enumerate(goals.tolist()):
        mine = hours.week(number)
        threshold = _threshold(hours, mine, goal - over, queued, restraint)
        submitted, queued, counts = hours.pass_over(mine, threshold, queued, restraint)
        over += submitted - goal
        kept += [
            hours.order[hours.edges[hour] : hours.edges[hour] + count]
            for hour, count in zip(mine, counts, strict=True)
        ]
    return np.concatenate(kept)


def _threshold(hours: Hours, mine: range, goal: float, queued: float, restraint: float) -> float:
    """Return the smallest threshold, to a millionth, with which a week reaches its goal."""
    if goal <= 0:
        return -1.0
    low, high = 0.0, HIGHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if hours.pass_over(mine, middle, queued, restraint)[0] >= goal:
            high = middle
        else:
            low = middle
    return high
