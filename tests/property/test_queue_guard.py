"""The guard of the queue's tree, whenever and for whomever it is set up, changes no start."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.scheduling.batch import batch_system
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import Pool, PoolSpec
from capacity.scheduling.rules import Rules
from tests.support.cases import MACHINES, Case, core_starts, stops
from tests.support.definition import schedule
from tests.support.more_rules import MORE_RULES, drawn, under
from tests.support.quick import quick_schedule
from tests.support.random_cases import cases, examples, random_case
from tests.support.state_check import Inside, check


def guarded_starts(case: Case, cuts) -> list[int]:
    """Starts when the guard is set up anew at every cut for those who wait then."""
    starts = [-1] * len(case.submit)
    for pool, moment in stops(case, cuts):
        pool._guard_queue()
        check(pool, case, moment)
    for row, start in zip(Inside(pool, case).rows, pool.start_s.tolist(), strict=True):
        starts[row] = start
    return starts


@pytest.mark.parametrize("machine", MACHINES)
@given(base=cases(), rules=MORE_RULES, cuts=st.lists(st.integers(0, 60), min_size=1, max_size=6))
@examples(40)
def test_every_start_is_the_definitions_with_the_guard(machine, base, rules, cuts):
    case = under(base, rules, machine)
    assert guarded_starts(case, cuts) == schedule(case).start


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("seed", range(4))
def test_a_queue_that_grows_under_the_guard(machine, seed):
    base = random_case(seed, 220, nodes=5, slots_per_node=4, load=2.5, longest=200, wide=0.2)
    case = drawn(np.random.default_rng(seed), machine, base)
    assert guarded_starts(case, [20, 60, 150]) == schedule(case).start


def wide_and_short_or_narrow_and_long(jobs: int) -> Case:
    """Nobody narrow is short, so the two minima of the tree come from different jobs nearly everywhere."""
    rng = np.random.default_rng(1)
    wide = rng.random(jobs) < 0.5
    slots = np.where(wide, rng.integers(64, 128, jobs), rng.integers(1, 8, jobs))
    run = np.where(wide, rng.integers(3, 30, jobs), rng.integers(3_600, 17_280, jobs))
    requested = (run * rng.uniform(1, 3, jobs)).astype(np.int64)
    span = int((run * slots).sum() / (1.5 * 256))
    submit = np.sort(rng.integers(0, span, jobs))
    return Case(*(tuple(column.tolist()) for column in (submit, run, requested, slots)), 256)


def test_long_searches_set_the_guard_up(monkeypatch):
    """The same starts in a quarter of the steps, those taken before it was set up included."""
    case = wide_and_short_or_narrow_and_long(4_000)
    assert core_starts(case) == quick_schedule(case).start
    *_, (guarded, _) = stops(case)
    assert guarded._scalars[k.GUARD] == 1
    monkeypatch.setattr(Pool, "_guard_queue", lambda _: None)
    *_, (plain, _) = stops(case)
    assert plain._scalars[k.GUARD] == 0
    assert plain.start_s.tolist() == guarded.start_s.tolist()
    assert guarded._scalars[k.VISITS] < plain._scalars[k.VISITS] / 4


def test_ordinary_queues_do_without():
    rng = np.random.default_rng(2)
    count = 20_000
    run = rng.integers(60, 3_600, count)
    slots = rng.integers(1, 33, count)
    submit = np.sort(rng.integers(0, int((run * slots).sum() / (0.9 * 64)), count))
    system = batch_system([PoolSpec("p", 64)], Rules(), Jobs(submit, run, 2 * run, slots))
    system.run()
    assert system.pools[0]._scalars[k.GUARD] == 0
