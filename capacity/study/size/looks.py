"""When a candidate is looked at, and how sure one has to be each time, so that looks do not deceive.

Who looks again and again until an interval is on the right side finds it there by chance sooner or later. So
the error allowed is spent a part at each look (alpha spending with Pocock's function; Lan and DeMets 1983,
doi:10.1093/biomet/70.3.659), and the parts add up to all of it, however the looks hang together.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from capacity.study.size.trial import Trial

FIRST_LOOK: Final = 6
"""Replications of which a first judgement is made; fewer say little of what is not normal."""
GROWTH: Final = 1.5
"""By how much the replications grow while a candidate stays open."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: at so many replications, with this confidence for each one-sided bound."""

    count: int
    confidence: float


def looks(most: int, confidence: float) -> tuple[Look, ...]:
    """Return the looks at a candidate.

    Parameters
    ----------
    most : int
        Replications of the last look, at least 1.
    confidence : float
        Of the judgement as a whole.

    Examples
    --------
    >>> [look.count for look in looks(20, 0.95)]
    [6, 9, 14, 20]
    >>> round(sum(1 - look.confidence for look in looks(20, 0.95)), 12)
    0.05
    """
    counts = [min(FIRST_LOOK, most)]
    while counts[-1] < most:
        counts.append(min(most, math.ceil(counts[-1] * GROWTH)))
    spent = [(1 - confidence) * math.log1p((math.e - 1) * count / most) for count in counts]
    parts = [after - before for before, after in zip([0.0, *spent], spent, strict=False)]
    return tuple(Look(count, 1 - part) for count, part in zip(counts, parts, strict=True))


def until_clear(most: int, confidence: float, judged: Callable[[Look], Trial]) -> Trial:
    """Look at a candidate until it is not open any more, or for the last time."""
    first, *others = looks(most, confidence)
    trial = judged(first)
    for look in others:
        if trial.verdict != "open":
            break
        trial = judged(look)
    return trial
