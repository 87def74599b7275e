"""``capacity compare``: the same demand, with the same random numbers, on several sites or scenarios."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import click

from capacity.cli.output import Col, Output, output_options
from capacity.cli.running import processes_or_all, progress, run_options
from capacity.cli.specification import names_of, overrides_option, warn
from capacity.errors import UsageError

if TYPE_CHECKING:
    from capacity.spec.loader import LoadedScenario

EPILOG = """\b
Examples:
  capacity compare gwangju-v100 gwangju-a100 gwangju-h100
  capacity compare gwangju-plan --site gwangju-a100 --site gwangju-budget -r 10
"""


@click.command(epilog=EPILOG)
@click.argument("scenarios", nargs=-1, required=True, shell_complete=names_of("scenario"))
@click.option(
    "--site",
    "sites",
    metavar="SITE",
    multiple=True,
    help="A site for one SCENARIO's demand; give it for each site to compare.",
    shell_complete=names_of("site"),
)
@overrides_option
@run_options
@output_options
def command(
    scenarios: tuple[str, ...],
    sites: tuple[str, ...],
    overrides: tuple[str, ...],
    seed: int | None,
    replications: int | None,
    processes: int | None,
    until: date | None,
    output: Output,
) -> None:
    """Run the same demand on several SCENARIOS, or one SCENARIO on several --site, side by side.

    All runs use the same seed, so they see the same submissions and sizes; run times follow the hardware.
    """
    from capacity.report.comparison import compare_rows, compare_values, with_headings
    from capacity.report.comparison_hardware import remarks
    from capacity.study.run import run, to_json

    cases = _cases(scenarios, sites, overrides, until)
    common = seed if seed is not None else cases[0].scenario.seed
    results = []
    for case in cases:
        warn(case.warnings)
        with progress(case.scenario, title=f"{case.scenario.name} ") as show:
            results.append(
                run(
                    case,
                    seed=common,
                    replications=replications,
                    processes=processes_or_all(processes),
                    progress=show,
                )
            )
    names = [result.loaded.scenario.name for result in results]
    payload = {"seed": common, "scenarios": [to_json(result) for result in results]}
    if output.format == "csv":
        rows = compare_values(results)
        output.emit([Col(name, name) for name in rows[0]], rows)
        return
    columns = [Col("question", ""), *(Col(name, name, "", "right") for name in names)]
    output.emit(columns, with_headings(compare_rows(results)), json_payload=payload)
    if output.format == "table":
        click.echo()
        for remark in (remark for result in results for remark in remarks(result)):
            click.echo(remark)
        click.echo("Jobs ask for the same number of slots everywhere: fewer, faster slots hold fewer jobs.")


def _cases(
    scenarios: tuple[str, ...], sites: tuple[str, ...], overrides: tuple[str, ...], until: date | None
) -> list["LoadedScenario"]:
    """Load what is to be compared, everything before the first run starts.

    Raises
    ------
    UsageError
        One thing only, several scenarios with sites, or one name twice.
    """
    from capacity.spec.loader import load_scenario

    if sites and len(scenarios) > 1:
        message = "--site goes with one scenario; without it, name the scenarios to compare"
        raise UsageError(message)
    if len(sites or scenarios) < 2:
        message = "nothing to compare: name two or more scenarios, or one and two or more --site"
        raise UsageError(message)
    if len(set(sites or scenarios)) < len(sites or scenarios):
        message = "the same name is given twice"
        raise UsageError(message)
    if not sites:
        found = [load_scenario(name, overrides=overrides, until=until) for name in scenarios]
        return _called(found, [one.scenario.name for one in found], scenarios)
    found = [load_scenario(scenarios[0], overrides=overrides, until=until, site=site) for site in sites]
    return _called(found, [one.scenario.site.name for one in found], sites)


def _called(
    found: list["LoadedScenario"], names: Sequence[str], given: Sequence[str]
) -> list["LoadedScenario"]:
    """Call each case by its name, or all as they were given if two files have one name."""
    if len(set(names)) < len(names):
        names = given
    return [
        replace(one, scenario=one.scenario.model_copy(update={"name": name}))
        for one, name in zip(found, names, strict=True)
    ]
