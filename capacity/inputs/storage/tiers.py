"""Storage one can buy, the tiers a site builds of it, raw and usable capacity kept apart, and their rules."""

from collections.abc import Iterable, Iterator, Mapping
from math import log1p
from typing import Annotated, Final, Literal

from capacity.facility.storage.durability import yearly_loss_probability
from capacity.facility.storage.usable import CapacityStep, steps, usable_frac
from capacity.inputs.fields.complaints import Complaint, one_alone, unknown
from capacity.inputs.fields.money import PricePerByte
from capacity.inputs.fields.numbers import Bounds, PlainNumber, Quantity
from capacity.inputs.fields.quantities import (
    BandwidthPerByte,
    Count,
    Day,
    Fraction,
    Name,
    PositiveCount,
    PositiveSeconds,
    RawBytes,
    Seconds,
    Text,
    UsableBytes,
    WattsPerByte,
)
from capacity.inputs.fields.record import Record, SourcedPart, SourcedRecord

FailuresPerYear = Annotated[float, Quantity("per_s", "1 %/year", bounds=Bounds(high=1e-6))]
WhenFull = Literal["fail", "wait", "turn-away"]
Compression = Annotated[float, PlainNumber("1.5", bounds=Bounds(low=1.0, high=100.0))]


class Redundancy(Record):
    """What lies between the raw capacity of the media and what users can fill."""

    data: PositiveCount
    """Data pieces of a stripe: the 8 of 8+2."""
    parity: Count
    """Parity pieces of a stripe, or further copies: the 2 of 8+2."""
    spare: Fraction
    """Part of the media held back to rebuild on."""
    filesystem: Fraction
    """Part taken by the file system itself: metadata, checksums, formatting."""

    def _complaints(self) -> Iterable[Complaint]:
        if 1.0 in (self.spare, self.filesystem):
            return [Complaint("nothing is left to use", "spare and filesystem are small parts")]
        return []


class StorageProduct(SourcedRecord):
    """A kind of storage, by the usable byte."""

    kind: Literal["storage-product"] = "storage-product"
    """What sort of record this is."""
    media: Literal["flash", "disk", "tape"]
    """What the bytes lie on."""
    available_from: Day
    """The first day on which it could be had in volume."""
    sold_until: Day | None = None
    """The last day on which it could be ordered; not known if not given."""
    redundancy: Redundancy
    """The chain from raw to usable."""
    read_bandwidth: BandwidthPerByte
    """Read bandwidth for each usable byte."""
    write_bandwidth: BandwidthPerByte
    """Write bandwidth for each usable byte."""
    power: WattsPerByte
    """Draw for each usable byte."""
    price: PricePerByte | None = None
    """Price of each usable byte."""
    drive: RawBytes | None = None
    """Size of one drive; with the next two it says how safe the data are."""
    drive_failures: FailuresPerYear | None = None
    """Failures of a drive per year of running."""
    rebuild: PositiveSeconds | None = None
    """Mean time until a drive that failed is rebuilt."""

    def yearly_loss_probability(self, usable_bytes: float) -> float | None:
        """Return how likely so much loses data in a year at the least; None if nobody said what drives do."""
        r = self.redundancy
        if self.drive is None or self.drive_failures is None or self.rebuild is None:
            return None
        return yearly_loss_probability(
            usable_bytes, self.drive, r.data, r.parity, self.drive_failures, self.rebuild
        )

    @property
    def usable_frac(self) -> float:
        """Usable part of the raw capacity."""
        r = self.redundancy
        return usable_frac(r.data, r.parity, r.spare, r.filesystem)


class Capacity(Record):
    """A size of storage that says which kind of size it is."""

    raw: RawBytes | None = None
    """The sum of the media as sold."""
    usable: UsableBytes | None = None
    """What users can fill, after redundancy, spares and file system."""

    def _complaints(self) -> Iterable[Complaint]:
        if (self.raw is None) == (self.usable is None):
            fix = "write {usable: 4 PB} or {raw: 5.5 PB}; an inherited one goes with 'usable: null'"
            return [Complaint("a capacity is either raw or usable", fix)]
        return []


YEAR_S: Final = 365 * 86_400
SharePerYear = Annotated[float, Quantity("share_per_s", "30 %/year", bounds=Bounds(above=True))]


class DataLife(SourcedPart):
    """What becomes of data."""

    keep: PositiveSeconds | None = None
    """Deleted after this time; kept for good if not given."""
    keep_at_least: Seconds = 0.0
    """Nobody may delete them before, by law or by contract."""
    deleted: SharePerYear | None = None
    """Share of what is left that its owners delete each year; nothing if not given."""
    read_for: Seconds = 0.0
    """Mean time from arrival to the last reading; rules of tiers count from then."""
    purged: bool = True
    """Whether the purge rules of tiers apply to them."""

    def _complaints(self) -> Iterable[Complaint]:
        if self.keep is not None and self.keep < self.keep_at_least:
            what = "they are deleted before they may be"
            fix = "'keep' is no shorter than 'keep_at_least'"
            return [Complaint(what, fix, ("keep",))]
        if self.deleted is not None and self.deleted * YEAR_S >= 1:
            what = f"of what is left, {self.deleted * YEAR_S:.3g} times as much is deleted in a year"
            fix = "less than 100 %/year; or give 'keep', the time until all of it is deleted"
            return [Complaint(what, fix, ("deleted",))]
        return []

    @property
    def deleted_per_s(self) -> float:
        """Rate at which owners delete what is left [1/s]."""
        return -log1p(-(self.deleted or 0.0) * YEAR_S) / YEAR_S


class Purge(SourcedPart):
    """When a site deletes data of its own accord."""

    unread: Seconds | None = None
    """Deleted when nobody has read them for so long; never if not given."""
    when_full: Seconds | None = None
    """At the fill limit the oldest are deleted, down to those that nobody has read for so long; never if not
    given."""

    def _complaints(self) -> Iterable[Complaint]:
        if self.unread is None and self.when_full is None:
            return [Complaint("when is what purged?", "add 'unread: 90 day', or 'when_full: 30 day'")]
        if self.unread is not None and self.when_full is not None and self.when_full > self.unread:
            fix = "'when_full' is the shorter one: what is purged in an emergency only"
            return [Complaint("nothing is left to purge when full", fix, ("when_full",))]
        return []


class Migrate(SourcedPart):
    """When data move to another tier."""

    to: Name
    """The other tier."""
    unread: Seconds | None = None
    """Moved when nobody has read them for so long; never if not given."""
    above: Fraction | None = None
    """Moved, the oldest first, when so much of the usable capacity is used; with `down_to`."""
    down_to: Fraction | None = None
    """Until so much is used."""

    def _complaints(self) -> Iterable[Complaint]:
        if found := [*one_alone(self, "above", "down_to")]:
            return found
        if self.above is not None and self.down_to is not None and self.down_to >= self.above:
            return [Complaint("it has to be less than 'above'", at=("down_to",))]
        if self.unread is None and self.above is None:
            fix = "add 'unread: 30 day', or 'above: 80 %' and 'down_to: 70 %'"
            return [Complaint("when does what move?", fix)]
        return []


class Tier(Record):
    """One tier of a site's storage."""

    title: Text | None = None
    """One line for tables."""
    product: StorageProduct
    """What it is built of."""
    capacity: Capacity
    """Its size when complete."""
    fill_limit: Fraction
    """The used part at which it counts as full: above it, file systems grow slow and rebuilds risky."""
    copies: PositiveCount = 1
    """Whole copies that the tier keeps of everything, beyond the redundancy of the product."""
    compression: Compression = 1.0
    """Bytes of users that fit in one usable byte."""
    snapshots: PositiveSeconds | None = None
    """What is deleted takes room for so long; none if not given."""
    purge: Purge | None = None
    """What the site deletes of its own accord; nothing if not given."""
    migrate: Migrate | None = None
    """What moves to another tier; nothing if not given."""
    when_full: WhenFull = "fail"
    """What becomes of jobs when purge and migration did not make room: those that end without room fail; or
    those that would need some also wait; or what they wrote is turned away and nothing else happens."""
    lead_time: Seconds | None = None
    """From an order for more of it to service."""

    @property
    def usable_bytes(self) -> float:
        """Usable capacity when complete [B]."""
        if self.capacity.usable is not None:
            return self.capacity.usable
        return (self.capacity.raw or 0.0) * self.product.usable_frac

    @property
    def raw_bytes(self) -> float:
        """Raw capacity when complete [B]."""
        if self.capacity.raw is not None:
            return self.capacity.raw
        return (self.capacity.usable or 0.0) / self.product.usable_frac

    def steps(self) -> tuple[CapacityStep, ...]:
        """Return the way from raw to what may be filled, when complete [B]."""
        r = self.product.redundancy
        return steps(
            self.raw_bytes,
            data=r.data,
            parity=r.parity,
            spare_frac=r.spare,
            filesystem_frac=r.filesystem,
            fill_limit_frac=self.fill_limit,
        )

    @property
    def power_w(self) -> float:
        """Draw when complete [W]."""
        return self.usable_bytes * self.product.power


def rule_complaints(tiers: Mapping[str, Tier]) -> Iterator[Complaint]:
    """Say which rules of a site's tiers cannot be followed."""
    for name, tier in tiers.items():
        at = ("storage", name)
        rule = tier.migrate
        if rule is None:
            continue
        yield from unknown("there is no tier", rule.to, tiers, *at, "migrate", "to")
        if round_trip := _round_trip(name, tiers):
            what = f"data would go round for ever: {' to '.join(round_trip)}"
            yield Complaint(what, "let the last of them keep what it has", (*at, "migrate", "to"))
        if rule.above is not None and rule.above > tier.fill_limit:
            what = f"the tier counts as full at {tier.fill_limit:.4g}, and never gets there"
            yield Complaint(what, "'above' is no more than 'fill_limit'", (*at, "migrate", "above"))


def _round_trip(name: str, tiers: Mapping[str, Tier]) -> list[str]:
    """Return the way from a tier back to itself; empty if there is none."""
    path = [name]
    while (rule := tiers[path[-1]].migrate) is not None and rule.to in tiers:
        path.append(rule.to)
        if rule.to == name:
            return path
        if rule.to in path[:-1]:
            return []  # a circle further on: the tiers in it say so
    return []
