"""Influence on functions whose indices are known: Ishigami's, the g-function, a sum of correlated normals."""

from itertools import combinations

import numpy as np
import pytest
from scipy.special import ndtri

from capacity.facility.uncertainty import following
from capacity.statistics.designs import latin_hypercube, morris, nested_uniforms, saltelli
from capacity.statistics.influence.given import by_ranks, by_regression
from capacity.statistics.influence.rows import elementary_effects, sobol_indices
from capacity.statistics.influence.shapley import shapley_effects

NAMES = list("abcdef")
G = np.array([0, 0.5, 3, 9, 99, 99])
G_PART = 1 / (3 * (1 + G) ** 2)
G_WHOLE = np.prod(1 + G_PART) - 1


def ishigami(points):
    """Ishigami and Homma 1990, a = 7, b = 0.1."""
    x = np.pi * (2 * points - 1)
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def g_function(points):
    return np.prod((np.abs(4 * points - 2) + G) / (1 + G), axis=-1)


ISHIGAMI_FIRST, ISHIGAMI_TOTAL = np.array([0.3139, 0.4424, 0]), np.array([0.5576, 0.4424, 0.2437])
G_FIRST = G_PART / G_WHOLE
G_TOTAL = np.array([part * np.prod(1 + np.delete(G_PART, at)) for at, part in enumerate(G_PART)]) / G_WHOLE


def test_the_exact_indices_of_the_g_function_are_those_published():
    np.testing.assert_allclose(G_FIRST, [0.5868, 0.2608, 0.0367, 0.0059, 0.0001, 0.0001], atol=5e-5)
    np.testing.assert_allclose(G_TOTAL, [0.6901, 0.3562, 0.0563, 0.0092, 0.0001, 0.0001], atol=5e-5)


def worst(found, exact):
    return np.abs(np.array([one.index for one in found]) - exact).max()


@pytest.mark.parametrize(
    ("function", "exact", "count", "within"),
    [
        (ishigami, ISHIGAMI_FIRST, 80, 0.13),
        (ishigami, ISHIGAMI_FIRST, 320, 0.06),
        (ishigami, ISHIGAMI_FIRST, 1280, 0.03),
        (g_function, G_FIRST, 1280, 0.04),
    ],
)
def test_worlds_that_were_run_anyway_tell_the_first_indices(function, exact, count, within):
    """In the mean of a few draws the worst of the indices is so far off; with ranks twice as far."""
    regression, ranks = [], []
    for seed in range(4 if count > 1_000 else 8):
        points = nested_uniforms(NAMES[: len(exact)], count, seed)
        regression.append(worst(by_regression(points, function(points)), exact))
        ranks.append(worst(by_ranks(points, function(points)), exact))
    assert np.mean(regression) < within
    assert np.mean(ranks) < 2.5 * within
    assert count < 1280 or max(regression) < 0.05


@pytest.mark.parametrize(
    ("function", "first", "total", "rows"),
    [(ishigami, ISHIGAMI_FIRST, ISHIGAMI_TOTAL, 1024), (g_function, G_FIRST, G_TOTAL, 512)],
)
def test_runs_made_for_it_tell_first_and_total_indices_within_two_hundredths(function, first, total, rows):
    alone, whole = [], []
    for seed in range(10):
        a, b, a_b = saltelli(len(first), rows, seed)
        found = sobol_indices(function(a), function(b), function(a_b))
        alone.append(worst([one.first for one in found], first))
        whole.append(worst([one.total for one in found], total))
    assert np.mean(alone) < 0.02
    assert np.mean(whole) < 0.02


def test_intervals_of_indices_hold_them():
    held = []
    for seed in range(40):
        a, b, a_b = saltelli(3, 128, seed)
        found = sobol_indices(ishigami(a), ishigami(b), ishigami(a_b))
        for one, first, total in zip(found, ISHIGAMI_FIRST, ISHIGAMI_TOTAL, strict=True):
            held += [one.first.low <= first <= one.first.high, one.total.low <= total <= one.total.high]
    assert np.mean(held) > 0.88


def with_luck(seed, same):
    """Jansen's total index of the last of three assumptions, which does nothing, under strong luck."""
    random = np.random.default_rng(seed)
    a, b, a_b = saltelli(4, 64, seed)
    luck = random.normal(0, 4, 64)
    fresh = luck[None] if same else random.normal(0, 4, (4, 64))
    found = sobol_indices(ishigami(a) + luck, ishigami(b) + random.normal(0, 4, 64), ishigami(a_b) + fresh)
    return found[3]


def test_what_does_nothing_is_found_to_do_nothing_with_the_same_luck_in_a_row():
    for seed in range(10):
        found = with_luck(seed, same=True)
        assert found.total.index == pytest.approx(0, abs=1e-20)
        assert found.first.index == pytest.approx(0, abs=1e-12)
        assert not found.first.shown
    assert np.mean([with_luck(seed, same=False).total.index for seed in range(10)]) > 0.4


def noisy(seed):
    points = nested_uniforms(NAMES[:4], 64, seed)
    return points, 2 * points[:, 0] + points[:, 1] + np.random.default_rng(seed).normal(0, 0.4, 64)


def test_chance_is_rarely_taken_for_influence_and_intervals_hold_with_64_worlds():
    variance = 4 / 12 + 1 / 12 + 0.16
    exact = np.array([4 / 12, 1 / 12, 0, 0]) / variance
    regression, ranks, held = [], [], []
    for seed in range(100):
        found = by_regression(*noisy(seed))
        regression.append([one.shown for one in found])
        ranks.append([one.shown for one in by_ranks(*noisy(seed))])
        held.append([one.low <= truth <= one.high for one, truth in zip(found, exact, strict=True)])
    for shown in (regression, ranks):
        assert np.mean(shown, axis=0)[0] > 0.95
        assert np.mean(shown, axis=0)[2:].max() < 0.13
    assert np.mean(regression, axis=0)[1] > 0.5
    assert np.mean(held, axis=0).min() > 0.85


def test_influence_does_not_depend_on_the_unit_of_the_answer_nor_on_where_it_starts():
    points, answers = noisy(3)
    for other in (1e-9 * answers, 1e6 + 3600 * answers, -answers):
        for method in (by_regression, by_ranks, shapley_effects):
            one, two = method(points, answers), method(points, other)
            assert [i.index for i in one] == pytest.approx([i.index for i in two], abs=1e-6)


@pytest.mark.parametrize("method", [by_regression, by_ranks, shapley_effects])
def test_an_answer_that_is_always_the_same_or_unknown_has_no_influence_behind_it(method):
    points = nested_uniforms(NAMES, 64, 1)
    assert not any(one.shown for one in method(points, np.full(64, 0.3)))
    assert not any(one.shown for one in method(points, np.full(64, np.nan)))
    assert not any(one.shown for one in method(points[:2], np.arange(2.0)))
    with pytest.raises(ValueError, match="worlds"):
        method(points, np.zeros(3))
    answers = points[:, 0].copy()
    answers[::7] = np.nan
    assert method(points, answers)[0].index == pytest.approx(1, abs=0.15)


def test_shapley_effects_of_ishigami_and_g():
    points = nested_uniforms(NAMES[:3], 1280, 1)
    assert worst(shapley_effects(points, ishigami(points)), [0.4357, 0.4424, 0.1218]) < 0.03
    points = nested_uniforms(NAMES, 1280, 1)
    exact = [
        sum(
            G_PART[at] * np.prod(G_PART[list(group)]) / (size + 1)
            for size in range(6)
            for group in combinations([other for other in range(6) if other != at], size)
        )
        / G_WHOLE
        for at in range(6)
    ]
    assert worst(shapley_effects(points, g_function(points)), exact) < 0.03


@pytest.mark.parametrize("together", [0.0, 0.5, 0.9])
def test_two_that_follow_a_cause_share_what_both_explain(together):
    """y = z1 with z2 correlated r: effects 1 - r²/2 and r²/2 (Song, Nelson and Staum 2016)."""
    u = latin_hypercube(2, 400, 1)
    points = np.column_stack([u[:, 0], following(u[:, 0], u[:, 1], together)])
    found = shapley_effects(points, ndtri(points[:, 0]))
    half = together**2 / 2
    assert [one.index for one in found] == pytest.approx([1 - half, half], abs=0.06)


def test_with_few_worlds_and_many_assumptions_the_strong_ones_are_found():
    points = nested_uniforms([f"n{number}" for number in range(20)], 64, 2)
    answers = 3 * points[:, 4] + 2 * points[:, 9] + np.random.default_rng(1).normal(0, 0.2, 64)
    found = shapley_effects(points, answers)
    order = np.argsort([one.index for one in found])[::-1]
    assert order[:2].tolist() == [4, 9]
    assert found[4].index == pytest.approx(9 / 12 / (13 / 12 + 0.04), abs=0.1)
    assert [place for place, one in enumerate(found) if one.shown] == [4, 9]


def test_many_assumptions_are_taken_in_some_orders():
    points = nested_uniforms([f"n{number}" for number in range(9)], 320, 2)
    answers = points @ np.arange(9)
    exact = np.arange(9) ** 2 / (np.arange(9) ** 2).sum()
    assert worst(shapley_effects(points, answers), exact) < 0.05


def test_elementary_effects_of_a_line_are_its_slopes_and_of_a_product_spread():
    walks = morris(3, 20, 4)
    line = elementary_effects(walks, walks @ [3.0, -2.0, 0.0])
    assert [one.size for one in line] == pytest.approx([3, 2, 0])
    assert [one.mean for one in line] == pytest.approx([3, -2, 0])
    assert max(one.spread for one in line) < 1e-9
    product = elementary_effects(walks, (walks[..., 0] - 0.5) * (walks[..., 1] - 0.5))
    assert product[0].spread > product[0].size / 2
    assert product[0].low < product[0].size < product[0].high
    assert product[2].size == 0
