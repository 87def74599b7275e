"""The money of a site: in which currency it is counted, what its parts cost in it, and what it may cost."""

from collections.abc import Iterator, Mapping

from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.money import ExchangeRate, Money
from capacity.quantities.writing import format_money


def factor(currency: str, into: str, rates: Mapping[str, ExchangeRate]) -> float | None:
    """Return what one of a currency is in another, None if no rate says so.

    Examples
    --------
    >>> factor("USD", "KRW", {"USD": ExchangeRate(1180.0, "KRW", "USD")})
    1180.0
    """
    if currency == into:
        return 1.0
    for rate in rates.values():
        if (rate.per, rate.currency) == (currency, into):
            return rate.amount
        if (rate.currency, rate.per) == (currency, into):
            return 1.0 / rate.amount
    return None


def rate_complaints(rates: Mapping[str, ExchangeRate]) -> Iterator[Complaint]:
    """Say which rates are not between the currency that they stand under and another one."""
    for code, rate in rates.items():
        if code not in (rate.currency, rate.per):
            what = f"a rate between {rate.currency} and {rate.per} under '{code}'"
            yield Complaint(what, f"write it under {rate.per}", ("exchange_rates", code))


def missing_rates(
    prices: Mapping[str, Money], into: str, rates: Mapping[str, ExchangeRate]
) -> Iterator[Complaint]:
    """Say which rates are wanted to count prices in one currency."""
    without: dict[str, list[str]] = {}
    for what, price in prices.items():
        if factor(price.currency, into, rates) is None:
            without.setdefault(price.currency, []).append(what)
    for currency, priced in without.items():
        what = f"no exchange rate from {currency} to {into} for the price of {', '.join(priced)}"
        rate = f"{{value: … {into}/{currency}, source: …, as_of: …}}"
        yield Complaint(what, f"add '{currency}: {rate}'", ("exchange_rates",))


def over_budget_sentence(price: float, budget: float, currency: str) -> str:
    """Say by how much the parts cost more than the budget.

    Examples
    --------
    >>> over_budget_sentence(140.3e9, 92.3e9, "KRW")
    'the parts cost 140 bn KRW, 52 % more than the budget of 92.3 bn KRW'
    """
    said, limit = format_money(price, currency), format_money(budget, currency)
    return f"the parts cost {said}, {100 * (price / budget - 1):.0f} % more than the budget of {limit}"
