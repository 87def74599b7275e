"""Binary heaps of integer keys, the least first, in arrays their owners count; one is the end calendar."""

from capacity.scheduling.core.machine.native import IntArray, i64, int64, kernel, u
from capacity.scheduling.core.machine.state import HEAP, RUNNING, SCALARS


@kernel
def rise(heap: IntArray, place: int, key: int) -> int:
    """Put a key at a free place or above it, where it belongs; return where."""
    while place > 0:
        parent = (place - 1) >> 1
        if heap[u(parent)] <= key:
            break
        heap[u(place)] = heap[u(parent)]
        place = parent
    heap[u(place)] = key
    return place


@kernel
def sink(heap: IntArray, place: int, size: int, key: int) -> None:
    """Put a key at a free place or below it, where it belongs, in a heap of `size` keys."""
    child = 2 * place + 1
    while child < size:
        if child + 1 < size and heap[u(child + 1)] < heap[u(child)]:
            child += 1
        if heap[u(child)] >= key:
            break
        heap[u(place)] = heap[u(child)]
        place = child
        child = 2 * place + 1
    heap[u(place)] = key


@kernel
def take(heap: IntArray, scalars: IntArray, counter: int) -> int:
    """Take the least key, and lower the number of keys, which is scalar number `counter`."""
    top = heap[u(0)]
    size = scalars[u(counter)] - 1
    scalars[u(counter)] = size
    sink(heap, 0, size, heap[u(size)])
    return top


@kernel
def push(table: IntArray, key: int) -> None:
    """Add a real end to the calendar; RUNNING already counts it."""
    rise(i64(table, HEAP), i64(table, SCALARS)[u(RUNNING)] - 1, key)


@kernel
def pop(table: IntArray) -> int:
    """Take the earliest real end off the calendar; RUNNING still counts it and is lowered here."""
    return take(i64(table, HEAP), i64(table, SCALARS), int64(RUNNING))


@kernel
def remove(table: IntArray, key: int) -> None:
    """Take out an end that is somewhere in the calendar: a scan, for what happens rarely; lowers RUNNING."""
    heap, scalars = i64(table, HEAP), i64(table, SCALARS)
    place = 0
    while heap[u(place)] != key:
        place += 1
    size = scalars[u(RUNNING)] - 1
    scalars[u(RUNNING)] = size
    last = heap[u(size)]
    sink(heap, rise(heap, place, last), size, last)
