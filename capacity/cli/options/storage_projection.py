"""``capacity storage --growth`` and ``--history``: when storage is full, without simulating jobs."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Output
from capacity.report.terminal.table import Col, Form, titled

if TYPE_CHECKING:
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.report.language import Language

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
    say: "Language",
) -> None:
    """Print what all tiers together hold month by month and when they are full, or the trends of a past."""
    from capacity.face.storage import storage

    # Any, because which options go together is for the face to say, not for its types.
    options: dict[str, Any] = {"growth": growth, "start_used": start_used, "history": history, **asked}
    document = (found := storage(loaded, **options)).to_json()
    projection = found.projection
    warn(projection.warnings)
    columns = _trend_columns(say) if growth is None else _month_columns(say)
    if output.format != "table":
        output.emit(columns, projection.rows, json_payload=document)
        return
    title = loaded.scenario.title
    if growth is None:
        click.echo(say.text("projection.by_history", title=title, path=history) + "\n")
    else:
        click.echo(say.text("projection.by_rate", title=title, growth=growth) + "\n")
        for key, day in projection.full.items():
            when = say.text("projection.never") if day is None else say.text("projection.on", day=day)
            click.echo(say.text(f"projection.{key}", when=when))
        click.echo()
    output.emit(columns, projection.rows)
    if growth is None:
        click.echo("\n" + say.text("projection.note"))


def _month_columns(say: "Language") -> list[Col]:
    from capacity.quantities.writing import format_bytes
    from capacity.report.words import size

    forms: dict[str, Form | None] = {"month": None, "used_bytes": lambda v: format_bytes(v, both=True)}
    forms |= {"limit_bytes": size, "used_frac": say.percent}
    return titled(say, "projection.months", forms)


def _trend_columns(say: "Language") -> list[Col]:
    from capacity.quantities.writing import format_bytes
    from capacity.report.words import size

    def day(value: str | None) -> str:
        return say.text("projection.never") if value is None else say.day(date.fromisoformat(value))

    forms: dict[str, Form | None] = {
        "history": None, "trend": None, "per_year_frac": say.percent, "per_year_bytes": size,
        "last_bytes": format_bytes, "against": None, "limit_bytes": size, "full_on": day, "earliest": day,
        "latest": day,
    }  # fmt: skip
    return titled(say, "projection.trends", forms)
