"""How long jobs run, and whether large jobs or late hours have longer ones."""

import math
from collections.abc import Iterator

import numpy as np

from workloads.describe.jobs import Jobs
from workloads.describe.measures import Measure
from workloads.describe.numbers import Numbers, correlation, mean, of, quantiles, ranks, share

PARTS = {
    "run_p5_s": 0.05,
    "run_p25_s": 0.25,
    "run_p50_s": 0.50,
    "run_p75_s": 0.75,
    "run_p90_s": 0.90,
    "run_p95_s": 0.95,
    "run_p99_s": 0.99,
    "run_max_s": 1.0,
}
ALIKE = "all are the same"


def run_times(jobs: Jobs) -> Iterator[Measure]:
    """Yield the run times of the jobs that have one."""
    run_s = of(jobs.run_s, jobs.has_run)
    found = dict(zip(PARTS, quantiles(run_s, tuple(PARTS.values())), strict=True))
    for name, value in found.items():
        yield Measure(name, value)
    average, median = mean(run_s), found["run_p50_s"]
    yield Measure("run_mean_s", average)
    ratio = average / median if average and median else None
    yield Measure("run_mean_over_median", ratio, note="" if ratio else "the median is 0 s")
    yield _sigma(ratio)
    yield from _logarithms(run_s)
    yield Measure("run_zero_frac", share(np.count_nonzero(run_s == 0), len(run_s)))
    yield Measure("run_unknown_frac", share(len(jobs) - len(run_s), len(jobs)))
    yield from _correlations(jobs)


def _sigma(ratio: float | None) -> Measure:
    """Return the sigma of a lognormal; there is none whose median is larger than its mean."""
    name = "run_lognormal_sigma"
    if ratio is None:
        return Measure(name, None, note="the median is 0 s")
    if ratio < 1:
        return Measure(name, None, note="the mean is below the median: no lognormal is like that")
    return Measure(name, math.sqrt(2 * math.log(ratio)))


def _logarithms(run_s: Numbers) -> Iterator[Measure]:
    """Yield the first three moments of the logarithm; a job of 0 s has none."""
    logs = np.log(of(run_s, run_s >= 1))
    names = ("run_ln_mean", "run_ln_sd", "run_ln_skew")
    if not len(logs):
        yield from (Measure(name, None, note="no run time of 1 s or more") for name in names)
        return
    yield Measure(names[0], float(logs.mean()))
    deviation = logs - logs.mean()
    square = float(np.mean(deviation * deviation))
    yield Measure(names[1], math.sqrt(square))
    # A spread below rounding is none: three equal numbers have a mean that differs in the last bit.
    varies = bool(run_s[run_s >= 1].min() < run_s.max())
    skew = float(np.mean(deviation**3)) / square**1.5 if varies else None
    yield Measure(names[2], skew, note="" if varies else ALIKE)


def _correlations(jobs: Jobs) -> Iterator[Measure]:
    both = jobs.has_run & jobs.has_slots
    run_ranks = ranks(of(jobs.run_s, both))
    found = correlation(ranks(of(jobs.slots, both)), run_ranks)
    yield Measure("size_run_correlation", found, note="" if found is not None else ALIKE)
    if jobs.hour is None:
        yield Measure("hour_run_correlation", None, note=jobs.no_clock)
        return
    if not both.all():
        run_ranks = ranks(of(jobs.run_s, jobs.has_run))
    found = correlation(ranks(of(jobs.hour, jobs.has_run)), run_ranks)
    yield Measure("hour_run_correlation", found, note="" if found is not None else ALIKE)
