"""Warm-up, batches and means over time, against their definitions written out."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.statistics.steady_state import Truncation, batch_means, mser5, time_average, time_averages

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
    found = mser5(np.array(values, float)).kept_from // 5
    assert statistic[found] == pytest.approx(statistic[best], abs=1e-9)


def test_a_step_is_cut_off_and_a_constant_is_not():
    step = np.concatenate([np.full(100, 50.0), np.random.default_rng(1).normal(5, 1, 900)])
    assert 95 <= mser5(step).kept_from <= 130
    assert mser5(np.full(100, 3.0)) == Truncation(0, reached_limit=False)


@pytest.mark.parametrize("level", [0.0, 0.1, 1 / 3, 142_857.1])
@pytest.mark.parametrize("long", [450, 4_470, 200_000])
def test_a_run_that_settles_on_one_number_is_cut_where_it_does(level, long):
    """All later points are as good, and rounding must not choose among them: nothing more is thrown away."""
    start = np.arange(53.0, 0, -1) * 37
    found = mser5(np.concatenate([start, np.full(long, level)]))
    assert found == Truncation(55, reached_limit=False)


@pytest.mark.parametrize("offset", [0.0, 1e6, -1e9])
def test_the_warm_up_does_not_depend_on_where_zero_is(offset):
    rng = np.random.default_rng(4)
    values = np.concatenate([np.linspace(1e4, 10, 400), rng.exponential(10, 5_000)])
    assert mser5(values + offset) == mser5(values)


def test_a_run_that_never_settles_is_said_to_be_too_short():
    assert mser5(np.linspace(100, 0, 200) ** 2).reached_limit


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
    assert found.interval.mean == pytest.approx(np.mean(np.arange(100.0)))
    assert found.interval.n == 10


def test_batches_that_hang_together_are_too_short():
    rng = np.random.default_rng(2)
    walk = np.cumsum(rng.normal(size=20_000)) * 0.01
    assert not batch_means(walk).long_enough
    assert batch_means(walk).lag_one > 0.5
    assert batch_means(rng.normal(size=20_000)).long_enough
    assert batch_means(np.full(100, 2.0)).long_enough


@pytest.mark.parametrize(
    ("values", "batches"), [(np.arange(5.0), 10), (np.arange(5.0), 1), (np.arange(5.0), 0)]
)
def test_too_few_batches_say_nothing(values, batches):
    with pytest.raises(ValueError, match="make no"):
        batch_means(values, batches=batches)


# --- Means over time ------------------------------------------------------------------------------

STEPS = st.lists(st.tuples(st.integers(0, 200), st.integers(-50, 50)), max_size=30).map(
    lambda s: sorted(s, key=lambda x: x[0])
)


def literal(times, levels, start, end, before):
    """Second by second; of changes in the same second the last one holds."""
    total = 0
    for second in range(start, end):
        level = before
        for time, value in zip(times, levels, strict=True):
            if time <= second:
                level = value
        total += level
    return total / (end - start)


@settings(max_examples=80)
@given(
    STEPS, st.lists(st.integers(0, 250), min_size=2, max_size=6, unique=True).map(sorted), st.integers(-5, 5)
)
def test_means_over_time_are_those_of_counting_seconds(steps, edges, before):
    times, levels = [t for t, _ in steps], [v for _, v in steps]
    found = time_averages(times, levels, edges, before=before)
    expected = [literal(times, levels, a, b, before) for a, b in pairwise(edges)]
    assert found == pytest.approx(expected, abs=1e-9)
    whole = time_average(times, levels, edges[0], edges[-1], before=before)
    assert np.dot(found, np.diff(edges)) / (edges[-1] - edges[0]) == pytest.approx(whole, abs=1e-9)


def test_whole_numbers_stay_exact():
    rng = np.random.default_rng(3)
    times = np.sort(rng.integers(0, 10**9, 50_000))
    levels = rng.integers(0, 10_000, 50_000)
    edges = np.array([0, 123_456_789, 10**9])
    found = time_averages(times, levels, edges) * np.diff(edges)
    steps = np.diff(np.concatenate([times, [10**9]]))
    assert found.sum() == pytest.approx(float(np.dot(steps, levels)), rel=1e-12)


@pytest.mark.parametrize("levels", [[], [1.0, 2.0], [1.0, 2.0, 3.0]])
def test_each_change_has_one_level(levels):
    with pytest.raises(ValueError, match="1 times"):
        time_averages([1], levels, [0, 10])


def test_times_that_fall_are_refused():
    with pytest.raises(ValueError, match="ascend"):
        time_averages([2, 1], [0, 0], [0, 5])
    with pytest.raises(ValueError, match="ascend"):
        time_averages([1], [0], [5, 5])
