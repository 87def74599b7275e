"""Log formats by name: how each is recognised, read and written.

To add one, write ``read(source, *, lenient)`` in a file of `readers/`, ``write(table, target)`` if it can be
written, ``recognise(head)`` if its files have no ending of their own, and name them here; or, in a package of
your own, in a `LogFormat` that an entry point of the group ``capacity.log_formats`` leads to. Nothing is
imported before it is used, not even the JobTable, so listing the formats costs nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, cast

from workloads.errors import LogError
from workloads.packed import without_ending
from workloads.registry import Named, Registry, load, loaded_as

if TYPE_CHECKING:
    from workloads.jobtable import JobTable, Tally
    from workloads.readers.text import Source


class LogReader(Protocol):
    """Reads a log of one format."""

    def __call__(self, source: "Source", *, lenient: bool = False) -> "JobTable":
        """Return the jobs in `source`."""


LogWriter = Callable[["JobTable", str | Path | BinaryIO], None]
Fit = Callable[["JobTable"], tuple["JobTable", list["Tally"]]]
"""Gives the jobs of a table that a format can hold, and what of them, or which others, it cannot."""
Recognise = Callable[[bytes], bool]
"""Whether the first `HEAD_BYTES` of a log, plain and without byte order mark, look like a format."""


@dataclass(frozen=True, slots=True)
class LogFormat(Named):
    """A log format; its target is the reader.

    Attributes
    ----------
    suffixes : tuple of str
        Endings of its files; empty if they have none of their own. Where one is that of a gzipped file, they
        may be packed in another way as well.
    decisive : bool
        Whether no other file ends so, so that its content need not be looked at.
    writer : str
        ``"module:function"``. None: the format can be read only.
    recognise : str
        ``"module:function"`` of a `Recognise`; none if only the ending tells.
    options : tuple of str
        Further arguments of the reader that a user can set.
    fit : str
        ``"module:function"`` of a `Fit`; none if the format holds everything.
    """

    suffixes: tuple[str, ...] = ()
    decisive: bool = False
    writer: str = ""
    recognise: str = ""
    options: tuple[str, ...] = ()
    fit: str = ""

    def names(self, file_name: str) -> bool:
        """Return whether files of this format are called so, in lower case."""
        may_be_packed = any(suffix.endswith(".gz") for suffix in self.suffixes)
        plain = without_ending(file_name) if may_be_packed else file_name
        return bool(self.suffixes) and plain.endswith(self.suffixes)

    @property
    def line(self) -> str:
        """What a list says: also the endings, and whether it can be written."""
        endings = f" ({', '.join(self.suffixes)})" if self.suffixes else ""
        return f"{self.summary}{endings}{'' if self.writer else '; read only'}"


FORMATS: Final = Registry(
    "log format",
    (
        LogFormat(
            "swf",
            "Standard Workload Format 2.2 of the Parallel Workloads Archive",
            "workloads.readers.swf.reader:read_swf",
            (".swf", ".swf.gz"),
            decisive=True,
            writer="workloads.readers.swf.writer:write_swf",
            recognise="workloads.readers.swf.reader:looks_like_swf",
            options=("zone",),
            fit="workloads.readers.swf.writer:fit_swf",
        ),
        LogFormat(
            "jobtable-parquet",
            "our own job table as Parquet; keeps everything",
            "workloads.readers.parquet:read_parquet",
            (".parquet",),
            decisive=True,
            writer="workloads.readers.parquet:write_parquet",
            recognise="workloads.readers.parquet:looks_like_parquet",
        ),
        LogFormat(
            "jobtable-csv",
            "our own job table as CSV with a header row",
            "workloads.readers.csv_table:read_csv",
            (".csv", ".csv.gz"),
            writer="workloads.readers.csv_table:write_csv",
            recognise="workloads.readers.csv_table:looks_like_table",
        ),
        LogFormat(
            "sacct",
            "what Slurm's sacct --parsable2 exports: the list of Open XDMoD, or any with a header line",
            "workloads.readers.sacct.reader:read_sacct",
            (".sacct", ".sacct.gz"),
            decisive=True,
            recognise="workloads.readers.sacct.layout:looks_like_sacct",
            options=("slots", "cluster", "partition"),
        ),
        LogFormat(
            "batsim",
            "JSON workload of the Batsim simulator, with delay profiles",
            "workloads.readers.batsim.reader:read_batsim",
            (".json", ".json.gz"),
            writer="workloads.readers.batsim.writer:write_batsim",
            recognise="workloads.readers.batsim.reader:looks_like_batsim",
            fit="workloads.readers.batsim.writer:fit_batsim",
        ),
        LogFormat(
            "philly",
            "Microsoft Philly 2017 in the CSV form of simulators: timestamp, duration, num_gpus, cluster",
            "workloads.readers.gpu.philly:read_philly",
            recognise="workloads.readers.gpu.philly:looks_like_philly",
            options=("zone",),
        ),
        LogFormat(
            "philly-json",
            "Microsoft Philly 2017 as published: the JSON list cluster_job_log",
            "workloads.readers.gpu.philly_json:read_philly_json",
            recognise="workloads.readers.gpu.philly_json:looks_like_philly_json",
            options=("zone",),
        ),
        LogFormat(
            "helios",
            "SenseTime Helios 2020: cluster_log.csv",
            "workloads.readers.gpu.helios:read_helios",
            recognise="workloads.readers.gpu.helios:looks_like_helios",
            options=("zone",),
        ),
        LogFormat(
            "acme",
            "Shanghai AI Laboratory Acme 2023: trace_seren.csv, trace_kalos.csv",
            "workloads.readers.gpu.acme:read_acme",
            recognise="workloads.readers.gpu.acme:looks_like_acme",
            options=("zone",),
        ),
        LogFormat(
            "alibaba-pai",
            "Alibaba PAI 2020: pai_task_table.csv, with pai_job_table.csv beside it",
            "workloads.readers.gpu.alibaba_pai:read_pai",
            recognise="workloads.readers.gpu.alibaba_pai:looks_like_pai",
        ),
        LogFormat(
            "alibaba-pai-sample",
            "Alibaba PAI 2020, samples of its simulator: pai_job_no_estimate_100K.csv and the like",
            "workloads.readers.gpu.alibaba_pai_jobs:read_pai_jobs",
            recognise="workloads.readers.gpu.alibaba_pai_jobs:looks_like_pai_jobs",
        ),
        LogFormat(
            "alibaba-openb",
            "Alibaba 2023, pods that share GPUs: openb_pod_list_default.csv and the like",
            "workloads.readers.gpu.alibaba_openb:read_openb",
            recognise="workloads.readers.gpu.alibaba_openb:looks_like_openb",
        ),
        LogFormat(
            "pbs",
            "accounting files of PBS Professional, OpenPBS and Torque",
            "workloads.readers.schedulers.pbs:read_pbs",
            recognise="workloads.readers.schedulers.pbs:looks_like_pbs",
            options=("slots",),
        ),
        LogFormat(
            "grid-engine",
            "the file accounting of Grid Engine: Sun, Son of, Univa, Altair",
            "workloads.readers.schedulers.grid_engine:read_grid_engine",
            recognise="workloads.readers.schedulers.grid_engine:looks_like_grid_engine",
            options=("slots",),
        ),
        LogFormat(
            "lsf",
            "lsb.acct of IBM Spectrum LSF",
            "workloads.readers.schedulers.lsf:read_lsf",
            recognise="workloads.readers.schedulers.lsf:looks_like_lsf",
            options=("slots",),
        ),
        LogFormat(
            "sacct-json",
            "what Slurm's sacct --json prints, of all versions",
            "workloads.readers.objects.sacct_json:read_sacct_json",
            recognise="workloads.readers.objects.sacct_json:looks_like_sacct_json",
            options=("slots",),
        ),
        LogFormat(
            "kubernetes",
            "JSON list of Jobs of Kubernetes, Workloads of Kueue, Jobs of Volcano",
            "workloads.readers.objects.kubernetes:read_kubernetes",
            recognise="workloads.readers.objects.kubernetes:looks_like_kubernetes",
            options=("slots",),
        ),
        LogFormat(
            "flux",
            "what flux jobs --json prints",
            "workloads.readers.objects.flux:read_flux",
            recognise="workloads.readers.objects.flux:looks_like_flux",
            options=("slots",),
        ),
        LogFormat(
            "table",
            "any table whose columns are named with --column: CSV, TSV, JSON, JSON lines, Parquet",
            "workloads.readers.any_table.reader:read_table",
            options=("columns",),
        ),
    ),
    group="capacity.log_formats",
    plugged=loaded_as(LogFormat),
)


def reader(name: str) -> LogReader:
    """Return the reader of a format; an unknown name is a LogError that names the nearest one."""
    return cast(LogReader, FORMATS.resolve(name))


def reader_with(name: str, options: Mapping[str, Any], *, zone: str | None = None) -> LogReader:
    """Return the reader of a format with some of its further arguments set.

    A `zone` is that of times that name none; a format whose times all do has no such argument.

    Raises
    ------
    LogError
        There is no such format, or it has no such argument.
    """
    strange = [key for key in options if key not in FORMATS[name].options]
    if strange:
        others = [form.name for form in FORMATS.values() if strange[0] in form.options]
        what = f"a log of format {name} has no choice of {strange[0]}"
        raise LogError.whole_file("", what, f"only for: {', '.join(others)}")
    read = cast("Callable[..., JobTable]", reader(name))
    named = {} if zone is None or "zone" not in signature(read).parameters else {"zone": zone}

    def chosen(source: "Source", *, lenient: bool = False) -> "JobTable":
        return read(source, lenient=lenient, **options, **named)

    return chosen


def writer(name: str) -> LogWriter:
    """Return the writer of a format; an unknown name, or one of a format that has none, is a LogError."""
    target = FORMATS[name].writer
    if not target:
        writable = ", ".join(form.name for form in FORMATS.values() if form.writer)
        raise LogError.whole_file("", f"{name} can be read but not written", f"writable: {writable}")
    return cast(LogWriter, load(target))


def fitted(name: str, table: "JobTable") -> tuple["JobTable", list["Tally"]]:
    """Return the jobs of a table that a format can hold, and in words what it cannot."""
    target = FORMATS[name].fit
    return cast(Fit, load(target))(table) if target else (table, [])
