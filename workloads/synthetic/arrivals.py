"""When jobs arrive: bursts of submissions, at a rate that follows growth and the calendar.

Bursts form a Poisson process whose rate is constant within each hour. They are drawn in *operational time*,
in which the rate is 1, and mapped back through the cumulative rate: exact, sorted without sorting, and a
longer horizon only adds bursts. Several jobs per burst, the rhythm of the day, weekly swings and growth make
the gaps far more uneven than Poisson's, as in real logs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workloads.synthetic.model import BurstNumbers

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Jobs of one stream, burst by burst.

    Attributes
    ----------
    submit_s : array of int32, shape (n_jobs,)
        Submission since the start of the horizon; some may lie after its end. [s]
    burst_s : array of float64, shape (n_bursts,)
        Start of each burst. [s]
    sizes : array of int64, shape (n_bursts,)
        Jobs in each burst.
    """

    submit_s: NDArray[np.int32]
    burst_s: Floats
    sizes: NDArray[np.int64]


def draw_arrivals(
    rng: np.random.Generator, edges_s: Floats, jobs_per_hour: Floats, bursts: BurstNumbers
) -> Arrivals:
    """Return the jobs that arrive.

    Parameters
    ----------
    rng : numpy.random.Generator
        Gives a child to each of the three things drawn here.
    edges_s : array, shape (n_hours + 1,)
        Where each hour begins, and the last one ends. [s]
    jobs_per_hour : array, shape (n_hours,)
        Expected rate in each hour. [1/h]
    bursts : BurstNumbers
        How jobs cluster.
    """
    for_starts, for_sizes, for_gaps = rng.spawn(3)
    burst_s = burst_starts(for_starts, edges_s, jobs_per_hour / bursts.jobs)
    sizes = for_sizes.geometric(1 / bursts.jobs, len(burst_s))
    gaps_s = for_gaps.standard_exponential(int(sizes.sum()), dtype=np.float32)
    gaps_s *= np.float32(bursts.apart)
    return arrivals_of(burst_s, sizes, gaps_s)


def arrivals_of(burst_s: Floats, sizes: NDArray[np.int64], gaps_s: NDArray[np.floating]) -> Arrivals:
    """Return the jobs of bursts, each so long after the one before in its burst.

    Parameters
    ----------
    burst_s : array, shape (n_bursts,)
        Start of each burst. [s]
    sizes : array of int64, shape (n_bursts,)
        Jobs in each, at least 1.
    gaps_s : array, shape (n_jobs,)
        Time since the job before; that of the first of each burst does not count, and is set to 0. [s]
    """
    first = np.cumsum(sizes) - sizes
    gaps_s[first] = 0.0
    since = np.cumsum(gaps_s, dtype=np.float64)
    since += np.repeat(burst_s - since[first], sizes)
    # A tail may lead beyond 31 bits of seconds: that is after any horizon.
    return Arrivals(np.minimum(since, np.iinfo(np.int32).max, out=since).astype(np.int32), burst_s, sizes)


def burst_starts(rng: np.random.Generator, edges_s: Floats, rate_per_hour: Floats) -> Floats:
    """Return the arrival times of a Poisson process with a rate that is constant within each hour."""
    cumulative = np.concatenate(([0.0], np.cumsum(rate_per_hour * np.diff(edges_s) / 3600)))
    total = float(cumulative[-1])
    times = np.cumsum(rng.standard_exponential(int(total + 6 * total**0.5) + 10))
    while times[-1] < total:
        more = rng.standard_exponential(len(times))
        times = np.concatenate((times, times[-1] + np.cumsum(more)))
    return np.interp(times[: np.searchsorted(times, total)], cumulative, edges_s)
