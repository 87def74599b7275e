"""Times known in advance at which nodes are out of use, or held for a tenant, once or again and again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from capacity.errors import nearest
from capacity.inputs.fields.complaints import describe
from capacity.inputs.fields.numbers import LARGEST_COUNT, FieldReader
from capacity.inputs.fields.record import (
    Complaint,
    LocalTime,
    Name,
    PositiveWholeSeconds,
    SourcedPart,
    Text,
    refusal,
)
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


@dataclass(frozen=True, slots=True)
class NodeRange(FieldReader):
    """A count of nodes, ``32``, those from 0 on, or the numbers of the first and last, ``32-63``."""

    def read(self, raw: object) -> Nodes:
        """Return the nodes."""
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

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": LARGEST_COUNT,
            "pattern": r"^\d+(-\d+)?$",
            "examples": [32, "32-63"],
        }


class Window(SourcedPart):
    """From when to when, and how often."""

    title: Text | None = None
    """One line for tables."""
    nodes: Annotated[Nodes, NodeRange()] | None = None
    """How many nodes, or the first and the last, numbered from 0: 32-63; all of the pool if not given."""
    start: LocalTime
    """When it begins, by the clock of the site: 2021-07-05 or 2021-07-05T08:00."""
    duration: PositiveWholeSeconds | None = None
    """How long it lasts; for good if not given."""
    every: PositiveWholeSeconds | None = None
    """It comes again after this time, at the same hour; once if not given."""

    @model_validator(mode="after")
    def _ends_before_it_comes_again(self) -> Self:
        if self.every is not None and (self.duration is None or self.duration >= self.every):
            what = "it has not ended when it comes again"
            raise refusal(Complaint(what, "give a duration shorter than 'every'", ("every",)))
        return self

    def begins(self, zone: ZoneInfo, until: datetime) -> Iterator[datetime]:
        """Yield every begin before `until`."""
        begin = self.start
        while (moment := begin.replace(tzinfo=zone)) < until:
            yield moment
            if self.every is None:
                return
            begin += timedelta(seconds=self.every)

    def node_complaints(self, pool: Pool) -> Iterator[Complaint]:
        """Say that nodes are named which the pool does not have."""
        if self.nodes is not None and self.nodes.first + self.nodes.count > pool.nodes:
            yield Complaint(
                f"the pool has {pool.nodes} nodes, not {self.nodes}",
                f"they are numbered 0-{pool.nodes - 1}",
                ("nodes",),
            )


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
        elif self.pool not in pools:
            what = f"the site has no pool '{self.pool}'"
            yield Complaint(what, nearest(self.pool, list(pools)), (*at, "pool"))
        else:
            yield from _below(at, self.node_complaints(pools[self.pool]))


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
        if self.tenant not in tenants:
            what = f"the workload has no tenant '{self.tenant}'"
            yield Complaint(what, nearest(self.tenant, list(tenants)), (*at, "tenant"))
        if self.pool not in pools:
            what = f"the site has no pool '{self.pool}'"
            yield Complaint(what, nearest(self.pool, list(pools)), (*at, "pool"))
        else:
            yield from _below(at, self.node_complaints(pools[self.pool]))


def _below(at: tuple[str, ...], complaints: Iterator[Complaint]) -> Iterator[Complaint]:
    for complaint in complaints:
        yield complaint._replace(at=(*at, *complaint.at))
