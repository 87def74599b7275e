"""The types of the fields of records, each with how it is read: ``power: Watts`` takes ``700 W``."""

import re
from datetime import date, datetime
from typing import Annotated, cast

from pydantic import StringConstraints

from capacity.inputs.fields.complaints import Complaint, describe, refusal
from capacity.inputs.fields.numbers import Bounds, PlainNumber, Quantity, ReadBy, WholeNumber
from capacity.inputs.fields.sourced import unwrap
from capacity.quantities.precision import Precision

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2199, 12, 31)
LEAP_YEAR = 2000


def _day(raw: object) -> date:
    value = unwrap(raw)
    try:
        day = date.fromisoformat(value if isinstance(value, str) else str(cast(date, value).isoformat()))
    except (ValueError, AttributeError):
        raise refusal(Complaint(f"{describe(value)} is no day", "write it as 2021-05-01")) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise refusal(Complaint(f"{day} lies outside {FIRST_DAY.year} to {LAST_DAY.year}"))
    return day


def _day_of_year(raw: object) -> tuple[int, int]:
    value = unwrap(raw)
    try:
        if not (isinstance(value, str) and re.fullmatch(r"\d\d?-\d\d?", value)):
            raise ValueError
        day = date(LEAP_YEAR, *map(int, value.split("-")))
    except ValueError:
        fix = "write month and day, 03-02 for 2 March"
        raise refusal(Complaint(f"{describe(value)} is no day of the year", fix)) from None
    return day.month, day.day


def _local_time(raw: object) -> datetime:
    value = unwrap(raw)
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(cast(str, value))
    except (ValueError, TypeError):
        fix = "write it as 2021-05-01 or 2021-05-01T09:00"
        raise refusal(Complaint(f"{describe(value)} is no time", fix)) from None
    if moment.tzinfo is not None:
        fix = "the site's clock holds: leave it out"
        raise refusal(Complaint(f"{describe(value)} names a time zone", fix))
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise refusal(Complaint(f"{moment} lies outside {FIRST_DAY.year} to {LAST_DAY.year}"))
    return moment


_MORE_THAN_ZERO = Bounds(above=True)
LONGEST_S = 2**31 - 2
"""What the batch system's clock can hold as a length of time, 68 years. [s]"""


Seconds = Annotated[float, Quantity("seconds", "12 h")]
PositiveSeconds = Annotated[float, Quantity("seconds", "12 h", bounds=_MORE_THAN_ZERO)]
WholeSeconds = Annotated[float, Quantity("seconds", "30 s", bounds=Bounds(high=LONGEST_S), whole=True)]
PositiveWholeSeconds = Annotated[
    float, Quantity("seconds", "12 h", bounds=Bounds(low=1.0, high=LONGEST_S), whole=True)
]
Bytes = Annotated[float, Quantity("bytes", "40 GB")]
RawBytes = Annotated[float, Quantity("bytes", "140 PB", kind="raw", bounds=_MORE_THAN_ZERO)]
UsableBytes = Annotated[float, Quantity("bytes", "107 PB", kind="usable", bounds=_MORE_THAN_ZERO)]
BytesPerSecond = Annotated[float, Quantity("bytes_per_s", "25 GB/s")]
PositiveBytesPerSecond = Annotated[float, Quantity("bytes_per_s", "25 GB/s", bounds=_MORE_THAN_ZERO)]
Watts = Annotated[float, Quantity("watt", "700 W")]
WattsPerByte = Annotated[float, Quantity("watt_per_byte", "0.9 W/TB")]
BandwidthPerByte = Annotated[float, Quantity("bytes_per_s_per_byte", "6.5 GB/s/PB")]
Fraction = Annotated[float, Quantity("fraction", "85 %", bounds=Bounds(high=1.0))]
Efficiency = Annotated[float, Quantity("fraction", "45 %", bounds=Bounds(high=1.0, above=True))]
Factor = Annotated[float, PlainNumber("1.0")]
PositiveFactor = Annotated[float, PlainNumber("1.0", bounds=_MORE_THAN_ZERO)]
Count = Annotated[int, WholeNumber()]
PositiveCount = Annotated[int, WholeNumber(1)]
Day = Annotated[date, ReadBy(_day, {"type": "string", "format": "date", "examples": ["2021-05-01"]})]
_MONTH_AND_DAY = {"type": "string", "pattern": r"^\d\d?-\d\d?$", "examples": ["03-02"]}
DayOfYear = Annotated[tuple[int, int], ReadBy(_day_of_year, _MONTH_AND_DAY)]
"""A day of every year, ``03-02``, month and day; 29 February is there in leap years only."""
_TIMES = ["2021-05-01T09:00", "2021-05-01"]
LocalTime = Annotated[datetime, ReadBy(_local_time, {"type": "string", "examples": _TIMES})]
"""A time on the site's clock, ``2021-05-01T09:00``, without a zone; a day alone is its beginning."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


def flops_at(precision: Precision) -> Quantity:
    """Return the reader of a rate of arithmetic at one precision [FLOP/s]."""
    return Quantity("flops", "19.5 TFLOPS", precision=precision, bounds=_MORE_THAN_ZERO)
