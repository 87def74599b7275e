"""Formulas of reliability beside numbers that were published, integrals, and their own limits."""

from math import e, exp, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from capacity.facility.failures import (
    aged_s,
    between_failures_s,
    daly_s,
    job_mtbf_s,
    node_failure_rate,
    to_first_failure_s,
    young_s,
)
from tests.support.daly import waste_frac


def test_daly_gives_the_intervals_of_his_figures():
    """Figures 3 to 5 of the paper: 117, 57 and 9.1 min."""
    assert [round(daly_s(5, minutes)) for minutes in (1440, 360)] == [117, 57]
    assert daly_s(5, 15) == pytest.approx(9.1, abs=0.05)


def test_daly_is_near_the_best_interval_of_his_own_cost():
    for write, mtbf in ((60, 1e5), (300, 86_400), (300, 7200), (600, 3600)):
        best = minimize_scalar(
            lambda t, c=write, m=mtbf: waste_frac(t, c, 600, m), bounds=(1, 10 * mtbf), method="bounded"
        )
        assert waste_frac(daly_s(write, mtbf), write, 600, mtbf) <= best.fun + 1e-3
        assert daly_s(write, mtbf) == pytest.approx(best.x, rel=0.03)


def test_a_checkpoint_longer_than_twice_the_mtbf_is_written_every_mtbf():
    assert daly_s(7200, 3600) == daly_s(9000, 3600) == 3600
    assert daly_s(60, inf) == young_s(60, inf) == inf


def test_facts_of_section_4():
    """r = 6.5: 64 GPUs, C = 60 s: 235 min; 512, 120 s: 118 min; 1,120, 300 s: 126 min."""
    for gpus, write, minutes in ((64, 60, 235), (512, 120, 118), (1120, 300, 126)):
        mtbf = job_mtbf_s(gpus // 8, node_failure_rate(6.5, 0, 1), 0)
        assert young_s(write, mtbf) / 60 == pytest.approx(minutes, abs=1)


def test_the_cost_is_that_of_a_simulation():
    rng = np.random.default_rng(5)
    every, write, restart, mtbf = 900, 60, 120, 4000
    total = 0.0
    for _ in range(20_000):
        need = every + write
        while (lasts := rng.exponential(mtbf)) < need:
            total += lasts
            need = restart + every + write
        total += need
    assert total / 20_000 == pytest.approx(every / (1 - waste_frac(every, write, restart, mtbf)), rel=0.02)


@given(st.floats(10, 1e6), st.none() | st.floats(0.4, 10))
def test_means_are_kept_whatever_the_shape(mean, shape):
    total, _ = quad(lambda p: float(between_failures_s(mean, np.array([p]), shape=shape)[0]), 0, 1, limit=200)
    assert total == pytest.approx(mean, rel=1e-2)


@pytest.mark.parametrize("kind", [{"shape": 0.7}, {"shape": 3}, {"spread": 2}, {}])
def test_first_failures_come_at_the_rate_from_the_beginning(kind):
    rng = np.random.default_rng(3)
    p, part = rng.random((2, 400_000))
    early = np.mean(to_first_failure_s(1000.0, p, part, **kind) < 20)
    drawn = np.sort(between_failures_s(1000.0, rng.random(400_000), **kind))
    longer = np.mean(np.clip(drawn, 0, 20)) / 20  # part that lasts longer than t, averaged over t up to 20
    assert early == pytest.approx(0.02 * longer, rel=0.06)


@given(calm=st.floats(1, 1e9), age=st.floats(0, 1e9), factor=st.floats(1, 1000), lasts=st.floats(1, 1e9))
def test_infant_mortality_inverts_the_integral_of_the_hazard(calm, age, factor, lasts):
    """The integral of 1 + (f - 1) exp(-a / L) over the time that was found is the calm time."""
    time = aged_s(calm, age, factor, lasts)
    assert 0 < time <= calm * (1 + 1e-9)
    excess = (factor - 1) * lasts * exp(-age / lasts)
    assert time + excess * -np.expm1(-time / lasts) == pytest.approx(calm, rel=1e-6)


def test_infant_mortality_beside_numeric_integration():
    time = aged_s(5000.0, 300.0, 4.0, 1000.0)
    total, _ = quad(lambda t: 1 + 3 * exp(-(300 + t) / 1000), 0, time)
    assert total == pytest.approx(5000)
    assert aged_s(5000.0, 1e9, 4.0, 1000.0) == pytest.approx(5000)


def test_limits():
    assert job_mtbf_s(0, 1, 0) == job_mtbf_s(5, 0, 0) == inf
    assert job_mtbf_s(10, 1e-6, 1e-5) == pytest.approx(5e4)
    assert node_failure_rate(1000 * 86_400, 0.02, 11) == pytest.approx(1.2)
    assert between_failures_s(1.0, np.array([1 - 1 / e]))[0] == pytest.approx(1)
