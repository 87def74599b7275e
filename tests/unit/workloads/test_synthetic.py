"""Arrivals, users, run times and requests: the parts that demand is generated from."""

from datetime import date, datetime
from math import sqrt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from workloads.jobtable import STATES
from workloads.synthetic.arrivals import draw_arrivals
from workloads.synthetic.calendar import Profile, Ramp, clock_of
from workloads.synthetic.data import ingest_bytes
from workloads.synthetic.distributions import Constant, Lognormal
from workloads.synthetic.model import (
    ONE_BY_ONE,
    BurstNumbers,
    FateNumbers,
    JobClass,
    RequestNumbers,
)
from workloads.synthetic.streams import stream
from workloads.synthetic.times import FAVOURITES_S, draw_times
from workloads.synthetic.users import membership

EDGES_S = np.arange(0, 2001) * 3600.0
RATE = np.tile([0.0, 20.0, 60.0, 20.0], 500)


def arrivals(bursts=ONE_BY_ONE, *, rate=RATE, name="a", edges_s=EDGES_S):
    return draw_arrivals(stream(3, 0, name), edges_s, rate, bursts)


@pytest.mark.parametrize("mean_jobs", [1.0, 5.0, 40.0])
def test_the_number_of_jobs_is_what_the_rate_says(mean_jobs):
    drawn = arrivals(BurstNumbers(mean_jobs, 1.0))
    expected = RATE.sum()
    assert abs(len(drawn.submit_s) - expected) < 4 * sqrt(expected * (2 * mean_jobs - 1))
    assert drawn.sizes.sum() == len(drawn.submit_s)


def test_single_jobs_follow_the_rate_of_each_hour():
    hours = np.bincount(arrivals().submit_s // 3600 % 4, minlength=4)
    assert hours[0] == 0
    assert (np.abs(hours - 500 * np.array([0, 20, 60, 20])) < 4 * np.sqrt(hours + 1)).all()


def test_gaps_of_a_steady_stream_are_exponential_and_bursts_make_them_uneven():
    steady = np.full(2000, 20.0)
    gaps = np.diff(arrivals(rate=steady).burst_s)
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.03)
    bursty = np.diff(np.sort(arrivals(BurstNumbers(40.0, 1.0), rate=steady).submit_s))
    assert bursty.std() / bursty.mean() > 4


def test_a_longer_horizon_only_adds_bursts():
    short, long = arrivals(rate=RATE[:800], edges_s=EDGES_S[:801]), arrivals()
    np.testing.assert_allclose(long.burst_s[: len(short.burst_s)], short.burst_s)
    np.testing.assert_array_equal(long.sizes[: len(short.sizes)], short.sizes)
    assert len(long.sizes) > len(short.sizes)


def test_no_demand_is_no_jobs():
    assert len(arrivals(BurstNumbers(5.0, 60.0), rate=np.zeros(2000)).submit_s) == 0


def test_newcomers_join_at_the_end_and_only_those_there_submit():
    members = np.repeat([3.0, 10.0], 1000)
    people = membership(stream(1, 0, "m"), EDGES_S, members, 1.0)
    when_s = np.linspace(0, EDGES_S[-1] - 1, 5000)
    who = people.draw(stream(1, 0, "u"), when_s)
    assert set(who[when_s < 1000 * 3600]) == {0, 1, 2}
    assert set(who) == set(range(10))


def test_inequality_is_the_share_of_the_most_active():
    people = membership(stream(1, 0, "m"), EDGES_S[:2], np.array([20_000.0]), 1.645)
    activity = np.sort(np.diff(people.activity, prepend=0.0))[::-1]
    assert activity[:1000].sum() / activity.sum() == pytest.approx(0.5, abs=0.05)  # P(Z < sigma - z(95 %))
    equal = membership(stream(1, 0, "m"), EDGES_S[:2], np.array([10.0]), 0.0)
    assert np.diff(equal.activity).tolist() == pytest.approx([1.0] * 9)


def job_class(**changes):
    fields = {
        "name": "c", "title": "", "pool": "",
        "slots": {1: 1.0}, "run_s": Lognormal(600, 3600), "longest_s": 86400,
    }  # fmt: skip
    return JobClass(**{**fields, **changes})


def times(n=50_000, **changes):
    return draw_times(stream(5, 0, "t"), job_class(**changes), np.ones(n, np.int32))


def test_nobody_runs_longer_than_asked_for():
    drawn = times()
    assert (drawn.run_s >= 1).all()
    assert (drawn.run_s <= drawn.requested_s).all()
    assert set(drawn.requested_s) <= {*FAVOURITES_S[FAVOURITES_S <= 86400].astype(int)}


def test_the_shares_of_requests_are_as_stated():
    drawn = times(
        requests=RequestNumbers(longest=0.4, too_short=0.05), run_s=Constant(1000), longest_s=360_000
    )
    assert (drawn.requested_s == 360_000).mean() == pytest.approx(0.4, abs=0.01)
    killed = drawn.state == STATES.index("timeout")
    assert killed.mean() == pytest.approx(0.05, abs=0.005)
    assert set(drawn.run_s[killed]) == {900}
    accuracy = (drawn.run_s / drawn.requested_s)[(drawn.requested_s < 360_000) & ~killed]
    assert 0.35 < accuracy.mean() < 0.55


def test_a_request_may_be_the_longest_time_even_if_that_is_no_round_number():
    assert set(times(longest_s=5000, run_s=Constant(4000)).requested_s) == {5000, 3600}


def test_jobs_that_would_run_past_the_longest_time_are_cut_there():
    drawn = times(run_s=Constant(7200), longest_s=3600)
    assert set(drawn.run_s) == {3600}
    assert set(drawn.state) == {STATES.index("timeout")}


def test_fates_have_their_shares_and_their_lengths_and_keep_the_mean():
    fates = {
        "completed": FateNumbers(0.5),
        "cancelled": FateNumbers(0.3, 2.0),
        "failed": FateNumbers(0.2, 0.5),
    }
    drawn = times(200_000, fates=fates, run_s=Constant(1000), requests=RequestNumbers(0.3, 0.0))
    share = np.bincount(drawn.state, minlength=len(STATES)) / 200_000
    assert share[[STATES.index(name) for name in fates]] == pytest.approx([0.5, 0.3, 0.2], abs=0.005)
    mean = [drawn.run_s[drawn.state == STATES.index(name)].mean() for name in fates]
    assert mean[1] / mean[0] == pytest.approx(2, rel=0.01)
    assert mean[2] / mean[0] == pytest.approx(0.5, rel=0.01)
    assert drawn.run_s.mean() == pytest.approx(1000, rel=0.01)


def test_data_comes_in_by_sources_and_what_was_brought_along():
    sources = Ramp("steps", ((date(2021, 1, 2), 2.0),))
    clock = clock_of(Profile(), datetime(2021, 1, 1, tzinfo=ZoneInfo("Asia/Seoul")), 3 * 86400)
    stored = ingest_bytes(sources, 5.0, 1000.0, clock)
    assert stored[[0, 24, 25, 48, 72]].tolist() == [0, 0, 1000 + 36_000, 1000 + 864_000, 1000 + 2 * 864_000]
