"""Named things people can add: queue orders, backfilling rules, placements, log readers.

A registry maps a name to ``"module:object"`` and imports it on first use, so that listing names costs
nothing and a plug-in that is never named is never loaded. Outside packages add theirs through entry points.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar, cast

from capacity.errors import InputError, Problem, nearest

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """A name, where it lives (``"module:object"``), and one line that says what it is."""

    name: str
    target: str
    summary: str


@dataclass(slots=True)
class Registry(Generic[T]):
    """Names of one kind, resolved on first use.

    Parameters
    ----------
    kind : str
        What the names are, in the singular, as it reads in an error: ``"queue order"``.
    group : str
        Entry-point group through which other packages add names; empty for none.
    """

    kind: str
    group: str = ""
    _entries: dict[str, Entry] = field(default_factory=dict)
    _loaded_group: bool = False

    def add(self, name: str, target: str, summary: str) -> None:
        """Add a name. A second one of the same name is an error, never a silent replacement."""
        if name in self._entries:
            message = f"{self.kind} '{name}' is registered twice: {self._entries[name].target} and {target}"
            raise ValueError(message)
        self._entries[name] = Entry(name, target, summary)

    def _load_group(self) -> None:
        if self._loaded_group or not self.group:
            return
        self._loaded_group = True
        for point in entry_points(group=self.group):
            self.add(point.name, point.value, f"from {point.dist.name if point.dist else 'a plug-in'}")

    def __iter__(self) -> Iterator[Entry]:
        self._load_group()
        return iter(self._entries.values())

    def names(self) -> list[str]:
        """All names, in the order they were added."""
        return [entry.name for entry in self]

    def get(self, name: str) -> T:
        """Import and return what `name` stands for.

        Raises
        ------
        InputError
            No such name; the error carries the nearest one.
        """
        self._load_group()
        if name not in self._entries:
            raise InputError(Problem(f"unknown {self.kind} '{name}'", fix=nearest(name, self.names())))
        module, _, attribute = self._entries[name].target.partition(":")
        return cast(T, getattr(import_module(module), attribute))
