"""The options of ``capacity workload generate --model``: a published model instead of a demand of ours."""

import math
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, TypeVar, cast

import click

from capacity.cli.options.log_input import format_of_log_option, lenient_option, slots_are_option
from capacity.cli.options.policy import Duration
from capacity.errors import InputError

Command = TypeVar("Command", bound=Callable[..., Any])

REQUESTS = ("model", "exact", "tsafrir")


class Positive(click.ParamType[float]):
    """A finite number above 0."""

    name = "number"

    def __init__(self, most: float) -> None:
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401, ARG002
        """Read a number; anything else is an invalid input."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if 0 < number <= self.most:
            return number
        place = param.opts[0] if param else ""
        fix = f"a number above 0, at most {self.most:,g}"
        raise InputError(f"'{value}' is not possible here", where=place, fix=fix)


_OPTIONS = (
    click.option(
        "--model", metavar="NAME", help="Instead of a workload: a published model (`capacity list models`)."
    ),
    click.option(
        "--log",
        type=click.Path(allow_dash=True, readable=False),
        metavar="FILE",
        help="Recorded log that the model draws from: poisson, poisson-independent, resample.",
    ),
    format_of_log_option(),
    slots_are_option,
    lenient_option,
    click.option(
        "--days",
        type=Positive(50 * 365),
        metavar="N",
        help="How long jobs are submitted.  [default: as long as in the log; 365 without one]",
    ),
    click.option(
        "--slots",
        type=click.IntRange(1, 2**31 - 1),
        metavar="N",
        help="Size of the machine.  [default: the log's; 128 for lublin]",
    ),
    click.option(
        "--requests",
        type=click.Choice(REQUESTS),
        help="What jobs ask for: as the model has it, the exact run time, or round times after Tsafrir and "
        "others 2005.  [default: model; exact for lublin]",
    ),
    click.option(
        "--longest-request",
        type=Duration(),
        metavar="TIME",
        help="Under tsafrir, the longest and most frequent request: '36 h'.  [default: the log's, or a round "
        "time that is enough]",
    ),
    click.option(
        "--offered-load",
        type=Positive(100),
        metavar="FRAC",
        help="Stretch the submissions so that slots × run time is this part of the machine: 0.8.",
    ),
)


def model_options(command: Command) -> Command:
    """Give a command the options of a model; it gets them as one argument, `wish`."""

    @wraps(command)
    def packed(**given: Any) -> Any:  # noqa: ANN401 - a click callback
        from capacity.face.generate import ModelWish

        values = {entry.name: given.pop(entry.name) for entry in fields(ModelWish)}
        return command(**given, wish=ModelWish(**values))

    found: Callable[..., Any] = packed
    for option in reversed(_OPTIONS):
        found = option(found)
    return cast(Command, found)
