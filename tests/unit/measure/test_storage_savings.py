"""What rules saved, against runs that never had them."""

import numpy as np

from capacity.measure.storage import savings as storage_savings
from capacity.simulation.storage.account import JobColumns, StorageAccount
from capacity.simulation.storage.numbers import DailyFlow, StoragePlan, TierPlan
from tests.support.storage_rules import migrate_rule, purge_rule

DAY = 86_400
DAYS = 120
EDGES = [DAY * n for n in range(DAYS + 1)]
NONE = np.zeros(0, np.int64)
NO_JOBS = JobColumns(NONE, NONE, NONE, NONE, np.zeros(0, np.bool_))


def account(tiers):
    rng = np.random.default_rng(9)
    plan = StoragePlan(tuple(tiers), (), (), (DailyFlow("x", "flash", "lab", rng.integers(0, 10**12, DAYS)),))
    found = StorageAccount(plan, tenants=["lab"], classes=1, days=DAYS)
    for tier in tiers:
        found.set_capacity(tier.name, tier.steps[0][1])
    for _ in range(DAYS):
        found.settle(NO_JOBS, NONE)
    return found


def flash(usable=10**15, **rules):
    return TierPlan("flash", 0.85, ((0, usable),), **rules)


DISK = TierPlan("disk", 0.85, ((0, 10**15),))
RULES = {"purge": purge_rule(40.0), "migrate": migrate_rule("disk", 20.0), "quotas": {"lab": 3 * 10**13}}


def test_savings_are_the_difference_to_a_run_without_the_rule():
    everything = account([flash(**RULES), DISK])
    found = ((dict(where), value) for (_, where), value in storage_savings.savings(everything, EDGES))
    saved = {(where["tier"], where["rule"]): value for where, value in found}
    for rule in RULES:
        without = account([flash(**{name: value for name, value in RULES.items() if name != rule}), DISK])
        for number, tier in enumerate(("flash", "disk")):
            assert saved[tier, rule] == without.used[-1, number] - everything.used[-1, number], (rule, tier)
    assert saved["disk", "migrate"] < 0 < saved["flash", "migrate"]


def test_wanted_is_what_a_large_enough_tier_would_hold():
    small, large = account([flash(2 * 10**13), DISK]), account([flash(), DISK])
    assert small.holdings.bound
    assert not large.holdings.bound
    assert (storage_savings.wanted(small, EDGES) == large.used).all()
    assert storage_savings.wanted(large, EDGES) is large.used
    again = storage_savings._again(large, EDGES, large.tiers, large.arriving)
    assert (again == large.used).all()
