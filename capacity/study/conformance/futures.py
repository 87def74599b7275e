"""Small sites run again and again with other luck, thousands of futures in one call of the batch system.

One machine runs all of them one after another. Each begins when all jobs of the one before must have ended,
so it begins empty. What is measured is what `capacity.measure` measures, over a window: jobs that still wait
at its end count with their wait so far.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from capacity.measure.tails import moments
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.statistics.intervals import Floats
from workloads.synthetic.distributions import Distribution, Gamma, Lognormal, Pareto, mean_cut
from workloads.synthetic.model import JobClass

HOUR_S: Final = 3_600
WEEK_S: Final = 7 * 86_400
WEEKS: Final = 4
SLOTS: Final = 16
SIZES: Final = {1: 0.60, 4: 0.25, 8: 0.10, 16: 0.05}
"""Slots of jobs, and their shares."""
LONG_TAILED: Final = Lognormal(HOUR_S, 5 * HOUR_S)
"""Run times with a median of an hour and a mean of five. [s]"""
LONGEST_S: Final = 3 * 86_400
HEAVY: Final = Pareto(HOUR_S / 2 ** (1 / 1.3), 1.3)
"""The same median, and neither variance nor bound. [s]"""
YEAR_S: Final = 366 * 86_400
UNEVEN_WEEKS: Final = 0.4
"""Standard deviation of the demand of a week over its mean. [1]"""
IDLE_W, TYPICAL_W = 50.0, 400.0
"""Power of a slot in service, and of one in use. [W]"""
AT_ONCE: Final = 1_000
"""Futures in one call."""
Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Submissions:
    """Jobs of many futures: which each belongs to, and its columns; times from when it begins [s]."""

    future: Column
    submit_s: Column
    run_s: Column
    slots: Column


@dataclass(frozen=True, slots=True)
class SmallSite:
    """A machine and how its demand is drawn.

    Attributes
    ----------
    name, slots, rules : str, int, Rules
        In words, its slots, and how it is run.
    warm_up_s, window_s : int, int
        What is left out at the beginning, and the length of what is measured. [s]
    tail : float
        How far single jobs carry the work of a future, as the metric ``work_skewness``. [1]
    draw : callable
        Takes a generator and a number of futures.
    """

    name: str
    slots: int
    rules: Rules
    warm_up_s: int
    window_s: int
    tail: float
    draw: Callable[[np.random.Generator, int], Submissions]


def skewed(load: float, run_s: Distribution = LONG_TAILED, longest_s: int = LONGEST_S) -> SmallSite:
    """Return a site of jobs of many sizes and lengths whose weeks are uneven, under EASY, for four weeks."""
    mean_slots = sum(slots * share for slots, share in SIZES.items())
    each_week = load * SLOTS * WEEK_S / (mean_slots * mean_cut(run_s, longest_s))
    shape = UNEVEN_WEEKS**-2

    def draw(rng: np.random.Generator, futures: int) -> Submissions:
        jobs = rng.poisson(each_week * rng.gamma(shape, 1 / shape, (futures, WEEKS)))
        count = int(jobs.sum())
        week = np.repeat(np.tile(np.arange(WEEKS), futures), jobs.ravel())
        submit_s = ((week + rng.random(count)) * WEEK_S).astype(np.int64)
        slots = rng.choice([*SIZES], count, p=[*SIZES.values()]).astype(np.int32)
        runs_s = np.clip(run_s.draw(rng, count), 1, longest_s).astype(np.int64)
        return Submissions(np.repeat(np.arange(futures), jobs.sum(axis=1)), submit_s, runs_s, slots)

    square, cube = moments(JobClass("jobs", "", SIZES, run_s, longest_s))
    name = f"{'skewed site' if run_s is LONG_TAILED else 'heavy-tailed run times'}, {load:.0%} load"
    tail = cube / square**1.5 / (WEEKS * each_week) ** 0.5
    return SmallSite(name, SLOTS, Rules("fcfs", "easy"), 0, WEEKS * WEEK_S, tail, draw)


def mm1(load: float, customers: int, warm_up: int) -> SmallSite:
    """Return M/M/1 with services of an hour, a window of so many customers after those of the warm-up."""
    warm_up_s, window_s = round(warm_up * HOUR_S / load), round(customers * HOUR_S / load)
    service = Gamma.of(HOUR_S, 1.0)

    def draw(rng: np.random.Generator, futures: int) -> Submissions:
        jobs = rng.poisson((warm_up_s + window_s) * load / HOUR_S, futures)
        count = int(jobs.sum())
        submit_s = (rng.random(count) * (warm_up_s + window_s)).astype(np.int64)
        run_s = np.maximum(1, np.rint(service.draw(rng, count))).astype(np.int64)
        return Submissions(np.repeat(np.arange(futures), jobs), submit_s, run_s, np.ones(count, np.int32))

    square, cube = moments(JobClass("services", "", {1: 1.0}, service, YEAR_S))
    tail = cube / square**1.5 / customers**0.5
    return SmallSite(f"M/M/1, {load:.0%} load", 1, Rules("fcfs", "none"), warm_up_s, window_s, tail, draw)


def futures_of(site: SmallSite, count: int, *, seed: int) -> dict[str, Floats]:
    """Return what each of so many futures of a site comes to, by name of the metric, each of shape (count,).

    There are ``mean_wait_s p50_wait_s p95_wait_s queue_length utilization site_energy_j``.
    """
    rng = np.random.default_rng(seed)
    counts = [min(AT_ONCE, count - done) for done in range(0, count, AT_ONCE)]
    parts = [dict(_measured(site, site.draw(rng, futures), futures)) for futures in counts]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _measured(site: SmallSite, demand: Submissions, futures: int) -> Iterator[tuple[str, Floats]]:
    """Yield what each of some futures comes to."""
    work_s = np.bincount(demand.future, demand.run_s, futures)
    lasts_s = (
        site.warm_up_s + site.window_s + work_s.astype(np.int64)
    )  # even one job after another ends by then
    begins_s = np.cumsum(lasts_s) - lasts_s
    order = np.lexsort((demand.submit_s, demand.future))
    future, run_s, slots = demand.future[order], demand.run_s[order], demand.slots[order]
    submit_s = demand.submit_s[order] + begins_s[future]
    system = batch_system([PoolSpec("site", site.slots)], site.rules, Jobs(submit_s, run_s, run_s, slots))
    system.run()
    start_s = system.outcome().start_s
    low_s = begins_s[future] + site.warm_up_s
    high_s = low_s + site.window_s

    def per_second(first_s: Column, last_s: Column, weight: Column) -> Floats:
        inside_s = np.clip(last_s, low_s, high_s) - np.clip(first_s, low_s, high_s)
        return np.bincount(future, inside_s * weight, futures) / site.window_s

    counted = submit_s >= low_s
    yield from _waits((np.minimum(start_s, high_s) - submit_s)[counted], future[counted], futures)
    yield "queue_length", per_second(submit_s, start_s, np.ones_like(slots))
    busy = per_second(start_s, start_s + run_s, slots)
    yield "utilization", busy / site.slots
    yield "site_energy_j", site.window_s * (IDLE_W * site.slots + (TYPICAL_W - IDLE_W) * busy)


def _waits(wait_s: Column, future: Column, futures: int) -> Iterator[tuple[str, Floats]]:
    """Yield mean, median and 95th percentile of the waits of each future."""
    jobs = np.bincount(future, minlength=futures)
    yield "mean_wait_s", np.bincount(future, wait_s, futures) / jobs
    ranked, first = wait_s[np.lexsort((wait_s, future))], np.cumsum(jobs) - jobs
    for name, part in (("p50_wait_s", 0.5), ("p95_wait_s", 0.95)):
        yield name, ranked[first + np.ceil(part * jobs).astype(np.int64) - 1].astype(np.float64)
