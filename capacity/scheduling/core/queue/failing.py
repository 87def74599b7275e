"""Nodes that fail and are repaired, and jobs that come back: commands between two steps of the clock.

The kernel only takes jobs off the machine and puts them back into the queue. What they had done and what is
left of them is worked out in Python (``capacity/scheduling/pools/failing.py``): it happens rarely.
"""

from capacity.scheduling.core.machine import heap, machine, nodes
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.machine.state import (CAPACITY, COUNTED, DIRTY, FAIL, FREE, HEAP, HELD_NODE,
    MACHINE, N_STOPPED, NO_NODE, NODE_COUNT, NODE_JOBS, OP, OP_ITEM, REACH, REPAIR, RETURN, RUN, RUN_JOB,
    RUNNING, SCALARS, SHADOW_VALID, SLOT_BITS, SLOT_MASK, SLOTS_PER_NODE, START, STOPPED)  # fmt: skip
from capacity.scheduling.core.queue import queue


@kernel
def latest_job(table: IntArray) -> int:
    """Job that started last, of several the one with the highest row; -1 if none runs."""
    found = int64(-1)
    begun = i64(table, START)
    for index in range(i64(table, SCALARS)[u(RUNNING)]):
        job = int64(i32(table, RUN_JOB)[u(i64(table, HEAP)[u(index)] & SLOT_MASK)])
        later = int64(1) if found < 0 else begun[u(job)] - begun[u(found)]
        if later > 0 or (later == 0 and job > found):
            found = job
    return found


@kernel
def _stop(table: IntArray, slot: int) -> None:
    """Take a running job off the machine before its end, and say so in STOPPED."""
    scalars = i64(table, SCALARS)
    job = int64(i32(table, RUN_JOB)[u(slot)])
    heap.remove(table, (i64(table, START)[u(job)] + i32(table, RUN)[u(job)]) << SLOT_BITS | slot)
    machine.release(table, slot)
    machine.give_slot(table, slot)
    i32(table, STOPPED)[u(scalars[u(N_STOPPED)])] = job
    scalars[u(N_STOPPED)] += 1


@kernel
def _slot_of(table: IntArray, job: int) -> int:
    """Find the running slot of a job that runs."""
    index = int64(0)
    while i32(table, RUN_JOB)[u(i64(table, HEAP)[u(index)] & SLOT_MASK)] != job:
        index += 1
    return i64(table, HEAP)[u(index)] & SLOT_MASK


@kernel
def _fail(table: IntArray, node: int) -> None:
    """Take a node out of service; a counted pool loses as many slots, free ones first."""
    scalars = i64(table, SCALARS)
    per_node = scalars[u(SLOTS_PER_NODE)]
    if scalars[u(MACHINE)] == COUNTED:
        scalars[u(CAPACITY)] -= per_node
        scalars[u(FREE)] -= per_node
        while scalars[u(FREE)] < 0:
            _stop(table, _slot_of(table, latest_job(table)))
        return
    while i32(table, NODE_COUNT)[u(node)] > 0:
        _stop(table, int64(i32(table, NODE_JOBS)[u(node * per_node)]))
    nodes.hide(table, node)


@kernel
def _repair(table: IntArray, node: int) -> None:
    """Put a node back into service."""
    scalars = i64(table, SCALARS)
    if scalars[u(MACHINE)] == COUNTED:
        scalars[u(CAPACITY)] += scalars[u(SLOTS_PER_NODE)]
        scalars[u(FREE)] += scalars[u(SLOTS_PER_NODE)]
        return
    nodes.show(table, node)


@kernel
def obey(table: IntArray) -> None:
    """Carry out the command in OP; the next step of the clock begins with a pass."""
    scalars = i64(table, SCALARS)
    op, item = scalars[u(OP)], scalars[u(OP_ITEM)]
    scalars[u(N_STOPPED)] = 0
    scalars[u(DIRTY)] = 1
    scalars[u(SHADOW_VALID)] = 0
    nodes.unhold_all(table)
    scalars[u(HELD_NODE)] = NO_NODE
    if op == FAIL:
        scalars[u(REACH)] -= scalars[u(SLOTS_PER_NODE)]
        _fail(table, item)
    elif op == REPAIR:
        scalars[u(REACH)] += scalars[u(SLOTS_PER_NODE)]
        _repair(table, item)
    elif op == RETURN:
        queue.put_back(table, item)
