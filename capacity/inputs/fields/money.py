"""Money as it is written: an amount or a price in any currency of ISO 4217, and the rate between two."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from capacity.errors import UnitError
from capacity.inputs.fields.complaints import Complaint, refusal
from capacity.inputs.fields.numbers import Bounds, FieldReader, written_number
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

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {"type": "string", "examples": [self.like]}


Price = Annotated[Money, MoneyReader("200000 USD")]
PricePerByte = Annotated[Money, MoneyReader("60 USD/TB", "money_per_byte")]
PricePerKwh = Annotated[Money, MoneyReader("97.3 KRW/kWh", "money_per_kwh")]
Rate = Annotated[ExchangeRate, MoneyReader("1180 KRW/USD", "exchange_rate", above=True)]
