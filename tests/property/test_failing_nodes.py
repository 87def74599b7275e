"""When nodes fail, the queue core, the site core and the definition give every job the same fate."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.failing_cases import (
    check_adds_up,
    fates_of,
    moments,
    random_failing_case,
    systems,
    watch,
)
from tests.support.site_definition import schedule
from tests.support.site_story import smallest, story


def queue_core(case):
    alone, _ = systems(case)
    for _ in moments(case, alone):
        pass
    return fates_of(alone)


def compare(seed):
    """How many jobs were started again, with the same fate by the definition and in the queue core."""
    case = random_failing_case(seed)
    answer = schedule(case)
    if story(case, queue_core(case), answer):
        small = smallest(case, lambda other: bool(story(other, queue_core(other), schedule(other))))
        pytest.fail(f"seed {seed}: {story(small, queue_core(small), schedule(small))}")
    return sum(fate.attempts > 1 for fate in answer.fates)


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_the_queue_core_is_the_definition(start):
    assert sum(compare(seed) for seed in range(start, start + 50)) > 50


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10_000, 13_000, 100))
def test_many_more(start):
    assert sum(compare(seed) for seed in range(start, start + 100)) > 100


@pytest.mark.parametrize("start", range(0, 600, 150))
def test_both_cores_agree_at_every_moment(start):
    for seed in range(start, start + 150):
        case = random_failing_case(seed)
        alone, with_site = systems(case)
        for one, other in zip(moments(case, alone), moments(case, with_site), strict=True):
            assert one == other
            here, there = fates_of(alone), fates_of(with_site)
            if one is not None:  # then the clock of the site core is at the end of time
                assert watch(alone) == watch(with_site), f"seed {seed}, at {one} s: {case}"
                runs = [sorted(system.running_rows().tolist()) for system in (alone, with_site)]
                marked = [np.flatnonzero(system.outcome().running).tolist() for system in (alone, with_site)]
                assert runs[0] == runs[1] == marked[0] == marked[1]
                for fate in here:  # the queue core does not wait for their submission
                    fate.rejected = False
                for fate in there:
                    fate.rejected = False
            assert here == there, f"seed {seed}, at {one} s: {case}"


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_slots_in_use_and_in_service_add_up(start):
    for seed in range(start, start + 100):
        check_adds_up(random_failing_case(seed))


def test_interpreted_and_compiled_agree():
    code = (
        "from tests.property.test_failing_nodes import compare; print([compare(n) for n in range(500, 530)])"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {
        **os.environ,
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": os.pathsep.join([str(root), *sys.path]),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str([compare(seed) for seed in range(500, 530)])
