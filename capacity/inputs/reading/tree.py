"""What stood in the YAML, with its place: values that remember the file, line and column they came from.

Merging, references and overrides work on this tree, so that an error and `capacity show` can say for every
single value where it was written, however many files it came through.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

Scalar: TypeAlias = bool | int | float | str | None
KeyPath: TypeAlias = tuple[str | int, ...]
Plain: TypeAlias = "Scalar | dict[str, Plain] | list[Plain]"


@dataclass(frozen=True, slots=True)
class Origin:
    """A text that was read: what to call it, and the folder its relative names start from."""

    label: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Place:
    """A point in a text; lines and columns count from 1, and line 0 stands for the text as a whole."""

    origin: Origin
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.origin.label}:{self.line}:{self.column}" if self.line else self.origin.label


@dataclass(frozen=True, slots=True)
class YamlTree:
    """A value, where it stood, and where its key stood, if it had one.

    The text is a scalar as it was spelled, for fields that want the text itself.
    """

    value: "Scalar | dict[str, YamlTree] | list[YamlTree]"
    place: Place
    key: Place | None = None
    text: str = ""

    def plain(self) -> Plain:
        """Return the values alone."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def children(self) -> "Iterator[tuple[str | int, YamlTree]]":
        """Yield the key or index and the tree of each child; scalars have none."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def leaves(self, path: KeyPath = ()) -> "Iterator[tuple[KeyPath, YamlTree]]":
        """Yield every scalar (and empty collection) with its path."""
        if not self.value or not isinstance(self.value, dict | list):
            yield path, self
        for key, child in self.children():
            yield from child.leaves((*path, key))

    def child(self, key: str | int) -> "YamlTree | None":
        """Return the child under a key or index, or None."""
        if isinstance(self.value, dict):
            return self.value.get(str(key))
        if isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            return self.value[key]
        return None

    def nearest(self, path: KeyPath) -> "tuple[YamlTree, int]":
        """Follow a path as far as it goes; return the tree there and how many steps were taken."""
        tree = self
        for steps, key in enumerate(path):
            found = tree.child(key)
            if found is None:
                return tree, steps
            tree = found
        return tree, len(path)

    def with_child(self, key: str | int, child: "YamlTree | None") -> "YamlTree":
        """Return a copy in which a child is replaced, added, or (None) left out."""
        if isinstance(self.value, list):
            changed = [child if i == key else c for i, c in enumerate(self.value)]
            return replace(self, value=[c for c in changed if c is not None])
        items = dict(self.value) if isinstance(self.value, dict) else {}
        if child is None:
            items.pop(str(key), None)
        else:
            items[str(key)] = child
        return replace(self, value=items)
