"""Influence out of worlds that were run anyway: what knowing one assumption alone would explain.

First-order indices S = Var(E[y | x]) / Var(y), by regression and by ranks. Where assumptions follow a cause
in common, that of one includes what it tells of the others. scipy.special is imported where it is used.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.statistics.designs import generator
from capacity.statistics.intervals import CONFIDENCE, Floats

MOST_DEGREE: Final = 6
WORLDS_A_DEGREE: Final = 8
"""So many worlds are needed for each degree of a curve."""
SHUFFLES: Final = 200
"""So often the answers are shuffled to see what chance alone makes of them."""


@dataclass(frozen=True, slots=True)
class Influence:
    """How much of the variance of an answer an assumption is behind.

    Attributes
    ----------
    index : float
        The part, by one of the definitions; below 0 by chance. [1]
    low, high : float
        Its interval; NaN if there is none. [1]
    zero : float
        What chance alone exceeds, where there is no influence, in no more than one case of twenty: by any of
        the assumptions that were looked at together. [1]
    """

    index: float
    low: float
    high: float
    zero: float

    @property
    def shown(self) -> bool:
        """Whether it is more than chance would make of nothing."""
        return self.index > self.zero


def degree_of(count: int) -> int:
    """Return up to which degree so many worlds can tell a curve from chance.

    Examples
    --------
    >>> [degree_of(count) for count in (8, 24, 64, 1280)]
    [1, 3, 6, 6]
    """
    return max(1, min(MOST_DEGREE, count // WORLDS_A_DEGREE))


def legendre(points: Floats, degree: int) -> Floats:
    """Return the Legendre polynomials from 1 on of points between 0 and 1, last axis; variance 1 each."""
    found = np.asarray(np.polynomial.legendre.legvander(2 * points - 1, degree)[..., 1:], np.float64)
    return found * np.sqrt(2 * np.arange(1, degree + 1) + 1)


def known_worlds(points: Floats, answers: Floats) -> tuple[Floats, Floats]:
    """Return points and answers of the worlds whose answer is a finite number.

    Raises
    ------
    ValueError
        There are not as many points as answers.
    """
    if len(points) != len(answers):
        raise ValueError(f"{len(points)} worlds do not have {len(answers)} answers")
    known = np.isfinite(answers)
    return points[known], answers[known]


def by_regression(points: Floats, answers: Floats, *, confidence: float = CONFIDENCE) -> list[Influence]:
    """Return the first-order index of each column: adjusted R² of the answer on a polynomial in it.

    Parameters
    ----------
    points : ndarray of float, shape (worlds, assumptions)
        Uniform numbers between 0 and 1 that the assumptions were drawn by.
    answers : ndarray of float, shape (worlds,)
        On a scale on which they are not too skewed, as logarithms of waits; NaN is left out.
    confidence : float
        Of the intervals: by the noncentral F distribution, as of normal residuals. [1]

    Notes
    -----
    Given-data estimate: Plischke, Borgonovo and Smith 2013, doi:10.1016/j.ejor.2012.11.047; here on Legendre
    polynomials, the degree chosen for each by the Bayesian information criterion (Schwarz 1978,
    doi:10.1214/aos/1176344136), for shuffled answers too. Intervals of R²: Steiger 2004,
    doi:10.1037/1082-989X.9.2.164.
    """
    points, answers = known_worlds(points, answers)
    count = len(answers)
    most = degree_of(count)
    if count < most + 3:
        return [Influence(math.nan, math.nan, math.nan, 0.0)] * points.shape[1]
    spread = answers - answers.mean()
    if not (spread**2).sum() > 1e-24 * (answers**2).sum():
        return [Influence(0.0, math.nan, math.nan, 0.0)] * points.shape[1]
    spread = spread / np.sqrt((spread**2).sum())
    shuffled = np.stack([spread, *_shuffles(spread)], axis=1)
    left = count - 1 - np.arange(1, most + 1)[:, None]
    indices, ends = [], []
    for column in points.T:
        terms = legendre(column, most)
        basis = np.linalg.qr(terms - terms.mean(axis=0))[0]
        unexplained = 1 - np.cumsum((basis.T @ shuffled) ** 2, axis=0)
        degree = _degree(unexplained, count)
        chosen = np.take_along_axis(unexplained * (count - 1) / left, degree[None], axis=0)[0]
        ends.append(_interval(1 - float(unexplained[degree[0], 0]), int(degree[0]) + 1, count, confidence))
        indices.append(1 - chosen)
    zero = float(np.quantile(np.max(indices, axis=0)[1:], 0.95))
    return [
        Influence(float(index[0]), low if index[0] > zero else 0.0, high, zero)
        for index, (low, high) in zip(indices, ends, strict=True)
    ]


def _degree(unexplained: Floats, count: int) -> npt.NDArray[np.intp]:
    """Return which degree, from 0 for the first, leaves little unexplained for what it costs, per column."""
    penalty = np.log(count) / count * np.arange(1, len(unexplained) + 1)
    return np.asarray(np.argmin(np.log(np.maximum(unexplained, 1e-300)) + penalty[:, None], axis=0))


@dataclass(frozen=True, slots=True)
class MeanCurve:
    """The mean answer along one assumption, and what it leaves open.

    Attributes
    ----------
    at : ndarray of float
        Mean answer where it was asked for.
    here : ndarray of float, shape (worlds,)
        Mean answer where each world lies.
    left : ndarray of float, shape (worlds,)
        What each world's answer differs from that by.
    """

    at: Floats
    here: Floats
    left: Floats


def mean_along(column: Floats, answers: Floats, parts: Floats) -> MeanCurve:
    """Return the mean answer along one assumption, by the polynomial of `by_regression`.

    Parameters
    ----------
    column, answers : ndarray of float, shape (worlds,)
        Uniform numbers that it was drawn by, and finite answers.
    parts : ndarray of float
        Where to tell the mean, between 0 and 1. [1]
    """
    most = degree_of(len(answers))
    terms, spread = legendre(column, most), answers - answers.mean()
    basis, triangle = np.linalg.qr(terms - terms.mean(axis=0))
    explained = basis.T @ spread
    unexplained = (spread**2).sum() - np.cumsum(explained**2)
    degree = 1 + int(_degree(unexplained[:, None], len(answers))[0])
    weights = np.linalg.solve(triangle[:degree, :degree], explained[:degree])
    offset = answers.mean() - terms[:, :degree].mean(axis=0) @ weights
    here: Floats = terms[:, :degree] @ weights + offset
    return MeanCurve(legendre(parts, degree) @ weights + offset, here, answers - here)


def _shuffles(answers: Floats, times: int = SHUFFLES) -> list[Floats]:
    random = generator(len(answers), "shuffled answers")
    return [answers[np.argsort(random.random(len(answers)))] for _ in range(times)]


def _interval(explained: float, degree: int, count: int, confidence: float) -> tuple[float, float]:
    """Return the ends of an explained part of which this much was seen."""
    from scipy.special import ncfdtr  # noqa: PLC0415 - costs start-up

    left = count - degree - 1
    ratio = explained / degree / max((1 - explained) / left, 1e-300)
    if not math.isfinite(ratio) or explained > 1 - 1e-12:
        return 1.0, 1.0

    def end(part: float) -> float:
        """Return the influence with which so little is seen in this part of the cases."""
        low, high = 0.0, 1.0
        if ncfdtr(degree, left, 0.0, ratio) <= part:
            return 0.0
        for _ in range(50):
            middle = (low + high) / 2
            noncentral = count * middle / (1 - middle)
            low, high = (middle, high) if ncfdtr(degree, left, noncentral, ratio) > part else (low, middle)
        return low

    return end((1 + confidence) / 2), end((1 - confidence) / 2)


def by_ranks(points: Floats, answers: Floats) -> list[Influence]:
    """Return the first-order index of each column from neighbours in it; no curve to choose, but noisier.

    Parameters are those of `by_regression`; no interval.

    Notes
    -----
    Gamboa, Gremaud, Klein and Lagnoux 2022, "Global sensitivity analysis: a novel generation of mighty
    estimators based on rank statistics", Bernoulli 28(4), arXiv:2003.01772.
    """
    points, answers = known_worlds(points, answers)
    spread = answers - answers.mean() if len(answers) else answers
    square = float((spread**2).sum())
    if len(answers) < 3 or not square:
        return [Influence(math.nan, math.nan, math.nan, 0.0)] * points.shape[1]
    chance = np.array([one @ np.roll(one, -1) for one in _shuffles(spread)]) / square
    zero = float(np.quantile(chance, 0.95))
    ordered = [spread[np.argsort(column, kind="stable")] for column in points.T]
    indices = (float(one @ np.roll(one, -1)) / square for one in ordered)
    return [Influence(index, math.nan, math.nan, zero) for index in indices]
