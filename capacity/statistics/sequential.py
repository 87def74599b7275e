"""Sequential looks: after how many replications one looks at how many met a target, and what shows it.

A target asks for a share of the futures: at least 80 % of them. Each future meets it or does not, so the
count is binomial whatever a wait is distributed like, and nothing is approximate. Who looks again and again
until the count is on the right side finds it there by chance sooner or later. So each look is allowed just
as much error as those before it have left, worked out over all ways to come there: together, a share of
exactly the target is called met, and is called missed, no more often than allowed, in exact numbers. For one
look these are the one-sided bounds of Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404; spending of
error over looks: Lan and DeMets 1983, doi:10.1093/biomet/70.3.659.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.statistics.intervals import Floats

FIRST_LOOK: Final = 3
"""Replications at which a clear miss can be seen."""
DEFAULT_SHARE: Final = 0.8
"""Of the futures must meet a target, if nothing else is said."""
MOST_OVER_FEWEST: Final = 2.1
"""Replications at which one gives up, over those that can show the share if none misses."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: what `count` replications must come to.

    Attributes
    ----------
    count : int
        Replications. [1]
    met_from : int
        If so many or more meet the target, at least the share is shown to; more than `count` if none would.
    missed_to : int
        If so many or fewer meet it, less than the share is shown to; -1 if none would.
    """

    count: int
    met_from: int
    missed_to: int


def fewest(share: float, confidence: float) -> int:
    """Return how many replications show that at least a share of futures meets a target, if all of them do.

    Examples
    --------
    >>> fewest(0.8, 0.95), fewest(0.9, 0.95), fewest(0.95, 0.95)
    (14, 29, 59)
    """
    return max(1, math.ceil(math.log(1 - confidence) / math.log(share) - 1e-9))


def most_by_default(share: float, confidence: float) -> int:
    """Return at how many replications one gives up, if nothing else is said: a miss or two can be made good.

    Examples
    --------
    >>> most_by_default(0.8, 0.95), most_by_default(0.95, 0.95)
    (30, 124)
    """
    return math.ceil(MOST_OVER_FEWEST * fewest(share, confidence))


def counts_of(most: int, share: float, confidence: float) -> list[int]:
    """Return after how many replications one looks: twice as many each time, then half as many more.

    Examples
    --------
    >>> counts_of(30, 0.8, 0.95), counts_of(10, 0.8, 0.95)
    ([3, 6, 14, 21, 30], [3, 6, 10])
    """
    enough, counts = fewest(share, confidence), []
    count = FIRST_LOOK
    while count < most:
        counts.append(count)
        if count >= enough:
            count = math.ceil(count * 1.5)
        else:  # one that comes shortly before there are enough is not worth waking up for
            count = 2 * count if 2 * count <= 0.7 * enough else enough
    return [*counts, most]


def looks(most: int, share: float, confidence: float) -> tuple[Look, ...]:
    """Return the looks up to so many replications, at least 1; the confidence is that of all together.

    Examples
    --------
    >>> [(look.count, look.missed_to, look.met_from) for look in looks(30, 0.8, 0.95)]
    [(3, 0, 4), (6, 2, 7), (14, 7, 14), (21, 12, 22), (30, 19, 29)]
    """
    return bounds(counts_of(most, share, confidence), share, confidence)


def bounds(counts: Sequence[int], share: float, confidence: float) -> tuple[Look, ...]:
    """Return what shows a share met or missed at each of some looks, in order."""
    undecided = np.ones(1)  # chance of each number of futures that met it, with nothing shown so far
    left_met = left_missed = 1 - confidence + 1e-12
    found, before = [], 0
    for count in counts:
        chances = np.convolve(undecided, binomial(count - before, share))
        from_above, from_below = np.cumsum(chances[::-1]), np.cumsum(chances)
        met_from = count + 1 - int(np.count_nonzero(from_above <= left_met))
        missed_to = min(int(np.count_nonzero(from_below <= left_missed)) - 1, met_from - 1)
        met_from = _reached(chances, met_from)
        left_met -= float(chances[met_from:].sum())
        left_missed -= float(chances[: missed_to + 1].sum())
        chances[met_from:] = 0.0
        chances[: missed_to + 1] = 0.0
        undecided, before = chances, count
        found.append(Look(count, met_from, missed_to))
    return tuple(found)


def _reached(chances: Floats, met_from: int) -> int:
    """Return a bound that can be reached: counts that an earlier look has decided have no chance left."""
    return met_from if met_from < len(chances) and chances[met_from:].any() else len(chances)


def binomial(count: int, share: float) -> Floats:
    """Return the chance of each number of successes, from 0 to `count`."""
    from scipy.special import bdtr  # noqa: PLC0415 - costs start-up

    return np.diff(bdtr(np.arange(count + 1), count, share), prepend=0.0)
