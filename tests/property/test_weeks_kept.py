"""Weeks of a target: their levels as stated, each met within a burst, no burst favoured for its size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from tests.support.series_classes import DAY_S, drawn, lognormal, model_of, series_class
from workloads.fitting import restraint as fitting
from workloads.synthetic.target import TargetNumbers
from workloads.synthetic.week_levels import HOURS, Hours, WeekLevels, keep_by_week

EQUAL = ((0.0, 1.0), (1.0, 1.0))
LEVELS = ((0.0, 0.2), (0.5, 1.0), (1.0, 2.0))


@pytest.mark.parametrize("n", [1, 2, 7, 100])
@pytest.mark.parametrize("persistence", [0.0, 0.5, 0.95])
def test_levels_are_even_quantiles_whatever_the_order(n, persistence):
    levels = WeekLevels(LEVELS, persistence).draw(np.random.default_rng(1), n)
    fractions, values = np.array(LEVELS).T
    assert np.sort(levels) == pytest.approx(np.interp((np.arange(n) + 0.5) / n, fractions, values))


@pytest.mark.parametrize("persistence", [0.0, 0.3, 0.6, 0.9])
def test_one_week_is_like_the_next_as_stated(persistence):
    levels = WeekLevels(LEVELS, persistence).draw(np.random.default_rng(2), 8000)
    assert spearmanr(levels[1:], levels[:-1]).statistic == pytest.approx(persistence, abs=0.05)


def bursts(seed: int, n_weeks: int, per_hour: float = 5.0, heavy: float = 1.0):
    """Return hours, amounts and marks of bursts of very different sizes."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(per_hour * n_weeks * HOURS)
    hour = rng.integers(0, n_weeks * HOURS, n)
    return hour, np.exp(rng.normal(0, heavy, n)), rng.random(n)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    shares=st.lists(st.floats(0.0, 0.6), min_size=1, max_size=8),
    heavy=st.floats(0.0, 1.5),
)
def test_each_week_reaches_its_goal_within_a_burst(seed, shares, heavy):
    hour, amounts, marks = bursts(seed, len(shares), heavy=heavy)
    goals = np.array(shares) * amounts.sum() / len(shares)
    hours = Hours.of(hour, amounts, marks, np.ones(len(shares) * HOURS))
    kept = keep_by_week(hours, goals, 0.0)
    assert len(np.unique(kept)) == len(kept)
    reached = np.cumsum(np.bincount(hour[kept] // HOURS, amounts[kept], len(shares)))
    largest = amounts.max()
    # No week takes more than one burst beyond what all up to it were to have, nor stays below it.
    assert (reached >= np.cumsum(goals) - 1e-6).all()
    assert (reached <= np.maximum.accumulate(np.cumsum(goals)) + 1.01 * largest).all()


def test_kept_bursts_of_a_week_are_those_with_the_smallest_marks():
    hour, amounts, marks = bursts(3, 4)
    hours = Hours.of(hour, amounts, marks, np.ones(4 * HOURS))
    kept = np.zeros(len(hour), np.bool_)
    kept[keep_by_week(hours, np.full(4, amounts.sum() / 10), 0.0)] = True
    for week in range(4):
        mine = hour // HOURS == week
        assert marks[mine & kept].max() < marks[mine & ~kept].min()


def test_bursts_outside_all_hours_are_never_kept_by_week():
    hour, amounts, marks = bursts(3, 2)
    hour[::3] = -1
    kept = keep_by_week(Hours.of(hour, amounts, marks, np.ones(2 * HOURS)), np.array([100.0, 100.0]), 0.0)
    assert hour[kept].min() >= 0


@pytest.mark.parametrize("restraint", [0.0, 0.3])
def test_large_bursts_are_as_likely_to_be_kept_as_small_ones(restraint):
    """The mean amount of the bursts kept is that of the candidates, within its sampling error."""
    means = []
    for seed in range(40):
        hour, amounts, marks = bursts(seed, 10, per_hour=1.0, heavy=1.5)
        hours = Hours.of(hour, amounts, marks, np.full(10 * HOURS, 3.0))
        kept = keep_by_week(hours, np.full(10, amounts.sum() / 20), restraint)
        means.append(amounts[kept].mean() / amounts.mean() - 1)
    assert np.mean(means) == pytest.approx(0, abs=4 * np.std(means) / np.sqrt(len(means)))
    assert abs(np.mean(means)) < 0.05


def test_a_week_whose_goal_is_overdrawn_submits_nothing():
    hours = Hours.of(
        np.array([0, HOURS, 2 * HOURS]), np.array([10.0, 1.0, 1.0]), np.array([0.1] * 3), np.ones(3 * HOURS)
    )
    assert keep_by_week(hours, np.array([1.0, 1.0, 12.0]), 0.0).tolist() == [0, 2]


def test_what_is_queued_is_counted_hour_by_hour():
    """3 units in the first hour, 1 done each hour: 2 queued after it, 1 after the next, and then 5 more."""
    hours = Hours.of(np.array([0, 0, 2]), np.array([2.0, 1.0, 5.0]), np.array([0.1, 0.2, 0.3]), np.ones(3))
    submitted, queued, counts = hours.pass_over(range(3), 1.0, 0.0, 0.0)
    assert (submitted, queued, counts) == (8.0, 5.0, [2, 0, 1])
    assert hours.pass_over(range(3), 0.15, 0.0, 0.0) == (2.0, 0.0, [1, 0, 0])
    # With 96 hours queued, half a day's restraint four times over: the threshold falls to a sixteenth.
    assert hours.pass_over(range(1), 1.7, 96.0, 0.5)[2] == [1]
    assert hours.pass_over(range(1), 1.5, 96.0, 0.5)[2] == [0]
    assert hours.pass_over(range(1), 3.3, 96.0, 0.5)[2] == [2]


def weekly(restraint: float = 0.0, **target):
    weeks = WeekLevels(LEVELS, 0.4, restraint)
    fields = {"offered_load_frac": 0.8, "slots": 64, "weeks": weeks, **target}
    return model_of(series_class(run_s=lognormal(3000.0, 1.2)), target=TargetNumbers(**fields))


def work(table):
    return table.numbers("slots").astype(np.int64) * table.numbers("run_s")


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("restraint", [0.0, 0.4])
def test_the_whole_is_exact_and_the_weeks_are_as_stated(seed, restraint):
    table = drawn(weekly(restraint), 140, seed)
    amounts = work(table)
    missing = 0.8 * 64 * 140 * DAY_S - amounts.sum()
    assert 0 <= missing < amounts.max()
    by_week = np.bincount(table.numbers("submit_s") // (7 * DAY_S), amounts, 20)
    wanted = np.interp((np.arange(20) + 0.5) / 20, *np.array(LEVELS).T)
    wanted *= amounts.sum() / wanted.sum()
    # A series may reach into the next week: that is all that the order of weeks may move.
    assert np.sort(by_week) == pytest.approx(wanted, abs=0.12 * amounts.sum() / 20)


def test_jobs_can_be_counted_by_week_too():
    table = drawn(weekly(offered_load_frac=None, jobs_per_slot_day=5.0), 70)
    by_week = np.bincount(table.numbers("submit_s") // (7 * DAY_S), minlength=10)
    assert 0 <= 5 * 64 * 70 - len(table) < 40
    wanted = np.interp((np.arange(10) + 0.5) / 10, *np.array(LEVELS).T)
    assert np.sort(by_week) == pytest.approx(wanted * len(table) / wanted.sum(), rel=0.1)


def test_weeks_leave_sizes_and_run_times_alone():
    """Thinned by weeks or not, jobs are as large and as long: the target chooses when, not what."""
    plain = drawn(weekly(weeks=None), 600)
    weeks = drawn(weekly(0.3), 600)
    for column in ("slots", "run_s"):
        here, there = np.log(plain.numbers(column)), np.log(weeks.numbers(column))
        error = np.hypot(here.std(), there.std()) / np.sqrt(len(plain) / 8)  # jobs of a series are alike
        assert here.mean() == pytest.approx(there.mean(), abs=4 * error)
    assert len(weeks) == pytest.approx(len(plain), rel=0.1)


def mean_queued_h(table, slots):
    """Return how long the machine would need for the work that is queued, on average over the hours [h]."""
    hours = np.bincount(table.numbers("submit_s") // 3600, work(table)) / slots / 3600
    queued, total = 0.0, 0.0
    for brought in hours:
        queued = max(queued + brought - 1, 0.0)
        total += queued
    return total / len(hours)


def test_people_who_hold_back_wait_less():
    queued = []
    for restraint in (0.0, 0.2, 0.5):
        tables = [drawn(weekly(weeks=WeekLevels(EQUAL, 0.0, restraint)), 140, seed) for seed in (1, 2, 3)]
        queued.append(np.mean([mean_queued_h(table, 64) for table in tables]))
    assert queued[0] > 1.05 * queued[1] > 1.1 * queued[2]


@pytest.mark.parametrize("days", [1, 7, 10])
def test_a_horizon_of_quiet_weeks_only_is_like_any_other(days):
    quiet = WeekLevels(((0.0, 0.0), (0.6, 0.0), (1.0, 5.0)))
    table = drawn(weekly(weeks=quiet), days)
    assert 0 <= 0.8 * 64 * days * DAY_S - work(table).sum() < work(table).max()


def test_weeks_of_level_0_are_empty():
    levels = WeekLevels(((0.0, 0.0), (0.5, 0.0), (0.5, 2.0), (1.0, 2.0)))
    table = drawn(weekly(weeks=levels), 70)
    by_week = np.bincount(table.numbers("submit_s") // (7 * DAY_S), work(table), 10)
    assert (by_week < 0.02 * by_week.sum()).sum() == 5


def test_restraint_is_found_between_the_candidates(monkeypatch):
    """What is asked for beyond the machine falls from 30 % to 20 % at 15 % and to 10 % at 30 % restraint."""
    beyond = dict(zip(fitting.CANDIDATES, (0.3, 0.2, 0.1, 0.08, 0.06), strict=True))
    model = weekly(weeks=WeekLevels(EQUAL))
    target = model.target
    assert target is not None

    def excess(tried, slots):
        assert slots == 64
        return beyond[tried.target.weeks.restraint_frac]

    monkeypatch.setattr(fitting, "_excess_frac", excess)
    found = {real: fitting.fit_restraint(model, target, real) for real in (0.5, 0.3, 0.25, 0.2, 0.1, 0.05)}
    assert found == {0.5: 0.0, 0.3: 0.0, 0.25: 0.07, 0.2: 0.15, 0.1: 0.3, 0.05: 0.6}


def test_an_empty_draw_asks_for_nothing(monkeypatch):
    monkeypatch.setattr(fitting, "REPLICATIONS", 2)
    monkeypatch.setattr(fitting, "SPAN_DAYS", 1)
    assert fitting._excess_frac(weekly(offered_load_frac=1e-7, weeks=WeekLevels(EQUAL)), 64) == 0.0
