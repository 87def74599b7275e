"""Intervals, pairs, corrections and numbers of replications, against tables and against scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from capacity.statistics.intervals import (
    holm,
    lower_bound,
    paired_difference,
    quantile_interval,
    relative_half_width,
    replications_for,
    t_interval,
    upper_bound,
)

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def test_the_interval_is_students():
    """Against the table: t(0.975, 4) = 2.776 and s = sqrt(2.5)."""
    found = t_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.mean == 3.0
    assert (found.high - found.low) / 2 == pytest.approx(2.7764 * math.sqrt(2.5 / 5), rel=1e-4)
    assert found.n == 5


def test_one_sided_bounds_are_those_of_the_table():
    """t(0.95, 4) = 2.132."""
    half = 2.1318 * math.sqrt(2.5 / 5)
    assert upper_bound([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(3 + half, rel=1e-4)
    assert lower_bound([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(3 - half, rel=1e-4)


@given(st.lists(NUMBERS, min_size=2, max_size=30), st.floats(0.5, 0.999))
def test_the_interval_is_that_of_scipy(values, confidence):
    found = t_interval(values, confidence=confidence)
    assert found.low <= found.mean <= found.high
    spread = float(np.std(values, ddof=1))
    if spread > 1e-9 * (1 + abs(found.mean)):
        low, high = stats.t.interval(
            confidence, len(values) - 1, np.mean(values), spread / math.sqrt(len(values))
        )
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("values", [[], [4.0], [math.nan, 4.0]])
def test_too_few_values_have_no_interval(values):
    found = t_interval(values)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert math.isnan(upper_bound(values))
    assert math.isnan(relative_half_width(values))


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
    assert quantile_interval(np.arange(1, n + 1), part).mean == needed


def test_the_median_of_few_has_no_ends():
    found = quantile_interval([1.0, 2.0, 3.0], 0.5)
    assert (found.mean, found.low, found.high) == (2.0, -math.inf, math.inf)
    assert math.isnan(quantile_interval([], 0.5).mean)
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_interval([1.0], 1.0)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=20))
def test_pairs_are_those_of_scipy(pairs):
    a, b = map(np.array, zip(*pairs, strict=True))
    found = paired_difference(a, b)
    if np.std(b - a) > 1e-6 * (1 + np.abs(b - a).max()):
        expected = stats.ttest_rel(b, a)
        assert found.p_value == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)
        ends = expected.confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((ends.low, ends.high), rel=1e-6, abs=1e-6)
        assert (found.p_value > 0.05) == (found.low <= 0 <= found.high) or found.p_value == pytest.approx(
            0.05
        )


def test_differences_without_any_spread():
    assert paired_difference([1.0, 2.0], [1.0, 2.0]).p_value == 1.0
    assert paired_difference([1.0, 2.0], [2.0, 3.0]).p_value == 0.0
    assert math.isnan(paired_difference([1.0], [2.0]).p_value)
    assert paired_difference([1.0, math.nan, 3.0], [2.0, 5.0, 4.0]).n == 2
    with pytest.raises(ValueError, match="no pairs"):
        paired_difference([1.0], [1.0, 2.0])


def test_holm_shows_what_the_paper_of_benjamini_and_hochberg_says():
    """Doi:10.1111/j.2517-6161.1995.tb02031.x, section 4: by Bonferroni's and by Hochberg's procedure three
    of fifteen are shown at 5 %, and Holm's always lies between these two."""
    raw = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
           0.6528, 0.7590, 1.0]  # fmt: skip
    found = holm(raw)
    assert np.flatnonzero(found <= 0.05).tolist() == [0, 1, 2]
    assert found[:4] == pytest.approx([15 * 0.0001, 14 * 0.0004, 13 * 0.0019, 12 * 0.0095])


def test_holm_worked_out_by_hand():
    """Ten tests: 10 x 0.01, 9 x 0.013, and 8 x 0.014 raised to the one before."""
    raw = [0.01, 0.013, 0.014, 0.19, 0.35, 0.5, 0.63, 0.67, 0.75, 0.81]
    assert holm(raw)[:4] == pytest.approx([0.1, 0.117, 0.117, 1.0])


@given(st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), max_size=25))
def test_holm_only_ever_makes_it_harder(raw):
    found = holm(raw)
    given_ = np.array(raw, np.float64)
    assert np.array_equal(np.isnan(found), np.isnan(given_))
    known = ~np.isnan(given_)
    assert np.all(found[known] >= given_[known])
    assert np.all(found[known] <= 1)
    order = np.argsort(given_[known], kind="stable")
    assert np.all(np.diff(found[known][order]) >= 0)


@pytest.mark.parametrize(("effect", "pairs"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_replications_are_those_of_cohens_table(effect, pairs):
    """Paired t, two-sided, 5 %, power 80 %."""
    assert replications_for(1.0, effect) == pairs


@pytest.mark.parametrize("effect", [0.02, 0.025, 0.0279, 0.0281, 0.03, 0.1, 0.7, 1.5, 5.0, 20.0, 29.0])
@pytest.mark.parametrize("power", [0.8, 0.95])
def test_replications_are_the_fewest_that_show_it(effect, power):
    """By scipy's noncentral t, also where the normal approximation is used."""

    def chance(n):
        limit, shift = stats.t.ppf(0.975, n - 1), effect * math.sqrt(n)
        other = stats.nct.cdf(-limit, n - 1, shift) if shift < 8 else 0.0  # NaN far out
        return stats.nct.sf(limit, n - 1, shift) + other

    found = replications_for(1.0, effect, power=power)
    assert chance(found) >= power
    assert found == 2 or chance(found - 1) < power


def test_replications_grow_with_the_spread_and_end():
    found = [replications_for(spread, 1.0) for spread in (0.0, 0.1, 1.0, 5.0, 50.0, 1e3, 1e9)]
    assert found == sorted(found)
    assert found[0] == found[1] - 1 or found[0] == 2
    assert found[-1] == 10_000_000
    assert replications_for(1e-300, 1.0) == 2
    assert replications_for(1.0, -0.5) == replications_for(1.0, 0.5)
    assert replications_for(1.0, 0.5, power=0.9) > replications_for(1.0, 0.5)
    with pytest.raises(ValueError, match="difference of 0"):
        replications_for(1.0, 0.0)


def test_the_relative_half_width():
    found = t_interval([9.0, 10.0, 11.0])
    assert relative_half_width([9.0, 10.0, 11.0]) == pytest.approx((found.high - found.low) / 20)
    assert relative_half_width([-1.0, 1.0]) == math.inf
