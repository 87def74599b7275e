"""``capacity simulate``: queue load, utilization and storage, month by month through the horizon."""

from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.require import in_futures_option, judge_requirements, require_option
from capacity.cli.options.running import scenario_options, with_progress
from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Output, language_option, output_options

if TYPE_CHECKING:
    from capacity.face.simulate import Run
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity simulate
  capacity simulate gwangju-as-built -r 10 -o results/as-built
  capacity simulate gwangju-plan --set site.pools.gpu.nodes=300 --json
"""


@click.command(epilog=EPILOG)
@scenario_options
@require_option
@in_futures_option
@language_option
@output_options
def command(
    *, loaded: "LoadedScenario", asked: dict[str, Any], requirements: tuple[str, ...], in_futures: float,
    output: Output, say: "Language",
) -> None:  # fmt: skip
    """Simulate SCENARIO and print its load, waits and storage by month.

    SCENARIO is a name (see: capacity list scenarios) or a file. Jobs that still wait at the end of the
    horizon count in the quantiles with their wait so far.
    """
    from capacity.face.simulate import check_required, simulate

    warn(check_required(requirements, loaded), say)
    run = with_progress(simulate, loaded, {**asked, "require": requirements, "in_futures": in_futures}, say)
    _print(run, output, say)
    judge_requirements(run, say)


def _print(run: "Run", output: Output, say: "Language") -> None:
    """Print the monthly table and what it means."""
    from capacity.report.terminal.months import month_columns, monthly, without_idle_start
    from capacity.report.terminal.simulation import summary
    from capacity.report.terminal.uncertainty.futures import answers
    from capacity.report.terminal.waits import by_size

    result, scenario = run.result, run.loaded.scenario
    declared = scenario.site.declared
    precision = declared.precision if declared else "fp64_tensor"
    tiers = list(scenario.site.storage) if scenario.simulate.storage else []
    months = monthly(result.look, list(scenario.site.pools), tiers, precision)
    if output.format != "table":
        output.emit(month_columns(months, say), months.rows, json_payload=run.to_json())
        return
    click.echo(f"{scenario.title}\n")
    output.emit(month_columns(months, say), without_idle_start(months.rows, say))
    click.echo()
    if result.futures is not None:
        output.show(answers(result, say))
    else:
        output.show(summary(result, months, say))
    click.echo()
    served = [row["month"] for row in months.rows]
    output.show(by_size(result.look, months.pools, served, say))
    said = say.text(
        "simulation.run", n=len(result.runs), seed=result.seed, hash=result.loaded.sha256[:12],
        jobs=sum(one.jobs for one in result.runs), total=result.total_s,
        engine=sum(one.timings["engine_s"] for one in result.runs),
    )  # fmt: skip
    click.echo(said, err=True)
