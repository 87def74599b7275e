"""Timers of jobs: a binary heap of packed times and jobs, earliest first."""

from capacity.scheduling.kernel.native import IntArray, i64, kernel, u
from capacity.scheduling.kernel.state import SLOT_BITS
from capacity.scheduling.site_kernel.state import N_TIMERS, SCALARS, TIMERS


@kernel
def push(site: IntArray, time: int, job: int) -> None:
    """Ring for a job at `time`."""
    heap = i64(site, TIMERS)
    scalars = i64(site, SCALARS)
    key = time << SLOT_BITS | job
    place = scalars[u(N_TIMERS)]
    scalars[u(N_TIMERS)] = place + 1
    while place > 0:
        parent = (place - 1) >> 1
        if heap[u(parent)] <= key:
            break
        heap[u(place)] = heap[u(parent)]
        place = parent
    heap[u(place)] = key


@kernel
def pop(site: IntArray) -> int:
    """Take the earliest key."""
    heap = i64(site, TIMERS)
    scalars = i64(site, SCALARS)
    top = heap[u(0)]
    size = scalars[u(N_TIMERS)] - 1
    scalars[u(N_TIMERS)] = size
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
