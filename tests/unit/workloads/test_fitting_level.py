"""How demand drifts: what is put in comes out; weeks drawn ahead stand at the level they are meant for."""

import numpy as np
import pytest

from tests.support.logs_to_fit import random_log
from workloads.fitting.level import FEWEST_WEEKS, QUARTER_WEEKS, WEEK_S, YEAR_WEEKS, level_of
from workloads.fitting.weeks_ahead import HALF_LIFE_WEEKS, LogJobs, columns_of, draw_weeks, past_of

DAY_S = 86_400


def drifting(weeks, noise, step, seed):
    rng = np.random.default_rng(seed)
    return np.exp(np.cumsum(rng.normal(0, step, weeks)) + rng.normal(0, noise, weeks))


@pytest.mark.parametrize(("noise", "step"), [(0.2, 0.03), (0.2, 0.1), (0.5, 0.03), (0.1, 0.15)])
def test_noise_and_step_of_long_logs_are_found(noise, step):
    found = [level_of(drifting(300, noise, step, seed)) for seed in range(20)]
    assert np.mean([one.noise_sd for one in found]) == pytest.approx(noise, rel=0.15)
    assert np.mean([one.step_sd for one in found]) == pytest.approx(step, rel=0.3, abs=0.01)


def test_a_short_log_leaves_the_step_open():
    short, long = (level_of(drifting(weeks, 0.2, 0.05, 1)) for weeks in (13, 400))
    assert np.ptp(short.step_sds) > 2 * np.ptp(long.step_sds)
    assert min(short.step_sds) > 0


def test_the_level_now_is_half_way_from_the_mean_to_the_last_quarter():
    work = np.repeat([1.0, 4.0], [39, QUARTER_WEEKS])
    mean = np.log(4) * QUARTER_WEEKS / len(work)
    found = level_of(work)
    assert np.log(found.now_ratio) == pytest.approx((np.log(4) - mean) / 2)
    assert found.now_sd == pytest.approx(found.noise_sd / np.sqrt(QUARTER_WEEKS))
    assert found.drift_sd(4) == pytest.approx(2 * found.step_sd)


@pytest.mark.parametrize("work", [np.ones(FEWEST_WEEKS - 1), np.zeros(30), np.zeros(0)])
def test_of_too_little_nothing_is_said(work):
    assert level_of(work) is None


def test_a_week_without_work_does_not_blow_up_the_noise():
    work = np.ones(60)
    work[30] = 0.0
    assert level_of(work).noise_sd < 1


def seasonal(years, depth, seed=3):
    rng = np.random.default_rng(seed)
    place = np.arange(years * YEAR_WEEKS)
    wave = depth * np.sin(2 * np.pi * place / YEAR_WEEKS)
    return np.exp(wave + rng.normal(0, 0.1, len(place)))


def test_seasons_need_two_years_that_agree():
    assert level_of(seasonal(4, 0.5)[: 2 * YEAR_WEEKS - 1]).season == ()
    found = level_of(seasonal(4, 0.5))
    assert len(found.season) == YEAR_WEEKS
    wave = 0.5 * np.sin(2 * np.pi * np.arange(YEAR_WEEKS) / YEAR_WEEKS)
    assert np.abs(np.log(found.season) - wave).max() < 0.25
    assert np.corrcoef(np.log(found.season), wave)[0, 1] > 0.98
    assert found.noise_sd < 0.2


def test_years_of_noise_have_next_to_no_season():
    depths = [np.ptp(np.log(level_of(seasonal(3, 0.0, seed)).season or (1.0,))) for seed in range(20)]
    assert np.median(depths) < 0.06


def work(jobs):
    return float(jobs.run_s.astype(float) @ jobs.slots)


def steady(weeks=30, each=200, seed=5):
    """Jobs at random times of weeks that are all alike."""
    rng = np.random.default_rng(seed)
    submit_s = np.sort(rng.integers(0, weeks * WEEK_S, weeks * each))
    run_s, slots = rng.integers(1_000, 4_000, len(submit_s)), rng.integers(1, 5, len(submit_s))
    return LogJobs(submit_s, run_s, 2 * run_s, slots)


def test_what_is_drawn_is_of_the_past_and_within_the_horizon():
    jobs = columns_of(random_log(3_000, 2, days=120.0).clean(max_slots=64))
    now = int(jobs.submit_s[0]) + 12 * WEEK_S
    past = past_of(jobs, int(jobs.submit_s[0]), now)
    known = {*zip(*(column[jobs.submit_s < now].tolist() for column in jobs[1:]), strict=True)}
    for horizon_s in (WEEK_S, 5 * WEEK_S, 5 * WEEK_S + DAY_S):
        drawn = draw_weeks(past, horizon_s, np.random.default_rng(1))
        assert {*zip(*(column.tolist() for column in drawn[1:]), strict=True)} <= known
        assert (np.diff(drawn.submit_s) >= 0).all()
        assert drawn.submit_s.min() >= 0
        assert drawn.submit_s.max() < horizon_s
        again = draw_weeks(past, horizon_s, np.random.default_rng(1))
        assert all((one == other).all() for one, other in zip(drawn, again, strict=True))


def test_nothing_that_comes_later_is_known():
    jobs = steady()
    now = 20 * WEEK_S
    later = jobs.submit_s >= now
    changed = jobs._replace(slots=np.where(later, 99, jobs.slots), run_s=np.where(later, 9, jobs.run_s))
    drawn = [
        draw_weeks(past_of(one, 0, now), 4 * WEEK_S, np.random.default_rng(2)) for one in (jobs, changed)
    ]
    assert all((one == other).all() for one, other in zip(*drawn, strict=True))


@pytest.mark.parametrize("rise", [0.6, 1.0, 1.8])
def test_weeks_are_brought_to_the_level_of_now(rise):
    """The last 13 of 52 weeks have `rise` times the work of the others: drawn weeks stand half way back."""
    jobs = steady(52)
    late = jobs.submit_s >= (52 - QUARTER_WEEKS) * WEEK_S
    jobs = jobs._replace(run_s=np.where(late, np.rint(jobs.run_s * rise), jobs.run_s).astype(np.int64))
    past = past_of(jobs, 0, 52 * WEEK_S)
    drawn = [work(draw_weeks(past, 4 * WEEK_S, np.random.default_rng(seed))) / 4 for seed in range(400)]
    usual = work(steady(52)) / 52
    mean = rise ** (QUARTER_WEEKS / 52)
    assert np.median(drawn) / usual == pytest.approx(mean * past.level.now_ratio, rel=0.05)


def test_late_weeks_are_drawn_more_often():
    past = past_of(steady(40), 0, 40 * WEEK_S)
    assert past.chances.sum() == pytest.approx(1)
    assert past.chances[-1] / past.chances[-1 - HALF_LIFE_WEEKS] == pytest.approx(2)
