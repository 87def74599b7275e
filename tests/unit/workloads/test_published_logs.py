"""Models that draw from a recorded log: what they keep of it and what they forget."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.support.job_statistics import gap_cv
from workloads.errors import LogError
from workloads.jobtable import STATES, label_column, slot_seconds, table_from
from workloads.published import poisson, resample
from workloads.published.make import make
from workloads.published.models import MODELS, model
from workloads.published.request import WEEK_S, Request

START = datetime(2021, 3, 3, 9, 30, tzinfo=ZoneInfo("Asia/Seoul"))
WEEKS = 30


def recorded(*, origin=START, weeks=WEEKS):
    """Five who stay, each on a weekday of their own, and forty who come for two weeks."""
    rng = np.random.default_rng(5)
    submit_s, user = [0], [0]
    for who in range(5):
        days = np.arange(weeks) * 7 + who
        submit_s += (np.repeat(days, 20) * 86_400 + rng.integers(0, 3600, weeks * 20)).tolist()
        user += [who] * weeks * 20
    for who in range(5, 45):
        first = int(rng.integers(0, weeks - 1))
        submit_s += (first * WEEK_S + rng.integers(0, 2 * WEEK_S, 30)).tolist()
        user += [who] * 30
    n = len(submit_s)
    slots = 2 ** rng.integers(0, 4, n)
    return table_from(
        {
            "job_id": np.arange(n),
            "submit_s": submit_s,
            "run_s": slots * 100 + np.array(user),
            "requested_s": slots * 200,
            "slots": slots,
            "user": label_column(np.array(user), [f"u{who}" for who in range(45)]),
            "tenant": label_column(np.array(user) % 3, ["a", "b", "c"]),
            "state": label_column(np.full(n, 1), STATES),
        },
        origin=origin,
        max_slots=16,
        source="made.swf",
    )


def wish(days, *, log=None, **more):
    return Request(days=days, seed=1, log=recorded() if log is None else log, **more)


def users_of(table):
    codes, words = table.labels("user")
    return np.array(words)[codes]


@pytest.mark.parametrize("name", [entry.name for entry in MODELS.values() if entry.needs_log])
def test_every_model_gives_the_same_jobs_again_and_others_for_another_seed(name):
    first, again = (model(name)(wish(100)) for _ in range(2))
    assert first.frame.equals(again.frame)
    other = model(name)(Request(days=100, seed=2, log=recorded()))
    assert not first.frame["submit_s"].equals(other.frame["submit_s"])
    assert first.numbers("submit_s").max() < 100 * 86_400
    assert first.max_slots == 16
    assert model(name)(wish(100, slots=99)).max_slots == 99


def test_poisson_arrivals_have_the_rate_and_no_memory():
    log = recorded()
    table = poisson.joint(wish(2000, log=log))
    rate = len(log) / (WEEKS * 7)
    assert len(table) / 2000 == pytest.approx(rate, rel=0.05)
    assert gap_cv(table) == pytest.approx(1, abs=0.03)
    hours = np.bincount(table.numbers("submit_s") // 3600 % 24, minlength=24)
    assert hours.max() / hours.min() < 1.4


def test_poisson_jobs_are_rows_of_the_log():
    log = recorded()
    table = poisson.joint(wish(300, log=log))
    columns = ["run_s", "requested_s", "slots", "user", "tenant", "state"]
    rows = set(log.frame[columns].itertuples(index=False))
    assert set(table.frame[columns].itertuples(index=False)) <= rows
    short = poisson.joint(wish(50, log=log)).frame
    assert short.drop(columns="job_id").equals(table.frame.drop(columns="job_id").iloc[: len(short)])


def test_independent_jobs_keep_the_shares_and_lose_what_hangs_together():
    log = recorded()
    table = poisson.independent(wish(3000, log=log))
    for name in ("run_s", "slots"):
        ours, theirs = table.numbers(name), log.numbers(name)
        assert ours.mean() == pytest.approx(theirs.mean(), rel=0.05)
        assert set(ours) <= set(theirs)
    both = np.corrcoef(table.numbers("slots"), table.numbers("run_s"))[0, 1]
    assert abs(both) < 0.05 < 0.9 < np.corrcoef(log.numbers("slots"), log.numbers("run_s"))[0, 1]
    assert (table.numbers("requested_s") >= table.numbers("run_s")).all()


@pytest.mark.parametrize("days", [7, 100, 210, 1000])
def test_resampled_users_keep_their_day_and_hour(days):
    table = resample.resample(wish(days))
    assert table.origin == START
    users, submit_s = users_of(table), table.numbers("submit_s")
    for who in range(5):
        times = submit_s[users == f"u{who}"] % WEEK_S
        assert len(times)
        assert (times // 3600 == who * 24).all()
    assert submit_s.max() < days * 86_400


def test_resampled_logs_have_the_load_of_the_log_however_long():
    log = recorded()
    before = slot_seconds(log).sum() / (WEEKS * WEEK_S)
    for days, error in ((WEEKS * 7, 0.1), (WEEKS * 70, 0.05)):
        table = resample.resample(wish(days, log=log))
        assert slot_seconds(table).sum() / (days * 86_400) == pytest.approx(before, rel=error)


def test_those_who_stay_are_there_all_the_time_and_visitors_come_as_before():
    table = resample.resample(wish(WEEKS * 7 * 4))
    users, week = users_of(table), table.numbers("submit_s") // WEEK_S
    for who in range(5):
        assert len(set(week[users == f"u{who}"])) == WEEKS * 4
    visitors = {name for name in users if int(name.split(".")[0][1:]) >= 5}
    assert len(visitors) == pytest.approx(160, abs=5 * np.sqrt(160))
    assert any("." in name for name in visitors)
    for name in visitors:
        assert np.ptp(week[users == name]) <= 2


def test_a_week_of_one_user_is_a_week_of_the_log():
    log = recorded()
    table = resample.resample(wish(210, log=log))
    mine = {tuple(row) for row in _weeks(log, "u2")}
    assert {tuple(row) for row in _weeks(table, "u2")} <= mine


def _weeks(table, name):
    mine = users_of(table) == name
    week = table.numbers("submit_s")[mine] // WEEK_S
    inside = table.numbers("submit_s")[mine] % WEEK_S
    runs = table.numbers("run_s")[mine]
    for at in np.unique(week):
        yield np.concatenate([inside[week == at], runs[week == at]]).tolist()


def test_what_is_after_the_last_whole_week_is_counted():
    table = resample.resample(wish(30))
    (tally,) = table.dropped
    log = recorded()
    late = log.numbers("submit_s") >= (log.numbers("submit_s")[-1] + 1) // WEEK_S * WEEK_S
    assert (tally.count, tally.reason) == (late.sum(), "after the last whole week of the log: not drawn from")


def test_an_undated_log_is_resampled_without_a_date():
    assert resample.resample(wish(30, log=recorded(origin=None))).origin is None


def test_the_date_moves_to_the_first_job():
    log = recorded()
    later = log.frame.assign(submit_s=log.frame["submit_s"] + 86_400)
    table = resample.resample(
        wish(30, log=table_from({name: later[name].array for name in later}, origin=START))
    )
    assert table.origin == START + timedelta(days=1)


@pytest.mark.parametrize("load", [0.2, 0.8, 1.5])
@pytest.mark.parametrize("name", list(MODELS))
def test_an_offered_load_is_met_exactly(name, load):
    table = make(name, wish(60, slots=8), load_frac=load)
    submit_s = table.numbers("submit_s")
    span_s = submit_s[-1] - submit_s[0]
    assert slot_seconds(table).sum() / (8 * span_s) == pytest.approx(load, rel=1e-5)
    assert (np.diff(submit_s) >= 0).all()
    table.validate()


def test_requests_can_be_exact_or_round():
    exact = make("resample", wish(60), requests="exact")
    np.testing.assert_array_equal(exact.numbers("requested_s"), exact.numbers("run_s"))
    there = make("resample", wish(60))
    np.testing.assert_array_equal(there.numbers("requested_s"), there.numbers("slots") * 200)
    modelled = make("resample", wish(60), requests="tsafrir", longest_s=7200)
    assert modelled.numbers("requested_s").max() == 7200
    assert (modelled.numbers("requested_s") >= modelled.numbers("run_s")).all()
    lublin = make("lublin", Request(days=100, seed=1), requests="tsafrir")
    assert lublin.numbers("requested_s").max() == 48 * 3600


@pytest.mark.parametrize(
    ("name", "log", "what"),
    [
        ("poisson", None, "the model poisson draws from a log"),
        ("poisson", recorded().take(np.array([0])), "needs at least two"),
        ("poisson-independent", recorded().take(np.arange(0)), "0 of 0 jobs"),
        (
            "poisson",
            recorded().take(np.flatnonzero(recorded().numbers("submit_s") == 0).repeat(3)),
            "at once",
        ),
        ("resample", recorded().take(np.arange(50)), "the log has no whole week"),
    ],
)
def test_logs_that_cannot_be_drawn_from_are_refused(name, log, what):
    with pytest.raises(LogError, match=what):
        model(name)(Request(days=10, seed=1, log=log))


def test_a_log_without_users_cannot_be_resampled():
    log = recorded()
    frame = {name: log.frame[name].array for name in log.frame if name != "user"}
    with pytest.raises(LogError, match="the log names no users"):
        resample.resample(Request(days=10, seed=1, log=table_from(frame)))


def test_wishes_out_of_reach_are_refused():
    with pytest.raises(LogError, match=r"an offered load of 0.9 is out of reach"):
        make("poisson", wish(30, slots=4096), load_frac=0.9)
    with pytest.raises(LogError, match="needs a machine"):
        frame = recorded().frame
        log = table_from({name: frame[name].array for name in frame})
        make("poisson", wish(30, log=log), load_frac=0.5)
    with pytest.raises(LogError, match="less than an hour"):
        make("lublin", Request(days=30, seed=1), requests="tsafrir", longest_s=60)


def test_names_are_known_by_their_neighbours():
    assert MODELS["resample"].needs_log
    with pytest.raises(LogError, match="did you mean 'lublin-batch'"):
        model("lublin-bath")
    with pytest.raises(LogError, match="allowed: lublin, "):
        assert MODELS["xyz"]
