"""``--precision 5%``: run until every headline figure is known that well, and say what is not."""

from typing import TYPE_CHECKING, Any

import click

from capacity.errors import InputError, Problem

if TYPE_CHECKING:
    from capacity.face.compare import Compared
    from capacity.face.simulate import Run


class Fraction(click.ParamType[float]):
    """A fraction between 0 and 1, written ``5 %`` or ``0.05``."""

    name = "fraction"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401, ARG002
        """Read a fraction; anything else is an invalid input."""
        if isinstance(value, float):
            return value
        from capacity.errors import UnitError
        from capacity.quantities.units import to_si

        place = param.opts[0] if param else ""
        try:
            found = to_si(value, "fraction")
        except UnitError as error:
            raise InputError(Problem(p.what, place, p.fix) for p in error.problems) from None
        if not 0 < found < 1:
            raise InputError(
                f"'{value}' is no fraction between 0 and 1", where=place, fix="write 5 % or 0.05"
            )
        return found


def precision_option(command: Any) -> Any:  # noqa: ANN401 - a click command and the same command
    """Give a command ``--precision``."""
    return click.option(
        "--precision",
        type=Fraction(),
        metavar="PERCENT",
        help="Replicate until use, p95 waits and storage have 95 % intervals of at most so much to "
        "either side, as 5%; -r is the most replications then.  [default: 100]",
    )(command)


def say_precision(run: "Run | Compared", replications: int) -> None:
    """Say on stderr how many replications it took, and what is not known as well as was asked for."""
    if run.precision is None:
        return
    from capacity.report.language import Language
    from capacity.report.words import percent

    say = Language("en")
    asked = f"±{percent(run.precision)}"
    if not run.imprecise:
        click.echo(f"after {replications} replications every headline figure is known to {asked}", err=True)
    for one in run.imprecise:
        what = f"{one.case}: {say.metric(one.metric)}, {say.place(dict(one.labels))}"
        click.echo(
            f"warning: {what} is known to ±{percent(one.half_width_frac)} after {replications} replications, "
            f"not to {asked}",
            err=True,
        )
