"""When a site comes into service, step by step, and whether its parts could be had by then."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import Field

from capacity.inputs.fields.quantities import Day, Fraction, Name, Text
from capacity.inputs.fields.record import SourcedPart


class Delivery(SourcedPart):
    """A step after which a larger part of the site is in service."""

    title: Text | None = None
    """One line for tables."""
    date: Day
    """The first day of service."""
    share: Fraction
    """The part of the whole site in service from that day on, earlier steps included."""
    pools: Mapping[Name, Fraction] = Field(default_factory=dict)
    """Pools whose share differs from that of the site."""
    storage: Mapping[Name, Fraction] = Field(default_factory=dict)
    """Storage tiers whose share differs from that of the site."""

    def pool_share_frac(self, pool: str) -> float:
        """Return the part of a pool in service."""
        return self.pools.get(pool, self.share)

    def tier_share_frac(self, tier: str) -> float:
        """Return the part of a storage tier in service."""
        return self.storage.get(tier, self.share)


@dataclass(frozen=True, slots=True)
class InService:
    """What is in service from the day of a delivery on: nodes by pool, usable storage by tier [B]."""

    name: str
    day: date
    nodes: Mapping[str, int]
    usable_bytes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PartOfPlace:
    """What a pool or storage tier is built of: its node or storage product, and when that is sold.

    The lead time is from an order to service, None if nobody said how long. [s]
    """

    name: str
    available_from: date
    sold_until: date | None
    lead_time_s: float | None


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a part can be had for the first day of service after a delivery, and by when to order it.

    The place is a pool or storage tier; `more` is what the delivery adds, nodes or usable bytes.
    """

    place: str
    bought: PartOfPlace
    delivery: str
    day: date
    more: float

    @property
    def part(self) -> str:
        """Name of the part."""
        return self.bought.name

    @property
    def available_from(self) -> date:
        """The first day on which the part could be had."""
        return self.bought.available_from

    @property
    def ok(self) -> bool:
        """Whether the part could be had by then."""
        return self.available_from <= self.day

    @property
    def order_by(self) -> date | None:
        """The last day to order it; None if nobody said how long it takes."""
        lead_s = self.bought.lead_time_s
        return None if lead_s is None else self.day - timedelta(seconds=lead_s)

    @property
    def sold_out(self) -> bool:
        """Whether it is no longer sold on the last day to order it; of unknown lead time, that of service."""
        until = self.bought.sold_until
        return until is not None and (self.order_by or self.day) > until


def late_sentences(entries: Iterable[Availability]) -> list[str]:
    """Say of each part that comes too late where it is needed first, and when it could be had."""
    late: dict[str, list[Availability]] = {}
    for entry in entries:
        if not entry.ok:
            late.setdefault(entry.part, []).append(entry)
    sentences = []
    for part, found in late.items():
        places = ", ".join(dict.fromkeys(entry.place for entry in found))
        first = min(found, key=lambda entry: entry.day)
        sentences.append(
            f"{part} ({places}) is to be in service on {first.day} ({first.delivery}), "
            f"but could not be had before {first.available_from}"
        )
    return sentences


def order_sentences(entries: Iterable[Availability], start: date) -> list[str]:
    """Say which parts are to be ordered when they are no longer sold, or before the plan begins."""
    found: dict[tuple[str, str], list[Availability]] = {}
    for one in entries:
        if one.sold_out:
            found.setdefault((one.part, f", but is not sold after {one.bought.sold_until}"), []).append(one)
        elif one.order_by is not None and one.order_by < start:
            found.setdefault((one.part, f", before the plan begins on {start}"), []).append(one)
    sentences = []
    for (part, fault), several in found.items():
        first = min(several, key=lambda one: one.order_by or one.day)
        places = ", ".join(dict.fromkeys(one.place for one in several))
        when = f"in service on {first.day}" if first.order_by is None else f"ordered by {first.order_by}"
        sentences.append(f"{part} ({places}) is to be {when} ({first.delivery}){fault}")
    return sentences


def nodes_in_service(nodes: int, share_frac: float) -> int:
    """Return the nodes that a share stands for, halves rounded up.

    Examples
    --------
    >>> nodes_in_service(129, 0.5), nodes_in_service(440, 0.1)
    (65, 44)
    """
    return math.floor(nodes * share_frac + 0.5 + 1e-9)
