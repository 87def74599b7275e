"""The World at one instant and over a run: readings, then deliveries, then jobs; and what it calls events."""

import numpy as np
import pytest
from hypothesis import given, settings

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.simulation.storage.account import JobColumns, StorageAccount
from capacity.simulation.storage.numbers import DailyFlow, JobFlow, Life, StoragePlan, TierPlan
from capacity.simulation.world import SimulatedSite, World
from tests.support.random_cases import cases

DAY = 86_400


def jobs_of(rows, pool=None):
    """Make jobs of ``(submit, run, slots)`` rows that ask for what they need."""
    submit, run, slots = np.array(rows, np.int64).reshape(-1, 3).T
    return Jobs(submit, run, np.maximum(run, 1), slots.astype(np.int32), pool)


def columns_of(jobs):
    n = len(jobs.submit_s)
    return JobColumns(
        np.zeros(n, np.int64), np.zeros(n, np.int64), jobs.slots, jobs.run_s, np.ones(n, np.bool_)
    )


def site_of(jobs, pools, *, days=3, tiers=(), flows=(), ingests=()):
    account = StorageAccount(
        StoragePlan(tuple(tiers), tuple(flows), (), tuple(ingests)), tenants=["lab"], classes=1, days=days
    )
    edges = [DAY * n for n in range(days + 1)]
    return SimulatedSite(batch_system(pools, Rules(), jobs), account, columns_of(jobs), edges)


def run(*args, **kwargs):
    return World(site_of(*args, **kwargs)).run()


def camera(*by_day, keep=None):
    return DailyFlow("camera", "disk", "lab", np.array(by_day), Life(keep_days=keep))


def kinds(record):
    return [(event.time_s, event.kind, event.place, event.amount) for event in record.events]


# --- One instant ----------------------------------------------------------------------------------


def test_a_reading_sees_the_site_just_before_its_instant():
    """At the first midnight a job ends, nodes come, and a job is submitted: the reading has none of it."""
    jobs = jobs_of([(0, DAY, 1), (DAY, 10, 3)])
    record = run(jobs, [PoolSpec("cpu", 1, deliveries=((DAY, 2),))])
    at_midnight, later = record.readings[1].pools["cpu"], record.readings[2].pools["cpu"]
    assert (at_midnight.now_s, at_midnight.capacity_slots) == (DAY, 1)
    assert (at_midnight.running_jobs, at_midnight.ended_jobs, at_midnight.waiting_jobs) == (1, 0, 0)
    assert (later.capacity_slots, later.running_jobs, later.ended_jobs) == (3, 0, 2)


def test_what_is_delivered_serves_the_jobs_of_that_instant():
    """A job submitted at the second of the delivery starts at once on the new nodes."""
    record = run(jobs_of([(DAY, 10, 3), (DAY, 10, 1)]), [PoolSpec("cpu", 1, deliveries=((DAY, 3),))])
    assert record.outcome.start_s.tolist() == [DAY, DAY]


def test_data_of_a_day_come_before_the_storage_delivered_at_its_end():
    tier = TierPlan("disk", 1.0, ((0, 10), (DAY, 1000)))
    record = run(jobs_of([]), [PoolSpec("cpu", 1)], tiers=[tier], ingests=[camera(25, 25, 0)])
    first, second = (reading.tiers["disk"] for reading in record.readings[1:3])
    assert (first.used_bytes, first.refused_bytes, first.capacity_bytes) == (10, 15, 10)
    assert (second.used_bytes, second.refused_bytes, second.capacity_bytes) == (35, 15, 1000)


def test_a_job_that_ends_at_midnight_writes_on_the_new_day():
    flow = JobFlow("run", "disk", 0, 7.0, 0.0, 1.0)
    jobs = jobs_of([(0, DAY - 1, 1), (0, DAY, 1)])
    record = run(jobs, [PoolSpec("cpu", 2)], tiers=[TierPlan("disk", 1.0, ((0, 100),))], flows=[flow])
    assert [reading.tiers["disk"].used_bytes for reading in record.readings] == [0, 7, 14, 14]


def test_two_pools_are_delivered_at_the_same_instant():
    pools = [PoolSpec("a", 1, deliveries=((DAY, 1),)), PoolSpec("b", 1, deliveries=((DAY, 2),))]
    jobs = jobs_of([(5, 10, 2), (5, 10, 3)], pool=np.array([0, 1]))
    record = run(jobs, pools)
    assert record.outcome.start_s.tolist() == [DAY, DAY]
    assert kinds(record) == [(DAY, "delivery", "a", 2), (DAY, "delivery", "b", 3)]


# --- The join changes nothing ---------------------------------------------------------------------


def deliveries_on_midnights(case):
    return tuple((time * 3600, count) for time, count in case.deliveries)


@settings(deadline=None, max_examples=60)
@given(cases(most_jobs=20))
def test_the_world_starts_jobs_as_the_batch_system_alone_does(case):
    """Daily stops, settlements and readings do not move a single job."""
    scale = 3600  # so that the jobs and deliveries of a case spread over several days
    spec = PoolSpec("pool", case.nodes, case.slots_per_node, case.counted, deliveries_on_midnights(case))
    submit, run_s, asked = (np.array(column) * scale for column in (case.submit, case.run, case.requested))
    jobs = Jobs(submit, run_s, asked, np.array(case.slots, np.int32))
    days = int(submit.max() + np.minimum(run_s, asked).sum() + 81 * scale) // DAY + 2
    flow = JobFlow("run", "disk", 0, 1.0, 0.0, 1.0)
    site = site_of(jobs, [spec], days=days, tiers=[TierPlan("disk", 0.5, ((0, 7),))], flows=[flow])
    record = World(site).run()
    alone = batch_system([spec], Rules(), jobs)
    alone.run()
    expected = alone.outcome()
    assert record.outcome.start_s.tolist() == expected.start_s.tolist()
    assert record.outcome.end_s.tolist() == expected.end_s.tolist()
    assert record.readings[-1].pools["pool"].ended_jobs == np.count_nonzero(~expected.rejected)
    assert record.readings[-1].tiers["disk"].arrived_bytes == np.count_nonzero(~expected.rejected)


# --- Jobs that do not run -------------------------------------------------------------------------


def test_a_job_for_a_later_delivery_waits_for_it_and_lets_others_pass():
    jobs = jobs_of([(0, 100, 4), (10, 100, 2)])
    record = run(jobs, [PoolSpec("cpu", 2, deliveries=((DAY + 5, 2),))])
    assert record.outcome.start_s.tolist() == [DAY + 5, 10]
    assert not record.outcome.rejected.any()


def test_a_job_for_a_delivery_after_the_end_still_waits_at_the_end():
    record = run(jobs_of([(0, 100, 4)]), [PoolSpec("cpu", 2, deliveries=((9 * DAY, 2),))])
    assert record.outcome.start_s.tolist() == [-1]
    assert not record.outcome.rejected.any()
    assert record.readings[-1].pools["cpu"].waiting_jobs == 1


def test_a_job_larger_than_the_pool_will_ever_be_is_rejected():
    record = run(jobs_of([(0, 100, 5)]), [PoolSpec("cpu", 2, deliveries=((DAY, 2),))])
    assert record.outcome.rejected.tolist() == [True]
    assert record.outcome.start_s.tolist() == [-1]
    assert record.readings[-1].pools["cpu"].waiting_jobs == 0


def test_a_job_that_runs_at_the_end_has_no_end():
    """What is due at the last moment itself has not happened yet, as the pool's state says too."""
    record = run(jobs_of([(0, 3 * DAY - 1, 1), (0, 3 * DAY, 1), (1, 3 * DAY, 1)]), [PoolSpec("cpu", 3)])
    assert record.outcome.start_s.tolist() == [0, 0, 1]
    assert record.outcome.end_s.tolist() == [3 * DAY - 1, -1, -1]


# --- Events and readings --------------------------------------------------------------------------


def test_readings_are_taken_at_every_midnight_and_add_up():
    record = run(jobs_of([(0, 100, 1), (DAY + 50, 100, 2)]), [PoolSpec("cpu", 2)])
    assert [reading.time_s for reading in record.readings] == [0, DAY, 2 * DAY, 3 * DAY]
    pools = [reading.pools["cpu"] for reading in record.readings]
    assert [pool.busy_slot_s for pool in pools] == [0, 100, 300, 300]
    assert [pool.capacity_slot_s for pool in pools] == [0, 2 * DAY, 4 * DAY, 6 * DAY]


def test_only_deliveries_within_the_horizon_are_events():
    deliveries = ((5, 1), (3 * DAY, 1), (7 * DAY, 1))
    tier = TierPlan("disk", 1.0, ((0, 10), (7, 20), (3 * DAY, 30), (8 * DAY, 40)))
    record = run(jobs_of([]), [PoolSpec("cpu", 1, deliveries=deliveries)], tiers=[tier])
    assert kinds(record) == [(5, "delivery", "cpu", 2), (7, "storage_delivery", "disk", 20)]
    assert record.readings[0].tiers["disk"].capacity_bytes == 10
    assert record.readings[-1].tiers["disk"].capacity_bytes == 20
    assert all(event.text for event in record.events)


def test_a_tier_is_full_once_and_relieved_once():
    """A day without data is no relief; room comes with a delivery, and runs out again."""
    tier = TierPlan("disk", 0.5, ((0, 20), (3 * DAY, 40)))
    ingest = camera(15, 0, 4, 1, 0, 20)
    record = run(jobs_of([]), [PoolSpec("cpu", 1)], days=6, tiers=[tier], ingests=[ingest])
    assert kinds(record) == [
        (DAY, "tier_full", "disk", 10),
        (3 * DAY, "storage_delivery", "disk", 40),
        (4 * DAY, "tier_relieved", "disk", 11),
        (6 * DAY, "tier_full", "disk", 20),
    ]


def test_deletion_relieves_a_tier():
    tier = TierPlan("disk", 1.0, ((0, 10),))
    record = run(jobs_of([]), [PoolSpec("cpu", 1)], tiers=[tier], ingests=[camera(11, 0, 0, keep=2)])
    assert kinds(record) == [(DAY, "tier_full", "disk", 10), (3 * DAY, "tier_relieved", "disk", 0)]


def test_a_tier_that_is_not_there_is_missing_and_not_full():
    tier = TierPlan("disk", 1.0, ((DAY, 100),))
    record = run(jobs_of([]), [PoolSpec("cpu", 1)], tiers=[tier], ingests=[camera(5, 5, 5)])
    assert [event.kind for event in record.events] == ["tier_missing", "storage_delivery"]
    assert record.readings[-1].tiers["disk"].refused_bytes == 5


def test_a_site_without_storage_or_jobs_runs():
    record = run(jobs_of([]), [PoolSpec("cpu", 1)])
    assert (len(record.readings), record.events, dict(record.growth)) == (4, (), {})


def test_progress_is_told_every_day():
    told = []
    site = site_of(jobs_of([(0, 100, 1), (5, DAY, 1)]), [PoolSpec("cpu", 2)])
    World(site, lambda now, ended: told.append((now, ended))).run()
    assert told == [(0, 0), (DAY, 1), (2 * DAY, 2), (3 * DAY, 2)]


def test_times_are_whole_seconds():
    record = run(jobs_of([(0, 100, 1)]), [PoolSpec("cpu", 1)])
    assert record.outcome.start_s.dtype == record.outcome.end_s.dtype == np.int64
    assert all(type(reading.time_s) is int for reading in record.readings)
    assert record.total_s >= record.engine_s >= 0


def test_what_goes_wrong_in_a_process_is_not_swallowed():
    def broken(now, ended):
        message = "no"
        raise ZeroDivisionError(message)

    with pytest.raises(ZeroDivisionError):
        World(site_of(jobs_of([]), [PoolSpec("cpu", 1)]), broken).run()
