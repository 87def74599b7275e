"""``capacity storage``: when each tier is full, what to buy by when, and what makes it grow."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.option import file, valued
from capacity.cli.options.running import scenario_options, with_progress
from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.errors import InputError, UsageError
from capacity.study.files.whole_file import CHARTS, figure_path, whole_file

if TYPE_CHECKING:
    from capacity.face.storage import StorageRun
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity storage
  capacity storage gwangju-as-built --set site.storage.disk.capacity.usable='40 PB'
  capacity storage gwangju-plan -r 10 --set site.storage.disk.migrate=null
  capacity storage gwangju-plan -r 10 --plot storage.svg
  capacity storage gwangju-plan --format csv
  capacity storage gwangju-plan -r 10 --growth '15 %/year' --look-ahead '15 year'
  capacity storage gwangju-plan --growth '30 %/year' --start-used '10.7 PB'
  capacity storage gwangju-plan --history held.csv
"""
MOST_HOLDERS = 15


@click.command(epilog=EPILOG)
@output_options
@language_option
@scenario_options
@valued("--look-ahead", "TIME", "How far beyond the horizon, to find when it is full.  [default: 10 year]")
@valued("--growth", "RATE", "Demand grows so once plan and horizon end, '30 %/year'.  [default: it is held]")
@valued("--start-used", "SIZE", "Instead of simulating jobs: bytes grow by --growth, from '5 PB' at first.")
@file(
    "--history", "Instead of simulating jobs: go on as this past, CSV (date,used_PB) or JSON of Open XDMoD."
)
@file("--plot", "Draw it, too, as the report does: an .svg. The file appears whole or not at all.")
def command(
    *, loaded: "LoadedScenario", asked: dict[str, Any], plot: str | None, output: Output, say: "Language",
    **past: str | None,
) -> None:  # fmt: skip
    """Simulate SCENARIO and print what its storage tiers hold, by month.

    Growth comes from the simulated jobs, from the data that tenants bring in and from what people have at
    home; rules of the tiers purge and move it. A tier is full at its fill limit; what becomes of what does
    not fit, and of the jobs that wrote it, is a rule of the tier. CSV holds the months.

    When a tier is full after the horizon is found by going on: with the demand of the plan as far as it goes,
    then held at its last value or growing by --growth. With --start-used or --history no job is simulated:
    storage grows at a rate, or goes on as in the past.
    """
    from capacity.face.storage import storage

    if past["start_used"] is not None or past["history"] is not None:
        if plot is not None:
            raise UsageError("--plot is for simulated storage, not with --start-used or --history")
        _print_projection(loaded, past, asked, output, say)
        return
    drawn = None if plot is None else figure_path(plot, force=asked["force"], endings=CHARTS)
    simulated: Callable[..., StorageRun] = storage
    run = with_progress(
        partial(simulated, growth=past["growth"], look_ahead=past["look_ahead"]), loaded, asked, say
    )
    if drawn is not None:
        if not loaded.scenario.site.storage:
            raise InputError("there is nothing to draw: the site has no storage", where="--plot")
        from capacity.report.figures.charts import draw_storage

        with whole_file(drawn, force=asked["force"]) as part:
            draw_storage(run.result, part, say)
    _print(run, output, say)


def _print(run: "StorageRun", output: Output, say: "Language") -> None:
    """Print fill dates, what to buy, the months, who holds what, and what rules saved."""
    from capacity.report.terminal import deliveries, purchases
    from capacity.report.terminal import storage as report

    result, scenario, rows = run.result, run.loaded.scenario, run.rows
    columns = report.tier_month_columns(say, intervals=len(result.runs) > 1)
    if output.format != "table":
        output.emit(columns, rows, json_payload=run.to_json())
        return
    click.echo(f"{scenario.title}\n")
    click.echo(f"{report.total_sentence(result, say)}.\n")
    for row in report.fills(result):
        click.echo(f"{row['tier']}: {report.fill_sentence(scenario, row, say)}.")
    first = next((n for n, row in enumerate(rows) if row["storage_capacity_bytes"]), 0)
    held, saved = report.holders(result), report.saved_sentences(report.saved(result), say)
    _section(say.text("tiers.months.heading"), output, columns, rows[first:])
    buy = purchases.procurement(result)
    bought = purchases.purchase_rows(buy, say)
    _section(say.text("tiers.purchases.heading"), output, purchases.purchase_columns(say), bought)
    _sentences(say.text("tiers.purchases.lacking"), purchases.purchase_sentences(scenario, buy, say))
    planned = deliveries.order_rows(deliveries.orders(scenario), say)
    _section(say.text("orders.heading"), output, deliveries.order_columns(say), planned)
    _section(say.text("tiers.chain.heading"), output, report.chain_columns(say), report.chain(scenario))
    _section(say.text("tiers.holders.heading"), output, report.holder_columns(say), _short(held, say))
    _sentences(say.text("tiers.saved"), saved)
    _sentences(say.text("tiers.costs"), report.cost_sentences(result, say))
    _sentences(say.text("tiers.safety"), report.durability_sentences(scenario, say))


def _section(title: str, output: Output, columns: Any, rows: list[dict[str, Any]]) -> None:  # noqa: ANN401
    if rows:
        click.echo(f"\n{title}:\n")
        output.emit(columns, rows)


def _sentences(title: str, sentences: list[str]) -> None:
    if sentences:
        click.echo("\n  ".join((f"\n{title}:\n", *sentences)))


def _short(held: list[dict[str, Any]], say: "Language") -> list[dict[str, Any]]:
    """Put the small rest in one row."""
    rest = held[MOST_HOLDERS:]
    if not rest:
        return held
    others = {"tier": say.text("tiers.all"), "tenant": say.text("tiers.others", n=len(rest)), "kind": ""}
    sums = {key: math.fsum(row[key] for row in rest) for key in ("held_bytes", "share_frac")}
    return [*held[:MOST_HOLDERS], {**others, **sums}]


def _print_projection(
    loaded: "LoadedScenario", past: Mapping[str, str | None], asked: dict[str, Any], output: Output,
    say: "Language",
) -> None:  # fmt: skip
    """Print what all tiers together hold month by month and when they are full, or the trends of a past."""
    from capacity.face.storage import storage
    from capacity.report.terminal import storage as report

    # Any, because which options go together is for the face to say, not for its types.
    options: dict[str, Any] = {**past, **asked}
    document = (found := storage(loaded, **options)).to_json()
    projection, growth = found.projection, past["growth"]
    warn(projection.warnings, say)
    columns = report.trend_columns(say) if growth is None else report.projected_month_columns(say)
    if output.format != "table":
        output.emit(columns, projection.rows, json_payload=document)
        return
    title = loaded.scenario.title
    if growth is None:
        click.echo(say.text("projection.by_history", title=title, path=past["history"]) + "\n")
    else:
        click.echo(say.text("projection.by_rate", title=title, growth=growth) + "\n")
        for key, day in projection.full.items():
            when = say.text("projection.never") if day is None else say.text("projection.on", day=day)
            click.echo(say.text(f"projection.{key}", when=when))
        click.echo()
    output.emit(columns, projection.rows)
    if growth is None:
        click.echo("\n" + say.text("projection.note"))
