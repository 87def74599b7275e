"""``capacity compare``: the same demand, with the same random numbers, on several sites or scenarios."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.options.executing import executor_of, runs_progress
from capacity.cli.options.language import language_option
from capacity.cli.options.precision import MOST_REPLICATIONS, precision_option, say_precision
from capacity.cli.options.running import directory_options, processes_or_all, run_options
from capacity.cli.options.specification import names_of, overrides_option, warn
from capacity.cli.printing.file_output import CHARTS, figure_path, whole_file
from capacity.cli.printing.output import Output, output_options
from capacity.errors import UsageError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.report.language import Language
    from capacity.study.compare.comparison import Comparison

EPILOG = """\b
Examples:
  capacity compare gwangju-v100 gwangju-a100 gwangju-h100
  capacity compare gwangju-plan --site gwangju-a100 --site gwangju-budget -r 20
  capacity compare gwangju-plan --policy fcfs --policy easy --policy sjf+easy
  capacity compare gwangju-plan gwangju-as-built --plot comparison.svg -o results/comparison
"""
REPLICATIONS = 10
"""Enough for verdicts on what matters; the scenario's own if that is more."""


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
@click.option(
    "--policy",
    "policies",
    metavar="ORDER[+BACKFILLING]",
    multiple=True,
    help="A policy for one SCENARIO, as in replay: fcfs, easy, sjf+easy; give it for each policy to compare.",
)
@click.option("--plot", metavar="FILE", help="Draw all metrics side by side, and what differs: an .svg.")
@overrides_option
@precision_option
@run_options
@directory_options
@language_option
@output_options
def command(
    scenarios: tuple[str, ...],
    sites: tuple[str, ...],
    policies: tuple[str, ...],
    plot: str | None,
    overrides: tuple[str, ...],
    precision: float | None,
    seed: int | None,
    replications: int | None,
    processes: int | None,
    fresh: bool,
    until: date | None,
    directory: str | None,
    force: bool,
    output: Output,
    say: "Language",
) -> None:
    """Run the same demand on several SCENARIOS, or one SCENARIO on several --site or under several --policy.

    All runs use the same seed, so they see the same submissions, sizes and failures; run times follow the
    hardware. The first is the baseline: what differs from it is said with intervals, and how sure it is.
    """
    from capacity.study.compare.comparison import Comparison, comparison_directory
    from capacity.study.compare.scenarios import run_scenarios

    drawn = None if plot is None else figure_path(plot, force=force, endings=CHARTS)
    cases = _cases(scenarios, sites, policies, overrides, until)
    warn(list(dict.fromkeys(warning for case in cases for warning in case.warnings)))
    common = seed if seed is not None else cases[0].scenario.seed
    count = replications or (
        MOST_REPLICATIONS if precision else max(REPLICATIONS, *(case.scenario.replications for case in cases))
    )
    with comparison_directory(Path(directory) if directory else None, force=force) as leave:
        with (
            executor_of(processes_or_all(processes), fresh=fresh) as executor,
            runs_progress(count * len(cases)) as show,
        ):
            results = run_scenarios(
                cases, executor, seed=common, replications=count, precision=precision, progress=show
            )
        found = Comparison.of(results)
        leave(found)
    if directory:
        files = "manifest.json, findings.json, replications.parquet, differences.csv, pareto.csv"
        click.get_current_context().call_on_close(
            lambda: click.echo(f"results in {directory}: {files}", err=True)
        )
    say_precision(results, precision)
    _print(found, output, say)
    if drawn is not None:
        from capacity.report.figures.charts import draw_comparison

        with whole_file(drawn, force=force) as path:
            draw_comparison(found, path, say)


def _print(found: "Comparison", output: Output, say: "Language") -> None:
    from capacity.report.terminal.compare.table import compare_rows, compare_values, with_headings

    results = found.results
    if output.format == "csv":
        rows = compare_values(results)
        output.emit([Col(name, name) for name in rows[0]], rows)
        return
    columns = [Col("question", ""), *(Col(name, name, "", "right") for name in found.names)]
    output.emit(columns, with_headings(compare_rows(results, say), say), json_payload=found.to_json())
    if output.format == "table":
        _print_verdicts(found, output, say)


def _print_verdicts(found: "Comparison", output: Output, say: "Language") -> None:
    """Say what differs, case by case, and which sites stay in the race."""
    from capacity.report.terminal.compare.hardware import remarks
    from capacity.report.terminal.verdicts import standing_lines, verdict_rows, verdict_sentence

    click.echo()
    for result in found.results:
        output.show(remarks(result, say))
    click.echo(f"{say.text('compared.same_slots')}\n")
    if found.replications < 2:
        click.echo(say.text("verdict.one_run"))
        return
    columns = [
        Col(key, say.text(f"verdict.columns.{key}"), "", "left" if key in {"what", "standing"} else "right")
        for key in ("what", "before", "after", "change", "interval", "standing")
    ]
    for case in found.names[1:]:
        mine = [one for one in found.differences if one.case == case]
        heading = {"case": case, "baseline": found.names[0], "n": found.replications}
        click.echo(say.text("verdict.heading", **heading, comparisons=len(found.differences)))
        titles = {"before": found.names[0], "after": case}
        titled = [replace(col, title=titles.get(col.key, col.title)) for col in columns]
        output.emit(titled, verdict_rows(mine, say))
        click.echo(f"{verdict_sentence(mine, say)}\n")
    output.show(standing_lines(found.standings, say))


def _cases(
    scenarios: tuple[str, ...],
    sites: tuple[str, ...],
    policies: tuple[str, ...],
    overrides: tuple[str, ...],
    until: date | None,
) -> list["LoadedScenario"]:
    """Load what is to be compared, everything before the first run starts.

    Raises
    ------
    UsageError
        One thing only, several scenarios with sites or policies, or one name twice.
    """
    from capacity.inputs.reading.loader import load_scenario

    if sites and policies:
        raise UsageError("compare sites or policies, not both at once")
    given = sites or policies or scenarios
    if (sites or policies) and len(scenarios) > 1:
        flag = "--site" if sites else "--policy"
        raise UsageError(f"{flag} goes with one scenario; without it, name the scenarios to compare")
    if len(given) < 2:
        message = "nothing to compare: name two or more scenarios, or one and two or more --site or --policy"
        raise UsageError(message)
    if len(set(given)) < len(given):
        raise UsageError("the same name is given twice")
    if policies:
        found = [
            load_scenario(scenarios[0], overrides=[*overrides, *_of_policy(policy)], until=until)
            for policy in policies
        ]
        return _called(found, policies, policies)
    if not sites:
        found = [load_scenario(name, overrides=overrides, until=until) for name in scenarios]
        return _called(found, [one.scenario.name for one in found], scenarios)
    found = [load_scenario(scenarios[0], overrides=overrides, until=until, site=site) for site in sites]
    return _called(found, [one.scenario.site.name for one in found], sites)


def _of_policy(policy: str) -> list[str]:
    """Return the overrides that a policy in words stands for."""
    from capacity.cli.options.policy import rules_of

    rules = rules_of(policy, ties="instant", placement="best-fit", seed=1)
    return [f"policy.order={rules.order}", f"policy.backfill={rules.backfill}"]


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
