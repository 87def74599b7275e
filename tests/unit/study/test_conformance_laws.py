"""Every law that `capacity verify` tries can be broken: a schedule that breaks it is found out."""

from dataclasses import replace

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.conformance import interpreted, invariants
from capacity.study.conformance import reservations_kept as promises
from capacity.study.conformance.check import Check, CheckResult, job_by_job, run_checks, to_row
from capacity.study.conformance.trials import Jobs, RandomTrial, trial, trials

EASY = Rules("fcfs", "easy")


@pytest.fixture
def tried():
    return trial(3, EASY, jobs=120, counted=True)


def jobs_of(*rows):
    """Rows of submission, run time, request and slots."""
    return Jobs(*np.array(rows, np.int64).T)


def moved(outcome, row, by):
    start, end = outcome.start_s.copy(), outcome.end_s.copy()
    start[row] += by
    end[row] += by
    return replace(outcome, start_s=start, end_s=end)


def busiest(outcome):
    """A job that waited and then ran."""
    return int(np.argmax(outcome.start_s))


def test_too_many_slots_are_seen(tried):
    outcome = tried.run()
    assert not len(invariants.too_many_slots(tried, outcome))
    everyone = np.where(outcome.start_s >= 0, 200, -1)
    crowded = replace(outcome, start_s=everyone, end_s=everyone + tried.effective_run_s)
    assert len(invariants.too_many_slots(tried, crowded)) > 100


def test_more_nodes_than_there_are_are_seen_where_the_slots_would_do():
    """Three jobs of 3 slots take 9 of 10 slots, but no two of them share a node of 5."""
    jobs = jobs_of((0, 10, 10, 3), (0, 10, 10, 3), (0, 10, 10, 3))
    tried = RandomTrial(PoolSpec("p", 2, 5, counted=False), EASY, jobs)
    outcome = tried.run()
    assert outcome.start_s.tolist() == [0, 0, 10]
    assert not len(invariants.too_many_slots(tried, outcome))
    at_once = replace(outcome, start_s=np.zeros(3, np.int64))
    assert invariants.too_many_slots(tried, at_once).tolist() == [0, 1, 2]
    counted = replace(tried, spec=replace(tried.spec, counted=True))
    assert not len(invariants.too_many_slots(counted, at_once))


@pytest.mark.parametrize("by", [-10_000, 1])
def test_a_job_that_runs_at_the_wrong_time_is_seen(tried, by):
    outcome = tried.run()
    assert not len(invariants.not_as_submitted(tried, outcome))
    row = busiest(outcome)
    early = moved(outcome, row, by) if by < 0 else replace(outcome, end_s=outcome.end_s + (outcome.end_s > 0))
    assert row in invariants.not_as_submitted(tried, early)


def test_a_job_that_never_runs_is_seen(tried):
    outcome = tried.run()
    row = busiest(outcome)
    start = outcome.start_s.copy()
    start[row] = -1
    assert invariants.not_as_submitted(tried, replace(outcome, start_s=start)).tolist() == [row]


def test_starts_out_of_order_are_seen():
    tried = trial(4, Rules("fcfs", "none"), jobs=120, counted=True)
    outcome = tried.run()
    assert not len(invariants.out_of_order(tried, outcome))
    row = busiest(outcome)
    assert len(invariants.out_of_order(tried, moved(outcome, row, -50)))
    backfilled = replace(tried, rules=EASY)
    assert len(invariants.out_of_order(backfilled, backfilled.run()))


def test_another_schedule_of_the_same_seed_is_seen(tried):
    outcome = tried.run()
    assert not len(invariants.not_again(tried, outcome))
    assert invariants.not_again(tried, moved(outcome, 7, 1)).tolist() == [7]


def test_a_job_lost_on_more_nodes_is_seen(tried):
    outcome = tried.run()
    assert not len(invariants.lost_on_more_nodes(tried, outcome))
    shrunk = replace(tried, spec=replace(tried.spec, nodes=0, deliveries=((0, 1),)))
    wide = np.flatnonzero(
        tried.spec.need(tried.jobs.slots) > (1 + invariants.MORE_NODES) * tried.spec.slots_per_node
    )
    lost = invariants.lost_on_more_nodes(shrunk, outcome)
    assert set(lost) == set(wide[outcome.start_s[wide] >= 0])
    assert len(lost)


def test_a_broken_promise_of_easy_is_seen():
    """Four slots: two run to 10, the head wants four, and somebody small is in its way."""
    jobs = jobs_of((0, 10, 10, 2), (1, 5, 5, 4), (2, 5, 20, 2))
    tried = RandomTrial(PoolSpec("p", 4), EASY, jobs)
    outcome = tried.run()
    assert outcome.start_s.tolist() == [0, 10, 15]
    assert not len(promises.broken_promises(tried, outcome))
    greedy = replace(outcome, start_s=np.array([0, 22, 2]))
    assert promises.broken_promises(tried, greedy).tolist() == [1]


def test_a_broken_promise_of_conservative_backfilling_is_seen():
    """Under EASY only the head is promised anything: the second in the queue is overtaken."""
    rows = [(0, 10, 10, 3), (1, 10, 10, 2), (2, 10, 10, 4), (3, 30, 30, 1)]
    tried = RandomTrial(PoolSpec("p", 4), EASY, jobs_of(*rows))
    outcome = tried.run()
    assert outcome.start_s.tolist() == [0, 10, 33, 3]
    assert promises.exact_plan_broken(tried, outcome).tolist() == [2, 3]
    planned = replace(outcome, start_s=np.array([0, 10, 20, 30]))
    assert not len(promises.exact_plan_broken(tried, planned))


def test_a_job_later_than_its_reservation_is_seen():
    tried = RandomTrial(PoolSpec("p", 2), Rules("fcfs", "none"), jobs_of((0, 5, 10, 2), (1, 5, 5, 1)))
    outcome = tried.run()
    assert outcome.start_s.tolist() == [0, 5]
    assert not len(promises.sticky_promises_broken(tried, outcome))
    assert not len(promises.sticky_promises_broken(tried, moved(outcome, 1, 5))), "promised 10"
    assert promises.sticky_promises_broken(tried, moved(outcome, 1, 6)).tolist() == [1]


def test_the_first_trial_that_breaks_a_law_is_named(tried):
    result = invariants.check_law(lambda one, _: np.array([5]), [tried, tried], "never")
    assert result.verdict.standing == "shown not"
    assert (result.jobs, result.verdict.found) == (240, 2)
    assert "first: row 5 of fcfs+easy, instant, counted, seed 3" in result.got
    assert invariants.check_law(lambda *_: np.array([]), [], "never").verdict.standing == "shown not", (
        "nothing was tried"
    )


def test_trials_meet_every_rule_and_placement_and_come_out_the_same():
    found = trials(jobs=10)
    assert {one.rules.backfill for one in found} >= {"none", "easy", "easy-sjbf", "easy++", "conservative"}
    assert {one.rules.placement for one in found if not one.spec.counted} == {
        *("best-fit", "worst-fit", "first-fit", "random")
    }
    assert {one.rules.ties for one in found} == {"instant", "event", "pyss"}
    for one, again in zip(found, trials(jobs=10), strict=True):
        np.testing.assert_array_equal(one.jobs.submit_s, again.jobs.submit_s)


def test_a_start_that_differs_elsewhere_is_seen(monkeypatch):
    here = interpreted.starts(trials(jobs=5))
    there = [list(one) for one in here]
    monkeypatch.setattr(interpreted, "starts_elsewhere", lambda _jobs: there)
    assert interpreted.check_interpreted(5).verdict.standing == "shown"
    there[3][2] += 1
    result = interpreted.check_interpreted(5)
    assert (result.verdict.standing, result.verdict.found) == ("shown not", 1)
    assert "first under" in result.got


def test_a_process_that_fails_is_a_failed_check(monkeypatch):
    monkeypatch.setattr(interpreted, "__name__", "capacity.no_such_module")
    with pytest.raises(InputError, match="the other process failed with 1"):
        interpreted.starts_elsewhere(5)


def test_a_check_that_breaks_off_fails_and_the_next_one_runs():
    checks = [
        Check("a/broken", "nowhere", lambda: CheckResult(job_by_job("", 0, 4), str(1 / 0))),
        Check("a/unreadable", "nowhere", lambda: (_ for _ in ()).throw(InputError("odd", where="x.csv"))),
        Check("a/right", "nowhere", lambda: CheckResult(job_by_job("", 0, 4), "1")),
    ]
    rows = [to_row(done) for done in run_checks(checks)]
    assert [row["standing"] for row in rows] == ["shown not", "shown not", "shown"]
    assert rows[0]["got"] == "broke off: ZeroDivisionError: division by zero"
    assert rows[1]["got"] == "x.csv: odd"
    with pytest.raises(ZeroDivisionError):
        list(run_checks(checks, trusting=False))
