"""A pin on the first two months of the Gwangju plan: what this version finds, not what must be true.

It fails when demand, engine or metrics change what a planner reads. If that was meant, look at the new
numbers against the facts, say so in the changelog, and set the pin anew. The tolerances leave room for other
versions of numpy, not for another model.
"""

from datetime import date

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import Lookup
from capacity.study.run import run

PINNED = {
    # metric, pool, month: value
    ("jobs_submitted", "hpc", "2021-05"): 1478,
    ("jobs_submitted", "gpu", "2021-05"): 19_658,
    ("jobs_submitted", "gpu", "all"): 39_004,
    ("jobs_completed", "gpu", "all"): 23_524,
    ("capacity_slots", "hpc", "2021-06"): 104,
    ("capacity_slots", "gpu", "2021-06"): 352,
    ("utilization", "hpc", "2021-05"): 0.8897,
    ("utilization", "gpu", "2021-05"): 0.6776,
    ("utilization", "hpc", "2021-06"): 0.8900,
    ("utilization", "gpu", "2021-06"): 0.8649,
    ("delivered_slot_hours", "gpu", "all"): 396_443,
    ("p95_wait_s", "hpc", "2021-05"): 470_356,
    ("p95_wait_s", "gpu", "2021-06"): 43_221,
    ("p50_wait_s", "gpu", "all"): 0,
    ("queue_length", "hpc", "2021-05"): 41.35,
    ("queue_length", "gpu", "2021-06"): 95.39,
}
STORED = {"flash": 126.69e12, "disk": 2.6212e15, "tape": 183.0e12}


@pytest.fixture(scope="module")
def look():
    return Lookup(run(load_scenario("gwangju-plan", until=date(2021, 6, 30))).findings)


@pytest.mark.parametrize(("metric", "pool", "month"), PINNED)
def test_pinned_load(look, metric, pool, month):
    tolerance = 0.10 if metric in {"p95_wait_s", "queue_length"} else 0.01
    found = look.value(metric, pool=pool, month=month)
    assert found == pytest.approx(PINNED[metric, pool, month], rel=tolerance)


@pytest.mark.parametrize("tier", STORED)
def test_pinned_storage(look, tier):
    assert look.value("storage_used_bytes", tier=tier, month="all") == pytest.approx(STORED[tier], rel=0.01)


def test_the_lease_is_a_tenth_of_the_plan(look):
    """8.85 PF and 10.7 PB are published; whole nodes make it 8.89 PF."""
    peak = sum(
        look.value("peak_flops", pool=pool, month="2021-06", precision="fp64_tensor")
        for pool in ("hpc", "gpu")
    )
    assert peak == pytest.approx(8.85e15, rel=0.01)
    stored = sum(look.value("storage_capacity_bytes", tier=tier, month="2021-06") for tier in STORED)
    assert stored == pytest.approx(10.7e15)


def test_nothing_happens_before_the_lease(look):
    for month in ("2020-07", "2021-04"):
        for pool in ("hpc", "gpu"):
            assert look.value("capacity_slots", pool=pool, month=month) == 0
            assert look.value("jobs_submitted", pool=pool, month=month) == 0
