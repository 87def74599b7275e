"""The same days of data under other rules: what storage would have needed, and what each rule saved.

The account remembers what arrived each day. Settled again without fill limits it tells what all that is
wanted would take; without a rule as well, what the rule saves. The jobs are not simulated again, so that
jobs which failed or waited for room count with what they wrote.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from capacity.measure.findings import Measured, labels
from capacity.measure.outcomes import Months
from capacity.simulation.storage.account import StorageAccount
from capacity.simulation.storage.account_lines import Line
from capacity.simulation.storage.holdings import Holdings
from capacity.simulation.storage.numbers import Ints, TierPlan


def wanted(account: StorageAccount, edges_s: Sequence[int]) -> Ints:
    """Return what would be used of each tier at each day edge if it were large enough.

    Parameters
    ----------
    account : StorageAccount
        A whole run's.
    edges_s : sequence of int
        All local midnights of the run [s].

    Returns
    -------
    ndarray of int64, shape (n_days + 1, n_tiers)
        Usable bytes. [B]
    """
    if not account.holdings.bound:
        return account.used
    return _again(account, edges_s, account.tiers, account.arriving)


def _again(
    account: StorageAccount, edges_s: Sequence[int], tiers: Sequence[TierPlan], lines: Sequence[Line]
) -> Ints:
    """Settle all days again, without fill limits."""
    days = len(edges_s) - 1
    holdings = Holdings(tiers, lines, days, limits_hold=False)
    used = np.zeros((days + 1, len(tiers)), np.int64)
    for day in range(days):
        holdings.capacity[:] = [_in_service(tier, edges_s[day + 1]) for tier in tiers]
        holdings.settle(account.arrived[day], in_place=account.in_place[day])
        used[day + 1] = holdings.used()
    return used


def _in_service(tier: TierPlan, before_s: int) -> int:
    """Usable bytes in service just before a time [B]."""
    return max((usable for time, usable in tier.steps if time < before_s), default=0)


def _without_purge(tiers: Sequence[TierPlan], lines: Sequence[Line]) -> tuple[list[TierPlan], list[Line]]:
    return [replace(tier, purge=None) for tier in tiers], list(lines)


def _without_migration(tiers: Sequence[TierPlan], lines: Sequence[Line]) -> tuple[list[TierPlan], list[Line]]:
    return [replace(tier, migrate=None) for tier in tiers], list(lines)


def _without_quotas(tiers: Sequence[TierPlan], lines: Sequence[Line]) -> tuple[list[TierPlan], list[Line]]:
    return [replace(tier, quotas={}) for tier in tiers], list(lines)


def _without_deletion(tiers: Sequence[TierPlan], lines: Sequence[Line]) -> tuple[list[TierPlan], list[Line]]:
    kept = [line._replace(life=replace(line.life, keep_days=None, deleted_per_day=0.0)) for line in lines]
    return list(tiers), kept


RULES: Final = {
    "purge": _without_purge,
    "migrate": _without_migration,
    "quotas": _without_quotas,
    "deletions": _without_deletion,
}
"""What is left out to see what it saves."""


def savings(account: StorageAccount, edges_s: Sequence[int]) -> Measured:
    """Yield what each rule saved on each tier by the end of the run [B]; nothing where there is no such rule.

    Migration saves on one tier what it costs on another: there the amount is negative.
    """
    with_all = wanted(account, edges_s)[-1]
    for rule, without in RULES.items():
        tiers, lines = without(account.tiers, account.arriving)
        if tuple(tiers) == account.tiers and tuple(lines) == account.arriving:
            continue
        used = _again(account, edges_s, tiers, lines)[-1]
        for number, tier in enumerate(account.tiers):
            saved = int(used[number]) - int(with_all[number])
            yield ("storage_saved_bytes", labels(tier=tier.name, rule=rule)), float(saved)


def wanted_by_month(account: StorageAccount, edges_s: Sequence[int], months: Months) -> Measured:
    """Yield what each tier would hold at the end of each month if all were large enough [B]."""
    used = wanted(account, edges_s)
    day_of = {edge: day for day, edge in enumerate(edges_s)}
    for number, tier in enumerate(account.tiers):
        for month, (_, end) in months.items():
            where = labels(tier=tier.name, month=month)
            yield ("storage_wanted_bytes", where), float(used[day_of[end], number])
