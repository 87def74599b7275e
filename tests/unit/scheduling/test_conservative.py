"""Conservative backfilling on small schedules worked out by hand, and what it refuses."""

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import Pool, PoolJobs, PoolSpec
from capacity.scheduling.rules import Rules


def conservative(**more) -> Rules:
    return Rules(backfill="conservative", **more)


def starts(rows, spec, rules=None) -> list[int]:
    """Rows of submit, run, requested, slots."""
    jobs = Jobs(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))
    system = batch_system([spec], rules or conservative(), jobs)
    system.run()
    return system.outcome().start_s.tolist()


def test_nobody_passes_a_job_it_would_delay():
    """Four slots. EASY starts the last at once: that delays only the third, which has no promise there."""
    rows = [
        (0, 100, 100, 3),
        (1, 50, 50, 2),  # promised 100
        (2, 100, 100, 4),  # promised 150
        (3, 300, 300, 1),  # fits beside the first two, not beside the third
    ]
    assert starts(rows, PoolSpec("p", 4)) == [0, 100, 150, 250]
    assert starts(rows, PoolSpec("p", 4), Rules()) == [0, 100, 303, 3]


def test_an_early_end_moves_reservations_in_queue_order():
    """The first job gives back 60 s: the second moves from 100 to 40, the third from 150 to 90."""
    rows = [(0, 40, 100, 4), (1, 50, 50, 4), (2, 50, 50, 4)]
    assert starts(rows, PoolSpec("p", 4)) == [0, 40, 90]


def test_replanning_may_break_a_promise_that_sticky_keeps():
    """Two slots. The third job is promised 30, the fourth 20, before it; then the first ends at 15."""
    rows = [(0, 15, 30, 1), (0, 20, 20, 1), (1, 30, 30, 2), (2, 10, 10, 1)]
    spec = PoolSpec("p", 2)
    # A plan made anew has the third job at 20 and no room for the fourth before 50.
    assert starts(rows, spec, conservative(conservative="replan")) == [0, 0, 20, 50]
    # The promise of 20 stands in the third job's way; the fourth moves to 15.
    assert starts(rows, spec) == [0, 0, 30, 15]
    # Only pyss looks again when the second job ends at 20, on time: then 25 is free for the third.
    assert starts(rows, spec, conservative(ties="pyss")) == [0, 0, 25, 15]


def test_an_arrival_gets_its_place_once_and_for_all():
    """Under sjf a short newcomer goes first only where plans are made anew."""
    rows = [(0, 10, 10, 2), (1, 10, 10, 2), (2, 5, 5, 2)]
    spec = PoolSpec("p", 2)
    assert starts(rows, spec, conservative(order="sjf")) == [0, 10, 20]
    assert starts(rows, spec, conservative(order="sjf", conservative="replan")) == [0, 15, 10]


def test_a_known_delivery_is_in_the_plan_from_the_start():
    """The wide job is promised 50, when two slots come; the long one may not take one of its four."""
    rows = [(0, 100, 100, 1), (0, 10, 10, 4), (0, 51, 51, 1), (0, 50, 50, 1)]
    assert starts(rows, PoolSpec("p", 3, deliveries=((50, 2),))) == [0, 50, 60, 0]


def test_only_the_first_hold_reservations():
    """With a depth of one the second of those that wait is not looked at, so the last cannot pass it."""
    rows = [(0, 10, 10, 3), (1, 10, 10, 4), (2, 10, 10, 4), (3, 5, 5, 1)]
    spec = PoolSpec("p", 4)
    assert starts(rows, spec) == [0, 10, 20, 3]
    assert starts(rows, spec, conservative(backfill_depth=1)) == [0, 10, 20, 30]
    assert starts(rows, spec, conservative(backfill_depth=2)) == [0, 10, 20, 30]
    assert starts(rows, spec, conservative(backfill_depth=3)) == [0, 10, 20, 3]


def test_on_a_grid_reservations_begin_at_its_points():
    rows = [(0, 12, 12, 2), (1, 5, 5, 2), (2, 3, 3, 1), (3, 3, 3, 1)]
    assert starts(rows, PoolSpec("p", 2), conservative(cycle_s=10)) == [0, 20, 30, 30]
    # The second starts at 20 and ends at 25: 30 is the next point.
    assert starts(rows, PoolSpec("p", 2)) == [0, 12, 17, 17]


def test_a_reservation_that_meets_an_overrun_waits_for_it():
    """The first job runs 25 s beyond its request; the second was promised 10, and the third 20."""
    rows = [(0, 35, 10, 2), (1, 10, 10, 2), (2, 10, 10, 1)]
    assert starts(rows, PoolSpec("p", 2), conservative(overrun="allow")) == [0, 35, 45]
    assert starts(rows, PoolSpec("p", 2)) == [0, 10, 20]


def test_exact_estimates_are_planned_with():
    """One slot is free from 0 to 30: the second job's request of 50 does not fit there, its run does."""
    rows = [(0, 30, 40, 1), (0, 20, 40, 2), (1, 20, 50, 1)]
    assert starts(rows, PoolSpec("p", 2), conservative(estimates="exact")) == [0, 30, 1]
    assert starts(rows, PoolSpec("p", 2)) == [0, 30, 50]


def test_many_deliveries_make_a_profile_of_many_blocks():
    deliveries = tuple((10 * time, 1) for time in range(1, 301))
    rows = [(0, 5, 5, slots) for slots in range(300, 0, -7)]
    found = starts(rows, PoolSpec("p", 1, deliveries=deliveries))
    assert found == [10 * (slots - 1) for slots in range(300, 0, -7)]


def test_jobs_of_no_duration_come_and_go_within_their_instant():
    rows = [(0, 0, 5, 2), (0, 0, 5, 2), (0, 3, 5, 2), (3, 0, 1, 1)]
    for ties in ("instant", "event", "pyss"):
        for kind in ("sticky", "replan"):
            assert starts(rows, PoolSpec("p", 2), conservative(ties=ties, conservative=kind)) == [0, 0, 0, 3]


def test_the_clock_may_start_late_and_nobody_may_come():
    columns = (np.array(column) for column in ([0, 101], [5, 5], [5, 5], [1, 1]))
    system = batch_system([PoolSpec("p", 1)], conservative(), Jobs(*columns), start_s=100)
    system.run()
    assert system.outcome().start_s.tolist() == [100, 105]
    none = np.array([], np.int64)
    system = batch_system([PoolSpec("p", 3)], conservative(), Jobs(none, none, none, none))
    system.run()
    assert system.outcome().start_s.size == 0


@pytest.mark.parametrize(
    ("spec", "more", "said"),
    [
        (PoolSpec("p", 2, 4, counted=False), {}, "counted"),
        (PoolSpec("p", 2), {"order": "wfp3"}, "order fcfs or order sjf"),
        (PoolSpec("p", 2), {"backfill_order": "sjf"}, "order sjf"),
        (PoolSpec("p", 2), {"reservations": 3}, "backfill_depth 3"),
        (PoolSpec("p", 2), {"ties": "event", "cycle_s": 30}, "ties instant"),
        (PoolSpec("p", 2), {"ties": "pyss", "overrun": "allow"}, "ties instant or ties event"),
    ],
)
def test_what_one_pool_cannot_mean_is_refused_with_what_is_allowed(spec, more, said):
    one = np.ones(1, np.int32)
    with pytest.raises(InputError, match=said):
        Pool(spec, conservative(**more), PoolJobs(one.astype(np.int64), one, one, one, one))
