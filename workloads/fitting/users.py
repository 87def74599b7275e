"""Who submits: how many people there are, and how unequal."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

TOP_FRAC = 0.05
FEW = 20
"""Below so many people, a top twentieth is nobody, and the spread of the logarithms is taken."""
LARGEST_SIGMA = 4.0


def people(users: NDArray[np.int64], use: NDArray[np.float64] | None = None) -> tuple[int, float]:
    """Return the number of users and the standard deviation of the logarithm of their activity.

    Parameters
    ----------
    users : array of int64, shape (n_series,)
        Who submitted each series.
    use : array of float64, shape (n_series,), optional
        What each counts for; all the same if not given.

    Notes
    -----
    The most active 5 % of many people with lognormal activity make up the share Φ(σ - z) of it, where z is
    the 95 % quantile of the normal distribution; that is solved for σ. Counted by work, it makes people as
    unequal in what they use; real people are less so in how many jobs they submit, the model's are not.
    """
    per_user = np.sort(np.bincount(users, use))[::-1]
    per_user = per_user[per_user > 0]
    if len(per_user) < FEW:
        return len(per_user), float(np.round(min(np.log(per_user).std(), LARGEST_SIGMA), 2))
    top = per_user[: max(round(TOP_FRAC * len(per_user)), 1)].sum() / per_user.sum()
    sigma = float(ndtri(min(top, 0.999)) + ndtri(1 - TOP_FRAC))
    return len(per_user), float(np.round(np.clip(sigma, 0.0, LARGEST_SIGMA), 2))
