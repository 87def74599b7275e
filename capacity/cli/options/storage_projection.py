"""``capacity storage --growth`` and ``--history``: when storage is full, without simulating jobs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Col, Output

if TYPE_CHECKING:
    from capacity.inputs.reading.loader import LoadedScenario

Command = TypeVar("Command", bound=Callable[..., Any])


def projection_options(command: Command) -> Command:
    """Give a command ``--growth --start-used --history``."""
    for option in (
        click.option(
            "--history",
            type=click.Path(readable=False),
            metavar="FILE",
            help="Instead of simulating jobs: go on as this past, CSV (date,used_PB) or JSON of Open XDMoD.",
        ),
        click.option(
            "--start-used", metavar="SIZE", help="With --growth: what is used on the first delivery, '5 PB'."
        ),
        click.option(
            "--growth", metavar="RATE", help="Instead of simulating jobs: grow at this rate, '30 %/year'."
        ),
    ):
        command = option(command)
    return command


def print_projection(
    loaded: "LoadedScenario",
    growth: str | None,
    start_used: str | None,
    history: str | None,
    asked: dict[str, Any],
    output: Output,
) -> None:
    """Print what all tiers together hold month by month and when they are full, or the trends of a past."""
    from capacity.face.storage import storage

    # Any, because which options go together is for the face to say, not for its types.
    options: dict[str, Any] = {"growth": growth, "start_used": start_used, "history": history, **asked}
    document = (found := storage(loaded, **options)).to_json()
    projection = found.projection
    warn(projection.warnings)
    columns = _trend_columns() if growth is None else _month_columns()
    if output.format != "table":
        output.emit(columns, projection.rows, json_payload=document)
        return
    how = f"goes on as in {history}" if growth is None else f"grows by {growth}"
    click.echo(f"{loaded.scenario.title}: storage that {how}, without simulating jobs\n")
    for what, key in (("what is in service", "first"), ("all that is planned", "complete")):
        if key in projection.full:
            when = projection.full[key]
            click.echo(f"{what} is full {'in over 100 years' if when is None else f'on {when}'}.")
    if growth is not None:
        click.echo()
    output.emit(columns, projection.rows)
    if growth is None:
        click.echo(
            "\nThe first trend of each is the better one (AIC). Between the two days lies the 95 % "
            "prediction interval\nof a regression. An extrapolation knows nothing of what is planned."
        )


def _month_columns() -> list[Col]:
    from capacity.quantities.writing import format_bytes
    from capacity.report.words import percent, size

    return [
        Col("month", "month"),
        Col("used_bytes", "held", "", "right", lambda v: format_bytes(v, both=True)),
        Col("limit_bytes", "fill limit", "", "right", size),
        Col("used_frac", "held / fill limit", "", "right", percent),
    ]


def _trend_columns() -> list[Col]:
    from capacity.quantities.writing import format_bytes
    from capacity.report.words import percent, size

    def day(value: str | None) -> str:
        return value or "in over 100 years"

    return [
        Col("history", "history"),
        Col("trend", "trend"),
        Col("per_year_frac", "a year", "", "right", percent),
        Col("per_year_bytes", "a year", "", "right", size),
        Col("last_bytes", "last held", "", "right", format_bytes),
        Col("against", "against"),
        Col("limit_bytes", "fill limit", "", "right", size),
        Col("full_on", "full on", "", "right", day),
        Col("earliest", "between", "", "right", day),
        Col("latest", "and", "", "right", day),
    ]
