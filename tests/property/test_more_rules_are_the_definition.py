"""Changing orders, cycles, depth, candidates, predictions, overruns: every start is the definition's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cases import MACHINES, core_starts, stops
from tests.support.definition import schedule
from tests.support.more_rules import MORE_RULES, drawn, under
from tests.support.random_cases import cases, examples, random_case
from tests.support.state_check import Inside, check


@pytest.mark.parametrize("machine", MACHINES)
@given(base=cases(), rules=MORE_RULES)
@examples(400)
def test_every_start_is_the_definitions(machine, base, rules):
    case = under(base, rules, machine)
    assert core_starts(case) == schedule(case).start


@pytest.mark.parametrize("machine", MACHINES)
@given(base=cases(), rules=MORE_RULES, cuts=st.lists(st.integers(0, 100), max_size=8))
@examples(60)
def test_stopping_to_look_changes_nothing_and_all_is_in_order(machine, base, rules, cuts):
    case = under(base, rules, machine)
    definition = schedule(case)
    for pool, moment in stops(case, cuts):
        check(pool, case, moment)
        for row, places in {} if case.counted else Inside(pool, case).places().items():
            assert places == definition.places[row]
    starts = [-1] * len(case.submit)
    for row, start in zip(Inside(pool, case).rows, pool.start_s.tolist(), strict=True):
        starts[row] = start
    assert starts == definition.start


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("seed", range(20))
def test_longer_workloads_with_minutes_and_hours(machine, seed):
    """Predictions that are corrected, many jobs that change places, depths that matter."""
    rng = np.random.default_rng(seed)
    base = random_case(seed, 220, nodes=5, slots_per_node=4, load=2.5, longest=900, deliveries=((400, 1),))
    case = drawn(rng, machine, base)
    definition = schedule(case)
    assert core_starts(case) == definition.start, case
    for pool, moment in stops(case, [300, 750, 2_000]):
        check(pool, case, moment)


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("seed", range(10))
def test_many_more_workloads(machine, seed):
    rng = np.random.default_rng(1_000 + seed)
    for part in range(60):
        base = random_case(
            100 * seed + part,
            30 + part,
            nodes=1 + part % 7,
            slots_per_node=1 + part % 5,
            longest=40,
            wide=0.3,
        )
        case = drawn(rng, machine, base)
        assert core_starts(case) == schedule(case).start, case
