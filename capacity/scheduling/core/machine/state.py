"""Names of what the kernel keeps: one index per scalar, one per array of the address table.

Scalars are the int64 array ``SCALARS``. Times are whole seconds; a *key* packs a time and a running slot
into one int64 as ``time << 24 | slot`` so that it sorts by time: 16.7 million jobs may run at once, and time
may reach 2³⁹ s.
"""

FOREVER = (1 << 39) - 1
"""Later than any event. [s]"""

SLOT_BITS = 24
SLOT_MASK = (1 << SLOT_BITS) - 1

# Commands: to let time pass, and what `failing` knows.
ADVANCE, FAIL, REPAIR, RETURN = 0, 1, 2, 3

# What advance() returns.
REACHED, GROW, CHANGE_TREE = 0, 1, 2

# Values of ORDER_KIND and BACKFILL_ORDER (where 0 is the order of the queue), from CHANGING on with keys that
# change while jobs wait; of BACKFILL, TIES, PLACEMENT, MACHINE.
IN_ORDER_OF_SUBMIT, BY_KEY, WFP3, UNICEF, EXPANSION = 0, 1, 2, 3, 4
CHANGING = WFP3
NONE, EASY = 0, 1
INSTANT, EVENT, PYSS = 0, 1, 2
BEST_FIT, WORST_FIT, FIRST_FIT, RANDOM = 0, 1, 2, 3
COUNTED, NODES = 0, 1

# Values of TRY: all in queue order; the first DEPTH of them; in an order of their own.
TRY_ALL, TRY_SOME, TRY_BY_KEY = 0, 1, 2

# Values of HELD_NODE that are no node: the head waits for a delivery; the head is wide.
NO_NODE, WIDE = -1, -2

# --- arrays of the table -------------------------------------------------------------------------------
(
    SCALARS,  # i8 (N_SCALARS,)
    SUBMIT,  # i8 (jobs,) submission [s], ascending
    NEED,  # i4 (jobs,) slots a job occupies: those asked for, or whole nodes
    RUN,  # i4 (jobs,) run time, never above the request [s]
    REQUESTED,  # i4 (jobs,) time the scheduler plans with, at least 1: requested, or predicted [s]
    START,  # i8 (jobs,) the answer: start, -1 before [s]
    ENDED,  # i4 (jobs,) jobs in the order they ended
    KEY,  # f8 (jobs,) present sort key of the queue order; empty for fcfs
    QUEUE_JOB,  # i4 (capacity,) job at each queue position, ~job once it left
    QUEUE_KEY,  # f8 (capacity,) sort key at each position, also of jobs that left
    QUEUE_TREE,  # i4 (4 * capacity,) minima of need and requested below each node, interleaved
    HEAP,  # i8 (running,) real ends
    RUN_JOB,  # i4 (running,) job in each running slot
    RUN_NODE,  # i4 (running,) its first node
    RUN_ORDER,  # i8 (running,) how many jobs started before it
    RUN_FREE,  # i4 (running,) stack of unused running slots
    TIED,  # i8 (running,) ends of one instant in the order their jobs started
    END_KEYS,  # i8 (blocks * BLOCK,) expected ends, sorted within each block
    END_SLOTS,  # i4 (running,) slots the end of each running slot frees
    END_COUNT,  # i4 (blocks,) keys in each block
    END_NEED,  # i8 (blocks,) slots that come free in each block
    END_ORDER,  # i4 (blocks,) block numbers in order of time; unused ones behind
    PLAN_TIME,  # i8 (deliveries,) known deliveries, ascending [s]
    PLAN_SLOTS,  # i8 (deliveries,) slots each adds
    NODE_FREE,  # i4 (nodes,) free slots of each node in service
    NODE_LAST,  # i8 (nodes,) latest expected end on each node, 0 when idle [s]
    NODE_JOBS,  # i4 (nodes * slots per node,) running slots on each node
    NODE_COUNT,  # i4 (nodes,) how many
    NODE_NEXT,  # i4 (nodes,) next node of the same wide job, -1 at the end
    LEVEL_BITS,  # u8 ((slots per node + 1) * words,) nodes by their number of free slots
    LEVEL_ANY,  # u8 ((slots per node + 1) * summary words,) which of those words are non-zero
    LEVEL_COUNT,  # i4 (slots per node + 1,) nodes at each level
    HELD_BITS,  # u8 (words,) nodes the reservation holds entirely
    HELD_COUNT,  # i4 (slots per node + 1,) how many of those at each level
    LIMIT,  # i4 (jobs,) requested time, which a prediction does not change [s]
    SLOTS,  # i4 (jobs,) slots asked for, as the queue orders see them
    BACKFILL_KEY,  # f8 (jobs,) present key of the order candidates are tried in; empty for the queue's
    SCRATCH_KEY,  # f8 (capacity,) keys while sorting, or of candidates for backfilling
    SCRATCH_JOB,  # i4 (capacity,) jobs or positions beside them
    USER,  # i4 (jobs,) who submitted, 0 to users - 1; empty without predictions
    USER_RUNS,  # i4 (2 * users,) run times of each user's last two jobs that ended, -1 before them [s]
    RUN_GUESS,  # i4 (running,) first prediction of a job that outlived it [s]
    RUN_OUTLIVED,  # i4 (running,) how many predictions it outlived
    CLASS_BOUND,  # i4 (CLASSES - 1,) largest need in each class but the last
    CLASS_TREE,  # i4 (4 * capacity * CLASSES,) below each node: least request up to, and need in, each class
    STOPPED,  # i4 (slots per node,) jobs that the last command took off the machine
    PARKED,  # i4 (jobs,) 1 for a job that is put aside when it is submitted; empty before the first
    _ARRAYS_HERE,
) = range(48)

# --- scalars -------------------------------------------------------------------------------------------
(
    NOW,  # [s]
    UNTIL,  # advance to here, this instant excluded [s]
    CURSOR,  # next arrival
    N_JOBS, MACHINE, ORDER_KIND, BACKFILL, TIES, PLACEMENT,
    CAPACITY,  # slots in service
    FREE,  # slots free now
    NODES_DELIVERED,  # number of the next one
    SLOTS_PER_NODE,
    WORDS,  # uint64 words per level
    SUMMARY_WORDS, RUNNING,
    SLOTS_UNUSED,  # entries of RUN_FREE
    STARTED,  # jobs started so far
    N_ENDED,
    QUEUE_SIZE,  # power of two
    QUEUE_TAIL,  # first position never used
    QUEUE_LENGTH,  # jobs waiting
    QUEUE_HEAD,  # position of the first waiting job, or QUEUE_TAIL
    QUEUED_SLOTS,  # slots the waiting jobs ask for
    BLOCKS_USED,
    PLAN_NEXT,  # first delivery still to come
    N_PLAN,
    DIRTY,  # the machine changed: a full pass is due now
    SHADOW_VALID,
    SHADOW,  # start promised to the head of the queue [s]
    SPARE,  # slots a job may hold beyond the shadow time
    HELD_NODE,  # node of a narrow head's reservation; NO_NODE or WIDE
    HELD_SPARE,  # slots of it that are spare beyond the shadow time
    RNG,
    WANTED,  # queue size asked for with GROW
    BUSY_SLOT_S,  # integrals since time 0
    CAPACITY_SLOT_S, WAITING_JOB_S, WAITING_SLOT_S, PEAK_QUEUE, PASSES,
    VISITS,  # queue-tree nodes looked at by backfilling
    BACKFILL_ORDER,  # order in which candidates are tried, numbered as ORDER_KIND
    DEPTH,  # candidates looked at in a pass, 0 for all
    CYCLE,  # passes only at multiples of this, 0 for at every change [s]
    RECOMPUTE,  # changing keys are worked out at multiples of this, 0 for before every pass [s]
    REKEY_AT,  # changing keys are due in the first pass from here on [s]
    KEY_TIME,  # time that changing keys are, or will be, worked out for [s]
    STALE,  # they have not been yet, because nothing that waits fits
    LOOK_AGAIN,  # from here on an arrival needs a whole pass, not only a look at the newcomer [s]
    OVERRUN,  # jobs may run past their requests
    PREDICT,  # REQUESTED is predicted at submission and corrected while jobs run
    PENDING,  # something changed since the last pass of a cycle
    PASSED_AT,  # time of the last pass of a cycle, -1 before [s]
    PREPARE,  # newcomers get changing keys or predictions
    TOGETHER,  # the arrivals of an instant are looked at together: one may go before another
    TRY,  # how candidates are found: one of those below
    RESTLESS,  # time alone, or the last pass itself, may let a job start: every pass is a whole one
    GUARD,  # the tree of classes is kept
    SEARCHES,  # searches for candidates since the last look at VISITS
    SEARCHED,  # VISITS then
    PLAIN,  # fcfs, a pass per instant, and none of what came after: the short event loop will do
    OP,  # command
    OP_ITEM,  # node or job of a command
    N_STOPPED,  # entries of STOPPED
    REACH,  # slots that are in service or known to come: who needs more fits at no time that is known
    PARKS,  # PARKED is there
    _SCALARS_HERE,
) = range(68)  # fmt: skip

# What a core in a package of its own adds to the table of a pool is numbered from here.
FIRST_OWN_ARRAY, N_ARRAYS = 48, 64
FIRST_OWN_SCALAR, N_SCALARS = 72, 96

BLOCK = 64
"""Expected ends per block."""

CLASSES = 16
"""Sizes the guard of the queue's tree tells apart."""

NO_NEED = 2147483647
"""Need and requested time of a hole: never fits."""
