"""Each kind of number has its interval: by formulas worked out by hand, never beyond what is possible."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from capacity.statistics.intervals import hall, hall_interval, logit_interval, median_interval, t_interval
from capacity.statistics.kinds import WAYS, interval_of, replications_enough, share_of_futures

TEN = [0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 27.0]
"""Mean 6, as one could have it for a queue."""


def test_halls_interval_worked_out_by_hand():
    """s = 8.4459, skewness 2.0374 (scipy, adjusted), t(0.975, 9) = 2.2622, g = 0.6443, s / sqrt(10) = 2.6708.

    3 / g (cbrt(1 + g (2.2622 - g / 6)) - 1) = 1.5677, and of -2.2622 it is -8.4165.
    """
    found = hall_interval(TEN)
    skewness = stats.skew(TEN, bias=False)
    g, scale = skewness / math.sqrt(10), np.std(TEN, ddof=1) / math.sqrt(10)
    ends = [(found.value - end) / scale for end in (found.low, found.high)]
    t = stats.t.ppf(0.975, 9)
    assert [hall(end, g) for end in ends] == pytest.approx([t, -t])
    assert (found.low, found.value, found.high) == pytest.approx((1.8129, 6.0, 28.4792), abs=5e-4)


def test_the_skewness_of_a_kind_is_never_less_than_it_should_be():
    """Ten tame values might come from a skewed quantity all the same; at 15 and 30 more is taken."""
    for count, least in ((10, 1.0), (14, 1.0), (15, 1.5), (29, 1.5), (30, 2.0)):
        tame = [100.0 + n for n in range(count)]
        assert interval_of("skewed", tame) == hall_interval(tame, least_skewness=least)
        assert interval_of("skewed", tame).high > t_interval(tame).high


def test_few_skewed_values_have_a_low_end_alone():
    found = interval_of("skewed", TEN[:9])
    assert (found.covers, found.low) == ("at least", pytest.approx(1.5992, abs=5e-4))
    assert math.isnan(found.high)
    assert (interval_of("skewed", TEN).covers, replications_enough("skewed")) == ("both", 10)
    forty = [*TEN, *TEN, *TEN, *TEN]
    for tail, covers in ((0.5, "both"), (0.7, "at least"), (2.0, "at least")):
        assert interval_of("skewed", TEN, tail=tail).covers == covers
        assert interval_of("skewed", forty, tail=tail).covers == ("at least" if tail == 2.0 else "both")
    tame = [50.0, 60.0, 70.0]
    assert interval_of("skewed", tame).low == hall_interval(tame, confidence=0.9, least_skewness=1.0).low


@pytest.mark.parametrize(("count", "covers"), [(1, "none"), (4, "none"), (5, "at least"), (6, "both")])
def test_the_median_future_needs_six_for_two_ends(count, covers):
    found = interval_of("quantile", list(range(count)))
    assert (found.covers, found.value) == (covers, (count - 1) / 2)


@pytest.mark.parametrize("count", [6, 7, 10, 14, 20, 30, 100])
def test_the_median_future_lies_between_order_statistics(count):
    """No closer than the pair that holds it in fewer than 95 of 100, no further out than the next."""
    found = median_interval(range(1, count + 1))
    place = max(k for k in range(1, count) if 1 - 2 * stats.binom.cdf(k - 1, count, 0.5) >= 0.95)
    assert place <= found.low <= place + 1
    assert found.low + found.high == pytest.approx(count + 1)


def test_the_median_interval_is_the_published_one():
    """Hettmansperger and Sheather, ten values: 0.6575 of the way from the second to the third."""
    assert median_interval(range(1, 11)).low == pytest.approx(2.6575, abs=5e-4)


def test_what_does_not_happen_within_the_horizon_is_later():
    nan = math.nan
    found = interval_of("first time", [10.0, 20.0, nan, 30.0, nan, 25.0, 40.0, nan, 15.0, 12.0])
    assert (found.n, found.value, found.high) == (10, 27.5, math.inf)
    assert 12 <= found.low <= 15
    assert share_of_futures("first time", [10.0, nan, nan, 30.0]) == 0.5
    assert interval_of("first time", [nan] * 10).low == math.inf


def test_what_seldom_happens_is_told_by_its_range():
    found = interval_of("rare", [0.0, 0.0, 6.0, 0.0])
    assert (found.value, found.low, found.high, found.covers) == (1.5, 0.0, 6.0, "range")
    assert share_of_futures("rare", [0.0, 0.0, 6.0, 0.0]) == 0.25
    assert math.isnan(share_of_futures("skewed", [0.0, 1.0]))


def test_shares_stay_shares():
    """0.9 +- t se / (0.9 x 0.1) in log odds."""
    values = [0.85, 0.9, 0.95]
    found = logit_interval(values)
    half = stats.t.ppf(0.975, 2) * 0.05 / math.sqrt(3) / 0.09
    ends = [1 / (1 + math.exp(-(math.log(9) + sign * half))) for sign in (-1, 1)]
    assert (found.low, found.high) == pytest.approx(ends)
    assert t_interval(values).high > 1
    assert interval_of("share", [1.0, 1.0, 1.0]).low == 1.0
    assert interval_of("share", [0.9, 1.2, 1.1]).high > 1, "a load may be more than the whole"


def numbers(kind):
    if kind == "share":
        return st.floats(0, 1) | st.sampled_from([0.0, 1.0, 1e-12, 1 - 1e-12])
    if kind == "signed":
        return st.floats(-1e9, 1e9)
    return st.just(0.0) | st.floats(0, 1e12) | st.floats(0, 1)


@given(
    st.data(),
    st.sampled_from(list(WAYS)),
    st.integers(1, 45),
    st.floats(0.55, 0.999),
    st.sampled_from([0.0, 1.0, 2.0]),
)
def test_no_end_lies_beyond_what_is_possible(data, kind, count, confidence, tail):
    values = data.draw(st.lists(numbers(kind), min_size=count, max_size=count))
    found = interval_of(kind, values, confidence=confidence, tail=tail)
    slack = 1e-9 * max(map(abs, values))
    assert found.n == count
    assert min(values) - slack <= found.value <= max(values) + slack
    for end in (found.low, found.high):
        assert math.isnan(end) or kind == "signed" or end >= 0
        assert math.isnan(end) or kind != "share" or end <= 1
    known = {"both": (True, True), "range": (True, True), "at least": (True, False), "none": (False, False)}
    assert tuple(not math.isnan(end) for end in (found.low, found.high)) == known[found.covers]
    if found.covers in {"both", "range"}:
        assert found.low - slack <= found.value <= found.high + slack
    if kind not in {"quantile", "first time"} and count > 1:
        needed = replications_enough(kind, tail=tail)
        assert (found.covers in {"both", "range"}) == (0 < needed <= count) or kind == "rare"


@given(st.lists(st.floats(0, 1e6), min_size=10, max_size=30), st.floats(1e-3, 1e3))
def test_the_unit_does_not_matter(values, scale):
    own = interval_of("skewed", values)
    scaled = interval_of("skewed", [scale * value for value in values])
    assert (scaled.low, scaled.high) == pytest.approx((scale * own.low, scale * own.high), rel=1e-6, abs=1e-6)
