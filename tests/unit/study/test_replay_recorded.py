"""The recorded past beside a replay: groups, quantiles, use and score, on logs one can check by hand."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.replay.groups import LENGTHS, PERIOD_S, groups
from capacity.study.replay.recorded import (
    STATISTICS,
    compare,
    csv_rows,
    findings,
    rows,
    score_rows,
    to_json,
)
from capacity.study.replay.replay import replay
from workloads.jobtable import table_from

DAY = 86_400
SEOUL = datetime(2021, 1, 31, 12, tzinfo=ZoneInfo("Asia/Seoul"))


def table(submit, run, slots, wait, *, origin=None, allocated=None):
    columns = {
        "job_id": np.arange(len(submit)) + 1,
        "submit_s": np.array(submit),
        "run_s": np.array(run),
        "requested_s": np.array(run),
        "slots": np.array(slots),
        "wait_s": np.array(wait),
    }
    if allocated is not None:
        columns["allocated_slots"] = np.array(allocated)
    return table_from(columns, source="hand.csv", origin=origin, max_slots=4)


def compared(*columns, size=4, **more):
    return compare(replay(table(*columns, **more), PoolSpec("machine", size), Rules("fcfs", "none")))


def named(found, by):
    return {group.name: group for group in found.groups if group.by == by}


def test_a_past_that_is_the_replay_scores_one():
    columns = [0, 10, 20, 90], [100, 100, 50, 10], [4, 4, 2, 1]
    wait = (
        replay(table(*columns, [0] * 4), PoolSpec("m", 4), Rules("fcfs", "none")).outcome.start_s - columns[0]
    )
    found = compared(*columns, wait)
    assert all(score.error_s == 0 for score in found.scores)
    assert {score.score for score in found.scores if score.baseline_error_s} == {1.0}
    assert all(group.recorded == group.simulated for group in found.groups if group.by != "month")


def test_the_score_is_its_formula():
    """Two sizes, two jobs each; the machine is empty, so nobody waits in the replay."""
    found = compared([0, 1_000, 2_000, 3_000], [10] * 4, [1, 1, 2, 2], [100, 200, 1_000, 2_000])
    small, large = named(found, "slots").values()
    assert (small.recorded.mean_wait_s, large.recorded.mean_wait_s) == (150, 1_500)
    assert found.whole.recorded.mean_wait_s == 825
    score = next(one for one in found.scores if (one.by, one.statistic) == ("slots", "mean_wait_s"))
    assert (score.groups, score.error_s, score.baseline_error_s) == (2, 825, 675)
    assert score.score == pytest.approx(1 - 825 / 675)
    median = next(one for one in found.scores if (one.by, one.statistic) == ("slots", "p50_wait_s"))
    assert median.baseline_error_s == (2 * abs(200 - 100) + 2 * abs(200 - 1_000)) / 4


def test_quantiles_are_waits_of_jobs_that_exist():
    wait = [*range(19), 500]
    found = compared([1_000 * job for job in range(20)], [10] * 20, [1] * 20, wait)
    only = named(found, "slots")["1"].recorded
    assert (only.p50_wait_s, only.p95_wait_s) == (9, 18)
    assert only.mean_bounded_slowdown == pytest.approx(np.mean([(w + 10) / 10 for w in wait]))


def test_months_are_those_of_the_calendar_where_the_machine_stood():
    """Noon of 31 January in Seoul, so that February begins 12 hours later there, at 15 h UTC."""
    submit = [0, DAY // 2 - 1, DAY // 2, 28 * DAY + DAY // 2]
    found = compared(submit, [10] * 4, [1] * 4, [0] * 4, origin=SEOUL)
    assert {name: group.jobs for name, group in named(found, "month").items()} == {
        "2021-01": 2,
        "2021-02": 1,
        "2021-03": 1,
    }
    utc = compared(submit, [10] * 4, [1] * 4, [0] * 4, origin=SEOUL.astimezone(UTC))
    assert [group.jobs for group in named(utc, "month").values()] == [3, 1]


@pytest.mark.parametrize("origin", [None, datetime(9999, 12, 1, tzinfo=UTC)])
def test_without_a_calendar_there_are_periods_of_thirty_days(origin):
    submit = [7, 7 + PERIOD_S - 1, 7 + PERIOD_S, 7 + 3 * PERIOD_S]
    found = compared(submit, [10] * 4, [1] * 4, [0] * 4, origin=origin)
    assert {name: group.jobs for name, group in named(found, "month").items()} == {
        "days 1 to 30": 2,
        "days 31 to 60": 1,
        "days 91 to 120": 1,
    }


def test_what_is_in_use_is_cut_to_the_month_and_to_the_submissions():
    """One job of 2 of 4 slots runs across the border of two periods; recorded, it began a day later."""
    length = 2 * DAY
    submit = [0, PERIOD_S - DAY, PERIOD_S + 9 * DAY]
    found = compared(submit, [1, length, 1], [1, 2, 1], [0, DAY, 0])
    first, second = named(found, "month").values()
    assert first.recorded.submission_utilization == pytest.approx(1 / (4 * PERIOD_S))
    assert first.simulated.submission_utilization == pytest.approx((2 * DAY + 1) / (4 * PERIOD_S))
    assert second.recorded.submission_utilization == pytest.approx(2 * length / (4 * 9 * DAY))
    assert second.simulated.submission_utilization == pytest.approx(2 * DAY / (4 * 9 * DAY))
    assert all(np.isnan(group.recorded.submission_utilization) for group in named(found, "slots").values())


def test_each_side_is_measured_on_its_own_machine_with_its_own_slots():
    found = compared([0, 100], [100, 1], [1, 1], [0, 0], size=8, allocated=[2, 1])
    assert found.whole.recorded.submission_utilization == pytest.approx(2 / 4)
    assert found.whole.simulated.submission_utilization == pytest.approx(1 / 8)


def test_jobs_without_a_wait_are_not_compared():
    found = compared([0, 0, 0], [10, 10, 10], [4, 4, 4], [-1, 30, 7])
    assert found.whole.jobs == 2
    assert found.whole.recorded.mean_wait_s == 18.5
    assert found.whole.simulated.mean_wait_s == 15, "they wait for the one that is left out all the same"


def test_a_log_without_waits_is_refused():
    with pytest.raises(InputError, match="does not say how long its jobs waited"):
        compared([0], [10], [1], [-1])


def test_sizes_and_lengths_hold_every_job_once():
    rng = np.random.default_rng(1)
    submit = np.sort(rng.integers(0, 400 * DAY, 3_000))
    slots, run = rng.integers(1, 101, 3_000), rng.integers(1, 3 * DAY, 3_000)
    run[:7] = [59, 60, 599, 600, 86_399, 86_400, 10**12]
    for by in ("month", "slots", "run time"):
        found = [group for group in groups(submit, slots, run, SEOUL) if group.by == by]
        assert sorted(np.concatenate([group.rows for group in found]).tolist()) == list(range(3_000))
    names = [group.name for group in groups(submit, slots, run, SEOUL) if group.by == "slots"]
    assert names == ["1", "2", "3 to 4", "5 to 8", "9 to 16", "17 to 32", "33 to 64", "65 to 100"]
    lengths = {
        group.name: set(run[group.rows])
        for group in groups(submit, slots, run, None)
        if group.by == "run time"
    }
    assert list(lengths) == [name for _, name in LENGTHS]
    assert 59 in lengths["under 1 min"]
    assert {60, 599} <= lengths["1 to 10 min"]
    assert {86_400, 10**12} <= lengths["1 d and over"]


def test_one_moment_and_one_group_leave_the_score_open():
    found = compared([5, 5], [10, 10], [1, 1], [3, 3])
    assert all(row["score"] is None for row in score_rows(found))
    assert rows(found)[0]["recorded_submission_utilization"] is None
    json.dumps(to_json(found), allow_nan=False)


def test_rows_findings_and_csv_tell_the_same():
    found = compared([0, 1_000, 2_000, 3_000], [10] * 4, [1, 1, 2, 2], [100, 200, 1_000, 2_000])
    flat = rows(found)
    assert [row["by"] for row in flat] == ["month", "slots", "slots", "run time", "all"]
    table_of_csv = csv_rows(found)
    ends = [row for row in table_of_csv if row["group"] == "all"]
    assert [row["by"] for row in ends] == ["month", "slots", "run time"]
    assert ends[1]["mean_wait_score"] == pytest.approx(1 - 825 / 675)
    assert len(table_of_csv) == len(found.groups) + 3
    listed = findings(found)
    size = next(
        one
        for one in listed
        if one.metric == "p95_wait_s" and dict(one.labels) == {"schedule": "recorded", "slots": "2"}
    )
    assert (size.value, size.unit, size.n) == (2_000, "s", 1)
    scores = [one for one in listed if one.metric.endswith("_score")]
    assert len(scores) == 3 * len(STATISTICS)
    assert len({(one.metric, one.labels) for one in listed}) == len(listed)
