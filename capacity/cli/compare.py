"""``capacity compare``: the same demand, with the same random numbers, on several sites or scenarios."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.executing import runs_progress
from capacity.cli.options.option import valued
from capacity.cli.options.require import precision_option, say_precision
from capacity.cli.options.running import directory_options, run_options, say_at_the_end, worlds_option
from capacity.cli.options.specification import names_of, overrides_option, warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.report.terminal.table import Col
from capacity.study.files.whole_file import CHARTS, figure_path, whole_file

if TYPE_CHECKING:
    from capacity.report.language import Language
    from capacity.study.compare.comparison import Comparison

EPILOG = """\b
Examples:
  capacity compare gwangju-v100 gwangju-a100 gwangju-h100
  capacity compare gwangju-plan --site gwangju-a100 --site gwangju-budget -r 20
  capacity compare gwangju-plan --policy fcfs --policy easy --policy sjf+easy
  capacity compare gwangju-plan gwangju-as-built --plot comparison.svg -o results/comparison
"""


@click.command(epilog=EPILOG)
@click.argument("scenarios", nargs=-1, required=True, shell_complete=names_of("scenario"))
@valued("--site sites", "SITE", "A site for one SCENARIO's demand; give it for each site to compare.",
        multiple=True, shell_complete=names_of("site"))  # fmt: skip
@valued("--policy policies", "ORDER[+BACKFILLING]", "A policy for one SCENARIO, as in replay: fcfs, easy, "
        "sjf+easy; give it for each policy to compare.", multiple=True)  # fmt: skip
@valued("--plot", "FILE", "Draw all metrics side by side, and what differs: an .svg.")
@overrides_option
@precision_option
@worlds_option
@run_options
@directory_options
@language_option
@output_options
def command(
    *, scenarios: tuple[str, ...], overrides: tuple[str, ...], plot: str | None, directory: str | None,
    output: Output, say: "Language", **asked: Any,  # noqa: ANN401 - of the face's `compare`
) -> None:  # fmt: skip
    """Run the same demand on several SCENARIOS, or one SCENARIO on several --site or under several --policy.

    All runs use the same seed, so they see the same submissions, sizes and failures; run times follow the
    hardware. The first is the baseline: what differs from it is said with intervals, and how sure it is.
    """
    from capacity.face.compare import cases_of, compare, replications_of
    from capacity.face.simulate import runs_in

    drawn = None if plot is None else figure_path(plot, force=asked["force"], endings=CHARTS)
    of_cases = {name: asked.pop(name) for name in ("sites", "policies", "until")}
    cases = cases_of(scenarios, set=overrides, **of_cases)
    warn(list(dict.fromkeys(warning for case in cases for warning in case.warnings)), say)
    each = replications_of(cases, asked["replications"], asked["precision"])
    if asked["worlds"] is None:
        asked["replications"] = each
    with runs_progress((runs_in(asked["worlds"]) if asked["worlds"] else each) * len(cases), say) as show:
        found = compare(*cases, output=directory, progress=show, **asked)
    if directory:
        files = "manifest.json, findings.json, replications.parquet, differences.csv, pareto.csv"
        say_at_the_end(say.text("run.results", folder=directory, files=files))
    say_precision(found, len(found.comparison.results[0].runs), say)
    _print(found.comparison, output, found.to_json(), say)
    if drawn is not None:
        from capacity.report.figures.charts import draw_comparison

        with whole_file(drawn, force=asked["force"]) as path:
            draw_comparison(found.comparison, path, say)


def _print(found: "Comparison", output: Output, document: dict[str, Any], say: "Language") -> None:
    from capacity.report.terminal.compare.table import compare_rows, compare_values, with_headings

    results = found.results
    if output.format == "csv":
        rows = compare_values(results)
        output.emit([Col(name, name) for name in rows[0]], rows)
        return
    columns = [Col("question", ""), *(Col(name, name, "", "right") for name in found.names)]
    output.emit(columns, with_headings(compare_rows(results, say), say), json_payload=document)
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
        for key in ("what", "before", "after", "change", "interval", "better_in", "standing")
    ]
    for case in found.names[1:]:
        mine = [one for one in found.differences if one.case == case]
        heading = {"case": case, "baseline": found.names[0], "n": found.replications}
        key = "verdict.heading" if found.results[0].futures is None else "verdict.heading_worlds"
        click.echo(say.text(key, **heading, comparisons=len(found.differences)))
        titles = {"before": found.names[0], "after": case}
        titled = [replace(col, title=titles.get(col.key, col.title)) for col in columns]
        output.emit(titled, verdict_rows(mine, say))
        click.echo(f"{verdict_sentence(mine, say)}\n")
    output.show(standing_lines(found.standings, say))
