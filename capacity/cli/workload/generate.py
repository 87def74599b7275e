"""``capacity workload generate``: a demand model, that of a scenario, or a published model as a job log."""

import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options import log as log_options
from capacity.cli.options.option import Duration, Positive, count, day, file, flag, seed, valued
from capacity.cli.options.specification import kind_of, kind_option, names_of, note, overrides_option, warn
from capacity.cli.printing.output import language_option
from capacity.errors import InputError, UsageError
from capacity.study.files.whole_file import check_file

if TYPE_CHECKING:
    from capacity.face.generate import ModelWish
    from capacity.report.language import Language
    from capacity.simulation.demand import Demand

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
@click.argument("specification", metavar="[WORKLOAD|SCENARIO]", required=False,
                shell_complete=names_of("workload", "scenario"))  # fmt: skip
@kind_option
@overrides_option
@day("--start", "First day.  [default: the scenario's]")
@day("--until", "Last day, included.  [default: the scenario's]")
@valued("--timezone", "ZONE", "Calendar of the demand: Asia/Seoul.  [default: the scenario's]")
@seed("Another seed.  [default: the scenario's; 1 for a model]")
@count("--replication", "Another course of events under the same seed.",
       least=0, metavar="K", default=0, show_default=True)  # fmt: skip
@valued("--model", "NAME", "Instead of a workload: a published model (`capacity list models`).")
@file("--log", "Recorded log that the model draws from: poisson, poisson-independent, resample.", dash=True)
@log_options.format_of_log_option
@log_options.columns_option
@log_options.slots_are_option
@log_options.lenient_option
@valued("--days", "N", "How long jobs are submitted.  [default: as long as in the log; 365 without one]",
        type=Positive(50 * 365))  # fmt: skip
@count("--slots", "Size of the machine.  [default: the log's; 128 for lublin]")
@click.option("--requests", type=click.Choice(("model", "exact", "tsafrir")),
              help="What jobs ask for: as the model has it, the exact run time, or round times after Tsafrir "
              "and others 2005.  [default: model; exact for lublin]")  # fmt: skip
@valued("--longest-request", "TIME", "Under tsafrir, the longest and most frequent request: '36 h'.  "
        "[default: the log's, or a round time that is enough]", type=Duration())  # fmt: skip
@valued("--offered-load", "FRAC", "Stretch the submissions so that slots × run time is this part of the "
        "machine: 0.8.", type=Positive(100))  # fmt: skip
@file("-o --output target", "Where to write: .swf, .swf.gz, .parquet, .csv or .json. Appears whole or not at "
      "all.  [default: standard output]", dash=True)  # fmt: skip
@flag("--force", "Overwrite a file that exists.")
@valued("--format format_name", "NAME",
        f"{log_options.WRITABLE_NAMES}.  [default: by the file's ending; swf without a file]")  # fmt: skip
@language_option
def command(
    *, specification: str | None, seed: int | None, replication: int, target: str | None, force: bool,
    format_name: str | None, say: "Language", **given: Any,  # noqa: ANN401 - of a demand of ours, or of a model
) -> None:  # fmt: skip
    """Draw a job log from a WORKLOAD, a demand model, from the demand of a SCENARIO, or from a --model.

    Workload or scenario is a name (`capacity list`), the path of a YAML file, or - for standard input. What a
    workload does not say, days, time zone and seed, is taken from the scenario gwangju-plan. The same seed
    gives the same jobs to the last byte. Run times are those on the accelerator that the demand model refers
    to. A published model has no calendar: it takes --days.
    """
    path = None if target in (None, "-") else Path(str(target))
    form = log_options.output_format(path, format_name, option="--format")
    if path is not None:
        check_file(path, force=force)
    from capacity.face.generate import SEED, ModelWish, draw_demand, draw_model
    from workloads.jobtable import slot_seconds

    begun = time.perf_counter()
    wish = ModelWish(**{entry.name: given.pop(entry.name) for entry in fields(ModelWish)})
    if wish.model is not None:
        ours = [specification] if specification else []
        names = ("kind", "overrides", "start", "until", "timezone")
        ours += [f"--{'set' if name == 'overrides' else name}" for name in names if given[name]]
        if ours:
            raise UsageError(f"--model {wish.model} does not go with {' and '.join(ours)}")
        seed = SEED if seed is None else seed
        table = draw_model(wish, seed=seed, replication=replication)
        key, known = "drawn.model", {"model": table.source, "seed": seed}
        if not len(table):
            raise InputError("no job is submitted", where="--days", fix="ask for more of them")
    else:
        demand = _demand(specification, wish, say, seed=seed, **given)
        begun = time.perf_counter()
        table = draw_demand(demand, replication)
        key, known = "drawn.demand", _known(demand)
    drawn_s = time.perf_counter() - begun
    log_options.write_table(table, form, path, force=force)
    for tally in (*table.dropped, *table.remarks):
        note(str(tally))
    known |= {"target": path or say.text("log.standard_output"), "n": len(table)}
    known |= {"hours": float(slot_seconds(table).sum()) / 3600, "rate": len(table) / max(drawn_s, 1e-9)}
    click.echo(say.text(key, **known), err=True)


def _demand(
    specification: str | None, wish: "ModelWish", say: "Language", *, kind: str | None, **given: Any  # noqa: ANN401
) -> "Demand":  # fmt: skip
    if specification is None:
        raise UsageError("name a workload or a scenario (`capacity list`), or a --model")
    if wish.given:
        raise UsageError(f"{' and '.join(wish.given)} belong to --model, not to {specification}")
    from capacity.face.generate import demand_of

    demand = demand_of(kind_of(specification, kind), specification, **given)
    warn(demand.workload.warnings(), say)
    return demand


def _known(demand: "Demand") -> dict[str, Any]:
    """Return what is said of a demand whose jobs were drawn."""
    return {
        "first": demand.start, "last": demand.until, "zone": demand.timezone.key,
        "part": demand.run_times_hold_on, "seed": demand.seed,
    }  # fmt: skip
