"""Max-min fair shares against shares worked out by hand, and against what defines them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.errors import InputError
from capacity.facility.bandwidth import stretches

RATES = st.lists(st.floats(0, 1e12), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("demands", "capacity", "weights", "granted"),
    [
        ([2, 2.6, 4, 5], 10, [1, 1, 1, 1], [2, 2.6, 2.7, 2.7]),  # Keshav's example
        ([2, 2.6, 4, 5], 10, [1, 1, 1, 2], [2, 2, 2, 4]),
        ([8, 8], 10, [1, 1], [5, 5]),
        ([8, 8], 10, [3, 1], [7.5, 2.5]),
        ([1, 90, 9], 10, [1, 1, 1], [1, 4.5, 4.5]),
        ([1, 2, 3], 6, [1, 1, 1], [1, 2, 3]),
        ([1, 2, 3], 60, [1, 1, 1], [1, 2, 3]),
        ([], 5, [], []),
    ],
)
def test_jobs_that_do_nothing_else_wait_by_demand_over_share(demands, capacity, weights, granted):
    """With parts of 100 %, the stretch is what is wanted over the max-min fair share, worked out by hand."""
    expected = np.array(demands) / granted
    assert stretches(demands, np.ones(len(demands)), capacity, weights) == pytest.approx(expected)


@pytest.mark.parametrize(("part", "load"), [(0.05, 2), (0.2, 1.5), (1, 3), (0.01, 40)])
def test_one_kind_slows_down_until_what_it_moves_fits(part, load):
    (stretch,) = stretches([load * 7.0], [part], 7.0, [128])
    assert 1 - part + part * stretch == pytest.approx(load)


def test_two_kinds_by_hand():
    """A wants 6 in half of its time, that is 12; B wants 9 all the time; each on one slot, and there are 9.

    At the level L, B moves L and A moves 6 / (0.5 + 0.5 * 12 / L) = 12 L / (L + 12). Together they move 9:
    L² + 15 L = 108.
    """
    first, second = stretches([6, 9], [0.5, 1.0], 9, [1, 1])
    level = (657**0.5 - 15) / 2
    assert (first, second) == (pytest.approx(12 / level), pytest.approx(9 / level))


def test_who_wants_little_does_not_wait():
    light, heavy = stretches([0.1, 50], [0.5, 0.5], 10, [10, 10])
    assert light == 1.0 < heavy
    assert 0.1 + 50 / (0.5 + 0.5 * heavy) == pytest.approx(10)


@given(RATES, st.floats(1e-3, 1e12), st.integers(0, 2**32 - 1))
def test_what_moves_is_the_capacity_or_all_that_is_wanted(demands, capacity, seed):
    rng = np.random.default_rng(seed)
    parts, weights = 1 - rng.random(len(demands)), rng.integers(1, 5000, len(demands))
    stretch = stretches(demands, parts, capacity, weights)
    assert np.all(stretch >= 1) and np.all(np.isfinite(stretch))
    moved = np.asarray(demands) / (1 - parts + parts * stretch)
    assert moved.sum() == pytest.approx(min(capacity, sum(demands)), rel=1e-6, abs=1e-9)


@given(RATES, st.floats(1e-3, 1e12))
def test_twice_the_bandwidth_never_stretches_more(demands, capacity):
    parts, weights = np.full(len(demands), 0.3), np.ones(len(demands))
    once, twice = (stretches(demands, parts, much, weights) for much in (capacity, 2 * capacity))
    assert np.all(twice <= once * (1 + 1e-9))


@pytest.mark.parametrize(
    ("demands", "parts", "capacity", "weights"),
    [([1], [0], 1, [1]), ([1], [0.5], 0, [1]), ([-1], [0.5], 1, [1]), ([1], [0.5], 1, [0]),
     ([np.nan], [0.5], 1, [1]), ([1], [1.5], 1, [1]), ([1, 2], [0.5, 0.5], 1, [1])],
)  # fmt: skip
def test_what_is_no_share(demands, parts, capacity, weights):
    with pytest.raises(InputError, match="share"):
        stretches(demands, parts, capacity, weights)
