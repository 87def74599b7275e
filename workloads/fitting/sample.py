"""A sample made ready for fitting: checked, sorted, ties counted, and put into narrow bins of the logarithm.

Run times of a log are whole seconds, so thousands of jobs share a value, and maximum likelihood needs only
counts. Bins keep the means of x, of ln x and the variance of ln x inside them, so that what is worked out
from bins differs from what is worked out from all values by far less than the sampling error.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from workloads.synthetic.families import Doubles

LARGEST = 50_000
"""A larger sample is thinned to this many of its quantiles, evenly spaced: always the same ones."""
BINS = 800


@dataclass(frozen=True, slots=True)
class Bins:
    """A sample in narrow classes of ln x.

    Attributes
    ----------
    count : array, shape (n_bins,)
        Values in each bin; none is empty.
    mean, mean_log, log_variance : array, shape (n_bins,)
        Mean of x [s], mean and variance of ln x inside the bin.
    """

    count: Doubles
    mean: Doubles
    mean_log: Doubles
    log_variance: Doubles


@dataclass(frozen=True)
class Sample:
    """Values with their counts.

    Attributes
    ----------
    values : array, shape (n_distinct,)
        Distinct values below the limit, in order. [s]
    counts : array, shape (n_distinct,)
        How often each was seen.
    limit_s : float or None
        Where values were cut off. [s]
    censored : float
        How many were: of these only that they reach the limit is known.
    n : int
        Size of the sample before it was thinned.
    """

    values: Doubles
    counts: Doubles
    limit_s: float | None
    censored: float
    n: int

    @classmethod
    def of(cls, values: ArrayLike, *, limit_s: float | None = None) -> "Sample":
        """Return a sample; values at or above the limit are censored there.

        Raises
        ------
        ValueError
            There is no value, or one that is no positive number, or none below the limit.
        """
        given = np.asarray(values, dtype=np.float64).ravel()
        wrong = ~(np.isfinite(given) & (given > 0))
        if not len(given):
            message = "nothing to fit: the sample is empty"
            raise ValueError(message)
        if wrong.any():
            first = given[wrong][0]
            message = f"{wrong.sum()} of {len(given)} values are no positive numbers (the first: {first:g})"
            raise ValueError(message)
        ordered = np.sort(given)
        if len(ordered) > LARGEST:
            ordered = ordered[((np.arange(LARGEST) + 0.5) * (len(ordered) / LARGEST)).astype(np.intp)]
        below = len(ordered) if limit_s is None else int(np.searchsorted(ordered, limit_s))
        if not below:
            message = f"nothing to fit: no value is below the limit, {limit_s:g} s"
            raise ValueError(message)
        distinct, counts = np.unique(ordered[:below], return_counts=True)
        return cls(distinct, counts.astype(np.float64), limit_s, float(len(ordered) - below), len(given))

    @property
    def size(self) -> float:
        """Values kept, the censored ones included."""
        return float(self.counts.sum()) + self.censored

    @property
    def is_whole(self) -> bool:
        """Whether all values are whole seconds, that is, rounded."""
        return bool((self.values == np.rint(self.values)).all())

    @cached_property
    def logs(self) -> Doubles:
        """Logarithms of the distinct values."""
        return np.log(self.values)

    @cached_property
    def mean_log(self) -> float:
        """Mean of the logarithms, without the censored."""
        return float(self.counts @ self.logs / self.counts.sum())

    @cached_property
    def bins(self) -> Bins:
        """The same in narrow bins of the logarithm."""
        width = max((self.logs[-1] - self.logs[0]) / BINS, 1e-3)
        place = ((self.logs - self.logs[0]) / width).astype(np.intp)
        every = np.bincount(place, self.counts).astype(np.float64)
        used = every > 0
        count = every[used]
        mean = np.bincount(place, self.counts * self.values)[used] / count
        mean_log = np.bincount(place, self.counts * self.logs)[used] / count
        square = np.bincount(place, self.counts * self.logs**2)[used] / count
        return Bins(count, mean, mean_log, np.maximum(square - mean_log**2, 0.0))
