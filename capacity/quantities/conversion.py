"""Answers ``capacity units``: a quantity in the units in which people compare it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capacity.errors import UnitError
from capacity.quantities.currencies import currency_of
from capacity.quantities.hints import PRECISION_RULE, mismatch
from capacity.quantities.reading import read_expression
from capacity.quantities.units import base_dimensions, converted, quantity, words
from capacity.quantities.writing import format_duration, format_korean, format_slurm_duration

if TYPE_CHECKING:
    from capacity.quantities.units import Quantity

# Units worth comparing, per kind of quantity; the first is the SI unit and always shown. Where a precision or
# a kind of capacity can be tagged on, {} takes the tag, and the first word is the dimension in `units.txt`.
# ¤ takes the code of a currency.
_FAMILIES = (
    ("information", "B{} kB{} KiB{} MB{} MiB{} GB{} GiB{} TB{} TiB{} PB{} PiB{} EB{}"),
    ("operation", "FLOPS{} GFLOPS{} TFLOPS{} PFLOPS{} EFLOPS{}"),
    ("operation", "FLOP{} PFLOP{} EFLOP{} ZFLOP{} PFLOPS{}-day PFLOPS{}-year"),
    ("", "B/s MB/s GB/s TB/s Gb/s Tb/s TB/day PB/year"),
    ("", "s min h day week year"),
    ("", "W kW MW MWh/year"),
    ("", "J kWh MWh GWh"),
    ("", "GPU*s GPU-h GPU-day GPU-year"),
    ("", "node*s node-h node-day"),
    ("", "core*s core-h core-day"),
    ("", "¤ M¤"),
    ("", "¤/kWh"),
)
_READ_IN_KOREAN = ("B", "FLOP", "FLOPS", "KRW")
_SHOWN = (0.1, 1e6)  # a unit is shown where the number in it can be read


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One way to write a quantity; `note` adds what the number alone does not say."""

    value: float
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A quantity in all its equivalents, and what its writer left open (empty if nothing)."""

    equivalents: tuple[Equivalent, ...]
    remark: str = ""


def convert(expression: str, to: str | None = None) -> Conversion:
    """Return `expression` in the unit `to`, or in every unit people would compare it in.

    Raises
    ------
    UnitError
        Not a quantity, or one of another dimension than `to`.

    Examples
    --------
    >>> convert("88.5 PFLOPS * 30 day", "PF-day").equivalents
    (Equivalent(value=2655.0, unit='PF-day', note=''),)
    """
    value = quantity(expression)
    if to is not None:
        return Conversion((Equivalent(_in_unit(value, to, expression), to),), _precision_remark(value))
    return Conversion(_all_equivalents(value), _precision_remark(value) or _size_remark(value))


def _in_unit(value: "Quantity", to: str, expression: str) -> float:
    literals = read_expression(to).literals
    if len(literals) != 1 or literals[0].number != 1.0:
        raise UnitError(f"'{to}' is not a unit", fix="name a unit alone, such as PB, PF-day or KRW/kWh")
    unit = quantity(to)
    if value.dimensionality != unit.dimensionality:
        raise UnitError(
            f"'{expression}' is {words(value)} and '{to}' is {words(unit)}",
            fix=mismatch(base_dimensions(value), base_dimensions(unit)),
        )
    return converted(value, unit.units)


def _all_equivalents(value: "Quantity") -> tuple[Equivalent, ...]:
    stem, tag = _tag(value)
    code = next(filter(None, map(currency_of, base_dimensions(value))), "")
    for dimension, family in _FAMILIES:
        if "¤" in family and not code:
            continue
        units = family.replace("¤", code).format(*[f"_{tag}" if tag else ""] * family.count("{}")).split()
        if (not tag or dimension == stem) and value.is_compatible_with(quantity(units[0]).units):
            return tuple(_readable_in(value, units))
    try:
        reduced = value.to_reduced_units()
    except OverflowError as error:
        raise UnitError(f"'{value}' is too large") from error
    unit = "" if reduced.unitless else str(reduced.units)
    return (Equivalent(converted(reduced, reduced.units), unit),)


def _tag(value: "Quantity") -> tuple[str, str]:
    """Return which dimension of `value` is tagged, and with what: ``("operation", "fp64")``."""
    for name in base_dimensions(value):
        stem, _, tag = name.partition("_")
        if tag and stem in ("operation", "information"):
            return stem, tag
    return "", ""


def _readable_in(value: "Quantity", units: list[str]) -> Iterator[Equivalent]:
    """Give the value in the SI unit, with its reading in words, and in each unit of a readable size."""
    si_value = _in_unit(value, units[0], units[0])
    yield Equivalent(si_value, units[0], _in_words(si_value, units[0]))
    for unit in units[1:]:
        number = _in_unit(value, unit, unit)
        if _SHOWN[0] <= abs(number) < _SHOWN[1]:
            yield Equivalent(number, unit)


def _in_words(si_value: float, unit: str) -> str:
    if unit == "s" and 1 <= si_value < 1e12:
        return f"{format_duration(si_value)}; in Slurm {format_slurm_duration(si_value)}"
    if unit.partition("_")[0] in _READ_IN_KOREAN and abs(si_value) >= 1e4:
        return format_korean(si_value)
    return ""


def _precision_remark(value: "Quantity") -> str:
    return f"precision not said: {PRECISION_RULE}" if "operation" in base_dimensions(value) else ""


def _size_remark(value: "Quantity") -> str:
    if base_dimensions(value) != {"information"} or not value.is_compatible_with("B"):
        return ""
    return "PB is 10^15 byte and PiB 2^50, 12.6 % more; a capacity is PB_raw or PB_usable"
