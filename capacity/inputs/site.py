"""A data centre: pools, storage, deliveries, power and prices, and the sums a planner asks for."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from capacity.errors import nearest
from capacity.facility.energy import site_power_w
from capacity.facility.hardware.compute import total_peak_flops
from capacity.inputs.declared import Comparison, over_budget_sentence
from capacity.inputs.deliveries import Availability, Delivery, Step, late_sentences, nodes_in_service
from capacity.inputs.fields.numbers import Bounds, PlainNumber
from capacity.inputs.fields.record import (
    Complaint,
    Krw,
    KrwPerKwh,
    KrwPerUsd,
    Name,
    Precision,
    SourcedRecord,
    refusal,
)
from capacity.inputs.hardware.pool import Declared, Pool
from capacity.inputs.outages import Outage
from capacity.inputs.storage.tiers import Tier, rule_complaints
from capacity.inputs.windows import Maintenance

Pue = Annotated[float, PlainNumber("1.35", bounds=Bounds(low=1.0, high=5.0))]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        fix = nearest(name, sorted(available_timezones()))
        raise refusal(Complaint(f"unknown time zone '{name}'", fix)) from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class Site(SourcedRecord):
    """A data centre, as planned or as it stands."""

    kind: Literal["site"] = "site"
    """What sort of record this is."""
    timezone: TimeZone
    """Where its calendar is kept: Asia/Seoul."""
    declared: Declared | None = None
    """What it is said to have; compared with the parts, and a gap of more than 1 % is reported."""
    pools: Annotated[Mapping[Name, Pool], Field(min_length=1, max_length=255)]
    """Its computers, by partition."""
    storage: Mapping[Name, Tier] = Field(default_factory=dict)
    """Its storage, by tier."""
    deliveries: Mapping[Name, Delivery] = Field(default_factory=dict)
    """When what comes into service; everything from the first day if there are none."""
    maintenance: Mapping[Name, Maintenance] = Field(default_factory=dict)
    """When nodes are out of use, known in advance."""
    outages: Mapping[Name, Outage] = Field(default_factory=dict)
    """What takes groups of nodes out of service at once, and how often; nothing if not given."""
    pue: Pue
    """Power usage effectiveness: power of the building for each watt of IT."""
    electricity_price: KrwPerKwh
    """Mean price of a kilowatt-hour."""
    exchange_rate: KrwPerUsd
    """Won for a dollar, for parts priced in dollars."""
    budget: Krw | None = None
    """What may be spent on the parts."""

    @model_validator(mode="after")
    def _dates_make_sense(self) -> Self:
        found = [*self._unknown_places(), *self._disordered_deliveries()]
        for name, window in self.maintenance.items():
            found += window.complaints(self.pools, ("maintenance", name))
        for name, outage in self.outages.items():
            found += outage.complaints(self.pools, ("outages", name))
        found += rule_complaints(self.storage)
        if found:
            raise refusal(*found)
        return self

    def _unknown_places(self) -> Iterator[Complaint]:
        for name, delivery in self.deliveries.items():
            for field, shares, known in (
                ("pools", delivery.pools, list(self.pools)),
                ("storage", delivery.storage, list(self.storage)),
            ):
                for key in shares:
                    if key not in known:
                        at = ("deliveries", name, field, key)
                        yield Complaint(f"there is no '{key}' in {field}", nearest(key, known), at)

    def _disordered_deliveries(self) -> Iterator[Complaint]:
        for (earlier, before), (name, step) in pairwise(self.deliveries.items()):
            if step.date <= before.date:
                what = f"{step.date} is not after delivery '{earlier}' on {before.date}"
                fix = "write the deliveries in the order of their dates"
                yield Complaint(what, fix, ("deliveries", name, "date"))
            falling = [place for place, was, now in self._shares(before, step) if now < was]
            if falling:
                what = f"less is in service than after delivery '{earlier}': {', '.join(falling)}"
                fix = "a share counts everything delivered so far"
                yield Complaint(what, fix, ("deliveries", name, "share"))

    def _shares(self, before: Delivery, step: Delivery) -> Iterator[tuple[str, float, float]]:
        for pool in self.pools:
            yield pool, before.pool_share_frac(pool), step.pool_share_frac(pool)
        for tier in self.storage:
            yield tier, before.tier_share_frac(tier), step.tier_share_frac(tier)

    @property
    def nodes(self) -> int:
        """All nodes when complete."""
        return sum(pool.nodes for pool in self.pools.values())

    @property
    def slots(self) -> int:
        """All slots when complete."""
        return sum(pool.slots for pool in self.pools.values())

    def peak_flops(self, precision: Precision) -> float | None:
        """Return the peak of all pools at one precision, or None if a pool lacks it [FLOP/s]."""
        return total_peak_flops(((pool.peaks, 1.0) for pool in self.pools.values()), precision)

    def lacking(self, precision: Precision) -> list[str]:
        """Return the pools whose nodes have no peak at a precision."""
        return [name for name, pool in self.pools.items() if precision not in pool.peaks]

    def comparable_flops(self, precision: Precision) -> float:
        """Return the peak of all pools, each at the precision or at what stands in for it [FLOP/s]."""
        return sum(pool.comparable_flops(precision) for pool in self.pools.values())

    @property
    def usable_bytes(self) -> float:
        """Usable storage of all tiers when complete [B]."""
        return sum(tier.usable_bytes for tier in self.storage.values())

    @property
    def raw_bytes(self) -> float:
        """Raw storage of all tiers when complete [B]."""
        return sum(tier.raw_bytes for tier in self.storage.values())

    @property
    def it_power_max_w(self) -> float:
        """Draw of nodes and storage at full load, without cooling and losses [W]."""
        nodes_w = sum(pool.power_max_w for pool in self.pools.values())
        return nodes_w + sum(tier.power_w for tier in self.storage.values())

    @property
    def power_max_w(self) -> float:
        """Draw of the building at full load [W]."""
        return site_power_w(self.it_power_max_w, self.pue)

    def prices_krw(self) -> dict[str, float | None]:
        """Return the price of each pool and tier, None where its part has none [KRW]."""
        rate = self.exchange_rate
        pools = {name: pool.price_krw(rate) for name, pool in self.pools.items()}
        return pools | {name: tier.price_krw(rate) for name, tier in self.storage.items()}

    @property
    def price_krw(self) -> float | None:
        """Price of all parts, or None if one has no price [KRW]."""
        prices = self.prices_krw().values()
        known = [price for price in prices if price is not None]
        return sum(known) if len(known) == len(prices) else None

    def schedule(self, *, first_day: date) -> tuple[Step, ...]:
        """Return what is in service from when on; everything from `first_day` if there are no deliveries."""
        steps = self.deliveries or {"all": Delivery.model_construct(date=first_day, share=1.0)}
        return tuple(self._step(name, delivery) for name, delivery in steps.items())

    def _step(self, name: str, delivery: Delivery) -> Step:
        nodes = {
            p: nodes_in_service(pool.nodes, delivery.pool_share_frac(p)) for p, pool in self.pools.items()
        }
        usable = {t: tier.usable_bytes * delivery.tier_share_frac(t) for t, tier in self.storage.items()}
        return Step(name, delivery.date, nodes, usable)

    def availability(self) -> list[Availability]:
        """Return for each pool and tier, at each delivery that enlarges it, whether its part could be had."""
        parts = {name: (pool.node.name, pool.node.buyable_from) for name, pool in self.pools.items()}
        parts |= {
            name: (tier.product.name, tier.product.available_from) for name, tier in self.storage.items()
        }
        in_service: dict[str, float] = dict.fromkeys(parts, 0.0)
        found = []
        for step in self.schedule(first_day=date.min) if self.deliveries else ():
            for place, amount in {**step.nodes, **step.usable_bytes}.items():
                if amount > in_service[place]:
                    found.append(Availability(place, *parts[place], step.name, step.day))
                in_service[place] = amount
        return found

    def comparisons(self) -> list[Comparison]:
        """Return what is declared beside what the parts add up to."""
        if self.declared is None:
            return []
        declared, precision = self.declared, self.declared.precision
        found = [
            Comparison(f"pool {name}", "flops", pool.declared, pool.comparable_flops(precision), precision)
            for name, pool in self.pools.items()
            if pool.declared is not None
        ]
        if declared.peak is not None:
            total = self.comparable_flops(precision)
            found.append(Comparison("all pools", "flops", declared.peak, total, precision))
        if declared.storage is not None and declared.storage.usable is not None:
            found.append(Comparison("storage", "bytes", declared.storage.usable, self.usable_bytes, "usable"))
        if declared.storage is not None and declared.storage.raw is not None:
            found.append(Comparison("storage", "bytes", declared.storage.raw, self.raw_bytes, "raw"))
        return found

    def warnings(self) -> tuple[str, ...]:
        """Say where declared totals and parts disagree, what comes too late, and what is too dear."""
        gaps = (comparison.sentence for comparison in self.comparisons() if not comparison.agrees)
        found = [*gaps, *late_sentences(self.availability())]
        if self.budget is not None and self.price_krw is not None and self.price_krw > self.budget:
            found.append(over_budget_sentence(self.price_krw, self.budget))
        return tuple(f"site {self.name}: {text}" for text in found)
