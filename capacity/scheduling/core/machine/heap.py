"""The end calendar: a binary heap of packed keys, earliest real end first."""

from capacity.scheduling.core.machine.binary_heap import rise, sink
from capacity.scheduling.core.machine.native import IntArray, i64, kernel, u
from capacity.scheduling.core.machine.state import HEAP, RUNNING, SCALARS


@kernel
def push(table: IntArray, key: int) -> None:
    """Add a key; RUNNING already counts it."""
    rise(i64(table, HEAP), i64(table, SCALARS)[u(RUNNING)] - 1, key)


@kernel
def pop(table: IntArray) -> int:
    """Take the earliest key; RUNNING still counts it and is lowered here."""
    heap = i64(table, HEAP)
    scalars = i64(table, SCALARS)
    top = heap[u(0)]
    size = scalars[u(RUNNING)] - 1
    scalars[u(RUNNING)] = size
    sink(heap, 0, size, heap[u(size)])
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
    sink(heap, rise(heap, place, last), size, last)
