"""Writing a job log where a command line says: a file that is whole or not there, or standard output."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from capacity.cli.options.log_input import check_writable, format_by_ending
from capacity.cli.printing.file_output import whole_file
from capacity.errors import UsageError

if TYPE_CHECKING:
    from workloads.jobtable import JobTable

STREAM_FORMAT = "swf"
"""What is written to standard output unless the user says otherwise."""
SEEKING = "jobtable-parquet"
"""The format that is no text and is not written from front to back."""


def output_format(path: Path | None, format_name: str | None, *, option: str) -> str:
    """Return the format to write: what the user said, else what the ending says, else SWF.

    Raises
    ------
    UsageError
        There is no such format, it cannot be written, or it is none for a terminal.
    InputError
        The ending of the file stands for no format.
    """
    if format_name is not None:
        form = format_name
    else:
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
        return
    stdout: BinaryIO = sys.stdout.buffer
    if form != SEEKING:
        writer(form)(table, stdout)
        return
    whole = io.BytesIO()
    writer(form)(table, whole)
    stdout.write(whole.getbuffer())
