"""How good forecasts with an interval were, once it is known what came."""

import numpy as np
import numpy.typing as npt

from capacity.statistics.sequential import binomial

Floats = npt.NDArray[np.float64]


def interval_score(low: Floats, high: Floats, came: Floats, *, confidence: float) -> Floats:
    """Return the width of each interval and a fine for what came outside it: less is better.

    Parameters
    ----------
    low, high, came : ndarray of float64, shape (n,)
        Ends of the intervals and what came, in one unit.
    confidence : float
        Of the intervals. [1]

    Notes
    -----
    (h − l) + 2/α (l − y)⁺ + 2/α (y − h)⁺ with α = 1 − confidence: in the mean the true quantiles have the
    least. T. Gneiting and A. E. Raftery, JASA 102 (2007) 359-378, section 6.2,
    doi:10.1198/016214506000001437.

    Examples
    --------
    >>> interval_score(np.zeros(2), np.ones(2), np.array([0.5, 1.5]), confidence=0.8).round(9).tolist()
    [1.0, 6.0]
    """
    outside = np.maximum(low - came, 0) + np.maximum(came - high, 0)
    found: Floats = (high - low) + 2 / (1 - confidence) * outside
    return found


def coverage_p(inside: int, count: int, confidence: float) -> float:
    """Return how likely intervals of this confidence hold `inside` of `count`, or a less likely number [1].

    Examples
    --------
    >>> round(coverage_p(14, 23, 0.8), 3), round(coverage_p(8, 10, 0.8), 3)
    (0.033, 1.0)
    """
    chances = binomial(count, confidence)
    return min(float(chances[chances <= chances[inside] * (1 + 1e-9)].sum()), 1.0)


def share_bounds(successes: int, count: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return an interval of a share of which `successes` of `count` were seen [1].

    Notes
    -----
    C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404-413, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> low, high = share_bounds(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.444, 0.975)
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - costs start-up

    miss = (1 - confidence) / 2
    low = float(betaincinv(successes, count - successes + 1, miss)) if successes else 0.0
    high = float(betaincinv(successes + 1, count - successes, 1 - miss)) if successes < count else 1.0
    return low, high
