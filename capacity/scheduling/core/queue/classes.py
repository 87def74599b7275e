"""The guard of the queue's tree against queues in which nobody who is narrow is short.

The least need and the least request below a node may belong to different jobs, so that a descent that finds
both small enough may find nobody there; with thousands of wide short and narrow long jobs it does so all the
time. So, once searches have become long, every node also knows the least request among jobs up to each of 16
sizes, sixteenths of the jobs that waited when the guard was set up, and the least need within each size: what
fits may end within a size.
"""

from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, lowest_bit, tiny, u
from capacity.scheduling.core.machine.state import (CLASS_BOUND, CLASS_TREE, CLASSES, NO_NEED, QUEUE_SIZE,
    QUEUE_TREE, SCALARS, SEARCHED, SEARCHES, VISITS)  # fmt: skip

WIDTH = 2 * CLASSES
"""Numbers kept at each node."""

MOST_VISITS = 128
"""Tree nodes looked at per search from which on the guard pays: to keep it costs as much as 80 to 100."""

WINDOW = 1 << 16
"""Visits after which searches are looked at."""


@kernel
def _class_of(table: IntArray, need: int) -> int:
    """Class of a need: the first whose bound is not below it."""
    bounds = i32(table, CLASS_BOUND)
    number = int64(0)
    while number < CLASSES - 1 and need > bounds[u(number)]:
        number += 1
    return number


@kernel
def refresh(table: IntArray, low: int, high: int) -> None:
    """Work out the classes of positions `low` to `high`, both included, and above."""
    tree, classes = i32(table, QUEUE_TREE), i32(table, CLASS_TREE)
    size = i64(table, SCALARS)[u(QUEUE_SIZE)]
    low += size
    high += size
    for leaf in range(low, high + 1):
        need = int64(tree[u(2 * leaf)])
        own = _class_of(table, need)
        asked = tree[u(2 * leaf + 1)]
        for number in range(CLASSES):
            classes[u(WIDTH * leaf + number)] = asked if number >= own else NO_NEED
            classes[u(WIDTH * leaf + CLASSES + number)] = need if number == own else NO_NEED
    low >>= 1
    high >>= 1
    while low > 0:
        for node in range(low, high + 1):
            left = 2 * WIDTH * node
            for number in range(WIDTH):
                one, other = classes[u(left + number)], classes[u(left + WIDTH + number)]
                classes[u(WIDTH * node + number)] = min(one, other)
        low >>= 1
        high >>= 1


@kernel
def search(table: IntArray, first: int, free: int, slack: int, spare: int) -> int:
    """Find what `queue.search` finds, passing over whatever has nobody of a size that is short enough."""
    tree, classes, scalars = i32(table, QUEUE_TREE), i32(table, CLASS_TREE), i64(table, SCALARS)
    size = scalars[u(QUEUE_SIZE)]
    number = _class_of(table, free)
    below = max(number - 1, int64(0))
    node = size + first
    visits = 0
    while True:
        visits += 1
        need = tree[u(2 * node)]
        here = WIDTH * node
        if need <= free and (
            need <= spare
            or classes[u(here + below)] <= slack
            or (classes[u(here + number)] <= slack and classes[u(here + CLASSES + number)] <= free)
        ):
            if node >= size:
                break
            node = 2 * node
        else:
            node >>= lowest_bit(~node)
            if node == 0:
                break
            node += 1
    scalars[u(VISITS)] += visits
    return node - size if node > 0 else -1


@tiny
def searches_are_long(table: IntArray) -> bool:
    """Whether the searches of late took so many steps that other cells would pay."""
    scalars = i64(table, SCALARS)
    if scalars[u(VISITS)] < scalars[u(SEARCHED)] + WINDOW:
        return False
    long = scalars[u(VISITS)] - scalars[u(SEARCHED)] > MOST_VISITS * scalars[u(SEARCHES)]
    scalars[u(SEARCHED)] = scalars[u(VISITS)]
    scalars[u(SEARCHES)] = 0
    return long
