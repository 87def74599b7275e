"""Timers of jobs: a binary heap of packed times and jobs, earliest first."""

from capacity.scheduling.core.machine.binary_heap import rise, sink
from capacity.scheduling.core.machine.native import IntArray, i64, kernel, u
from capacity.scheduling.core.machine.state import SLOT_BITS
from capacity.scheduling.core.site.state import N_TIMERS, SCALARS, TIMERS


@kernel
def push(site: IntArray, time: int, job: int) -> None:
    """Ring for a job at `time`."""
    scalars = i64(site, SCALARS)
    place = scalars[u(N_TIMERS)]
    scalars[u(N_TIMERS)] = place + 1
    rise(i64(site, TIMERS), place, time << SLOT_BITS | job)


@kernel
def pop(site: IntArray) -> int:
    """Take the earliest key."""
    heap = i64(site, TIMERS)
    scalars = i64(site, SCALARS)
    top = heap[u(0)]
    size = scalars[u(N_TIMERS)] - 1
    scalars[u(N_TIMERS)] = size
    sink(heap, 0, size, heap[u(size)])
    return top
