"""Least regret on forty real worlds of the Gwangju plan: what was measured with other code is found again.

164 runs of half a year, three to six sizes a world. Sizes are chosen on twenty worlds and judged on the other
twenty.
"""

import csv

import numpy as np
import pytest

from capacity.facility.uncertainty import from_range
from capacity.statistics.designs import nested_uniforms
from capacity.statistics.influence.given import by_regression
from capacity.statistics.regret.knowledge import of_each, of_everything
from capacity.statistics.regret.smooth import chosen_size, fitted_lateness, fitted_need
from tests.data import need_data
from tests.support.needs import needed_sizes, newsvendor, too_much_or_too_little

ASSUMPTIONS = {
    "demand": from_range(0.65, None, 1.5, lower=0.0),
    "training_run_factor": from_range(0.75, None, 1.4, lower=0.0),
    "uneven_weeks_factor": from_range(0.6, None, 1.7, lower=0.0),
    "failures_per_1000_node_days": from_range(2.0, None, 6.5, lower=0.0),
    "repair_factor": from_range(0.8, None, 5.0, lower=0.0),
    "requested_longest": from_range(0.15, None, 0.6, lower=0.0),
}
SIZES = np.arange(260.0, 921.0, 10.0)
NODE_QUARTER = 77e6 / 4
"""Of one node [KRW]."""
SPLITS = 120


@pytest.fixture(scope="module")
def runs():
    path = need_data("futures/gwangju_worlds.csv")
    with path.open(encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def by_world(runs, name):
    """One row per world, one column per size, NaN where it was not run."""
    sizes = sorted({run["nodes"] for run in runs})
    found = np.full((40, len(sizes)), np.nan)
    for run in runs:
        found[int(run["world"]), sizes.index(run["nodes"])] = run[name]
    return sizes, found


@pytest.fixture(scope="module")
def worlds(runs):
    """Logarithms of the assumptions, what each world needs, and lateness by size."""
    firsts = {int(run["world"]): run for run in reversed(runs)}
    inputs = np.log([[firsts[world][name] for name in ASSUMPTIONS] for world in range(40)])
    sizes, waits = by_world(runs, "p95_wait_8gpu_2022_12_h")
    return inputs, needed_sizes(sizes, waits, 12.0, plus=1 / 60), by_world(runs, "wait_beyond_12h_q4_slot_h")


def fresh_worlds(need, count, seed):
    points = nested_uniforms([*ASSUMPTIONS, "luck"], count, seed)
    columns = [law.quantile(points[:, at]) for at, law in enumerate(ASSUMPTIONS.values())]
    return need.sizes(np.log(np.stack(columns, axis=1)), points[:, -1]), points


def test_demand_decides_and_training_time_follows(worlds):
    """ln n* = 6.16 + 0.93 ln demand + 0.50 ln training, luck 10 %; n* 289, 440, 700."""
    inputs, needed, _ = worlds
    need, filled = fitted_need(inputs, needed)
    assert need.columns[:2] == (0, 1)
    assert need.slopes[:2] == pytest.approx([0.93, 0.50], abs=0.04)
    assert need.start == pytest.approx(6.16, abs=0.06)
    assert need.luck == pytest.approx(0.10, abs=0.02)
    assert np.quantile(np.exp(filled), [0.1, 0.5, 0.9]) == pytest.approx([289, 440, 700], rel=0.04)


def test_the_influence_on_use_and_waits_at_440_nodes(runs):
    """Use: 0.78 demand, 0.18 training time, all others at most 0.08; ln p95: 0.75, 0.17."""
    here = [run for run in runs if run["nodes"] == 440]
    points = np.array([
        [law.part_below(run[name]) for name, law in ASSUMPTIONS.items()] for run in here
    ])  # fmt: skip
    for answer, expected in (
        ([run["gpu_use_2022_12"] for run in here], (0.78, 0.18)),
        ([np.log(run["p95_wait_8gpu_2022_12_h"] + 1 / 60) for run in here], (0.75, 0.17)),
    ):
        found = [one.index for one in by_regression(points, np.array(answer))]
        assert found[:2] == pytest.approx(expected, abs=0.12)
        assert max(found[2:]) < 0.1


def regret(costs, size):
    """Mean regret of a size over worlds, between the two nearest."""
    return float(np.interp(size, SIZES, (costs - costs.min(axis=0)).mean(axis=1)))


@pytest.fixture(scope="module")
def splits(worlds):
    """What the judging worlds need, and fresh ones like the choosing ones."""
    inputs, needed, _ = worlds
    filled, random = fitted_need(inputs, needed)[1], np.random.default_rng(7)
    found = []
    for split in range(SPLITS):
        order = random.permutation(40)
        need, _ = fitted_need(inputs[order[:20]], needed[order[:20]])
        found.append((np.exp(filled[order[20:]]), fresh_worlds(need, 512, split)[0]))
    return found


@pytest.mark.parametrize(
    ("price", "of_mean", "of_p90", "of_best"),
    [
        (0.5, 0.79, 0.34, 1.02),
        (1.0, 0.96, 0.53, 1.03),
        (2.45, 0.93, 0.80, 1.03),
        (3.0, 0.88, 0.86, 1.03),
        (4.0, 0.80, 0.93, 1.04),
        (9.0, 0.53, 1.00, 1.05),
    ],
)
def test_the_smoothed_choice_regrets_as_little_as_was_measured(
    worlds, splits, price, of_mean, of_p90, of_best
):
    """Beside the size for mean inputs, that for nine worlds of ten, and the best in hindsight."""
    mean_inputs = np.log([[law.mean() for law in ASSUMPTIONS.values()]])
    need, _ = fitted_need(*worlds[:2])
    for_mean, for_most = (
        float(np.exp(need.line(mean_inputs))[0]),
        newsvendor(fresh_worlds(need, 512, 1)[0], 0.9),
    )
    found = []
    for judged_on, fresh in splits:
        costs = too_much_or_too_little(SIZES, fresh, price * NODE_QUARTER, NODE_QUARTER)
        smooth = chosen_size(SIZES, costs, simulated=(260, 920), beyond=np.zeros(len(SIZES)))
        truth = too_much_or_too_little(SIZES, judged_on, price * NODE_QUARTER, NODE_QUARTER)
        sizes = (smooth.size, for_mean, for_most)
        best = (truth - truth.min(axis=0)).mean(axis=1).min()
        found.append([*(regret(truth, size) for size in sizes), best])
    smooth, mean, p90, best = np.mean(found, axis=0)
    assert smooth / best == pytest.approx(of_best, abs=0.035)
    assert smooth / mean == pytest.approx(of_mean, abs=0.06)
    assert smooth / p90 == pytest.approx(of_p90, abs=0.08)
    assert smooth <= 1.05 * min(mean, p90)
    assert smooth <= 0.9 * max(mean, p90) + 0.02 * best


@pytest.mark.parametrize(("price", "of_best"), [(30, 1.18), (100, 1.10), (300, 1.14)])
def test_where_waiting_itself_is_priced_the_smoothed_choice_is_near_the_best(worlds, price, of_best):
    """Raw means of twenty worlds came to 1.04 … 1.39."""
    inputs, needed, (sizes, lateness) = worlds
    random, found = np.random.default_rng(7), []
    judged = np.stack([between(sizes, row) for row in lateness], axis=1)
    for split in range(40):
        order = random.permutation(40)
        mine = inputs[order[:20]], needed[order[:20]], (sizes, lateness[order[:20]])
        asked, costs, _ = surrogate(mine, price, 512, split)
        truth = NODE_QUARTER * SIZES[:, None] + price * judged[:, order[20:]]
        size = chosen_size(asked, costs, simulated=(260, 920), beyond=np.zeros(len(asked))).size
        found.append([regret(truth, size), (truth - truth.min(axis=0)).mean(axis=1).min()])
    smooth, best = np.mean(found, axis=0)
    assert smooth / best < of_best + 0.05


def between(sizes, lateness):
    """Lateness of one world at every size, between runs and below the smallest by lines in logarithms."""
    run = ~np.isnan(lateness)
    place, late = np.log(np.array(sizes)[run]), np.log1p(lateness[run])
    below = late[0] + (late[1] - late[0]) / (place[1] - place[0]) * (np.log(SIZES) - place[0])
    found = np.where(np.log(SIZES) < place[0], below, np.interp(np.log(SIZES), place, late))
    return np.expm1(found)


def surrogate(worlds, won_per_slot_hour, count, seed=1):
    """Sizes, their costs in fresh worlds by the line and the curve of some worlds, and the fresh points."""
    inputs, needed, (sizes, lateness) = worlds
    need, filled = fitted_need(inputs, needed)
    run = ~np.isnan(lateness)
    size = np.broadcast_to(sizes, run.shape)[run]
    own = np.broadcast_to(np.exp(filled)[:, None], run.shape)[run]
    curve = fitted_lateness(size, own, lateness[run])
    fresh, points = fresh_worlds(need, count, seed)
    asked = SIZES[curve.beyond(SIZES, fresh) <= 0.05]
    return asked, NODE_QUARTER * asked[:, None] + won_per_slot_hour * curve.costs(asked, fresh), points


@pytest.mark.parametrize(
    ("price", "everything", "demand", "training"),
    [(100, 3.9, 2.9, 0.4), (300, 5.7, 4.1, 0.6)],
)
def test_knowing_demand_first_is_worth_about_three_billion_won_a_quarter(
    worlds, price, everything, demand, training
):
    _, costs, points = surrogate(worlds, price, 4_096)
    assert of_everything(costs) / 1e9 == pytest.approx(everything, rel=0.15)
    found = [one.value / 1e9 for one in of_each(costs, points)]
    assert found[0] == pytest.approx(demand, rel=0.2)
    assert found[1] == pytest.approx(training, abs=0.25)
    assert max(found[2:6]) < 0.1


def test_where_waiting_is_cheap_the_sizes_asked_are_those_simulated_and_not_smaller(worlds):
    """30 won a slot-hour: the best size of small worlds was never run, so knowing is worth less."""
    _, costs, points = surrogate(worlds, 30, 1_024)
    assert 1.0 < of_everything(costs) / 1e9 <= 2.2
    assert of_each(costs, points)[0].value / 1e9 <= 1.6


def test_few_smoothed_worlds_do_not_make_knowledge_of_nothing(worlds):
    """Raw worlds and all sizes once gave 20 billion for requests, where everything is worth 4."""
    _, costs, points = surrogate(worlds, 100, 64)
    found = [one.value for one in of_each(costs, points)]
    assert found[0] > 1e9
    assert max(found[2:6]) < 0.3e9
    assert max(found) <= of_everything(costs)
