"""Power is told where there is a machine: after each delivery, not over months in which there is none."""

import re

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import Lookup
from capacity.report.language import Language
from capacity.report.terminal.power import mean_power
from capacity.study.run import run
from tests.support.small_site import write_small


def told(loaded):
    result = run(loaded, replications=1)
    look = Lookup(result.findings)
    return mean_power(loaded.scenario, look, Language("en")), look


def test_gwangju_draws_a_tenth_a_half_and_all_of_it():
    text, look = told(load_scenario("gwangju-plan"))
    numbers = [float(number) for number in re.findall(r"\d+\.\d+|\d+", text)]
    mean, lease, lease_most, half, half_most, full, full_most = numbers
    assert (lease_most, half, half_most) == pytest.approx((0.25, 1.0, 1.25), abs=0.03)
    assert (full, full_most) == pytest.approx((2.0, 2.3), abs=0.05)
    assert 0.2 < lease < lease_most
    assert mean == pytest.approx(1.5 * look.value("mean_power_w", month="all") / 1e6, rel=0.01)
    assert "in the months with a machine" in text


def test_a_site_that_is_there_from_the_start_has_one_mean(tmp_path):
    deliveries = "site.deliveries={all: {date: 2021-01-01, share: 100 %}}"
    text, look = told(load_scenario(write_small(tmp_path), overrides=[deliveries]))
    assert "(" not in text
    assert "with a machine" not in text
    assert float(text.split()[0]) == pytest.approx(look.value("mean_power_w", month="all") / 1e6, rel=0.01)
