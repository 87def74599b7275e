"""Nodes fail, wait for repair or a spare, and come back; racks and halls go down as a whole.

Each node and each group of nodes is a SimPy process. What it draws is given to it: how long it lasts and how
long it is away, one after the other, so that nothing that is simulated can change it. A node is in service
while no cause keeps it away: its own failure and the outages of its groups are counted, and the last one that
ends brings it back.
"""

from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import simpy

from capacity.facility.failures import aged_s
from capacity.scheduling.batch import BatchSystem

Note = Callable[[str, str, float, str], None]
"""Told the kind, the place, an amount and a text of what happens now."""
Steps = Generator[simpy.Event, Any, None]


class Failure(NamedTuple):
    """One failure of a node: how long it lasts until then, and how long it is away.

    Attributes
    ----------
    calm_s : float
        Time in service until the failure, if the node is mature. [s]
    repair_s : int
        From the failure to the end of the repair of the unit that failed. [s]
    returned : bool
        Whether the unit goes back to the maker.
    """

    calm_s: float
    repair_s: int
    returned: bool = False


@dataclass(frozen=True, slots=True)
class NodeFailures:
    """Failures of the nodes of one pool.

    Attributes
    ----------
    pool, draw : int, callable
        Index of the pool; the failures of a node by its number, one after the other.
    infant_factor, infant_lasts_s : float
        How many times as often a node fails on its first day, and the age [s] at which 1/e of the excess is
        left.
    spares, swap_s : int or None, int
        Units that take the place of failed ones, None for repair in place; time of an exchange. [s]
    """

    pool: int
    draw: Callable[[int], Iterator[Failure]]
    infant_factor: float = 1.0
    infant_lasts_s: float = 1.0
    spares: int | None = None
    swap_s: int = 1


@dataclass(frozen=True, slots=True)
class GroupOutages:
    """Outages of nodes that fail together.

    Attributes
    ----------
    name, nodes : str, tuple of (int, int, int)
        What fails, a rack, the cooling; index of a pool, first node, number of nodes.
    draw : callable
        Returns times until an outage begins and how long it lasts, one after the other. [s]
    """

    name: str
    nodes: tuple[tuple[int, int, int], ...]
    draw: Callable[[], Iterator[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Hazards:
    """Everything that takes nodes out of service unannounced."""

    failures: Sequence[NodeFailures] = ()
    groups: Sequence[GroupOutages] = ()


NO_HAZARDS: Final = Hazards()


class Reliability:
    """The processes of nodes and groups of one running world.

    Parameters
    ----------
    env, batch : simpy.Environment, BatchSystem
        The calendar, and who is told when a node goes and comes.
    note, end_s : callable, int
        Records events; nothing happens from here on. [s]
    """

    def __init__(self, env: simpy.Environment, batch: BatchSystem, note: Note, end_s: int) -> None:
        self._env, self._batch, self._note, self._end_s = env, batch, note, end_s
        # When each node of a pool comes into service, in order of their numbers. [s]
        self._born = [
            [0] * spec.nodes + [time for time, count in spec.deliveries for _ in range(count)]
            for spec in batch.specs
        ]
        self._causes = [[0] * len(born) for born in self._born]

    def start(self, hazards: Hazards) -> None:
        """Begin the process of every node and group."""
        for failures in hazards.failures:
            units = None if failures.spares is None else simpy.Container(self._env, init=failures.spares)
            for node, born_s in enumerate(self._born[failures.pool]):
                if born_s < self._end_s:
                    self._env.process(self._node(failures, node, born_s, units))
        for group in hazards.groups:
            self._env.process(self._group(group))

    def _node(self, failures: NodeFailures, node: int, born_s: int, units: simpy.Container | None) -> Steps:
        """Let one node fail and come back, from its delivery on."""
        pool = failures.pool
        name = self._batch.specs[pool].name
        now = born_s
        for failure in failures.draw(node):
            calm_s = failure.calm_s
            if failures.infant_factor > 1:
                calm_s = aged_s(calm_s, now - born_s, failures.infant_factor, failures.infant_lasts_s)
            now += max(1, round(min(calm_s, self._end_s)))
            if now >= self._end_s:
                return
            yield self._env.timeout(now - self._env.now)
            self._take(pool, node)
            fate = ", and goes back to the maker" if failure.returned else ""
            self._tell("node_failure", pool, f"{name}: node {node} fails{fate}")
            yield from self._until_back(failures, failure, units)
            now = int(self._env.now)
            if now >= self._end_s:
                return
            self._give(pool, node)
            how = "is repaired" if units is None else "is replaced by a spare"
            self._tell("node_repair", pool, f"{name}: node {node} {how}")

    def _until_back(self, failures: NodeFailures, failure: Failure, units: simpy.Container | None) -> Steps:
        """Wait for the repair of this very unit, or for any spare and the exchange."""
        if units is None:
            yield self._env.timeout(failure.repair_s)
            return
        mended = self._env.timeout(failure.repair_s)  # on site or at the maker's; then the unit is a spare

        def becomes_a_spare(_: simpy.Event) -> None:
            units.put(1)

        mended.callbacks.append(becomes_a_spare)
        yield units.get(1)
        yield self._env.timeout(failures.swap_s)

    def _group(self, group: GroupOutages) -> Steps:
        """Let the nodes of a group go down together and come back together."""
        for calm_s, lasts_s in group.draw():
            if self._env.now + calm_s >= self._end_s:
                return
            yield self._env.timeout(calm_s)
            struck = [piece for piece in map(self._delivered, group.nodes) if piece[2]]
            where = " and ".join(self._words(*piece) for piece in struck)
            nodes = [(pool, node) for pool, first, n in struck for node in range(first, first + n)]
            count = len(nodes)
            for node in nodes:
                self._take(*node)
            if count:
                self._note("outage_start", group.name, count, f"{group.name}: outage of {where}")
            yield self._env.timeout(lasts_s)
            if self._env.now >= self._end_s:
                return
            for node in nodes:
                self._give(*node)
            if count:
                self._note("outage_end", group.name, count, f"{group.name}: outage of {where} is over")

    def _delivered(self, piece: tuple[int, int, int]) -> tuple[int, int, int]:
        """Return the part of a group that was in service before this instant."""
        pool, first, nodes = piece
        there = bisect_left(self._born[pool], self._env.now)
        return pool, first, max(0, min(first + nodes, there) - first)

    def _words(self, pool: int, first: int, nodes: int) -> str:
        name = self._batch.specs[pool].name
        if nodes == len(self._born[pool]):
            return f"all {nodes} nodes of {name}" if nodes > 1 else f"the node of {name}"
        return f"nodes {first} to {first + nodes - 1} of {name}" if nodes > 1 else f"node {first} of {name}"

    def _take(self, pool: int, node: int) -> None:
        self._causes[pool][node] += 1
        if self._causes[pool][node] == 1:
            self._batch.fail(pool, node)

    def _give(self, pool: int, node: int) -> None:
        self._causes[pool][node] -= 1
        if self._causes[pool][node] == 0:
            self._batch.repair(pool, node)

    def _tell(self, kind: str, pool: int, text: str) -> None:
        """Note what happens to a node, with the nodes that are left in service."""
        spec = self._batch.specs[pool]
        left = self._batch.states()[spec.name].capacity_slots // spec.slots_per_node
        self._note(kind, spec.name, left, text)
