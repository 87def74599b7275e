"""The end calendar: a binary heap of packed keys, earliest real end first."""

from capacity.scheduling.kernel.native import IntArray, i64, kernel, u
from capacity.scheduling.kernel.state import HEAP, RUNNING, SCALARS


@kernel
def push(table: IntArray, key: int) -> None:
    """Add a key; RUNNING already counts it."""
    heap = i64(table, HEAP)
    place = i64(table, SCALARS)[u(RUNNING)] - 1
    while place > 0:
        parent = (place - 1) >> 1
        if heap[u(parent)] <= key:
            break
        heap[u(place)] = heap[u(parent)]
        place = parent
    heap[u(place)] = key


@kernel
def pop(table: IntArray) -> int:
    """Take the earliest key; RUNNING still counts it and is lowered here."""
    heap = i64(table, HEAP)
    scalars = i64(table, SCALARS)
    top = heap[u(0)]
    size = scalars[u(RUNNING)] - 1
    scalars[u(RUNNING)] = size
    last = heap[u(size)]
    place = 0
    child = 1
    while child < size:
        if child + 1 < size and heap[u(child + 1)] < heap[u(child)]:
            child += 1
        if heap[u(child)] >= last:
            break
        heap[u(place)] = heap[u(child)]
        place = child
        child = 2 * place + 1
    heap[u(place)] = last
    return top


@kernel
def remove(table: IntArray, key: int) -> None:
    """Take out a key that is somewhere in the heap: a scan, for what happens rarely; lowers RUNNING."""
    heap = i64(table, HEAP)
    scalars = i64(table, SCALARS)
    place = 0
    while heap[u(place)] != key:
        place += 1
    size = scalars[u(RUNNING)] - 1
    scalars[u(RUNNING)] = size
    last = heap[u(size)]
    while place > 0 and heap[u((place - 1) >> 1)] > last:
        heap[u(place)] = heap[u((place - 1) >> 1)]
        place = (place - 1) >> 1
    child = 2 * place + 1
    while child < size:
        if child + 1 < size and heap[u(child + 1)] < heap[u(child)]:
            child += 1
        if heap[u(child)] >= last:
            break
        heap[u(place)] = heap[u(child)]
        place = child
        child = 2 * place + 1
    heap[u(place)] = last
