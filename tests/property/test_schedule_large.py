"""Thousands of jobs: long queues that grow and spread, thousands of expected ends that split and merge."""

import numpy as np
import pytest

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from tests.support.cases import COMBINATIONS, Case, core_starts, stops
from tests.support.quick import quick_schedule
from tests.support.random_cases import random_case
from tests.support.state_check import Inside, check


def long_queue(seed: int) -> Case:
    """3,000 jobs for a machine of 320 slots, twice as fast as it can take them."""
    deliveries = ((20, 2), (60, 1))
    return random_case(
        seed, 3_000, nodes=40, slots_per_node=8, load=2, longest=100, wide=0.02, deliveries=deliveries
    )


def many_running(seed: int, jobs: int = 6_000) -> Case:
    """Jobs of 1-2 slots on 900 nodes of 4: over 2,000 run at once; a few want many nodes."""
    case = random_case(seed, jobs, nodes=900, slots_per_node=4, load=4, longest=150, wide=0.0003)
    return Case(
        case.submit,
        case.run,
        case.requested,
        tuple(s if s > 4 else 1 + s % 2 for s in case.slots),
        case.nodes,
        case.slots_per_node,
    )


FAST = [
    ("fcfs", "easy", "instant", "counted"),
    ("saf", "easy", "instant", "first-fit"),
    ("largest", "none", "event", "best-fit"),
]


@pytest.mark.parametrize("rules", FAST)
def test_long_queues(rules):
    case = long_queue(1).with_rules(*rules)
    assert core_starts(case) == quick_schedule(case).start
    *_, (pool, _) = stops(case)
    assert pool.state().peak_waiting_jobs > 250


@pytest.mark.parametrize("rules", FAST[:2])
def test_thousands_running(rules):
    case = many_running(2).with_rules(*rules)
    assert core_starts(case) == quick_schedule(case).start
    most = blocks = 0
    for pool, moment in stops(case, range(20, 400, 60)):
        check(pool, case, moment)
        most = max(most, pool.state().running_jobs)
        blocks = max(blocks, Inside(pool, case).scalar("BLOCKS_USED"))
    assert most > 2_000
    assert blocks > 8


@pytest.mark.parametrize("ties", ["instant", "pyss"])
@pytest.mark.parametrize("placement", ["best-fit", "worst-fit", "first-fit"])
def test_more_nodes_than_one_summary_word_covers(placement, ties):
    """4,200 nodes make 66 words of 64; every other job takes a large part of them, whole."""
    base = random_case(
        9, 500, nodes=4_190, slots_per_node=2, load=3, longest=80, wide=0.4, deliveries=((9, 10),)
    )
    case = base.with_rules("fcfs", "easy", ties, placement)
    assert core_starts(case) == quick_schedule(case).start
    for pool, moment in stops(case, [10, 50]):
        check(pool, case, moment)


@pytest.mark.slow
@pytest.mark.parametrize("rules", COMBINATIONS)
@pytest.mark.parametrize("workload", [long_queue, many_running])
def test_large_workloads_under_every_rule(rules, workload):
    case = workload(COMBINATIONS.index(rules)).with_rules(*rules)
    assert core_starts(case) == quick_schedule(case).start


@pytest.mark.parametrize("ties", ["instant", "event", "pyss"])
@pytest.mark.parametrize(("order", "sign"), [("fcfs", 0), ("sjf", 1), ("ljf", -1)])
def test_a_hundred_thousand_jobs_at_one_instant(order, sign, ties):
    """One slot each, so the n-th in the order starts when the n-th slot comes free, n by n."""
    count, slots = 100_000, 1_000
    one = np.ones(count, np.int64)
    rank = np.random.default_rng(3).permutation(count) // slots  # 1,000 jobs ask for each length
    length = 10 + rank
    system = batch_system(
        [PoolSpec("p", nodes=slots)], Rules(order, "easy", ties), Jobs(0 * one, length, length, one)
    )
    system.run()
    start = system.outcome().start_s
    if order == "fcfs" or ties != "instant":  # one by one the first thousand start as they come
        assert sorted(start.tolist()) == earliest_starts(length, start, slots)
        return
    levels = np.unique(rank)[::sign]
    begins = np.concatenate([[0], np.cumsum(10 + levels)[:-1]])
    expected = np.empty(count, np.int64)
    for level, begin in zip(levels, begins, strict=True):
        expected[rank == level] = begin
    np.testing.assert_array_equal(start, expected)


def earliest_starts(length, start, slots):
    """When slots come free if the jobs are taken in the order in which they started."""
    free = np.zeros(slots, np.int64)
    found = []
    for job in np.lexsort((np.arange(len(start)), start)):
        slot = int(free.argmin())
        found.append(int(free[slot]))
        free[slot] += length[job]
    return sorted(found)
