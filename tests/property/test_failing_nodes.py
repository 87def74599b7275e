"""When nodes fail, the queue core, the site core and the definition give every job the same fate."""

import pytest

from tests.support.failing_cases import fates_of, moments, random_failing_case, systems
from tests.support.site_definition import schedule
from tests.support.site_story import smallest, story


def queue_core(case):
    alone, _ = systems(case)
    for _ in moments(case, alone):
        pass
    return fates_of(alone)


def compare(seed):
    case = random_failing_case(seed)
    answer = schedule(case)
    if not story(case, queue_core(case), answer):
        return sum(fate.attempts > 1 for fate in answer.fates)
    small = smallest(case, lambda other: bool(story(other, queue_core(other), schedule(other))))
    pytest.fail(f"seed {seed}: {story(small, queue_core(small), schedule(small))}")
    return 0


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_the_queue_core_is_the_definition(start):
    assert sum(compare(seed) for seed in range(start, start + 50)) > 50  # jobs that were started again
