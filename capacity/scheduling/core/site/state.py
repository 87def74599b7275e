"""Names of what the site core keeps: one index per scalar, one per array of its table.

A *leaf* is a user in an account; a *group* is whatever a limit counts (a user, an account, a QOS, a user in a
QOS, a job array); a *take* is slots that a reservation or a window keeps from others in planning.
"""

# States of a job. From COMPLETED on it has ended for good.
PENDING, HELD, WAITING, AWAY, RUNNING = 0, 1, 2, 3, 4
COMPLETED, TIMEOUT, CANCELLED, REJECTED, NODE_FAIL = 5, 6, 7, 8, 9

# Why a node is not in use; OUT is set while it is not among the nodes the scheduler sees.
FAILED, DRAINED, IN_WINDOW, UNDELIVERED, OUT = 1, 2, 4, 8, 16

# Commands.
ADVANCE, FAIL, REPAIR, DRAIN, RESUME, CANCEL, PREEMPT, DELIVER, RELEASE = 0, 1, 2, 3, 4, 5, 6, 7, 8

# Values of BACKFILL, ROUTE, FAIR_SHARE_RULE, QOS_MODE.
NO_BACKFILL, EASY = 0, 1
PREFERRED, EARLIEST = 0, 1
CLASSIC, FAIR_TREE = 0, 1
REQUEUE, CANCEL_MODE = 0, 1

MULTIFACTOR = 9
"""ORDER_KIND of the multifactor priority; the others are those of `core.machine.state`."""

N_GROUPS_OF_JOB = 5

# --- arrays --------------------------------------------------------------------------------------------
(
    SCALARS,  # i8
    POOL_TABLES,  # i8 (2 * pools,) address and length of each pool's table
    POOL_NODE0,  # i8 (pools,) number of its first node in the site's columns of nodes
    POOL_ROOM,  # i8 (pools,) most slots a job may need to fit now, reservations aside
    POOL_CLOSED,  # i4 (pools,) nobody may start there in this pass any more
    POOL_RESERVED,  # i4 (pools,) reservations promised there in this pass
    POOL_FIRST_TAKE,  # i8 (pools,) earliest start of a reservation there [s]
    POOL_TAKES,  # i4 (pools,) first take of a counted pool, -1 for none
    POOL_DRAINED,  # i8 (pools,) nodes drained
    POOL_WINDOWS,  # i8 (pools,) windows not yet over
    POOL_NEXT_WINDOW,  # i8 (pools,) when the next window that planning knows begins; now if it has [s]
    POOL_GONE,  # i8 (pools,) nodes that failed or were drained, and windows that never end
    POOL_SOUND,  # i8 (pools,) slots of counted pools that are delivered and have not failed
    SUBMIT,  # i8 (jobs,) [s]
    ARRIVAL,  # i4 (jobs,) rows in order of arrival
    STATE,  # i4 (jobs,)
    START,  # i8 (jobs,) start of the present attempt [s]
    FIRST_START,  # i8 (jobs,) [s]
    LAST_START,  # i8 (jobs,) start of the latest attempt [s]
    END,  # i8 (jobs,) [s]
    LEFT,  # i8 (jobs,) when it left without a start because it had waited too long [s]
    ATTEMPTS,  # i4 (jobs,)
    EXCUSED,  # i4 (jobs,) attempts that were not ended by a failure of the site
    RAN,  # i8 (jobs,) time its slots were held in all attempts [s]
    LOST,  # i8 (jobs,) the part of it that had to be done again [s]
    RESTARTED,  # i8 (jobs,) the part of it in which attempts after the first got going again [s]
    FUTILE,  # i4 (jobs,) attempts in a row that were ended by a failure and saved nothing
    ON_POOL,  # i4 (jobs,) pool it runs or ran on; before that its first
    RUN_SLOT,  # i4 (jobs,) its running slot there
    ASKED_BEFORE,  # i4 (jobs,) its request before a grace period cut it; -1
    GRACE_END,  # i8 (jobs,) when it is ended after having been told to go [s]
    SAFE_UNTIL,  # i8 (jobs,) it does not preempt again before [s]; negative once it has started
    SET_OF,  # i4 (jobs,)
    SET_FIRST,  # i4 (sets + 1,)
    SET_POOLS,  # i4
    SLOTS,  # i4 (jobs,) slots asked for
    KEY,  # f8 (jobs,)
    BASE_KEY,  # f8 (jobs,) key of an order that stays
    BACKFILL_KEY,  # f8 (jobs,)
    QUEUE,  # i4 (capacity,) waiting jobs in order
    QUEUE_NEED,  # i4 (capacity,) fewest slots each needs on any of its pools
    QUEUE_SET,  # i4 (capacity,) its list of pools
    SET_ROOM,  # i8 (sets,) jobs that need more have nothing to gain from the rest of this pass
    FRESH,  # i4 (capacity,) jobs that joined the queue since the last pass
    RESERVED_JOB,  # i4 (capacity,) who got a reservation in the last pass, in order
    RESERVED_POOL,  # i4 (capacity,)
    TIMERS,  # i8 (capacity,) heap of time << 24 | job
    PATIENCE,  # i4 (jobs,) [s]
    DEADLINE,  # i4 (jobs,) [s]
    CHECKPOINT,  # i4 (jobs,) [s]
    RESTART,  # i4 (jobs,) what each attempt after the first takes to get going again [s]
    ACCOUNT,  # i4 (jobs,)
    QOS,  # i4 (jobs,)
    LEAF,  # i4 (jobs,)
    GROUPS,  # i4 (5 * jobs,) groups of each job, -1 for none
    GROUP_SLOTS,  # i8 (groups,) running now
    GROUP_JOBS,  # i8 (groups,)
    GROUP_SUBMITTED,  # i8 (groups,)
    LIMIT_SLOTS,  # i8 (groups,)
    LIMIT_JOBS,  # i8 (groups,)
    LIMIT_SUBMITTED,  # i8 (groups,)
    AFTER,  # i4 (jobs,) row it depends on, -1
    AFTER_OK,  # i4 (jobs,)
    DEPENDENT_FIRST,  # i4 (jobs,) first job that depends on it, -1
    DEPENDENT_NEXT,  # i4 (jobs,) next one that depends on the same
    SINGLE_OF,  # i4 (jobs,) its singleton number, -1
    SINGLE_FIRST,  # i4 (singletons,) first job that has not ended
    SINGLE_NEXT,  # i4 (jobs,)
    ENDED,  # i4 (jobs,) jobs in the order they ended for good
    QOS_RUNNING,  # i8 (pools * qos,) jobs running
    QOS_PRIORITY,  # f8 (qos,)
    QOS_PREEMPTS,  # i8 (qos,) bit set of QOS
    QOS_MODE,  # i4 (qos,)
    QOS_GRACE,  # i8 (qos,) [s]
    QOS_MIN_RUN,  # i8 (qos,) [s]
    WINDOW_POOL,  # i4 (windows,)
    WINDOW_START,  # i8 (windows,) [s]
    WINDOW_END,  # i8 (windows,) [s]
    WINDOW_FIRST,  # i8 (windows,) first node
    WINDOW_NODES,  # i8 (windows,)
    WINDOW_ACCOUNT,  # i4 (windows,) -1 for maintenance
    WINDOW_REQUEUE,  # i4 (windows,)
    WINDOW_ON,  # i8 (windows,) it has begun and not ended
    EDGE_TIME,  # i8 (2 * windows,) ascending [s]
    EDGE_WINDOW,  # i4 (2 * windows,) window that ends; ~window for one that starts
    NODE_FROM,  # i8 (nodes,) a job may start there from [s]
    NODE_DUE,  # i8 (nodes,) when it is delivered, 0 if it is there from the start [s]
    NODE_WHY,  # i4 (nodes,) bits of reasons
    NODE_TAKES,  # i4 (nodes,) first take, -1
    TAKE_START,  # i8 (takes,) [s]
    TAKE_END,  # i8 (takes,) [s]
    TAKE_ROOM,  # i8 (takes,) slots free at its start, takes aside, in a counted pool
    TAKE_SLOTS,  # i4 (takes,)
    TAKE_WINDOW,  # i4 (takes,) window it stands for, -1 for a reservation
    TAKE_ACCOUNT,  # i4 (takes,) whose reservation it is in a counted pool
    TAKE_NEXT,  # i4 (takes,)
    TAKE_NODE,  # i4 (takes,) in the site's columns of nodes, -1
    PROMISED_JOB,  # i4 (capacity,) blocked jobs whose reservation is still to be placed
    PROMISED_POOL,  # i4 (capacity,)
    ACCOUNT_SLOTS,  # i8 (pools * accounts,) slots running
    LEAF_RATE,  # i8 (leaves,) slots running
    LEAF_SINCE,  # i8 (leaves,) [s]
    LEAF_NEW,  # i8 (leaves,) slot-seconds since the last recompute
    LEAF_FACTOR,  # f8 (leaves,) fair-share factor
    TREE_PARENT,  # i4 (accounts + leaves,) -1 below the root
    TREE_SHARE,  # f8 shares over those of all siblings
    TREE_NORM,  # f8 product of TREE_SHARE up to the root
    TREE_USAGE,  # f8 decayed usage [slot s]
    TREE_EFFECT,  # f8 effective usage; for a fair tree the level's shares over usage
    TREE_FIRST,  # i4 (accounts + leaves + 1,) first child, the root last
    TREE_COUNT,  # i4 how many
    TREE_CHILD,  # i4 children of every node in order
    TREE_STACK,  # i4
    WEIGHTS,  # f8 (9,)
    SCRATCH_JOB,  # i4 (capacity,)
    SCRATCH_KEY,  # f8 (capacity,)
    SCRATCH_TIME,  # i8 (nodes or running jobs,)
    SCRATCH_NODE,  # i4 (nodes or running jobs,)
    PARKED,  # i4 (jobs,) 1 for a job that is put aside, HELD, when it is submitted; empty before the first
    RELEASED,  # i4 rows of a command
    N_ARRAYS,
) = range(121)

W_AGE, W_SIZE, W_QOS, W_POOL, W_SHARE, W_MAX_AGE, W_HALF_LIFE, W_DAMPING, W_LARGEST = range(9)
W_POOL_FACTORS = 9  # one per pool follows

# --- scalars -------------------------------------------------------------------------------------------
(
    OP, OP_POOL,
    OP_ITEM,  # node or job of a command
    OVERRUN,  # jobs may run past their request
    NOW, UNTIL, N_POOLS, N_JOBS,
    CURSOR,  # next of ARRIVAL
    N_WAITING, N_HELD, N_AWAY, QUEUE_SIZE, N_TIMERS, TIMERS_SIZE, N_TAKES, TAKES_SIZE, N_PROMISED, N_ENDED,
    N_CLEARED,  # of those whose dependents have been told
    N_EDGES, NEXT_EDGE, N_WINDOWS, N_ACCOUNTS, N_LEAVES, N_QOS,
    DIRTY,  # something changed since the last pass
    CHANGED,  # something other than jobs joining the queue
    RESTLESS,  # under these rules a pass may start a job although only time has passed
    N_FRESH,
    NEW_HEADS,  # jobs for which others were told to go in this pass
    N_RESERVED, N_SETS, CYCLE, ORDER_KIND, TIME_VARYING, RECOMPUTE,
    LAST_RECOMPUTE,  # number of the multiple last reached
    LAST_SHARES,  # when usage was last decayed [s]
    BACKFILL,
    OTHER_ORDER,  # candidates have an order of their own
    DEPTH, RESERVATIONS, ROUTE, FAVOR_SMALL, FAIR_SHARE_RULE, HAS_SHARES, HAS_LIMITS, HAS_PREEMPTION,
    REQUEUE_ON_FAIL, REQUEUE_DELAY, MAX_ATTEMPTS, MAX_FUTILE,
    EXACT,  # the scheduler knows how long each attempt lasts
    STARTS, REQUEUES, PREEMPTIONS, PASSES,
    LOOKED,  # jobs looked at in passes
    WANTED_QUEUE, WANTED_TIMERS, WANTED_TAKES,
    PARKS,  # PARKED is there
    N_RELEASED,  # entries of RELEASED
    N_SCALARS,
) = range(65)  # fmt: skip
