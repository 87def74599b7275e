"""Log formats by name: how each is recognised, read and written.

To add one, write ``read(source, *, lenient)`` in a file of `readers/`, ``write(table, target)`` if it can be
written, ``recognise(head)`` if its files have no ending of their own, and name them here. Nothing is imported
before it is used, not even the JobTable, so listing the formats costs nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from workloads.errors import LogError, LogProblem

if TYPE_CHECKING:
    from workloads.jobtable import JobTable, Tally
    from workloads.readers.text import Source


class Reader(Protocol):
    """Reads a log of one format."""

    def __call__(self, source: "Source", *, lenient: bool = False) -> "JobTable":
        """Return the jobs in `source`."""


Writer = Callable[["JobTable", str | Path | BinaryIO], None]
Fit = Callable[["JobTable"], tuple["JobTable", list["Tally"]]]
"""Gives the jobs of a table that a format can hold, and what of them, or which others, it cannot."""
Recognise = Callable[[bytes], bool]
"""Whether the first `HEAD_BYTES` of a log, plain and without byte order mark, look like a format."""


@dataclass(frozen=True, slots=True)
class Format:
    """A log format.

    Attributes
    ----------
    name : str
        What the user calls it.
    summary : str
        What it is, in a line.
    suffixes : tuple of str
        Endings of its files; empty if they have none of their own.
    reader, writer : str
        ``"module:function"``. No writer: the format can be read only.
    recognise : str
        ``"module:function"`` of a `Recognise`; none if only the ending tells.
    options : tuple of str
        Further arguments of the reader that a user can set.
    fit : str
        ``"module:function"`` of a `Fit`; none if the format holds everything.
    """

    name: str
    summary: str
    suffixes: tuple[str, ...]
    reader: str
    writer: str = ""
    recognise: str = ""
    options: tuple[str, ...] = ()
    fit: str = ""


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            "swf",
            "Standard Workload Format 2.2 of the Parallel Workloads Archive",
            (".swf", ".swf.gz"),
            "workloads.readers.swf.reader:read_swf",
            "workloads.readers.swf.writer:write_swf",
            recognise="workloads.readers.swf.reader:looks_like_swf",
            fit="workloads.readers.swf.writer:fit_swf",
        ),
        Format(
            "jobtable-parquet",
            "our own job table as Parquet; keeps everything",
            (".parquet",),
            "workloads.readers.parquet:read_parquet",
            "workloads.readers.parquet:write_parquet",
            recognise="workloads.readers.parquet:looks_like_parquet",
        ),
        Format(
            "jobtable-csv",
            "our own job table as CSV with a header row",
            (".csv", ".csv.gz"),
            "workloads.readers.csv_table:read_csv",
            "workloads.readers.csv_table:write_csv",
            recognise="workloads.readers.csv_table:looks_like_table",
        ),
        Format(
            "sacct",
            "what Slurm's sacct --parsable2 exports: the list of Open XDMoD, or any with a header line",
            (".sacct", ".sacct.gz"),
            "workloads.readers.sacct.reader:read_sacct",
            recognise="workloads.readers.sacct.layout:looks_like_sacct",
            options=("slots",),
        ),
        Format(
            "batsim",
            "JSON workload of the Batsim simulator, with delay profiles",
            (".json", ".json.gz"),
            "workloads.readers.batsim.reader:read_batsim",
            "workloads.readers.batsim.writer:write_batsim",
            recognise="workloads.readers.batsim.reader:looks_like_batsim",
            fit="workloads.readers.batsim.writer:fit_batsim",
        ),
        Format(
            "philly",
            "Microsoft Philly 2017 in the CSV form of simulators: timestamp, duration, num_gpus, cluster",
            (),
            "workloads.readers.gpu.philly:read_philly",
            recognise="workloads.readers.gpu.philly:looks_like_philly",
        ),
        Format(
            "philly-json",
            "Microsoft Philly 2017 as published: the JSON list cluster_job_log",
            (),
            "workloads.readers.gpu.philly_json:read_philly_json",
            recognise="workloads.readers.gpu.philly_json:looks_like_philly_json",
        ),
        Format(
            "helios",
            "SenseTime Helios 2020: cluster_log.csv",
            (),
            "workloads.readers.gpu.helios:read_helios",
            recognise="workloads.readers.gpu.helios:looks_like_helios",
        ),
        Format(
            "acme",
            "Shanghai AI Laboratory Acme 2023: trace_seren.csv, trace_kalos.csv",
            (),
            "workloads.readers.gpu.acme:read_acme",
            recognise="workloads.readers.gpu.acme:looks_like_acme",
        ),
        Format(
            "alibaba-pai",
            "Alibaba PAI 2020: pai_task_table.csv, with pai_job_table.csv beside it",
            (),
            "workloads.readers.gpu.alibaba_pai:read_pai",
            recognise="workloads.readers.gpu.alibaba_pai:looks_like_pai",
        ),
        Format(
            "alibaba-pai-sample",
            "Alibaba PAI 2020, samples of its simulator: pai_job_no_estimate_100K.csv and the like",
            (),
            "workloads.readers.gpu.alibaba_pai_jobs:read_pai_jobs",
            recognise="workloads.readers.gpu.alibaba_pai_jobs:looks_like_pai_jobs",
        ),
        Format(
            "alibaba-openb",
            "Alibaba 2023, pods that share GPUs: openb_pod_list_default.csv and the like",
            (),
            "workloads.readers.gpu.alibaba_openb:read_openb",
            recognise="workloads.readers.gpu.alibaba_openb:looks_like_openb",
        ),
    )
}


def format_of(path: str | Path) -> str:
    """Return the name of the format that files named like `path` have.

    Raises
    ------
    LogError
        No format has such an ending.

    Examples
    --------
    >>> format_of("logs/KTH-SP2.swf.gz")
    'swf'
    """
    name = Path(path).name.lower()
    for entry in FORMATS.values():
        if entry.suffixes and name.endswith(entry.suffixes):
            return entry.name
    endings = ", ".join(suffix for entry in FORMATS.values() for suffix in entry.suffixes)
    raise LogError.whole_file(str(path), "the name does not say which format this is", f"known: {endings}")


def reader(name: str) -> Reader:
    """Return the reader of a format; an unknown name is a LogError that names the nearest one."""
    return cast(Reader, load(_format(name).reader))


def reader_with(name: str, options: Mapping[str, Any]) -> Reader:
    """Return the reader of a format with some of its further arguments set.

    Raises
    ------
    LogError
        There is no such format, or it has no such argument.
    """
    strange = [key for key in options if key not in _format(name).options]
    if strange:
        others = [entry.name for entry in FORMATS.values() if strange[0] in entry.options]
        what = f"a log of format {name} has no choice of {strange[0]}"
        raise LogError([LogProblem("", None, None, what, f"only for: {', '.join(others)}")])
    read = cast("Callable[..., JobTable]", reader(name))

    def chosen(source: "Source", *, lenient: bool = False) -> "JobTable":
        return read(source, lenient=lenient, **options)

    return chosen


def writer(name: str) -> Writer:
    """Return the writer of a format; an unknown name, or one of a format that has none, is a LogError."""
    target = _format(name).writer
    if not target:
        raise LogError([LogProblem("", None, None, f"{name} can be read but not written", _writable())])
    return cast(Writer, load(target))


def fitted(name: str, table: "JobTable") -> tuple["JobTable", list["Tally"]]:
    """Return the jobs of a table that a format can hold, and in words what it cannot."""
    target = _format(name).fit
    return cast(Fit, load(target))(table) if target else (table, [])


def read_log(path: str | Path, *, format_name: str | None = None, lenient: bool = False) -> "JobTable":
    """Return the jobs of a log in any format; unless given, name and content tell which."""
    from workloads.recognition import recognised  # noqa: PLC0415 - it needs FORMATS

    return reader(format_name or recognised(path))(path, lenient=lenient)


def write_log(table: "JobTable", path: str | Path, *, format_name: str | None = None) -> None:
    """Write a table in any format; the format is told from the name unless given."""
    writer(format_name or format_of(path))(table, path)


def load(target: str) -> object:
    """Return what ``"module:attribute"`` names."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def _writable() -> str:
    return f"writable: {', '.join(entry.name for entry in FORMATS.values() if entry.writer)}"


def _format(name: str) -> Format:
    if name in FORMATS:
        return FORMATS[name]
    close = get_close_matches(name, FORMATS, n=1)
    fix = f"did you mean '{close[0]}'?" if close else f"allowed: {', '.join(FORMATS)}"
    raise LogError([LogProblem("", None, None, f"unknown log format '{name}'", fix)])
