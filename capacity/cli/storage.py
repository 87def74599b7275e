"""``capacity storage``: how storage grows per tier, when each fills, and what makes it grow."""

import math
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.output import Col, Output, output_options
from capacity.cli.running import scenario_options

if TYPE_CHECKING:
    from capacity.study.findings import Lookup
    from capacity.study.run import Result

EPILOG = """\b
Examples:
  capacity storage
  capacity storage gwangju-as-built --set site.storage.disk.capacity.usable='40 PB'
  capacity storage gwangju-plan --format csv
"""


@click.command(epilog=EPILOG)
@scenario_options
@output_options
def command(*, result: "Result", output: Output) -> None:
    """Simulate SCENARIO and print what its storage tiers hold, by month.

    Growth comes from the simulated jobs and from the data that tenants bring in. A tier is full at its fill
    limit; what does not fit is turned away and counted.
    """
    print_storage(result, output)


def print_storage(result: "Result", output: Output) -> None:
    """Print used and capacity by tier and month, fill dates, and what drives growth."""
    from capacity.report.summary import fill_date, full_on, pace_date
    from capacity.report.words import size
    from capacity.study.findings import Lookup

    look = Lookup(result.findings)
    tiers = result.loaded.scenario.site.storage
    fills: list[dict[str, Any]] = [
        {
            "tier": tier,
            "full_on": full_on(result.loaded.scenario, tier, look),
            "fills": fill_date(result.loaded.scenario, tier, look),
            "at_recent_pace": pace_date(result.loaded.scenario, tier, look),
            "raw_bytes": tiers[tier].raw_bytes,
        }
        for tier in tiers
    ]
    payload = {
        "scenario": result.loaded.scenario.name,
        "hash": result.loaded.sha256,
        "replications": len(result.runs),
        "fill_dates": fills,
        "findings": [f.to_json() for f in result.findings if f.metric.startswith("storage_")],
    }
    rows = _rows(look)
    columns = _columns(intervals=len(result.runs) > 1)
    if output.format != "table":
        output.emit(columns, rows, json_payload=payload)
        return
    click.echo(f"{result.loaded.scenario.title}\n")
    first = next((n for n, row in enumerate(rows) if row["storage_capacity_bytes"]), 0)
    output.emit(columns, rows[first:])
    click.echo()
    for fill in fills:
        click.echo(
            f"{fill['tier']} ({size(tiers[fill['tier']].raw_bytes)} raw when complete): {fill['fills']}; "
            f"if it went on as in the last 91 days (an extrapolation): {fill['at_recent_pace']}."
        )
    click.echo("\nWhat was stored over the horizon, deletions not subtracted:\n")
    output.emit(_driver_columns(), _drivers(look))


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
            "storage_refused_bytes",
        ):
            found = look(metric, tier=where["tier"], month=where["month"])
            row[metric] = None if found is None or math.isnan(found.value) else found.value
            if metric == "storage_used_bytes" and found is not None and found.n > 1:
                row["low"], row["high"] = found.low, found.high
        rows.append(row)
    tiers = list(dict.fromkeys(row["tier"] for row in rows))
    return sorted(rows, key=lambda row: (row["month"], tiers.index(row["tier"])))


def _columns(*, intervals: bool) -> list[Col]:
    from capacity.quantity_writing import format_bytes
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
        Col("storage_refused_bytes", "turned away", "", "right", size),
    ]


def _drivers(look: "Lookup") -> list[dict[str, Any]]:
    """Return what was stored by whom, largest first; the small rest in one row."""
    found = sorted(look.of("storage_growth_bytes"), key=lambda f: -f.value)
    total = math.fsum(f.value for f in found)
    rows: list[dict[str, Any]] = [
        {**dict(f.labels), "stored_bytes": f.value, "share_frac": f.value / total} for f in found
    ]
    rest = rows[15:]
    if rest:
        stored = math.fsum(row["stored_bytes"] for row in rest)
        others = {"tier": "all", "tenant": f"{len(rest)} others", "source": ""}
        rows[15:] = [{**others, "stored_bytes": stored, "share_frac": stored / total}]
    return rows


def _driver_columns() -> list[Col]:
    from capacity.report.words import percent, size

    return [
        Col("tier", "tier"),
        Col("tenant", "tenant"),
        Col("source", "source"),
        Col("stored_bytes", "stored", "", "right", size),
        Col("share_frac", "share", "", "right", percent),
    ]
