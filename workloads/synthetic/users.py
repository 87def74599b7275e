"""Who submits: few people do most of the work, and newcomers join at the end of the list."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
TOP_FRAC = 0.05
"""The most active, whose share says how unequal people are."""


@dataclass(frozen=True, slots=True)
class Membership:
    """The members of a tenant over time, in the order in which they joined.

    Attributes
    ----------
    edges_s : array, shape (n_hours + 1,)
        Where each hour begins. [s]
    count : array of int64, shape (n_hours,)
        How many of them are there in each hour, at least 1.
    activity : array, shape (n_members,)
        Cumulative activity of the first 1, 2, … members.
    without : array of int64, shape (n_hours,), or None
        How many of the first do not act as long as there are others.
    """

    edges_s: Floats
    count: NDArray[np.int64]
    activity: Floats
    without: NDArray[np.int64] | None = None

    def draw(self, rng: np.random.Generator, when_s: Floats) -> NDArray[np.int64]:
        """Return which member acts at each time, in proportion to activity among those there."""
        hour = np.minimum((when_s / 3600).astype(np.int64), len(self.count) - 1)
        present = self.activity[self.count[hour] - 1]
        level = rng.random(len(when_s)) * present
        if self.without is not None:
            others = np.where(self.without < self.count, self.without, 0)[hour]
            before = np.where(others > 0, self.activity[others - 1], 0.0)
            level = before + level / present * (present - before)
        chosen = np.searchsorted(self.activity, level, side="right")
        return np.minimum(chosen, self.count[hour] - 1)

    def newcomers(self, times: float) -> "Membership":
        """Return those who come in addition where there are so many times as many, 1 or more; all if none.

        They are at the end of the list of a `Membership` drawn for that many people.
        """
        return replace(self, without=self.count, count=np.rint(self.count * times).astype(np.int64))


def sigma_of_top(share_frac: float) -> float:
    """Return how unequal many members are of whom the most active 5 % have a given share of the activity.

    Of a lognormal with standard deviation σ of its logarithm they have Φ(σ − z), z being the normal score of
    95 %.

    Examples
    --------
    >>> round(sigma_of_top(0.5), 3), round(sigma_of_top(0.05), 3)
    (1.645, 0.0)
    """
    return max(0.0, float(ndtri(share_frac) + ndtri(1 - TOP_FRAC)))


def membership(
    rng: np.random.Generator, edges_s: Floats, members: Floats, sigma: float, *, times: float = 1.0
) -> Membership:
    """Return the members of a tenant, with lognormal activity.

    Parameters
    ----------
    rng : numpy.random.Generator
        For the activities.
    edges_s : array, shape (n_hours + 1,)
        Where each hour begins. [s]
    members : array, shape (n_hours,)
        How many members there are in each hour, not necessarily whole.
    sigma : float
        Standard deviation of the logarithm of activity.
    times : float
        So many times as many people have an activity, for those who come in addition, 1 or more.
    """
    count = np.maximum(np.rint(members).astype(np.int64), 1)
    activity = np.exp(sigma * rng.standard_normal(math.ceil(times * int(count.max()))))
    return Membership(edges_s, count, np.cumsum(activity))
