"""Least regret, what knowing more is worth, and later orders: against closed forms of normal needs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from capacity.statistics.designs import latin_hypercube, nested_uniforms
from capacity.statistics.regret.costs import (
    bought_for,
    least_mean,
    least_worst,
    regrets,
    share_met,
    tail_mean,
)
from capacity.statistics.regret.knowledge import of_each, of_everything
from capacity.statistics.regret.smooth import (
    chosen_size,
    fitted_lateness,
    fitted_need,
)
from capacity.statistics.regret.stages import phased
from tests.support.needs import needed_sizes, newsvendor, too_much_or_too_little

COSTS = st.integers(1, 6).flatmap(
    lambda options: st.lists(
        st.lists(st.integers(-50, 50), min_size=options, max_size=options), min_size=1, max_size=12
    )
)
SIZES = np.arange(200.0, 801.0, 10.0)


@given(COSTS)
def test_least_regret_is_least_cost_and_the_tail_lies_between_mean_and_worst(rows):
    costs = np.array(rows, float).T
    found = regrets(costs)
    assert found[least_mean(costs)].mean == pytest.approx(min(one.mean for one in found))
    assert found[least_worst(costs)].worst == min(one.worst for one in found)
    for one in found:
        assert 0 <= one.mean <= one.worst_tenth + 1e-9 <= one.worst + 2e-9
        assert len(one.worst_worlds) <= 5
    assert of_everything(costs) == pytest.approx(min(one.mean for one in found), abs=1e-9)
    assert min(costs.min(axis=0)) <= costs.mean(axis=1).min()


def test_a_cost_that_is_not_known_is_refused():
    for costs in (np.array([[1.0, math.nan]]), np.empty((0, 3)), np.array([[1.0, math.inf]])):
        for ask in (regrets, of_everything):
            with pytest.raises(ValueError, match="every world"):
                ask(costs)
    with pytest.raises(ValueError, match="worlds"):
        of_each(np.ones((2, 3)), np.ones((4, 1)))


def test_the_worst_tenth_of_ten_worlds_is_the_worst_and_of_15_counts_half_of_the_next():
    values = np.arange(15.0)
    assert tail_mean(values[:10], 0.1) == 9
    assert tail_mean(values, 0.1) == pytest.approx((14 + 0.5 * 13) / 1.5)
    assert tail_mean(values, 1.0) == values.mean()


@given(st.integers(0, 2**31), st.floats(0.1, 20))
def test_with_prices_by_the_unit_the_quantile_one_buys_for_is_the_least_regret(seed, ratio):
    """Of all sizes that any world needs."""
    needed = np.random.default_rng(seed).lognormal(6, 0.3, 40)
    costs = too_much_or_too_little(np.sort(needed), needed, ratio, 1.0)
    size = newsvendor(needed, bought_for(ratio, 1.0))
    mine = too_much_or_too_little([size], needed, ratio, 1.0).mean()
    assert mine == pytest.approx(costs.mean(axis=1).min(), rel=1e-9)


def test_prices_that_are_none_are_refused():
    assert bought_for(0.0, 1.0) == 0
    for too_little, too_much in ((0.0, 0.0), (-1.0, 2.0), (math.nan, 1.0)):
        with pytest.raises(ValueError, match="prices"):
            bought_for(too_little, too_much)
    assert newsvendor([1.0, math.inf], 0.9) == math.inf


@given(st.integers(0, 80), st.integers(1, 80), st.floats(0.5, 0.99))
def test_the_share_of_worlds_has_the_bounds_of_clopper_and_pearson(hits, worlds, confidence):
    hits = min(hits, worlds)
    found = share_met(np.arange(worlds) < hits, confidence=confidence)
    exact = stats.binomtest(hits, worlds).proportion_ci(confidence, method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert found.value == hits / worlds
    assert share_met(np.zeros(0, bool)).covers == "none"


def normal_needs(worlds, seed, spread_seen=80.0, spread_other=60.0):
    """Return what worlds need, by two assumptions and one that does nothing, and their uniform numbers."""
    points = nested_uniforms(["seen", "other", "nothing"], worlds, seed)
    return 500 + ndtri(points[:, :2]) @ [spread_seen, spread_other], points


@pytest.mark.parametrize(("worlds", "within"), [(128, 0.35), (1024, 0.13), (8192, 0.06)])
def test_what_knowing_is_worth_of_normal_needs_is_the_closed_form(worlds, within):
    """Mean regret is (c_o + c_u) sigma phi(z_q): knowing one assumption leaves the sigma of the other."""
    under, over = 3.0, 1.0
    price = (under + over) * stats.norm.pdf(ndtri(bought_for(under, over)))
    everything, seen, other = price * 100, price * (100 - 60), price * (100 - 80)
    found = []
    for seed in range(8 if worlds < 1_000 else 3):
        needed, points = normal_needs(worlds, seed)
        costs = too_much_or_too_little(SIZES, needed, under, over) + 2_000
        knowledge = of_each(costs, points)
        found.append([of_everything(costs), *(one.value for one in knowledge)])
        assert max(one.value for one in knowledge) <= of_everything(costs)
    mean = np.mean(found, axis=0)
    assert mean[:3] == pytest.approx([everything, seen, other], rel=within)
    assert mean[3] < 0.02 * everything
    assert np.median(np.array(found)[:, 3]) == 0


def test_an_absurd_option_does_not_make_knowledge_worth_more():
    """The trap of raw costs: a size so small that the worst world costs hundreds of times the others."""
    needed, points = normal_needs(40, 3)
    costs = too_much_or_too_little(SIZES, needed, 3.0, 1.0) + 2_000
    absurd = np.where(needed > 600, 1e6, 1_000.0)
    with_it = of_each(np.vstack([costs, absurd]), points)
    assert [one.value for one in with_it] == [one.value for one in of_each(costs, points)]


def test_where_nothing_can_change_the_decision_nothing_is_worth_knowing():
    _, points = normal_needs(64, 1)
    costs = np.vstack([np.full(64, 1.0), np.full(64, 2.0)]) + points[:, 0]
    assert [one.value for one in of_each(costs, points)] == [0, 0, 0]


def two_stages(seed, worlds=64, error=0.1, dearer=1.1, late=30.0):
    """A need of which a signal tells a part; the second order is dearer and late."""
    points = nested_uniforms(["need", "error"], worlds, seed)
    needed = 500 * np.exp(0.35 * ndtri(points[:, 0]))
    signal = needed / 500 * np.exp(error * ndtri(points[:, 1]))
    sizes = np.arange(300.0, 901.0, 100.0)
    costs = np.full((len(sizes), len(sizes), worlds), np.nan)
    for one, first in enumerate(sizes):
        for two, second in enumerate(sizes[one:], start=one):
            short = (
                4 * np.maximum(0, needed - second)
                + np.maximum(0, np.minimum(needed, second) - first) * late / 90
            )
            costs[one, two] = first + dearer * (second - first) + short
    return costs, signal, sizes


def regret_of(costs, mean):
    """Of a plan of this mean cost, above the best path of each world."""
    return mean - np.nanmin(costs.reshape(-1, costs.shape[2]), axis=0).mean()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_phased_plan_pays_and_says_from_which_load_on_to_order_more(seed):
    costs, signal, sizes = two_stages(seed)
    found = phased(costs, signal)
    assert found.gain > found.zero
    assert found.cost < found.single_cost
    assert regret_of(costs, found.cost) <= 0.9 * regret_of(costs, found.single_cost)
    assert len(found.second) == len(found.thresholds) + 1 >= 2
    assert list(found.second) == sorted(found.second)
    assert list(found.thresholds) == sorted(found.thresholds)
    assert found.first <= found.second[0]
    assert sizes[found.first] < sizes[found.single[1]]


def test_a_rule_holds_in_worlds_that_were_not_used_for_it():
    costs, signal, _ = two_stages(1)
    found = phased(costs, signal)
    fresh, other, _ = two_stages(99, worlds=512)
    taken = np.asarray(found.second)[np.searchsorted(found.thresholds, other, side="right")]
    paid = fresh[found.first, taken, np.arange(512)].mean()
    assert regret_of(fresh, paid) <= 0.95 * regret_of(fresh, fresh[found.single].mean())


def test_a_signal_that_says_nothing_gives_the_single_plan_back():
    """Shuffled over worlds: in one case of twenty it seems to help."""
    costs, signal, _ = two_stages(1)
    random = np.random.default_rng(4)
    found = [phased(costs, random.permutation(signal)) for _ in range(12)]
    alone = [one for one in found if not one.thresholds]
    assert len(alone) >= 10
    for one in alone:
        assert (one.first, one.second[0]) == one.single
        assert one.cost == one.single_cost


def test_paths_that_are_half_known_and_unknown_signals_are_refused():
    costs, signal, _ = two_stages(1, worlds=16)
    with pytest.raises(ValueError, match="signal"):
        phased(costs, np.where(np.arange(16) == 3, np.nan, signal))
    with pytest.raises(ValueError, match="signal"):
        phased(costs, signal[:5])
    costs[2, 3, 4] = np.nan
    with pytest.raises(ValueError, match="every world or in none"):
        phased(costs, signal)
    with pytest.raises(ValueError, match="every world or in none"):
        phased(np.full((2, 2, 16), np.nan), signal)


def test_what_a_world_needs_is_found_between_two_sizes_or_beyond_an_end():
    answers = np.array([[100.0, 10.0, 1.0], [1.0, 0.0, 0.0], [90.0, 80.0, 70.0], [np.nan, 40.0, np.nan]])
    found = np.exp(needed_sizes([100, 200, 400], answers, math.sqrt(10)))
    assert found[0] == pytest.approx([200 * math.sqrt(2)] * 2)
    assert found[1].tolist() == pytest.approx([0, 100])
    assert found[2].tolist() == pytest.approx([400, math.inf])
    assert found[3].tolist() == pytest.approx([200, math.inf])
    with pytest.raises(ValueError, match="no size"):
        needed_sizes([100], np.array([[np.nan]]), 1.0)


@pytest.mark.parametrize("limits", [(-math.inf, math.inf), (5.9, 6.4)])
def test_the_line_of_what_worlds_need_is_found_though_some_lie_beyond_the_ends(limits):
    inputs = ndtri(latin_hypercube(5, 64, 2))
    truth = 6.1 + 0.25 * inputs[:, 1] + 0.12 * inputs[:, 3] + np.random.default_rng(1).normal(0, 0.08, 64)
    needed = np.stack([
        np.where(truth < limits[0], -math.inf, np.where(truth > limits[1], limits[1], truth)),
        np.where(truth > limits[1], math.inf, np.where(truth < limits[0], limits[0], truth)),
    ], axis=1)  # fmt: skip
    need, filled = fitted_need(inputs, needed)
    assert need.columns[:2] == (1, 3)
    assert max(map(abs, need.slopes[2:]), default=0) < 0.05
    assert [need.start, *need.slopes[:2], need.luck] == pytest.approx([6.1, 0.25, 0.12, 0.08], abs=0.025)
    assert np.abs(filled - truth).max() < 0.3
    drawn = need.sizes(np.zeros((4_000, 5)), (np.arange(4_000) + 0.5) / 4_000)
    assert np.log(drawn).mean() == pytest.approx(need.start)
    assert np.log(drawn).std() == pytest.approx(need.luck, rel=0.01)


def test_lateness_is_a_falling_curve_whose_mean_is_that_of_the_runs():
    random = np.random.default_rng(1)
    needed = random.lognormal(6, 0.3, 200)
    sizes = random.choice([260.0, 340, 440, 560], 200)
    lateness = needed * np.maximum(0, 1 - sizes / needed) ** 2 * random.lognormal(0, 0.5, 200)
    curve = fitted_lateness(sizes, needed, lateness)
    assert (np.diff(curve.values) <= 1e-12).all()
    assert (np.diff(curve.places) >= 0).all()
    mine = np.array([curve.costs(sizes[[at]], needed[[at]])[0, 0] for at in range(200)])
    assert (mine / needed).mean() == pytest.approx((lateness / needed).mean(), rel=0.05)
    assert curve.beyond(np.array([50.0, 900.0]), needed).tolist() == [1.0, 0.0]


def test_no_size_is_chosen_beyond_what_was_simulated_and_an_edge_is_said():
    costs = np.abs(SIZES - 330)[:, None] * np.ones(3)
    nothing = np.zeros(len(SIZES))
    inside = chosen_size(SIZES, costs, simulated=(260, 560), beyond=nothing)
    assert (inside.size, inside.edge) == (330, "")
    above = chosen_size(SIZES, costs, simulated=(440, 560), beyond=nothing)
    assert (above.size, above.edge) == (440, "low")
    below = chosen_size(SIZES, costs, simulated=(200, 300), beyond=nothing)
    assert (below.size, below.edge) == (300, "high")
    far = chosen_size(SIZES, costs, simulated=(200, 800), beyond=np.where(SIZES < 500, 0.2, 0.0))
    assert (far.size, far.edge) == (500, "low")
    with pytest.raises(ValueError, match="simulate"):
        chosen_size(SIZES, costs, simulated=(201, 209), beyond=nothing)
