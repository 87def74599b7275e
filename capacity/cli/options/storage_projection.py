"""``capacity storage --growth`` and ``--history``: when storage is full, without simulating jobs."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from capacity.cli.printing.output import Output
from capacity.errors import InputError, UsageError
from capacity.report.terminal.table import Col, Form, titled

if TYPE_CHECKING:
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.inputs.site import Site
    from capacity.report.language import Language
    from capacity.study.storage.history import History

Command = TypeVar("Command", bound=Callable[..., Any])
Row = dict[str, Any]
YEAR_S = 365 * 86_400


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


def check(options: dict[str, Any]) -> None:
    """Make sure that the options for a projection go together.

    Raises
    ------
    UsageError
        They do not.
    """
    if options["growth"] is not None and options["history"] is not None:
        raise UsageError("--growth and --history are two ways to go on: give one of them")
    if (options["growth"] is None) != (options["start_used"] is None):
        raise UsageError("--growth and --start-used go together: from how much does it grow?")
    without_jobs = options["growth"] is not None or options["history"] is not None
    for name, word in (("plot", "--plot"), ("directory", "--output"), ("replications", "--replications")):
        if without_jobs and options[name] is not None:
            raise UsageError(f"{word} is for simulated storage, not with --growth or --history")


def project(loaded: "LoadedScenario", options: dict[str, Any]) -> bool:
    """Answer without simulating if the options ask for it; say whether they did."""
    if options["growth"] is not None:
        _by_rate(loaded, options["growth"], options["start_used"], options["output"], options["say"])
    elif options["history"] is not None:
        _by_history(loaded, Path(options["history"]), options["output"], options["say"])
    elif not loaded.scenario.simulate.storage:
        what = "storage is left out of the simulation: there is nothing to say about it"
        raise InputError(what, where="simulate.storage", fix="true, or ask with --growth or --history")
    else:
        return False
    return True


def _amount(text: str, dimension: str, option: str) -> float:
    from capacity.quantities.units import to_si

    try:
        return to_si(text, dimension)
    except InputError as error:
        problem = error.problems[0]
        raise InputError(problem.what, where=option, fix=problem.fix) from None


def _limits(site: "Site", first: date, tier: str = "") -> list[tuple[date, float]]:
    """Return from which day on how much of a tier, or of all, may be filled [B]."""
    return [
        (
            step.day,
            sum(
                step.usable_bytes[name] * t.fill_limit
                for name, t in site.storage.items()
                if tier in ("", name)
            ),
        )
        for step in site.schedule(first_day=first)
    ]


def _by_rate(loaded: "LoadedScenario", growth: str, start_used: str, output: Output, say: "Language") -> None:
    """Print what all tiers together hold month by month, and when they are full."""
    from capacity.study.storage.projection import Growing, first_full

    scenario = loaded.scenario
    rate = _amount(growth, "share_per_s", "--growth") * YEAR_S
    used = _amount(start_used, "bytes", "--start-used")
    if not used > 0:
        raise InputError(f"'{start_used}' is not more than 0", where="--start-used")
    if rate <= -1:
        raise InputError(
            f"'{growth}' leaves nothing after a year", where="--growth", fix="more than -100 %/year"
        )
    steps = [(day, most) for day, most in _limits(scenario.site, scenario.start) if most > 0]
    if not steps:
        raise InputError("the site has no storage to fill", where=loaded.scenario.site.name)
    growing = Growing(max(steps[0][0], scenario.start), used, rate)
    full = {"in_service": first_full(growing, steps), "complete": first_full(growing, steps, last=True)}
    rows = [*_months(growing, steps, scenario.until)]
    payload = {
        "scenario": scenario.name,
        "growth_per_year_frac": rate,
        "start_used_bytes": used,
        "first_full": _iso(full["in_service"]),
        "complete_full": _iso(full["complete"]),
        "months": rows,
    }
    if output.format != "table":
        output.emit(_month_columns(say), rows, json_payload=payload)
        return
    click.echo(say.text("projection.by_rate", title=scenario.title, growth=growth) + "\n")
    for key, day in full.items():
        when = say.text("projection.never") if day is None else say.text("projection.on", day=day)
        click.echo(say.text(f"projection.{key}", when=when))
    click.echo()
    output.emit(_month_columns(say), rows)


def _months(growing: Any, steps: list[tuple[date, float]], until: date) -> Iterator[Row]:  # noqa: ANN401
    """Yield one row for the end of each month from the start to the horizon's end."""
    year, month = growing.start.year, growing.start.month
    while date(year, month, 1) <= until:
        end = date(year + month // 12, month % 12 + 1, 1)
        limit = max((most for day, most in steps if day < end), default=0.0)
        used = growing.at(end)
        yield {
            "month": f"{year}-{month:02}",
            "used_bytes": used,
            "limit_bytes": limit,
            "used_frac": used / limit,
        }
        year, month = end.year, end.month


def _month_columns(say: "Language") -> list[Col]:
    from capacity.quantities.writing import format_bytes
    from capacity.report.words import size

    forms: dict[str, Form | None] = {"month": None, "used_bytes": lambda v: format_bytes(v, both=True)}
    forms |= {"limit_bytes": size, "used_frac": say.percent}
    return titled(say, "projection.months", forms)


def _by_history(loaded: "LoadedScenario", path: Path, output: Output, say: "Language") -> None:
    """Print the trends of a past and when each reaches what may be filled."""
    from capacity.study.storage.history import read_history

    site = loaded.scenario.site
    rows: list[Row] = []
    for history in read_history(path):
        for warning in history.warnings:
            click.echo(f"warning: {path}: {warning}", err=True)
        tier = history.name if history.name in site.storage else ""
        limit = _limits(site, loaded.scenario.start, tier)[-1][1]
        rows += _trends(history, tier or "all tiers", limit)
    if output.format == "table":
        click.echo(say.text("projection.by_history", title=loaded.scenario.title, path=path) + "\n")
    output.emit(_trend_columns(say), rows, json_payload={"scenario": loaded.scenario.name, "trends": rows})
    if output.format == "table":
        click.echo("\n" + say.text("projection.note"))


def _trends(history: "History", against: str, limit: float) -> Iterator[Row]:
    from capacity.study.storage.projection import fit

    last = history.days[-1]
    for trend in fit(history):
        linear = trend.shape == "linear"
        yield {
            "history": history.name or "all",
            "trend": trend.shape,
            "per_year_frac": None if linear else trend.per_year_frac,
            "per_year_bytes": trend.slope * 365 if linear else None,
            "last_day": last.isoformat(),
            "last_bytes": history.used_bytes[-1],
            "against": against,
            "limit_bytes": limit,
            "full_on": _iso(trend.reaches(limit, last)),
            "earliest": _iso(trend.reaches(limit, last, quantile=0.975)),
            "latest": _iso(trend.reaches(limit, last, quantile=0.025)),
        }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


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
