"""How far single jobs carry the work: closed forms of the moments, and what it does to intervals."""

import math

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.tails import moments
from capacity.study.run import run
from tests.support.small_site import write_small
from workloads.synthetic.distributions import Lognormal, Pareto
from workloads.synthetic.model import JobClass

YEAR_S = 366 * 86_400


def of(run_s, longest_s=YEAR_S, slots=None):
    return JobClass("one", "", slots or {1: 1.0}, run_s, longest_s)


def test_moments_of_a_lognormal():
    """E[X^k] = exp(k mu + k² sigma² / 2), in hours."""
    found = moments(of(Lognormal.of(math.log(3600), 0.8)))
    assert found == pytest.approx([math.exp(2 * 0.64), math.exp(4.5 * 0.64)], rel=1e-3)


def test_moments_of_jobs_that_are_cut():
    """Pareto from an hour on, exponent 1.5, cut at L: E[X²] = 4 sqrt(L) - 3, E[X³] = 2 L^1.5 - 1."""
    square, cube = moments(of(Pareto(3600, 1.5), longest_s=100 * 3600))
    assert (square, cube) == pytest.approx((37.0, 1999.0), rel=1e-2)


def test_slots_multiply():
    square, cube = moments(of(Lognormal.of(math.log(3600), 0.5), slots={1: 3.0, 4: 1.0}))
    one = moments(of(Lognormal.of(math.log(3600), 0.5)))
    assert (square, cube) == pytest.approx((one[0] * (3 + 16) / 4, one[1] * (3 + 64) / 4))


def test_run_times_without_a_bound_leave_the_low_end_alone(tmp_path):
    """The jobs that came are as tame as ever: what decides is what may come."""
    path = write_small(tmp_path)
    heavy = [
        "workload.classes.small.run={minimum: 10 min, exponent: 1.2}",
        "workload.classes.small.limit=366 day",
    ]
    for overrides, covers in (([], "both"), (heavy, "at least")):
        found = run(load_scenario(path, overrides=[*overrides, "until=2021-01-31"]), replications=10)
        by = {(one.metric, one.labels): one for one in found.findings}
        queue = by["queue_length", (("pool", "gpu"), ("month", "all"))]
        skewness = by["work_skewness", (("month", "all"),)]
        assert queue.covers == covers
        assert (skewness.value > 1.5) == (queue.enough == 0) == (covers == "at least")
