"""Series: a person submits the same job several times in a row, and what one asks for depends on the rest.

All jobs of a series have one size and one request; their run times lie around one typical value. How many
jobs there are, how large, how long and how much time is asked for hang together through a Gaussian copula:
ranks are drawn together, then each rank is read off its own distribution. Series are what makes a queue: the
same jobs one by one, at random times, would hardly wait (D. G. Feitelson, "Workload Modeling for Computer
Systems Performance Evaluation", Cambridge 2015, chapter 8, on locality of sampling).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from workloads.synthetic.calendar import Profile
from workloads.synthetic.distributions import Distribution

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TOGETHER = ("jobs", "slots", "run", "requested")
"""What hangs together, in the order of the rows of `SeriesNumbers.correlation`."""
_TAIL = np.array([1e-7, 1e-6, 1e-5, 1e-4, 5e-4])
GRID = ndtri(np.concatenate((_TAIL, np.arange(1, 512) / 512, 1 - _TAIL[::-1])))
"""Normal scores at which a distribution is read off; between them its logarithm is straight."""
MIDDLES = ndtri((np.arange(1000) + 0.5) / 1000)
"""Normal scores of equal weight, for means."""
LEAST_EIGENVALUE = 1e-4
"""Of a correlation that can be drawn from."""


@dataclass(frozen=True)
class SeriesNumbers:
    """How the jobs of a class come in series.

    Attributes
    ----------
    jobs : tuple of (fraction, count)
        Quantiles of the number of jobs, from fraction 0 to 1; logarithmic in between.
    apart_s : Distribution
        Time from one job of a series to the next. [s]
    spread : float
        Standard deviation of the logarithm of run times within a series.
    requested : tuple of (seconds, weight)
        Times asked for, ascending; none means that people ask for exactly what they need.
    correlation : tuple of 4 tuples of 4 float
        Of the normal scores of `TOGETHER`; symmetric, positive definite.
    profile : Profile or None
        When this class is submitted, by hours and weekdays; None follows the rhythm of all.
    """

    jobs: tuple[tuple[float, float], ...]
    apart_s: Distribution
    spread: float = 0.0
    requested: tuple[tuple[float, float], ...] = ()
    correlation: tuple[tuple[float, ...], ...] = tuple(tuple(map(float, row)) for row in np.eye(4))
    profile: Profile | None = None

    @cached_property
    def root(self) -> Floats:
        """The lower triangle whose product with its transpose is the correlation, shape ``(4, 4)``."""
        return np.linalg.cholesky(np.array(self.correlation))

    def count_at(self, rank: Floats) -> Ints:
        """Return the number of jobs at each rank between 0 and 1."""
        fractions, counts = np.array(self.jobs).T
        whole: Ints = np.rint(np.exp(np.interp(rank, fractions, np.log(counts)))).astype(np.int64)
        return np.maximum(whole, 1)

    @cached_property
    def mean_jobs(self) -> float:
        """Jobs of a series, on average."""
        return float(self.count_at((np.arange(100_000) + 0.5) / 100_000).mean())
