"""Which columns an export of Slurm's ``sacct`` has: by its header line, or by the look of its first row.

Open XDMoD asks sites for a fixed list without header, and has changed it twice: ``qos`` came, ``reqgres``
went. The lists differ in where ``submit`` and ``timelimit`` stand, so the first row tells them apart.
"""

import re
from collections.abc import Iterable

from workloads.errors import LogError
from workloads.readers.delimited.layout import Layout
from workloads.readers.delimited.reader import MOST_ABOVE
from workloads.readers.sacct.fields import EXPORT, FIELDS, FREE_TEXT, MISSING, NAMES, UNREMARKED
from workloads.readers.text import decode

_HEAD = ("jobid", "jobidraw", "cluster", "partition")
_WHO = ("account", "group", "gid", "user", "uid")
_WHEN = (
    "submit", "eligible", "start", "end", "elapsed", "exitcode", "state", "nnodes", "ncpus", "reqcpus",
    "reqmem",
)  # fmt: skip
_TAIL = ("timelimit", "nodelist", "jobname")
_RESOURCES = {1: ("reqgres",), 2: ("reqtres", "alloctres"), 3: ("reqgres", "reqtres", "alloctres")}
_TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|^Unknown$")
_LIMIT = re.compile(r"^(\d+-)?(\d+:)*\d+$|^UNLIMITED$|^Partition_Limit$|^INVALID$")
_ANY_NAME = "|".join(sorted(NAMES, key=len, reverse=True))
_TWO_NAMES = re.compile(rf"({_ANY_NAME})(.{{1,8}}?)(?:{_ANY_NAME})", re.IGNORECASE)
_USUAL = ("|", ",", "\t", ";")
_TELLING = frozenset({"state", "exitcode", "elapsed", "submit", "start", "end", "alloccpus", "ncpus"})
_FEWEST = 4
"""So many names of ``sacct`` in a line say that it is one of its header lines, even if the needed lack."""


def layout_of(first: str) -> Layout:
    """Return the layout of an export, from its first line.

    Raises
    ------
    LogError
        It is neither a header line with the needed columns nor a row of a list that Open XDMoD uses.
    """
    if _is_for_people(first):
        what = "this is the table that sacct prints for people, in which values are cut off"
        raise LogError.whole_file("", what, f"export again: {EXPORT}")
    delimiter, names = _header(first)
    if _lack(names) == []:
        return _layout(header=True, delimiter=delimiter, names=names)
    if _is_like(names):
        lacking = " and ".join(_lack(names))
        what = f"this looks like an export of sacct without {lacking}"
        raise LogError.whole_file("", what, f"export again: {EXPORT}")
    columns = names_of(first)
    if columns is None:
        fix = "export with the field list of Open XDMoD, or leave --noheader out"
        raise LogError.whole_file("", "the first line is no row of `sacct --parsable2`", fix)
    return _layout(header=False, names=columns)


def looks_like_sacct(head: bytes) -> bool:
    """Whether a file that begins so comes from ``sacct``: by its first line, or a header line below it.

    So does what `layout_of` refuses with better words than that nobody knows the format.
    """
    lines = [decode(line).rstrip("\r") for line in head.split(b"\n", MOST_ABOVE + 1)[: MOST_ABOVE + 1]]
    if names_of(lines[0]) is not None:
        return True
    found = ((_header(line)[1], line) for line in lines)
    return any(_lack(names) == [] or _is_like(names) or _is_for_people(line) for names, line in found)


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


def _header(line: str) -> tuple[str, tuple[str, ...]]:
    """Return what stands between the names of a header line, and the names in lower case.

    It may be anything (``--delimiter``): that by which most names of ``sacct`` come out.
    """
    marks = [mark for mark in _USUAL if mark in line] or _USUAL[:1]
    if len(line) < 10_000:
        marks = [*dict.fromkeys([*marks, *(match[2] for match in _TWO_NAMES.finditer(line))])]
    best = max(marks, key=lambda mark: _known(_cut(line, mark)))
    return best, _cut(line, best)


def _cut(line: str, mark: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in line.split(mark))


def _known(names: Iterable[str]) -> int:
    return sum(name in NAMES for name in names)


def _lack(names: Iterable[str]) -> list[str]:
    """Return which of the columns that no export can do without are not there."""
    there = {*names}
    ids = [] if there & {"jobid", "jobidraw"} else ["JobID"]
    return ids if "submit" in there else [*ids, "Submit"]


def _is_like(names: tuple[str, ...]) -> bool:
    return _known(names) >= _FEWEST and 2 * _known(names) >= len(names)


def _is_for_people(line: str) -> bool:
    """Whether a line is the header of columns that are padded with blanks."""
    names = tuple(line.lower().split())
    padded = line.startswith(" ") or "  " in line.strip()
    return padded and "|" not in line and _is_like(names) and not _TELLING.isdisjoint(names)


def _layout(*, header: bool, names: tuple[str, ...], delimiter: str = "|") -> Layout:
    fields = FIELDS if header else tuple(field for field in FIELDS if field.name in names)
    last = next((name for name in reversed(names) if name), "")
    return Layout(
        fields,
        delimiter=delimiter,
        header=header,
        names=() if header else names,
        quoted=delimiter == ",",
        comment="",
        missing=MISSING,
        known=UNREMARKED,
        open_end=delimiter != "," and last in FREE_TEXT,
    )
