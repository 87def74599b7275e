"""Small sites run again and again with other luck, thousands of futures in one call of the batch system.

One machine runs all of them one after another: each begins a long pause after the last job of the one before
could have ended, so it begins empty. What is measured is what `capacity.measure` measures, of a window that
begins with the first day; jobs that still wait at its end count with their wait so far.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.statistics.intervals import Floats

HOUR_S: Final = 3_600
WEEK_S: Final = 7 * 86_400
WEEKS: Final = 4
SLOTS: Final = 16
SIZES: Final = ((1, 0.60), (4, 0.25), (8, 0.10), (16, 0.05))
"""Slots of jobs, and their shares."""
MEDIAN_RUN_S: Final = HOUR_S
MEAN_RUN_S: Final = 5 * HOUR_S
LONGEST_RUN_S: Final = 3 * 86_400
TAIL: Final = 1.3
"""Exponent of the Pareto distribution of heavy-tailed run times. [1]"""
UNEVEN_WEEKS: Final = 0.4
"""Standard deviation of the demand of a week over its mean. [1]"""
IDLE_W, TYPICAL_W = 50.0, 400.0
"""Power of a slot in service, and of one in use. [W]"""
AT_ONCE: Final = 1_000
"""Futures in one call."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Jobs of many futures: which future each belongs to, and its columns; times from its beginning. [s]."""

    future: np.ndarray
    submit_s: np.ndarray
    run_s: np.ndarray
    slots: np.ndarray


@dataclass(frozen=True, slots=True)
class Site:
    """A machine and how its demand is drawn.

    Attributes
    ----------
    name, slots, rules : str, int, Rules
        In words, its slots, and how it is run.
    warm_up_s, window_s : int, int
        What is left out at the beginning, and the length of what is measured. [s]
    draw : callable
        Takes a generator and a number of futures.
    """

    name: str
    slots: int
    rules: Rules
    warm_up_s: int
    window_s: int
    draw: Callable[[np.random.Generator, int], Demand]


def _lognormal(rng: np.random.Generator, count: int) -> Floats:
    sigma = np.sqrt(2 * np.log(MEAN_RUN_S / MEDIAN_RUN_S))
    return np.minimum(LONGEST_RUN_S, MEDIAN_RUN_S * np.exp(sigma * rng.standard_normal(count)))


def _pareto(rng: np.random.Generator, count: int) -> Floats:
    return MEDIAN_RUN_S / 2 ** (1 / TAIL) * (1 + rng.pareto(TAIL, count))


def skewed(load: float, *, heavy: bool = False) -> Site:
    """Return a site of jobs of many sizes and lengths whose weeks are uneven, under EASY."""
    draw_run = _pareto if heavy else _lognormal
    mean_slots = sum(size * share for size, share in SIZES)
    mean_run_s = MEDIAN_RUN_S / 2 ** (1 / TAIL) * TAIL / (TAIL - 1)
    if not heavy:
        mean_run_s = float(np.mean(_lognormal(np.random.default_rng(0), 1_000_000)))
    each_week = load * SLOTS * WEEK_S / (mean_slots * mean_run_s)
    shape = UNEVEN_WEEKS**-2

    def draw(rng: np.random.Generator, futures: int) -> Demand:
        jobs = rng.poisson(each_week * rng.gamma(shape, 1 / shape, (futures, WEEKS)))
        count = int(jobs.sum())
        week = np.repeat(np.tile(np.arange(WEEKS), futures), jobs.ravel())
        future = np.repeat(np.arange(futures), jobs.sum(axis=1))
        sizes, shares = zip(*SIZES, strict=True)
        submit_s = ((week + rng.random(count)) * WEEK_S).astype(np.int64)
        run_s = np.maximum(1, draw_run(rng, count)).astype(np.int64)
        return Demand(future, submit_s, run_s, rng.choice(sizes, count, p=shares).astype(np.int32))

    what = "heavy-tailed run times" if heavy else "skewed site"
    name = f"{what}, {load:.0%} load"
    return Site(name, SLOTS, Rules("fcfs", "easy"), 0, WEEKS * WEEK_S, draw)


def mm1(load: float, customers: int, warm_up: int) -> Site:
    """Return M/M/1 with a mean service of an hour, observed after so many customers on average."""
    spans = round(warm_up * HOUR_S / load), round(customers * HOUR_S / load)

    def draw(rng: np.random.Generator, futures: int) -> Demand:
        each = int((customers + warm_up) * 1.2) + 100
        gaps = rng.exponential(HOUR_S / load, (futures, each))
        submit_s = np.cumsum(gaps, axis=1).astype(np.int64).ravel()
        run_s = np.maximum(1, np.rint(rng.exponential(HOUR_S, futures * each))).astype(np.int64)
        kept = submit_s < sum(spans)
        future = np.repeat(np.arange(futures), each)[kept]
        return Demand(future, submit_s[kept], run_s[kept], np.ones(int(kept.sum()), np.int32))

    return Site(f"M/M/1, {load:.0%} load", 1, Rules("fcfs", "none"), *spans, draw)


def futures_of(site: Site, count: int, *, seed: int) -> dict[str, Floats]:
    """Return what each of so many futures of a site comes to, by name of the metric.

    There are ``mean_wait_s p50_wait_s p95_wait_s queue_length utilization site_energy_j``, each of shape
    (count,), and ``work_skewness``, see `capacity.measure.demand`.
    """
    rng = np.random.default_rng(seed)
    parts = [_measured(site, site.draw(rng, min(AT_ONCE, count - done)), min(AT_ONCE, count - done))
             for done in range(0, count, AT_ONCE)]  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _measured(site: Site, demand: Demand, futures: int) -> dict[str, Floats]:
    work_s = np.bincount(demand.future, demand.run_s, futures)
    apart_s = (
        site.warm_up_s + site.window_s + np.ceil(work_s).astype(np.int64)
    )  # all of it, one after another
    begins_s = np.concatenate([[0], np.cumsum(apart_s)[:-1]])
    order = np.lexsort((demand.submit_s, demand.future))
    future, run_s, slots = demand.future[order], demand.run_s[order], demand.slots[order]
    submit_s = demand.submit_s[order] + begins_s[future]
    system = batch_system([PoolSpec("site", site.slots)], site.rules, Jobs(submit_s, run_s, run_s, slots))
    system.run()
    start_s = system.outcome().start_s
    low_s = begins_s[future] + site.warm_up_s
    high_s = low_s + site.window_s

    def within(first_s: np.ndarray, last_s: np.ndarray, weight: np.ndarray) -> Floats:
        part_s = np.clip(last_s, low_s, high_s) - np.clip(first_s, low_s, high_s)
        return np.bincount(future, part_s * weight, futures) / site.window_s

    counted = submit_s >= low_s
    wait_s, of = (np.minimum(start_s, high_s) - submit_s)[counted], future[counted]
    busy = within(start_s, start_s + run_s, slots)
    found = dict(_waits(wait_s, of, futures))
    found["queue_length"] = within(submit_s, start_s, np.ones_like(slots))
    found["utilization"] = busy / site.slots
    found["site_energy_j"] = site.window_s * (IDLE_W * site.slots + (TYPICAL_W - IDLE_W) * busy)
    found["work_skewness"] = _skewness((run_s * slots)[counted], of, futures)
    return found


def _waits(wait_s: np.ndarray, of: np.ndarray, futures: int) -> Iterator[tuple[str, Floats]]:
    """Yield mean, median and 95th percentile of the waits of each future."""
    jobs = np.bincount(of, minlength=futures)
    yield "mean_wait_s", np.bincount(of, wait_s, futures) / jobs
    ranked = wait_s[np.lexsort((wait_s, of))]
    first = np.concatenate([[0], np.cumsum(jobs)[:-1]])
    for name, part in (("p50_wait_s", 0.5), ("p95_wait_s", 0.95)):
        yield name, ranked[first + np.ceil(part * jobs).astype(np.int64) - 1].astype(np.float64)


def _skewness(work: np.ndarray, of: np.ndarray, futures: int) -> Floats:
    away = work - (np.bincount(of, work, futures) / np.bincount(of, minlength=futures))[of]
    return np.bincount(of, away**3, futures) / np.bincount(of, away**2, futures) ** 1.5
