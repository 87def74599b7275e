"""Monthly use worked out twice: from the World's integrals, and from the jobs it leaves in jobs.parquet."""

import numpy as np
import pandas as pd
import pytest

from capacity.measure.findings import labels
from capacity.measure.measure import job_outcomes, measure
from capacity.simulation.calendar import calendar_of
from capacity.study.files import tables
from tests.support.small_site import simulate_small

WHOLE = 8
POLICIES = [("fcfs", "easy"), ("sjf", "easy"), ("fcfs", "none")]


@pytest.fixture(scope="module", params=POLICIES, ids="-".join)
def world(request, tmp_path_factory):
    order, backfill = request.param
    folder = tmp_path_factory.mktemp("small")
    one = simulate_small(folder, f"policy.order={order}", f"policy.backfill={backfill}")
    one.values = measure(one.scenario, job_outcomes(one.scenario, one.built, one.record), one.record)
    table = tables.jobs_table(job_outcomes(one.scenario, one.built, one.record))
    tables.write(table, folder / "jobs.parquet")
    one.jobs = pd.read_parquet(folder / "jobs.parquet")
    one.months = {
        **calendar_of(one.scenario).months(),
        "all": (0, calendar_of(one.scenario).horizon_s),
    }
    return one


def overlap_s(begin, end, first, last):
    """Seconds of ``[begin, end)`` within ``[first, last)``."""
    return np.clip(np.minimum(end, last) - np.maximum(begin, first), 0, None)


def in_service(one, pool, first, last):
    """Slot-seconds in service, by the dates of the deliveries."""
    steps = [(0, 2), (21 * 86_400, 1)]
    assert one.scenario.site.pools[pool].nodes == 4
    return sum(nodes * WHOLE * overlap_s(begin, last, first, last) for begin, nodes in steps)


@pytest.mark.parametrize("pool", ["gpu", "hpc"])
def test_use_by_month_is_that_of_the_jobs(world, pool):
    jobs = world.jobs[(world.jobs["pool"] == pool) & (world.jobs["start_s"] >= 0)]
    end_s = jobs["end_s"].where(jobs["end_s"] >= 0, calendar_of(world.scenario).horizon_s)
    held = np.where(jobs["slots"] > WHOLE, jobs["nodes"] * WHOLE, jobs["slots"])
    for month, (first, last) in world.months.items():
        busy = int((held * overlap_s(jobs["start_s"], end_s, first, last)).sum())
        where = labels(pool=pool, month=month)
        assert world.values["delivered_slot_hours", where] == pytest.approx(busy / 3600, rel=1e-12)
        served = in_service(world, pool, first, last)
        assert world.values["utilization", where] == pytest.approx(busy / served, rel=1e-12)
        assert 0 <= world.values["utilization", where] <= 1


@pytest.mark.parametrize("pool", ["gpu", "hpc"])
def test_the_queue_by_month_is_that_of_the_jobs(world, pool):
    jobs = world.jobs[(world.jobs["pool"] == pool) & (world.jobs["state"] != "rejected")]
    start_s = jobs["start_s"].where(jobs["start_s"] >= 0, calendar_of(world.scenario).horizon_s)
    for month, (first, last) in world.months.items():
        waited = int(overlap_s(jobs["submit_s"], start_s, first, last).sum())
        found = world.values["queue_length", labels(pool=pool, month=month)]
        assert found == pytest.approx(waited / (last - first), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("pool", ["gpu", "hpc"])
def test_no_more_than_the_machine_is_ever_used(world, pool):
    """At every start, the slots held by the jobs that run then."""
    jobs = world.jobs[(world.jobs["pool"] == pool) & (world.jobs["start_s"] >= 0)]
    end_s = jobs["end_s"].where(jobs["end_s"] >= 0, calendar_of(world.scenario).horizon_s)
    held = np.where(jobs["slots"] > WHOLE, jobs["nodes"] * WHOLE, jobs["slots"])
    times = np.concatenate((end_s, jobs["start_s"]))
    change = np.concatenate((-held, held))
    order = np.lexsort((change, times))  # ends free their slots before the starts of the same second
    used = np.cumsum(change[order])
    capacity = np.where(times[order] >= 21 * 86_400, 3 * WHOLE, 2 * WHOLE)
    assert (used <= capacity).all()


@pytest.mark.parametrize("pool", ["gpu", "hpc"])
def test_counts_by_state_are_those_of_the_metrics(world, pool):
    states = world.jobs.loc[world.jobs["pool"] == pool, "state"].value_counts()
    where = labels(pool=pool, month="all")
    for metric, state in (("jobs_rejected", "rejected"), ("jobs_unfinished", "unfinished")):
        assert world.values[metric, where] == states[state]
    assert world.values["jobs_timeout", where] == states["timeout"]
    assert world.values["jobs_completed", where] == states["completed"]
