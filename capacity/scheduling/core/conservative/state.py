"""What this core adds to the table of a pool (``core/machine/state.py``): names of its arrays and scalars."""

from capacity.scheduling.core.machine.state import BLOCK, FIRST_OWN_ARRAY, FIRST_OWN_SCALAR

STEPS = BLOCK
"""Steps of the profile per block, as many as ``machine/ends.py`` has keys: both look for blocks alike."""

(
    STEP_TIME,  # i8 (blocks * STEPS,) when each step begins, sorted within each block [s]
    STEP_FREE,  # i8 (blocks * STEPS,) slots free from then to the next step, less STEP_ADD of the block
    STEP_COUNT,  # i8 (blocks,) steps in each block
    STEP_LEAST,  # i8 (blocks,) least STEP_FREE of each block
    STEP_MOST,  # i8 (blocks,) largest STEP_FREE of each block
    STEP_ADD,  # i8 (blocks,) slots to add to every step of a block
    STEP_ORDER,  # i8 (blocks,) block numbers in order of time; unused ones behind
    RESERVED,  # i8 (jobs,) start reserved for a job, -1 for none [s]
    DUE,  # i4 (queue size,) heap of the jobs that hold reservations, earliest first
    DUE_PLACE,  # i4 (jobs,) place of each of them in the heap
) = range(FIRST_OWN_ARRAY, FIRST_OWN_ARRAY + 10)

(
    STEP_BLOCKS,  # blocks in use
    HELD,  # jobs in DUE
    BROKEN,  # waiting jobs whose time has come while others still hold their slots
    REPLAN,  # all reservations are made anew at every event
    ANEW,  # something happened that changes a plan made anew
    ENDED_EARLY,  # a job ended since reservations were last looked through
    FREED_UNTIL,  # latest end of what came free for reservations that were looked at before [s]
    FIRST_UNPLACED,  # no waiting job before this one in queue order is without a reservation
) = range(FIRST_OWN_SCALAR, FIRST_OWN_SCALAR + 8)
