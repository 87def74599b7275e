"""Conservative backfilling in the compiled core is that of the definition, whatever the rules beside it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cases import ORDERS, TIES, core_starts, stops
from tests.support.conservative_definition import conservative_schedule
from tests.support.conservative_rules import CONSERVATIVE_RULES, KINDS, drawn, under
from tests.support.profile_check import Profile, check_conservative
from tests.support.random_cases import cases, examples, random_case
from tests.support.state_check import Inside


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("order", ORDERS)
@given(base=cases())
@examples(25)
def test_every_start_is_the_definitions(order, ties, kind, base):
    rules = {"order": order, "ties": ties, "conservative": kind}
    case = under(base, rules)
    assert core_starts(case) == conservative_schedule(case).start


@given(base=cases(), rules=CONSERVATIVE_RULES, cuts=st.lists(st.integers(0, 100), max_size=8))
@examples(300)
def test_with_all_other_rules_and_stopping_to_look(base, rules, cuts):
    case = under(base, rules)
    for pool, moment in stops(case, cuts):
        check_conservative(pool, case, moment)
    starts = [-1] * len(case.submit)
    for row, start in zip(Inside(pool, case).rows, pool.start_s.tolist(), strict=True):
        starts[row] = start
    assert starts == conservative_schedule(case).start


@pytest.mark.parametrize("seed", range(24))
def test_a_longer_workload_with_a_queue_that_grows(seed):
    base = random_case(
        seed, 120, nodes=5, slots_per_node=4, load=3, longest=60, deliveries=((40, 1), (90, 2))
    )
    case = drawn(np.random.default_rng(seed), base)
    assert core_starts(case) == conservative_schedule(case).start
    for pool, moment in stops(case, [10, 30, 75, 200]):
        check_conservative(pool, case, moment)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("ties", "cycle_s", "backfill_depth"), [("instant", 0, 0), ("event", 0, 3), ("instant", 7, 0)]
)
@pytest.mark.parametrize("order", ["fcfs", "sjf"])
def test_jobs_that_far_outrun_their_requests(kind, ties, cycle_s, backfill_depth, order):
    """Promises are broken, and stay so while other things happen, until what holds their slots has ended."""
    base = random_case(5, 80, nodes=8, slots_per_node=1, load=1.5, longest=60, wide=0.5)
    asked = [run // 4 if job % 3 == 0 else base.requested[job] for job, run in enumerate(base.run)]
    rules = {"order": order, "ties": ties, "cycle_s": cycle_s, "backfill_depth": backfill_depth}
    case = under(replace(base, requested=tuple(asked)), {**rules, "conservative": kind, "overrun": "allow"})
    broken = 0
    for pool, moment in stops(case, range(0, 900, 3)):
        check_conservative(pool, case, moment)
        broken += Profile(pool, case).own_scalar("BROKEN")
    assert core_starts(case) == conservative_schedule(case).start
    assert broken > 10


@pytest.mark.parametrize("kind", KINDS)
def test_a_profile_of_many_blocks(kind):
    """Enough reservations and running jobs for blocks of steps to split, merge and be added to as a whole."""
    base = random_case(3, 900, nodes=150, slots_per_node=2, load=12, longest=3_000, wide=0.05)
    case = under(base, {"conservative": kind})
    blocks = []
    for pool, moment in stops(case, [50, 300, 900, 2_000, 4_000, 8_000]):
        check_conservative(pool, case, moment)
        blocks.append(Profile(pool, case).own_scalar("STEP_BLOCKS"))
    assert max(blocks) > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_many_more_small_workloads(seed):
    rng = np.random.default_rng(seed)
    for part in range(250):
        number = 1_000 * seed + part
        small = random_case(number, 12 + number % 30, nodes=1 + number % 7, slots_per_node=3, longest=20)
        case = drawn(rng, replace(small, deliveries=((15, 1),) if part % 3 == 0 else ()))
        assert core_starts(case) == conservative_schedule(case).start, case
