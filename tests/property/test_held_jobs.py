"""Held, released and stretched jobs have one fate: by the queue core, the site core, the definition."""

import numpy as np
import pytest

from tests.support.failing_cases import fates_of, moments, random_failing_case, systems, watch
from tests.support.held_cases import with_holds
from tests.support.random_site_cases import FEATURES, random_site_case
from tests.support.site_case import core_fates
from tests.support.site_definition import NeverEndsError, schedule
from tests.support.site_story import smallest, story


def queue_core(case):
    alone, _ = systems(case)
    for _ in moments(case, alone):
        pass
    return fates_of(alone)


def compare(case, core, what):
    try:
        answer = schedule(case)
    except NeverEndsError:
        pytest.fail(f"{what}: the rules themselves never end")
    if story(case, core(case), answer):
        small = smallest(case, lambda other: bool(story(other, core(other), schedule(other))))
        pytest.fail(f"{what}: {story(small, core(small), schedule(small))}")
    return answer


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_the_queue_core_is_the_definition(start):
    waited, never = 0, 0
    for seed in range(start, start + 50):
        case = with_holds(random_failing_case(seed), seed)
        answer = compare(case, queue_core, f"seed {seed}")
        waited += sum(fate.start_s > at for fate, at in zip(answer.fates, case.submit, strict=True))
        never += sum(fate.start_s < 0 and not fate.rejected for fate in answer.fates)
    assert waited > 100
    assert never > 20


@pytest.mark.slow
@pytest.mark.parametrize("start", range(20_000, 23_000, 100))
def test_many_more_in_the_queue_core(start):
    for seed in range(start, start + 100):
        compare(with_holds(random_failing_case(seed), seed), queue_core, f"seed {seed}")


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_both_cores_agree_at_every_moment(start):
    for seed in range(start, start + 40):
        case = with_holds(random_failing_case(seed), seed)
        alone, with_site = systems(case)
        for one, other in zip(moments(case, alone), moments(case, with_site), strict=True):
            assert one == other
            if one is not None:
                assert watch(alone) == watch(with_site), f"seed {seed}, at {one} s: {case}"
                rejected = with_site.outcome().rejected | alone.outcome().rejected
                aside = [sorted(system.held_rows().tolist()) for system in (alone, with_site)]
                assert aside[0] == aside[1], f"seed {seed}, at {one} s: {case}"
                assert not rejected[aside[0]].any()
            assert np.array_equal(alone.jobs.run_s, with_site.jobs.run_s)


@pytest.mark.parametrize("feature", [(), *((name,) for name in FEATURES)], ids="-".join)
def test_the_site_core_is_the_definition_with_each_rule(feature):
    for seed in range(5):
        compare(with_holds(random_site_case(seed, features=feature), seed), core_fates, f"seed {seed}")


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_the_site_core_is_the_definition(start):
    for seed in range(5_000 + start, 5_000 + start + 20):
        compare(with_holds(random_site_case(seed), seed), core_fates, f"seed {seed}")


@pytest.mark.parametrize("seed", [30_241, 30_267, 30_282, 30_296, 30_306, 30_627, 30_651, 30_890, 31_287])
def test_a_command_that_changes_nothing_makes_no_pass(seed):
    """A hold and other times concern jobs to come, a release finds nobody, a cancellation comes too late."""
    compare(with_holds(random_site_case(seed), seed), core_fates, f"seed {seed}")


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 2_000, 100))
def test_many_more_in_the_site_core(start):
    for seed in range(30_000 + start, 30_000 + start + 100):
        compare(with_holds(random_site_case(seed), seed), core_fates, f"seed {seed}")
