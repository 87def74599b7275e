"""Names that people can add to: each stands for something of one kind, which is imported on first use.

So listing names costs nothing, and a plug-in that nobody names is not loaded. Other packages add names
through entry points; a name of ours is never replaced by one of theirs. `capacity/registry.py` has all kinds.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib import import_module
from typing import Final, Generic, TypeVar, cast

from workloads.errors import LogError

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Named:
    """A name.

    Attributes
    ----------
    name : str
        What the user writes.
    summary : str
        What it is, in a line.
    target : str
        ``"module:object"`` that it stands for; empty if the name alone says all.
    """

    name: str
    summary: str
    target: str = ""

    @property
    def line(self) -> str:
        """What a list says beside the name."""
        return self.summary


R = TypeVar("R", bound=Named)
R_co = TypeVar("R_co", bound=Named, covariant=True)


Refuse = Callable[[str, str, Sequence[str]], Exception]
"""Makes an error of what is wrong, the name, and those it might have been; none if no other would help."""


def no_such_name(what: str, name: str, known: Sequence[str]) -> LogError:
    """Return a LogError that says what is wrong and which name was probably meant."""
    close = get_close_matches(name, known, n=1)
    fix = f"did you mean '{close[0]}'?" if close else f"allowed: {', '.join(known)}" if known else ""
    return LogError.whole_file("", what, fix)


def load(target: str) -> object:
    """Return what ``"module:object"`` names."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def loaded_as(kind: type[R]) -> Callable[[Named], R]:
    """Return what makes the record of a plug-in whose entry point names such a record, not the thing."""

    def record(found: Named) -> R:
        there = load(found.target)
        if not isinstance(there, kind):
            raise TypeError(f"{found.target} is no {kind.__name__}")
        return replace(there, name=found.name)

    return record


class Registry(Generic[R_co]):
    """The names of one kind, ours first, then those of other packages.

    Parameters
    ----------
    kind : str
        What the names are, in the singular, as it reads in an error: ``"queue order"``.
    records : iterable of Named
        Our own.
    group : str
        Entry-point group through which other packages add names; empty if nobody can.
    plugged : callable, optional
        Makes the record of a plug-in; by default its entry point names the thing itself, and is not loaded.
    reserved : iterable of str
        Words that cannot be names, because they mean something else where such a name is written.
    refuse : callable
        Makes the error for a name that is unknown, or a plug-in that cannot be used.
    """

    def __init__(
        self,
        kind: str,
        records: Iterable[R_co],
        *,
        group: str = "",
        plugged: Callable[[Named], R_co] | None = None,
        reserved: Iterable[str] = (),
        refuse: Refuse = no_such_name,
    ) -> None:
        self.kind, self.group, self.own = kind, group, {record.name: record for record in records}
        self._plugged = plugged or (lambda found: cast(R_co, found))
        self._reserved, self._refuse = frozenset(reserved), refuse
        self._others: dict[str, R_co] | None = None

    def _added(self) -> dict[str, R_co]:
        """Return the names of other packages; they are looked for when one is needed that is not ours."""
        if self._others is None:
            found: dict[str, R_co] = {}
            if self.group:
                from importlib.metadata import entry_points  # noqa: PLC0415 - a tenth of a second

                for point in entry_points(group=self.group):
                    origin = f"from {point.dist.name} {point.dist.version}" if point.dist else "a plug-in"
                    what, target = f"{self.kind} '{point.name}' {origin}", f"{point.module}:{point.attr}"
                    if not _NAME.fullmatch(point.name) or point.name in self._reserved:
                        raise self._refuse(f"{what}: this word cannot be such a name", "", [])
                    if twice := self.own.get(point.name) or found.get(point.name):
                        raise self._refuse(f"{what} is there twice: {twice.target} and {target}", "", [])
                    try:
                        found[point.name] = self._plugged(Named(point.name, origin, target))
                    except Exception as error:
                        raise self._refuse(f"{what} cannot be used: {error}", "", []) from error
            self._others = found
        return self._others

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from self._added()

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self._added()

    def __getitem__(self, name: str) -> R_co:
        """Return what is known about a name; an unknown one is an error that carries the nearest."""
        if name in self.own:
            return self.own[name]
        if name in self._added():
            return self._added()[name]
        raise self._refuse(f"unknown {self.kind} '{name}'", name, list(self))

    def values(self) -> Iterator[R_co]:
        """Yield what is known about each name."""
        return (self[name] for name in self)

    def resolve(self, name: str) -> object:
        """Import and return what a name stands for; a plug-in that cannot be imported is an error."""
        record = self[name]
        if name in self.own:
            return load(record.target)
        try:
            return load(record.target)
        except Exception as error:
            what = f"{self.kind} '{name}' {record.summary} cannot be used: {error}"
            raise self._refuse(what, "", []) from error
