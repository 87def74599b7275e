"""``capacity storage``: when each tier is full, what to buy by when, and what makes it grow."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.running import scenario_options, with_progress
from capacity.cli.options.storage_projection import print_projection, projection_options
from capacity.cli.printing.output import Col, Output, output_options
from capacity.errors import InputError, UsageError
from capacity.study.files.whole_file import CHARTS, figure_path, whole_file

if TYPE_CHECKING:
    from capacity.face.storage import StorageRun
    from capacity.inputs.reading.loader import LoadedScenario

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
        print_projection(loaded, growth, start_used, history, asked, output)
        return
    drawn = None if plot is None else figure_path(plot, force=asked["force"], endings=CHARTS)
    simulated: Callable[..., StorageRun] = storage
    run = with_progress(simulated, loaded, asked)
    if drawn is not None:
        if not loaded.scenario.site.storage:
            raise InputError("there is nothing to draw: the site has no storage", where="--plot")
        from capacity.report.figures.charts import draw_storage

        with whole_file(drawn, force=asked["force"]) as part:
            draw_storage(run.result, part)
    print_storage(run, output)


def print_storage(run: "StorageRun", output: Output) -> None:
    """Print fill dates, what to buy, the months, who holds what, and what rules saved."""
    from capacity.report.terminal import storage as report

    result, scenario, rows = run.result, run.loaded.scenario, run.rows
    columns = _columns(intervals=len(result.runs) > 1)
    if output.format != "table":
        output.emit(columns, rows, json_payload=run.to_json())
        return
    click.echo(f"{scenario.title}\n")
    click.echo(f"{report.total_sentence(result)}.\n")
    for row in report.fills(result):
        click.echo(f"{row['tier']}: {report.fill_sentence(scenario, row)}.")
    first = next((n for n, row in enumerate(rows) if row["storage_capacity_bytes"]), 0)
    _section("What each tier holds at the end of each month", output, columns, rows[first:])
    _section("What to buy, raw, and by when", output, _purchase_columns(), report.procurement(result))
    _section(
        "From raw to what may be filled, when complete", output, _chain_columns(), report.chain(scenario)
    )
    held = report.holders(result)
    _section("Who holds what at the end (logical bytes)", output, _holder_columns(), _short(held))
    _sentences(
        "What the rules took off what the tiers would hold at the end",
        report.saved_sentences(report.saved(result)),
    )
    _sentences("What full tiers and quotas cost", report.cost_sentences(result))
    _sentences("How safe the data are", report.durability_sentences(scenario))


def _section(title: str, output: Output, columns: Any, rows: list[dict[str, Any]]) -> None:  # noqa: ANN401
    if rows:
        click.echo(f"\n{title}:\n")
        output.emit(columns, rows)


def _sentences(title: str, sentences: list[str]) -> None:
    if sentences:
        click.echo(f"\n{title}:\n")
        for sentence in sentences:
            click.echo(f"  {sentence}")


def _columns(*, intervals: bool) -> list[Col]:
    from capacity.quantities.writing import format_bytes
    from capacity.report.words import percent, size

    return [
        Col("month", "month"),
        Col("tier", "tier"),
        Col("storage_used_bytes", "used", "", "right", lambda v: format_bytes(v, both=True)),
        *(
            (Col("low", "95 % from", "", "right", size), Col("high", "to", "", "right", size))
            if intervals
            else ()
        ),
        Col("storage_capacity_bytes", "usable", "", "right", size),
        Col("storage_limit_bytes", "fill limit", "", "right", size),
        Col("storage_used_frac", "used / usable", "", "right", percent),
        Col("storage_purged_bytes", "purged", "", "right", size),
        Col("storage_migrated_out_bytes", "moved on", "", "right", size),
        Col("storage_refused_bytes", "turned away", "", "right", size),
    ]


def _purchase_columns() -> list[Col]:
    from capacity.quantities.writing import format_bytes

    return [
        Col("tier", "tier"),
        Col("raw_bytes", "raw when complete", "", "right", lambda v: format_bytes(v, both=True)),
        Col("missing_raw_bytes", "missing at the end", "", "right", format_bytes),
        Col("raw_bytes_per_year", "per further year", "", "right", format_bytes),
        Col("needed_by", "full on", "", "right"),
        Col("lead_time_s", "lead time", "d", "right", lambda v: f"{v / 86_400:.0f}"),
        Col("order_by", "order by", "", "right"),
    ]


def _chain_columns() -> list[Col]:
    from capacity.quantities.writing import format_bytes
    from capacity.report.words import percent

    return [
        Col("tier", "tier"),
        Col("step", "after"),
        Col("left_bytes", "left", "", "right", lambda v: format_bytes(v, both=True)),
        Col("of_raw_frac", "of raw", "", "right", percent),
    ]


def _short(held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the small rest in one row."""
    rest = held[MOST_HOLDERS:]
    if not rest:
        return held
    others = {"tier": "all", "tenant": f"{len(rest)} others", "kind": ""}
    sums = {key: math.fsum(row[key] for row in rest) for key in ("held_bytes", "share_frac")}
    return [*held[:MOST_HOLDERS], {**others, **sums}]


def _holder_columns() -> list[Col]:
    from capacity.report.words import percent, size

    return [
        Col("tier", "tier"),
        Col("tenant", "tenant"),
        Col("kind", "kind"),
        Col("held_bytes", "holds", "", "right", size),
        Col("share_frac", "share", "", "right", percent),
    ]
