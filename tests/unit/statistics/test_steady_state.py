"""Warm-up and batches, against their definitions written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.statistics.steady_state import batch_means, mser5

# --- Warm-up --------------------------------------------------------------------------------------


def by_definition(values, batch=5):
    """MSER-5 as White, Cobb and Spratt write it: for every truncation point anew."""
    count = len(values) // batch
    means = [np.mean(values[n * batch : (n + 1) * batch]) for n in range(count)]
    statistic = [
        sum((mean - np.mean(means[d:])) ** 2 for mean in means[d:]) / (count - d) ** 2
        for d in range(max(count // 2, 1))
    ]
    return statistic, int(np.argmin(statistic))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 50), min_size=5, max_size=120))
def test_the_warm_up_is_that_of_the_definition(values):
    statistic, best = by_definition(np.array(values, float))
    found = mser5(np.array(values, float)) // 5
    assert statistic[found] == pytest.approx(statistic[best], abs=1e-9)


def test_a_step_is_cut_off_and_a_constant_is_not():
    step = np.concatenate([np.full(100, 50.0), np.random.default_rng(1).normal(5, 1, 900)])
    assert 95 <= mser5(step) <= 130
    assert mser5(np.full(100, 3.0)) == 0


@pytest.mark.parametrize("level", [0.0, 0.1, 1 / 3, 142_857.1])
@pytest.mark.parametrize("long", [450, 4_470, 200_000])
def test_a_run_that_settles_on_one_number_is_cut_where_it_does(level, long):
    """All later points are as good, and rounding must not choose among them: nothing more is thrown away."""
    start = np.arange(53.0, 0, -1) * 37
    found = mser5(np.concatenate([start, np.full(long, level)]))
    assert found == 55


@pytest.mark.parametrize("offset", [0.0, 1e6, -1e9])
def test_the_warm_up_does_not_depend_on_where_zero_is(offset):
    rng = np.random.default_rng(4)
    values = np.concatenate([np.linspace(1e4, 10, 400), rng.exponential(10, 5_000)])
    assert mser5(values + offset) == mser5(values)


def test_of_a_run_that_never_settles_half_is_left_out():
    assert mser5(np.linspace(100, 0, 200) ** 2) == 95


def test_less_than_a_batch_says_nothing():
    with pytest.raises(ValueError, match="not one batch"):
        mser5(np.arange(4.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("method", [mser5, batch_means])
def test_what_was_not_measured_is_no_part_of_a_run(method, bad):
    """Left out it would move all that follow; left in, every sum is lost without a word."""
    values = np.arange(100.0)
    values[50] = bad
    with pytest.raises(ValueError, match="finite"):
        method(values)


# --- One long run ---------------------------------------------------------------------------------


def test_batches_drop_what_is_left_over_at_the_beginning():
    values = np.concatenate([np.full(7, 1e9), np.arange(100.0)])
    found = batch_means(values, batches=10)
    assert found.value == pytest.approx(np.mean(np.arange(100.0)))
    assert found.n == 10


@pytest.mark.parametrize(
    ("values", "batches"), [(np.arange(5.0), 10), (np.arange(5.0), 1), (np.arange(5.0), 0)]
)
def test_too_few_batches_say_nothing(values, batches):
    with pytest.raises(ValueError, match="make no"):
        batch_means(values, batches=batches)
