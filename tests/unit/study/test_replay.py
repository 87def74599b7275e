"""A log on a machine: what is replayed, what is measured, what is said about the rest."""

from dataclasses import replace as changed

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.measure.metrics import REPLAYED
from capacity.measure.schedule import ScheduleMetrics, schedule_metrics
from capacity.scheduling.pools.pool import LONGEST_S, PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.replay.replay import LATEST_S, replay
from workloads.errors import LogError
from workloads.jobtable import table_from

FOUR = PoolSpec("machine", 4)
FCFS = Rules(backfill="none")


def log(**columns):
    """Return a table of jobs of one slot and 100 s, one second apart."""
    count = len(next(iter(columns.values())))
    base = {
        "job_id": np.arange(1, count + 1),
        "submit_s": np.arange(count),
        "run_s": np.full(count, 100),
        "requested_s": np.full(count, 200),
        "slots": np.ones(count, int),
    }
    return table_from({**base, **columns}, source="test.swf")


def test_every_metric_is_that_of_the_interface_page():
    # Four slots: 4 at 0 s for 100 s; 2 wait until 100 s, run 50 s; 1 beside it, a job of 2 s.
    jobs = log(slots=[4, 2, 1], submit_s=[0, 10, 20], run_s=[100, 50, 2], requested_s=[200, 60, 30])
    found = replay(jobs, FOUR, FCFS).simulated
    assert found == ScheduleMetrics(
        jobs=3,
        mean_wait_s=(0 + 90 + 80) / 3,
        p50_wait_s=80,
        p95_wait_s=90,
        mean_bounded_slowdown=(1 + 140 / 50 + 82 / 10) / 3,
        max_bounded_slowdown=8.2,
        utilization=(400 + 100 + 2) / (4 * 150),
        makespan_s=150,
    )


def test_the_recorded_schedule_is_measured_the_same_way_over_the_same_jobs():
    jobs = log(
        slots=[4, 4, 4, 9],
        submit_s=[0, 0, 0, 0],
        run_s=[100, 300, 100, 7],
        wait_s=[0, 100, -1, 5],
        allocated_slots=[4, 3, 4, 9],
    )
    result = replay(jobs, FOUR, FCFS)
    assert result.simulated.jobs == 3
    assert result.recorded is not None
    assert result.recorded.jobs == 2, "those replayed whose wait is known"
    assert result.recorded.makespan_s == 400, "as it was: past the requested time too"
    assert result.recorded.utilization == (4 * 100 + 3 * 300) / (4 * 400)


def test_the_recorded_past_had_its_own_machine():
    jobs = changed(log(slots=[2], wait_s=[0]), max_slots=4)
    result = replay(jobs, PoolSpec("machine", 2), FCFS)
    assert result.simulated.utilization == 1.0
    assert result.recorded is not None
    assert result.recorded.utilization == 0.5


def test_without_recorded_waits_there_is_no_recorded_schedule():
    assert replay(log(slots=[1]), FOUR, FCFS).recorded is None


def test_wide_jobs_hold_whole_nodes():
    result = replay(log(slots=[5]), PoolSpec("machine", 2, 4, counted=False), FCFS)
    assert result.slots == 8
    assert result.simulated.utilization == 1.0


def test_a_job_past_its_limit_is_killed_there_and_counted():
    result = replay(log(run_s=[300, 100]), FOUR, FCFS)
    assert result.outcome.end_s.tolist() == [200, 101]
    assert result.outcome.killed.tolist() == [True, False]
    assert result.killed == 1
    assert [str(tally) for tally in result.remarks] == [
        "1 × ran past the requested time: killed there (job 1)"
    ]


def test_what_cannot_be_replayed_is_counted_with_its_reason():
    result = replay(log(slots=[1, 9, 0, 1], run_s=[100, 100, 100, 0]), FOUR, FCFS)
    assert result.simulated.jobs == 1
    assert [(tally.reason, tally.count, tally.examples) for tally in result.dropped] == [
        ("no slots", 1, ("job 3",)),
        ("larger than the machine (4 slots)", 1, ("job 2",)),
        ("no run time", 1, ("job 4",)),
    ]


def test_strict_refuses_whatever_is_left_out_or_changed_and_names_it_all():
    with pytest.raises(InputError) as raised:
        replay(log(slots=[1, 9, 1], run_s=[100, 100, 300]), FOUR, FCFS, strict=True)
    assert [str(problem) for problem in raised.value.problems] == [
        "test.swf: left out: 1 × larger than the machine (4 slots) (job 2)",
        "test.swf: changed: 1 × ran past the requested time: killed there (job 3)",
    ]
    assert replay(log(slots=[1]), FOUR, FCFS, strict=True).simulated.jobs == 1


def test_a_log_without_requests_is_replayed_with_exact_ones():
    result = replay(log(run_s=[100, 50], requested_s=[-1, -1]), FOUR, FCFS)
    assert result.killed == 0
    assert "no requested time in the whole log" in result.remarks[0].reason


def test_a_log_without_a_job_to_replay_is_an_error():
    with pytest.raises(LogError, match="no job is left"):
        replay(log(run_s=[0]), FOUR, FCFS)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"submit_s": [0, LATEST_S + 1]}, "submitted more than 8,700 years after .* \\(job 2\\)"),
        ({"run_s": [1, LONGEST_S + 1], "requested_s": [1, LONGEST_S + 1]}, "ran for more than 68 years"),
    ],
)
def test_times_the_clock_cannot_hold_are_refused(columns, why):
    with pytest.raises(InputError, match=why):
        replay(log(**columns), FOUR, FCFS)


def test_times_at_the_edge_of_the_clock_are_held():
    jobs = log(submit_s=[0, LATEST_S], run_s=[LONGEST_S, LONGEST_S], requested_s=[LONGEST_S, LONGEST_S])
    assert replay(jobs, FOUR, FCFS).simulated.makespan_s == LATEST_S + LONGEST_S


def test_a_request_beyond_all_bounds_is_planned_as_the_longest_and_remarked():
    result = replay(log(requested_s=[2**50]), FOUR, FCFS)
    assert result.outcome.end_s.tolist() == [100]
    assert "asks for more than 68 years" in result.remarks[0].reason


def test_the_jobs_are_left_as_they_were():
    jobs = log(slots=[1, 9], run_s=[300, 100])
    before = jobs.frame.copy()
    replay(jobs, FOUR, FCFS)
    assert jobs.frame.equals(before)


def test_a_job_that_never_waits_has_slowdown_one_however_short():
    one = np.array([1])
    found = schedule_metrics(submit_s=one, wait_s=0 * one, run_s=one, held_slots=one, machine_slots=1)
    assert (found.mean_bounded_slowdown, found.max_bounded_slowdown) == (1.0, 1.0)


def test_every_number_has_a_unit():
    assert set(ScheduleMetrics.__match_args__) <= set(REPLAYED)
