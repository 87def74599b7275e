"""The same days of data under other rules: what storage would have needed, and what each rule saved.

The account remembers what arrived each day. Settled again without fill limits it tells what all that is
wanted would take; without a rule as well, what the rule saves. The jobs are not simulated again, so that
jobs which failed or waited for room count with what they wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from capacity.measure.findings import Measured, labels
from capacity.measure.outcomes import Months
from capacity.simulation.record import RunRecord
from capacity.simulation.storage.account import StorageAccount
from capacity.simulation.storage.holdings import Holdings
from capacity.simulation.storage.numbers import Ints, Line, TierPlan, in_service_before


def wanted(account: StorageAccount, edges_s: Sequence[int]) -> Ints:
    """Return what would be used of each tier at each day edge if it were large enough [B].

    Given a whole run's account and all its local midnights [s]; shape (n_days + 1, n_tiers), usable bytes.
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
        holdings.capacity[:] = in_service_before(tiers, edges_s[day + 1])
        holdings.settle(account.arrived[day], in_place=account.in_place[day])
        used[day + 1] = holdings.used()
    return used


RULES: Final[Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "purge": ({"purge": None}, {}),
    "migrate": ({"migrate": None}, {}),
    "quotas": ({"quotas": {}}, {}),
    "deletions": ({}, {"keep_days": None, "deleted_per_day": 0.0}),
}
"""What is left out to see what it saves: of the tiers, and of the lives of data."""


def savings(account: StorageAccount, edges_s: Sequence[int]) -> Measured:
    """Yield what each rule saved on each tier by the end of the run [B]; nothing where there is no such rule.

    Migration saves on one tier what it costs on another: there the amount is negative.
    """
    with_all = wanted(account, edges_s)[-1]
    for rule, (of_tier, of_life) in RULES.items():
        tiers = tuple(replace(tier, **of_tier) for tier in account.tiers)
        lines = tuple(line._replace(life=replace(line.life, **of_life)) for line in account.arriving)
        if (tiers, lines) == (account.tiers, account.arriving):
            continue
        used = _again(account, edges_s, tiers, lines)[-1]
        for number, tier in enumerate(account.tiers):
            saved = int(used[number]) - int(with_all[number])
            yield ("storage_saved_bytes", labels(tier=tier.name, rule=rule)), float(saved)


def wanted_by_month(account: StorageAccount, record: RunRecord, months: Months) -> Measured:
    """Yield what each tier would hold at the end of each month if all were large enough, and lacks [B]."""
    day_of = {reading.time_s: day for day, reading in enumerate(record.readings)}
    used = wanted(account, list(day_of))
    for number, tier in enumerate(account.tiers):
        short = _short(used[:, number], tier, record)
        for month, (start, end) in months.items():
            where = labels(tier=tier.name, month=month)
            yield ("storage_wanted_bytes", where), float(used[day_of[end], number])
            yield ("storage_shortfall_bytes", where), float(short[day_of[start] + 1 : day_of[end] + 1].max())


def _short(used: Ints, tier: TierPlan, record: RunRecord) -> Ints:
    """Return by how much a tier is too small at each day edge [B].

    That is what it turned away since it was full, until it has room again; or how much more is meant for it
    than may be filled, once anything was turned away on any tier, whichever is more. Where the site purges
    when the tier is full, what that deletes is not missed.
    """
    mine = [reading.tiers[tier.name] for reading in record.readings]
    turned_away = np.array([one.refused_bytes - one.over_quota_bytes for one in mine])
    found = np.zeros(len(mine), np.int64)
    for day, one in enumerate(mine[1:], start=1):
        came = turned_away[day] - turned_away[day - 1]
        if came or (found[day - 1] and one.used_bytes >= one.limit_bytes):
            found[day] = found[day - 1] + came
    if tier.purge is not None and tier.purge.when_full is not None:
        return found
    of_all = [sum(o.refused_bytes - o.over_quota_bytes for o in r.tiers.values()) for r in record.readings]
    lacks = used - np.array([one.limit_bytes for one in mine])
    return np.where(np.array(of_all) > 0, np.maximum(lacks, found), found)
