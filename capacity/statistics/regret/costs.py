"""Options judged by what they cost in every world: regret, its tail, how often a target is met.

Regret is what an option costs above the best one in the same world. scipy.special is imported where it is
used.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.statistics.intervals import CONFIDENCE, Floats, Interval

WORST_PART: Final = 0.1
"""The mean over so many of the worst worlds stands beside the mean over all."""
WORST_WORLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Regret:
    """How an option does over worlds, in the unit of its costs.

    Attributes
    ----------
    cost, mean : float
        Mean cost and mean regret.
    worst_tenth, worst : float
        Mean regret in the worst tenth of the worlds, and the largest.
    worst_worlds : tuple of int
        Places of the worlds of largest regret, the worst first; none where there is no regret.
    """

    cost: float
    mean: float
    worst_tenth: float
    worst: float
    worst_worlds: tuple[int, ...]


def regrets(costs: Floats) -> list[Regret]:
    """Return how each option does.

    The option of least mean regret is that of least mean cost. Mean of the worst tenth: Rockafellar and
    Uryasev 2000, doi:10.21314/JOR.2000.038.

    Parameters
    ----------
    costs : ndarray of float, shape (options, worlds)
        All finite, with the same luck for all options in a world.

    Raises
    ------
    ValueError
        A cost is not known, or there is none.

    Examples
    --------
    >>> one, two = regrets(np.array([[1.0, 5.0], [2.0, 2.0]]))
    >>> one.mean, two.mean, one.worst_worlds
    (1.5, 0.5, (1,))
    """
    known_costs(costs)
    found = []
    for own, regret in zip(costs, costs - costs.min(axis=0), strict=True):
        order = np.argsort(-regret, kind="stable")[:WORST_WORLDS]
        worst = tuple(int(world) for world in order if regret[world] > 0)
        tenth = tail_mean(regret, WORST_PART)
        found.append(Regret(float(own.mean()), float(regret.mean()), tenth, float(regret.max()), worst))
    return found


def known_costs(costs: Floats) -> None:
    """Refuse costs that are not known of every option in every world."""
    if costs.ndim != 2 or not costs.size or not np.isfinite(costs).all():
        raise ValueError("the cost of every option must be known in every world")


def tail_mean(values: Floats, part: float) -> float:
    """Return the mean of the largest part of the values, one of them counted in part.

    Examples
    --------
    >>> tail_mean(np.array([1.0, 2.0, 3.0, 10.0]), 0.375)
    7.666666666666667
    """
    ordered = np.sort(values)[::-1]
    weights = np.clip(part * len(values) - np.arange(len(values)), 0.0, 1.0)
    return float((ordered * weights).sum() / weights.sum())


def least_mean(costs: Floats) -> int:
    """Return the place of the option of least mean cost, the first of several."""
    return int(np.argmin(costs.mean(axis=1)))


def least_worst(costs: Floats) -> int:
    """Return the place of the option whose worst regret is least: it hangs on the outermost world drawn."""
    return int(np.argmin((costs - costs.min(axis=0)).max(axis=1)))


def bought_for(too_little: float, too_much: float) -> float:
    """Return the part of the futures one buys for at these prices of a unit too little and too much [1].

    The newsvendor's quantile: Arrow, Harris and Marschak 1951, doi:10.2307/1906813.

    Examples
    --------
    >>> round(bought_for(2.4, 1.0), 2)
    0.71
    """
    if not (too_little >= 0 and too_much >= 0 and too_little + too_much > 0):
        raise ValueError("the prices of too little and of too much are not negative, nor both 0")
    return too_little / (too_little + too_much)


def share_met(met: npt.NDArray[np.bool_], *, confidence: float = CONFIDENCE) -> Interval:
    """Return in which part of the worlds a target is met, and an interval that is exact.

    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> found = share_met(np.arange(64) < 53)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.828, 0.713, 0.911)
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - costs start-up

    n, hits, miss = len(met), int(np.count_nonzero(met)), (1 - confidence) / 2
    if not n:
        return Interval(math.nan, math.nan, math.nan, 0, "Clopper and Pearson", "none")
    low = float(betaincinv(hits, n - hits + 1, miss)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - miss)) if hits < n else 1.0
    return Interval(hits / n, low, high, n, "Clopper and Pearson")
