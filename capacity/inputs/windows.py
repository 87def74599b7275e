"""Times known in advance at which nodes are out of use, or held for a tenant, once or again and again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from capacity.inputs.fields.complaints import Complaint, describe, refusal, unknown
from capacity.inputs.fields.numbers import LARGEST_COUNT, ReadBy
from capacity.inputs.fields.quantities import LocalTime, Name, PositiveWholeSeconds, Text
from capacity.inputs.fields.record import SourcedPart
from capacity.inputs.fields.sourced import unwrap
from capacity.inputs.hardware.pool import Pool

Drain = Literal["wait", "requeue"]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Some nodes of a pool, numbered from 0: the first `count` from `first` on."""

    first: int
    count: int

    def __str__(self) -> str:
        return f"{self.first}-{self.first + self.count - 1}"


def _node_range(raw: object) -> Nodes:
    """Read a count of nodes, ``32``, those from 0 on, or the numbers of the first and last, ``32-63``."""
    if isinstance(raw, Nodes):
        return raw
    value = unwrap(raw)
    words = str(value).split("-") if not isinstance(value, bool | list | dict | None) else []
    if not 1 <= len(words) <= 2 or not all(word.isdecimal() and len(word) < 10 for word in words):
        fix = "write how many, 32, or the first and the last, 32-63"
        raise refusal(Complaint(f"{describe(value)} names no nodes", fix))
    first, last = (0, int(words[0]) - 1) if len(words) == 1 else (int(words[0]), int(words[1]))
    if last < first:
        raise refusal(Complaint(f"{describe(value)} is empty", "the first node has number 0"))
    return Nodes(first, last - first + 1)


_NODES_SCHEMA = {"type": ["integer", "string"], "minimum": 1, "maximum": LARGEST_COUNT}
_NODES_SCHEMA |= {"pattern": r"^\d+(-\d+)?$", "examples": [32, "32-63"]}


class Window(SourcedPart):
    """From when to when, and how often."""

    title: Text | None = None
    """One line for tables."""
    nodes: Annotated[Nodes, ReadBy(_node_range, _NODES_SCHEMA)] | None = None
    """How many nodes, or the first and the last, numbered from 0: 32-63; all of the pool if not given."""
    start: LocalTime
    """When it begins, by the clock of the site: 2021-07-05 or 2021-07-05T08:00."""
    duration: PositiveWholeSeconds | None = None
    """How long it lasts; for good if not given."""
    every: PositiveWholeSeconds | None = None
    """It comes again after this time, at the same hour; once if not given."""

    def _complaints(self) -> Iterable[Complaint]:
        if self.every is not None and (self.duration is None or self.duration >= self.every):
            what = "it has not ended when it comes again"
            return [Complaint(what, "give a duration shorter than 'every'", ("every",))]
        return []

    def begins(self, zone: ZoneInfo, until: datetime) -> Iterator[datetime]:
        """Yield every begin before `until`."""
        begin = self.start
        while (moment := begin.replace(tzinfo=zone)) < until:
            yield moment
            if self.every is None:
                return
            begin += timedelta(seconds=self.every)

    def pool_complaints(
        self, name: str, pools: Mapping[str, Pool], at: tuple[str, ...]
    ) -> Iterator[Complaint]:
        """Say that a pool or nodes are named which the site does not have."""
        yield from unknown("the site has no pool", name, pools, *at, "pool")
        if self.nodes is None or name not in pools:
            return
        if self.nodes.first + self.nodes.count > (has := pools[name].nodes):
            what = f"the pool has {has} nodes, not {self.nodes}"
            yield Complaint(what, f"they are numbered 0-{has - 1}", (*at, "nodes"))


class Maintenance(Window):
    """Nodes out of use: a maintenance day, a rebuilt rack, or a removal."""

    pool: Name | None = None
    """The pool; every one if not given."""
    drain: Drain = "wait"
    """Whether nothing starts that would not have ended before, or it starts and is requeued."""

    def complaints(self, pools: Mapping[str, Pool], at: tuple[str, ...]) -> Iterator[Complaint]:
        """Say what does not fit the site."""
        if self.pool is None:
            if self.nodes is not None:
                yield Complaint("of which pool?", "add 'pool: …', or leave 'nodes' out", (*at, "nodes"))
        else:
            yield from self.pool_complaints(self.pool, pools, at)


class AdvanceReservation(Window):
    """Nodes on which only one tenant's jobs may run, as Slurm's scontrol create reservation."""

    tenant: Name
    """The tenant of the workload for whom they are held."""
    pool: Name
    """The pool."""

    def complaints(
        self, pools: Mapping[str, Pool], tenants: Mapping[str, object], at: tuple[str, ...]
    ) -> Iterator[Complaint]:
        """Say what does not fit site and workload."""
        yield from unknown("the workload has no tenant", self.tenant, tenants, *at, "tenant")
        yield from self.pool_complaints(self.pool, pools, at)
