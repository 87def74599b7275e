"""The units: the only place that knows pint, and the door through which quantities enter as SI numbers.

Our registry holds what `units.txt` lists and nothing else, so that a byte is not a number, `PF` is not a
farad and each precision of arithmetic is a dimension of its own. pint is imported on first use: it costs
more than everything else that ``capacity --help`` does.
"""

import ast
import math
import operator
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from capacity.errors import UnitError, nearest
from capacity.quantities.currencies import CURRENCIES, WORDS, currency_of
from capacity.quantities.hints import mismatch, unknown_unit
from capacity.quantities.precision import PRECISIONS, Precision
from capacity.quantities.reading import Literal, read_expression, slurm_duration_s

if TYPE_CHECKING:
    from pint import UnitRegistry
    from pint.facets.plain import PlainQuantity, PlainUnit

    Quantity: TypeAlias = PlainQuantity[Any]
    Unit: TypeAlias = PlainUnit

CAPACITY_KINDS = ("raw", "usable")


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a number may measure: its unit in the code, its name in a message, what a person may write.

    A number without a unit is taken only where `bare`: fractions and counts, which cannot be misread.
    """

    unit: str
    title: str
    examples: tuple[str, ...]
    bare: bool = False


DIMENSIONS: dict[str, Dimension] = {
    "seconds": Dimension("s", "a time", ("90 min", "36 h", "1-12:00:00", "30 day")),
    "bytes": Dimension("B", "an amount of data", ("107 PB", "97.3 PiB", "512 GiB")),
    "bytes_per_s": Dimension("B/s", "a data rate", ("650 GB/s", "200 Gb/s", "10 TB/day")),
    "bits_per_s": Dimension("b/s", "a data rate", ("200 Gb/s", "25 GB/s")),
    "per_s": Dimension("1/s", "a frequency", ("6.5 / 1000 day", "2 / h")),
    "share_per_s": Dimension("1/s", "a share per time", ("30 %/year", "2 %/month")),
    "bytes_per_s_per_byte": Dimension("1/s", "a data rate per capacity", ("6.5 GB/s/PB",)),
    "bytes_per_slot_s": Dimension("B/(slot*s)", "data written per slot and time", ("2 GB/slot/h",)),
    "bytes_per_job": Dimension("B/job", "data per job", ("5 GB/job",)),
    "watt": Dimension("W", "a power", ("700 W", "6.5 kW", "2.1 MW")),
    "watt_per_byte": Dimension("W/B", "a power per capacity", ("0.9 W/TB",)),
    "joule": Dimension("J", "an energy", ("12 kWh", "3 GWh")),
    "flop": Dimension("FLOP", "a count of operations", ("3e23 FLOP", "2655 PF-day")),
    "flops": Dimension(
        "FLOPS", "a rate of operations", ("88.5 PFLOPS", "19.5 TFLOPS_fp64_tensor", "624 TOPS")
    ),
    "jobs_per_user_day": Dimension("job/(user*day)", "a submission rate", ("1.4 job/user/day",)),
    "jobs_per_slot_day": Dimension("job/(slot*day)", "a submission rate", ("1.4 job/slot/day",)),
    "bytes_per_slot": Dimension("B/slot", "an amount of data per slot", ("30 GB/slot",)),
    "bytes_per_user": Dimension("B/user", "an amount of data per user", ("50 GB/user",)),
    "bytes_per_user_s": Dimension("B/(user*s)", "data per user and time", ("5 GB/user/month",)),
    "metre": Dimension("m", "a length", ("30 m",)),
    "metre2": Dimension("m2", "an area", ("3144 m2",)),
    "fraction": Dimension("", "a fraction", ("0.85", "85 %"), bare=True),
    "accelerators": Dimension("accelerator", "a number of accelerators", ("8", "8 GPU"), bare=True),
    "nodes": Dimension("node", "a number of nodes", ("440", "440 node"), bare=True),
    "slots": Dimension("slot", "a number of slots", ("8", "8 slot"), bare=True),
    "cores": Dimension("core", "a number of cores", ("128", "128 core"), bare=True),
    "jobs": Dimension("job", "a number of jobs", ("1000", "1000 job"), bare=True),
    "users": Dimension("user", "a number of users", ("470", "470 user"), bare=True),
}

MONEY: dict[str, Dimension] = {
    "money": Dimension("{}", "an amount of money", ("92.3 billion KRW", "923억 KRW", "78 MUSD")),
    "money_per_kwh": Dimension("{}/kWh", "a price of energy", ("97.3 KRW/kWh", "0.12 EUR/kWh")),
    "money_per_kw_month": Dimension("{}/(kW*month)", "a demand charge", ("8320 KRW/kW-month",)),
    "money_per_accelerator": Dimension("{}/GPU", "a price per accelerator", ("31 MKRW/GPU",)),
    "money_per_slot_hour": Dimension("{}/(slot*h)", "a price of an hour of a slot", ("4.10 USD/(slot*h)",)),
    "money_per_accelerator_hour": Dimension(
        "{}/(GPU*h)", "a price of an hour of an accelerator", ("4.10 USD/(GPU*h)",)
    ),
    "money_per_month": Dimension("{}/month", "an amount of money each month", ("500 million KRW/month",)),
    "exchange_rate": Dimension("{}/{}", "an exchange rate", ("1180 KRW/USD",)),
    "money_per_byte": Dimension("{}/B", "a price of storage", ("60 USD/TB", "70000 KRW/TB")),
}
"""What money may be paid for; {} stands for the code of a currency."""
_CODE_OF = {word: code for code, words in WORDS.items() for word in words}
_CURRENCY_NAME = re.compile(f"(?=({'|'.join((*CURRENCIES, *_CODE_OF))}))")  # overlapping: the MMK of MMMK

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], "Quantity"]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@cache
def _registry() -> "UnitRegistry[Any]":
    from pint import UnitRegistry  # noqa: PLC0415  # see the top of the file

    registry: UnitRegistry[Any] = UnitRegistry(None)
    registry.load_definitions(Path(__file__).with_name("units.txt"))
    return registry


@cache
def _define_currency(code: str) -> None:
    """Define a currency when it is first met: all of them would take longer than all other units."""
    _registry().define(" = ".join((code, f"[currency_{code.lower()}]", "_", *WORDS.get(code, ()))))


def quantity(text: str) -> "Quantity":
    """Return as pint quantity what `text` says: a number with a unit, arithmetic over such, a Slurm duration.

    Raises
    ------
    UnitError
        The text is no quantity, a unit is unknown, or unlike things are added.

    Examples
    --------
    >>> print(quantity("88.5 PFLOPS * 30 day").to("PF * day"))
    2655.0 PF * day
    """
    duration_s = slurm_duration_s(text)
    if duration_s is not None:
        return _registry().Quantity(float(duration_s), "s")
    expression = read_expression(text)
    values = [_value(literal) for literal in expression.literals]
    try:
        result = _evaluate(ast.parse(expression.formula, mode="eval").body, values)
    except SyntaxError as error:
        raise UnitError(f"'{text}' is no arithmetic with + - * / ( )") from error
    except ArithmeticError as error:
        raise UnitError(f"'{text}' cannot be calculated: {error}") from error
    if not math.isfinite(result.magnitude):
        raise UnitError(f"'{text}' is not a finite number")
    return result


def _value(literal: Literal) -> "Quantity":
    """Look up the unit of one number."""
    from pint.errors import PintError, UndefinedUnitError  # noqa: PLC0415

    registry = _registry()
    for name in _CURRENCY_NAME.findall(literal.unit):
        _define_currency(_CODE_OF.get(name, name))
    try:
        return registry.Quantity(literal.number, registry.parse_units(literal.unit))
    except UndefinedUnitError as error:
        name = error.unit_names if isinstance(error.unit_names, str) else error.unit_names[0]
        raise UnitError(f"unknown unit '{name}'", fix=unknown_unit(name)) from error
    except (PintError, ValueError) as error:
        raise UnitError(f"'{literal.unit}' is not a unit") from error


def _evaluate(node: ast.expr, values: "list[Quantity]") -> "Quantity":
    """Calculate a formula over ``q0``, ``q1``, …; anything but arithmetic never gets here."""
    if isinstance(node, ast.Name):
        return values[int(node.id[1:])]
    if isinstance(node, ast.UnaryOp):
        value = _evaluate(node.operand, values)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _evaluate(node.left, values), _evaluate(node.right, values)
        if isinstance(node.op, ast.Add | ast.Sub) and left.dimensionality != right.dimensionality:
            raise UnitError(
                f"{words(left)} and {words(right)} cannot be added or subtracted",
                fix=mismatch(base_dimensions(left), base_dimensions(right)),
            )
        return _OPERATORS[type(node.op)](left, right)
    raise SyntaxError


def base_dimensions(value: "Quantity") -> frozenset[str]:
    """Names of the base dimensions in `value`, as ``{"operation_fp64", "time"}``."""
    return frozenset(name.strip("[]") for name in value.dimensionality)


def precision_of(text: str) -> Precision | None:
    """Return the precision in which operations are counted in a quantity, None if it names none.

    Examples
    --------
    >>> precision_of("3 EFLOP_bf16")
    'bf16'
    """
    found = base_dimensions(quantity(text))
    return next((precision for precision in PRECISIONS if f"operation_{precision}" in found), None)


def words(value: "Quantity") -> str:
    """Name what `value` measures, as a message says it."""
    if value.dimensionless:
        return "a bare number"
    for dimension in DIMENSIONS.values():
        if value.is_compatible_with(dimension.unit):
            return dimension.title
    paid = _currencies(value)
    for dimension in MONEY.values():
        if _is_paid(value, dimension, paid):
            return f"{dimension.title} in {paid[0]}"
    for kind in CAPACITY_KINDS:
        if value.is_compatible_with(f"B_{kind}"):
            return f"an amount of {kind} storage"
    for precision in PRECISIONS:
        if value.is_compatible_with(f"FLOPS_{precision}"):
            return f"a rate of {precision} operations"
        if value.is_compatible_with(f"FLOP_{precision}"):
            return f"a count of {precision} operations"
    return str(value.dimensionality).replace("[", "").replace("]", "")


def _currencies(value: "Quantity") -> list[str]:
    """Return the codes of the currencies in a quantity, those that it is paid in first."""
    powers = {
        code: power for name, power in value.dimensionality.items() if (code := currency_of(name.strip("[]")))
    }
    return sorted(powers, key=lambda code: (-powers[code], code))


def money(text: str | float, dimension: str = "money") -> tuple[float, list[str]]:
    """Return an amount, a price or an exchange rate [`MONEY[dimension].unit`], and the codes of its money.

    The user wrote `text`; a bare number is refused. An exchange rate has two currencies: so much of the first
    is paid for one of the second.

    Raises
    ------
    UnitError
        No unit, an unknown one, or one of something else.

    Examples
    --------
    >>> money("923억 KRW"), money("60 USD/TB", "money_per_byte")
    ((92300000000.0, ['KRW']), (6e-11, ['USD']))
    >>> money("910 KRW / (100 JPY)", "exchange_rate")
    (9.1, ['KRW', 'JPY'])
    """
    wanted = MONEY[dimension]
    form = f"{wanted.title} is written {' or '.join(wanted.examples)}"
    value = quantity(text) if isinstance(text, str) else _bare(text)
    if value.unitless:
        raise UnitError(f"'{text}' has no unit", fix=form)
    paid = _currencies(value)
    if not _is_paid(value, wanted, paid):
        raise UnitError(f"'{text}' is {words(value)}, not {wanted.title}", fix=form)
    return converted(value, _registry().parse_units(wanted.unit.format(*paid))), paid


def _is_paid(value: "Quantity", wanted: Dimension, paid: list[str]) -> bool:
    fits = wanted.unit.count("{}") == len(paid)
    return fits and bool(value.is_compatible_with(wanted.unit.format(*paid)))


def to_si(
    text: str | float, dimension: str, *, precision: str | None = None, kind: str | None = None
) -> float:
    """Return the number that `text` is in the canonical unit of `dimension` [`DIMENSIONS[dimension].unit`].

    Parameters
    ----------
    text : str or float
        What the user wrote. A bare number is taken only for fractions and counts.
    precision : str, optional
        The precision in which operations are counted here. A generic ``FLOPS`` is taken as that precision; a
        unit of another one raises. Without it a unit that names a precision raises, for it would be lost.
    kind : {"raw", "usable"}, optional
        The kind of capacity meant here, with the same rule.

    Raises
    ------
    UnitError
        No unit, an unknown one, or one of something else.

    Examples
    --------
    >>> to_si("200 Gb/s", "bytes_per_s")
    25000000000.0
    >>> to_si("1-12:00:00", "seconds")
    129600.0
    """
    wanted = DIMENSIONS[dimension]
    form = f"{wanted.title} is written {' or '.join(wanted.examples)}"
    value = quantity(text) if isinstance(text, str) else _bare(text)
    if value.unitless:
        if wanted.bare:
            return float(value.to("").magnitude)
        raise UnitError(f"'{text}' has no unit", fix=form)
    if dimension == "bytes" and str(value.units).endswith("bit"):
        raise UnitError(f"'{text}' is in bits", fix="B is byte, b is bit; sizes are given in bytes: 107 PB")
    if precision is not None and precision not in PRECISIONS:
        raise UnitError(f"unknown precision '{precision}'", fix=nearest(precision, PRECISIONS))
    value = _without_tags(value, precision, kind)
    target = _registry().parse_units(wanted.unit)
    if not value.is_compatible_with(target):
        hint = mismatch(base_dimensions(value), base_dimensions(_registry().Quantity(1.0, target)))
        place = "".join(f" ({tag})" for tag in (precision, kind) if tag)
        raise UnitError(f"'{text}' is {words(value)}, not {wanted.title}{place}", fix=hint or form)
    return converted(value, target)


def converted(value: "Quantity", target: "Unit") -> float:
    """Return the number that `value` is in the unit `target`, as its writer would write it.

    That is without the last-digit noise of a conversion: 4.1 GB is 4100000000.0, not 4099999999.9999995. Only
    noise is removed: nobody writes more than twelve digits, and the seventeen of 21 PiB stay exact.

    Raises
    ------
    UnitError
        The number is too large for a computer.
    """
    number = float(value.to(target).magnitude)
    if not math.isfinite(number):
        raise UnitError(f"'{value}' is too large")
    rounded = float(f"{number:.12g}")
    return rounded if abs(rounded - number) <= 4 * math.ulp(number) else number


def _bare(number: float) -> "Quantity":
    # Compared, not converted: YAML may hold an integer that no float can.
    if isinstance(number, bool) or not abs(number) <= sys.float_info.max:
        raise UnitError(f"'{number}' is not a number that can be used here")
    return _registry().Quantity(float(number), "")


def _without_tags(value: "Quantity", precision: str | None, kind: str | None) -> "Quantity":
    """Drop the precision and the kind of capacity that the place already implies."""
    for tag, dimension, plain in ((precision, "operation", "FLOP"), (kind, "information", "B")):
        if tag is not None:
            power = value.dimensionality.get(f"[{dimension}_{tag}]", 0)
            value = value * _registry().Quantity(1.0, f"{plain}/{plain}_{tag}") ** power
    return value
