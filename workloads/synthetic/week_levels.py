"""Weeks differ: how much is submitted in each, and which bursts are kept so that each week comes out so.

In real logs a week's work is steadier than independent bursts would make it, because people see the queue, or
far more uneven, because of deadlines. Both are the same here: the work of each week follows the quantiles a
log shows, with as much memory from week to week, and the bursts of the week are kept until it is reached.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

WEEK_S = 7 * 86_400
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
    """

    levels: tuple[tuple[float, float], ...]
    persistence: float = 0.0

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return the levels of `n` weeks in a row, not scaled to any mean.

        Notes
        -----
        Normal scores follow a first-order autoregression; a rank correlation ρ of two normal variables is a
        correlation of 2 sin(π ρ / 6).
        """
        memory = 2 * np.sin(np.pi * self.persistence / 6)
        scores = rng.standard_normal(n)
        for week in range(1, n):
            scores[week] = memory * scores[week - 1] + np.sqrt(1 - memory**2) * scores[week]
        fractions, levels = np.array(self.levels).T
        return np.interp(ndtr(scores), fractions, levels)


def keep_by_week(amounts: Floats, marks: Floats, week: NDArray[np.int64], goals: Floats) -> NDArray[np.bool_]:
    """Return which bursts to keep so that the amounts of each week add up to its goal, as near as bursts allow.

    Parameters
    ----------
    amounts : array, shape (n_bursts,)
        What each adds; the burst with which a week reaches its goal is kept whole.
    marks : array, shape (n_bursts,)
        Uniform between 0 and 1; the smallest of each week are kept.
    week : array of int64, shape (n_bursts,)
        In which week each begins; -1 outside all weeks, where none is kept.
    goals : array, shape (n_weeks,)
        Of each week.

    Notes
    -----
    What a week has too much, the next has less, and the other way round: the sum over weeks stays near the sum
    of the goals, and large bursts are as likely to be kept as small ones.
    """
    order = np.lexsort((marks, week))
    edges = np.searchsorted(week[order], np.arange(len(goals) + 1))
    kept = np.zeros(len(amounts), dtype=np.bool_)
    over = 0.0
    for number, goal in enumerate(goals):
        mine = order[edges[number] : edges[number + 1]]
        total = np.cumsum(amounts[mine])
        count = int(np.searchsorted(total, goal - over)) + 1 if goal > over and len(mine) else 0
        kept[mine[:count]] = True
        over += (float(total[min(count, len(mine)) - 1]) if count else 0.0) - goal
    return kept
