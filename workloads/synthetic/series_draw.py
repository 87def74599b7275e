"""Draws the jobs of a class that comes in series: when, how many, how large, how long, how they end."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from workloads.jobtable import STATES
from workloads.synthetic.arrivals import Arrivals, arrivals_of, burst_starts
from workloads.synthetic.distributions import Distribution
from workloads.synthetic.model import JobClass
from workloads.synthetic.series import GRID, MIDDLES, SeriesNumbers
from workloads.synthetic.times import TIMEOUT, by_slots

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SeriesJobs:
    """The jobs of one stream that comes in series.

    Attributes
    ----------
    arrivals : Arrivals
        When they are submitted; the bursts are the series.
    slots : array of int32, shape (n_jobs,)
        Slots asked for.
    run_s, requested_s : array of int32, shape (n_jobs,)
        True run time, at least 1 and at most what was asked for; asked for. [s]
    state : array of int8, shape (n_jobs,)
        Position in `workloads.jobtable.STATES`.
    """

    arrivals: Arrivals
    slots: NDArray[np.int32]
    run_s: NDArray[np.int32]
    requested_s: NDArray[np.int32]
    state: NDArray[np.int8]


def draw_series(
    rng: np.random.Generator, edges_s: Floats, jobs_per_hour: Floats, kind: JobClass
) -> SeriesJobs:
    """Return the jobs of a class with `series`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Gives a child to each of the five things drawn here, so that a longer horizon only adds jobs.
    edges_s : array, shape (n_hours + 1,)
        Where each hour begins, and the last one ends. [s]
    jobs_per_hour : array, shape (n_hours,)
        Expected rate in each hour. [1/h]
    kind : JobClass
        A class whose `series` is not None.
    """
    series = kind.series
    assert series is not None
    for_starts, for_ranks, for_gaps, for_spread, for_fates = rng.spawn(5)
    burst_s = burst_starts(for_starts, edges_s, jobs_per_hour / series.mean_jobs)
    scores = for_ranks.standard_normal((len(burst_s), 4)) @ series.root.T
    counts = series.count_at(ndtr(scores[:, 0]))
    series_of = np.repeat(np.arange(len(counts)), counts)
    table = _log_table(kind.run_s)
    typical = np.interp(scores[:, 2], GRID, table)[series_of]
    if series.spread:
        typical += series.spread * for_spread.standard_normal(len(series_of)) * (counts > 1)[series_of]
    slots = _slots(kind, ndtr(scores[:, 1]))[series_of]
    longer = np.log(by_slots(kind.longer_by_slots, slots)) if kind.longer_by_slots else 0.0
    typical += longer
    run_s = np.clip(np.rint(np.exp(np.minimum(typical, 30.0))), 1, kind.longest_s)
    requested_s = _requested(series, kind, ndtr(scores[:, 3]))
    asked_s = run_s if requested_s is None else requested_s[series_of]
    state = _fates(for_fates, kind, np.log(run_s) - longer, table)
    state[run_s > asked_s] = TIMEOUT
    return SeriesJobs(
        arrivals_of(burst_s, counts, series.apart_s.draw(for_gaps, int(counts.sum()))),
        slots,
        np.minimum(run_s, asked_s).astype(np.int32),
        asked_s.astype(np.int32),
        state,
    )


@lru_cache(maxsize=1024)
def _log_table(run_s: Distribution) -> Floats:
    """Return the logarithm of the run time at each score of `GRID`; read off once for each class."""
    table: Floats = np.log(np.maximum(run_s.quantile(ndtr(GRID)), 1e-3))
    return table


def _slots(kind: JobClass, rank: Floats) -> NDArray[np.int32]:
    sizes = np.array(sorted(kind.slots), dtype=np.int32)
    weights = np.array([kind.slots[int(size)] for size in sizes])
    return sizes[np.searchsorted(np.cumsum(weights)[:-1] / weights.sum(), rank)]


def _requested(series: SeriesNumbers, kind: JobClass, rank: Floats) -> Floats | None:
    """Return what each series asks for, None when that is what its jobs need."""
    if not series.requested:
        return None
    times_s, weights = np.array(series.requested).T
    chosen: Floats = times_s[np.searchsorted(np.cumsum(weights)[:-1] / weights.sum(), rank)]
    return np.minimum(np.rint(chosen), kind.longest_s)


def _fates(rng: np.random.Generator, kind: JobClass, log_run: Floats, table: Floats) -> NDArray[np.int8]:
    """Return how each job ends, given how long it runs.

    A fate with `run_factor` 2 has run times twice as long as one with 1. As the run times of the class are
    given, that tells by Bayes' rule how likely each fate is at each run time: for run times with normal
    logarithms of one variance, the odds change with a power of the run time.
    """
    states = np.array([STATES.index(name) for name in kind.fates], dtype=np.int8)
    share = np.array([fate.share for fate in kind.fates.values()])
    share /= share.sum()
    shift = np.log([fate.run_factor for fate in kind.fates.values()])
    if len(states) == 1:
        return np.full(len(log_run), states[0])
    shift -= share @ shift
    spread = kind.series.spread if kind.series else 0.0
    even = np.interp(MIDDLES, GRID, table)
    variance = max(float(even.var()) + spread**2 - float(share @ shift**2), 0.01)
    power = shift / variance
    from_mean = (log_run - float(even.mean()))[:, None]
    with np.errstate(divide="ignore"):
        weight = np.log(share) + power * from_mean - shift * power / 2
    upper = np.cumsum(np.exp(weight - weight.max(axis=1, keepdims=True)), axis=1)
    drawn = (rng.random((len(log_run), 1)) * upper[:, -1:] >= upper[:, :-1]).sum(axis=1)
    chosen: NDArray[np.int8] = states[drawn]
    return chosen
