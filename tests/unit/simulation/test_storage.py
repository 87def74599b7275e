"""The storage account keeps every byte: what arrived was deleted, turned away, or is still there."""

from collections import Counter
from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.simulation.storage.account import JobColumns, StorageAccount
from capacity.simulation.storage.numbers import DailyFlow, JobFlow, Life, StoragePlan, TierPlan
from tests.support.storage_rules import migrate_rule, purge_rule

NO_JOBS = JobColumns(*(np.empty(0, np.int64) for _ in range(4)), np.empty(0, np.bool_))
NONE = np.empty(0, np.int64)


def jobs_of(rows):
    """Make columns of ``(class, tenant, slots, run_s, completed)`` rows."""
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    return JobColumns(*columns[:4], columns[4].astype(np.bool_))


def account_of(tiers, flows, ingests, *, running=(), **known):
    """Make an account of lists."""
    plan = StoragePlan(tuple(tiers), tuple(flows), tuple(running), tuple(ingests))
    return StorageAccount(plan, **known)


def with_ingests(*by_day, limit=1.0, keep=None, capacity=None):
    """One tier and some ingests, each with what it brings by day."""
    days = len(by_day[0])
    ingests = [
        DailyFlow(f"source-{n}", "disk", "lab", np.array(amounts), Life(keep_days=keep))
        for n, amounts in enumerate(by_day)
    ]
    account = account_of([TierPlan("disk", limit, ())], [], ingests, tenants=["lab"], classes=1, days=days)
    if capacity is not None:
        account.set_capacity("disk", capacity)
    return account


def settle(account, days):
    """Settle day by day without jobs; returns what was lacking and the readings of each day."""
    return [(account.settle(NO_JOBS, NONE).lacking, account.readings()["disk"]) for _ in range(days)]


# --- Conservation ---------------------------------------------------------------------------------

AMOUNTS = st.one_of(st.integers(0, 50), st.integers(0, 2 * 10**17))
NAMES = ("flash", "disk", "tape")


@st.composite
def lives(draw):
    """What becomes of data: every rule now and then."""
    return Life(
        keep_days=draw(st.one_of(st.none(), st.integers(1, 20))),
        keep_at_least_days=draw(st.sampled_from([0, 0, 9, 100])),
        deleted_per_day=draw(st.sampled_from([0.0, 0.001, 0.3])),
        read_for_days=draw(st.sampled_from([0.0, 3.0, 50.0])),
        purged=draw(st.booleans()),
    )


@st.composite
def tiers_with_rules(draw):
    """Three tiers of which each may migrate to the next, with rules of every sort."""
    found = []
    for name, to in zip(NAMES, (*NAMES[1:], None), strict=True):
        limit = draw(st.sampled_from([0.0, 0.3, 0.85, 1.0]))
        days = st.sampled_from([0.0, 2.0, 9.0, inf])
        purge = draw(st.one_of(st.none(), st.builds(purge_rule, days, days)))
        marks = draw(st.sampled_from([(None, None), (0.25, 0.1), (0.8, 0.5)]))
        migrate = migrate_rule(to, draw(days), *marks) if to and draw(st.booleans()) else None
        quotas = {"a": draw(AMOUNTS)} if draw(st.booleans()) else {}
        footprint = draw(st.sampled_from([1.0, 1.0, 2.0, 0.6]))
        snapshots = draw(st.sampled_from([0, 0, 1, 8]))
        found.append(TierPlan(name, limit, (), footprint, snapshots, purge, migrate, quotas))
    return found


@st.composite
def courses(draw):
    """Up to 25 days of random flows into three tiers that grow now and then."""
    days = draw(st.integers(1, 25))
    tiers = draw(tiers_with_rules())
    names = st.sampled_from(NAMES)
    rate = st.floats(0, 1e9)
    flows = draw(
        st.lists(
            st.builds(JobFlow, st.just("x"), names, st.integers(0, 1), rate, rate, st.floats(0, 1), lives()),
            max_size=3,
        )
    )
    held = st.builds(
        JobFlow,
        st.just("x"),
        names,
        st.integers(0, 1),
        rate,
        bytes_per_slot=rate,
        kind=st.just("checkpoints"),
    )
    running = draw(st.lists(held, max_size=2))
    ingests = [
        DailyFlow("y", draw(names), draw(st.sampled_from("ab")), np.array(amounts, np.int64), draw(lives()))
        for amounts in draw(st.lists(st.lists(AMOUNTS, min_size=days, max_size=days), max_size=3))
    ]
    job = st.tuples(*(st.integers(*ends) for ends in ((0, 1), (0, 1), (1, 64), (0, 10**5), (0, 1), (0, 24))))
    rows = draw(st.lists(job, max_size=12))
    grows = draw(st.lists(st.tuples(st.integers(0, 24), names, AMOUNTS), max_size=4))
    return days, tiers, flows, running, ingests, rows, grows


@settings(deadline=None)
@given(courses())
def test_nothing_is_lost_and_nothing_is_made(course):
    days, tiers, flows, running_flows, ingests, rows, grows = course
    account = account_of(
        tiers, flows, ingests, running=running_flows, tenants=["a", "b"], classes=2, days=days
    )
    jobs = jobs_of([row[:5] for row in rows])
    last_day = np.array([row[5] for row in rows], np.int64)
    before = account.readings()
    for day in range(days):
        running = np.flatnonzero((last_day > day) & (last_day <= day + 3))
        lacking = account.settle(jobs, np.flatnonzero(last_day == day), running).lacking
        account.holdings.check()
        after = account.readings()
        for plan in tiers:
            tier, was = after[plan.name], before[plan.name]
            came = tier.arrived_bytes - tier.refused_bytes + tier.migrated_in_bytes
            gone = tier.deleted_bytes + tier.migrated_out_bytes
            assert came - gone + tier.snapshot_bytes == tier.held_bytes
            if plan.footprint == 1.0:
                assert tier.used_bytes == tier.held_bytes
            room_for_one = 0 if plan.footprint == 1.0 else plan.footprint + 64
            assert 0 <= tier.used_bytes <= max(tier.limit_bytes + room_for_one, was.used_bytes)
            assert tier.limit_bytes <= tier.capacity_bytes
            refused_today = tier.refused_bytes - was.refused_bytes
            over_quota_today = tier.over_quota_bytes - was.over_quota_bytes
            assert (refused_today > over_quota_today) == (plan.name in lacking)
            if refused_today > over_quota_today and plan.footprint == 1.0:
                assert tier.used_bytes >= tier.limit_bytes
            for total in ("arrived_bytes", "deleted_bytes", "refused_bytes", "migrated_in_bytes"):
                assert getattr(tier, total) >= getattr(was, total)
        moved = sum(t.migrated_in_bytes for t in after.values())
        assert moved == sum(t.migrated_out_bytes for t in after.values())
        for _, name, more in (grow for grow in grows if grow[0] == day):
            account.set_capacity(name, after[name].capacity_bytes + more)
        before = account.readings()
    stored = Counter()
    for (tier, _, _), by_day in account.growth().items():
        stored[tier] += sum(by_day.tolist())
    held = Counter()
    for (tier, _, _), by_day in account.held().items():
        held[tier] += int(by_day[-1])
    for name, tier in before.items():
        assert stored[name] == tier.arrived_bytes - tier.refused_bytes
        assert held[name] == tier.held_bytes - tier.snapshot_bytes


# --- What jobs write ------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(0, 1), st.integers(1, 512), st.integers(0, 10**6), st.booleans()
        ),
        max_size=40,
    ),
    st.lists(st.tuples(st.floats(0, 1e12), st.floats(0, 1e7), st.floats(0, 1)), min_size=1, max_size=3),
)
def test_what_jobs_write_depends_on_slots_time_and_end(rows, outputs):
    flows = [
        JobFlow(f"{n}", "disk", n % 3, per_job, per_slot_s, left)
        for n, (per_job, per_slot_s, left) in enumerate(outputs)
    ]
    account = account_of([TierPlan("disk", 1.0, ())], flows, [], tenants=["a", "b"], classes=3, days=1)
    account.set_capacity("disk", 2**62)
    jobs = jobs_of(rows)
    account.settle(jobs, np.arange(len(rows)))
    expected = 0.0
    for flow in flows:
        mine = jobs.job_class == flow.job_class
        whole = flow.bytes_per_job + flow.bytes_per_slot_s * (jobs.slots.astype(float) * jobs.run_s)[mine]
        expected += np.where(jobs.completed[mine], whole, whole * flow.unfinished_frac).sum()
    # Rounded to whole bytes once for each flow and tenant.
    assert account.readings()["disk"].used_bytes == pytest.approx(expected, rel=1e-9, abs=len(flows) + 1)


def test_only_the_jobs_that_ended_write():
    flow = JobFlow("train", "disk", 0, 100.0, 0.0, 1.0)
    account = account_of([TierPlan("disk", 1.0, ())], [flow], [], tenants=["a"], classes=1, days=3)
    account.set_capacity("disk", 1000)
    jobs = jobs_of([(0, 0, 1, 5, 1)] * 4)
    for ended, used in (([0], 100), ([], 100), ([1, 3], 300)):
        account.settle(jobs, np.array(ended, np.int64))
        assert account.readings()["disk"].used_bytes == used


def test_growth_is_told_by_tier_tenant_and_source():
    flows = [
        JobFlow("train", "flash", 0, 0.0, 1.0, 0.5),
        JobFlow("train", "disk", 0, 10.0, 0.0, 0.0),
        JobFlow("train", "disk", 0, 5.0, 0.0, 0.0),  # the same class writes there twice
    ]
    tiers = [TierPlan("flash", 1.0, ()), TierPlan("disk", 1.0, ())]
    ingest = DailyFlow("camera", "disk", "b", np.array([7, 0]))
    account = account_of(tiers, flows, [ingest], tenants=["a", "b"], classes=1, days=2)
    account.set_capacity("flash", 10**6)
    account.set_capacity("disk", 10**6)
    jobs = jobs_of([(0, 0, 2, 30, 1), (0, 1, 1, 40, 0)])
    account.settle(jobs, np.array([0]))
    account.settle(jobs, np.array([1]))
    found = {label: by_day.tolist() for label, by_day in account.growth().items()}
    assert found == {
        ("flash", "a", "train"): [60, 0],
        ("flash", "b", "train"): [0, 20],
        ("disk", "a", "train"): [15, 0],
        ("disk", "b", "camera"): [7, 0],
    }


# --- Deletion -------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [1, 2, 5])
def test_data_are_deleted_exactly_after_their_days(keep):
    account = with_ingests([100, 0, 30, 0, 0, 0, 0, 0, 0, 0], capacity=10**6, keep=keep)
    used = [reading.used_bytes for _, reading in settle(account, 10)]
    held = [100 * (day < keep) + 30 * (2 <= day < 2 + keep) for day in range(10)]
    assert used == held


def test_what_is_kept_for_good_stays():
    account = with_ingests([100] * 5, capacity=10**6)
    assert [reading.used_bytes for _, reading in settle(account, 5)] == [100, 200, 300, 400, 500]


def test_what_is_old_makes_room_on_the_same_day():
    account = with_ingests([100, 100, 100], capacity=100, keep=1)
    for lacking, reading in settle(account, 3):
        assert (lacking, reading.used_bytes, reading.refused_bytes) == ((), 100, 0)


def test_only_what_was_stored_is_deleted():
    account = with_ingests([100, 0, 0], capacity=40, keep=2)
    readings = [reading for _, reading in settle(account, 3)]
    assert [r.used_bytes for r in readings] == [40, 40, 0]
    assert [r.deleted_bytes for r in readings] == [0, 0, 40]
    assert readings[-1].refused_bytes == 60


# --- A full tier ----------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**17), min_size=1, max_size=6), st.integers(0, 2**53))
def test_what_does_not_fit_is_turned_away_in_proportion(amounts, room):
    account = with_ingests(*([amount] for amount in amounts), capacity=room)
    account.settle(NO_JOBS, NONE)
    reading, wanted = account.readings()["disk"], sum(amounts)
    assert reading.used_bytes == min(wanted, room)
    stored = {source: int(by_day[0]) for (_, _, source), by_day in account.growth().items()}
    for n, amount in enumerate(amounts):
        kept = stored.get(f"source-{n}", 0)
        fair = amount if wanted <= room else amount * room // wanted
        assert fair <= kept <= min(amount, fair + 1)


def test_the_fill_limit_holds_not_the_capacity():
    account = with_ingests([1000], capacity=200, limit=0.85)
    ((lacking, reading),) = settle(account, 1)
    assert lacking == ("disk",)
    assert (reading.capacity_bytes, reading.limit_bytes, reading.used_bytes) == (200, 170, 170)


def test_exactly_full_is_not_turned_away():
    account = with_ingests([170], capacity=200, limit=0.85)
    assert settle(account, 1)[0][0] == ()


def test_a_tier_that_is_not_there_takes_nothing():
    account = with_ingests([5, 5])
    account.settle(NO_JOBS, NONE)
    assert account.readings()["disk"].refused_bytes == 5
    account.set_capacity("disk", 100)
    account.settle(NO_JOBS, NONE)
    assert account.readings()["disk"].used_bytes == 5


def test_tiers_do_not_share_their_room():
    flow = JobFlow("x", "flash", 0, 10.0, 0.0, 1.0)
    flows = [flow, replace(flow, tier="disk")]
    tiers = [TierPlan("flash", 1.0, ()), TierPlan("disk", 1.0, ())]
    account = account_of(tiers, flows, [], tenants=["a"], classes=1, days=1)
    account.set_capacity("flash", 4)
    account.set_capacity("disk", 100)
    assert account.settle(jobs_of([(0, 0, 1, 1, 1)]), np.array([0])).lacking == ("flash",)
    readings = account.readings()
    assert (readings["flash"].used_bytes, readings["disk"].used_bytes) == (4, 10)
