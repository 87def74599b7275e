"""What stated ranges stand for: through what was stated, rising, within bounds; what cannot be is refused."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, stats

from capacity.facility.uncertainty import (
    HARD_ENDS_ONLY,
    STEEPEST,
    STRETCH,
    TOO_NEAR_ONE_END,
    BetaPert,
    Even,
    Metalog,
    ShiftedLognormal,
    Triangle,
    Uncertain,
    Weighted,
    following,
    from_quantiles,
    from_range,
    likely_between,
    normal_of,
)

PARTS = np.linspace(0.001, 0.999, 999)
PERCENT = [2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98]
BOUNDS = [(-math.inf, math.inf), (0.0, math.inf), (0.0, 1.0), (-math.inf, 1.0)]


def mean_of(found):
    return integrate.quad(found.quantile, 0, 1, limit=500)[0]


@given(
    st.sampled_from(BOUNDS),
    st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3, unique=True).map(sorted),
    st.floats(0.5, 0.98),
)
def test_a_range_is_met_at_its_ends_rises_and_stays_within_its_bounds(bounds, values, confidence):
    low, likely, high = values
    lower, upper = bounds
    assume(high - low > 1e-3)
    assume(min(likely - low, high - likely) > 1e-5)
    inner = likely_between(low, high, confidence=confidence, lower=lower, upper=upper)
    try:
        found = from_range(low, likely, high, confidence=confidence, lower=lower, upper=upper)
    except ValueError as refused:
        assert str(refused) == TOO_NEAR_ONE_END
        assert not inner[0] + 1e-9 < likely < inner[1] - 1e-9
        return
    tail = (1 - confidence) / 2
    assert found.quantile(tail) == pytest.approx(low, rel=1e-9)
    assert found.quantile(1 - tail) == pytest.approx(high, rel=1e-9)
    if isinstance(found, Metalog):
        assert found.quantile(0.5) == pytest.approx(likely, rel=1e-9)
    else:
        log = math.log(low), math.log(likely), math.log(high)
        assert abs(log[0] + log[2] - 2 * log[1]) < 0.05 * (log[2] - log[0])
    drawn = found.quantile(PARTS)
    assert (np.diff(drawn) >= 0).all()
    assert drawn.min() >= lower
    assert drawn.max() <= upper
    part = 0.5 * tail + 0.3
    assert found.part_below(found.quantile(part)) == pytest.approx(part, abs=1e-9)


def test_a_lognormal_of_two_ends_is_that_of_the_formula():
    """sigma = ln(q3 / q1) / 2 z: 0.326; median 0.987, mean 1.041."""
    found = from_range(0.65, None, 1.5, lower=0.0)
    assert isinstance(found, ShiftedLognormal)
    law = stats.lognorm(found.sigma, scale=math.exp(found.mu))
    np.testing.assert_allclose(found.quantile(PARTS), law.ppf(PARTS), rtol=1e-9)
    assert found.sigma == pytest.approx(0.326, abs=5e-4)
    assert found.mean() == pytest.approx(law.mean(), rel=1e-12)
    assert found.mean() == pytest.approx(1.041, abs=5e-4)
    assert found.part_below(1.0) == pytest.approx(law.cdf(1.0), rel=1e-12)
    assert found.part_below(-1.0) == 0.0


def test_which_shape_a_range_gets():
    assert isinstance(from_range(0.65, 1.0, 1.5, lower=0.0), ShiftedLognormal)
    assert isinstance(from_range(1.2, 1.35, 1.55, lower=1.0), Metalog)  # its halves differ by a tenth
    assert isinstance(from_range(0.2, None, 0.6, lower=0.0, upper=1.0), Metalog)
    assert isinstance(from_range(-1.0, None, 1.0), Metalog)
    assert isinstance(from_range(0.65, 1.0, 1.5, lower=0.0, shape="metalog"), Metalog)
    assert isinstance(from_range(1, 2, 4, confidence=1), BetaPert)
    assert isinstance(from_range(1, 2, 4, confidence=1, shape="triangular"), Triangle)
    assert isinstance(from_range(1, None, 4, confidence=1), Even)


def test_a_metalog_without_bounds_has_its_mean_in_closed_form():
    found = from_range(2.0, 3.0, 6.0)
    assert isinstance(found, Metalog)
    assert found.mean() == pytest.approx(mean_of(found), rel=1e-7)
    assert from_range(-1.0, None, 1.0).mean() == pytest.approx(0.0, abs=1e-12)
    log_odds = math.log(9)
    assert found.coefficients[1] == pytest.approx(4 / (2 * log_odds))
    assert found.coefficients[2] == pytest.approx((1 - 2 / 4) * 4 / (log_odds * 0.8))


@pytest.mark.parametrize(
    ("low", "likely", "high", "lower", "upper"),
    [(14, 24, 60, 0, math.inf), (0.02, 0.05, 0.2, 0, 1), (0, 1.5, 4, 0, 100), (0.5, 0.8, 0.9, -math.inf, 1)],
)
def test_the_mean_of_any_metalog_is_that_of_its_quantiles(low, likely, high, lower, upper):
    found = from_range(low, likely, high, lower=lower, upper=upper)
    assert found.mean() == pytest.approx(mean_of(found), rel=2e-5)


def test_a_range_so_wide_that_rare_futures_outweigh_all_others_has_no_mean():
    assert from_range(1.0, None, 1e4, lower=0.0, shape="metalog").mean() == math.inf


def test_a_range_that_begins_on_a_bound_is_there_in_one_future_of_ten():
    """From 0 to 4 % lemons with 80 % confidence: none in one future of ten, and never fewer than none."""
    found = from_range(0.0, 0.015, 0.04, lower=0.0, upper=1.0)
    drawn = found.quantile(PARTS)
    assert np.mean(drawn == 0.0) == pytest.approx(0.1, abs=1.5e-3)
    assert found.quantile(0.0) == 0.0
    assert found.quantile(0.5) == pytest.approx(0.015, rel=1e-9)
    assert found.quantile(0.9) == pytest.approx(0.04, rel=1e-9)
    both = from_range(0.0, None, 1.0, lower=0.0, upper=1.0)
    assert (both.quantile(0.05), both.quantile(0.95)) == (0.0, 1.0)


def test_the_repair_time_of_sixteen_hours_is_refused_and_of_fourteen_is_not():
    with pytest.raises(ValueError, match="too near one end"):
        from_range(16, 20, 130, lower=0.0)
    found = from_range(14, 24, 130, lower=0.0)
    assert isinstance(found, Metalog)
    assert abs(found.coefficients[2]) < STEEPEST * found.coefficients[1]
    low, high = likely_between(16, 130, lower=0.0)
    assert (low, high) == pytest.approx((22.7, 91.7), abs=0.05)
    from_range(16, low * 1.001, 130, lower=0.0)
    from_range(16, high * 0.999, 130, lower=0.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"low": 2.0, "high": 2.0}, "empty"),
        ({"low": 3.0, "high": 2.0}, "reversed"),
        ({"low": 0.9, "high": 1.5, "lower": 1.0}, "beyond what the quantity can be"),
        ({"low": 0.9, "high": 1.5, "upper": 1.0}, "beyond what the quantity can be"),
        ({"low": 1.0, "likely": 2.5, "high": 2.0}, "does not lie between"),
        ({"low": 1.0, "likely": 1.0, "high": 2.0}, "does not lie between"),
        ({"low": 1.0, "high": math.inf}, "finite"),
        ({"low": math.nan, "high": 1.0}, "finite"),
        ({"low": 1.0, "high": 2.0, "confidence": 0.0}, "confidence"),
        ({"low": 1.0, "high": 2.0, "confidence": 80.0}, "confidence"),
        ({"low": 1.0, "likely": 1.5, "high": 2.0, "shape": "triangular"}, HARD_ENDS_ONLY),
        ({"low": 1.0, "high": 2.0, "confidence": 1.0, "shape": "triangular"}, "likely value"),
        ({"low": 1.0, "high": 2.0, "confidence": 1.0, "shape": "metalog"}, "below 100 %"),
        ({"low": -1.0, "high": 2.0, "shape": "lognormal"}, "no lognormal"),
        ({"low": 1.0, "likely": 1.9, "high": 2.0, "lower": 0.0, "shape": "lognormal"}, "no lognormal"),
    ],
)
def test_what_is_no_range_is_refused_in_words(arguments, said):
    with pytest.raises(ValueError, match=said):
        from_range(**{"likely": None, **arguments})


def test_hard_ends_have_the_means_and_quantiles_of_their_laws():
    """0.5, 1, 3: means 1.25 and 1.5, a P90 of 1.86 and 2.29."""
    pert, triangle = BetaPert(0.5, 1.0, 3.0), Triangle(0.5, 1.0, 3.0)
    law = stats.beta(1 + 4 * 0.5 / 2.5, 1 + 4 * 2 / 2.5, loc=0.5, scale=2.5)
    np.testing.assert_allclose(pert.quantile(PARTS), law.ppf(PARTS), rtol=1e-9)
    np.testing.assert_allclose(triangle.quantile(PARTS), stats.triang(0.2, 0.5, 2.5).ppf(PARTS), rtol=1e-9)
    assert (pert.mean(), triangle.mean()) == (1.25, 1.5)
    assert (round(pert.quantile(0.9), 2), round(triangle.quantile(0.9), 2)) == (1.86, 2.29)
    for found in (pert, triangle, Even(0.5, 3.0)):
        assert (found.quantile(0.0), found.quantile(1.0)) == (0.5, 3.0)
        assert found.part_below(3.0) == 1.0
        assert found.mean() == pytest.approx(mean_of(found), rel=1e-6)


def test_a_peak_at_an_end_is_a_law_too():
    for found in (BetaPert(1.0, 1.0, 3.0), Triangle(1.0, 3.0, 3.0)):
        assert (np.diff(found.quantile(PARTS)) > 0).all()


def test_choices_are_drawn_as_often_as_they_weigh():
    found = Weighted((0.6, 0.0, 0.3, 0.1))
    places = found.quantile((np.arange(1000) + 0.5) / 1000)
    np.testing.assert_array_equal(np.bincount(places.astype(int)), [600, 0, 300, 100])
    assert found.quantile(1.0) == 3.0
    assert [found.part_below(place) for place in (-0.5, 0, 1, 3)] == pytest.approx([0.0, 0.6, 0.6, 1.0])
    assert Weighted((0.5, 0.5, 0.0)).quantile(1.0) == 1.0


@given(
    st.lists(st.sampled_from(PERCENT), min_size=2, max_size=9, unique=True).map(sorted),
    st.sampled_from(BOUNDS),
    st.floats(-1, 1),
    st.floats(0.2, 0.8),
)
def test_quantiles_of_a_metalog_give_it_back(parts, bounds, skew, width):
    law = Metalog((0.5, width, skew * width), *bounds)
    parts = np.array(parts) / 100
    found = from_quantiles(
        dict(zip(parts, law.quantile(parts), strict=True)), lower=bounds[0], upper=bounds[1]
    )
    np.testing.assert_allclose(found.quantile(parts), law.quantile(parts), rtol=1e-9)
    if len(parts) > 2:
        np.testing.assert_allclose(found.quantile(PARTS), law.quantile(PARTS), rtol=1e-4)
    assert (np.diff(found.quantile(PARTS)) >= 0).all()


@pytest.mark.parametrize("count", [6, 7, 8, 9])
@pytest.mark.parametrize("bounds", BOUNDS)
def test_up_to_nine_quantiles_of_a_metalog_give_it_back(count, bounds):
    law = Metalog((0.5, 0.4, -0.3), *bounds)
    parts = np.round(np.linspace(0.04, 0.96, count), 2)
    found = from_quantiles(
        dict(zip(parts, law.quantile(parts), strict=True)), lower=bounds[0], upper=bounds[1]
    )
    np.testing.assert_allclose(found.quantile(PARTS), law.quantile(PARTS), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_a_few_quantiles_of_another_law_give_nearly_that_law(count):
    law = stats.gamma(4)
    parts = (np.arange(count) + 0.5) / count
    found = from_quantiles(dict(zip(parts, law.ppf(parts), strict=True)), lower=0.0)
    np.testing.assert_allclose(found.quantile(parts), law.ppf(parts), rtol=1e-9)
    inner = np.linspace(0.1, 0.9, 81)
    np.testing.assert_allclose(found.quantile(inner), law.ppf(inner), rtol=0.2 if count == 2 else 0.03)


def test_three_quantiles_are_the_range_of_three():
    one = from_quantiles({0.1: 2.0, 0.5: 3.0, 0.9: 6.0})
    two = from_range(2.0, 3.0, 6.0)
    assert isinstance(two, Metalog)
    assert one.coefficients == pytest.approx(two.coefficients)


@pytest.mark.parametrize(
    ("quantiles", "said"),
    [
        ({0.5: 1.0}, "two to nine"),
        ({0.1: 1.0, 0.5: 1.0}, "must rise"),
        ({0.1: 2.0, 0.5: 1.0}, "must rise"),
        ({0.0: 1.0, 0.5: 2.0}, "left out"),
        ({0.1: 16.0, 0.5: 20.0, 0.9: 130.0}, "no rising curve"),
        ({0.1: 1.0, 0.4: 1.001, 0.5: 5.0, 0.6: 5.001, 0.9: 9.0}, "no rising curve"),
        ({0.1: -1.0, 0.5: 2.0}, "beyond"),
    ],
)
def test_quantiles_that_no_law_has_are_refused(quantiles, said):
    with pytest.raises(ValueError, match=said):
        from_quantiles(quantiles, lower=0.0)


def test_ranges_of_people_are_stretched_about_their_median():
    """z(0.8) / z(0.7) = 1.24: an 80 % range becomes what holds 70 % of the stretched one."""
    for found in (from_range(0.65, 1.0, 1.5, lower=0.0), from_range(2.0, 3.0, 6.0)):
        wide = found.stretched(STRETCH)
        assert wide.quantile(0.5) == found.quantile(0.5)
        assert wide.quantile(0.1) < found.quantile(0.1)
        assert wide.quantile(0.9) > found.quantile(0.9)
    lognormal = from_range(0.65, 1.0, 1.5, lower=0.0).stretched(STRETCH)
    inside = lognormal.part_below(1.5) - lognormal.part_below(0.65)
    assert inside == pytest.approx(0.70, abs=0.01)
    for hard in (BetaPert(1, 2, 3), Triangle(1, 2, 3), Even(1, 2), Weighted((1.0,))):
        with pytest.raises(ValueError, match="below 100 %"):
            hard.stretched(STRETCH)


def test_a_quantile_is_asked_for_between_0_and_1_and_comes_as_it_was_asked():
    found: Uncertain = from_range(0.65, 1.0, 1.5, lower=0.0)
    assert isinstance(found.quantile(0.3), float)
    assert found.quantile(np.full((2, 3), 0.3)).shape == (2, 3)
    assert (found.quantile(0.0), found.quantile(1.0)) == (0.0, math.inf)
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            found.quantile(wrong)


@pytest.mark.parametrize(("one", "two"), [(0.8, 0.9), (1.0, 0.5), (-0.8, 0.5), (0.0, 1.0)])
def test_followers_of_one_cause_go_together_as_the_formula_says(one, two):
    cause, own_one, own_two = np.random.default_rng(5).random((3, 40_000))
    first, second = following(cause, own_one, one), following(cause, own_two, two)
    found = stats.spearmanr(first, second).statistic
    assert found == pytest.approx(6 / math.pi * math.asin(one * two / 2), abs=0.015)
    for drawn in (first, second):
        assert stats.kstest(drawn, "uniform").pvalue > 1e-4


def test_a_cause_may_follow_another_one():
    top, middle, own = np.random.default_rng(6).random((3, 40_000))
    inner = following(top, middle, 0.8)
    found = np.corrcoef(normal_of(top), normal_of(following(inner, own, 0.5)))[0, 1]
    assert found == pytest.approx(0.8 * 0.5, abs=0.015)
    with pytest.raises(ValueError, match="between -1 and 1"):
        following(top, own, 1.2)
