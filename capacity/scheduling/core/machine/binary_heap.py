"""A binary heap of integer keys, the least first, in an array that its owner counts."""

from capacity.scheduling.core.machine.native import IntArray, kernel, u


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
