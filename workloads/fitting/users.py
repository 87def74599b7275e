"""Who submits: how many people there are, and how unequal."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

TOP_FRAC = 0.05
FEW = 20
"""Below so many people, a top twentieth is nobody, and the spread of the logarithms is taken."""
LARGEST_SIGMA = 4.0


def people(users: NDArray[np.int64]) -> tuple[int, float]:
    """Return the number of users and the standard deviation of the logarithm of their activity.

    Parameters
    ----------
    users : array of int64, shape (n_series,)
        Who submitted each series.

    Notes
    -----
    The most active 5 % of many people with lognormal activity make up the share Φ(σ - z) of it, where z is
    the 95 % quantile of the normal distribution; that is solved for σ. Activity is counted in series, because
    it is series that the model gives to people.
    """
    per_user = np.sort(np.bincount(users))[::-1]
    per_user = per_user[per_user > 0]
    if len(per_user) < FEW:
        return len(per_user), float(np.round(np.log(per_user).std(), 2))
    top = per_user[: max(round(TOP_FRAC * len(per_user)), 1)].sum() / per_user.sum()
    sigma = float(ndtri(min(top, 0.999)) + ndtri(1 - TOP_FRAC))
    return len(per_user), float(np.round(np.clip(sigma, 0.0, LARGEST_SIGMA), 2))
