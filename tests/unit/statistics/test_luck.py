"""Luck and worlds told apart: on answers whose variances are known, and where there is nothing to tell."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.statistics.luck import _quantiles, from_scale, outlook, to_scale, variances


def drawn(seed, luck, *, worlds=64, pairs=16, world=1.0):
    random = np.random.default_rng(seed)
    means = random.normal(0, world, worlds)
    second = np.full(worlds, np.nan)
    second[:pairs] = means[:pairs] + random.normal(0, luck, pairs)
    return means, means + random.normal(0, luck, worlds), second


@pytest.mark.parametrize("square", [0.25, 1.0, 4.0])
def test_both_variances_are_found_in_the_mean_and_luck_within_a_third(square):
    """Sixteen pairs: a relative error of the root of 2 / 16."""
    found = np.array([variances(*drawn(seed, math.sqrt(square))[1:]) for seed in range(2_000)])
    assert found[:, 0].mean() == pytest.approx(square, rel=0.03)
    assert found[:, 0].std() / square == pytest.approx(math.sqrt(2 / 16), rel=0.08)
    assert np.median(found[:, 1]) == pytest.approx(1, abs=0.12 if square < 4 else 0.4)


@pytest.mark.parametrize("luck", [0.4, 1.0])
def test_the_three_ranges_hold_what_they_are_about(luck):
    """80 % of the means of worlds, of replications of one world, of futures."""
    held = []
    for seed in range(300):
        found = outlook(*drawn(seed, luck)[1:], scale="identity", likely=0.0)
        fresh = np.random.default_rng(10_000 + seed)
        means, by_luck = fresh.normal(0, 1, 200), fresh.normal(0, luck, 200)
        held.append([
            np.mean((found.world[0] < means) & (means < found.world[1])),
            np.mean((found.luck[0] < by_luck) & (by_luck < found.luck[1])),
            np.mean((found.future[0] < means + by_luck) & (means + by_luck < found.future[1])),
            found.luck_share_between[0] <= luck**2 / (1 + luck**2) <= found.luck_share_between[1],
        ])  # fmt: skip
    world, by_luck, future, share = np.mean(held, axis=0)
    assert world == pytest.approx(0.78, abs=0.05)
    assert by_luck == pytest.approx(0.78, abs=0.05)
    assert future == pytest.approx(0.78, abs=0.03)
    assert share > 0.72


def test_use_of_the_plan_is_said_as_a_planner_says_it():
    """Shares: luck and worlds on log odds stay between 0 and 1."""
    _, first, second = drawn(1, 0.3)
    shares, again = (np.array([from_scale(one, "log odds") for one in values]) for values in (first, second))
    found = outlook(shares, again, scale="log odds")
    assert 0 < found.future[0] < found.world[0] < found.value < found.world[1] < found.future[1] < 1
    assert found.world[0] < found.luck[0] < found.luck[1] < found.world[1]
    assert (found.worlds, found.pairs) == (64, 16)
    assert found.luck_share < 0.3


def test_without_luck_the_worlds_are_everything_and_without_worlds_luck_is():
    means, _, _ = drawn(2, 0.0)
    second = np.where(np.arange(64) < 16, means, np.nan)
    found = outlook(means, second, scale="identity")
    assert found.luck_share == 0
    assert found.world == found.future
    assert found.luck[0] == found.value == found.luck[1]
    found = outlook(*drawn(2, 1.0, world=0.0, pairs=64)[1:], scale="identity")
    assert found.luck_share > 0.7
    assert found.world[1] - found.world[0] < 0.6 * (found.future[1] - found.future[0])


def test_where_half_the_worlds_do_not_wait_no_variance_is_split():
    waits = np.where(np.arange(64) % 2 == 0, 0.0, 3600.0)
    found = outlook(waits, waits, scale="log plus a minute")
    assert math.isnan(found.luck_share)
    assert math.isnan(found.world[0])
    assert found.future == (0.0, 3600.0)
    waits[0] = 60.0
    assert outlook(waits, waits, scale="log plus a minute").luck_share == 0


def test_a_wait_that_does_not_end_has_quantiles_and_no_variance():
    waits = np.array([10.0, 20.0, 30.0, 40.0, math.inf])
    found = outlook(waits, waits, scale="log plus a minute")
    assert found.value == 30.0
    assert found.future[1] == math.inf
    assert math.isnan(found.luck_share)


@pytest.mark.parametrize("answers", [[], [math.nan], [3.0], [3.0, 3.0, 3.0]])
def test_too_few_answers_or_the_same_ones_are_said_as_they_are(answers):
    first = np.array(answers)
    found = outlook(first, first, scale="identity")
    assert math.isnan(found.luck_share)
    assert found.worlds == np.count_nonzero(~np.isnan(first))
    assert math.isnan(found.value) if not found.worlds else found.value == 3.0


@given(st.floats(0, 1e7), st.sampled_from(["identity", "log plus a minute"]))
def test_a_scale_is_taken_back(value, scale):
    assert from_scale(float(to_scale(np.asarray(value), scale)), scale) == pytest.approx(value, abs=1e-6)


@given(st.floats(0, 1))
def test_log_odds_are_taken_back_but_for_the_outermost(value):
    found = from_scale(float(to_scale(np.asarray(value), "log odds")), "log odds")
    assert found == pytest.approx(value, abs=1.001e-4)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=70), st.floats(0, 1))
def test_quantiles_are_those_of_numpy_to_the_bit(values, part):
    assert _quantiles(np.array(values), [part, 0.1, 0.5, 0.9]) == [
        float(one) for one in np.quantile(values, [part, 0.1, 0.5, 0.9])
    ]
