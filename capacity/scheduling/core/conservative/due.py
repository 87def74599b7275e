"""Whose reservation comes next: a heap of waiting jobs by reserved start, then by place in the queue."""

from capacity.scheduling.core.conservative.state import DUE, DUE_PLACE, HELD, RESERVED
from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, u
from capacity.scheduling.core.machine.state import FOREVER, KEY, ORDER_KIND, SCALARS


@kernel
def goes_before(table: IntArray, job: int, other: int) -> bool:
    """Whether `job` comes before `other` in queue order."""
    if i64(table, SCALARS)[u(ORDER_KIND)] != 0:
        key = f64(table, KEY)
        if key[u(job)] != key[u(other)]:
            return key[u(job)] < key[u(other)]
    return job < other


@kernel
def _earlier(table: IntArray, job: int, other: int) -> bool:
    """Whether the heap has `job` above `other`."""
    start = i64(table, RESERVED)
    if start[u(job)] != start[u(other)]:
        return start[u(job)] < start[u(other)]
    return goes_before(table, job, other)


@kernel
def rise(table: IntArray, job: int, place: int) -> None:
    """Move a job up from `place`, which nobody else has, to where it belongs."""
    heap, at = i32(table, DUE), i32(table, DUE_PLACE)
    while place > 0:
        parent = (place - 1) >> 1
        other = int64(heap[u(parent)])
        if not _earlier(table, job, other):
            break
        heap[u(place)] = other
        at[u(other)] = place
        place = parent
    heap[u(place)] = job
    at[u(job)] = place


@kernel
def push(table: IntArray, job: int) -> None:
    """Add a job whose RESERVED is set."""
    scalars = i64(table, SCALARS)
    scalars[u(HELD)] += 1
    rise(table, job, scalars[u(HELD)] - 1)


@kernel
def pop(table: IntArray) -> int:
    """Take the job whose time comes first."""
    heap, at, scalars = i32(table, DUE), i32(table, DUE_PLACE), i64(table, SCALARS)
    top = int64(heap[u(0)])
    size = scalars[u(HELD)] - 1
    scalars[u(HELD)] = size
    if size == 0:
        return top
    last = int64(heap[u(size)])
    place, child = 0, 1
    while child < size:
        if child + 1 < size and _earlier(table, int64(heap[u(child + 1)]), int64(heap[u(child)])):
            child += 1
        other = int64(heap[u(child)])
        if not _earlier(table, other, last):
            break
        heap[u(place)] = other
        at[u(other)] = place
        place = child
        child = 2 * place + 1
    heap[u(place)] = last
    at[u(last)] = place
    return top


@kernel
def next_start(table: IntArray) -> int:
    """Earliest reserved start [s], FOREVER if there is none."""
    if i64(table, SCALARS)[u(HELD)] == 0:
        return FOREVER
    return i64(table, RESERVED)[u(i32(table, DUE)[u(0)])]
