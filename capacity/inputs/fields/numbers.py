"""How one number is read: with a unit, without, or as a count. pydantic calls these as annotations.

A reader takes what stood in the YAML, plain or sourced, and returns a finite number inside its bounds, in SI.
A bare number where a unit belongs is an error. The units themselves live in `capacity.quantities.units`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from capacity.errors import UnitError
from capacity.inputs.fields.complaints import Complaint, describe, refusal
from capacity.inputs.fields.ranges import Possible, Spread, follows_complaints, has_range, spread_of
from capacity.inputs.fields.sourced import sourced_schema, unwrap
from capacity.quantities.precision import Precision

LARGEST_COUNT = 2**31 - 1
YEAR_S = 365.25 * 86_400
NEARLY_WHOLE = 1e-6


class FieldReader(ABC):
    """What all readers share: pydantic calls `read`, the JSON Schema shows `plain_schema`."""

    __slots__ = ()

    @abstractmethod
    def read(self, raw: object) -> Any:  # noqa: ANN401  # each reader narrows it
        """Return the value, or raise a refusal."""

    @abstractmethod
    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.checked)

    @property
    def limits(self) -> Possible:
        """What the number can be at all, in SI."""
        return Possible(-math.inf, math.inf)

    def number(self, value: Any) -> float:  # noqa: ANN401  # what `read` returned
        """Return a value that was read as a plain number in SI."""
        return float(value)

    def as_written(self, value: Any) -> str | float | int:  # noqa: ANN401  # what `read` returned
        """Return a value as a person would write it, so that it can be read again."""
        return float(value)

    def with_number(self, _value: Any, number: float) -> str | float | int:  # noqa: ANN401
        """Return another number as a person would write it, in the unit and currency of a value."""
        return self.as_written(number)

    def spread(self, raw: Mapping[str, Any]) -> Spread:
        """Return what else the number may be, by the long form in which it stands.

        Raises
        ------
        PydanticCustomError
            Its range is none.
        """
        value = self.read(raw)
        if "choices" in raw:
            return spread_of(raw, lambda _: 0.0, self.limits)
        try:
            likely = self.number(value)
        except (TypeError, ValueError):
            fix = "give 'choices'; for a day, how much 'later' it comes, under 'uncertain'"
            what = f"{describe(raw.get('value', raw.get('likely')))} is no number, and has no range"
            raise refusal(Complaint(what, fix)) from None
        return spread_of(raw, self._end_of(value), self.limits, likely=likely)

    def _end_of(self, _value: Any) -> Callable[[object], float]:  # noqa: ANN401
        return lambda raw: self.number(self.read(raw))

    def checked(self, raw: object) -> Any:  # noqa: ANN401
        """Return the value, after what stands beside it was checked, too."""
        value = self.read(raw)
        if has_range(raw):
            self.spread(cast("Mapping[str, Any]", raw))
        elif isinstance(raw, Mapping) and (found := [*follows_complaints(raw)]):
            raise refusal(*found)
        return value

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return sourced_schema(self.plain_schema())


@dataclass(frozen=True, slots=True, eq=False)
class ReadBy(FieldReader):
    """A reader made of a function, the JSON Schema of the plain form, and the SI unit if it has one."""

    function: Callable[[object], Any]
    schema: dict[str, Any]
    unit: str = ""

    def read(self, raw: object) -> Any:  # noqa: ANN401  # the field says which
        """Return what the function does."""
        return self.function(raw)

    def as_written(self, value: Any) -> str | float:  # noqa: ANN401
        """Return a number with its unit."""
        return f"{value:.15g} {self.unit}" if self.unit else float(value)

    def plain_schema(self) -> dict[str, Any]:
        """Return the schema."""
        return self.schema


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range a number must lie in; `above` leaves the lower bound itself out."""

    low: float = 0.0
    high: float = math.inf
    above: bool = False

    def check(self, value: float, written: object) -> float:
        """Return the value, or refuse it in the words it was written in."""
        if not math.isfinite(value):
            raise refusal(Complaint(f"{describe(written)} is not a finite number"))
        if value < self.low or (self.above and value == self.low):
            what = "negative" if value < 0 <= self.low else "too small"
            limit = f"{'more than' if self.above else 'at least'} {self.low:,.12g}"
            raise refusal(Complaint(f"{describe(written)} is {what}", f"must be {limit}"))
        if value > self.high:
            fix = f"must be at most {self.high:,.12g}"
            raise refusal(Complaint(f"{describe(written)} is too large", fix))
        return value


def written_number(raw: object, like: str) -> str | int | float:
    """Unwrap the sourced form and refuse what can be no number at all."""
    value = unwrap(raw)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        what = f"{describe(value)} where a number belongs"
        raise refusal(Complaint(what, f"write something like {like}"))
    return value


def si_value(
    value: str | float, dimension: str, *, precision: str | None = None, kind: str | None = None
) -> float:
    """Read a quantity with the unit registry, whose errors become refusals."""
    try:
        return _si_of(value, dimension, precision, kind)
    except UnitError as error:
        raise refusal(*(Complaint(p.what, p.fix) for p in error.problems)) from None


@lru_cache(maxsize=8_192, typed=True)
def _si_of(value: str | float, dimension: str, precision: str | None, kind: str | None) -> float:
    """Read what was read before only once: worlds of one scenario differ in a few numbers of a thousand."""
    from capacity.quantities.units import to_si  # noqa: PLC0415  # pint is imported when the first quantity is read

    return to_si(value, dimension, precision=precision, kind=kind)


def precision_of(value: str | float) -> Precision | None:
    """Return the precision that the unit of a quantity names, None if it names none or is no quantity."""
    from capacity.quantities.units import precision_of  # noqa: PLC0415

    try:
        return precision_of(value) if isinstance(value, str) else None
    except UnitError:
        return None


@dataclass(frozen=True, slots=True)
class Quantity(FieldReader):
    """A number with a unit, read as SI float."""

    dimension: str  # a name of `capacity.quantities.units.DIMENSIONS`
    like: str  # an example of what to write, shown in errors and in the JSON Schema
    precision: str | None = None  # what an untagged FLOP unit is taken as
    kind: str | None = None  # raw or usable: what untagged bytes are taken as
    bounds: Bounds = Bounds()  # the allowed range [SI unit of the dimension]
    whole: bool = False  # whether only whole numbers of the SI unit are one

    def read(self, raw: object) -> float:
        """Return the number in SI."""
        written = written_number(raw, self.like)
        value = si_value(written, self.dimension, precision=self.precision, kind=self.kind)
        value = self.bounds.check(value, written)
        if self.whole and abs(value - round(value)) > NEARLY_WHOLE:
            raise refusal(Complaint(f"{value:g} s is not a whole number of seconds"))
        return float(round(value)) if self.whole else value

    @property
    def limits(self) -> Possible:
        """The bounds."""
        return Possible(self.bounds.low, self.bounds.high)

    def as_written(self, value: float) -> str | float:
        """Return an SI value with its unit, as a person would write it."""
        from capacity.quantities.units import DIMENSIONS  # noqa: PLC0415

        dimension = DIMENSIONS[self.dimension]
        value = max(round(value), self.bounds.low) if self.whole else value
        if self.dimension == "share_per_s":
            return f"{100 * YEAR_S * value:.15g} %/year"
        unit = dimension.unit.removeprefix("1")  # 2 / s, not 2 1/s
        return value if dimension.bare else f"{value:.15g} {unit}"

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        types = ["string", "number"] if self.dimension == "fraction" else "string"
        return {"type": types, "examples": [self.like]}


def _as_float(written: str | float) -> float:
    if isinstance(written, str):
        raise refusal(Complaint(f"{describe(written)} is no plain number"))
    try:
        return float(written)
    except OverflowError:
        return math.inf


@dataclass(frozen=True, slots=True)
class PlainNumber(FieldReader):
    """A number without a unit: a PUE, a weight, an exponent."""

    like: str
    bounds: Bounds = Bounds()

    @property
    def limits(self) -> Possible:
        """The bounds."""
        return Possible(self.bounds.low, self.bounds.high)

    def read(self, raw: object) -> float:
        """Return the number."""
        written = written_number(raw, self.like)
        return self.bounds.check(_as_float(written), written)

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        low = "exclusiveMinimum" if self.bounds.above else "minimum"
        high = {} if math.isinf(self.bounds.high) else {"maximum": self.bounds.high}
        return {"type": "number", low: self.bounds.low, **high, "examples": [float(self.like)]}


@dataclass(frozen=True, slots=True)
class AlsoRead:
    """Marks a field of records that a plain number may stand for, with what reads the number."""

    reader: FieldReader


@dataclass(frozen=True, slots=True)
class WholeNumber(FieldReader):
    """A count: nodes, members, replications."""

    low: int = 0
    high: int = LARGEST_COUNT

    @property
    def limits(self) -> Possible:
        """The bounds."""
        return Possible(self.low, self.high)

    def as_written(self, value: float) -> int:
        """Return the nearest whole number that is allowed."""
        return min(max(round(value), self.low), self.high)

    def read(self, raw: object) -> int:
        """Return the count."""
        written = written_number(raw, "12")
        if isinstance(written, str) and written.isdecimal() and len(written) < 20:
            written = int(written)  # the keys of a mapping are always text: slots: {8: 30 %}
        value = Bounds(self.low, self.high).check(_as_float(written), written)
        if not value.is_integer():
            raise refusal(Complaint(f"{describe(written)} is not a whole number"))
        return int(value)

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}
