"""What holds for every schedule whatever the rules, the random placement included."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.scheduling.batch import batch_system
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.site.rules import FOREVER_S
from tests.support.cases import BACKFILLS, ORDERS, TIES, Case, core_starts, stops
from tests.support.definition import schedule
from tests.support.random_cases import cases, examples, random_case
from tests.support.state_check import Inside, check

ANY_MACHINE = ("counted", "best-fit", "worst-fit", "first-fit", "random")
RULES = st.tuples(*map(st.sampled_from, (ORDERS, BACKFILLS, TIES, ANY_MACHINE)))
SOME = examples(40)


def ends(case: Case, starts: list[int]) -> list[int]:
    return [start + run for start, run in zip(starts, case.effective_run, strict=True)]


@given(base=cases(), rules=RULES, cuts=st.lists(st.integers(0, 100), max_size=5))
@SOME
def test_nothing_is_out_of_order_inside(base, rules, cuts):
    case = base.with_rules(*rules)
    for pool, moment in stops(case, cuts):
        check(pool, case, moment)


@given(base=cases(), rules=RULES)
@SOME
def test_every_job_that_can_run_runs_after_its_submission(base, rules):
    case = base.with_rules(*rules)
    system = batch_system([case.spec], case.rules, case.jobs)
    system.run()
    outcome = system.outcome()
    most = (case.nodes + sum(nodes for _, nodes in case.deliveries)) * case.slots_per_node
    fits = np.array(case.need) <= most
    submit, requested = np.array(case.submit), np.array(case.requested)
    np.testing.assert_array_equal(outcome.rejected, ~fits)
    assert (outcome.start_s[~fits] == -1).all()
    assert (outcome.end_s[~fits] == -1).all()
    assert (outcome.start_s >= submit)[fits].all()
    np.testing.assert_array_equal((outcome.end_s - outcome.start_s)[fits], np.array(case.effective_run)[fits])
    np.testing.assert_array_equal(outcome.killed, fits & (np.array(case.run) > requested))
    np.testing.assert_array_equal(outcome.held_slots[fits], np.array(case.need)[fits])


@given(base=cases(), rules=RULES)
@SOME
def test_slots_in_use_never_exceed_those_in_service(base, rules):
    case = base.with_rules(*rules)
    starts = core_starts(case)
    for now in sorted({start for start in starts if start >= 0}):
        service = case.nodes + sum(nodes for at, nodes in case.deliveries if at <= now)
        spans = zip(starts, ends(case, starts), case.need, strict=True)
        used = sum(need for start, end, need in spans if 0 <= start <= now < end)
        assert used <= service * case.slots_per_node


@given(base=cases(), ties=st.sampled_from(TIES), machine=st.sampled_from(ANY_MACHINE))
@SOME
def test_fcfs_without_backfilling_starts_in_order_of_submission(base, ties, machine):
    case = base.with_rules("fcfs", "none", ties, machine)
    started = [start for start in core_starts(case) if start >= 0]
    assert started == sorted(started)


@given(base=cases(), ties=st.sampled_from(TIES), machine=st.sampled_from(ANY_MACHINE))
@SOME
def test_easy_keeps_the_first_promise_made_to_every_head(base, ties, machine):
    """The core's own promises, looked at every second; run times never pass the requests."""
    case = base.with_rules("fcfs", "easy", ties, machine)
    promised: dict[int, int] = {}
    for pool, _ in stops(case, range(120)):
        inside = Inside(pool, case)
        if inside.scalar("SHADOW_VALID"):
            head = inside.rows[inside.array("QUEUE_JOB")[inside.scalar("QUEUE_HEAD")]]
            promised.setdefault(head, inside.scalar("SHADOW"))
    starts = core_starts(case)
    assert all(starts[head] <= time for head, time in promised.items())


@given(base=cases(), ties=st.sampled_from(TIES), machine=st.sampled_from(ANY_MACHINE[:-1]))
@SOME
def test_easy_keeps_the_promises_of_the_definition(base, ties, machine):
    case = base.with_rules("fcfs", "easy", ties, machine)
    starts, promised = core_starts(case), schedule(case).promise
    assert all(start <= time for start, time in zip(starts, promised, strict=True))


@given(base=cases(), rules=RULES, cuts=st.lists(st.integers(0, 150), max_size=4))
@SOME
def test_integrals_are_those_of_the_starts_and_ends(base, rules, cuts):
    case = base.with_rules(*rules)
    starts = core_starts(case)
    jobs = [
        (submit, start, end, need)
        for submit, start, end, need in zip(case.submit, starts, ends(case, starts), case.need, strict=True)
        if start >= 0
    ]

    def before(moment, time):
        return min(moment, time)

    for pool, moment in stops(case, cuts):
        state = pool.state()
        waits = [(before(moment, start) - before(moment, submit), need) for submit, start, _, need in jobs]
        used = [(before(moment, end) - before(moment, start)) * need for _, start, end, need in jobs]
        nodes_s = case.nodes * moment + sum(n * max(0, moment - at) for at, n in case.deliveries)
        assert state.now_s == moment
        assert state.busy_slot_s == sum(used)
        assert state.waiting_job_s == sum(wait for wait, _ in waits)
        assert state.waiting_slot_s == sum(wait * need for wait, need in waits)
        assert state.capacity_slot_s == nodes_s * case.slots_per_node
        assert state.waiting_jobs == sum(submit < moment <= start for submit, start, _, _ in jobs)
        assert state.waiting_slots == sum(need for submit, start, _, need in jobs if submit < moment <= start)
        assert state.running_jobs == sum(start < moment <= end for _, start, end, _ in jobs)
        assert state.started_jobs == sum(start < moment for _, start, _, _ in jobs)
        assert state.ended_jobs == sum(end < moment for _, _, end, _ in jobs)
        assert state.peak_waiting_jobs >= state.waiting_jobs


@given(base=cases(), rules=RULES, more=st.integers(1, 4))
@SOME
def test_more_nodes_never_lose_jobs(base, rules, more):
    case = base.with_rules(*rules)
    larger = replace(case, nodes=case.nodes + more)
    assert all(b >= 0 for a, b in zip(core_starts(case), core_starts(larger), strict=True) if a >= 0)


@given(base=cases(), rules=RULES)
@SOME
def test_jobs_end_in_order_of_time_and_of_their_starts_when_tied(base, rules):
    case = base.with_rules(*rules)
    *_, (pool, _) = stops(case)
    rows = Inside(pool, case).rows
    starts = core_starts(case)
    ended = [rows[job] for job in pool.ended(0).tolist()]
    times = [ends(case, starts)[row] for row in ended]
    assert sorted(ended) == [row for row in range(len(starts)) if starts[row] >= 0]
    assert times == sorted(times)
    assert pool.ended(2).tolist() == pool.ended(0).tolist()[2:]


def test_the_same_seed_places_alike_and_another_does_not():
    base = random_case(5, 400, nodes=12, slots_per_node=4, load=1.5)
    case = replace(base, counted=False, placement="random")
    starts = [core_starts(replace(case, seed=seed)) for seed in (1, 1, 2, 3)]
    assert starts[0] == starts[1]
    assert len({tuple(start) for start in starts}) == 3


def test_random_placement_takes_every_node_equally_often():
    """Chi-square over 4,000 placements on 80 idle nodes."""
    nodes, rounds = 80, 100
    alone = tuple(range(0, 2 * rounds, 2))  # each job finds all nodes idle
    ones = (1,) * rounds
    case = Case(alone, ones, ones, ones, nodes, slots_per_node=2, counted=False, placement="random")
    seats: Counter[int] = Counter()
    for seed in range(40):
        for pool, _ in stops(replace(case, seed=seed), range(1, 2 * rounds, 2)):
            seats.update(node for places in Inside(pool, case).places().values() for node in places)
    expected = 40 * rounds / nodes
    assert seats.total() == 40 * rounds
    chi_square = sum((seats[node] - expected) ** 2 / expected for node in range(nodes))
    assert chi_square < 130  # p = 0.0003; the seeds are fixed


@pytest.mark.parametrize("ties", TIES)
def test_nothing_happens_at_the_moment_itself(ties):
    """`advance(until)` leaves what is due at `until` to the next call, so that facility events go first."""
    case = Case((0, 10), (10, 5), (10, 5), (1, 1), nodes=1, ties=ties)
    system = batch_system([case.spec], case.rules, case.jobs)
    system.advance(10)
    state = system.pools[0].state()
    assert (state.running_jobs, state.waiting_jobs, state.ended_jobs) == (1, 0, 0)
    system.advance(11)
    state = system.pools[0].state()
    assert (state.running_jobs, state.waiting_jobs, state.ended_jobs) == (1, 0, 1)
    system.advance(FOREVER_S)
    assert system.outcome().start_s.tolist() == [0, 10]
    state = system.pools[0].state()
    assert (state.running_jobs, state.waiting_jobs, state.ended_jobs) == (0, 0, 2)


def test_pools_are_independent_and_share_one_clock():
    left = random_case(1, 300, nodes=4, slots_per_node=4)
    right = random_case(2, 300, nodes=3, slots_per_node=2)
    both = sorted(
        [(*job, 0) for job in zip(left.submit, left.run, left.requested, left.slots, strict=True)]
        + [(*job, 1) for job in zip(right.submit, right.run, right.requested, right.slots, strict=True)],
        key=lambda job: job[0],
    )
    submit, run, requested, slots, pool = (np.array(column) for column in zip(*both, strict=True))
    jobs = replace(left.jobs, submit_s=submit, run_s=run, requested_s=requested, slots=slots, pool=pool)
    specs = [replace(left.spec, name="left"), PoolSpec("right", 3, 2, deliveries=((50, 1),))]
    right = replace(right, deliveries=((50, 1),))
    system = batch_system(specs, left.rules, jobs)
    system.run()
    start = system.outcome().start_s
    assert start[pool == 0].tolist() == core_starts(left)
    assert start[pool == 1].tolist() == core_starts(right)
    assert list(system.states()) == ["left", "right"]
