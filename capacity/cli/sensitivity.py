"""``capacity sensitivity``: which assumption moves which answer, and what to find out first."""

from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.executing import runs_progress
from capacity.cli.options.option import count, day, flag, seed, valued
from capacity.cli.options.require import require_option
from capacity.cli.options.running import jobs_option
from capacity.cli.options.specification import names_of, overrides_option, site_option, warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.report.terminal.table import Col
from capacity.study.files.whole_file import CHARTS, figure_path, whole_file

if TYPE_CHECKING:
    from capacity.report.language import Language

METHODS = ("regression", "ranks", "shapley", "one-at-a-time", "sobol", "morris")
EPILOG = """\b
Examples:
  capacity sensitivity gwangju-plan
  capacity sensitivity gwangju-plan --answer 'utilization[pool=gpu,month=2022-12]' --method one-at-a-time
  capacity sensitivity gwangju-plan --require 'p95_wait_s[pool=gpu,slots=8,month=2022-12] <= 12 h'
  capacity sensitivity gwangju-plan --plot tornado.svg

The worlds are those of `simulate --worlds N`: what was run there is not run again.
"""


@click.command(epilog=EPILOG)
@click.argument("scenario", default="gwangju-plan", shell_complete=names_of("scenario"))
@valued(
    "--answer answers",
    "METRIC[LABEL=VALUE,…]",
    "What is asked, as in --require without a limit. May be repeated.  "
    "[default: use and waits of the last month, what storage holds]",
    multiple=True,
)
@require_option
@valued(
    "--method",
    "NAME",
    "Out of the worlds: regression, ranks, shapley; with runs of their own: one-at-a-time, sobol, morris.",
    type=click.Choice(METHODS),
    default="regression",
    show_default=True,
)
@count(
    "--worlds", "Worlds; of sobol the rows of its points.", least=8, most=4096, default=64, show_default=True
)
@count("-r --replications", "Of each end, one-at-a-time.", most=1000, default=2, show_default=True)
@flag("--dry-run", "Only say how many runs it takes.")
@valued("--plot", "FILE", "Draw what moves each answer: an .svg.")
@flag("--force", "Overwrite the file of --plot.")
@site_option
@overrides_option
@flag("--fresh", "Run everything anew, also what is in the store of finished runs.")
@seed("Another seed.  [default: the scenario's]")
@jobs_option
@day("--until", "Another last day, included.")
@language_option
@output_options
def command(
    *, scenario: str, overrides: tuple[str, ...], answers: tuple[str, ...], requirements: tuple[str, ...],
    plot: str | None, force: bool, dry_run: bool, output: Output, say: "Language", **asked: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    """Say which uncertain assumption of SCENARIO moves which answer, and what to find out first.

    Uncertain is what has a range (`capacity show SCENARIO` lists it). Each answer is followed by the inputs
    that are shown to move it: assumptions, and causes that several of them share.
    """
    from capacity.face.load import load
    from capacity.face.sensitivity import runs_of, sensitivity

    drawn = None if plot is None else figure_path(plot, force=force, endings=CHARTS)
    loaded = load(scenario, set=overrides, site=asked.pop("site"), until=asked.pop("until"))
    warn(loaded.warnings, say)
    total = runs_of(loaded, asked["method"], asked["worlds"], asked["replications"], asked["seed"])
    if dry_run:
        click.echo(say.text("influence.dry_run", runs=total, method=asked["method"]))
        return
    if asked["method"] in ("one-at-a-time", "sobol", "morris"):
        click.echo(say.text("influence.dry_run", runs=total, method=asked["method"]), err=True)
    with runs_progress(total, say) as show:
        found = sensitivity(loaded, answers=answers, require=requirements, progress=show, **asked)
    if drawn is not None:
        from capacity.report.figures.charts import draw_influence

        with whole_file(drawn, force=force) as path:
            draw_influence(found.moved, found.draws, loaded.scenario.title, path, say)
    if output.format == "table":
        from capacity.report.terminal.uncertainty.influence import influence_blocks

        click.echo(f"{loaded.scenario.title}\n")
        output.show(influence_blocks(found.moved, found.draws, found.require, say))
        return
    columns = [Col(name, name) for name in found.rows[0]] if found.rows else []
    output.emit(columns, found.rows, json_payload=found.to_json())
