"""A pass that looks at one newcomer only starts whom a pass that looks at everybody would start."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.cases import core_starts
from tests.support.more_rules import MACHINES, drawn
from tests.support.newcomer_cases import QUIET, newcomer_case
from tests.support.random_cases import random_case
from tests.support.random_site_cases import random_site_case
from tests.support.site_case import core_fates
from tests.support.site_definition import schedule
from tests.support.site_story import story


def check(seeds, cases=newcomer_case):
    """A depth of 0, and one as long as the queue can be, under which every pass looks at everybody."""
    apart = []
    for seed in seeds:
        case = cases(seed)
        every, deep = (replace(case.rules, backfill_depth=depth) for depth in (0, len(case.submit)))
        if core_fates(replace(case, rules=every)) != core_fates(replace(case, rules=deep)):
            apart.append(seed)
    assert not apart, f"a depth beyond the queue's length changes the starts of seeds {apart}"


def check_definition(seeds, features=None):
    for seed in seeds:
        case = newcomer_case(seed, features=features)
        assert not story(case, core_fates(case), schedule(case)), f"seed {seed}"


def test_a_depth_beyond_the_queue_changes_nothing():
    check(range(1_000))


def test_a_depth_beyond_the_queue_changes_nothing_under_any_rules():
    check(range(600), lambda seed: with_backfilling(random_site_case(seed)))


def with_backfilling(case):
    """Backfilling instead of none, which knows no depth."""
    rules = case.rules
    return replace(case, rules=replace(rules, backfill="easy") if rules.backfill == "none" else rules)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_depth_beyond_the_queue_changes_nothing_in_the_queue_core(machine):
    rng = np.random.default_rng(17)
    for seed in range(150):
        case = drawn(rng, machine, random_case(seed, 60, nodes=1 + seed % 7, slots_per_node=4, longest=40))
        case = replace(case, backfill_depth=0)
        assert core_starts(case) == core_starts(replace(case, backfill_depth=60)), case


@pytest.mark.parametrize("feature", [(), *((name,) for name in QUIET)], ids="-".join)
def test_the_core_is_the_definition_with_each_rule(feature):
    check_definition(range(6), feature)


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_the_core_is_the_definition(start):
    check_definition(range(start, start + 50))


@pytest.mark.parametrize("seed", [50, 295, 376, 454])
def test_who_starts_may_bring_the_head_to_its_limit(seed):
    """Then the next pass passes the head over, and its reservation is gone."""
    check_definition([seed])


@pytest.mark.parametrize("seed", [1_355, 4_360])
def test_with_an_order_of_candidates_only_so_many_blocked_jobs_are_promised_anything(seed):
    """In all pools together: a newcomer behind them got a reservation in a pool that had none."""
    check_definition([seed])


@pytest.mark.parametrize("seed", [49, 159])
def test_nobody_plans_on_the_end_of_a_removal(seed):
    check_definition([seed])


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10_000, 60_000, 2_500))
def test_a_depth_never_changes_anything(start):
    check(range(start, start + 2_500))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10_000, 12_000, 100))
def test_many_more(start):
    check_definition(range(start, start + 100))
