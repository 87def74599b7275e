"""Money as it is written: an amount or a price in any currency of ISO 4217, and the rate between two."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from capacity.errors import UnitError
from capacity.inputs.fields.complaints import Complaint, describe, refusal
from capacity.inputs.fields.numbers import Bounds, FieldReader, written_number
from capacity.inputs.fields.ranges import Possible
from capacity.quantities.currencies import CURRENCIES


def _known(code: str) -> str:
    if code not in CURRENCIES:
        fix = "write the code of ISO 4217: KRW, USD, EUR"
        raise refusal(Complaint(f"unknown currency '{code}'", fix))
    return code


Currency = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known)]
"""A code of ISO 4217: KRW."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency it was paid in; another currency needs a dated rate."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """So much of one currency is paid for one of another."""

    amount: float
    currency: str
    per: str


@dataclass(frozen=True, slots=True)
class MoneyReader(FieldReader):
    """Money in any currency: an amount, a price of each byte or kilowatt-hour, a rate between two."""

    like: str  # an example of what to write
    dimension: str = "money"  # a name of `capacity.quantities.units.MONEY`
    above: bool = False  # whether 0 is too little

    def read(self, raw: object) -> Money | ExchangeRate:
        """Return the amount with its currency, or the rate with both."""
        from capacity.quantities.units import money  # noqa: PLC0415  # brings pint

        if isinstance(raw, Money | ExchangeRate):
            return raw
        written = written_number(raw, self.like)
        try:
            amount, currencies = money(written, self.dimension)
        except UnitError as error:
            raise refusal(*(Complaint(p.what, p.fix) for p in error.problems)) from None
        amount = Bounds(above=self.above).check(amount, written)
        return Money(amount, *currencies) if len(currencies) == 1 else ExchangeRate(amount, *currencies)

    @property
    def limits(self) -> Possible:
        """No price is below 0."""
        return Possible(0.0, math.inf)

    def number(self, value: Money | ExchangeRate) -> float:
        """Return the amount."""
        return value.amount

    def as_written(self, value: Money | ExchangeRate) -> str:
        """Return it with its unit, as a person would write it."""
        from capacity.quantities.units import MONEY  # noqa: PLC0415

        paid = (value.currency, value.per) if isinstance(value, ExchangeRate) else (value.currency,)
        return f"{value.amount!r} {MONEY[self.dimension].unit.format(*paid)}"

    def with_number(self, value: Money | ExchangeRate, number: float) -> str:
        """Return another amount in the same currency, as a person would write it."""
        return self.as_written(replace(value, amount=number))

    def _end_of(self, value: Money | ExchangeRate) -> Callable[[object], float]:
        """Read an end of a range, which is paid in the same money."""

        def read(raw: object) -> float:
            end = self.read(raw)
            if replace(end, amount=0.0) != replace(value, amount=0.0):
                fix = f"write it as {self.as_written(value)}"
                raise refusal(Complaint(f"{describe(raw)} is in another currency than the value", fix))
            return end.amount

        return read

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {"type": "string", "examples": [self.like]}


Price = Annotated[Money, MoneyReader("200000 USD")]
PricePerByte = Annotated[Money, MoneyReader("60 USD/TB", "money_per_byte")]
PricePerKwh = Annotated[Money, MoneyReader("97.3 KRW/kWh", "money_per_kwh")]
PricePerSlotHour = Annotated[Money, MoneyReader("4.10 USD/(slot*h)", "money_per_slot_hour")]
Rate = Annotated[ExchangeRate, MoneyReader("1180 KRW/USD", "exchange_rate", above=True)]
