"""JobTables as Parquet: everything is kept, and every tool of a data team can read it."""

import json
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from workloads.errors import LogError
from workloads.jobtable import JobTable
from workloads.readers.columns import about_of, table_from_loose
from workloads.readers.text import Source, source_name

ABOUT = b"jobtable"


def write_parquet(table: JobTable, target: str | Path | BinaryIO) -> None:
    """Write `table` as Parquet, with what is known about it in the metadata of the file."""
    arrow = pa.Table.from_pandas(table.frame, preserve_index=False)
    arrow = arrow.replace_schema_metadata({ABOUT: json.dumps(about_of(table))})
    pq.write_table(arrow, target, compression="zstd")


def read_parquet(source: Source, *, lenient: bool = False) -> JobTable:
    """Return the table in a Parquet file; further columns are left out and remarked on.

    Raises
    ------
    LogError
        No such file, not a Parquet file, a required column missing, or a number no job can have.
    """
    name = source_name(source)
    if isinstance(source, str | Path) and Path(source).is_dir():
        raise LogError.whole_file(name, "this is a directory", "name one Parquet file in it")
    try:
        arrow = pq.read_table(source)
        about = json.loads((arrow.schema.metadata or {}).get(ABOUT, b"{}"))
    except FileNotFoundError:
        raise LogError.whole_file(name, "no such file") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise LogError.whole_file(name, f"not a readable Parquet file: {reason}") from None
    loose = {column: arrow[column].to_pandas() for column in arrow.column_names}
    return table_from_loose(loose, about, name, first_line=1, lenient=lenient)


def looks_like_parquet(head: bytes) -> bool:
    """Whether a file that begins so is Parquet."""
    return head.startswith(b"PAR1")
