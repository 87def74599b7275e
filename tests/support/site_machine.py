"""Pools by definition: what is free now, and what is expected to be free, slot by slot and node by node.

Nothing is kept but who runs where and which nodes are out; all else is worked out whenever it is asked.
"""

from dataclasses import dataclass, field

from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.site.rules import FOREVER_S, WindowNumbers


@dataclass(eq=False)
class Running:
    """A job that runs: `places` says how many slots it has on which node; on a counted pool, on node 0."""

    row: int
    account: int
    start: int
    end: int
    killed: bool
    expected: int
    places: dict[int, int]
    grace_end: int | None = None

    @property
    def slots(self) -> int:
        return sum(self.places.values())


@dataclass
class Request:
    """What a job wants of one pool."""

    account: int
    slots: int
    need: int
    length: int  # expected duration, at least one second: a job of no duration still needs its slots


@dataclass
class Take:
    """A reservation of the present pass."""

    start: int
    end: int
    places: dict[int, int]
    account: int


@dataclass
class SitePool:
    """What both kinds of pool have in common."""

    spec: PoolSpec
    windows: list[WindowNumbers]
    placement: str
    delivered: int = 0
    deliveries: list[tuple[int, int]] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)
    drained: set[int] = field(default_factory=set)
    running: list[Running] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)
    now: int = 0

    def __post_init__(self):
        self.whole = self.spec.slots_per_node
        self.delivered = self.spec.nodes
        self.deliveries = list(self.spec.deliveries)

    def closed_by(self, window, time):
        """Maintenance keeps its nodes; one that requeues is not planned around before it has begun."""
        begun = window.start_s <= self.now
        covers = window.start_s <= time < window.end_s
        return window.account < 0 and covers and (begun or not window.requeue)

    def under_maintenance(self):
        return [w for w in self.windows if self.closed_by(w, self.now)]

    def expected_end(self, r):
        """A job past its expected end is expected to end now."""
        return max(r.expected, self.now)

    def holding(self, time):
        return [r for r in self.running if self.expected_end(r) > time]

    def reserved(self, time):
        return [take for take in self.takes if take.start <= time < take.end]

    def changes(self):
        """All times, from now on, at which what is expected to be free changes; the end of time is none."""
        times = {self.now} | {self.expected_end(r) for r in self.running} | {at for at, _ in self.deliveries}
        times |= {t for w in self.windows for t in (w.start_s, w.end_s)}
        times |= {t for take in self.takes for t in (take.start, take.end)}
        return sorted(t for t in times if self.now <= t < FOREVER_S)

    def throughout(self, start, length):
        return [start] + [t for t in self.changes() if start < t < start + length]

    def earliest(self, want):
        """Earliest time at which a job fits for its whole length, and where; (None, {}) for never."""
        for time in self.changes():
            if places := self.fit(want, time):
                return time, places
        return None, {}


class Counted(SitePool):
    """Any free slots will do."""

    def need(self, slots):
        return slots

    def vacant(self):
        """Slots free now, drained ones left out; negative while a drained node's jobs still run."""
        out = len(self.failed | self.drained) + sum(w.nodes for w in self.under_maintenance())
        return (self.delivered - out) * self.whole - sum(r.slots for r in self.running)

    def expected(self, want, time):
        nodes = self.delivered + sum(n for at, n in self.deliveries if at <= time)
        free = (nodes - len(self.failed | self.drained)) * self.whole
        for w in self.windows:
            if self.closed_by(w, time):
                free -= w.nodes * self.whole
        for holder in {w.account for w in self.windows} - {-1, want.account}:
            kept = sum(w.nodes for w in self.windows if w.account == holder and w.start_s <= time < w.end_s)
            kept = min(kept, nodes - len(self.failed)) * self.whole
            own = sum(r.slots for r in self.holding(time) if r.account == holder)
            own += sum(take.places[0] for take in self.reserved(time) if take.account == holder)
            free -= max(0, kept - own)
        free -= sum(r.slots for r in self.holding(time))
        return free - sum(take.places[0] for take in self.reserved(time))

    def fit(self, want, start):
        if all(self.expected(want, t) >= want.need for t in self.throughout(start, want.length)):
            return {0: want.need}
        return {}

    def place(self, want):
        return self.fit(want, self.now) if self.vacant() >= want.need else {}

    def stopped_by_loss(self):
        """Jobs that must go now that slots went out of service: the latest started, as many as needed."""
        out = len(self.failed) + sum(w.nodes for w in self.under_maintenance())
        lacking = sum(r.slots for r in self.running) - (self.delivered - out) * self.whole
        chosen = []
        for r in sorted(self.running, key=lambda r: (-r.start, -r.row)):
            if lacking <= 0:
                break
            lacking -= r.slots
            chosen.append(r)
        return chosen

    def on_node(self, node):
        return self.stopped_by_loss()

    def on_nodes(self, window):
        return self.stopped_by_loss()

    def victims(self, want, candidates):
        """The shortest row of candidates, in their order, without which the job may start."""
        everyone = self.running
        for count in range(1, len(candidates) + 1):
            self.running = [r for r in everyone if r not in candidates[:count]]
            places = self.place(want)
            self.running = everyone
            if places:
                return candidates[:count], places
        return [], {}


class Nodes(SitePool):
    """Jobs sit on nodes."""

    def need(self, slots):
        return slots if slots <= self.whole else -(-slots // self.whole) * self.whole

    def in_service(self, node):
        closed = any(w.first <= node < w.first + w.nodes for w in self.under_maintenance())
        return node < self.delivered and node not in self.failed and not closed

    def vacant(self, node):
        """Slots of a node that a job may start on now, whoever they are held for."""
        if not self.in_service(node) or node in self.drained:
            return 0
        return self.whole - sum(r.places.get(node, 0) for r in self.running)

    def delivery_of(self, node):
        """When an undelivered node comes."""
        last = self.delivered
        for at, nodes in self.deliveries:
            last += nodes
            if node < last:
                return at
        raise AssertionError(node)

    def expected(self, want, node, time):
        if node in self.failed or node in self.drained:
            return 0
        if node >= self.delivered and self.delivery_of(node) > time:
            return 0
        for w in self.windows:
            if w.first <= node < w.first + w.nodes:
                others = w.account not in (-1, want.account) and w.start_s <= time < w.end_s
                if others or self.closed_by(w, time):
                    return 0
        free = self.whole - sum(r.places.get(node, 0) for r in self.holding(time))
        return free - sum(take.places.get(node, 0) for take in self.reserved(time))

    def least(self, want, node, start):
        """What a node has at least while the job would run."""
        return min(self.expected(want, node, t) for t in self.throughout(start, want.length))

    def all_nodes(self):
        return range(self.delivered + sum(n for _, n in self.deliveries))

    def lay_out(self, want, nodes):
        """Those nodes if they are enough for a job of whole nodes, the first if it shares one."""
        count = want.need // self.whole if want.slots > self.whole else 1
        if len(nodes) < count:
            return {}
        return dict.fromkeys(nodes[:count], min(want.need, self.whole))

    def fit(self, want, start):
        each = min(want.need, self.whole)
        return self.lay_out(want, [n for n in self.all_nodes() if self.least(want, n, start) >= each])

    def place(self, want):
        each = min(want.need, self.whole)
        nodes = [n for n in range(self.delivered) if self.vacant(n) >= each]
        nodes = [n for n in nodes if self.least(want, n, self.now) >= each]
        if want.slots <= self.whole:
            rule = {"best-fit": self.vacant, "worst-fit": lambda n: -self.vacant(n), "first-fit": lambda n: 0}
            nodes.sort(key=lambda n: (rule[self.placement](n), n))
        return self.lay_out(want, nodes)

    def on_node(self, node):
        return [r for r in self.running if node in r.places]

    def on_nodes(self, window):
        inside = range(window.first, window.first + window.nodes)
        return [r for r in self.running if any(node in inside for node in r.places)]

    def victims(self, want, candidates):
        """Who must go, and where the job then sits: the node, or nodes, where the fewest slots are taken."""
        wide = want.slots > self.whole
        found = []
        for node in range(self.delivered):
            here = [r for r in candidates if node in r.places]
            for count in [len(here)] if wide else range(len(here) + 1):
                if self.would_fit(want, node, here[:count]):
                    found.append((sum(r.places[node] for r in here[:count]), node, here[:count]))
                    break
        found.sort(key=lambda option: option[:2])
        places = self.lay_out(want, [node for _, node, _ in found])
        gone = {r.row for _, node, here in found if node in places for r in here}
        return [r for r in candidates if r.row in gone], places

    def would_fit(self, want, node, without):
        everyone = self.running
        self.running = [r for r in everyone if r not in without]
        each = min(want.need, self.whole)
        enough = self.vacant(node) >= each and self.least(want, node, self.now) >= each
        self.running = everyone
        return enough
