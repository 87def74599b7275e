"""Jobs that contend for storage: small cases by hand, and what jobs meet the next day."""

from types import SimpleNamespace

import numpy as np
import pytest

from capacity.scheduling.pools.pool import LONGEST_S
from capacity.simulation.bandwidth.contention import LEAST_FRAC, SAVE, STREAM, Contention, IoColumns, IoPlan

DAY = 86_400
EDGES = [0, DAY, 2 * DAY, 3 * DAY]


def plan_of(waiting, *, per_job=None, saved=None, brought=0.0, rates=(1.0, 1.0)):
    """One tier that reads and writes so many bytes a second for each usable byte; jobs move nothing."""
    classes = len(waiting)
    nothing = np.zeros((classes, 2))
    return IoPlan(
        tiers=("disk",),
        rates=np.array([rates]),
        per_job=nothing if per_job is None else np.array(per_job, float),
        per_slot=nothing,
        per_slot_s=nothing,
        saved_per_job=nothing,
        saved_per_slot=nothing if saved is None else np.array(saved, float),
        waiting_frac=np.array(waiting, float),
        brought=np.tile([0.0, brought], (3, 1)),
    )


def jobs_of(*rows, cycle=None, write=None):
    """Jobs as ``(class, slots, submit, run, requested)``."""
    of, slots, submit, run, asked = np.array(rows, np.int64).T
    saving = [None if x is None else np.array(x, np.int32) for x in (cycle, write)]
    return IoColumns(of, slots, submit, run, asked, run, *saving)


def look(plan, jobs, running, capacity=10.0):
    found = Contention(plan, jobs, EDGES)
    found.look(np.array(running, np.int64), [capacity])
    return found


class Batch:
    """What is left of a batch system when nothing but stretching is asked of it."""

    def __init__(self):
        self.calls = []

    def stretch(self, rows, run_s, requested_s):
        self.calls.append(SimpleNamespace(rows=rows, run_s=run_s, requested_s=requested_s))


def test_one_class_slows_down_to_the_bandwidth():
    """Two jobs read 1,500 B in 100 s each, 30 B/s, and there are 10: what takes 100 s takes 300 s."""
    found = look(
        plan_of([0.2], per_job=[[1500, 0]]), jobs_of((0, 1, 0, 100, 100), (0, 4, 0, 100, 100)), [0, 1]
    )
    assert 0.8 + 0.2 * found.stretch[STREAM, 0] == pytest.approx(3)
    assert found.record.load_frac[0].tolist() == [3, 0]
    assert found.record.stretch[0, 0] == pytest.approx(found.stretch[STREAM, 0])
    assert found.record.waiting_slots[0].tolist() == pytest.approx([1, 0])


def test_two_classes_share_evenly_by_slots():
    """Both do nothing but read; the one of one slot wants 2 of the 10 B/s, that of three slots 30."""
    plan = plan_of([1.0, 1.0], per_job=[[200, 0], [3000, 0]])
    found = look(plan, jobs_of((0, 1, 0, 100, 100), (1, 3, 0, 100, 100)), [0, 1])
    assert found.stretch[STREAM] == pytest.approx([1, 30 / 8])


def test_twice_the_bandwidth_removes_the_stretch():
    plan, jobs = plan_of([0.5], per_job=[[1900, 0]]), jobs_of((0, 1, 0, 100, 100))
    assert look(plan, jobs, [0]).stretch[STREAM, 0] > 1
    assert np.all(look(plan, jobs, [0], capacity=20.0).stretch == 1)


def test_saving_waits_for_writing_and_reading_does_not():
    """A job of 400 s saves three times, 10 s each, 1,000 B for each of 2 slots: 15 B/s of 10."""
    plan = plan_of([0.5], saved=[[0, 1000]])
    found = look(plan, jobs_of((0, 2, 0, 400, 400), cycle=[110], write=[10]), [0])
    part = 30 / 400
    assert found.stretch[STREAM, 0] == 1
    assert 1 - part + part * found.stretch[SAVE, 0] == pytest.approx(1.5)


def test_the_worst_of_what_a_class_waits_for_counts():
    plan = plan_of([1.0], per_job=[[2000, 3000]])
    assert look(plan, jobs_of((0, 1, 0, 100, 100)), [0]).stretch[STREAM, 0] == pytest.approx(3)


def test_who_is_not_known_to_wait_takes_his_share_and_is_not_stretched():
    plan = plan_of([0.0, 1.0], per_job=[[1000, 0], [1000, 0]])
    found = look(plan, jobs_of((0, 1, 0, 100, 100), (1, 1, 0, 100, 100)), [0, 1])
    assert found.stretch[STREAM] == pytest.approx([1, 2])


@pytest.mark.parametrize(("brought", "left"), [(4.0, 6.0), (400.0, 10 * LEAST_FRAC)])
def test_what_is_brought_in_goes_first_and_leaves_some(brought, left):
    plan = plan_of([1.0], per_job=[[0, 2000]], brought=brought)
    found = look(plan, jobs_of((0, 1, 0, 100, 100)), [0])
    assert found.stretch[STREAM, 0] == pytest.approx(20 / left)
    assert found.record.load_frac[0, 1] == pytest.approx((20 + brought) / 10)


def test_nothing_waits_for_a_tier_that_is_not_in_service():
    found = look(plan_of([1.0], per_job=[[2000, 0]]), jobs_of((0, 1, 0, 100, 100)), [0], capacity=0.0)
    assert np.all(found.stretch == 1)
    assert np.isnan(found.record.load_frac[0]).all()


def test_nothing_runs():
    found = look(plan_of([1.0], per_job=[[2000, 0]]), jobs_of((0, 1, 0, 100, 100)), [])
    assert np.all(found.stretch == 1)
    assert found.record.load_frac[0].tolist() == [0, 0]


def test_jobs_of_the_next_day_meet_it_and_no_others():
    """What runs wants twice what there is; half of a run waits, so that it takes twice as long."""
    rows = [(0, 1, 0, 100, 100), (0, 1, DAY, 100, 100), (0, 1, DAY + 1, 100, 100), (0, 1, 2 * DAY, 90, 100)]
    jobs = jobs_of(*rows, (0, 1, 2 * DAY + 1, 100, 100))
    contention, batch = Contention(plan_of([0.5], per_job=[[2000, 0]]), jobs, EDGES), Batch()
    contention.settle(batch, np.array([0]), [10.0])
    (call,) = batch.calls
    assert call.rows.tolist() == [2, 3]
    assert call.run_s.tolist() == [200, 180]
    assert call.requested_s.tolist() == [240, 240]


def test_nothing_is_asked_of_the_batch_system_where_nothing_contends():
    jobs = jobs_of((0, 1, 0, 100, 100), (0, 1, DAY + 1, 100, 100))
    contention, batch = Contention(plan_of([0.5], per_job=[[1000, 0]]), jobs, EDGES), Batch()
    for _ in range(3):
        contention.settle(batch, np.array([0]), [10.0])
    assert batch.calls == []
    assert contention.record.load_frac[:, 0].tolist() == [1, 1, 1]


def test_who_asks_for_too_little_still_does_and_nobody_else():
    jobs = jobs_of((0, 1, 0, 100, 100), (0, 1, 0, 100, 99), (0, 1, 0, 120, 120), (0, 1, 0, 1, 60))
    contention = look(plan_of([1.0], per_job=[[1010, 0]]), jobs, [0])
    rows, run, asked = contention.stretched(np.arange(4))
    assert rows.tolist() == [0, 1, 2]  # one second more or less does not show in a job of one second
    assert run.tolist() == [101, 101, 121]
    assert asked.tolist() == [120, 100, 180]


def test_no_run_time_leaves_the_clock():
    jobs = jobs_of((0, 1, 0, 100, 200), (0, 1, 0, 10**6, 10**7), (0, 1, 0, 10**6, 10))
    contention = look(plan_of([1.0], per_job=[[1e30, 0]]), jobs, [0])
    _, run, asked = contention.stretched(np.arange(3))
    assert run.tolist() == [LONGEST_S] * 3
    assert asked.max() <= LONGEST_S and asked[2] < LONGEST_S
