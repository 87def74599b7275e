"""``capacity report``: a run, a comparison or a sizing as one HTML file that can be signed."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.options.language import language_option
from capacity.cli.printing.file_output import check_file, whole_file

if TYPE_CHECKING:
    from capacity.report.language import Language
    from capacity.report.page.build import Conformance

EPILOG = """\b
Examples:
  capacity simulate gwangju-plan -r 10 -o results/plan && capacity report results/plan
  capacity compare gwangju-a100 gwangju-budget -o results/sites && capacity report results/sites --lang ko
  capacity report results/plan -o plan.html
"""


@click.command(epilog=EPILOG)
@click.argument("run", type=click.Path(path_type=Path))
@language_option
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
def command(*, run: Path, say: "Language", target: Path | None, checks: bool, force: bool) -> None:
    """Write the report of RUN, a directory that simulate, storage, compare or size left with -o.

    Leaves one HTML file without any reference to the network, the findings as Markdown, and the numbers of
    each figure as CSV. A report in another language goes beside the first one.
    """
    from capacity.report.page.build import page_of
    from capacity.report.page.render import csv_files, html, markdown
    from capacity.study.files.saved import read_saved

    suffix = "" if say.lang == "en" else f".{say.lang}"
    file = run / f"report{suffix}.html" if target is None else target
    saved = read_saved(run)
    check_file(file, force=force)
    page = page_of(saved, say.lang, _conformance() if checks else _unchecked())
    folder = file.resolve().parent
    findings = folder / ("findings" + suffix + ".md" if target is None else f"{file.stem}.md")
    figures = folder / ("figures" if target is None else f"{file.stem}-figures")
    figures.mkdir(exist_ok=True)
    for name, text in csv_files(page):
        _write(figures / name, text)
    _write(findings, markdown(page))
    _write(file, html(page))
    click.echo(str(file))
    click.echo(f"also {findings} and {figures}", err=True)


def _write(path: Path, text: str) -> None:
    with whole_file(path, force=True) as part:
        part.write_text(text, "utf-8")


def _unchecked() -> "Conformance":
    from capacity.report.page.build import NOT_CHECKED

    return NOT_CHECKED


def _conformance() -> "Conformance":
    """Run the quick checks, which takes some seconds."""
    from capacity.report.page.build import Conformance
    from capacity.scheduling.compiled import load_core
    from capacity.study.conformance.catalogue import all_checks
    from capacity.study.conformance.check import run_checks

    load_core()
    return Conformance(list(run_checks(all_checks(quick=True))), date.today().isoformat())
