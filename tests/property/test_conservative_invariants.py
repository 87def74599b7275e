"""What conservative backfilling promises, looked at from the outside."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cases import ORDERS, TIES, Case, core_starts, stops
from tests.support.conservative_definition import NEVER, conservative_schedule
from tests.support.conservative_rules import CONSERVATIVE_RULES, under
from tests.support.profile_check import Profile
from tests.support.random_cases import cases, examples, random_case

SOME = examples(60)


def used(case: Case, starts: list[int]) -> dict[int, int]:
    """Slots in use from each moment at which that changes."""
    edges: dict[int, int] = {}
    for start, run, need in zip(starts, case.effective_run, case.need, strict=True):
        if start >= 0:
            edges[start] = edges.get(start, 0) + need
            edges[start + run] = edges.get(start + run, 0) - need
    total, found = 0, {}
    for time in sorted(edges):
        total += edges[time]
        found[time] = total
    return found


def in_service(case: Case, time: int) -> int:
    return (case.nodes + sum(n for at, n in case.deliveries if at <= time)) * case.slots_per_node


@given(base=cases(), rules=CONSERVATIVE_RULES)
@SOME
def test_slots_suffice_and_every_job_that_can_run_runs(base, rules):
    case = under(base, rules)
    starts = core_starts(case)
    assert all(slots <= in_service(case, time) for time, slots in used(case, starts).items())
    for start, submit, need in zip(starts, case.submit, case.need, strict=True):
        assert start >= submit if need <= in_service(case, NEVER) else start == -1
        assert not (case.cycle_s and start > 0) or start % case.cycle_s == 0


@given(base=cases(), rules=CONSERVATIVE_RULES, cuts=st.lists(st.integers(0, 100), max_size=12))
@SOME
def test_a_sticky_reservation_never_moves_later(base, rules, cuts):
    case = under(base, {**rules, "conservative": "sticky", "overrun": "kill"})
    seen: list[dict[int, int]] = []
    for pool, _ in stops(case, cuts):
        inside = Profile(pool, case)
        started = {job: start for job, start in enumerate(pool.start_s.tolist()) if start >= 0}
        seen.append({**inside.reserved(), **started})
    for before, after in pairwise(seen):
        assert before.keys() <= after.keys()
        assert all(after[job] <= time for job, time in before.items())


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("order", ORDERS)
def test_nobody_starts_later_than_first_promised(order, ties):
    early = 0
    for seed in range(3):
        base = random_case(seed, 90, nodes=16, slots_per_node=1, load=1.5, longest=60, wide=0.9)
        case = under(base, {"order": order, "ties": ties})
        starts, promises = core_starts(case), conservative_schedule(case).promise
        assert all(start <= promise for start, promise in zip(starts, promises, strict=True))
        early += sum(start < promise for start, promise in zip(starts, promises, strict=True))
    assert early > 0


@pytest.mark.parametrize("ties", TIES)
@given(base=cases())
@SOME
def test_replanning_lets_the_first_in_the_queue_start_as_soon_as_it_fits(ties, base):
    case = under(base, {"conservative": "replan", "ties": ties})
    starts = core_starts(case)
    busy = used(case, starts)
    waits = [job for job, start in enumerate(starts) if start > case.submit[job]]
    for job in waits:
        ahead = [start for start in starts[:job] if start >= 0]
        first_since = max([case.submit[job], *ahead])
        for time in {first_since, *(t for t in busy if t > first_since)}:
            if time < starts[job] and not any(start == time for start in starts):
                in_use = max([(t, slots) for t, slots in busy.items() if t <= time], default=(0, 0))[1]
                assert in_use + case.need[job] > in_service(case, time)


@given(base=cases(), rules=CONSERVATIVE_RULES)
@SOME
def test_exact_estimates_without_kills_make_both_kinds_the_same(base, rules):
    """Nobody ends early, so nothing ever moves."""
    exact = {**rules, "estimates": "exact", "order": "fcfs", "overrun": "kill"}
    case = under(replace(base, run=tuple(max(1, run) for run in base.run)), exact)
    assert core_starts(replace(case, conservative="sticky")) == core_starts(
        replace(case, conservative="replan")
    )


@given(base=cases())
@SOME
def test_a_depth_that_nobody_reaches_changes_nothing(base):
    case = under(base, {"conservative": "sticky"})
    assert core_starts(replace(case, backfill_depth=len(base.submit))) == core_starts(case)
