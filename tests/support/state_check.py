"""Everything that must hold inside a pool between two calls, recomputed from scratch with plain Python.

The only test file that knows the kernel's arrays: change it together with ``core/machine/state.py``.
"""

from itertools import pairwise

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.pools.pool import Pool
from tests.support.cases import Case


class Inside:
    """A pool's arrays and scalars at one moment as plain lists and integers, by the names of the kernel."""

    def __init__(self, pool: Pool, case: Case) -> None:
        self.pool = pool
        self.case = case
        self.seen: dict[str, list] = {}
        self.rows = [row for row, need in enumerate(case.need) if need <= self.most]  # jobs the pool knows

    @property
    def most(self) -> int:
        return self.pool.spec.most_nodes * self.pool.spec.slots_per_node

    def scalar(self, name: str) -> int:
        return int(self.pool._scalars[getattr(k, name)])

    def array(self, name: str) -> list:
        if name not in self.seen:
            self.seen[name] = self.pool._arrays[getattr(k, name)].tolist()
        return self.seen[name]

    def running(self) -> dict[int, int]:
        """Running slot -> job, from the calendar of real ends."""
        job = self.array("RUN_JOB")
        return {key & k.SLOT_MASK: job[key & k.SLOT_MASK] for key in self.heap()}

    def heap(self) -> list[int]:
        return self.array("HEAP")[: self.scalar("RUNNING")]

    def expected(self, job: int) -> int:
        return self.array("START")[job] + self.array("REQUESTED")[job]

    def places(self) -> dict[int, dict[int, int]]:
        """Row of each running job -> {node: slots}."""
        found: dict[int, dict[int, int]] = {}
        first, following, need = self.array("RUN_NODE"), self.array("NODE_NEXT"), self.array("NEED")
        whole = self.case.slots_per_node
        for slot, job in self.running().items():
            chain = [first[slot]]
            while len(chain) * whole < need[job]:
                chain.append(following[chain[-1]])
            assert need[job] <= whole or following[chain[-1]] == -1
            found[self.rows[job]] = dict.fromkeys(chain, min(need[job], whole))
        return found


def check(pool: Pool, case: Case, moment: int) -> None:
    """Assert that the pool, advanced to `moment`, is consistent in itself."""
    inside = Inside(pool, case)
    check_jobs(inside, moment)
    check_calendars(inside)
    check_queue(inside)
    if not case.counted:
        check_nodes(inside)


def check_jobs(inside: Inside, moment: int) -> None:
    """Every submitted job waits, runs or has ended; slots in use are those of the running jobs."""
    case, start = inside.case, inside.array("START")
    jobs = inside.rows
    submitted = [j for j, row in enumerate(jobs) if case.submit[row] < moment]
    started = {j for j in submitted if start[j] >= 0}
    ended = inside.array("ENDED")[: inside.scalar("N_ENDED")]
    end = [start[j] + case.effective_run[row] for j, row in enumerate(jobs)]
    assert inside.scalar("NOW") == moment
    assert inside.scalar("CURSOR") == len(submitted)
    assert inside.scalar("STARTED") == len(started)
    assert all(start[j] == -1 for j in range(len(jobs)) if j not in started)
    assert all(case.submit[jobs[j]] <= start[j] < moment for j in started)
    assert set(ended) == {j for j in started if end[j] < moment}
    assert len(ended) == len(set(ended))
    assert [end[j] for j in ended] == sorted(end[j] for j in ended)
    running = inside.running()
    assert set(running.values()) == started - set(ended)
    assert len(running) == inside.scalar("RUNNING")
    used = sum(case.need[jobs[j]] for j in running.values())
    arrived = sum(nodes for _, nodes in case.deliveries[: inside.scalar("PLAN_NEXT")])
    assert inside.scalar("NODES_DELIVERED") == case.nodes + arrived
    assert inside.scalar("CAPACITY") == (case.nodes + arrived) * case.slots_per_node
    assert inside.scalar("FREE") == inside.scalar("CAPACITY") - used >= 0


def check_calendars(inside: Inside) -> None:
    """The heap of real ends, the blocks of expected ends and the stack of running slots."""
    heap, running = inside.heap(), inside.running()
    start, run, need = inside.array("START"), inside.array("RUN"), inside.array("NEED")
    assert all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))
    assert all(
        key >> k.SLOT_BITS == start[running[key & k.SLOT_MASK]] + run[running[key & k.SLOT_MASK]]
        for key in heap
    )
    order, count = inside.array("END_ORDER"), inside.array("END_COUNT")
    keys, sums, frees = inside.array("END_KEYS"), inside.array("END_NEED"), inside.array("END_SLOTS")
    used = order[: inside.scalar("BLOCKS_USED")]
    assert sorted(order) == list(range(len(order)))
    blocks = [keys[b * k.BLOCK : b * k.BLOCK + count[b]] for b in used]
    assert all(blocks) or not running
    sizes = [len(block) for block in blocks]  # any two neighbours make half a block: so the arrays suffice
    assert all(left + right > k.BLOCK // 2 for left, right in pairwise(sizes))
    flat = [key for block in blocks for key in block]
    assert flat == sorted(inside.expected(job) << k.SLOT_BITS | slot for slot, job in running.items())
    for number, block in zip(used, blocks, strict=True):
        needs = [need[running[key & k.SLOT_MASK]] for key in block]
        assert [frees[key & k.SLOT_MASK] for key in block] == needs
        assert sums[number] == sum(needs)
    unused = inside.array("RUN_FREE")[: inside.scalar("SLOTS_UNUSED")]
    assert sorted([*unused, *running]) == list(range(len(inside.array("RUN_FREE"))))


def check_queue(inside: Inside) -> None:
    """Waiting jobs stand in order; every node of the tree is the minimum of what is below it."""
    jobs, tree, size = inside.array("QUEUE_JOB"), inside.array("QUEUE_TREE"), inside.scalar("QUEUE_SIZE")
    tail, head = inside.scalar("QUEUE_TAIL"), inside.scalar("QUEUE_HEAD")
    need, asked, start = inside.array("NEED"), inside.array("REQUESTED"), inside.array("START")
    key = inside.array("KEY") if inside.scalar("ORDER_KIND") else [0.0] * len(need)
    waiting = [j for j in range(inside.scalar("CURSOR")) if start[j] < 0]
    live = [position for position in range(tail) if jobs[position] >= 0]
    changing = inside.scalar("ORDER_KIND") >= k.CHANGING
    as_it_stood = changing and inside.case.ties == "event"  # equal keys keep their places
    place = {jobs[p]: p if as_it_stood else jobs[p] for p in live}
    assert [jobs[p] for p in live] == sorted(waiting, key=lambda j: (key[j], place[j]))
    assert inside.scalar("QUEUE_LENGTH") == len(waiting)
    assert inside.scalar("QUEUED_SLOTS") == sum(need[j] for j in waiting)
    assert head == (live[0] if live else tail)
    assert len(jobs) == size
    assert len(tree) == 4 * size
    if inside.scalar("ORDER_KIND"):
        stands = [jobs[p] if jobs[p] >= 0 else ~jobs[p] for p in range(tail)]
        keys = inside.array("QUEUE_KEY")[:tail]
        assert [keys[p] for p in live] == [key[jobs[p]] for p in live]
        assert keys == sorted(keys)
        assert changing or stands == sorted(stands, key=lambda j: (key[j], j))
    for position in range(size):
        job = jobs[position] if position < tail else -1
        leaf = [need[job], asked[job]] if job >= 0 else [k.NO_NEED] * 2
        assert tree[2 * (size + position) : 2 * (size + position) + 2] == leaf
    if inside.scalar("GUARD"):
        check_guard(inside, jobs[:tail])
    for node in range(1, size):
        left, right = tree[4 * node : 4 * node + 2], tree[4 * node + 2 : 4 * node + 4]
        assert tree[2 * node : 2 * node + 2] == [min(left[0], right[0]), min(left[1], right[1])]


def check_guard(inside: Inside, jobs: list[int]) -> None:
    """Every node of the tree has the least request up to each size below it, and the least need in it."""
    bounds = [*inside.array("CLASS_BOUND"), k.NO_NEED]
    classes, size, width = inside.array("CLASS_TREE"), inside.scalar("QUEUE_SIZE"), 2 * k.CLASSES
    need, asked = inside.array("NEED"), inside.array("REQUESTED")
    below: list[list[int]] = [[] for _ in range(2 * size)]
    for position, job in enumerate(jobs):
        node = size + position
        while job >= 0 and node:
            below[node].append(job)
            node //= 2
    assert bounds == sorted(bounds)
    for node in range(1, 2 * size):
        for number, bound in enumerate(bounds):
            up_to = [asked[job] for job in below[node] if need[job] <= bound]
            within = [
                need[j]
                for j in below[node]
                if next(i for i, b in enumerate(bounds) if need[j] <= b) == number
            ]
            assert classes[width * node + number] == min(up_to, default=k.NO_NEED)
            assert classes[width * node + k.CLASSES + number] == min(within, default=k.NO_NEED)


def check_nodes(inside: Inside) -> None:
    """Free slots, jobs and latest ends of every node, and the bitsets by level; nobody shares a slot."""
    nodes, whole = inside.scalar("NODES_DELIVERED"), inside.case.slots_per_node
    running, need, places = inside.running(), inside.array("NEED"), inside.places()
    free, last, sits = [whole] * nodes, [0] * nodes, [set() for _ in range(nodes)]
    for slot, job in running.items():
        on = places[inside.rows[job]]
        assert len(on) == max(1, -(-need[job] // whole))
        assert sum(on.values()) == need[job]
        for node, slots in on.items():
            free[node] -= slots
            last[node] = max(last[node], inside.expected(job))
            sits[node].add(slot)
    assert min(free, default=0) >= 0
    assert inside.array("NODE_FREE")[:nodes] == free
    assert sum(free) == inside.scalar("FREE")
    assert inside.array("NODE_LAST")[:nodes] == last
    count, seats = inside.array("NODE_COUNT"), inside.array("NODE_JOBS")
    assert [set(seats[n * whole : n * whole + count[n]]) for n in range(nodes)] == sits
    assert count[:nodes] == [len(s) for s in sits]
    check_levels(inside, free)


def check_levels(inside: Inside, free: list[int]) -> None:
    """The bitset of each number of free slots, its summary, and what the reservation holds of it."""
    words, summary = inside.scalar("WORDS"), inside.scalar("SUMMARY_WORDS")
    bits, any_bits, held = inside.array("LEVEL_BITS"), inside.array("LEVEL_ANY"), inside.array("HELD_BITS")
    is_held = [bool(held[node // 64] >> (node % 64) & 1) for node in range(len(free))]
    for level in range(inside.case.slots_per_node + 1):
        here = [node for node, f in enumerate(free) if f == level]
        mine = bits[level * words : (level + 1) * words]
        assert [
            word * 64 + bit for word in range(words) for bit in range(64) if mine[word] >> bit & 1
        ] == here
        index = any_bits[level * summary : (level + 1) * summary]
        flags = [bool(index[word // 64] >> (word % 64) & 1) for word in range(words)]
        assert flags == [bool(word) for word in mine]
        assert inside.array("LEVEL_COUNT")[level] == len(here)
        assert inside.array("HELD_COUNT")[level] == sum(is_held[node] for node in here)
