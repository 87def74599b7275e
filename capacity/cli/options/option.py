"""Kinds of values that options take, and the forms that many options have in common."""

import math
from abc import abstractmethod
from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

import click

from capacity.errors import InputError, Problem, UnitError

Command = TypeVar("Command", bound=Callable[..., Any])
Value = TypeVar("Value")

MOST: Final = 2**31 - 1


class OptionKind(click.ParamType[Value]):
    """Values read from one text; what cannot be read is an invalid input, with the option as its place."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Value:  # noqa: ANN401, ARG002
        """Read a text; a default stays as it is."""
        found: Value = self.read(value, param.opts[0] if param else "") if isinstance(value, str) else value
        return found

    @abstractmethod
    def read(self, text: str, place: str) -> Value:
        """Return what a text stands for, or complain of it at a place."""


class IsoDate(OptionKind[date]):
    """A day such as 2022-12-31."""

    name = "date"

    def read(self, text: str, place: str) -> date:
        """Read a day."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise InputError(
                f"'{text}' is not a day", where=place, fix="write YYYY-MM-DD: 2022-12-31"
            ) from None


class Duration(OptionKind[int]):
    """A whole number of seconds, written with a unit: ``30 s``, ``5 min``, ``0 s``."""

    name = "duration"

    def read(self, text: str, place: str) -> int:
        """Read a duration in seconds."""
        seconds = _si(text, "seconds", place)
        if not (0 <= seconds < 2**31 and seconds == round(seconds)):
            fix = "whole seconds: 30 s, 5 min"
            raise InputError(f"'{text}' is no length of time here", where=place, fix=fix)
        return round(seconds)


class Fraction(OptionKind[float]):
    """A fraction between 0 and 1, written ``5 %`` or ``0.05``."""

    name = "fraction"

    def read(self, text: str, place: str) -> float:
        """Read a fraction."""
        found = _si(text, "fraction", place)
        if not 0 < found < 1:
            fix = "write 5 % or 0.05"
            raise InputError(f"'{text}' is no fraction between 0 and 1", where=place, fix=fix)
        return found


class Positive(OptionKind[float]):
    """A finite number above 0."""

    name = "number"

    def __init__(self, most: float) -> None:
        self.most = most

    def read(self, text: str, place: str) -> float:
        """Read a number."""
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if 0 < number <= self.most:
            return number
        fix = f"a number above 0, at most {self.most:,g}"
        raise InputError(f"'{text}' is not possible here", where=place, fix=fix)


def _si(text: str, unit: str, place: str) -> float:
    from capacity.quantities.units import to_si

    try:
        return to_si(text, unit)
    except UnitError as error:
        raise InputError(Problem(p.what, place, p.fix) for p in error.problems) from None


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Return options as one decorator; help lists them in this order."""

    def give(command: Any) -> Any:  # noqa: ANN401 - a click command and the same command
        for option in reversed(options):
            command = option(command)
        return command

    return give


def valued(names: str, metavar: str, text: str, **more: Any) -> Callable[[Command], Command]:  # noqa: ANN401
    """Return an option with a value; `names` as ``"-o --output directory"``, `text` for help."""
    return click.option(*names.split(), metavar=metavar, help=text, **more)


def flag(names: str, text: str) -> Callable[[Command], Command]:
    """Return an option without a value."""
    return click.option(*names.split(), is_flag=True, help=text)


def count(
    names: str, text: str, *, least: int = 1, most: int = MOST, metavar: str = "N", **more: Any  # noqa: ANN401
) -> Callable[[Command], Command]:  # fmt: skip
    """Return an option with a whole number from `least` to `most`."""
    return valued(names, metavar, text, type=click.IntRange(least, most), **more)


def seed(text: str, names: str = "--seed", **more: Any) -> Callable[[Command], Command]:  # noqa: ANN401
    """Return an option with the seed of random numbers."""
    return count(names, text, least=0, most=2**63 - 1, **more)


def day(names: str, text: str) -> Callable[[Command], Command]:
    """Return an option with a day."""
    return valued(names, "DATE", text, type=IsoDate())


def file(names: str, text: str, *, metavar: str = "FILE", dash: bool = False) -> Callable[[Command], Command]:
    """Return an option with a path, which is opened later; with `dash` also a standard stream."""
    return valued(names, metavar, text, type=click.Path(allow_dash=dash, readable=False))
