"""EASY++: run times predicted from the user's last two jobs, and corrected when a job outlives them.

After Tsafrir, Etsion and Feitelson, "Backfilling using system-generated predictions rather than user runtime
estimates", IEEE TPDS 18(6), 2007, https://doi.org/10.1109/TPDS.2007.70606. The prediction stands in
REQUESTED, where all planning reads it; LIMIT keeps the request, at which the job is killed.
"""

from capacity.scheduling.core.machine import ends, machine
from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, u
from capacity.scheduling.core.machine.state import (BACKFILL_KEY, BLOCK, BLOCKS_USED, COUNTED, END_COUNT,
    END_KEYS, END_ORDER, FOREVER, LIMIT, MACHINE, NEED, NODE_LAST, NODE_NEXT, NOW, PREDICT, REQUESTED, RUN,
    RUN_GUESS, RUN_JOB, RUN_NODE, RUN_OUTLIVED, SCALARS, SHADOW_VALID, SLOT_BITS, SLOT_MASK, SLOTS_PER_NODE,
    START, TIED, USER, USER_RUNS)  # fmt: skip

MINUTE, HOUR = 60, 3_600
STEPS = (
    *(MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 5 * HOUR, 10 * HOUR, 20 * HOUR, 50 * HOUR, 100 * HOUR),
)
"""What is added to the first prediction when a job outlives its present one, in turn. [s]"""


@kernel
def guess(table: IntArray, job: int) -> None:
    """Predict the run time of a job at its submission."""
    runs = i32(table, USER_RUNS)
    user, predicted = int64(i32(table, USER)[u(job)]), int64(i32(table, LIMIT)[u(job)])
    before = int64(runs[u(2 * user)])
    if before >= 0:
        mean = (before + runs[u(2 * user + 1)]) // 2
        predicted = min(predicted, max(mean, 1))
    i32(table, REQUESTED)[u(job)] = predicted
    f64(table, BACKFILL_KEY)[u(job)] = predicted


@kernel
def learn(table: IntArray, slot: int) -> None:
    """Note the run time of a job that has ended; its running slot will belong to another."""
    runs = i32(table, USER_RUNS)
    job = int64(i32(table, RUN_JOB)[u(slot)])
    user = int64(i32(table, USER)[u(job)])
    runs[u(2 * user)] = runs[u(2 * user + 1)]
    runs[u(2 * user + 1)] = i32(table, RUN)[u(job)]
    i32(table, RUN_OUTLIVED)[u(slot)] = 0


@kernel
def next_correction(table: IntArray) -> int:
    """When the first running job reaches its predicted end [s]."""
    scalars = i64(table, SCALARS)
    if scalars[u(PREDICT)] == 0 or scalars[u(BLOCKS_USED)] == 0:
        return FOREVER
    return i64(table, END_KEYS)[u(i32(table, END_ORDER)[u(0)] * BLOCK)] >> SLOT_BITS


@kernel
def _outlived(table: IntArray) -> int:
    """Gather in TIED the running slots whose job is predicted to end by now and does not; return how many."""
    scalars, keys = i64(table, SCALARS), i64(table, END_KEYS)
    count = int64(0)
    for position in range(scalars[u(BLOCKS_USED)]):
        block = int64(i32(table, END_ORDER)[u(position)])
        for index in range(block * BLOCK, block * BLOCK + i32(table, END_COUNT)[u(block)]):
            if keys[u(index)] >> SLOT_BITS > scalars[u(NOW)]:
                return count
            slot = keys[u(index)] & SLOT_MASK
            job = i32(table, RUN_JOB)[u(slot)]
            if i64(table, START)[u(job)] + i32(table, RUN)[u(job)] > scalars[u(NOW)]:
                i64(table, TIED)[u(count)] = slot
                count += 1
    return count


@kernel
def _stay_longer(table: IntArray, slot: int, need: int, end: int) -> None:
    """Note on the nodes of a running job that it stays until `end`."""
    last = i64(table, NODE_LAST)
    node = int64(i32(table, RUN_NODE)[u(slot)])
    last[u(node)] = max(last[u(node)], end)
    if need <= i64(table, SCALARS)[u(SLOTS_PER_NODE)]:
        return
    node = int64(i32(table, NODE_NEXT)[u(node)])
    while node >= 0:
        last[u(node)] = end
        node = int64(i32(table, NODE_NEXT)[u(node)])


@kernel
def _correct(table: IntArray, slot: int) -> None:
    """Give a job that outlived its prediction the next one."""
    scalars = i64(table, SCALARS)
    job = int64(i32(table, RUN_JOB)[u(slot)])
    need = int64(i32(table, NEED)[u(job)])
    predicted = i32(table, REQUESTED)
    times = int64(i32(table, RUN_OUTLIVED)[u(slot)])
    if times == 0:
        i32(table, RUN_GUESS)[u(slot)] = predicted[u(job)]
    ends.remove(table, machine.expected_end(table, job) << SLOT_BITS | slot, need)
    longer = int64(i32(table, LIMIT)[u(job)])
    if times < len(STEPS):
        longer = min(longer, i32(table, RUN_GUESS)[u(slot)] + STEPS[times])
    predicted[u(job)] = longer
    i32(table, RUN_OUTLIVED)[u(slot)] = times + 1
    end = machine.expected_end(table, job)
    ends.insert(table, end << SLOT_BITS | slot, need)
    if scalars[u(MACHINE)] != COUNTED:
        _stay_longer(table, slot, need, end)


@kernel
def correct_all(table: IntArray) -> None:
    """Correct every prediction that a job outlives at this instant."""
    count = _outlived(table)
    for index in range(count):
        _correct(table, i64(table, TIED)[u(index)])
    if count > 0:
        i64(table, SCALARS)[u(SHADOW_VALID)] = 0
