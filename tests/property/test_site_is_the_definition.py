"""The compiled core under the rules of a site gives every job the fate that the definition gives it."""

import pytest

from tests.support.random_site_cases import FEATURES, random_site_case
from tests.support.site_case import core_fates
from tests.support.site_definition import NeverEndsError, schedule
from tests.support.site_story import smallest, story

TOGETHER = {
    "outages": ("deliveries", "windows", "commands", "pools", "checkpoints", "attempts"),
    "tenants": ("windows", "reserved", "multifactor", "limits", "dependencies", "patience"),
    "preemption": ("qos", "preemption", "checkpoints", "pools", "limits", "overrun"),
    "reservations": ("qos", "preemption", "reservations", "depth", "backfill_order", "windows", "deliveries"),
    "clock": ("cycle", "orders", "deadline", "singleton", "arrays", "commands", "later"),
    "speeds": ("pools", "speeds", "checkpoints", "commands", "exact"),
}


def compare(seed, features=None):
    case = random_site_case(seed, features=features)
    try:
        answer = schedule(case)
    except NeverEndsError:
        pytest.fail(f"seed {seed}: the rules themselves never end")
    if story(case, core_fates(case), answer):
        small = smallest(case)
        pytest.fail(f"seed {seed}, features {features}: {story(small, core_fates(small), schedule(small))}")


@pytest.mark.parametrize("feature", [(), *((name,) for name in FEATURES)], ids="-".join)
def test_every_rule_alone(feature):
    for seed in range(6):
        compare(seed, feature)


@pytest.mark.parametrize("features", TOGETHER.values(), ids=TOGETHER)
def test_rules_that_meet(features):
    for seed in range(100, 115):
        compare(seed, features)


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_any_rules_together(start):
    for seed in range(1_000 + start, 1_000 + start + 20):
        compare(seed)


@pytest.mark.parametrize(
    ("seed", "features"),
    [
        (80_321, ("qos", "preemption", "reservations")),
        (80_233, ("qos", "preemption", "reservations", "depth")),
        (80_349, TOGETHER["reservations"]),
        (81_243, TOGETHER["reservations"]),
    ],
)
def test_who_told_others_to_go_stays_patient_when_it_comes_back(seed, features):
    """It started before its victims' grace was over, and was preempted itself."""
    compare(seed, features)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 3_000, 100))
def test_many_more(start):
    for seed in range(10_000 + start, 10_000 + start + 100):
        compare(seed)
