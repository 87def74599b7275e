"""Money as it is written: an amount or a price in any currency of ISO 4217, and the rate between two."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, StringConstraints

from capacity.errors import UnitError
from capacity.inputs.fields.complaints import Complaint, refusal
from capacity.inputs.fields.numbers import Bounds, FieldReader, written_number
from capacity.quantities.currencies import CURRENCIES

Read = TypeVar("Read")


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


def _in_words(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except UnitError as error:
        raise refusal(*(Complaint(p.what, p.fix) for p in error.problems)) from None


@dataclass(frozen=True, slots=True)
class MoneyAmount(FieldReader):
    """A price in any currency: of a piece, or of each byte or kilowatt-hour.

    Attributes
    ----------
    like : str
        An example of what to write.
    dimension : str
        A name of `capacity.quantities.units.MONEY`.
    """

    like: str
    dimension: str = "money"

    def read(self, raw: object) -> Money:
        """Return the amount with its currency."""
        from capacity.quantities.units import money  # noqa: PLC0415  # brings pint

        if isinstance(raw, Money):
            return raw
        written = written_number(raw, self.like)
        amount, currency = _in_words(lambda: money(written, self.dimension))
        return Money(Bounds().check(amount, written), currency)

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {"type": "string", "examples": [self.like]}


class RateReader(FieldReader):
    """An exchange rate, ``1180 KRW/USD``."""

    def read(self, raw: object) -> ExchangeRate:
        """Return the rate with its currencies."""
        from capacity.quantities.units import exchange_rate  # noqa: PLC0415  # brings pint

        if isinstance(raw, ExchangeRate):
            return raw
        written = written_number(raw, "1180 KRW/USD")
        amount, currency, per = _in_words(lambda: exchange_rate(written))
        return ExchangeRate(Bounds(above=True).check(amount, written), currency, per)

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {"type": "string", "examples": ["1180 KRW/USD"]}


Price = Annotated[Money, MoneyAmount("200000 USD")]
PricePerByte = Annotated[Money, MoneyAmount("60 USD/TB", "money_per_byte")]
PricePerKwh = Annotated[Money, MoneyAmount("97.3 KRW/kWh", "money_per_kwh")]
Rate = Annotated[ExchangeRate, RateReader()]
