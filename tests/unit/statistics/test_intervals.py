"""Intervals of means and quantiles, against tables and against scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from capacity.statistics.intervals import quantile_interval, relative_half_width, t_interval

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def test_the_interval_is_students():
    """Against the table: t(0.975, 4) = 2.776 and s = sqrt(2.5)."""
    found = t_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.value == 3.0
    assert (found.high - found.low) / 2 == pytest.approx(2.7764 * math.sqrt(2.5 / 5), rel=1e-4)
    assert found.n == 5


@given(st.lists(NUMBERS, min_size=2, max_size=30), st.floats(0.5, 0.999))
def test_the_interval_is_that_of_scipy(values, confidence):
    found = t_interval(values, confidence=confidence)
    assert found.low <= found.value <= found.high
    spread = float(np.std(values, ddof=1))
    if spread > 1e-9 * (1 + abs(found.value)):
        low, high = stats.t.interval(
            confidence, len(values) - 1, np.mean(values), spread / math.sqrt(len(values))
        )
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("values", [[], [4.0], [math.nan, 4.0]])
def test_too_few_values_have_no_interval(values):
    found = t_interval(values)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.covers == "none"
    assert relative_half_width(found) == math.inf


def test_what_was_not_measured_is_left_out():
    assert t_interval([1.0, math.nan, 3.0]) == t_interval([1.0, 3.0])


@pytest.mark.parametrize(("n", "part"), [(5, 0.5), (10, 0.5), (30, 0.25), (60, 0.95), (100, 0.9)])
def test_quantile_intervals_cover_by_counting(n, part):
    """The number of values below the quantile is binomial; neither end could be closer."""
    found = quantile_interval(np.arange(1, n + 1), part)
    below = stats.binom(n, part)
    low = 0 if math.isinf(found.low) else int(found.low)
    high = n + 1 if math.isinf(found.high) else int(found.high)
    assert below.cdf(low - 1) <= 0.025
    assert 1 - below.cdf(high - 1) <= 0.025
    assert below.cdf(low) > 0.025
    assert 1 - below.cdf(high - 2) > 0.025


@pytest.mark.parametrize(("part", "n"), [(0.07, 100), (0.55, 100), (0.55, 180), (0.95, 60), (0.1, 30)])
def test_the_estimate_is_the_smallest_value_that_this_part_does_not_exceed(part, n):
    """In whole hundredths: 0.55 x 100 is a little more than 55 in floating point."""
    needed = next(k for k in range(1, n + 1) if 100 * k >= round(100 * part) * n)
    assert quantile_interval(np.arange(1, n + 1), part).value == needed


def test_the_median_of_few_has_no_ends():
    found = quantile_interval([1.0, 2.0, 3.0], 0.5)
    assert (found.value, found.low, found.high) == (2.0, -math.inf, math.inf)
    assert math.isnan(quantile_interval([], 0.5).value)
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_interval([1.0], 1.0)


def test_the_relative_half_width():
    found = t_interval([9.0, 10.0, 11.0])
    assert relative_half_width(found) == pytest.approx((found.high - found.low) / 20)
    assert relative_half_width(t_interval([-1.0, 1.0])) == math.inf
