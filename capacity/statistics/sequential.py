"""Sequential looks: after how many replications one looks, and how sure one has to be each time.

Who looks again and again until an interval is on the right side finds it there by chance sooner or later. So
the error allowed is spent a part at each look (alpha spending with Pocock's function; Lan and DeMets 1983,
doi:10.1093/biomet/70.3.659), and the parts add up to all of it, however the looks hang together.
"""

import math
from dataclasses import dataclass
from typing import Final

FIRST_LOOK: Final = 6
"""Replications of which a first judgement is made; fewer say little of what is not normal."""
GROWTH: Final = 1.5
"""By how much the replications grow from look to look."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: at so many replications, with this confidence for each one-sided bound."""

    count: int
    confidence: float


def looks(most: int, confidence: float) -> tuple[Look, ...]:
    """Return the looks up to so many replications, at least 1; the confidence is that of all together.

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
