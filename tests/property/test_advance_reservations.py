"""What an advance reservation holds for a tenant, nobody else has: on counted pools as on nodes."""

import pytest

from tests.support.newcomer_cases import newcomer_case
from tests.support.site_case import core_fates
from tests.support.site_definition import schedule
from tests.support.site_story import story

PLAYED = ("reserved", "reservations", "backfill_order", "limits", "pools", "exact")


def held_for(case, pool, time):
    """Slots that windows hold in a pool at a time, by tenant."""
    found: dict[int, int] = {}
    for window in case.site.windows:
        if window.pool == pool and window.start_s <= time < window.end_s:
            slots = window.nodes * case.pools[pool].slots_per_node
            found[window.account] = found.get(window.account, 0) + slots
    return found


def trespassers(case, fates):
    """Times at which others have slots that are held, and how many do; no pool ever loses a node."""
    found, tried = [], 0
    for pool, spec in enumerate(case.pools):
        starts = {window.start_s for window in case.site.windows if window.pool == pool}
        for time in starts | {fate.start_s for fate in fates if fate.start_s >= 0}:
            there = (spec.nodes + sum(n for at, n in spec.deliveries if at <= time)) * spec.slots_per_node
            for tenant, held in held_for(case, pool, time).items():
                others = sum(
                    slots
                    for slots, fate, account in zip(case.slots, fates, case.account, strict=True)
                    if account != tenant and fate.pool == pool and fate.start_s <= time < fate.end_s
                )
                tried += others > 0
                if others > max(0, there - held):
                    found.append((pool, time, tenant, others, held))
    return found, tried


def check(seeds):
    tried = 0
    for seed in seeds:
        case = newcomer_case(seed, features=PLAYED[: 1 + seed % len(PLAYED)])
        fates = core_fates(case)
        found, count = trespassers(case, fates)
        assert not found, f"seed {seed}: {found}"
        tried += count
    return tried


def test_nobody_else_has_what_is_held():
    assert check(range(1_500)) > 1_000


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10_000, 30_000, 1_000))
def test_nobody_else_ever_has(start):
    check(range(start, start + 1_000))


@pytest.mark.parametrize("start", range(0, 200, 100))
def test_the_core_is_the_definition(start):
    for seed in range(start, start + 100):
        case = newcomer_case(seed, features=PLAYED[: 1 + seed % len(PLAYED)])
        assert not story(case, core_fates(case), schedule(case)), f"seed {seed}"
