"""Points among many assumptions: each keeps its place, columns are covered evenly and are strangers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.statistics.designs import (
    MOST_POINTS,
    grid,
    latin_hypercube,
    morris,
    nested_uniforms,
    saltelli,
    sobol,
)

NAMES = [f"site.pools.gpu.number_{number}" for number in range(60)]
FIRST = [0.016695432015694678, 0.7439475838909857, 0.8300290453771595, 0.4533879190857988]


@given(st.integers(1, 200), st.integers(0, 200), st.integers(0, 2**31), st.sampled_from(NAMES))
def test_a_point_does_not_change_with_their_number_nor_with_other_names(count, more, seed, name):
    alone = nested_uniforms([name], count, seed)[:, 0]
    among = nested_uniforms(["first", name, "last"], count + more, seed)[:count, 1]
    np.testing.assert_array_equal(alone, among)


@given(st.integers(0, 9), st.integers(0, 2**31))
def test_of_two_to_the_m_points_one_lies_in_each_interval(m, seed):
    points = nested_uniforms(NAMES[:3], 2**m, seed)
    for column in points.T:
        assert sorted(np.floor(column * 2**m)) == list(range(2**m))
    assert ((points > 0) & (points < 1)).all()


def test_another_seed_and_another_name_are_other_points():
    one = nested_uniforms(["a", "b"], 16, 1)
    assert not np.isin(one[:, 0], one[:, 1]).any()
    assert not np.isin(one, nested_uniforms(["a", "b"], 16, 2)).any()


def mean_correlation(columns):
    found = np.abs(np.corrcoef(columns.T))
    return found[np.triu_indices(len(found), 1)].mean()


@pytest.mark.parametrize(("count", "more"), [(16, 1.15), (64, 1.06), (100, 1.06), (256, 1.06)])
def test_columns_have_no_more_to_do_with_each_other_than_those_of_a_latin_hypercube(count, more):
    """Few points come in a few doublings, each in an order of its own."""
    nested = np.mean([mean_correlation(nested_uniforms(NAMES, count, seed)) for seed in range(4)])
    latin = np.mean([mean_correlation(latin_hypercube(len(NAMES), count, seed)) for seed in range(4)])
    assert 0.94 * latin < nested < more * latin


def test_the_mean_over_nested_points_is_as_good_as_over_a_latin_hypercube():
    """Of a sum of functions of one column each: both are far better than independent points."""

    def spread(points_of):
        return np.std([np.exp(points_of(seed)).sum(axis=1).mean() for seed in range(60)])

    nested = spread(lambda seed: nested_uniforms(NAMES[:4], 64, seed))
    latin = spread(lambda seed: latin_hypercube(4, 64, seed))
    independent = spread(lambda seed: np.random.default_rng(seed).random((64, 4)))
    assert nested < 1.5 * latin
    assert nested < 0.1 * independent


def test_the_first_points_are_known_for_ever():
    """On every machine and in every version: a world is named by its number."""
    np.testing.assert_allclose(nested_uniforms(["demand"], 4, 20200701)[:, 0], FIRST, rtol=0, atol=1e-15)


def test_more_points_than_there_is_room_for_are_refused():
    with pytest.raises(ValueError, match="at most"):
        nested_uniforms(["a"], MOST_POINTS + 1, 1)
    assert nested_uniforms([], 5, 1).shape == (5, 0)


@pytest.mark.parametrize("count", [1, 7, 64])
def test_latin_hypercube_and_sobol_cover_each_column(count):
    points = latin_hypercube(5, count, 3)
    for column in points.T:
        assert sorted(np.floor(column * count)) == list(range(count))
    found = sobol(5, count, 3)
    assert found.shape == (count, 5)
    assert ((found > 0) & (found < 1)).all()
    np.testing.assert_array_equal(found, sobol(5, 128, 3)[:count])


def test_sobol_points_of_a_power_of_two_are_stratified_in_each_column():
    for column in sobol(8, 64, 1).T:
        assert sorted(np.floor(column * 64)) == list(range(64))
    with pytest.raises(ValueError, match="columns"):
        sobol(30_000, 1, 1)


def test_a_grid_is_every_choice_once():
    found = grid([3, 1, 4])
    assert len({tuple(row) for row in found.tolist()}) == 12
    assert found.max(axis=0).tolist() == [2, 0, 3]
    assert grid([]).shape == (1, 0)


def test_rows_of_saltelli_differ_in_the_one_column():
    a, b, a_b = saltelli(4, 8, 5)
    np.testing.assert_array_equal(a, saltelli(4, 16, 5)[0][:8])
    assert not np.isin(a, b).any()
    for column in range(4):
        others = [other for other in range(4) if other != column]
        np.testing.assert_array_equal(a_b[column][:, others], a[:, others])
        np.testing.assert_array_equal(a_b[column][:, column], b[:, column])


@pytest.mark.parametrize("levels", [2, 4, 8])
def test_a_walk_of_morris_changes_each_column_once_by_half_the_levels(levels):
    walks = morris(6, 9, 2, levels=levels)
    steps = np.diff(walks, axis=1)
    assert walks.shape == (9, 7, 6)
    assert ((walks > 0) & (walks < 1)).all()
    assert ((steps != 0).sum(axis=1) == 1).all()
    assert ((steps != 0).sum(axis=2) == 1).all()
    np.testing.assert_allclose(np.abs(steps[steps != 0]), 0.5)
