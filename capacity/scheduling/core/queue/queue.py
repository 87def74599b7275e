"""The waiting jobs in queue order, with a tree of minima that finds the next one that fits.

Positions hold jobs in order; a job that starts leaves a hole, ``~job``, which still says where in the order
it was. A binary tree over the positions keeps the
least need and the least requested time below each node, so that "the first job after the head that fits now
and either ends by the shadow time or fits into the spare slots" is a descent, not a scan. Appending costs
one path; inserting in the middle (orders other than fcfs) shifts to the nearest hole.

The caller keeps fewer than half of the positions in use, so that closing the holes always makes room.
"""

from capacity.scheduling.core.machine.native import (IntArray, f64, i32, i64, int64, kernel, lowest_bit, move,
    tiny, u)  # fmt: skip
from capacity.scheduling.core.machine.state import (GUARD, KEY, NEED, NO_NEED, ORDER_KIND, QUEUE_HEAD,
    QUEUE_JOB, QUEUE_KEY, QUEUE_LENGTH, QUEUE_SIZE, QUEUE_TAIL, QUEUE_TREE, QUEUED_SLOTS, REQUESTED, SCALARS,
    SEARCHES, SHADOW_VALID, VISITS)  # fmt: skip
from capacity.scheduling.core.queue import classes


@kernel
def search(table: IntArray, first: int, free: int, slack: int, spare: int) -> int:
    """Position of the first job at or after `first` that may start, or -1.

    A job may start if it needs at most `free` slots and either asks for at most `slack` seconds or needs at
    most `spare` slots.
    """
    tree, scalars = i32(table, QUEUE_TREE), i64(table, SCALARS)
    size = scalars[u(QUEUE_SIZE)]
    if first >= size:
        return -1
    scalars[u(SEARCHES)] += 1
    if scalars[u(GUARD)] != 0:
        return classes.search(table, first, free, slack, spare)
    node = size + first
    visits = 0
    while True:
        visits += 1
        need = tree[u(2 * node)]
        if need <= free and (tree[u(2 * node + 1)] <= slack or need <= spare):
            if node >= size:
                break
            node = 2 * node
        else:
            # Up while this is a right child (as many levels as it ends in ones), then to the right.
            node >>= lowest_bit(~node)
            if node == 0:
                break
            node += 1
    scalars[u(VISITS)] += visits
    return node - size if node > 0 else -1


@tiny
def least_need(table: IntArray) -> int:
    """Fewest slots that any waiting job needs; more than there can be when nobody waits."""
    return int64(i32(table, QUEUE_TREE)[u(2)])


@kernel
def _climb(table: IntArray, first: int, last: int) -> None:
    """Recompute the minima above positions `first` to `last`, both included."""
    tree = i32(table, QUEUE_TREE)
    size = i64(table, SCALARS)[u(QUEUE_SIZE)]
    low = (size + first) >> 1
    high = (size + last) >> 1
    while low > 0:
        for node in range(low, high + 1):
            left = 4 * node
            tree[u(2 * node)] = min(tree[u(left)], tree[u(left + 2)])
            tree[u(2 * node + 1)] = min(tree[u(left + 1)], tree[u(left + 3)])
        low >>= 1
        high >>= 1
    if i64(table, SCALARS)[u(GUARD)] != 0:
        classes.refresh(table, first, last)


@kernel
def _put(table: IntArray, position: int, job: int) -> None:
    """Write one leaf and the minima above it, stopping where nothing changes."""
    tree = i32(table, QUEUE_TREE)
    i32(table, QUEUE_JOB)[u(position)] = job
    need, asked = i32(table, NEED)[u(job)], i32(table, REQUESTED)[u(job)]
    node = i64(table, SCALARS)[u(QUEUE_SIZE)] + position
    tree[u(2 * node)] = need
    tree[u(2 * node + 1)] = asked
    node >>= 1
    while node > 0:
        if tree[u(2 * node)] <= need and tree[u(2 * node + 1)] <= asked:
            break
        tree[u(2 * node)] = min(tree[u(2 * node)], need)
        tree[u(2 * node + 1)] = min(tree[u(2 * node + 1)], asked)
        node >>= 1
    if i64(table, SCALARS)[u(GUARD)] != 0:
        classes.refresh(table, position, position)


@kernel
def _spread(table: IntArray, gap: int) -> None:
    """Rewrite the queue with `gap` (1 or 2) positions per job, in order; 1 closes all holes."""
    jobs, keys, tree = i32(table, QUEUE_JOB), f64(table, QUEUE_KEY), i32(table, QUEUE_TREE)
    scalars = i64(table, SCALARS)
    size = scalars[u(QUEUE_SIZE)]
    by_key = scalars[u(ORDER_KIND)] != 0
    count = 0
    for position in range(scalars[u(QUEUE_TAIL)]):
        if jobs[u(position)] >= 0:
            jobs[u(count)] = jobs[u(position)]
            count += 1
    tail = count * gap
    if gap == 2:
        for index in range(count - 1, -1, -1):
            job = jobs[u(index)]
            jobs[u(2 * index + 1)] = ~job
            jobs[u(2 * index)] = job
    need, asked, key = i32(table, NEED), i32(table, REQUESTED), f64(table, KEY)
    for position in range(size):
        leaf = 2 * (size + position)
        job = int64(jobs[u(position)]) if position < tail else int64(-1)
        tree[u(leaf)] = need[u(job)] if job >= 0 else NO_NEED
        tree[u(leaf + 1)] = asked[u(job)] if job >= 0 else NO_NEED
        if by_key and position < tail:
            keys[u(position)] = key[u(max(job, ~job))]
    _climb(table, 0, size - 1)
    scalars[u(QUEUE_TAIL)] = tail
    scalars[u(QUEUE_HEAD)] = 0 if count > 0 else tail


@kernel
def rebuild(table: IntArray, count: int, head: int) -> None:
    """Set up the tree when the first `count` positions were sorted anew; before, `head` was at the front."""
    jobs, tree, need = i32(table, QUEUE_JOB), i32(table, QUEUE_TREE), i32(table, NEED)
    asked, scalars = i32(table, REQUESTED), i64(table, SCALARS)
    size, tail = scalars[u(QUEUE_SIZE)], scalars[u(QUEUE_TAIL)]
    for position in range(tail):
        leaf = 2 * (size + position)
        job = int64(jobs[u(position)])
        tree[u(leaf)] = need[u(job)] if position < count else NO_NEED
        tree[u(leaf + 1)] = asked[u(job)] if position < count else NO_NEED
    _climb(table, 0, tail - 1)
    scalars[u(QUEUE_TAIL)] = count
    scalars[u(QUEUE_HEAD)] = 0
    if jobs[u(0)] != head:
        scalars[u(SHADOW_VALID)] = 0


@kernel
def _find_row(table: IntArray, job: int) -> int:
    """Find what `find` does in order of submission."""
    jobs = i32(table, QUEUE_JOB)
    low = 0
    high = i64(table, SCALARS)[u(QUEUE_TAIL)]
    while low < high:
        middle = (low + high) >> 1
        other = int64(jobs[u(middle)])
        if max(other, ~other) < job:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def find(table: IntArray, job: int) -> int:
    """First position whose job, present or gone, does not come before `job` in (key, submission)."""
    if i64(table, SCALARS)[u(ORDER_KIND)] == 0:
        return _find_row(table, job)
    jobs, keys = i32(table, QUEUE_JOB), f64(table, QUEUE_KEY)
    key = f64(table, KEY)[u(job)]
    low = 0
    high = i64(table, SCALARS)[u(QUEUE_TAIL)]
    while low < high:
        middle = (low + high) >> 1
        other = int64(jobs[u(middle)])
        other = max(other, ~other)
        if keys[u(middle)] < key or (keys[u(middle)] == key and other < job):
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _shift_in(table: IntArray, position: int, job: int) -> bool:
    """Insert `job` before `position` by shifting towards the nearest hole; False when none is near."""
    jobs, tree, scalars = i32(table, QUEUE_JOB), i32(table, QUEUE_TREE), i64(table, SCALARS)
    size, tail = scalars[u(QUEUE_SIZE)], scalars[u(QUEUE_TAIL)]
    reach = 64 + (size >> 6)
    right = position
    while right < tail and jobs[u(right)] >= 0 and right - position < reach:
        right += 1
    if right >= size or (right < tail and jobs[u(right)] >= 0):
        return False
    if right >= tail:
        scalars[u(QUEUE_TAIL)] = right + 1
    move(jobs, position + 1, position, right - position)
    if scalars[u(ORDER_KIND)] != 0:
        keys = f64(table, QUEUE_KEY)
        move(keys, position + 1, position, right - position)
        keys[u(position)] = f64(table, KEY)[u(job)]
    move(tree, 2 * (size + position + 1), 2 * (size + position), 2 * (right - position))
    jobs[u(position)] = job
    tree[u(2 * (size + position))] = i32(table, NEED)[u(job)]
    tree[u(2 * (size + position) + 1)] = i32(table, REQUESTED)[u(job)]
    _climb(table, position, right)
    if position <= scalars[u(QUEUE_HEAD)]:
        scalars[u(QUEUE_HEAD)] = position
        scalars[u(SHADOW_VALID)] = 0
    return True


@kernel
def _insert(table: IntArray, job: int) -> int:
    """Put a job, counted already, between others and return its position."""
    position = find(table, job)
    while not _shift_in(table, position, job):
        _spread(table, int64(2))
        position = find(table, job)
    return position


@kernel
def push(table: IntArray, job: int) -> int:
    """Add a waiting job at its place in the order and return its position."""
    scalars = i64(table, SCALARS)
    scalars[u(QUEUE_LENGTH)] += 1
    scalars[u(QUEUED_SLOTS)] += i32(table, NEED)[u(job)]
    if scalars[u(ORDER_KIND)] == 0:
        if scalars[u(QUEUE_TAIL)] == scalars[u(QUEUE_SIZE)]:
            _spread(table, int64(1))
        position = scalars[u(QUEUE_TAIL)]
        _put(table, position, job)
        scalars[u(QUEUE_TAIL)] = position + 1
        return position
    keys = f64(table, QUEUE_KEY)
    key = f64(table, KEY)[u(job)]
    position = scalars[u(QUEUE_TAIL)]
    if position < scalars[u(QUEUE_SIZE)] and (position == 0 or keys[u(position - 1)] <= key):
        keys[u(position)] = key  # last in the order, since everybody else came before
        _put(table, position, job)
        scalars[u(QUEUE_TAIL)] = position + 1
        return position
    return _insert(table, job)


@kernel
def put_back(table: IntArray, job: int) -> None:
    """Add a job that was there before at its old place in the order, whoever came after it."""
    scalars = i64(table, SCALARS)
    scalars[u(QUEUE_LENGTH)] += 1
    scalars[u(QUEUED_SLOTS)] += i32(table, NEED)[u(job)]
    _insert(table, job)


@kernel
def remove(table: IntArray, position: int) -> int:
    """Take the job at `position` out of the queue, leave a hole, and return the job."""
    jobs, tree, scalars = i32(table, QUEUE_JOB), i32(table, QUEUE_TREE), i64(table, SCALARS)
    job = int64(jobs[u(position)])
    jobs[u(position)] = ~job
    node = scalars[u(QUEUE_SIZE)] + position
    tree[u(2 * node)] = NO_NEED
    tree[u(2 * node + 1)] = NO_NEED
    node >>= 1
    while node > 0:
        left = 4 * node
        need = min(tree[u(left)], tree[u(left + 2)])
        asked = min(tree[u(left + 1)], tree[u(left + 3)])
        if tree[u(2 * node)] == need and tree[u(2 * node + 1)] == asked:
            break
        tree[u(2 * node)] = need
        tree[u(2 * node + 1)] = asked
        node >>= 1
    if scalars[u(GUARD)] != 0:
        classes.refresh(table, position, position)
    scalars[u(QUEUE_LENGTH)] -= 1
    scalars[u(QUEUED_SLOTS)] -= i32(table, NEED)[u(job)]
    if scalars[u(QUEUE_LENGTH)] == 0:
        scalars[u(QUEUE_HEAD)] = scalars[u(QUEUE_TAIL)] = scalars[u(SHADOW_VALID)] = 0
    elif position == scalars[u(QUEUE_HEAD)]:
        scalars[u(SHADOW_VALID)] = 0
        scalars[u(QUEUE_HEAD)] = search(table, position + 1, int64(NO_NEED - 1), int64(NO_NEED - 1), int64(0))
    return job
