"""From raw to usable as real systems have it, and how safe erasure-coded data are by the closed form."""

from math import comb, factorial, log1p

import numpy as np
import pytest

from capacity.facility.storage.durability import YEAR_S, groups, mttdl_s, yearly_loss_probability
from capacity.facility.storage.usable import steps, usable_frac
from capacity.inputs.reading.loader import load_part

AFR = 0.0101 / YEAR_S


def test_grand_and_eagle_of_argonne_are_a_hundred_petabytes():
    """alcf.anl.gov: 100 PB usable each on 8,480 drives, taken as 16 TB."""
    raw = 8480 * 16e12
    product = load_part("storage-product", "hdd-lustre").record
    assert raw * product.usable_frac == pytest.approx(100e15, rel=0.002)
    assert product.usable_frac == pytest.approx(0.737, abs=0.001)


def test_ibm_estimates_435_tb_of_144_drives():
    """github.com/IBM/SpectrumScale_ECE_CAPACITY_ESTIMATOR: 12 servers of 12 drives of 4 TB, 8+2p."""
    product = load_part("storage-product", "ece-8-2").record
    assert 144 * 4e12 * product.usable_frac == pytest.approx(435.27e12, rel=1e-4)
    assert product.usable_frac == pytest.approx(0.7557, abs=1e-4)


def test_the_steps_lead_from_raw_to_fillable():
    known = {"data": 8, "parity": 3, "spare_frac": 0.03, "filesystem_frac": 0.03}
    raw = 88e15 / usable_frac(*known.values())
    found = steps(raw, fill_limit_frac=0.85, **known)
    assert [step.what for step in found] == ["raw", "spare space", "8+3", "file system", "fill limit"]
    left = [step.left_bytes for step in found]
    assert left == sorted(left, reverse=True)
    assert left[0] == raw
    assert left[3] == pytest.approx(88e15)
    assert left[4] == pytest.approx(0.85 * 88e15)


@pytest.mark.parametrize(("parity", "rebuild_h", "years"), [(2, 24, 3.5e8), (2, 72, 3.9e7), (3, 24, 3.5e12)])
def test_time_to_data_loss_is_that_of_the_facts(parity, rebuild_h, years):
    """The facts took 1.01 % as a probability within a year: their rate is 0.5 % higher."""
    rate = -log1p(-0.0101) / YEAR_S
    assert mttdl_s(8, parity, rate, rebuild_h * 3600) / YEAR_S == pytest.approx(years, rel=0.015)
    assert mttdl_s(8, parity, AFR, rebuild_h * 3600) / YEAR_S == pytest.approx(years, rel=0.03)


@pytest.mark.parametrize("parity", [0, 1, 2, 3])
def test_time_to_data_loss_is_that_of_the_chain_solved_as_equations(parity):
    """Mean times to absorption solve (−Q) t = 1."""
    rate, rebuild = 1e-3, 7.0
    states = parity + 1
    generator = np.zeros((states, states))
    for out in range(states):
        up, down = (8 + parity - out) * rate, out / rebuild
        generator[out, out] -= up + down
        if out + 1 < states:
            generator[out, out + 1] += up
        if out:
            generator[out, out - 1] += down
    expected = np.linalg.solve(-generator, np.ones(states))[0]
    assert mttdl_s(8, parity, rate, rebuild) == pytest.approx(expected, rel=1e-9)


def test_rare_failures_follow_the_leading_term():
    """For fast rebuilds: m! / (rebuild^m · n (n−1) … · rate^(m+1))."""
    rate, rebuild = 1e-9, 10.0
    leading = 1 / (rebuild**2 * comb(10, 3) * factorial(3) * rate**3) * factorial(2)
    assert mttdl_s(8, 2, rate, rebuild) == pytest.approx(leading, rel=1e-6)


def test_the_lake_of_gwangju_is_safe_as_far_as_independent_failures_go():
    assert groups(107e15, 8, 16e12) == 836
    for rebuild_h, parity, expected in ((24, 2, 2.4e-6), (72, 2, 2.1e-5), (24, 3, 2.4e-10)):
        found = yearly_loss_probability(107e15, 16e12, 8, parity, AFR, rebuild_h * 3600)
        assert found == pytest.approx(expected, rel=0.05)
