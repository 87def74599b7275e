"""``capacity report``: a run, a comparison or a sizing as one HTML file that can be signed."""

from pathlib import Path

import click

EPILOG = """\b
Examples:
  capacity simulate gwangju-plan -r 10 -o results/plan && capacity report results/plan
  capacity compare gwangju-a100 gwangju-budget -o results/sites && capacity report results/sites --lang ko
  capacity report results/plan -o plan.html
"""
LANGUAGES = ("en", "ko")


@click.command(epilog=EPILOG)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the report."
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the HTML goes; findings and figures go beside it.  [default: report.html in RUN]",
)
@click.option(
    "--verify/--no-verify",
    "checks",
    default=True,
    help="Check this installation for the report, as verify --quick does.  [default: check]",
)
@click.option("--force", is_flag=True, help="Overwrite a report that exists.")
def command(*, run: Path, lang: str, target: Path | None, checks: bool, force: bool) -> None:
    """Write the report of RUN, a directory that simulate, storage, compare or size left with -o.

    Leaves one HTML file without any reference to the network, the findings as Markdown, and the numbers of
    each figure as CSV. A report in another language goes beside the first one.
    """
    from capacity.report.page.leave import report

    found = report(run, target, lang=lang, verify=checks, force=force)
    click.echo(str(found.html))
    click.echo(f"also {found.markdown} and {found.figures}", err=True)
