"""The kernel's searches find what a plain scan of the same arrays finds."""

import random
from dataclasses import replace

import pytest

from capacity.scheduling.core.machine import state as k
from tests.support.cases import ORDERS, Case, stops
from tests.support.probe import CHOOSE, RELEASED_BY, SEARCH, TIME_OF_RELEASE, probe
from tests.support.random_cases import random_case
from tests.support.state_check import Inside

PLACES = ("best-fit", "worst-fit", "first-fit")


def busy_pools(order: str, *, jobs: int = 400, placement: str = "best-fit", counted: bool = True):
    """Pools full of holes, stopped at many moments."""
    base = random_case(len(order), jobs, nodes=9, slots_per_node=6, load=2.5, longest=80, wide=0.2)
    case = replace(base, order=order, counted=counted, placement=placement)
    for pool, _ in stops(case, range(5, 400, 15)):
        yield pool, Inside(pool, case)


@pytest.mark.parametrize("order", ORDERS)
def test_the_tree_search_is_a_plain_scan(order):
    """First job at or after a position that fits and either is short enough or fits into the spare slots."""
    rng, found = random.Random(11), 0
    for pool, inside in busy_pools(order):
        jobs, need, asked = (inside.array(name) for name in ("QUEUE_JOB", "NEED", "REQUESTED"))
        tail, size = inside.scalar("QUEUE_TAIL"), inside.scalar("QUEUE_SIZE")
        for _ in range(60):
            first = rng.randint(0, size)
            free, slack, spare = rng.randint(0, 60), rng.choice([0, rng.randint(0, 160)]), rng.randint(-2, 60)
            scan = (
                position
                for position in range(first, tail)
                if (job := jobs[position]) >= 0
                and need[job] <= free
                and (asked[job] <= slack or need[job] <= spare)
            )
            expected = next(scan, -1)
            found += expected >= 0
            assert probe()(pool._table, SEARCH, first, free, slack, spare) == expected
    assert found > 100


def test_sums_over_blocks_of_ends_are_plain_sums():
    """When so many slots will be free, and how many will be by then, over up to 40 blocks of ends."""
    rng = random.Random(12)
    base = random_case(3, 4_000, nodes=900, slots_per_node=4, load=4, longest=150, wide=0)
    case = Case(base.submit, base.run, base.requested, base.slots, 900, 4)
    most_blocks = 0
    for pool, _ in stops(case, range(10, 300, 20)):
        inside = Inside(pool, case)
        most_blocks = max(most_blocks, inside.scalar("BLOCKS_USED"))
        need = inside.array("NEED")
        ends = sorted((inside.expected(job), need[job]) for job in inside.running().values())
        for _ in range(10):
            time = rng.randint(0, 500)
            by_then = sum(slots for end, slots in ends if end <= time)
            assert probe()(pool._table, RELEASED_BY, time, 0, 0, 0) == by_then
            wanted, total, when = rng.randint(1, 3_700), 0, k.FOREVER
            for end, slots in ends:
                total += slots
                if total >= wanted:
                    when = end
                    break
            assert probe()(pool._table, TIME_OF_RELEASE, wanted, 0, 0, 0) == when
    assert most_blocks > 8


@pytest.mark.parametrize("placement", PLACES)
def test_placement_by_bitsets_is_a_plain_scan(placement):
    """Best, worst or first fit, with and without the nodes that a reservation holds."""
    best = {
        "best-fit": lambda free, node: (free[node], node),
        "worst-fit": lambda free, node: (-free[node], node),
        "first-fit": lambda free, node: node,
    }[placement]
    reserved = 0
    for pool, inside in busy_pools("fcfs", placement=placement, counted=False):
        nodes = inside.scalar("NODES_DELIVERED")
        free, held = inside.array("NODE_FREE")[:nodes], inside.array("HELD_BITS")
        reserved += any(held)
        for need in range(1, 7):
            for avoid in (0, 1):
                fits = [
                    node
                    for node in range(nodes)
                    if free[node] >= need and not (avoid and held[node // 64] >> (node % 64) & 1)
                ]
                expected = min(fits, key=lambda node: best(free, node), default=-1)
                assert probe()(pool._table, CHOOSE, need, avoid, 0, 0) == expected
    assert reserved > 3
