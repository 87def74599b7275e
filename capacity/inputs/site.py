"""A data centre: pools, storage, deliveries, power and prices, and the sums a planner asks for."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from capacity.errors import nearest
from capacity.facility.energy import site_power_w
from capacity.facility.hardware.compute import total_peak_flops
from capacity.inputs.deliveries import (
    Availability,
    Delivery,
    InService,
    PartOfPlace,
    late_sentences,
    nodes_in_service,
)
from capacity.inputs.fields.complaints import Complaint, refusal
from capacity.inputs.fields.money import Currency, ExchangeRate, Money, Price, PricePerKwh, Rate
from capacity.inputs.fields.numbers import Bounds, PlainNumber
from capacity.inputs.fields.quantities import Name, PositiveSeconds
from capacity.inputs.fields.record import WHOLE, SourcedRecord
from capacity.inputs.hardware.pool import Declared, DeclaredGap, Pool
from capacity.inputs.money import factor, missing_rates, over_budget_sentence, rate_complaints
from capacity.inputs.outages import Outage
from capacity.inputs.storage.tiers import Tier, rule_complaints
from capacity.inputs.uncertainty.stated import Uncertainties
from capacity.inputs.windows import Maintenance
from capacity.quantities.precision import Precision

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
    deliveries: Annotated[Mapping[Name, Delivery], WHOLE] = Field(default_factory=dict)
    """When what comes into service; everything from the first day if there are none."""
    maintenance: Mapping[Name, Maintenance] = Field(default_factory=dict)
    """When nodes are out of use, known in advance."""
    outages: Mapping[Name, Outage] = Field(default_factory=dict)
    """What takes groups of nodes out of service at once, and how often; nothing if not given."""
    pue: Pue | None = None
    """Power usage effectiveness: power of the building for each watt of IT. Without it only IT is known."""
    currency: Currency | None = None
    """The currency that it reports money in, KRW; that of its prices if they share one."""
    exchange_rates: Mapping[Currency, Rate] = Field(default_factory=dict)
    """What other currencies cost in it, each under its code: {USD: 1180 KRW/USD}."""
    exchange_rate: Rate | None = None
    """The same in short where there is one other currency: 1180 KRW/USD; it reports in KRW then."""
    electricity_price: PricePerKwh | None = None
    """Mean price of a kilowatt-hour; without it the cost of electricity is not known."""
    uncertain: Uncertainties
    """What is uncertain beside single numbers: factors on many of them, delays, choices; by name."""
    budget: Price | None = None
    """What may be spent on the parts."""
    service_life: PositiveSeconds | None = None
    """How long parts serve: where sites are weighed, the part of it within the horizon counts of their price;
    all of it if not given."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [*self._unknown_places(), *self._disordered_deliveries(), *self._money_complaints()]
        for name, window in self.maintenance.items():
            found += window.complaints(self.pools, ("maintenance", name))
        for name, outage in self.outages.items():
            found += outage.complaints(self.pools, ("outages", name))
        found += rule_complaints(self.storage)
        return found

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

    def _money_complaints(self) -> Iterator[Complaint]:
        """Say which rates are wrong or missing, if money is asked about: parts alone may have any prices."""
        yield from rate_complaints(self.exchange_rates)
        stated = {"electricity_price": self.electricity_price, "budget": self.budget}
        asked = {what: price for what, price in stated.items() if price is not None}
        prices = asked | {name: price for name, (_, price) in self._priced().items() if price is not None}
        if self.reporting_currency is not None:
            yield from missing_rates(prices, self.reporting_currency, self.rates)
        elif asked:
            used = ", ".join(sorted({price.currency for price in prices.values()}))
            fix = "add 'currency: …', and 'exchange_rates' to it from the others"
            yield Complaint(f"there are prices in {used}: which of them does it report in?", fix)

    def _priced(self) -> dict[str, tuple[float, Money | None]]:
        """How much there is of each pool and tier when complete, and the price of one node or byte of it."""
        pools = {name: (float(pool.nodes), pool.node.price) for name, pool in self.pools.items()}
        return pools | {name: (tier.usable_bytes, tier.product.price) for name, tier in self.storage.items()}

    @property
    def rates(self) -> dict[str, ExchangeRate]:
        """Every exchange rate that is stated."""
        one = self.exchange_rate
        return {**self.exchange_rates, **({one.per: one} if one is not None else {})}

    @property
    def reporting_currency(self) -> str | None:
        """Code of the currency that money is reported in; None if nothing has a price or several are used."""
        stated = (self.electricity_price, self.budget, *(price for _, price in self._priced().values()))
        used = {price.currency for price in stated if price is not None}
        if self.currency is None and self.exchange_rate is not None:
            return self.exchange_rate.currency
        return self.currency or (used.pop() if len(used) == 1 else None)

    def amount(self, money: Money | None) -> float | None:
        """Return an amount in the reporting currency, None if it is not known."""
        if money is None:
            return None
        rate = factor(money.currency, self.reporting_currency or "", self.rates)
        return None if rate is None else money.amount * rate

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
    def it_power_max_w(self) -> float | None:
        """Draw of nodes and storage at full load, without cooling and losses; None if a node lacks it [W]."""
        known = [power_w for pool in self.pools.values() if (power_w := pool.power_max_w) is not None]
        if len(known) < len(self.pools):
            return None
        return sum(known) + sum(tier.power_w for tier in self.storage.values())

    @property
    def power_max_w(self) -> float | None:
        """Draw of the building at full load; None without a PUE, or if a node lacks its own [W]."""
        it_w = self.it_power_max_w
        return None if self.pue is None or it_w is None else site_power_w(it_w, self.pue)

    def prices(self) -> dict[str, float | None]:
        """Return the price of each pool and tier in the reporting currency, None where it is not known."""
        known = {name: (number, self.amount(price)) for name, (number, price) in self._priced().items()}
        return {name: None if one is None else number * one for name, (number, one) in known.items()}

    @property
    def price(self) -> float | None:
        """Price of all parts in the reporting currency, or None if one has no price."""
        prices = self.prices().values()
        known = [price for price in prices if price is not None]
        return sum(known) if len(known) == len(prices) else None

    def served_price(self, first: date, last: date, *, life_days: float | None = None) -> float | None:
        """Return the price of all parts times the part of a time that they are in service [currency].

        The time is that from the first through the last day, or `life_days`; a delivery serves no longer than
        that. None if a part has no price.
        """
        prices, steps = self.prices(), self.schedule(first_day=first)
        known = {place: price for place, price in prices.items() if price is not None}
        if len(known) < len(prices):
            return None
        total, before = 0.0, dict.fromkeys(known, 0.0)
        for step in steps:
            there = {**step.nodes, **step.usable_bytes}
            serves = (last - step.day).days + 1 if life_days is None else life_days
            begins, ends = max(0, (first - step.day).days), min((last - step.day).days + 1, serves)
            part = max(0.0, ends - begins) / (life_days or (last - first).days + 1)
            for place, price in known.items():
                of = self.pools[place].nodes if place in self.pools else self.storage[place].usable_bytes
                total += price * (there[place] - before[place]) / of * part
                before[place] = there[place]
        return total

    def schedule(self, *, first_day: date) -> tuple[InService, ...]:
        """Return what is in service from when on; everything from `first_day` if there are no deliveries."""
        steps = self.deliveries or {"all": Delivery.model_construct(date=first_day, share=1.0)}
        return tuple(self._step(name, delivery) for name, delivery in steps.items())

    def _step(self, name: str, delivery: Delivery) -> InService:
        nodes = {
            p: nodes_in_service(pool.nodes, delivery.pool_share_frac(p)) for p, pool in self.pools.items()
        }
        usable = {t: tier.usable_bytes * delivery.tier_share_frac(t) for t, tier in self.storage.items()}
        return InService(name, delivery.date, nodes, usable)

    def availability(self) -> list[Availability]:
        """Return for each pool and tier, at each delivery that enlarges it, when to order its part."""
        parts = {
            name: PartOfPlace(pool.node.name, pool.node.buyable_from, pool.node.buyable_until, pool.lead_time)
            for name, pool in self.pools.items()
        }
        for name, tier in self.storage.items():
            bought = tier.product
            sold = (bought.available_from, bought.sold_until)
            parts[name] = PartOfPlace(bought.name, *sold, tier.lead_time)
        in_service: dict[str, float] = dict.fromkeys(parts, 0.0)
        found = []
        for step in self.schedule(first_day=date.min) if self.deliveries else ():
            for place, amount in {**step.nodes, **step.usable_bytes}.items():
                if (more := amount - in_service[place]) > 0:
                    found.append(Availability(place, parts[place], step.name, step.day, more))
                in_service[place] = amount
        return found

    def comparisons(self) -> list[DeclaredGap]:
        """Return what is declared beside what the parts add up to."""
        if self.declared is None:
            return []
        declared, precision = self.declared, self.declared.precision
        found = [
            DeclaredGap(f"pool {name}", "flops", pool.declared, pool.comparable_flops(precision), precision)
            for name, pool in self.pools.items()
            if pool.declared is not None
        ]
        if declared.peak is not None:
            total = self.comparable_flops(precision)
            found.append(DeclaredGap("all pools", "flops", declared.peak, total, precision))
        if declared.storage is not None and declared.storage.usable is not None:
            found.append(
                DeclaredGap("storage", "bytes", declared.storage.usable, self.usable_bytes, "usable")
            )
        if declared.storage is not None and declared.storage.raw is not None:
            found.append(DeclaredGap("storage", "bytes", declared.storage.raw, self.raw_bytes, "raw"))
        return found

    def warnings(self) -> tuple[str, ...]:
        """Say where declared totals and parts disagree, what comes too late, and what is too dear."""
        gaps = (comparison.sentence for comparison in self.comparisons() if not comparison.agrees)
        found = [*gaps, *late_sentences(self.availability())]
        price, budget = self.price, self.amount(self.budget)
        if price is not None and budget is not None and price > budget:
            found.append(over_budget_sentence(price, budget, self.reporting_currency or ""))
        return tuple(f"site {self.name}: {text}" for text in found)
