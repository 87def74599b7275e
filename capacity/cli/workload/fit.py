"""``capacity workload fit``: a demand model calibrated to a log, as YAML a person can read."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.log_input import find_log, format_of_log_option, lenient_option, slots_are_option
from capacity.cli.options.specification import warn
from capacity.cli.printing.file_output import check_file, whole_file
from capacity.cli.printing.output import Output, output_options
from capacity.errors import InputError, UsageError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from workloads.fitting.fit import Fitted
    from workloads.jobtable import JobTable

EPILOG = """\b
Examples:
  capacity workload fit log.swf.gz -o model.yaml
  capacity workload fit log.swf.gz -o model.yaml --check
  capacity workload fit sacct.txt --slots 512 --by job_class | less
  capacity workload generate model.yaml --start 2021-01-04 --until 2021-10-31 -o synthetic.swf.gz
"""

BY = ("size", "job_class", "pool")
FEWEST_MONTHS, MONTHS, SEED = 2, 10, 1


@click.command(epilog=EPILOG)
@click.argument("log", metavar="LOG", type=click.Path(allow_dash=True, readable=False))
@click.option(
    "--slots",
    type=click.IntRange(1, 2**31 - 1),
    metavar="N",
    help="Size of the machine that the load refers to.  [default: what the log says]",
)
@click.option(
    "--by",
    type=click.Choice(BY),
    default="size",
    show_default=True,
    help="What makes a class: size and length of the jobs, or a column of the log.",
)
@format_of_log_option()
@slots_are_option
@lenient_option
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(allow_dash=True, readable=False),
    metavar="FILE",
    help="Where to write the model. Appears whole or not at all.  [default: standard output]",
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@click.option(
    "--check", is_flag=True, help="Replay synthetic months and the log under EASY, and compare the queues."
)
@click.option(
    "--months",
    type=click.IntRange(FEWEST_MONTHS, 1200),
    metavar="N",
    help=f"Synthetic months of 30 days for --check.  [default: {MONTHS}]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help=f"For --check.  [default: {SEED}]",
)
@output_options
def command(
    *,
    log: str,
    slots: int | None,
    by: str,
    format_of_log: str | None,
    slots_are: str | None,
    lenient: bool,
    target: str | None,
    force: bool,
    check: bool,
    months: int | None,
    seed: int | None,
    output: Output,
) -> None:
    """Calibrate the demand model to a LOG and write it as a workload in YAML.

    Classes are found by size and length of the jobs; distributions of run times are chosen by maximum
    likelihood, with how well they fit beside each. `capacity workload generate` draws jobs from the model,
    and a scenario can use it as its workload.

    --check draws some months from it, replays them and the log under EASY on the same machine, and prints
    utilization, waits and slowdown of both. Exit code 4 if any of them misses.
    """
    path = None if target in (None, "-") else Path(str(target))
    if not check and (months is not None or seed is not None):
        raise UsageError("--months and --seed belong to --check")
    if check and path is None:
        raise UsageError("--check prints a table: name a file for the model with -o")
    if path is not None:
        check_file(path, force=force)
    found = find_log(log, format_of_log, slots_are=slots_are).read(lenient=lenient)
    table, machine = _cleaned(found, slots)
    from capacity.study.demand.fitted_yaml import fitted_yaml
    from workloads.fitting.fit import fit

    _say_what_is_left_out(table)
    fitted = fit(table, slots=machine, by=by)
    text = fitted_yaml(fitted, began=table.origin)
    _summarise(fitted)
    if path is None:
        click.echo(text, nl=False)
        return
    with whole_file(path, force=force) as part:
        part.write_text(text, encoding="utf-8")
    if check:
        _check(path, table, machine, months or MONTHS, SEED if seed is None else seed, output)


def _cleaned(table: "JobTable", slots: int | None) -> "tuple[JobTable, int]":
    """Return the jobs that can be replayed, and the size of the machine."""
    machine = slots or table.max_slots
    if machine is None:
        fix = "say --slots N"
        raise InputError("the log does not say how large the machine is", where=table.source, fix=fix)
    return table.clean(max_slots=machine), machine


def _say_what_is_left_out(table: "JobTable") -> None:
    name = Path(table.source).name
    warn([f"{name}: left out: {tally}" for tally in table.dropped])
    for tally in table.remarks:
        click.echo(f"note: {name}: changed: {tally}", err=True)


def _summarise(fitted: "Fitted") -> None:
    from capacity.study.demand.fitted_yaml import STARTS_ONLY

    if fitted.starts_only:
        click.echo(f"note: {STARTS_ONLY}", err=True)
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


def _check(path: Path, table: "JobTable", machine: int, months: int, seed: int, output: Output) -> None:
    """Print how the queue of synthetic months compares with that of the log; exit with 4 if any misses."""
    from datetime import timedelta

    import numpy as np

    from capacity.report.language import Language
    from capacity.simulation.demand import demand_of, draw
    from capacity.study.demand.likeness import compare, replayed

    first = demand_of("workload", str(path)).start
    days = timedelta(days=30 * months - 1)
    demand = demand_of("workload", str(path), start=first, until=first + days, timezone="UTC", seed=seed)
    synthetic = draw(demand).clean(max_slots=machine)
    found = compare(replayed(table, machine), replayed(synthetic, machine), np.random.default_rng(seed))
    numbers = [one.to_json() for one in found]
    say = Language("en")
    columns = (
        Col("metric", "figure"),
        *([] if output.format == "table" else [Col("unit", "unit")]),
        *(Col(name, title, align="right") for name, title in _TITLES.items()),
        Col("standing", "verdict", format=lambda standing: say.text(f"likeness.{standing}")),
    )
    rows = [_in_words(row) for row in numbers] if output.format == "table" else numbers
    output.emit(columns, rows)
    misses = sum(one.standing == "shown not" for one in found)
    if misses:
        click.echo(f"{misses} of {len(found)} figures miss the log's", err=True)
        click.get_current_context().exit(4)
