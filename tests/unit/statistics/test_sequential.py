"""Looks at a growing number of replications: how many, and that they deceive no more often than allowed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from capacity.statistics.sequential import FIRST_LOOK, bounds, counts_of, fewest, looks, most_by_default

SHARES = st.floats(0.5, 0.97)
CONFIDENCES = st.floats(0.5, 0.995)


@given(st.integers(1, 300), SHARES, CONFIDENCES)
def test_looks_end_at_the_most_and_stop_where_all_that_met_it_are_enough(most, share, confidence):
    counts = counts_of(most, share, confidence)
    assert counts == sorted(set(counts))
    assert (counts[0], counts[-1]) == (min(FIRST_LOOK, most), most)
    enough = fewest(share, confidence)
    assert share**enough <= 1 - confidence + 1e-9
    assert enough == 1 or share ** (enough - 1) > 1 - confidence - 1e-9
    assert enough > most or enough in counts or enough < FIRST_LOOK


def decided(share, confidence, most, truth, cases=4_000):
    """Return how often a share is called met and missed where a part of the futures meets the target."""
    rng = np.random.default_rng(8)
    met = np.cumsum(rng.random((cases, most)) < truth, axis=1)
    open_, shown, against = np.ones(cases, bool), np.zeros(cases, bool), np.zeros(cases, bool)
    for look in looks(most, share, confidence):
        now = met[:, look.count - 1]
        shown |= open_ & (now >= look.met_from)
        against |= open_ & (now <= look.missed_to)
        open_ &= (now > look.missed_to) & (now < look.met_from)
    return shown.mean(), against.mean()


@pytest.mark.parametrize(("share", "most"), [(0.8, 30), (0.8, 100), (0.95, 124), (0.5, 20)])
def test_a_site_on_the_limit_is_called_met_in_no_more_than_one_case_in_twenty(share, most):
    """And missed as seldom; counted, not worked out as the looks are."""
    shown, against = decided(share, 0.95, most, share)
    slack = 3 * math.sqrt(0.05 * 0.95 / 4_000)
    assert 0.02 < shown <= 0.05 + slack
    assert 0.02 < against <= 0.05 + slack


def test_the_looks_decide_what_is_clear():
    shown, against = decided(0.8, 0.95, 30, 0.99)
    assert shown > 0.9
    assert against == 0.0
    assert decided(0.8, 0.95, 30, 0.4)[1] > 0.95


@given(st.integers(1, 400), SHARES, CONFIDENCES)
def test_one_look_is_the_bound_of_clopper_and_pearson(count, share, confidence):
    (look,) = bounds([count], share, confidence)
    alpha = 1 - confidence
    if look.met_from <= count:
        assert stats.binom.sf(look.met_from - 1, count, share) <= alpha + 1e-9
    assert stats.binom.sf(look.met_from - 2, count, share) > alpha - 1e-9
    assert look.missed_to < 0 or stats.binom.cdf(look.missed_to, count, share) <= alpha + 1e-9
    assert look.missed_to < look.met_from


def test_the_default_lets_a_miss_or_two_be_made_good():
    (*_, last) = looks(most_by_default(0.8, 0.95), 0.8, 0.95)
    assert (last.count, last.met_from) == (30, 29)
