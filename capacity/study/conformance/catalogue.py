"""All checks in the order in which they run, and picking some of them by name."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from capacity.errors import UsageError, nearest
from capacity.study.conformance import coverage, interpreted, invariants, laws, published, queues
from capacity.study.conformance.check import Check


def all_checks(data: Path | None = None, *, quick: bool = False) -> list[Check]:
    """Return every check.

    Without a folder with published schedules there are only those that need no files. `quick` makes runs
    shorter: wider intervals, fewer random workloads; published schedules are compared in full.
    """
    own = [
        part
        for room in (queues, laws, coverage, invariants, interpreted)
        for part in room.checks(quick=quick)
    ]
    return own if data is None else [*own, *published.checks(data)]


def pick(checks: Sequence[Check], names: Sequence[str]) -> list[Check]:
    """Return the checks that one of the names picks; all of them without names.

    A name is that of a check, a pattern with ``*``, or any part of a name, as ``invariant`` or ``KTH``; case
    does not matter.

    Raises
    ------
    UsageError
        A name picks nothing.
    """
    known = {check.name.lower(): check for check in checks}
    picked: set[str] = set()
    for name in names:
        pattern = name.lower()
        found = [pattern] if pattern in known else [one for one in known if fnmatchcase(one, f"*{pattern}*")]
        if not found:
            raise UsageError(f"no check is called '{name}': {nearest(name, [c.name for c in checks])}")
        picked.update(found)
    return [check for name, check in known.items() if not names or name in picked]
