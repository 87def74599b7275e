"""Pairs, corrections for many of them, and numbers of replications, against tables and against scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from capacity.statistics.intervals import hall_interval
from capacity.statistics.pairs import holm, paired_difference, replications_for

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


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


@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=20), st.floats(0.5, 0.99))
def test_a_skewed_difference_is_shown_just_where_its_interval_leaves_out_0(apart, confidence):
    apart = np.round(apart, 2)
    found = paired_difference(np.zeros(len(apart)), apart, confidence=confidence, skewed=True)
    own = hall_interval(apart, confidence=confidence)
    assert (found.low, found.high) == (own.low, own.high)
    if found.spread and abs(found.p_value - (1 - confidence)) > 1e-6:
        assert (found.p_value > 1 - confidence) == (found.low <= 0 <= found.high)
