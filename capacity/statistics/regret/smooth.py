"""Costs smoothed over worlds before a size is chosen: raw means of skewed costs swing from draw to draw.

What a world needs is a line in its assumptions, in logarithms, and luck; how late things are is one curve of
how much less than needed there is. Both are fitted on what was simulated and asked nothing beyond it.
scipy, which costs start-up, is imported where it is used.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from capacity.statistics.intervals import Floats
from capacity.statistics.regret.costs import least_mean

WORLDS_A_SLOPE: Final = 10
"""So many worlds are needed for each assumption that is taken in."""
STEPS: Final = 60
"""So often what is known only to lie beyond an end is filled in and the line fitted again."""
NEAR: Final = 1e-9
"""With less of a change in logarithms it is filled in."""
BEYOND: Final = 0.05
"""A size may lie further below the need than any that was simulated in at most this part of the worlds."""


@dataclass(frozen=True, slots=True)
class Need:
    """The size that a world needs: a line in its assumptions, in logarithms, and luck beside it.

    Attributes
    ----------
    columns : tuple of int
        Places of the assumptions that matter, the strongest first.
    slopes, start : tuple of float, float
        What each adds to the logarithm of the size, and where the line begins.
    luck : float
        Standard deviation beside the line.
    """

    columns: tuple[int, ...]
    slopes: tuple[float, ...]
    start: float
    luck: float

    def line(self, inputs: Floats) -> Floats:
        """Return the logarithm of the size that worlds need without luck, shape (worlds,)."""
        return np.asarray(self.start + inputs[:, list(self.columns)] @ np.asarray(self.slopes, np.float64))

    def sizes(self, inputs: Floats, luck: Floats) -> Floats:
        """Return the sizes that worlds need, given the uniform numbers of their luck, shape (worlds,)."""
        from scipy.special import ndtri  # noqa: PLC0415 - costs start-up

        return np.exp(self.line(inputs) + self.luck * ndtri(luck))


def fitted_need(inputs: Floats, needed: Floats) -> tuple[Need, Floats]:
    """Return the line that tells what worlds need, and the need of each, in logarithms.

    Parameters
    ----------
    inputs : ndarray of float, shape (worlds, assumptions)
        On a scale on which they act evenly, as logarithms of factors or normal quantiles.
    needed : ndarray of float, shape (worlds, 2)
        Between which sizes each world meets its target, in logarithms: twice the same where that is known.

    Notes
    -----
    Assumptions are taken in one by one while the Bayesian information criterion falls (Schwarz 1978,
    doi:10.1214/aos/1176344136). What lies beyond an end is filled in by expectation and maximization (Tobin
    1958, doi:10.2307/1907382; Dempster, Laird and Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x).
    """
    worlds = len(inputs)
    best, chosen = _censored_line(np.ones((worlds, 1)), needed), list[int]()
    while len(chosen) < min(inputs.shape[1], worlds // WORLDS_A_SLOPE):
        tried = {
            column: _censored_line(np.column_stack([np.ones(worlds), inputs[:, [*chosen, column]]]), needed)
            for column in range(inputs.shape[1])
            if column not in chosen
        }
        column = min(tried, key=lambda one: tried[one].luck)
        less = math.log(max(best.luck, 1e-9) / max(tried[column].luck, 1e-9))
        if 2 * worlds * less <= math.log(worlds):
            break
        best, chosen = tried[column], [*chosen, column]
    start, *slopes = best.slopes
    spread = best.luck * math.sqrt(worlds / max(1, worlds - len(best.slopes)))
    return Need(tuple(chosen), tuple(slopes), start, spread), best.filled


@dataclass(frozen=True, slots=True)
class _Line:
    slopes: list[float]
    luck: float
    filled: Floats


def _censored_line(terms: Floats, needed: Floats) -> _Line:
    """Return the line through values of which some are known only to lie beyond an end."""
    from scipy.special import ndtr  # noqa: PLC0415 - costs start-up

    low, high = needed.T
    known = low == high
    filled = np.where(np.isfinite(low), low, high)
    spare = np.zeros(len(filled))
    for _ in range(1 if known.all() else STEPS):
        slopes = np.linalg.lstsq(terms, filled, rcond=None)[0]
        line = terms @ slopes
        luck = math.sqrt(float(((filled - line) ** 2 + spare).mean())) or 1e-9
        side = np.where(np.isfinite(low), 1.0, -1.0)  # +1: at least the low end
        away = side * (np.where(side > 0, low, high) - line) / luck
        inner = np.clip(away, -30.0, 30.0)
        hazard = np.exp(-(inner**2) / 2) / math.sqrt(2 * math.pi) / np.asarray(ndtr(-inner))
        before, filled = filled, np.where(known, low, line + side * luck * hazard)
        spare = np.where(known, 0.0, luck**2 * np.maximum(0.0, 1 + away * hazard - hazard**2))
        if np.abs(filled - before).max() < NEAR:
            break
    return _Line(slopes.tolist(), luck, filled)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late things are for each unit of size needed, by how much of it there is.

    Attributes
    ----------
    places : ndarray of float
        Logarithm of the size over what is needed, rising.
    values : ndarray of float
        Lateness over what is needed, falling.
    """

    places: Floats
    values: Floats

    def costs(self, sizes: Floats, needed: Floats) -> Floats:
        """Return the lateness of each size in each world that needs so much, shape (sizes, worlds)."""
        place = np.log(sizes)[:, None] - np.log(needed)[None]
        return np.asarray(np.interp(place, self.places, self.values) * needed[None])

    def beyond(self, sizes: Floats, needed: Floats) -> Floats:
        """Return in which part of the worlds each size lies further below the need than was simulated."""
        place = np.log(sizes)[:, None] - np.log(needed)[None]
        return np.asarray((place < self.places[0] - 1e-9).mean(axis=1))


def fitted_lateness(sizes: Floats, needed: Floats, lateness: Floats) -> Lateness:
    """Return the falling curve nearest to the lateness of runs; its means are those of the runs.

    Parameters
    ----------
    sizes, needed, lateness : ndarray of float, shape (runs,)
        The size that was run, what its world needs, and how late things were, in any unit.

    Notes
    -----
    Isotonic regression by pooling neighbours: Barlow, Bartholomew, Bremner and Brunk, "Statistical Inference
    under Order Restrictions", Wiley 1972, section 1.2.
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - costs start-up

    place = np.log(sizes / needed)
    order = np.argsort(place, kind="stable")
    fitted = isotonic_regression((lateness / needed)[order], increasing=False)
    edges = np.asarray(fitted.blocks)
    starts, counts = edges[:-1], np.diff(edges)
    middles = np.add.reduceat(place[order], starts) / counts
    values = np.asarray(fitted.x, np.float64)[starts]
    outermost = place[order][[0, -1]]
    places = np.concatenate([outermost[:1], middles, outermost[1:]])
    return Lateness(places, np.concatenate([values[:1], values, values[-1:]]))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A size of least mean cost.

    Attributes
    ----------
    size, cost : float
        The size and its mean cost.
    edge : str
        "low" or "high" if it is the outermost that could be asked: what lies beyond must be simulated first.
    """

    size: float
    cost: float
    edge: Literal["", "low", "high"]


def chosen_size(sizes: Floats, costs: Floats, *, simulated: tuple[float, float], beyond: Floats) -> Chosen:
    """Return the size of least mean cost among those for which what was simulated can answer.

    Parameters
    ----------
    sizes : ndarray of float, shape (sizes,)
        Rising.
    costs : ndarray of float, shape (sizes, worlds)
        Smoothed, as of `Lateness.costs` and what the size itself costs.
    simulated : tuple of float
        The smallest and the largest size that was run.
    beyond : ndarray of float, shape (sizes,)
        Of `Lateness.beyond`, or 0 where costs are known at every size.

    Raises
    ------
    ValueError
        There is no such size.
    """
    asked = np.flatnonzero((sizes >= simulated[0]) & (sizes <= simulated[1]) & (beyond <= BEYOND))
    if not len(asked):
        raise ValueError("no size lies within what was simulated: simulate smaller sizes, or larger ones")
    best = int(asked[least_mean(costs[asked])])
    edge: Literal["", "low", "high"] = "low" if best == asked[0] else "high" if best == asked[-1] else ""
    return Chosen(float(sizes[best]), float(costs[best].mean()), edge if len(asked) > 1 else "")
