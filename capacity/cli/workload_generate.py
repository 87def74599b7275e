"""``capacity workload generate``: a demand model, or the demand of a scenario, as a job log."""

import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.file_output import check_file
from capacity.cli.log_input import WRITABLE_NAMES
from capacity.cli.log_output import output_format, write_table
from capacity.cli.running import IsoDate
from capacity.cli.specification import kind_of, kind_option, names_of, overrides_option, warn
from capacity.errors import InputError

if TYPE_CHECKING:
    from capacity.study.demand import Demand
    from workloads.jobtable import JobTable

EPILOG = """\b
Examples:
  capacity workload generate gwangju-plan -o plan.swf.gz
  capacity workload generate gwangju-research --start 2022-01-01 --until 2022-03-31 -o quarter.parquet
  capacity workload generate gwangju-plan --seed 7 --format jobtable-csv | head
"""


@click.command(epilog=EPILOG)
@click.argument("specification", metavar="WORKLOAD|SCENARIO", shell_complete=names_of("workload", "scenario"))
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
    "--seed", type=click.IntRange(0, 2**63 - 1), metavar="N", help="Another seed.  [default: the scenario's]"
)
@click.option(
    "--replication",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    metavar="K",
    help="Another course of events under the same seed.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(allow_dash=True, readable=False),
    metavar="FILE",
    help="Where to write: .swf, .swf.gz, .parquet or .csv. Appears whole or not at all.  "
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
    specification: str,
    kind: str | None,
    overrides: tuple[str, ...],
    start: date | None,
    until: date | None,
    timezone: str | None,
    seed: int | None,
    replication: int,
    target: str | None,
    force: bool,
    format_name: str | None,
) -> None:
    """Draw a job log from a WORKLOAD, a demand model, or from the demand of a SCENARIO.

    Either is a name (`capacity list`), the path of a YAML file, or - for standard input. What a workload does
    not say, days, time zone and seed, is taken from the scenario gwangju-plan. The same seed gives the same
    jobs to the last byte. Run times are those on the accelerator that the demand model refers to.
    """
    path = None if target in (None, "-") else Path(str(target))
    form = output_format(path, format_name, option="--format")
    if path is not None:
        check_file(path, force=force)
    from capacity.study.demand import demand_of, draw

    kind = kind_of(specification, kind)
    demand = demand_of(
        kind, specification, overrides=overrides, start=start, until=until, timezone=timezone, seed=seed
    )
    warn(demand.workload.warnings())
    begun = time.perf_counter()
    table = draw(demand, replication=replication)
    drawn_s = time.perf_counter() - begun
    if not len(table):
        raise InputError(
            f"no job is submitted from {demand.start} through {demand.until}",
            where=demand.workload.name,
            fix="`capacity show` says when the tenants begin: their members",
        )
    write_table(table, form, path, force=force)
    _summarise(demand, table, drawn_s, path)


def _summarise(demand: "Demand", table: "JobTable", drawn_s: float, path: Path | None) -> None:
    from capacity.quantity_writing import format_number
    from workloads.statistics import slot_seconds

    slot_hours = float(slot_seconds(table).sum()) / 3600
    rate = len(table) / max(drawn_s, 1e-9)
    click.echo(
        f"{path or 'standard output'}: {len(table):,} jobs from {demand.start} through {demand.until} "
        f"({demand.timezone.key}), {format_number(slot_hours)} slot-hours on "
        f"{demand.workload.reference.name}, seed {demand.seed}; {rate:,.0f} jobs/s drawn",
        err=True,
    )
