"""The period a log covers is not the span of its submissions: load and use are taken over it."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.replay import recorded
from capacity.study.replay.replay import replay
from workloads.describe.describe import describe
from workloads.errors import LogError
from workloads.fitting.fit import fit
from workloads.jobtable import table_from
from workloads.period import period_of, stated, work_in

HOUR_S, DAY_S = 3_600, 86_400


def day_window(days=1, early_days=40, **about):
    """Return jobs of three hours on 64 slots every 90 minutes, and one of before that ran into the first."""
    n = 16 * days
    submit_s = np.append(early_days * DAY_S + np.arange(n) * 5_400, 0)
    wait_s = np.append(np.zeros(n), early_days * DAY_S - 4 * HOUR_S)
    run_s = np.append(np.full(n, 3 * HOUR_S), 8 * HOUR_S)
    slots = np.append(np.full(n, 64), 16)
    columns = {"job_id": np.append(np.arange(101, 101 + n), 100), "submit_s": submit_s, "wait_s": wait_s,
               "run_s": run_s, "slots": slots, "requested_s": run_s + HOUR_S}  # fmt: skip
    origin = datetime(2024, 4, 22, tzinfo=UTC)
    return table_from(columns, origin=origin, max_slots=160, **about)


def described(table):
    return {measure.key: measure.value for measure in describe(table).measures}


def test_one_early_job_does_not_stretch_a_day():
    found = described(day_window())
    assert found["period_first"] == "2024-06-01T00:00:00+00:00"
    assert found["period_last"] == "2024-06-02T00:00:00+00:00"
    assert found["used_frac"] == pytest.approx(3_040 / 3_840)
    assert found["offered_load_frac"] == pytest.approx(3_072 / 3_840)
    assert (found["before_period_jobs"], found["after_period_jobs"]) == (1, 1)


def test_a_replay_of_it_compares_the_day():
    replayed = replay(day_window(), PoolSpec("machine", 160), Rules())
    assert replayed.recorded.utilization == pytest.approx(3_040 / 3_840)
    assert replayed.simulated.utilization == pytest.approx(2_976 / 3_840)
    whole = recorded.compare(replayed).whole
    assert whole.recorded.submission_utilization == pytest.approx(3_040 / 3_840)


def test_a_fit_of_it_has_the_load_of_the_days_and_not_of_the_40_before():
    fitted = fit(day_window(days=10), slots=160)
    assert fitted.weeks.load_frac == pytest.approx(0.8, abs=0.01)
    assert (fitted.jobs, fitted.span_s) == (160, 10 * DAY_S)
    assert sum(one.jobs_per_member_day for one in fitted.model.tenants) == pytest.approx(16)


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("2024-06-01..2024-06-01", 3_040 / 3_840),
        ("2024-06-01T03:00..2024-06-01T09:00", 784 / 960),
        ("2024-04-22..2024-06-01", 3_104 / 160 / 24 / 41),
    ],
)
def test_a_stated_period_holds(text, used):
    table = day_window()
    found = described(day_window(period_s=stated(text, table)))
    assert found["used_frac"] == pytest.approx(used)


def test_a_stated_period_is_that_of_the_zone():
    early = stated("2024-06-01..2024-06-01", day_window(zone="Asia/Seoul", zone_from="option"))
    assert early[0] == stated("2024-06-01..2024-06-01", day_window())[0] - 9 * HOUR_S


@pytest.mark.parametrize(
    "text", ["2024", "x..y", "2024-06-02..2024-06-01", "2024-06-01..2024-06-02..2024-06-03"]
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(LogError, match="period"):
        stated(text, day_window())


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(20, 200), st.integers(0, 2**32 - 1))
def test_logs_that_were_complete_all_along_keep_their_span(slots, n, seed):
    """Submissions at one rate, run times short of the log: whatever the luck, nothing is cut off."""
    rng = np.random.default_rng(seed)
    submit_s = np.sort(rng.integers(0, 10 * DAY_S, n))
    run_s = rng.integers(1, HOUR_S, n)
    table = table_from({"job_id": np.arange(n), "submit_s": submit_s, "run_s": run_s, "wait_s": np.zeros(n),
                        "slots": np.full(n, slots)})  # fmt: skip
    period = period_of(table)
    assert (period.first_s, period.last_s) == (submit_s[0], submit_s[-1])
    assert work_in(table, period).submitted_slot_s == pytest.approx(float(slots * run_s.sum()))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.floats(5, 100), st.integers(0, 2**32 - 1))
def test_a_cut_out_day_is_found_among_those_that_reach_into_it(early, days, seed):
    rng = np.random.default_rng(seed)
    begin = int(days * DAY_S)
    submit_s = np.concatenate((np.sort(rng.integers(0, begin // 2, early)), begin + np.arange(0, DAY_S, 900)))
    submit_s[0] = 0
    n = len(submit_s)
    wait_s = np.concatenate((begin + 600 - submit_s[:early], np.zeros(n - early)))
    columns = {"submit_s": submit_s, "run_s": np.full(n, 3_000), "wait_s": wait_s, "slots": np.ones(n)}
    table = table_from({"job_id": np.arange(n), **columns})
    period = period_of(table)
    assert period.how == "estimated"
    assert begin - DAY_S // 10 <= period.first_s <= begin
    assert period.before == early
