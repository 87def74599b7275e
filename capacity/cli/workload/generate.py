"""``capacity workload generate``: a demand model, that of a scenario, or a published model as a job log."""

import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.options.log_input import WRITABLE_NAMES
from capacity.cli.options.log_output import output_format, write_table
from capacity.cli.options.running import IsoDate
from capacity.cli.options.specification import kind_of, kind_option, names_of, overrides_option, warn
from capacity.cli.printing.file_output import check_file
from capacity.cli.workload.published_model import ModelWish, draw_model, model_options
from capacity.errors import InputError, UsageError

if TYPE_CHECKING:
    from capacity.simulation.demand import Demand
    from workloads.jobtable import JobTable

EPILOG = """\b
Examples:
  capacity workload generate gwangju-plan -o plan.swf.gz
  capacity workload generate gwangju-research --start 2022-01-01 --until 2022-03-31 -o quarter.parquet
  capacity workload generate gwangju-plan --seed 7 --format jobtable-csv | head
  capacity workload generate --model lublin-batch --slots 128 --days 300 --seed 1 -o batch.swf
  capacity workload generate --model lublin --requests tsafrir --offered-load 0.8 -o lublin.swf
  capacity workload generate --model resample --log KTH-SP2.swf.gz --days 600 -o more.swf
"""


@click.command(epilog=EPILOG)
@click.argument(
    "specification",
    metavar="[WORKLOAD|SCENARIO]",
    required=False,
    shell_complete=names_of("workload", "scenario"),
)
@kind_option
@overrides_option
@click.option("--start", type=IsoDate(), metavar="DATE", help="First day.  [default: the scenario's]")
@click.option(
    "--until", type=IsoDate(), metavar="DATE", help="Last day, included.  [default: the scenario's]"
)
@click.option(
    "--timezone", metavar="ZONE", help="Calendar of the demand: Asia/Seoul.  [default: the scenario's]"
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help="Another seed.  [default: the scenario's; 1 for a model]",
)
@click.option(
    "--replication",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    metavar="K",
    help="Another course of events under the same seed.",
)
@model_options
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(allow_dash=True, readable=False),
    metavar="FILE",
    help="Where to write: .swf, .swf.gz, .parquet, .csv or .json. Appears whole or not at all.  "
    "[default: standard output]",
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@click.option(
    "--format",
    "format_name",
    metavar="NAME",
    help=f"{WRITABLE_NAMES}.  [default: by the file's ending; swf without a file]",
)
def command(
    *,
    specification: str | None,
    kind: str | None,
    overrides: tuple[str, ...],
    start: date | None,
    until: date | None,
    timezone: str | None,
    seed: int | None,
    replication: int,
    wish: ModelWish,
    target: str | None,
    force: bool,
    format_name: str | None,
) -> None:
    """Draw a job log from a WORKLOAD, a demand model, from the demand of a SCENARIO, or from a --model.

    Workload or scenario is a name (`capacity list`), the path of a YAML file, or - for standard input. What a
    workload does not say, days, time zone and seed, is taken from the scenario gwangju-plan. The same seed
    gives the same jobs to the last byte. Run times are those on the accelerator that the demand model refers
    to. A published model has no calendar: it takes --days.
    """
    path = None if target in (None, "-") else Path(str(target))
    form = output_format(path, format_name, option="--format")
    if path is not None:
        check_file(path, force=force)
    begun = time.perf_counter()
    if wish.model is not None:
        ours = {
            "--kind": kind,
            "--set": overrides,
            "--start": start,
            "--until": until,
            "--timezone": timezone,
        }
        _refuse([*([specification] if specification else []), *(name for name in ours if ours[name])], wish)
        table, words = draw_model(wish, seed=seed, replication=replication)
        if not len(table):
            raise InputError("no job is submitted", where="--days", fix="ask for more of them")
    else:
        demand = _demand(specification, kind, overrides, start, until, timezone, seed, wish)
        begun = time.perf_counter()
        table, words = _draw(demand, replication)
    drawn_s = time.perf_counter() - begun
    write_table(table, form, path, force=force)
    _summarise(table, words, drawn_s, path)


def _refuse(given: list[str], wish: ModelWish) -> None:
    """Refuse what belongs to a demand of ours beside a model."""
    if given:
        raise UsageError(f"--model {wish.model} does not go with {' and '.join(given)}")


def _demand(
    specification: str | None,
    kind: str | None,
    overrides: tuple[str, ...],
    start: date | None,
    until: date | None,
    timezone: str | None,
    seed: int | None,
    wish: ModelWish,
) -> "Demand":
    if specification is None:
        raise UsageError("name a workload or a scenario (`capacity list`), or a --model")
    if wish.given:
        raise UsageError(f"{' and '.join(wish.given)} belong to --model, not to {specification}")
    from capacity.simulation.demand import demand_of

    kind = kind_of(specification, kind)
    demand = demand_of(
        kind, specification, overrides=overrides, start=start, until=until, timezone=timezone, seed=seed
    )
    warn(demand.workload.warnings())
    return demand


def _draw(demand: "Demand", replication: int) -> "tuple[JobTable, tuple[str, str]]":
    from capacity.simulation.demand import draw

    table = draw(demand, replication=replication)
    if not len(table):
        raise InputError(
            f"no job is submitted from {demand.start} through {demand.until}",
            where=demand.workload.name,
            fix="`capacity show` says when the tenants begin: their members",
        )
    when = f"from {demand.start} through {demand.until} ({demand.timezone.key})"
    return table, (when, f" on {demand.run_times_hold_on}, seed {demand.seed}")


def _summarise(table: "JobTable", words: tuple[str, str], drawn_s: float, path: Path | None) -> None:
    from capacity.quantities.writing import format_number
    from workloads.jobtable import slot_seconds

    for tally in (*table.dropped, *table.remarks):
        click.echo(f"note: {tally}", err=True)
    slot_hours = float(slot_seconds(table).sum()) / 3600
    rate = len(table) / max(drawn_s, 1e-9)
    click.echo(
        f"{path or 'standard output'}: {len(table):,} jobs {words[0]}, {format_number(slot_hours)} slot-hours"
        f"{words[1]}; {rate:,.0f} jobs/s drawn",
        err=True,
    )
