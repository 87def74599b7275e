"""Jobs enter the queue of a replay when they could have started: eligible, or after the job before them."""

import numpy as np
import pytest

from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.replay.files import job_outcomes
from capacity.study.replay.replay import replay
from workloads.jobtable import table_from

HOUR_S, DAY_S = 3_600, 86_400


def test_a_chain_that_was_not_eligible_does_not_compete_with_itself():
    """Three jobs in a chain, one with a begin time, one free: each waits 5 to 10 s since it was eligible."""
    columns = {
        "job_id": [1, 2, 3, 4, 5],
        "submit_s": [0, 0, 0, 0, 1_800],
        "eligible_s": [0, 4 * HOUR_S + 11, 8 * HOUR_S + 21, 5 * DAY_S, 1_800],
        "wait_s": [10, 9, 9, 10, 5],
        "run_s": [4 * HOUR_S, 4 * HOUR_S, 4 * HOUR_S, HOUR_S, HOUR_S],
        "requested_s": [6 * HOUR_S] * 5,
        "slots": [64, 64, 64, 8, 64],
    }
    replayed = replay(table_from(columns), PoolSpec("machine", 128), Rules())
    assert replayed.recorded.mean_wait_s == pytest.approx(8.6)
    assert replayed.simulated.mean_wait_s == 0
    assert job_outcomes(replayed).wait_s.max() == 0
    assert replayed.told[0].count == 3


def chain(think_s):
    columns = {"job_id": [1, 2, 3], "submit_s": [20, 20, 20], "wait_s": [0, 1_200, 3_300], "slots": [1, 5, 1],
               "run_s": [1_200, 2_100, 900], "requested_s": [1_200, 2_100, 900], "afterany_id": [-1, 1, 2],
               "think_s": [-1, think_s, think_s]}  # fmt: skip
    return table_from(columns)


@pytest.mark.parametrize(
    "policy", [Rules(), Rules(backfill="none"), Rules(backfill="conservative", conservative="replan")]
)
@pytest.mark.parametrize("think_s", [-1, 0, 61, 600, 7_200])
def test_a_preceding_job_goes_before(think_s, policy):
    replayed = replay(chain(think_s), PoolSpec("machine", 48), policy)
    thought = 2 * think_s if think_s > 0 else 0
    assert replayed.simulated.makespan_s == 70 * 60 + thought
    start = replayed.outcome.start_s
    assert (np.diff(start) >= [1_200, 2_100]).all()


def test_a_job_that_names_one_that_is_not_there_or_itself_is_free():
    columns = {"job_id": [1, 2], "submit_s": [0, 5], "run_s": [100, 100], "requested_s": [100, 100],
               "slots": [1, 1], "afterok_id": [77, 2]}  # fmt: skip
    replayed = replay(table_from(columns), PoolSpec("machine", 4), Rules())
    assert replayed.outcome.start_s.tolist() == [0, 5]


def test_a_job_after_one_that_was_killed_runs_as_it_did():
    columns = {"job_id": [1, 2], "submit_s": [0, 0], "run_s": [200, 100], "requested_s": [100, 100],
               "slots": [1, 1], "afterok_id": [-1, 1]}  # fmt: skip
    replayed = replay(table_from(columns), PoolSpec("machine", 4), Rules())
    assert replayed.outcome.start_s.tolist() == [0, 100]
