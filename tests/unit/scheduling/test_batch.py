"""Small schedules worked out by hand, and what a batch system tells about itself."""

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import LATEST_SUBMIT_S, Jobs
from capacity.scheduling.pools.pool import LONGEST_S, PoolSpec
from capacity.scheduling.pools.system import PoolSystem
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import Restarts, SiteRules
from capacity.scheduling.site.system import SiteSystem


def jobs(*rows) -> Jobs:
    """Rows of submit, run, requested, slots."""
    return Jobs(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


def starts(rows, spec, rules=None) -> list[int]:
    system = batch_system([spec], rules or Rules(), jobs(*rows))
    system.run()
    return system.outcome().start_s.tolist()


def test_backfilling_by_time_by_spare_slots_and_not_at_all():
    """Ten slots; six are taken until 100, so the head of eight waits for 100 and leaves two spare then."""
    rows = [
        (0, 100, 100, 6),
        (1, 50, 50, 8),  # the head: 100
        (2, 98, 98, 1),  # ends at 100: in time
        (3, 500, 500, 2),  # outlasts the shadow time in the two spare slots
        (4, 500, 500, 1),  # none is spare any more
        (5, 95, 95, 1),  # ends at 100 in the last free slot
    ]
    assert starts(rows, PoolSpec("p", 10)) == [0, 100, 2, 3, 150, 5]
    assert starts(rows, PoolSpec("p", 10), Rules(backfill="none")) == [0, 100, 100, 150, 150, 150]


def test_a_job_may_start_when_it_would_end_at_the_shadow_time_but_not_later():
    rows = [(0, 10, 10, 1), (0, 10, 10, 2), (0, 10, 10, 1), (0, 11, 11, 1)]
    assert starts(rows, PoolSpec("p", 2)) == [0, 10, 0, 20]


def test_a_job_is_killed_at_its_request():
    system = batch_system([PoolSpec("p", 1)], Rules(), jobs((0, 100, 60, 1), (0, 10, 60, 1)))
    system.run()
    outcome = system.outcome()
    assert outcome.end_s.tolist() == [60, 70]
    assert outcome.killed.tolist() == [True, False]


def test_ends_come_before_arrivals_and_one_pass_sees_both():
    """Both slots come free at 10; the dialects differ in who sees them together."""
    rows = [(0, 10, 20, 1), (0, 10, 20, 1), (5, 10, 10, 2), (6, 5, 5, 1)]
    assert starts(rows, PoolSpec("p", 2), Rules(ties="instant")) == [0, 0, 10, 20]
    # After the first end alone the head does not fit; the last job ends before its shadow time, 20.
    assert starts(rows, PoolSpec("p", 2), Rules(ties="event")) == [0, 0, 15, 10]


def test_under_pyss_a_slot_expected_to_be_free_now_already_is():
    rows = [(0, 10, 10, 1), (10, 5, 5, 1)]
    assert starts(rows, PoolSpec("p", 1), Rules(ties="pyss")) == [0, 10]
    # The arrival at 10 is handled first and takes the slot that the job of 0 leaves early only afterwards.
    rows = [(0, 10, 10, 1), (0, 10, 30, 1), (5, 10, 10, 2), (10, 3, 3, 1)]
    assert starts(rows, PoolSpec("p", 2), Rules(ties="pyss")) == [0, 0, 13, 10]
    assert starts(rows, PoolSpec("p", 2), Rules(ties="instant")) == [0, 0, 10, 20]


@pytest.mark.parametrize(
    ("placement", "slots", "last"),
    [
        ("best-fit", [2, 3, 1, 2, 4], 0),  # nodes: 2+2, 3+1, 4
        ("first-fit", [2, 3, 1, 2, 4], 10),  # nodes: 2+1, 3, 2: the fifth wants a whole one
        ("worst-fit", [2, 3, 1, 2, 4], 10),  # nodes: 2, 3, 1+2
        ("worst-fit", [2, 2, 2, 2, 2], 0),
        ("best-fit", [1, 4, 3, 4, 1], 10),
    ],
)
def test_placement_decides_whether_a_whole_node_stays_free(placement, slots, last):
    """Three nodes of four slots, and five jobs of 10 s that together want all twelve, or more."""
    rows = [(0, 10, 10, s) for s in slots]
    found = starts(rows, PoolSpec("p", 3, 4, counted=False), Rules(placement=placement))
    assert found == [0, 0, 0, 0, last]


def test_wide_jobs_wait_for_whole_nodes():
    """Eight slots are free, but on four half-used nodes; the wide job needs two idle ones."""
    rows = [(0, 10, 10, 2), (0, 20, 20, 2), (0, 30, 30, 2), (0, 40, 40, 2), (1, 5, 5, 5), (1, 5, 5, 8)]
    spec = PoolSpec("p", 4, 4, counted=False)
    assert starts(rows, spec, Rules(placement="worst-fit", backfill="none")) == [0, 0, 0, 0, 20, 25]
    assert starts(rows, PoolSpec("p", 4, 4), Rules(backfill="none")) == [0, 0, 0, 0, 1, 6]


def test_jobs_too_large_for_now_wait_for_a_delivery_and_others_are_rejected():
    spec = PoolSpec("p", 2, deliveries=((100, 2), (200, 1)))
    system = batch_system(
        [spec], Rules(), jobs((0, 10, 10, 4), (0, 10, 10, 5), (0, 10, 10, 6), (0, 10, 10, 1))
    )
    system.run()
    outcome = system.outcome()
    assert outcome.start_s.tolist() == [100, 200, -1, 0]
    assert outcome.rejected.tolist() == [False, False, True, False]
    assert outcome.end_s.tolist() == [110, 210, -1, 10]


def test_a_known_delivery_counts_in_the_shadow_time():
    """The head gets its fourth slot at 50, not at 100: whoever would run beyond 50 must wait."""
    rows = [(0, 100, 100, 1), (0, 10, 10, 4), (0, 51, 51, 1), (0, 50, 50, 1)]
    assert starts(rows, PoolSpec("p", 3, deliveries=((50, 2),))) == [0, 50, 60, 0]
    assert starts(rows, PoolSpec("p", 4)) == [0, 100, 0, 0]


def test_delivering_more_than_is_known_is_refused():
    system = batch_system([PoolSpec("p", 1)], Rules(), jobs((0, 1, 1, 1)))
    with pytest.raises(InputError, match="no delivery left"):
        system.deliver(0)


def test_jobs_of_no_duration_come_and_go_within_their_instant():
    rows = [(0, 0, 5, 2), (0, 0, 5, 2), (0, 3, 5, 2), (3, 0, 1, 1)]
    for ties in ("instant", "event", "pyss"):
        assert starts(rows, PoolSpec("p", 2), Rules(ties=ties)) == [0, 0, 0, 3]


@pytest.mark.parametrize("counted", [True, False])
def test_no_jobs_at_all(counted):
    none = np.array([], np.int64)
    system = batch_system([PoolSpec("p", 3, 2, counted)], Rules("saf"), Jobs(none, none, none, none))
    system.run()
    assert system.outcome().start_s.size == 0
    assert system.states()["p"].capacity_slots == 6


def test_the_clock_may_start_late():
    """Jobs submitted before the start are there at the start."""
    system = batch_system([PoolSpec("p", 1)], Rules(), jobs((0, 5, 5, 1), (101, 5, 5, 1)), start_s=100)
    system.run()
    assert system.outcome().start_s.tolist() == [100, 105]


def test_long_requests_and_late_times_fit():
    late = LATEST_SUBMIT_S
    rows = [(0, LONGEST_S, LONGEST_S, 1), (late, LONGEST_S, 10 * LONGEST_S, 1), (late, 5, 5, 1)]
    assert starts(rows, PoolSpec("p", 1)) == [0, late, late + LONGEST_S]


def test_the_outcome_so_far_agrees_with_the_state():
    """What is due at the moment itself has not happened yet, neither here nor there."""
    system = batch_system([PoolSpec("p", 1)], Rules(), jobs((0, 10, 10, 1), (0, 10, 10, 1)))
    for moment, ended in [(9, []), (10, []), (11, [10]), (20, [10]), (21, [10, 20])]:
        system.advance(moment)
        outcome, state = system.outcome(), system.pools[0].state()
        assert state.ended_jobs == len(ended)
        assert outcome.end_s[outcome.end_s >= 0].tolist() == ended


def test_jobs_name_a_pool_that_exists():
    rows = jobs((0, 1, 1, 1), (0, 1, 1, 1))
    nowhere = Jobs(rows.submit_s, rows.run_s, rows.requested_s, rows.slots, np.array([0, 2]))
    with pytest.raises(InputError):
        batch_system([PoolSpec("a", 1), PoolSpec("b", 1)], Rules(), nowhere)


def test_a_job_larger_than_its_pool_is_rejected_although_another_would_hold_it():
    rows = jobs((0, 1, 1, 3), (0, 1, 1, 3))
    named = Jobs(rows.submit_s, rows.run_s, rows.requested_s, rows.slots, np.array([0, 1]))
    system = batch_system([PoolSpec("small", 2), PoolSpec("large", 4)], Rules(), named)
    system.run()
    assert system.outcome().rejected.tolist() == [True, False]
    assert [pool.n_jobs for pool in system.pools] == [0, 1]
    assert system.ended_rows([0, 0]).tolist() == [1]


def test_what_cannot_happen_takes_no_memory():
    """Pools without failures: what would be the same for all jobs is one number, which nobody can change."""
    rows = jobs((0, 10, 10, 1), (0, 20, 20, 1), (0, 5, 5, 9))
    system = batch_system([PoolSpec("p", 1)], Rules(), rows)
    system.advance(15)
    outcome = system.outcome()
    for name in ("pool", "cancelled", "node_fail", "lost_s", "restart_s"):
        column = getattr(outcome, name)
        assert column.tolist() == [0, 0, 0]
        assert column.strides == (0,)
        assert not column.flags.writeable
    assert outcome.last_start_s is outcome.start_s
    assert not outcome.interruptible
    assert outcome.attempts.tolist() == [1, 1, 0]
    assert outcome.running.tolist() == [False, True, False]
    assert outcome.ran_s.tolist() == [10, 0, 0]


def test_the_pool_of_each_job_is_part_of_what_became_of_it():
    rows = jobs((0, 10, 10, 1), (0, 20, 20, 3))
    for site in (None, SiteRules()):
        named = Jobs(rows.submit_s, rows.run_s, rows.requested_s, rows.slots, np.array([1, 0]))
        system = batch_system(
            [PoolSpec("a", 2, 2, counted=False), PoolSpec("b", 2)], Rules(), named, site=site
        )
        system.run()
        outcome = system.outcome()
        assert outcome.pool.dtype == np.int16
        assert outcome.pool.tolist() == [1, 0]
        assert outcome.held_slots.tolist() == [1, 4]


@pytest.mark.parametrize(
    ("rules", "given", "core"),
    [
        (Rules(), {}, "queue"),
        (Rules(backfill="conservative"), {}, "conservative"),
        (Rules(), {"site": SiteRules()}, "site"),
        (Rules(reservations=2), {}, "site"),
        (Rules("multifactor"), {}, "site"),
        (Rules(), {"holds": True}, "queue"),
        (Rules("wfp3"), {"holds": True}, "site"),
        (Rules(), {"restarts": Restarts()}, "queue"),
        (Rules("wfp3"), {"restarts": Restarts()}, "site"),
    ],
)
def test_the_batch_system_is_the_one_that_knows_the_rules(rules, given, core):
    system = batch_system([PoolSpec("p", 2)], rules, jobs((0, 1, 1, 1)), **given)
    assert isinstance(system, SiteSystem if core == "site" else PoolSystem)
    assert system.core == core


def test_the_longest_queue_counts_jobs_that_wait():
    """Three wait while the fourth runs; those that start at once never stood in the queue."""
    rows = [(0, 10, 10, 1)] * 4
    for order in ("fcfs", "sjf"):
        system = batch_system([PoolSpec("p", 1)], Rules(order), jobs(*rows))
        system.run()
        assert system.states()["p"].peak_waiting_jobs == 3, order


def test_time_does_not_run_backwards():
    system = batch_system([PoolSpec("p", 1)], Rules(), jobs((0, 10, 10, 1)))
    system.advance(5)
    system.advance(5)
    with pytest.raises(ValueError, match="pool p: it is 5 s already"):
        system.advance(4)


def test_after_the_last_job_the_clock_stays():
    """The integrals end with the last event: a machine of a billion slots would overflow them otherwise."""
    spec = PoolSpec("p", 1_000_000_000)
    system = batch_system([spec], Rules(), jobs((0, 10, 10, 1), (5, 20, 30, 1)))
    system.run()
    state = system.states()["p"]
    assert state.now_s == 25
    assert state.capacity_slot_s == 25_000_000_000
    assert state.busy_slot_s == 30
    assert system.outcome().end_s.tolist() == [10, 25]


@pytest.mark.parametrize("ties", ["instant", "event", "pyss"])
def test_a_request_of_nothing_counts_as_a_second_in_planning(ties):
    """Such jobs end where they start, one after the other on the only slot; nobody shares it."""
    rows = [(0, 5, 0, 1), (0, 0, 0, 1), (0, 4, 4, 1), (2, 3, 0, 1)]
    system = batch_system([PoolSpec("p", 1)], Rules(ties=ties), jobs(*rows))
    system.run()
    outcome = system.outcome()
    assert outcome.start_s.tolist() == [0, 0, 0, 4]
    assert outcome.end_s.tolist() == [0, 0, 4, 4]
    assert outcome.killed.tolist() == [True, False, False, True]


def test_the_longest_wait_for_its_request_goes_first():
    """The slot is free at 100; one job has then waited a tenth of its request, the other ten times."""
    rows = [(0, 100, 100, 1), (0, 5, 1_000, 1), (1, 5, 10, 1)]
    for order in ("wfp3", "unicef", "expansion"):
        assert starts(rows, PoolSpec("p", 1), Rules(order, recompute_s=0)) == [0, 105, 100], order
    assert starts(rows, PoolSpec("p", 1)) == [0, 100, 105]


def test_keys_that_are_not_due_stay():
    """With multiples of 100 the first pass after 100 works keys out; with 1,000 they stand as they came."""
    rows = [(50, 55, 55, 1), (50, 5, 1_000, 1), (51, 5, 10, 1), (51, 5, 10, 1)]
    assert starts(rows, PoolSpec("p", 1), Rules("wfp3", recompute_s=100)) == [50, 115, 105, 110]
    assert starts(rows, PoolSpec("p", 1), Rules("wfp3", recompute_s=1_000)) == [50, 105, 110, 115]


def test_passes_wait_for_the_grid():
    rows = [(0, 10, 10, 1), (1, 10, 10, 1), (61, 5, 5, 1), (120, 5, 5, 1)]
    assert starts(rows, PoolSpec("p", 1), Rules(cycle_s=60)) == [0, 60, 120, 180]
    assert starts(rows, PoolSpec("p", 1)) == [0, 10, 61, 120]


def test_depth_counts_those_that_cannot_start():
    """The head waits for both slots; behind it a long job, and a short one that would fit."""
    rows = [(0, 10, 10, 1), (0, 10, 10, 2), (0, 20, 20, 1), (0, 5, 5, 1)]
    assert starts(rows, PoolSpec("p", 2), Rules(backfill_depth=1)) == [0, 10, 20, 20]
    assert starts(rows, PoolSpec("p", 2), Rules(backfill_depth=2)) == [0, 10, 20, 0]


def test_candidates_are_tried_in_their_own_order():
    """One slot is free until 10: for the job of 5 s that came first, or for the shorter one."""
    rows = [(0, 10, 10, 1), (0, 10, 10, 2), (0, 9, 9, 1), (0, 8, 8, 1)]
    assert starts(rows, PoolSpec("p", 2)) == [0, 10, 0, 20]
    for rules in (Rules(backfill="easy-sjbf"), Rules(backfill_order="sjf")):
        assert starts(rows, PoolSpec("p", 2), rules) == [0, 10, 20, 0]


def test_a_job_may_run_past_its_request():
    """Late, it is expected at any moment: the head's shadow time is now, and nobody may start before it."""
    rows = [(0, 100, 10, 1), (0, 5, 5, 2), (20, 1, 1, 1)]
    system = batch_system([PoolSpec("p", 2)], Rules(overrun="allow"), jobs(*rows))
    system.run()
    outcome = system.outcome()
    assert outcome.start_s.tolist() == [0, 100, 105]
    assert outcome.end_s.tolist() == [100, 105, 106]
    assert not outcome.killed.any()
    assert starts(rows, PoolSpec("p", 2)) == [0, 10, 20]


def test_predictions_are_the_mean_of_the_users_last_two_and_grow_when_outlived():
    """The third job of user 7 is believed to take 15 s, then longer: the head is promised its end."""
    rows = [
        *((0, 10, 500, 1), (10, 20, 500, 1)),  # user 7 learns 10 and 20
        (40, 100, 500, 1),  # predicted 15
        (41, 10, 10, 2),  # the head of user 8: at 55 by the prediction, then at 115
        (42, 12, 12, 1),  # ends by 55
        (56, 30, 30, 1),  # ends by 115, which is known once the prediction is outlived
    ]
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
    for users in ([7, 7, 7, 8, 8, 8], [10**9, 10**9, 10**9, -1, 0, -5]):
        system = batch_system(
            [PoolSpec("p", 2)], Rules(backfill="easy++"), Jobs(*columns, user=np.array(users))
        )
        system.run()
        assert system.outcome().start_s.tolist() == [0, 10, 40, 140, 42, 56]
    with pytest.raises(InputError, match="no users"):
        batch_system([PoolSpec("p", 2)], Rules(backfill="easy++"), Jobs(*columns))
