"""Nodes that fail in pools by themselves: which core runs, what is refused, and single cases."""

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import Restarts, SiteRules

NODES = PoolSpec("nodes", 2, 2, counted=False, deliveries=((100, 1),))


def jobs(run, slots, *, asked=None, **columns):
    run = np.array(run)
    return Jobs(0 * run, run, run if asked is None else np.array(asked), np.array(slots), **columns)


def system(run, slots, *, rules=None, restarts=None, **columns):
    return batch_system(
        [NODES], rules or Rules(), jobs(run, slots, **columns), restarts=restarts or Restarts()
    )


@pytest.mark.parametrize("rules", [{}, {"order": "sjf"}, {"backfill": "none"}, {"backfill_order": "saf"},
                                   {"backfill": "easy-sjbf"}, {"overrun": "allow"}])  # fmt: skip
def test_the_queue_core_runs_when_nodes_fail(rules):
    assert system([1], [1], rules=Rules(**rules)).core == "queue"


@pytest.mark.parametrize("rules", [{"order": "wfp3"}, {"cycle_s": 30}, {"backfill_depth": 5},
                                   {"backfill": "conservative", "conservative": "replan"}])  # fmt: skip
def test_the_site_core_runs_what_the_queue_core_cannot_combine_with_failures(rules):
    batch = system([10], [1], rules=Rules(**rules), restarts=Restarts(requeue=False))
    assert batch.core == "site"
    batch.advance(5)
    batch.fail(0, 0)
    batch.run()
    assert batch.outcome().node_fail.tolist() == [True]


@pytest.mark.parametrize("rules", [{"ties": "event"}, {"backfill": "easy++"}])
def test_what_no_core_combines_with_failures_is_refused(rules):
    with pytest.raises(InputError, match="with the rules of a site"):
        system([1], [1], rules=Rules(**rules), user=np.zeros(1, int))


def test_a_checkpoint_alone_changes_nothing():
    saving = jobs([9], [1], checkpoint_s=np.array([3]), restart_s=np.array([1]))
    batch = batch_system([NODES], Rules(), saving)
    assert batch.core == "queue"
    batch.run()
    outcome = batch.outcome()
    assert not outcome.interruptible
    assert (outcome.end_s[0], outcome.ran_s[0], outcome.lost_s[0], outcome.restart_s[0]) == (9, 9, 0, 0)


@pytest.mark.parametrize("pool, node", [(0, 2), (0, -1), (1, 0)])
def test_a_node_that_is_not_there_does_not_fail(pool, node):
    batch = system([1], [1])
    for command in (batch.fail, batch.repair):
        with pytest.raises(InputError):
            command(pool, node)


def test_without_restarts_nodes_do_not_fail():
    batch = batch_system([NODES], Rules(), jobs([1], [1]))
    with pytest.raises(InputError, match="restarts=Restarts"):
        batch.fail(0, 0)


def test_what_was_saved_is_not_done_again():
    batch = system([100], [1], asked=[200], checkpoint_s=np.array([30]), restart_s=np.array([7]))
    batch.advance(70)
    batch.fail(0, 0)
    batch.fail(0, 0)  # it has failed already
    batch.advance(75)  # it is back at 71, on the other node; 40 s are left, from 78 to 118
    batch.repair(0, 0)
    batch.repair(0, 0)
    batch.run()
    outcome = batch.outcome()
    assert (outcome.start_s[0], outcome.end_s[0]) == (0, 118)
    assert (outcome.last_start_s[0], outcome.attempts[0]) == (71, 2)
    assert (outcome.ran_s[0], outcome.lost_s[0], outcome.restart_s[0]) == (70 + 47, 10, 7)
    assert batch.states()["nodes"].capacity_slots == 6


def test_a_failure_while_it_gets_going_loses_nothing_else():
    batch = system([100], [1], asked=[200], checkpoint_s=np.array([30]), restart_s=np.array([7]))
    for time, node in ((70, 0), (74, 1)):
        batch.advance(time)
        batch.fail(0, node)
    batch.repair(0, 0)
    batch.run()
    outcome = batch.outcome()
    assert (outcome.lost_s[0], outcome.restart_s[0], outcome.attempts[0]) == (10, 3 + 7, 3)
    assert outcome.end_s[0] == 75 + 7 + 40


def test_an_attempt_is_cut_at_the_request():
    batch = system([100], [1], asked=[105], restart_s=np.array([10]))
    batch.advance(50)
    batch.fail(0, 0)
    batch.run()
    outcome = batch.outcome()
    assert outcome.killed[0]
    assert (outcome.end_s[0], outcome.lost_s[0], outcome.restart_s[0]) == (51 + 105, 50, 10)


@pytest.mark.parametrize("core", ["queue", "site"])
def test_a_job_that_saves_nothing_in_so_many_attempts_is_given_up(core):
    restarts = Restarts(max_futile=3)
    given = {"restarts": restarts} if core == "queue" else {"site": SiteRules(restarts=restarts)}
    batch = batch_system([NODES], Rules(), jobs([50], [1], checkpoint_s=np.array([20])), **given)
    assert batch.core == core
    for time in (10, 40, 50, 60):  # the second attempt, from 11 on, saves 20 s
        batch.advance(time)
        batch.fail(0, 0)
        batch.repair(0, 0)
    batch.advance(70)
    assert not batch.outcome().node_fail[0]
    batch.fail(0, 0)
    batch.repair(0, 0)
    batch.run()
    outcome = batch.outcome()
    assert outcome.node_fail[0]
    assert (outcome.end_s[0], outcome.attempts[0], outcome.lost_s[0]) == (70, 5, 10 + 9 + 9 + 9 + 9)


@pytest.mark.parametrize("given", [{}, {"restarts": Restarts()}, {"site": SiteRules()}])
def test_unservable_jobs_are_rejected(given):
    marked = jobs([5, 5, 5], [1, 9, 1], unservable=np.array([True, False, False]))
    batch = batch_system([NODES], Rules(), marked, **given)
    batch.run()
    assert batch.outcome().rejected.tolist() == [True, True, False]
    assert batch.outcome().end_s.tolist() == [-1, -1, 5]


def test_numbers_below_one_are_refused():
    for name in ("max_attempts", "max_futile"):
        with pytest.raises(InputError, match=name):
            Restarts(**{name: 0})
