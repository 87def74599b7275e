"""How full a machine the log asks for, and how much one week differs from another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

WEEK_S = 7 * 86400
KNOTS = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0])
FEWEST_WEEKS = 4
"""Whole weeks that a log needs before anything is said about their differences."""


@dataclass(frozen=True, slots=True)
class FittedWeeks:
    """The level of demand from week to week.

    Attributes
    ----------
    load_frac : float
        Work that was asked for over what the machine could do, in the period of the log.
    levels : tuple of (fraction, level)
        Quantiles of the work of a week over that of the mean week, fractions 0 to 1.
    persistence : float
        Rank correlation of one week with the next, at least 0.
    """

    load_frac: float
    levels: tuple[tuple[float, float], ...]
    persistence: float


def weeks_of(since_s: NDArray[np.int64], work: NDArray[np.float64], span_s: int, load: float) -> FittedWeeks:
    """Return the level of a log.

    Parameters
    ----------
    since_s : array of int64, shape (n,)
        Submissions, of jobs or of series, since the period began. [s]
    work : array of float64, shape (n,)
        Slots times run time. [slot s]
    span_s : int
        Length of the period. [s]
    load : float
        Work that was asked for in it over what the machine could do.
    """
    n_weeks = span_s // WEEK_S
    if n_weeks < FEWEST_WEEKS:
        return FittedWeeks(load, ((0.0, 1.0), (1.0, 1.0)), 0.0)
    by_week = np.bincount(since_s // WEEK_S, work, n_weeks + 1)[:n_weeks]
    level = by_week / by_week.mean()
    # Mid-ranks: the smallest of 50 weeks is a 1 % quantile, not the 0 % one.
    ranks = (np.arange(n_weeks) + 0.5) / n_weeks
    knots = np.interp(KNOTS, ranks, np.sort(level))
    knots /= np.trapezoid(knots, KNOTS)
    differ = np.ptp(level[:-1]) > 0 and np.ptp(level[1:]) > 0
    following = spearmanr(level[:-1], level[1:]).statistic if differ else 0.0
    return FittedWeeks(
        load,
        tuple((float(p), float(round(level, 3))) for p, level in zip(KNOTS, knots, strict=True)),
        float(np.clip(np.nan_to_num(following), 0.0, 0.95)),
    )
