"""``capacity simulate``: queue load, utilization and storage, month by month through the horizon."""

from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.require import judge_requirements, require_option
from capacity.cli.options.running import scenario_options, with_progress
from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Col, Output, output_options

if TYPE_CHECKING:
    from capacity.face.simulate import Run
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.report.terminal.monthly import Months

EPILOG = """\b
Examples:
  capacity simulate
  capacity simulate gwangju-as-built -r 10 -o results/as-built
  capacity simulate gwangju-plan --set site.pools.gpu.nodes=300 --json
"""


@click.command(epilog=EPILOG)
@scenario_options
@require_option
@output_options
def command(
    *, loaded: "LoadedScenario", asked: dict[str, Any], requirements: tuple[str, ...], output: Output
) -> None:
    """Simulate SCENARIO and print its load, waits and storage by month.

    SCENARIO is a name (see: capacity list scenarios) or a file. Jobs that still wait at the end of the
    horizon count in the quantiles with their wait so far.
    """
    from capacity.face.simulate import check_required, simulate

    warn(check_required(requirements, loaded))
    run = with_progress(simulate, loaded, {**asked, "require": requirements})
    print_run(run, output)
    judge_requirements(run)


def print_run(run: "Run", output: Output) -> None:
    """Print the monthly table and what it means."""
    from capacity.report.terminal.monthly import monthly, without_idle_start
    from capacity.report.terminal.summary import summary

    result, scenario = run.result, run.loaded.scenario
    declared = scenario.site.declared
    precision = declared.precision if declared else "fp64_tensor"
    tiers = list(scenario.site.storage) if scenario.simulate.storage else []
    months = monthly(result.findings, list(scenario.site.pools), tiers, precision)
    rows = without_idle_start(months.rows) if output.format == "table" else months.rows
    if output.format == "table":
        click.echo(f"{scenario.title}\n")
    output.emit(columns(months), rows, json_payload=run.to_json())
    if output.format == "table":
        click.echo()
        for sentence in summary(result, months):
            click.echo(sentence)
        jobs = sum(one.jobs for one in result.runs)
        engine_s = sum(one.timings["engine_s"] for one in result.runs)
        click.echo(
            f"{len(result.runs)} replication{'s' * (len(result.runs) > 1)}, seed {result.seed}, "
            f"scenario {result.loaded.sha256[:12]}: "
            f"{jobs:,} jobs in {result.total_s:.1f} s, {engine_s:.1f} s of it in the batch system",
            err=True,
        )


def columns(months: "Months") -> list[Col]:
    """Columns of the monthly table: the site, then each pool, then storage."""
    from capacity.report.words import count, percent, short_duration

    def right(key: str, title: str, unit: str, form: object) -> Col:
        return Col(key, title, unit, "right", form)  # type: ignore[arg-type]

    def half_width(key: str, form: object) -> list[Col]:
        """Return the column of the 95 % interval's half width, where replications give one."""
        key = f"{key}.half_width"
        return [right(key, "±", "", form)] if any(key in row for row in months.rows) else []

    found = [
        Col("month", "month"),
        right("peak_flops", f"PFLOPS {months.precision}", "", lambda v: f"{v / 1e15:.2f}"),
    ]
    for pool in months.pools:
        found += [
            right(f"utilization.{pool}", f"{pool} used", "", percent),
            *half_width(f"utilization.{pool}", percent),
            right(f"p50_wait_s.{pool}", f"{pool} wait p50", "", short_duration),
            right(f"p95_wait_s.{pool}", f"{pool} p95", "", short_duration),
            *half_width(f"p95_wait_s.{pool}", short_duration),
            right(f"queue_length.{pool}", f"{pool} queue", "jobs", count),
        ]
    if not months.tiers:
        return found
    return [
        *found,
        right("storage_used_bytes", "stored", "PB", lambda v: f"{v / 1e15:.2f}"),
        right("storage_capacity_bytes", "of", "PB usable", lambda v: f"{v / 1e15:.1f}"),
    ]
