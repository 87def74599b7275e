"""``capacity report``: a run, a comparison or a sizing as one HTML file that can be signed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.options.option import flag, valued
from capacity.cli.printing.output import language_option

if TYPE_CHECKING:
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity simulate gwangju-plan -r 10 -o results/plan && capacity report results/plan
  capacity compare gwangju-a100 gwangju-budget -o results/sites && capacity report results/sites --lang ko
  capacity report results/plan -o plan.html
"""


@click.command(epilog=EPILOG)
@click.argument("run", type=click.Path(path_type=Path))
@language_option
@valued("-o --output target", "FILE", "Where the HTML goes; findings and figures go beside it.  "
        "[default: report.html in RUN]", type=click.Path(path_type=Path))  # fmt: skip
@click.option("--verify/--no-verify", "checks", default=True,
              help="Check this installation for the report, as verify --quick does.  "
              "[default: check]")  # fmt: skip
@flag("--force", "Overwrite a report that exists.")
def command(*, run: Path, say: "Language", target: Path | None, checks: bool, force: bool) -> None:
    """Write the report of RUN, a directory that simulate, storage, compare or size left with -o.

    Leaves one HTML file without any reference to the network, the findings as Markdown, and the numbers of
    each figure as CSV. A report in another language goes beside the first one.
    """
    from capacity.report.page.leave import report

    found = report(run, target, lang=say.lang, verify=checks, force=force)
    click.echo(str(found.html))
    click.echo(say.text("run.also", markdown=found.markdown, figures=found.figures), err=True)
