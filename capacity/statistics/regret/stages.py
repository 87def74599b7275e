"""What to order now and what later: a first size, and a second one by what was observed in between.

A later order follows a rule on one signal that is known by then, as the load of the last weeks. The rule is
fitted on some worlds and judged on the others, and taken only if it does better than the best plan that looks
at nothing by more than shuffled signals do.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.statistics.designs import generator
from capacity.statistics.intervals import Floats

Places = npt.NDArray[np.intp]

FOLDS: Final = 8
SHUFFLES: Final = 40
DEGREE: Final = 2


@dataclass(frozen=True, slots=True)
class Phased:
    """A first size and a rule for the second.

    Attributes
    ----------
    first : int
        Place of the first size.
    second : tuple of int
        Places of the second size, from low signals to high ones; one if nothing is looked at.
    thresholds : tuple of float
        From which value of the signal the next second size is taken, one fewer.
    cost : float
        Mean cost, of a rule in worlds that it was not fitted on.
    single : tuple of int
        Places of the sizes of the best plan that looks at nothing.
    single_cost : float
        Its mean cost.
    gain, zero : float
        What looking at the signal saves, and what chance alone exceeds in no more than one case of twenty.
    """

    first: int
    second: tuple[int, ...]
    thresholds: tuple[float, ...]
    cost: float
    single: tuple[int, int]
    single_cost: float
    gain: float
    zero: float


def phased(costs: Floats, signal: Floats) -> Phased:
    """Return the plan in two stages of least mean cost.

    Parameters
    ----------
    costs : ndarray of float, shape (first sizes, second sizes, worlds)
        Sizes rising; NaN in all worlds where a second size cannot follow a first one.
    signal : ndarray of float, shape (worlds,)
        What will have been observed when the second order is due, and nothing that is known only later.

    Raises
    ------
    ValueError
        There is a path that is known in some worlds only, or none at all, or a signal is not known.

    Notes
    -----
    For each first size the cost of every second one is regressed on the signal; the least is taken, and never
    a smaller one for a larger signal. Least-squares Monte Carlo: Longstaff and Schwartz 2001,
    doi:10.1093/rfs/14.1.113.
    """
    means = _means(costs, signal)
    first, second = (int(place) for place in np.unravel_index(np.argmin(means), means.shape))
    single, single_cost = (first, second), float(means[first, second])
    paths = {place: np.flatnonzero(np.isfinite(row)) for place, row in enumerate(means)}
    tables = {place: costs[place][seconds] for place, seconds in paths.items() if len(seconds)}
    order = np.argsort(signal, kind="stable")
    ranks = (np.argsort(order) + 0.5) / len(signal)
    ruled = {place: _judged(table, ranks) for place, table in tables.items()}
    best = min(ruled, key=lambda place: ruled[place])
    gain, zero = single_cost - ruled[best], _chance(tables, ranks, single_cost)
    if gain <= zero:
        return Phased(first, (second,), (), single_cost, single, single_cost, gain, zero)
    taken = _rule(tables[best], ranks, ranks[order])
    steps = np.flatnonzero(np.diff(taken)) + 1
    chosen = tuple(int(paths[best][taken[at]]) for at in (0, *steps))
    middles = tuple(((signal[order][steps - 1] + signal[order][steps]) / 2).tolist())
    return Phased(best, chosen, middles, ruled[best], single, single_cost, gain, zero)


def _means(costs: Floats, signal: Floats) -> Floats:
    """Return the mean cost of each path, infinite where there is none."""
    known = ~np.isnan(costs)
    if not np.isfinite(signal).all() or costs.shape[2:] != signal.shape:
        raise ValueError("the signal must be known in every world")
    if not known.any() or (known.any(axis=2) != known.all(axis=2)).any():
        raise ValueError("what a path costs must be known in every world or in none")
    return np.asarray(np.where(known, costs, math.inf).mean(axis=2))


def _chance(tables: dict[int, Floats], ranks: Floats, single_cost: float) -> float:
    """Return what rules on a signal that says nothing seem to save in no more than one case of twenty."""
    random = generator(len(ranks), "shuffled signals")
    found = []
    for _ in range(SHUFFLES):
        other = ranks[np.argsort(random.random(len(ranks)))]
        found.append(single_cost - min(_judged(table, other) for table in tables.values()))
    return max(0.0, float(np.quantile(found, 0.95)))


def _judged(costs: Floats, ranks: Floats) -> float:
    """Return the mean cost of rules in worlds they were not fitted on, shape (second sizes, worlds)."""
    worlds = len(ranks)
    fold = np.argsort(np.argsort(ranks, kind="stable")) % min(FOLDS, worlds)
    paid = np.empty(worlds)
    for held in range(min(FOLDS, worlds)):
        inside, outside = fold != held, np.flatnonzero(fold == held)
        outside = outside[np.argsort(ranks[outside])]
        taken = _rule(costs[:, inside], ranks[inside], ranks[outside])
        paid[outside] = costs[taken, outside]
    return math.fsum(paid) / worlds


def _rule(costs: Floats, ranks: Floats, asked: Floats) -> Places:
    """Return the second size to take at ranks of the signal that rise."""
    best = int(np.argmin(costs.mean(axis=1)))
    degree = max(0, min(DEGREE, len(ranks) // 8))
    apart = (costs - costs[best]).T
    powers = _powers(ranks, degree)
    coefficients = np.linalg.solve(powers.T @ powers, powers.T @ apart)
    least = np.argmin(_powers(asked, degree) @ coefficients, axis=1)
    return np.asarray(np.maximum.accumulate(least))


def _powers(ranks: Floats, degree: int) -> Floats:
    return (2 * ranks - 1)[:, None] ** np.arange(degree + 1)
