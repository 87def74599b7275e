"""Job logs on a command line: how one is read and written, whole or not at all, or to standard output."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.options.option import flag, together, valued
from capacity.errors import UsageError
from capacity.face.log import STREAM_FORMAT, check_writable, format_by_ending
from capacity.study.files.whole_file import whole_file
from workloads.formats import FORMATS

if TYPE_CHECKING:
    from workloads.jobtable import JobTable

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
lenient_option = flag("--lenient", "Leave out malformed lines, keep repeated ids, and count both.")
log_options = together(lenient_option, format_of_log_option, columns_option, slots_are_option)


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
