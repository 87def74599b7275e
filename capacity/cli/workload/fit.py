"""``capacity workload fit``: a demand model calibrated to a log, as YAML a person can read."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.log import format_of_log_option, lenient_option, slots_are_option
from capacity.cli.options.option import count, file, flag, seed
from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Output, output_options
from capacity.errors import UsageError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.face.fit import FittedModel, Likeness

EPILOG = """\b
Examples:
  capacity workload fit log.swf.gz -o model.yaml
  capacity workload fit log.swf.gz -o model.yaml --check
  capacity workload fit sacct.txt --slots 512 --by job_class | less
  capacity workload generate model.yaml --start 2021-01-04 --until 2021-10-31 -o synthetic.swf.gz
"""

BY = ("size", "job_class", "pool")
FEWEST_MONTHS = 2


@click.command(epilog=EPILOG)
@click.argument("log", metavar="LOG", type=click.Path(allow_dash=True, readable=False))
@count("--slots", "Size of the machine that the load refers to.  [default: what the log says]")
@click.option("--by", type=click.Choice(BY), default="size", show_default=True,
              help="What makes a class: size and length of the jobs, or a column of the log.")  # fmt: skip
@format_of_log_option
@slots_are_option
@lenient_option
@file("-o --output target", "Where to write the model. Appears whole or not at all.  [default: standard "
      "output]", dash=True)  # fmt: skip
@flag("--force", "Overwrite a file that exists.")
@flag("--check", "Replay synthetic months and the log under EASY, and compare the queues.")
@count("--months", "Synthetic months of 30 days for --check.  [default: 10]", least=FEWEST_MONTHS, most=1200)
@seed("For --check.  [default: 1]")
@output_options
def command(
    *, target: str | None, check: bool, months: int | None, seed: int | None, output: Output,
    **asked: Any,  # noqa: ANN401 - of the face's `fit`
) -> None:  # fmt: skip
    """Calibrate the demand model to a LOG and write it as a workload in YAML.

    Classes are found by size and length of the jobs; distributions of run times are chosen by maximum
    likelihood, with how well they fit beside each. `capacity workload generate` draws jobs from the model,
    and a scenario can use it as its workload.

    --check draws some months from it, replays them and the log under EASY on the same machine, and prints
    utilization, waits and slowdown of both. Exit code 4 if any of them misses.
    """
    path = None if target in (None, "-") else target
    if not check and (months is not None or seed is not None):
        raise UsageError("--months and --seed belong to --check")
    if check and path is None:
        raise UsageError("--check prints a table: name a file for the model with -o")
    from capacity.face.fit import MONTHS, SEED, fit

    found = fit(output=path, **asked)
    _summarise(found)
    if path is None:
        click.echo(found.yaml, nl=False)
    if check:
        _print(found.check(months=months or MONTHS, seed=SEED if seed is None else seed), output)


def _summarise(found: "FittedModel") -> None:
    """Say on stderr what is left out, and what was found."""
    fitted = found.fitted
    warn([f"{Path(found.table.source).name}: left out: {tally}" for tally in found.table.dropped])
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    families = [one.run_choice.best.family for one in fitted.classes]
    tables = families.count("empirical")
    click.echo(
        f"{fitted.source}: {fitted.jobs:,} jobs in {fitted.series:,} series, {len(fitted.classes)} classes, "
        f"{len(fitted.model.tenants)} tenant{'s'[: len(fitted.model.tenants) > 1]}, offered load "
        f"{fitted.weeks.load_frac:.1%} of {fitted.slots:,} slots; run times: {len(families) - tables} by a "
        f"distribution, {tables} by quantiles",
        err=True,
    )


_TITLES = {"limit": "the log", "found": "synthetic", "low": "95 % low", "high": "95 % high"}


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its numbers as a person reads them."""
    from capacity.quantities.writing import format_duration, format_number

    def word(value: float) -> str:
        if str(row["metric"]).endswith("utilization"):
            return f"{value:.1%}"
        return format_duration(value) if row["unit"] == "s" else format_number(value)

    return row | {name: word(float(row[name])) for name in _TITLES}


def _print(found: "Likeness", output: Output) -> None:
    """Print how the queue of synthetic months compares with that of the log; exit with 4 if any misses."""
    from capacity.report.language import Language

    say = Language("en")
    columns = (
        Col("metric", "figure"),
        *([] if output.format == "table" else [Col("unit", "unit")]),
        *(Col(name, title, align="right") for name, title in _TITLES.items()),
        Col("standing", "verdict", format=lambda standing: say.text(f"likeness.{standing}")),
    )
    rows = found.rows
    output.emit(columns, [_in_words(row) for row in rows] if output.format == "table" else rows)
    if found.misses:
        click.echo(f"{found.misses} of {len(rows)} figures miss the log's", err=True)
        click.get_current_context().exit(4)
