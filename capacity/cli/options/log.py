"""Job logs on a command line: how one is read and written, whole or not at all, or to standard output."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.options.option import flag, together, valued
from capacity.cli.options.specification import note, warn
from capacity.errors import UsageError
from capacity.face.log import STREAM_FORMAT, check_writable, format_by_ending
from capacity.study.files.whole_file import whole_file
from workloads.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capacity.report.language import Language
    from workloads.jobtable import JobTable, Tally

SEEKING = "jobtable-parquet"
"""The format that is no text and is not written from front to back."""

# What help says; errors name those of plug-ins, too, and `capacity list readers` does.
FORMAT_NAMES = ", ".join(FORMATS.own)
WRITABLE_NAMES = ", ".join(known.name for known in FORMATS.own.values() if known.writer)

_FORMAT = f"Format of the log: {FORMAT_NAMES}.  [default: by its ending, else by its content]"
format_of_log_option = valued("--format-of-log format_of_log", "NAME", _FORMAT)
from_option = valued("--from --format-of-log format_of_log", "NAME", _FORMAT)
slots_are_option = click.option(
    "--slots-are",
    type=click.Choice(("gpus", "cpus", "nodes")),
    help="What a slot is, for logs that count several things, as sacct does.  "
    "[default: gpus or cpus, whichever nearly all of the work is of]",
)
columns_option = valued(
    "--column --columns columns", "PART=COLUMN[:UNIT]|FILE",
    "Read any table (CSV, TSV, JSON, Parquet): which column is what, as submit=submit_time:ms, or a YAML "
    "file of such lines. Needed are submit, slots, and run or start and end. May be repeated.",
    multiple=True,
)  # fmt: skip
lenient_option = flag(
    "--lenient", "Leave out malformed lines, keep repeated ids, and count both; go on when more than a tenth "
    "of the work is left out.",
)  # fmt: skip
_zone_option = valued(
    "--timezone", "ZONE", "Whose clock hours, weekdays and dates are told by, as Asia/Seoul or +09:00.  "
    "[default: what the log says, else UTC]",
)  # fmt: skip
_times_option = valued(
    "--times-in", "ZONE", "In which zone the log writes times that name none, if that is another: UTC of an "
    "export with TZ=UTC.  [default: --timezone]",
)  # fmt: skip
zone_options = together(_zone_option, _times_option)
cluster_option = valued("--cluster", "NAME", "Only the jobs of this cluster, of an export with several.")
partition_option = valued("--partition", "NAME", "Only the jobs of this partition, of an export of Slurm.")
select_options = together(cluster_option, partition_option)
period_option = valued(
    "--period", "FROM..TO", "When the log is complete, as 2024-06-01..2024-06-30, both days included.  "
    "[default: told from what it has]",
)  # fmt: skip
missing_request_option = click.option(
    "--missing-request", type=click.Choice(["partition", "longest", "run", "drop"]),
    help="What a job without a requested time asks for: the longest of its partition, of the log, its run "
    "time; or it is left out.  [default: drop; run where requests do not matter]",
)  # fmt: skip
log_options_but_cluster = together(
    lenient_option,
    format_of_log_option,
    columns_option,
    slots_are_option,
    partition_option,
    zone_options,
    period_option,
)
log_options = together(log_options_but_cluster, cluster_option)


def say_lost(
    table: "JobTable", source: str, say: "Language", remarks: "Sequence[Tally] | None" = None
) -> None:
    """Say what is left out or cut off, with its part of the work: much is a warning, little a note."""
    from workloads.left_out import losses

    for one in losses(table, remarks):
        known = {"source": source, "tally": one.tally, "share": f"{100 * one.frac:.3g}"}
        kind = "left_out" if one.tally in table.dropped else "changed"
        text = say.text(f"log.{kind}_work" if one.frac else f"log.{kind}", **known)
        warn([text]) if one.warns else note(text)


def say_read(
    table: "JobTable", source: str, say: "Language", remarks: "Sequence[Tally] | None" = None
) -> None:
    """Say what is not as the log has it: what is lost, then what is otherwise there."""
    from workloads.left_out import losses

    say_lost(table, source, say, remarks)
    told = [one.tally for one in losses(table, remarks)]
    for tally in table.remarks if remarks is None else remarks:
        if tally not in told:
            note(say.text("log.changed", source=source, tally=tally))


def output_format(path: Path | None, format_name: str | None, *, option: str) -> str:
    """Return the format to write: what the user said, else what the ending says, else SWF.

    Raises
    ------
    UsageError
        There is no such format, it cannot be written, or it is none for a terminal.
    InputError
        The ending of the file stands for no format.
    """
    form = format_name
    if form is None:
        form = STREAM_FORMAT if path is None else format_by_ending(str(path), option=option)
    check_writable(form)
    if path is None and form == SEEKING and sys.stdout.isatty():
        raise UsageError("Parquet is not for a terminal: name a file with -o")
    return form


def write_table(table: "JobTable", form: str, path: Path | None, *, force: bool) -> None:
    """Write a table to a file, or to standard output for None."""
    from workloads.formats import writer

    if path is not None:
        with whole_file(path, force=force) as part:
            writer(form)(table, part)
    elif form != SEEKING:
        writer(form)(table, sys.stdout.buffer)
    else:
        whole = io.BytesIO()
        writer(form)(table, whole)
        sys.stdout.buffer.write(whole.getbuffer())
