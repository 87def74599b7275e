"""The compiled core starts every job when the definition does, whatever the rules and the interruptions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cases import COMBINATIONS, MACHINES, ORDERS, TIES, core_starts, stops
from tests.support.definition import schedule
from tests.support.quick import quick_schedule
from tests.support.random_cases import cases, examples, random_case
from tests.support.state_check import Inside, check

EVERY_RULE = pytest.mark.parametrize(("order", "backfill", "ties", "machine"), COMBINATIONS)


@EVERY_RULE
@given(base=cases())
@examples(25)
def test_every_start_is_the_definitions(order, backfill, ties, machine, base):
    case = base.with_rules(order, backfill, ties, machine)
    assert core_starts(case) == schedule(case).start


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("ties", TIES)
@given(
    base=cases(),
    order=st.sampled_from(ORDERS),
    backfill=st.sampled_from(["none", "easy"]),
    cuts=st.lists(st.integers(0, 100), max_size=8),
)
@examples(15)
def test_stopping_to_look_changes_nothing_and_all_is_in_order(ties, machine, base, order, backfill, cuts):
    case = base.with_rules(order, backfill, ties, machine)
    definition = schedule(case)
    for pool, moment in stops(case, cuts):
        check(pool, case, moment)
        for row, places in {} if case.counted else Inside(pool, case).places().items():
            assert places == definition.places[row]
    starts = [-1] * len(case.submit)
    for row, start in zip(Inside(pool, case).rows, pool.start_s.tolist(), strict=True):
        starts[row] = start
    assert starts == definition.start


@EVERY_RULE
def test_a_longer_workload_with_a_queue_that_grows(order, backfill, ties, machine):
    seed = COMBINATIONS.index((order, backfill, ties, machine))
    base = random_case(
        seed, 160, nodes=5, slots_per_node=4, load=3, longest=60, deliveries=((40, 1), (90, 2))
    )
    case = base.with_rules(order, backfill, ties, machine)
    definition = schedule(case)
    assert core_starts(case) == definition.start
    for pool, moment in stops(case, [30, 75, 200]):
        check(pool, case, moment)


@given(base=cases(), rules=st.sampled_from(COMBINATIONS))
@examples(60)
def test_the_quick_form_of_the_definition_is_the_definition(base, rules):
    case = base.with_rules(*rules)
    plain, quick = schedule(case), quick_schedule(case)
    assert quick.start == plain.start
    assert quick.promise == plain.promise


@pytest.mark.slow
@EVERY_RULE
@pytest.mark.parametrize("seed", range(3))
def test_many_more_small_workloads(order, backfill, ties, machine, seed):
    for part in range(200):
        number = 1_000 * seed + part
        small = random_case(
            number,
            12 + number % 30,
            nodes=1 + number % 7,
            slots_per_node=1 + number % 5,
            longest=20,
            wide=0.3,
        )
        case = small.with_rules(order, backfill, ties, machine)
        assert core_starts(case) == schedule(case).start, case
