"""Forecasts of logs: made of nothing that comes later, right for a log that stays as it is."""

from dataclasses import replace

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.study.backtest.coverage import coverage_of
from capacity.study.backtest.forecast import FORECAST, USE, WAIT_OFFSET_S, WAITS, Forecast, run_window
from capacity.study.backtest.origins import backtest, origins_of
from tests.support.logs_to_fit import random_log
from workloads.fitting.level import QUARTER_WEEKS, WEEK_S
from workloads.fitting.weeks_ahead import LogJobs

SLOTS = 64
FEW = 24


def log(weeks=40, each=100, seed=1):
    return random_log(weeks * each, seed, days=7.0 * weeks).clean(max_slots=SLOTS)


def found(table, horizon_weeks=4, slots=SLOTS, **asked):
    return backtest(table, slots, horizon_s=horizon_weeks * WEEK_S, count=FEW, **asked)


@pytest.mark.parametrize(("weeks", "horizon", "expected"), [
    (47, 13, [13, 26]), (52, 13, [13, 26, 39]), (15, 4, [7, 11]), (21, 13, []), (26, 13, [13]), (0, 4, []),
])  # fmt: skip
def test_windows_follow_one_another_and_lie_in_the_log(weeks, horizon, expected):
    assert [at // WEEK_S for at in origins_of(weeks * WEEK_S, horizon * WEEK_S)] == expected


def test_a_log_that_stays_as_it_is_is_forecast():
    forecasts = [one for seed in range(3) for at in found(log(seed=seed)) for one in at.forecasts]
    use, *waits = coverage_of(forecasts)
    assert use.count == 18
    assert use.inside / use.count >= 0.7
    assert use.error < 0.02
    assert all(one.inside / one.count >= 0.7 for one in waits)


def test_nothing_that_comes_later_is_known():
    """Whatever is submitted from an instant on, the forecast made then is the same."""
    table = log()
    now = int(table.numbers("submit_s")[0]) + QUARTER_WEEKS * WEEK_S
    later = table.numbers("submit_s") >= now
    run_s = np.where(later, 1 + table.numbers("run_s") // 9, table.numbers("run_s"))
    changed = replace(table, frame=table.frame.assign(run_s=run_s))
    first, other = (found(one)[0] for one in (table, changed))
    assert (first.level, first.holding) == (other.level, other.holding)
    for one, same in zip(first.forecasts, other.forecasts, strict=True):
        assert (one.found, one.low, one.high, one.last) == (same.found, same.low, same.high, same.last)
    assert first.forecasts[0].came != other.forecasts[0].came


def test_the_window_before_is_what_came_then():
    before, after = found(log(), 13)[:2]
    for one, next_one in zip(before.forecasts, after.forecasts, strict=True):
        assert next_one.last == one.came


def test_the_seed_decides():
    table = log()
    assert found(table, seed=3) == found(table, seed=3)
    assert found(table, seed=3)[0].forecasts[0].found != found(table, seed=4)[0].forecasts[0].found


def test_intervals_are_in_order_and_possible():
    for at in found(log(each=300)):
        assert [one.metric for one in at.forecasts] == [*FORECAST]
        for one in at.forecasts:
            assert 0 <= one.low <= one.found <= one.high
            assert one.high <= (1.0 if one.metric == USE else np.inf)


def starts_only(weeks=40):
    """Each job takes the whole machine, and is submitted when the one before has ended: nobody waits."""
    rng = np.random.default_rng(1)
    run_s = rng.integers(1_800, 40_000, 60 * weeks)
    after_s = np.cumsum(run_s + rng.exponential(300, len(run_s)).astype(np.int64))
    submit_s = np.append(0, after_s[:-1])
    keep = submit_s < weeks * WEEK_S
    size = int(keep.sum())
    return random_log(
        size, 1, submit_s=submit_s[keep], run_s=run_s[keep], requested_s=run_s[keep],
        slots=np.full(size, SLOTS),
    ).clean(max_slots=SLOTS)  # fmt: skip


def test_no_hours_of_wait_are_made_of_none_where_people_wait_before_they_submit():
    for at in found(starts_only()):
        assert at.holding.hold_frac == pytest.approx(1.0)
        by_metric = {one.metric: one for one in at.forecasts}
        late = by_metric[WAITS[-1]]
        assert late.came == late.last == 0
        assert late.found == late.high == 0
        assert late.hidden > 600


def test_an_empty_window_has_no_wait():
    none = np.zeros(0, np.int64)
    empty = run_window(LogJobs(none, none, none, none), SLOTS, WEEK_S)
    assert empty.figures[0] == 0
    assert np.isnan(empty.figures[1:]).all()


def test_work_beyond_the_window_is_not_its_use():
    jobs = LogJobs(*(np.array([value]) for value in (WEEK_S - 100, 1_000, 1_000, SLOTS)))
    assert run_window(jobs, SLOTS, WEEK_S).figures[0] == pytest.approx(100 / WEEK_S)


def test_a_pause_of_a_quarter_is_left_out_and_not_scored():
    table = log(60)
    submit_s = table.numbers("submit_s") - table.numbers("submit_s")[0]
    pause = (submit_s >= 20 * WEEK_S) & (submit_s < 40 * WEEK_S)
    paused = found(table.take(~pause))
    counts = {one.metric: one.count for one in coverage_of(one for at in paused for one in at.forecasts)}
    assert counts[USE] > counts[WAITS[0]] > 0


@pytest.mark.parametrize(("weeks", "horizon_s", "message"), [
    (16, 13 * WEEK_S, "too short"), (6, 4 * WEEK_S, "too short"), (40, WEEK_S - 1, "horizon"),
])  # fmt: skip
def test_what_cannot_be_forecast_is_refused(weeks, horizon_s, message):
    with pytest.raises(InputError, match=message):
        backtest(log(weeks), SLOTS, horizon_s=horizon_s, count=FEW)


def one(came, low=0.2, high=0.4, last=0.5, metric=USE):
    return Forecast(metric, "1", 0, (low + high) / 2, low, high, came, last)


def test_coverage_counts_both_sides():
    (use,) = coverage_of([one(0.3), one(0.3), one(0.1), one(0.6), one(np.nan)])
    assert (use.count, use.inside, use.above, use.below) == (4, 2, 1, 1)
    assert use.error == pytest.approx(0.1)
    assert use.last_error == pytest.approx(0.2)
    assert use.score == pytest.approx(0.2 + 10 * (0.1 + 0.2) / 4)


def test_errors_of_waits_are_factors():
    (wait,) = coverage_of([one(1_140, 0, 1_080, 240, metric=WAITS[0])])
    assert np.exp(wait.error) == pytest.approx((1_140 + WAIT_OFFSET_S) / (540 + WAIT_OFFSET_S))
    assert wait.error_ratio == pytest.approx(np.log(2) / np.log(4))


@pytest.mark.parametrize(("inside", "count", "standing"), [
    (10, 20, "shown not"), (16, 20, "not shown"), (20, 20, "shown"), (160, 200, "shown"), (3, 3, "not shown"),
])  # fmt: skip
def test_too_few_is_a_miss_and_few_forecasts_are_no_proof(inside, count, standing):
    (use,) = coverage_of([one(0.3)] * inside + [one(0.9)] * (count - inside))
    assert use.verdict.standing == standing
