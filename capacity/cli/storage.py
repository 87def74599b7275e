"""``capacity storage``: when each tier is full, what to buy by when, and what makes it grow."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.language import language_option
from capacity.cli.options.running import scenario_options, with_progress
from capacity.cli.options.storage_projection import print_projection, projection_options
from capacity.cli.printing.output import Output, output_options
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
  capacity storage gwangju-plan --growth '30 %/year' --start-used '10.7 PB'
  capacity storage gwangju-plan --history held.csv
"""
MOST_HOLDERS = 15


@click.command(epilog=EPILOG)
@output_options
@language_option
@scenario_options
@projection_options
@click.option(
    "--plot",
    type=click.Path(readable=False),
    metavar="FILE",
    help="Draw it, too, as the report does: an .svg. The file appears whole or not at all.",
)
def command(
    *,
    loaded: "LoadedScenario",
    asked: dict[str, Any],
    growth: str | None,
    start_used: str | None,
    history: str | None,
    plot: str | None,
    output: Output,
    say: "Language",
) -> None:
    """Simulate SCENARIO and print what its storage tiers hold, by month.

    Growth comes from the simulated jobs, from the data that tenants bring in and from what people have at
    home; rules of the tiers purge and move it. A tier is full at its fill limit; what becomes of what does
    not fit, and of the jobs that wrote it, is a rule of the tier. CSV holds the months.

    With --growth or --history nothing is simulated: storage grows at a rate, or goes on as in the past.
    """
    from capacity.face.storage import storage

    without_jobs = growth is not None or history is not None
    if without_jobs or start_used is not None:
        if without_jobs and plot is not None:
            raise UsageError("--plot is for simulated storage, not with --growth or --history")
        print_projection(loaded, growth, start_used, history, asked, output, say)
        return
    drawn = None if plot is None else figure_path(plot, force=asked["force"], endings=CHARTS)
    simulated: Callable[..., StorageRun] = storage
    run = with_progress(simulated, loaded, asked)
    if drawn is not None:
        if not loaded.scenario.site.storage:
            raise InputError("there is nothing to draw: the site has no storage", where="--plot")
        from capacity.report.figures.charts import draw_storage

        with whole_file(drawn, force=asked["force"]) as part:
            draw_storage(run.result, part, say)
    print_storage(run, output, say)


def print_storage(run: "StorageRun", output: Output, say: "Language") -> None:
    """Print fill dates, what to buy, the months, who holds what, and what rules saved."""
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
    _section(
        say.text("tiers.purchases.heading"), output, report.purchase_columns(say), report.procurement(result)
    )
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
        click.echo(f"\n{title}:\n")
        for sentence in sentences:
            click.echo(f"  {sentence}")


def _short(held: list[dict[str, Any]], say: "Language") -> list[dict[str, Any]]:
    """Put the small rest in one row."""
    rest = held[MOST_HOLDERS:]
    if not rest:
        return held
    others = {"tier": say.text("tiers.all"), "tenant": say.text("tiers.others", n=len(rest)), "kind": ""}
    sums = {key: math.fsum(row[key] for row in rest) for key in ("held_bytes", "share_frac")}
    return [*held[:MOST_HOLDERS], {**others, **sums}]
