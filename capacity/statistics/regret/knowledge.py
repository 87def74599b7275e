"""What knowing more would be worth: of everything, and of one assumption before one decides.

Values are in the unit of the costs and never below 0. What is no more than chance is 0: the least of noisy
fits looks better than it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.statistics.designs import generator
from capacity.statistics.influence.given import legendre
from capacity.statistics.intervals import Floats
from capacity.statistics.regret.costs import known_costs, least_mean

WITHIN: Final = 2.0
"""Options that cost more than so many times the best in the mean are out of the question."""
SHUFFLES: Final = 40
SMOOTH_FROM: Final = 4_096
"""From so many worlds on the means of equal parts say more than a curve."""
PARTS: Final = 64
CURVED_FROM: Final = 200
"""From so many worlds on a curve has degree 4, below 2."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What knowing an assumption before deciding is worth.

    Attributes
    ----------
    value : float
        By how much less the decision costs in the mean: 0 if that is no more than chance.
    raw, zero : float
        As found, and what chance alone exceeds in no more than one case of twenty.
    """

    value: float
    raw: float
    zero: float


def of_everything(costs: Floats) -> float:
    """Return what knowing the world before deciding is worth: the mean regret of the best option.

    Parameters as of `costs.regrets`.

    Examples
    --------
    >>> of_everything(np.array([[1.0, 5.0], [2.0, 2.0]]))
    0.5
    """
    known_costs(costs)
    return float(costs.mean(axis=1).min() - costs.min(axis=0).mean())


def of_each(costs: Floats, points: Floats) -> list[Knowledge]:
    """Return what knowing each assumption is worth, at most what knowing everything is.

    Parameters
    ----------
    costs : ndarray of float, shape (options, worlds)
        All finite.
    points : ndarray of float, shape (worlds, assumptions)
        Uniform numbers between 0 and 1 that the assumptions were drawn by.

    Raises
    ------
    ValueError
        A cost is not known, or there are not as many worlds in both.

    Notes
    -----
    Strong, Oakley and Brennan 2014, doi:10.1177/0272989X13505910, on differences to the present best option,
    less what shuffled worlds give in the mean.
    """
    known_costs(costs)
    if costs.shape[1] != len(points):
        raise ValueError(f"{costs.shape[1]} worlds have costs, {len(points)} assumptions")
    best, most = least_mean(costs), of_everything(costs)
    means = costs.mean(axis=1)
    near = means <= means[best] + (WITHIN - 1) * abs(means[best])
    apart = (costs[best] - costs[near]).T  # how much better each is, shape (worlds, options)
    random = generator(len(points), "shuffled worlds")
    orders = [np.argsort(random.random(len(points))) for _ in range(SHUFFLES)]
    found = []
    for column in points.T:
        gain = _parts(column) if len(column) >= SMOOTH_FROM else _curve(column)
        raw, chance = gain(apart), np.array([gain(apart[order]) for order in orders])
        zero = float(np.quantile(chance, 0.95))
        value = min(most, max(0.0, raw - float(chance.mean()))) if raw > zero else 0.0
        found.append(Knowledge(value, raw, zero))
    return found


Gain = Callable[[Floats], float]
"""The mean of the best fitted gain over staying with the present option."""


def _parts(column: Floats) -> Gain:
    """Fit means over equal parts of an assumption."""
    order = np.argsort(column)
    starts = np.arange(PARTS) * len(column) // PARTS
    counts = np.diff(np.append(starts, len(column)))

    def gain(apart: Floats) -> float:
        means = np.add.reduceat(apart[order], starts, axis=0) / counts[:, None]
        return float((np.maximum(0.0, means.max(axis=1)) * counts).sum() / len(column))

    return gain


def _curve(column: Floats) -> Gain:
    """Fit a polynomial in an assumption."""
    worlds = len(column)
    degree = max(1, min(4 if worlds >= CURVED_FROM else 2, worlds // 8))
    basis = np.linalg.qr(np.column_stack([np.ones(worlds), legendre(column, degree)]))[0]

    def gain(apart: Floats) -> float:
        fitted = basis @ (basis.T @ apart)
        return float(np.maximum(0.0, fitted.max(axis=1)).mean())

    return gain
