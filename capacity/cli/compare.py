"""``capacity compare``: the same demand, with the same random numbers, on several sites or scenarios."""

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
    from capacity.report.comparison import compare_rows, run_time_remark
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
    columns = [Col("question", ""), *(Col(name, name, "", "right") for name in names)]
    payload = {"seed": common, "scenarios": [to_json(result) for result in results]}
    output.emit(columns, compare_rows(results), json_payload=payload)
    if output.format == "table":
        click.echo()
        for result in results:
            click.echo(run_time_remark(result))


def _cases(
    scenarios: tuple[str, ...], sites: tuple[str, ...], overrides: tuple[str, ...], until: date | None
) -> list["LoadedScenario"]:
    """Load what is to be compared, everything before the first run starts.

    Raises
    ------
    UsageError
        One thing only, several scenarios with sites, or one name twice.
    """
    from capacity.spec.loader import LoadedScenario, load_scenario

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
        return [load_scenario(name, overrides=overrides, until=until) for name in scenarios]
    found = []
    for site in sites:
        loaded = load_scenario(scenarios[0], overrides=overrides, until=until, site=site)
        named = loaded.scenario.model_copy(update={"name": loaded.scenario.site.name})
        found.append(LoadedScenario(named, loaded.data, loaded.origins, loaded.sha256, loaded.warnings))
    return found
