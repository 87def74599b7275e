"""Each rule of the storage account against what can be worked out by hand."""

from math import exp, inf

import numpy as np
import pytest

from capacity.simulation.storage.holdings import SWEEP_DAYS, Holdings, oldest_first
from capacity.simulation.storage.numbers import (
    FOR_GOOD,
    Life,
    Line,
    TierPlan,
    downstream_first,
    with_reachable,
)
from tests.support.storage_rules import migrate_rule, purge_rule

PB = 10**15


def line(tier="flash", tenant="lab", life=FOR_GOOD):
    """Some data."""
    return Line(tier, tenant, "train", "outputs", life)


def holdings(tiers, lines, days=400, capacity=PB, **known):
    """Tiers that are all equally large."""
    found = Holdings(tiers, lines, days, **known)
    found.capacity[:] = capacity
    return found


def run(found, days, each=0):
    """Settle days on each of which every line gets so much; returns what each tier holds after each."""
    held = []
    for _ in range(days):
        found.settle(np.full(found._column.shape, each, np.int64))
        found.check()
        held.append(found.held.tolist())
    return held


def flash(**rules):
    return TierPlan("flash", 1.0, (), **rules)


DISK = TierPlan("disk", 1.0, ())


# --- By age ---------------------------------------------------------------------------------------


def test_what_nobody_reads_is_purged_after_its_days_at_the_next_sweep():
    found = holdings([flash(purge=purge_rule(unread_days=30))], [line()])
    found.settle(np.array([1000]))
    held = [total for (total,) in run(found, 60)]
    gone = next(day for day, total in enumerate(held, 1) if total == 0)
    assert 30 <= gone < 30 + SWEEP_DAYS
    assert found.totals.purged.tolist() == [1000]


def test_data_that_are_read_for_a_while_are_purged_as_their_last_readings_fall():
    found = holdings([flash(purge=purge_rule(unread_days=14))], [line(life=Life(read_for_days=20.0))])
    found.settle(np.array([PB // 2]))
    held = [total for (total,) in run(found, 100)]
    for age in (21, 49, 98):
        # Swept at this age: what was last read up to 14 days before has gone.
        assert held[age - 1] == pytest.approx(PB // 2 * exp(-(age - 14) / 20), rel=1e-6)


def test_owners_delete_their_share():
    found = holdings([flash()], [line(life=Life(deleted_per_day=0.01))])
    found.settle(np.array([PB // 2]))
    held = [total for (total,) in run(found, 350)]
    assert held[-1] == pytest.approx(PB // 2 * exp(-0.01 * 350), rel=1e-6)
    assert found.totals.user_deleted[0] == PB // 2 - held[-1]


@pytest.mark.parametrize("life", [Life(keep_days=10, keep_at_least_days=200), Life(keep_at_least_days=200)])
def test_nothing_goes_before_the_law_allows(life):
    found = holdings([flash(purge=purge_rule(30, 1), quotas={})], [line(life=life)], capacity=1000)
    found.settle(np.array([1000]))
    held = [total for (total,) in run(found, 250, each=0)]
    assert held[:199] == [1000] * 199
    assert held[-1] == 0


def test_what_is_exempt_is_not_purged():
    found = holdings([flash(purge=purge_rule(30, 0))], [line(life=Life(purged=False))], capacity=1000)
    found.settle(np.array([900]))
    run(found, 100, each=10)
    assert found.totals.purged.tolist() == [0]
    assert found.held.tolist() == [1000]
    assert found.totals.refused.tolist() == [900]


def test_unread_data_move_on_and_keep_their_owner_and_age():
    tiers = [flash(migrate=migrate_rule("disk", unread_days=20)), DISK]
    found = holdings(tiers, [line(life=Life(keep_days=100))])
    found.settle(np.array([1000]))
    held = run(found, 120)
    assert held[18] == [1000, 0]
    assert held[20 + SWEEP_DAYS] == [0, 1000]
    assert held[98] == [0, 1000]
    assert held[99] == [0, 0]  # it is still a hundred days after it was written
    assert found.totals.migrated_out.tolist() == [1000, 0]
    assert found.totals.expired.tolist() == [0, 1000]


def test_data_move_down_a_whole_chain():
    tiers = [
        flash(migrate=migrate_rule("disk", unread_days=10)),
        TierPlan("disk", 1.0, (), migrate=migrate_rule("tape", unread_days=50)),
        TierPlan("tape", 1.0, ()),
    ]
    found = holdings(tiers, [line(), line("disk")])
    found.settle(np.array([7, 5]))
    held = run(found, 80)
    assert held[30] == [0, 12, 0]
    assert held[-1] == [0, 0, 12]


def test_data_only_move_as_far_as_there_is_room_the_oldest_first():
    found = holdings([flash(migrate=migrate_rule("disk", unread_days=1)), DISK], [line()])
    found.capacity[:] = [1000, 25]
    held = run(found, 8, each=10)
    assert held[-1] == [80 - 25, 25]
    assert found.totals.refused.tolist() == [0, 0]


# --- By room --------------------------------------------------------------------------------------


def test_above_the_watermark_the_oldest_data_move_until_the_lower_mark():
    rule = migrate_rule("disk", above=0.8, down_to=0.5)
    found = holdings([flash(migrate=rule), DISK], [line()], capacity=1000)
    held = run(found, 9, each=100)
    assert held[7] == [800, 0]
    assert held[8] == [500, 400]


def test_at_the_limit_the_oldest_are_purged_but_not_what_is_young():
    found = holdings([flash(purge=purge_rule(when_full_days=5))], [line()], capacity=1000)
    held = [total for (total,) in run(found, 20, each=100)]
    assert held[9:] == [1000] * 11
    assert found.totals.purged.tolist() == [1000]
    assert found.totals.refused.tolist() == [0]
    young = holdings([flash(purge=purge_rule(when_full_days=15))], [line()], capacity=1000)
    run(young, 14, each=100)
    assert young.totals.purged.tolist() == [0]
    assert young.totals.refused.tolist() == [400]


def test_a_quota_holds_for_its_tenant_only():
    found = holdings([flash(quotas={"a": 150})], [line(tenant="a"), line(tenant="b")])
    run(found, 3, each=100)
    assert found.live.tolist() == [150, 300]
    assert found.totals.over_quota.tolist() == [150]
    assert found.totals.refused.tolist() == [0]


def test_copies_take_room_and_compression_saves_it():
    found = holdings([flash(footprint=3.0), TierPlan("disk", 1.0, (), footprint=0.5)], [line(), line("disk")])
    found.capacity[:] = [900, 900]
    run(found, 10, each=100)
    assert found.held.tolist() == [300, 1000]
    assert found.used().tolist() == [900, 500]


def test_snapshots_hold_what_was_deleted_and_then_let_go():
    found = holdings([flash(snapshot_days=7)], [line(life=Life(keep_days=10))])
    found.settle(np.array([1000]))
    held = [total for (total,) in run(found, 20)]
    assert held[15] == 1000
    assert held[16] == 0
    assert found.totals.expired.tolist() == [1000]


def test_running_jobs_hold_their_checkpoints_until_they_end():
    found = holdings([flash()], [line()], capacity=100)
    for change, held in ((60, 60), (30, 90), (20, 100), (-70, 30), (-40, 0)):
        found.settle(np.array([0]), in_place=np.array([change]))
        found.check()
        assert found.held.tolist() == [held]


def test_without_limits_tiers_grow_as_needed():
    found = holdings([flash(purge=purge_rule(when_full_days=0))], [line()], capacity=10, limits_hold=False)
    run(found, 5, each=100)
    assert found.held.tolist() == [500]


# --- Small parts ----------------------------------------------------------------------------------


def test_migration_that_goes_round_is_refused():
    tiers = [
        flash(migrate=migrate_rule("disk", 1.0)),
        TierPlan("disk", 1.0, (), migrate=migrate_rule("flash", 1.0)),
    ]
    with pytest.raises(ValueError, match="flash to disk to flash"):
        downstream_first(tiers)


def test_the_last_tier_of_a_chain_comes_first():
    tiers = [
        TierPlan(n, 1.0, (), migrate=migrate_rule(to) if to else None)
        for n, to in ("ab", "bd", "cd", ("d", ""))
    ]
    order = downstream_first(tiers)
    assert [order.index(n) for n in "ab"] == sorted((order.index(n) for n in "ab"), reverse=True)
    assert order[0] == "d"
    assert sorted(order) == list("abcd")


def test_lines_that_migration_reaches_are_made_once():
    by_name = {"flash": flash(migrate=migrate_rule("disk", inf)), "disk": DISK}
    found = with_reachable([line(), line(), line("disk")], by_name)
    assert found == (line(), line("disk"), line("disk")._replace(moved=True))


@pytest.mark.parametrize("most", [0, 1, 10, 11, 49, 50, 52, 60])
def test_oldest_first_takes_exactly_what_it_may(most):
    amounts = np.array([[5, 5], [10, 30], [1, 1]])
    taken = oldest_first(amounts, most)
    assert taken.sum() == min(most, 52)
    assert (taken <= amounts).all()
    later = np.flatnonzero(taken.sum(axis=1))
    assert (taken[: later[-1]] == amounts[: later[-1]]).all() if len(later) else most == 0


def test_whether_limits_mattered_is_known():
    free = holdings([flash(migrate=migrate_rule("disk", 5.0)), DISK], [line()])
    run(free, 30, each=10)
    assert not free.bound
    full = holdings([flash()], [line()], capacity=100)
    run(full, 11, each=10)
    assert full.bound
    held_back = holdings([flash(migrate=migrate_rule("disk", 5.0)), DISK], [line()])
    held_back.capacity[1] = 3
    run(held_back, 30, each=10)
    assert held_back.bound
