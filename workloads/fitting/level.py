"""How the level of a log's demand drifts from week to week, and where it stands at the end of the log.

The logarithm of a week's work is level + season + noise; the level is a random walk. Seasons are told only
from two years on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEK_S = 7 * 86_400
NORMAL_TENTH = 1.2815516
"""So many standard deviations above the middle lies a tenth of a normal distribution."""
FEWEST_WEEKS = 4
"""Whole weeks without which nothing is said about the level."""
QUARTER_WEEKS = 13
"""So many last weeks tell where the level is now."""
SHRINK_FRAC = 0.5
"""The level now is drawn so far back to the long mean: what rose for a quarter often falls again."""
STEP_PRIOR, STEP_PRIOR_SD = 0.06, 0.05
"""What is known of the step of a week before a log is seen: pooled over logs, in logarithms."""
STEPS = 25
"""Values of the step that stand for what is known of it."""
LEAST_WORK_FRAC = 0.05
"""A week with less than this part of the mean week's work counts as this: the machine was down."""
YEAR_WEEKS, SEASON_WEEKS, SEASON_YEARS = 52, 4, 2
_NOISE, _STEP = np.geomspace(0.03, 1.0, 60)[:, None], np.linspace(0.002, 0.25, 80)[None, :]


@dataclass(frozen=True, slots=True)
class Level:
    """The level of demand at the end of a log; spreads are standard deviations of logarithms [1].

    Attributes
    ----------
    weeks : int
        Whole weeks it was learned from.
    now_ratio : float
        Level now over the mean level of the log, half way back to it. [1]
    now_sd : float
        How well that is known. [1]
    noise_sd : float
        How much the work of one week differs from the level. [1]
    step_sd : float
        How far the level moves from one week to the next: the median of `step_sds`. [1]
    step_sds : tuple of float
        Equally likely values of that: a short log does not tell it well. [1]
    season : tuple of float
        Work of the 1st, 2nd, … week of the year that follows over that of the level; empty where the log has
        less than two years or its years are not alike. [1]
    """

    weeks: int
    now_ratio: float
    now_sd: float
    noise_sd: float
    step_sd: float
    step_sds: tuple[float, ...]
    season: tuple[float, ...] = ()

    def drift_sd(self, weeks: float) -> float:
        """Return how far the level moves in so many weeks, one standard deviation of its logarithm [1]."""
        return self.step_sd * float(np.sqrt(weeks))

    def ahead(self, weeks: float) -> tuple[float, float, float]:
        """Return the level so many weeks on over the mean: a tenth lies below, the middle, above [1]."""
        drift = float(np.mean(np.square(self.step_sds))) * weeks
        half = NORMAL_TENTH * float(np.sqrt(self.now_sd**2 + drift))
        low, high = self.now_ratio * np.exp([-half, half])
        return float(low), self.now_ratio, float(high)

    def season_of(self, weeks: NDArray[np.int64]) -> Floats:
        """Return the logarithm of the season of weeks, 0 the first after the log, -1 its last [1]."""
        if not self.season:
            return np.zeros(len(weeks))
        found: Floats = np.log(np.array(self.season))[weeks % YEAR_WEEKS]
        return found


def log_work(work: Floats) -> Floats:
    """Return the logarithms of the work of weeks, those of next to none as `LEAST_WORK_FRAC` [1]."""
    found: Floats = np.log(np.maximum(work, LEAST_WORK_FRAC * work.mean()))
    return found


def level_of(work: Floats) -> Level | None:
    """Return the level of a log from the work of its whole weeks; None of fewer than four, or without work.

    Parameters
    ----------
    work : array of float64, shape (n_weeks,)
        Slots times run time of what was submitted in each week, the last one up to the end. [slot s]

    Notes
    -----
    With noise e and step w, the means of k weeks and of the k weeks before differ with the variance
    2 e² / k + w² (2 k² + 1) / (3 k). The likelihood of that over k = 1, 2, 4, 8 …, times a normal prior on w
    pooled over logs, says how likely each e and w are: a local level model (A. C. Harvey, "Forecasting,
    Structural Time Series Models and the Kalman Filter", 1989, chapter 2).

    Examples
    --------
    >>> round(level_of(np.full(20, 7.0)).now_ratio, 9)
    1.0
    """
    if len(work) < FEWEST_WEEKS or not work.any():
        return None
    values = log_work(work)
    season = _season(values)
    if len(season):
        values = values - season[np.arange(-len(values), 0) % YEAR_WEEKS]
    noise, steps = _spreads(values)
    last = min(QUARTER_WEEKS, len(values))
    now = (1 - SHRINK_FRAC) * float(values[-last:].mean() - values.mean())
    return Level(
        weeks=len(values), now_ratio=float(np.exp(now)), now_sd=noise / float(np.sqrt(last)), noise_sd=noise,
        step_sd=float(np.median(steps)), step_sds=tuple(steps.tolist()),
        season=tuple(np.exp(season).tolist()),
    )  # fmt: skip


def _spreads(values: Floats) -> tuple[float, Floats]:
    """Return the mean noise of the logarithms of weeks, and equally likely values of their step."""
    likelihood = np.zeros((_NOISE.size, _STEP.size)) - ((_STEP - STEP_PRIOR) / STEP_PRIOR_SD) ** 2 / 2
    k = 1
    while 2 * k <= len(values):
        blocks = len(values) // k
        differ = np.diff(values[len(values) - blocks * k :].reshape(blocks, k).mean(axis=1))
        variance = 2 * _NOISE**2 / k + _STEP**2 * (2 * k**2 + 1) / (3 * k)
        likelihood -= (len(differ) * np.log(variance) + float(differ @ differ) / variance) / 2
        k *= 2
    chance = np.exp(likelihood - likelihood.max())
    chance /= chance.sum()
    of_step = np.cumsum(chance.sum(axis=0))
    places = np.searchsorted(of_step, (np.arange(STEPS) + 0.5) / STEPS)
    return float((chance * _NOISE).sum()), _STEP[0, places]


def _season(values: Floats) -> Floats:
    """Return the logarithm of the season of each of the 52 weeks after the end, empty if years do not agree.

    The year is cut into 13 parts of four weeks. Their means over the years are drawn to 0 by as much of their
    spread as the differences of the years among each other explain (empirical Bayes).
    """
    years = len(values) // YEAR_WEEKS
    if years < SEASON_YEARS:
        return np.zeros(0)
    parts = values[-years * YEAR_WEEKS :].reshape(years, -1, SEASON_WEEKS).mean(axis=2)
    parts = parts - parts.mean(axis=1, keepdims=True)
    means = parts.mean(axis=0)
    chance = float(((parts - means) ** 2).sum()) / ((years - 1) * (len(means) - 1)) / years
    seen = float(means @ means) / (len(means) - 1)
    if seen <= chance:
        return np.zeros(0)
    return np.repeat(means * (1 - chance / seen), SEASON_WEEKS)
