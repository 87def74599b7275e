"""``capacity workload convert``: a job log from one format to another, and what was lost on the way."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options import log as log_options
from capacity.cli.options.option import flag, valued
from capacity.cli.options.specification import note, warn
from capacity.cli.printing.output import language_option
from capacity.face.log import find_log
from capacity.study.files.whole_file import check_file

if TYPE_CHECKING:
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity workload convert KTH-SP2.swf.gz kth.parquet
  capacity workload convert gpu-cluster.txt gpus.swf --from sacct --slots-are gpus
  capacity workload convert jobs.parquet batsim.json --force
  capacity workload convert trace.csv trace.swf --column submit=submit_time:ms \
    --column run=duration --column slots=num_gpu
  sacct --parsable2 … | capacity workload convert - - --to jobtable-csv | head

`capacity list readers` names the formats.

\b
From Slurm, in UTC, as Open XDMoD asks for it (write the list in one line):
  TZ=UTC sacct --allusers --parsable2 --noheader --allocations --duplicates
    --starttime 2022-01-01 --endtime 2022-12-31 --format jobid,jobidraw,cluster,
    partition,qos,account,group,gid,user,uid,submit,eligible,start,end,elapsed,
    exitcode,state,nnodes,ncpus,reqcpus,reqmem,reqtres,alloctres,timelimit,
    nodelist,jobname
"""


@click.command(epilog=EPILOG)
@click.argument("log", metavar="A", type=click.Path(allow_dash=True, readable=False))
@click.argument("target", metavar="B", type=click.Path(allow_dash=True, readable=False))
@log_options.from_option
@log_options.columns_option
@valued(
    "--to format_name",
    "NAME",
    f"Format of B: {log_options.WRITABLE_NAMES}.  [default: by its ending; swf for -]",
)
@log_options.slots_are_option
@log_options.select_options
@log_options.zone_options
@log_options.period_option
@log_options.lenient_option
@flag("--force", "Overwrite a file that exists.")
@language_option
def command(
    *, log: str, target: str, format_of_log: str | None, format_name: str | None, lenient: bool, force: bool,
    say: "Language", **of_log: Any,  # noqa: ANN401 - of the face's `find_log`
) -> None:  # fmt: skip
    """Convert the job log A to B; either may be - for standard input or output.

    What was left out or changed in reading, and what the format of B cannot hold, is said on stderr, with
    counts. Jobs are not cleaned: what A says about a job, B says too. B appears whole or not at all.
    """
    path = None if target == "-" else Path(target)
    form = log_options.output_format(path, format_name, option="--to")
    if path is not None:
        check_file(path, force=force)
    found = find_log(log, format_of_log, **of_log)
    table = found.read(lenient=lenient)
    click.echo(say.text("log.read", source=found.name, n=len(table), form=found.format), err=True)
    log_options.say_read(table, found.name, say)
    from workloads.formats import fitted
    from workloads.left_out import WORTH_A_WARNING_FRAC, check_held, check_kept

    check_kept(table, allowed=lenient)
    fit, lost = fitted(form, table)
    name = path or say.text("log.standard_output")
    for tally in lost:
        note(say.text("log.not_held", target=name, form=form, tally=tally))
    gone = check_held(table, fit, form, allowed=lenient)
    if gone > 0:
        text = say.text("log.work_not_held", target=name, form=form, share=f"{100 * gone:.3g}")
        warn([text]) if gone >= WORTH_A_WARNING_FRAC else note(text)
    log_options.write_table(fit, form, path, force=force)
    click.echo(say.text("log.written", target=name, n=len(fit), form=form), err=True)
