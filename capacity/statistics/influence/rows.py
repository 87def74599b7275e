"""Influence out of runs made for it: indices by Saltelli and Jansen, elementary effects by Morris.

The points are those of `designs.saltelli` and `designs.morris`. All runs of a row, or of a walk, must see the
same luck: otherwise the noise between them is taken for influence.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.statistics.designs import generator
from capacity.statistics.influence.given import Influence
from capacity.statistics.intervals import CONFIDENCE, Floats, t_interval

RESAMPLES: Final = 500


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """Of one assumption: what knowing it alone explains, and what is left if it alone is not known."""

    first: Influence
    total: Influence


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step of one assumption over its whole range does to an answer, in the unit of the answer.

    Attributes
    ----------
    size, low, high : float
        Mean of its size whatever its sign, and the interval of that mean.
    mean, spread : float
        Mean and standard deviation with sign: a large spread beside a small mean is a curve or an
        interaction.
    """

    size: float
    low: float
    high: float
    mean: float
    spread: float


def sobol_indices(
    answers_a: Floats, answers_b: Floats, answers_a_b: Floats, *, confidence: float = CONFIDENCE
) -> list[SobolIndices]:
    """Return the indices of each assumption, intervals by resampling rows.

    Parameters
    ----------
    answers_a, answers_b : ndarray of float, shape (rows,)
        At the points A and B. Runs of A and A_B must see the same luck in a row, those of B another one.
    answers_a_b : ndarray of float, shape (assumptions, rows)
        At the points A with one column from B. A row with an unknown answer is left out.
    confidence : float
        Of the intervals. [1]

    Notes
    -----
    First order: Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018; total: Jansen 1999,
    doi:10.1016/S0010-4655(98)00154-4. Luck is part of the variance.
    """
    known = np.isfinite(answers_a) & np.isfinite(answers_b) & np.isfinite(answers_a_b).all(axis=0)
    a, b, a_b = answers_a[known], answers_b[known], answers_a_b[:, known]
    rows = len(a)
    if rows < 2:
        nothing = Influence(math.nan, math.nan, math.nan, 0.0)
        return [SobolIndices(nothing, nothing)] * len(a_b)
    random = generator(rows, "rows again")
    picks = np.vstack([np.arange(rows), random.integers(0, rows, (RESAMPLES, rows))])
    centre = (a.mean() + b.mean()) / 2
    first, total = b * (a_b - a), (a - a_b) ** 2 / 2
    first -= centre * (a_b - a)  # the same in the mean, and less noisy
    both = np.concatenate([a[picks], b[picks]], axis=1)
    variance = np.where(both.var(axis=1) > 0, both.var(axis=1), math.inf)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    found = []
    for one, whole in zip(first, total, strict=True):
        firsts, totals = (terms[picks].mean(axis=1) / variance for terms in (one, whole))
        low, high = np.quantile(firsts[1:], tails).tolist()
        alone = Influence(float(firsts[0]), low, high, (high - low) / 2)
        low, high = np.quantile(totals[1:], tails).tolist()
        found.append(SobolIndices(alone, Influence(float(totals[0]), low, high, 0.0)))
    return found


def elementary_effects(walks: Floats, answers: Floats, *, confidence: float = CONFIDENCE) -> list[Effect]:
    """Return the effect of each assumption over walks; interval by Student's t.

    Parameters
    ----------
    walks : ndarray of float, shape (walks, assumptions + 1, assumptions)
        Points of `designs.morris`.
    answers : ndarray of float, shape (walks, assumptions + 1)
        One at each point, with the same luck within a walk.
    confidence : float
        Of the intervals. [1]

    Notes
    -----
    Morris 1991, doi:10.1080/00401706.1991.10484804; mean of sizes: Campolongo, Cariboni and Saltelli 2007,
    doi:10.1016/j.envsoft.2006.10.004.
    """
    steps = np.diff(walks, axis=1)
    column = np.argmax(steps != 0, axis=2)
    change = np.diff(answers, axis=1) / np.take_along_axis(steps, column[..., None], axis=2)[..., 0]
    effects = np.take_along_axis(change, np.argsort(column, axis=1), axis=1)
    found = []
    for one in effects.T:
        size = t_interval(np.abs(one), confidence=confidence)
        known = one[~np.isnan(one)]
        spread = float(known.std(ddof=1)) if len(known) > 1 else math.nan
        mean = float(known.mean()) if len(known) else math.nan
        found.append(Effect(size.value, size.low, size.high, mean, spread))
    return found
