"""``capacity storage``: when each tier is full, what to buy by when, and what makes it grow."""

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.language import language_option
from capacity.cli.options.running import scenario_options
from capacity.cli.options.storage_projection import check, project, projection_options
from capacity.cli.printing.file_output import CHARTS, figure_path, whole_file
from capacity.cli.printing.output import Output, output_options
from capacity.errors import InputError
from capacity.report.terminal.table import Col, Form, titled

if TYPE_CHECKING:
    from capacity.measure.findings import Lookup
    from capacity.report.language import Language
    from capacity.study.run import Result

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


def _check(options: dict[str, Any]) -> None:
    """Find out before the run whether the options go together, and the figure can be drawn."""
    check(options)
    if options["plot"] is not None:
        options["plot"] = figure_path(options["plot"], force=options["force"], endings=CHARTS)
        options["overwrite"] = options["force"]


@click.command(epilog=EPILOG)
@output_options
@language_option
@partial(scenario_options, what_if=True, check=_check, instead=project)
@projection_options
@click.option(
    "--plot",
    type=click.Path(readable=False),
    metavar="FILE",
    help="Draw it, too, as the report does: an .svg. The file appears whole or not at all.",
)
def command(
    *,
    result: "Result",
    output: Output,
    say: "Language",
    plot: Path | None,
    overwrite: bool = False,
    **_projection: None,
) -> None:
    """Simulate SCENARIO and print what its storage tiers hold, by month.

    Growth comes from the simulated jobs, from the data that tenants bring in and from what people have at
    home; rules of the tiers purge and move it. A tier is full at its fill limit; what becomes of what does
    not fit, and of the jobs that wrote it, is a rule of the tier. CSV holds the months.

    With --growth or --history nothing is simulated: storage grows at a rate, or goes on as in the past.
    """
    if plot is not None:
        if not result.loaded.scenario.site.storage:
            raise InputError("there is nothing to draw: the site has no storage", where="--plot")
        from capacity.report.figures.charts import draw_storage

        with whole_file(plot, force=overwrite) as part:
            draw_storage(result, part, say)
    print_storage(result, output, say)


def print_storage(result: "Result", output: Output, say: "Language") -> None:
    """Print fill dates, what to buy, the months, who holds what, and what rules saved."""
    from capacity.measure.findings import Lookup
    from capacity.report.terminal import storage as report

    look, scenario = Lookup(result.findings), result.loaded.scenario
    rows = _rows(look)
    columns = _columns(say, intervals=len(result.runs) > 1)
    fills, purchases = report.fills(result), report.procurement(result)
    if output.format != "table":
        payload = {
            "scenario": scenario.name,
            "hash": result.loaded.sha256,
            "replications": len(result.runs),
            "fill_dates": [_plain(row) for row in fills],
            "procurement": [_plain(row) for row in purchases],
            "raw_to_fillable": report.chain(scenario),
            "held": report.holders(result),
            "saved": report.saved(result),
            "findings": [f.to_json() for f in result.findings if f.metric.startswith("storage_")],
        }
        output.emit(columns, rows, json_payload=payload)
        return
    click.echo(f"{scenario.title}\n")
    click.echo(f"{report.total_sentence(result, say)}.\n")
    for row in fills:
        click.echo(f"{row['tier']}: {report.fill_sentence(scenario, row, say)}.")
    first = next((n for n, row in enumerate(rows) if row["storage_capacity_bytes"]), 0)
    held, saved = report.holders(result), report.saved_sentences(report.saved(result), say)
    _section(say.text("tiers.months.heading"), output, columns, rows[first:])
    _section(say.text("tiers.purchases.heading"), output, _purchase_columns(say), purchases)
    _section(say.text("tiers.chain.heading"), output, _chain_columns(say), report.chain(scenario))
    _section(say.text("tiers.holders.heading"), output, _holder_columns(say), _short(held, say))
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


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Write days as text and what is not known as nothing."""

    def written(value: Any) -> Any:  # noqa: ANN401
        if hasattr(value, "isoformat"):
            return value.isoformat()
        return None if isinstance(value, float) and math.isnan(value) else value

    return {key: written(value) for key, value in row.items()}


def _rows(look: "Lookup") -> list[dict[str, Any]]:
    """One row per month and tier."""
    rows = []
    for used in look.of("storage_used_bytes"):
        where = dict(used.labels)
        if where["month"] == "all":
            continue
        row: dict[str, Any] = {"month": where["month"], "tier": where["tier"]}
        for metric in (
            "storage_used_bytes",
            "storage_capacity_bytes",
            "storage_limit_bytes",
            "storage_used_frac",
            "storage_purged_bytes",
            "storage_migrated_out_bytes",
            "storage_refused_bytes",
        ):
            found = look(metric, tier=where["tier"], month=where["month"])
            row[metric] = None if found is None or math.isnan(found.value) else found.value
            if metric == "storage_used_bytes" and found is not None and found.n > 1:
                row["low"], row["high"] = found.low, found.high
        rows.append(row)
    tiers = list(dict.fromkeys(row["tier"] for row in rows))
    return sorted(rows, key=lambda row: (row["month"], tiers.index(row["tier"])))


def _columns(say: "Language", *, intervals: bool) -> list[Col]:
    from capacity.report.words import size

    interval: dict[str, Form | None] = {"low": size, "high": size} if intervals else {}
    return titled(
        say,
        "tiers.months",
        {
            "month": None,
            "tier": None,
            "storage_used_bytes": _both,
            **interval,
            "storage_capacity_bytes": size,
            "storage_limit_bytes": size,
            "storage_used_frac": say.percent,
            "storage_purged_bytes": size,
            "storage_migrated_out_bytes": size,
            "storage_refused_bytes": size,
        },
    )


def _both(size_bytes: float) -> str:
    from capacity.quantities.writing import format_bytes

    return format_bytes(size_bytes, both=True)


def _purchase_columns(say: "Language") -> list[Col]:
    from capacity.quantities.writing import format_bytes

    forms: dict[str, Form | None] = {
        "tier": None, "raw_bytes": _both, "missing_raw_bytes": format_bytes,
        "raw_bytes_per_year": format_bytes, "needed_by": say.day,
        "lead_time_s": lambda v: f"{v / 86_400:.0f}", "order_by": say.day,
    }  # fmt: skip
    return titled(say, "tiers.purchases", forms)


def _chain_columns(say: "Language") -> list[Col]:
    forms = {"tier": None, "step": None, "left_bytes": _both, "of_raw_frac": say.percent}
    return titled(say, "tiers.chain", forms)


def _short(held: list[dict[str, Any]], say: "Language") -> list[dict[str, Any]]:
    """Put the small rest in one row."""
    rest = held[MOST_HOLDERS:]
    if not rest:
        return held
    others = {"tier": say.text("tiers.all"), "tenant": say.text("tiers.others", n=len(rest)), "kind": ""}
    sums = {key: math.fsum(row[key] for row in rest) for key in ("held_bytes", "share_frac")}
    return [*held[:MOST_HOLDERS], {**others, **sums}]


def _holder_columns(say: "Language") -> list[Col]:
    from capacity.report.words import size

    forms = {"tier": None, "tenant": None, "kind": None, "held_bytes": size, "share_frac": say.percent}
    return titled(say, "tiers.holders", forms)
