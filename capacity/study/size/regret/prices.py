"""What too much and too little of a site cost: stated by the user or taken from the site, all for one year.

Owning is price over service life, upkeep and electricity. Too little is, as the user says, what the missing
slots cost to rent, a price of every hour that a slot waits beyond what is required, or a lump for every month
in which something required is missed.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from capacity.errors import InputError, Problem, UnitError
from capacity.facility.energy import site_power_w
from capacity.facility.money import electricity_cost
from capacity.inputs.fields.money import Money
from capacity.inputs.site import Site
from capacity.quantities.units import money

Kind = Literal["rent", "late", "missed"]
YEAR_S: Final = 365.25 * 86_400
HOUR_S: Final = 3_600.0
LIFE_YEARS: Final = 5.0
"""How long parts serve where the site does not say."""
UPKEEP_FRAC: Final = 0.1
"""Of the price of all parts, each year, for people, spares and contracts."""
RENT: Final = "rent"
EXAMPLES: Final = "'rent', '30 KRW/(slot*h)' of wait beyond the target, or '500e6 KRW/month' that misses it"


@dataclass(frozen=True, slots=True)
class TooLittle:
    """What too little costs.

    Attributes
    ----------
    kind : {"rent", "late", "missed"}
        The missing slots are rented; every hour that a slot waits too long; every month missed.
    price : Money or None
        Of an hour of a slot, or of a month; None for what the site says of rent.
    """

    kind: Kind
    price: Money | None = None


def read_too_little(text: str, rent_price: str | None) -> TooLittle:
    """Read what too little costs.

    Raises
    ------
    InputError
        It is none of the three forms, or a price of rent stands beside another one.

    Examples
    --------
    >>> read_too_little("rent", "4838 KRW/GPU/h").price
    Money(amount=4838.0, currency='KRW')
    >>> read_too_little("30 KRW/(slot*h)", None).kind
    'late'
    """
    if text.strip() == RENT:
        return TooLittle("rent", None if rent_price is None else read_rent(rent_price))
    if rent_price is not None:
        raise InputError(
            "goes with --too-little rent", where="--rent-price", fix="give one of the two prices"
        )
    for kind, dimension in (("late", "money_per_slot_hour"), ("missed", "money_per_month")):
        with suppress(UnitError):
            amount, (currency,) = money(text, dimension)
            return TooLittle("late" if kind == "late" else "missed", _paid(amount, currency, "--too-little"))
    raise InputError(f"'{text}' is no price of too little", where="--too-little", fix=f"write {EXAMPLES}")


def read_rent(text: str) -> Money:
    """Read what an hour of a slot, or of an accelerator, costs to rent.

    Raises
    ------
    InputError
        It is no such price.
    """
    for dimension in ("money_per_slot_hour", "money_per_accelerator_hour"):
        with suppress(UnitError):
            amount, (currency,) = money(text, dimension)
            return _paid(amount, currency, "--rent-price")
    raise InputError(
        f"'{text}' is no price of an hour of a slot", where="--rent-price", fix="write 4838 KRW/GPU/h"
    )


def read_refused(text: str) -> Money:
    """Read what data turned away costs.

    Raises
    ------
    InputError
        It is no price of data.
    """
    try:
        amount, (currency,) = money(text, "money_per_byte")
    except UnitError as error:
        raise InputError(Problem(p.what, "--refused-price", p.fix) for p in error.problems) from None
    return _paid(amount, currency, "--refused-price")


def _paid(amount: float, currency: str, where: str) -> Money:
    if not amount > 0:
        raise InputError("a price is more than 0", where=where)
    return Money(amount, currency)


def in_currency(price: Money, site: Site, where: str) -> float:
    """Return a price in the currency that a site reports in.

    Raises
    ------
    InputError
        The site has no rate for it.
    """
    found = site.amount(price)
    if found is None:
        what = f"the site has no rate from {price.currency} to {site.reporting_currency or 'one currency'}"
        raise InputError(what, where=where, fix="state it in the site's currency, or 'exchange_rates'")
    return found


def own_per_year(site: Site, upkeep_frac: float) -> float:
    """Return what owning a site costs in a year: purchase over life, upkeep, electricity [currency].

    Nodes draw what is typical, day and night.

    Raises
    ------
    InputError
        A part has no price.
    """
    prices = site.prices()
    unknown = [name for name, price in prices.items() if price is None]
    if unknown:
        what = f"the price of {', '.join(unknown)} is not known"
        raise InputError(what, where="--worlds", fix="state 'price' of the node or product")
    total = sum(price for price in prices.values() if price is not None)
    life_years = LIFE_YEARS if site.service_life is None else site.service_life / YEAR_S
    return total * (1 / life_years + upkeep_frac) + _electricity_per_year(site)


def _electricity_per_year(site: Site) -> float:
    if site.electricity_price is None:
        return 0.0
    per_kwh = in_currency(site.electricity_price, site, "electricity_price")
    nodes_w = sum(
        pool.nodes * pool.node.power.held for pool in site.pools.values() if pool.node.power is not None
    )
    it_w = nodes_w + sum(tier.power_w for tier in site.storage.values())
    return float(electricity_cost(site_power_w(it_w, site.pue or 1.0) * YEAR_S, per_kwh))


def assumed(site: Site) -> tuple[str, ...]:
    """Return which prices are not stated by a site and so are assumed, by name: life, pue, electricity."""
    named = {"life": site.service_life, "pue": site.pue, "electricity": site.electricity_price}
    return tuple(name for name, value in named.items() if value is None)
