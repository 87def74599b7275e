"""What is left out is counted in work: requests that are missing or have no limit, and other attempts."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.replay.replay import replay
from tests.data import need_data
from workloads.describe.describe import describe
from workloads.errors import LogError
from workloads.formats import fitted
from workloads.jobtable import NO_LIMIT_S, Tally, label_column, table_from
from workloads.left_out import check_held, check_kept, losses
from workloads.logs import read_log
from workloads.readers.swf.reader import read_swf
from workloads.readers.swf.writer import write_swf

HOUR_S, DAY_S = 3_600, 86_400
MACHINE = PoolSpec("machine", 128)


def limited(no_limit):
    """Return two jobs with a time limit and three without: 32 of 10,784 slot-hours, and the rest."""
    columns = {
        "job_id": [1, 2, 3, 4, 5],
        "submit_s": [0, 0, HOUR_S, HOUR_S, 2 * HOUR_S],
        "wait_s": [0, 0, 0, HOUR_S, 2 * HOUR_S],
        "run_s": [HOUR_S, 4 * DAY_S, 5 * DAY_S, DAY_S, HOUR_S],
        "slots": [16, 64, 32, 32, 16],
        "requested_s": [2 * HOUR_S, no_limit, no_limit, no_limit, 2 * HOUR_S],
        "pool": label_column(np.array([0, 0, 1, 0, 0]), ["cpu", "long"]),
    }
    return table_from(columns, max_slots=128)


def test_no_limit_is_no_missing_value():
    replayed = replay(limited(NO_LIMIT_S), MACHINE, Rules(), lenient=False)
    assert replayed.simulated.jobs == 5
    assert not replayed.dropped
    assert not replayed.remarks
    assert [tally.count for tally in replayed.told] == [3]
    work = 10_784 * HOUR_S
    assert replayed.recorded.utilization == pytest.approx(work / 128 / replayed.recorded.makespan_s)
    assert replayed.killed == 0


def test_a_description_says_how_many_have_none():
    found = {measure.key: measure.value for measure in describe(limited(NO_LIMIT_S)).measures}
    assert (found["no_limit_frac"], found["request_unknown_frac"]) == (0.6, 0)
    assert found["requested_max_s"] == 2 * HOUR_S


def test_without_a_limit_a_cleaned_job_asks_for_the_longest_of_the_log():
    cleaned = limited(NO_LIMIT_S).clean()
    assert cleaned.numbers("requested_s").tolist() == [7_200, 432_000, 432_000, 432_000, 7_200]
    assert cleaned.numbers("run_s").tolist() == limited(NO_LIMIT_S).numbers("run_s").tolist()


def test_swf_has_no_number_for_no_limit():
    """Other programs would take the number that stands for none in our tables for 35,000 years."""
    fit, lost = fitted("swf", limited(NO_LIMIT_S))
    written = io.BytesIO()
    write_swf(limited(NO_LIMIT_S), written)
    again = read_swf(io.BytesIO(written.getvalue()))
    assert fit.numbers("requested_s").tolist() == [7_200, -1, -1, -1, 7_200]
    assert again.numbers("requested_s").tolist() == fit.numbers("requested_s").tolist()
    assert "3 × no time limit: written as a request that is not known" in [str(tally) for tally in lost]


def test_most_of_the_work_is_not_left_out_in_silence():
    with pytest.raises(LogError, match=r"99\.7% of the work is left out: 3 × no requested time") as refused:
        replay(limited(-1), MACHINE, Rules(), lenient=False)
    assert "--missing-request" in str(refused.value)
    assert replay(limited(-1), MACHINE, Rules(), lenient=True).simulated.jobs == 2


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ("run", [4 * DAY_S, 5 * DAY_S, DAY_S]),
        ("longest", [4 * DAY_S, 5 * DAY_S, DAY_S]),
        ("partition", [4 * DAY_S, 5 * DAY_S, DAY_S]),
    ],
)
def test_a_missing_request_is_never_less_than_the_job_ran(rule, asked):
    cleaned = limited(-1).clean(missing_request=rule)
    assert cleaned.numbers("requested_s")[1:4].tolist() == asked
    assert cleaned.left_out_frac == 0
    assert cleaned.remarks[-1].count == 3


@pytest.mark.parametrize(
    ("rule", "asked"), [("partition", [50, 80, 90]), ("longest", [90] * 3), ("run", [7] * 3)]
)
def test_each_rule_takes_what_it_says(rule, asked):
    pools = label_column(np.array([0, 0, 1, 1, 2, 2]), ["a", "b", "c"])
    columns = {"job_id": range(6), "submit_s": range(6), "run_s": [7] * 6, "slots": [1] * 6, "pool": pools,
               "requested_s": [50, -1, 80, -1, 90, -1]}  # fmt: skip
    cleaned = table_from(columns).clean(missing_request=rule)
    assert cleaned.numbers("requested_s")[1::2].tolist() == asked


def test_where_requests_do_not_matter_nobody_is_left_out_for_want_of_one():
    found = replay(limited(-1), MACHINE, Rules(estimates="exact"), lenient=False)
    assert found.simulated.jobs == 5


def test_a_tenth_of_the_work_is_allowed_and_more_is_not():
    columns = {
        "job_id": [1, 2],
        "submit_s": [0, 0],
        "run_s": [900, 100],
        "slots": [1, 1],
        "requested_s": [9, -1],
    }
    check_kept(table_from(columns | {"requested_s": [900, -1]}).clean(), allowed=False)
    with pytest.raises(LogError, match=r"10\.1%"):
        check_kept(
            table_from(columns | {"requested_s": [900, -1], "run_s": [890, 100]}).clean(), allowed=False
        )


def requeued():
    """Return a job in three attempts, one run again, one plain: 72 of 168 slot-hours are in rows."""
    columns = {
        "job_id": [1, 2, 3], "submit_s": [0, 0, 0], "wait_s": [4 * HOUR_S, 6 * HOUR_S, 0],
        "run_s": [2 * HOUR_S, 4 * HOUR_S, HOUR_S], "slots": [16, 8, 8], "requested_s": [DAY_S] * 3,
    }  # fmt: skip
    attempts = pd.DataFrame(
        {"job_id": [1, 1, 2], "start_s": [0, 2 * HOUR_S, 0], "run_s": [2 * HOUR_S, 2 * HOUR_S, 4 * HOUR_S],
         "slots": [16, 16, 8]}
    )  # fmt: skip
    return table_from(columns, max_slots=32, attempts=attempts)


def test_attempts_are_work():
    found = {measure.key: measure.value for measure in describe(requeued()).measures}
    assert found["slot_hours"] == 32 + 32 + 8 + 32 + 32 + 32
    assert found["attempts_slot_hours"] == 96
    assert found["jobs"] == 3


def test_recorded_utilization_counts_attempts_and_the_simulated_one_does_not():
    replayed = replay(requeued(), PoolSpec("machine", 32), Rules())
    assert replayed.recorded.makespan_s == 10 * HOUR_S
    assert replayed.recorded.utilization == pytest.approx(168 / 320)
    assert replayed.simulated.utilization * replayed.simulated.makespan_s == pytest.approx(72 * HOUR_S / 32)


def test_other_slots_than_were_held_are_said():
    columns = {"job_id": [1, 2], "submit_s": [0, 0], "run_s": [HOUR_S] * 2, "requested_s": [HOUR_S] * 2,
               "wait_s": [0, 0]}  # fmt: skip
    asked = replay(
        table_from(columns | {"slots": [4, 1], "allocated_slots": [256, 64]}), PoolSpec("m", 320), Rules()
    )
    assert "64 times the work" in asked.told[0].reason
    held = replay(
        table_from(columns | {"slots": [256, 64], "allocated_slots": [256, 64]}), PoolSpec("m", 320), Rules()
    )
    assert held.simulated.utilization == held.recorded.utilization == 1.0
    assert not held.told


def losing(frac, how):
    """Return a cleaned log of 1,000 equal jobs on 100 slots that lost a part of its work in some way."""
    gone = np.arange(1000) < round(1000 * frac)
    columns = {"job_id": range(1000), "submit_s": range(1000), "run_s": [1000] * 1000, "slots": [1] * 1000,
               "requested_s": np.full(1000, 1000), "wait_s": [0] * 1000}  # fmt: skip
    if how == "no request":
        columns["requested_s"] = np.where(gone, -1, 1000)
    elif how == "too wide":
        columns |= {"slots": np.where(gone, 101, 1), "run_s": np.where(gone, 1000 / 101, 1000).astype(int)}
    elif how == "cut":
        columns |= {"run_s": np.full(1000, 1000), "requested_s": np.full(1000, round(1000 * (1 - frac)))}
    elif how == "before the log":
        columns["submit_s"] = np.where(gone, -1 - np.arange(1000), np.arange(1000))
    table = table_from(columns, max_slots=100)
    if how in ("read", "unreadable"):
        count = int(gone.sum())
        lost = Tally("not ended", count, slot_s=1000.0 * count)
        lost = lost if how == "read" else Tally("malformed line", count)
        table = replace(table.take(~gone), dropped=(lost,))
    return table


@pytest.mark.parametrize("how", ["no request", "too wide", "cut", "before the log", "read", "unreadable"])
@pytest.mark.parametrize(("frac", "level"), [(0.005, "note"), (0.05, "warning"), (0.2, "refused")])
@pytest.mark.parametrize("replayed", [False, True])
def test_little_is_a_note_more_a_warning_and_much_is_refused(how, frac, level, replayed):
    table = losing(frac, how)
    if replayed and level == "refused":
        with pytest.raises(LogError, match="of the work is left out"):
            replay(table, PoolSpec("machine", 100), Rules(), lenient=False)
        replay(table, PoolSpec("machine", 100), Rules(), lenient=True)
        return
    if replayed:
        done = replay(table, PoolSpec("machine", 100), Rules(), lenient=False)
        found = losses(done.table, done.remarks)
    else:
        cleaned = table.clean()
        found = losses(cleaned)
        if level == "refused":
            with pytest.raises(LogError, match="of the work is left out"):
                check_kept(cleaned, allowed=False)
        check_kept(cleaned, allowed=True)
    assert sum(one.frac for one in found) == pytest.approx(frac, rel=0.3)
    assert any(one.warns for one in found) == (level != "note")


def test_jobs_that_may_overrun_are_not_cut():
    done = replay(losing(0.2, "cut"), PoolSpec("machine", 100), Rules(overrun="allow"), lenient=False)
    assert not done.remarks
    assert done.killed == 0


def test_rows_without_work_are_good_to_know():
    table = replace(losing(0, "read"), dropped=(Tally("job step: the job has a row of its own", 5000),))
    assert [(one.frac, one.warns) for one in losses(table)] == [(0.0, False)]


def test_attempts_that_are_not_replayed_are_said():
    told = replay(requeued(), PoolSpec("machine", 32), Rules()).told
    assert "other attempts of jobs, 57.1 % of the work: not replayed" in [tally.reason for tally in told]


def test_what_a_format_cannot_hold_is_work_too():
    table = requeued()
    held = replace(table, attempts=None)
    with pytest.raises(LogError, match=r"57\.1% of the work cannot be written as swf"):
        check_held(table, held, "swf", allowed=False)
    assert check_held(table, held, "swf", allowed=True) == pytest.approx(4 / 7)
    assert check_held(table, table, "swf", allowed=False) == 0


@pytest.mark.slow
def test_llnl_atlas_keeps_its_work():
    table = read_log(need_data("swf/LLNL-Atlas-2006-2.1-cln.swf.gz"))
    left_out = {rule: table.clean(missing_request=rule).left_out_frac for rule in ("drop", "longest")}
    assert left_out["longest"] < 0.01 < left_out["drop"]
