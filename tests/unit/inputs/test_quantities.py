"""The types of fields: what they take, what they refuse, what they hand on."""

from datetime import date
from typing import Annotated

import pytest
from pydantic import ValidationError

from capacity.inputs.fields.money import ExchangeRate, Money, Price, PricePerByte, PricePerKwh, Rate
from capacity.inputs.fields.quantities import (
    Bytes,
    Count,
    Day,
    Factor,
    Fraction,
    PositiveCount,
    PositiveSeconds,
    RawBytes,
    Seconds,
    UsableBytes,
    Watts,
    flops_at,
)
from capacity.inputs.fields.record import Record


class Everything(Record):
    """One field of each type."""

    seconds: Seconds | None = None
    above: PositiveSeconds | None = None
    size: Bytes | None = None
    raw: RawBytes | None = None
    usable: UsableBytes | None = None
    watts: Watts | None = None
    price: Price | None = None
    per_byte: PricePerByte | None = None
    per_kwh: PricePerKwh | None = None
    rate: Rate | None = None
    fraction: Fraction | None = None
    factor: Factor | None = None
    count: Count | None = None
    positive: PositiveCount | None = None
    day: Day | None = None
    bf16: Annotated[float, flops_at("bf16")] | None = None


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("seconds", "1-12:00:00", 129_600.0),
        ("seconds", "0 s", 0.0),
        ("size", "40 GB", 40e9),
        ("size", "1 PiB", 2.0**50),
        ("raw", "140 PB", 140e15),
        ("raw", "140 PB_raw", 140e15),
        ("usable", "107 PB", 107e15),
        ("watts", "6.5 kW", 6500.0),
        ("price", "200000 USD", Money(200_000.0, "USD")),
        ("price", "923억 KRW", Money(92.3e9, "KRW")),
        ("per_byte", "60 USD/TB", Money(60e-12, "USD")),
        ("per_kwh", "0.12 EUR/kWh", Money(0.12, "EUR")),
        ("rate", "1180 KRW/USD", ExchangeRate(1180.0, "KRW", "USD")),
        ("fraction", "85 %", 0.85),
        ("fraction", 0.85, 0.85),
        ("factor", 3, 3.0),
        ("count", 0, 0),
        ("count", "12", 12),
        ("count", 12.0, 12),
        ("day", "2021-05-01", date(2021, 5, 1)),
        ("day", date(2021, 5, 1), date(2021, 5, 1)),
        ("bf16", "312 TFLOPS", 312e12),
        ("bf16", "312 TFLOPS_bf16", 312e12),
        ("watts", {"value": "700 W", "source": "a page", "as_of": 2020}, 700.0),
        ("watts", None, None),
    ],
)
def test_what_is_taken(field: str, written: object, value: object) -> None:
    found = getattr(Everything.model_validate({field: written}), field)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("seconds", 12), ("seconds", "12"), ("seconds", "-1 s"), ("seconds", True), ("above", "0 s"),
        ("size", "40 GFLOPS"), ("size", "40 Gb"), ("size", "40 PF"), ("raw", "140 PB_usable"),
        ("usable", "9 PB_raw"), ("watts", "6 kWh"), ("price", "200000"), ("price", "200000 XYZ"),
        ("price", "-1 EUR"), ("per_kwh", "5 EUR"), ("rate", "1180"), ("rate", "0 KRW/USD"),
        ("price", "1 USD/TB"), ("per_byte", "60 USD"), ("fraction", "120 %"), ("fraction", -0.1),
        ("factor", "3"), ("factor", float("nan")), ("factor", -1), ("count", 1.5), ("count", -1),
        ("count", 2**31), ("count", 10**400), ("count", "1 2"), ("positive", 0), ("day", "01.05.2021"),
        ("day", 20210501), ("day", "2021-02-30"), ("bf16", "312 TFLOPS_fp64"), ("bf16", "312 PFLOP"),
    ],
)  # fmt: skip
def test_what_is_refused(field: str, written: object) -> None:
    with pytest.raises(ValidationError):
        Everything.model_validate({field: written})


def test_records_do_not_change() -> None:
    record = Everything.model_validate({"count": 1})
    with pytest.raises(ValidationError):
        record.count = 2  # type: ignore[misc]
