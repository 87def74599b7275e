"""The columns of Slurm's ``sacct`` that are of use, what they may hold, and the names of all others.

Sources: the manual page sacct(1), "Job Accounting Fields", and its older versions for ReqGRES, AllocGRES and
Reserved (https://slurm.schedmd.com/sacct.html).
"""

from workloads.readers.delimited.layout import Field, Kind

_SPAN = r"(\d{1,9}-)?(\d{1,9}:)?\d{1,9}:\d{1,9}(\.\d+)?|INVALID"
_SPAN_SORT = "a duration as 1-02:03:04"
_NO_LIMIT = r"(?i:unlimited|partition[_ ]limit)"


def _optional(name: str, kind: Kind = "label", *also: str, pattern: str = "", sort: str = "") -> Field:
    """Return a field that a file need not have, and a row may leave empty."""
    least = 0 if kind == "integer" else None
    whole = f"^({pattern})$" if pattern else ""
    return Field(name, kind, False, least, True, also, kind == "integer", whole, sort)


_TRES = r"[^=,]+=[^=,]*(,[^=,]+=[^=,]*)*,?"
_TRES_SORT = "a list as cpu=4,node=1"
FIELDS = (
    _optional("jobid", "text"),
    _optional("jobidraw", "text"),
    Field("submit", "time"),
    _optional("eligible", "time"),
    _optional("start", "time"),
    _optional("end", "time"),
    _optional("elapsed", pattern=_SPAN, sort=_SPAN_SORT),
    _optional("elapsedraw", "integer"),
    _optional("suspended", pattern=_SPAN, sort=_SPAN_SORT),
    _optional("planned", "label", "reserved", pattern=_SPAN, sort=_SPAN_SORT),
    _optional(
        "timelimit", pattern=rf"{_SPAN}|\d{{1,9}}-\d{{1,9}}|{_NO_LIMIT}", sort="a time limit as 1-02:03:04"
    ),
    _optional("timelimitraw", pattern=rf"\d{{1,10}}|{_SPAN}|{_NO_LIMIT}", sort="a time limit in minutes"),
    _optional("state"),
    _optional("exitcode", pattern=r"\d+(:\d+)?", sort="an exit code as 0:0"),
    _optional("cluster"),
    _optional("partition"),
    _optional("qos"),
    _optional("reservation"),
    _optional("account"),
    _optional("user"),
    _optional("nnodes", "integer", "allocnodes"),
    _optional("ncpus", "integer", "alloccpus"),
    _optional("reqcpus", "integer"),
    _optional("reqmem", pattern=r"\??\d+(\.\d+)?[KMGTP]?[nc]?\??", sort="memory as 4000M"),
    _optional("reqtres", pattern=_TRES, sort=_TRES_SORT),
    _optional("alloctres", pattern=_TRES, sort=_TRES_SORT),
    _optional("reqgres"),
    _optional("allocgres"),
    _optional("consumedenergyraw", "number"),
)
"""All that is of use. ``sacct`` writes ``None``, ``Unknown`` or nothing where there is no value."""
MISSING = (
    "Unknown", "None", "None assigned", "N/A", "NONE", "4294967294", "18446744073709551614",
    "18446744073709551615",
)  # fmt: skip
"""Words for no value; the numbers are Slurm's NO_VAL, in 32 and in 64 bits, and INFINITE of 64."""
FREE_TEXT = frozenset(
    {
        "jobname", "comment", "admincomment", "systemcomment", "submitline", "workdir", "extra", "reason",
        "container", "constraints", "stdin", "stdout", "stderr", "wckey",
    }
)  # fmt: skip
"""Columns in which people write what they like, the character between the columns included."""
_OTHERS = (
    "alloccpus allocnodes associd avecpu avecpufreq avediskread avediskwrite avepages averss avevmsize "
    "blockid consumedenergy cputime cputimeraw dbindex derivedexitcode failednode flags gid group "
    "jobname layout licenses maxdiskread maxdiskreadnode maxdiskreadtask maxdiskwrite maxdiskwritenode "
    "maxdiskwritetask maxpages maxpagesnode maxpagestask maxrss maxrssnode maxrsstask maxvmsize "
    "maxvmsizenode maxvmsizetask mcslabel mincpu mincpunode mincputask nodelist ntasks plannedcpu "
    "plannedcpuraw priority qosraw qosreq reqcpufreq reqcpufreqgov reqcpufreqmax reqcpufreqmin reqnodes "
    "reqreservation reservationid reserved resvcpu resvcpuraw restarts segmentsize sluid systemcpu "
    "totalcpu tresusageinave tresusageinmax tresusageinmin tresusageintot tresusageoutave "
    "tresusageoutmax tresusageoutmin tresusageouttot uid usercpu wckeyid"
)
NAMES = frozenset({*(field.name for field in FIELDS), *FREE_TEXT, *_OTHERS.split()})
"""All columns that ``sacct`` can print, in lower case."""
UNREMARKED = (
    "group", "gid", "uid", "nodelist", "jobname", "derivedexitcode", "reqnodes", "alloccpus", "allocnodes",
    "ncpus", "reserved", "planned",
)  # fmt: skip
"""Columns whose loss is not worth a word."""
EXPORT = (
    "sacct -a -D -P -o JobID,JobIDRaw,Cluster,User,Account,Partition,QOS,Submit,Eligible,Start,End,Elapsed,"
    "State,NNodes,NCPUS,ReqCPUS,ReqTRES,AllocTRES,Timelimit,JobName"
)
"""What to type to get all that is of use."""
