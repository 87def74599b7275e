"""Which columns an export of Slurm's ``sacct`` has: by its header line, or by the look of its first row.

Open XDMoD asks sites for a fixed list without header, and has changed it twice: ``qos`` came, ``reqgres``
went. The lists differ in where ``submit`` and ``timelimit`` stand, so the first row tells them apart.
"""

import re

from workloads.errors import LogError
from workloads.readers.delimited.layout import Field, Layout
from workloads.readers.text import decode

_HEAD = ("jobid", "jobidraw", "cluster", "partition")
_WHO = ("account", "group", "gid", "user", "uid")
_WHEN = (
    "submit", "eligible", "start", "end", "elapsed", "exitcode", "state", "nnodes", "ncpus", "reqcpus",
    "reqmem",
)  # fmt: skip
_TAIL = ("timelimit", "nodelist", "jobname")
_RESOURCES = {1: ("reqgres",), 2: ("reqtres", "alloctres"), 3: ("reqgres", "reqtres", "alloctres")}

FIELDS = (
    Field("jobid", "text", required=False),
    Field("jobidraw", "text", required=False, blank=True),
    Field("submit", "time"),
    Field("start", "time", required=False, blank=True),
    Field("end", "time", required=False, blank=True),
    Field("elapsed", required=False, blank=True),
    Field("elapsedraw", "integer", required=False, blank=True),
    Field("timelimit", required=False, blank=True),
    Field("timelimitraw", required=False, blank=True),
    Field("state", required=False, blank=True),
    Field("cluster", required=False, blank=True),
    Field("partition", required=False, blank=True),
    Field("qos", required=False, blank=True),
    Field("account", required=False, blank=True),
    Field("user", required=False, blank=True),
    Field("nnodes", "integer", required=False, blank=True, also=("allocnodes",)),
    Field("ncpus", "integer", required=False, blank=True, also=("alloccpus",)),
    Field("reqcpus", "integer", required=False, blank=True),
    Field("reqtres", required=False, blank=True),
    Field("alloctres", required=False, blank=True),
    Field("reqgres", required=False, blank=True),
)
"""All that is of use. ``sacct`` writes ``None``, ``Unknown`` or nothing where there is no value."""
_KNOWN = (
    *_HEAD,
    *_WHO,
    *_WHEN,
    *_TAIL,
    "jobname",
    "derivedexitcode",
    "reqnodes",
    "alloccpus",
    "allocnodes",
    "ncpus",
)
_MISSING = ("Unknown", "None", "None assigned", "N/A", "NONE")
_TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|^Unknown$")
_LIMIT = re.compile(r"^(\d+-)?(\d+:)*\d+$|^UNLIMITED$|^Partition_Limit$|^INVALID$")


def layout_of(first: str) -> Layout:
    """Return the layout of an export, from its first line.

    Raises
    ------
    LogError
        It is neither a header line with the needed columns nor a row of a list that Open XDMoD uses.
    """
    if is_header(first):
        return _layout(header=True, delimiter=next(mark for mark in "|,\t;" if mark in f"{first}|"))
    names = names_of(first)
    if names is None:
        fix = "export with the field list of Open XDMoD, or leave --noheader out"
        raise LogError.whole_file("", "the first line is no row of `sacct --parsable2`", fix)
    return _layout(header=False, names=names)


def is_header(first: str) -> bool:
    """Whether a line names columns as ``sacct`` does."""
    names = {name.strip().lower() for name in re.split(r"[|,;\t]", first)}
    return bool(names & {"jobid", "jobidraw"}) and "submit" in names


def looks_like_sacct(head: bytes) -> bool:
    """Whether a file that begins so is an export of ``sacct``: by its first line."""
    first = decode(head.split(b"\n", 1)[0]).rstrip("\r")
    return "|" in first and (is_header(first) or names_of(first) is not None)


def names_of(first: str) -> tuple[str, ...] | None:
    """Return the columns of a line without header, or None if it is no row of Open XDMoD's lists."""
    cells = first.split("|")
    for who in (("qos", *_WHO), _WHO):
        before = (*_HEAD, *who, *_WHEN)
        at = before.index("submit")
        if len(cells) < len(before) + 4 or not _TIME.match(cells[at]) or _TIME.match(cells[at - 1]):
            continue
        for resources in _RESOURCES.values():
            limit = len(before) + len(resources)
            if limit + 2 < len(cells) and _LIMIT.match(cells[limit]):
                return (*before, *resources, *_TAIL)
        middle = min(len(cells) - len(before) - len(_TAIL), 3)
        return (*before, *_RESOURCES[middle], *_TAIL) if middle in _RESOURCES else None
    return None


def _layout(*, header: bool, names: tuple[str, ...] = (), delimiter: str = "|") -> Layout:
    fields = FIELDS if header else tuple(field for field in FIELDS if field.name in names)
    return Layout(
        fields,
        delimiter=delimiter,
        header=header,
        names=names,
        quoted=delimiter == ",",
        comment="",
        missing=_MISSING,
        known=_KNOWN,
        open_end=delimiter != ",",
    )
