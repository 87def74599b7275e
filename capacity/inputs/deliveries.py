"""When a site comes into service, step by step, and whether its parts could be had by then."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

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
class Availability:
    """Whether a part could be had on the first day of service after a delivery.

    The place is a pool or storage tier, the part its node or storage product.
    """

    place: str
    part: str
    available_from: date
    delivery: str
    day: date

    @property
    def ok(self) -> bool:
        """Whether the part could be had by then."""
        return self.available_from <= self.day


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


def nodes_in_service(nodes: int, share_frac: float) -> int:
    """Return the nodes that a share stands for, halves rounded up.

    Examples
    --------
    >>> nodes_in_service(129, 0.5), nodes_in_service(440, 0.1)
    (65, 44)
    """
    return math.floor(nodes * share_frac + 0.5 + 1e-9)
