"""Follows `extends` and references until no name is left: what the files say becomes one nested tree."""

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from capacity.errors import InputError, Problem, nearest
from capacity.inputs.demand.reference import Reference
from capacity.inputs.demand.workload import Workload
from capacity.inputs.experiment import Experiment
from capacity.inputs.fields.complaints import describe
from capacity.inputs.fields.record import Record
from capacity.inputs.hardware.parts import Accelerator, Node
from capacity.inputs.reading import catalogue
from capacity.inputs.reading.files import STDIN
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.tree import KeyPath, Origin, Place, YamlTree
from capacity.inputs.reading.yaml_reader import read_file
from capacity.inputs.scenario import Scenario
from capacity.inputs.site import Site
from capacity.inputs.storage.tiers import StorageProduct

EXTENDS = "extends"
RECORDS: dict[str, type[Record]] = {
    "reference": Reference,
    "accelerator": Accelerator,
    "node": Node,
    "storage-product": StorageProduct,
    "site": Site,
    "workload": Workload,
    "scenario": Scenario,
    "experiment": Experiment,
}
"""Which record belongs to which kind of file."""


@dataclass(slots=True)
class Resolver:
    """Opens the files a specification refers to, each once, and collects what is wrong with them.

    Attributes
    ----------
    broken : dict of path to problems
        Where a reference could not be followed, and why.
    """

    broken: dict[KeyPath, tuple[Problem, ...]] = field(default_factory=dict)
    _files: dict[tuple[str, Path], YamlTree] = field(default_factory=dict)

    def resolve(self, tree: YamlTree, shape: Shape, path: KeyPath = ()) -> YamlTree:
        """Replace every name below `tree` by what it stands for."""
        try:
            tree = self._record(tree, shape)
        except InputError as error:
            self.broken[path] = error.problems
            return tree
        for key, child in tree.children():
            below = shape.step(key)
            if below is not None and below.is_nested:
                tree = tree.with_child(key, self.resolve(child, below, (*path, key)))
        return tree

    def open(self, kind: str, name: str, folder: Path, opened: tuple[Path, ...] = ()) -> YamlTree:
        """Return a specification by name or path, with what it extends already laid under it."""
        path = self._locate(kind, name, folder)
        if path in opened:
            chain = " → ".join(p.stem for p in (*opened[opened.index(path) :], path))
            raise InputError(Problem(f"extends itself: {chain}"))
        if (kind, path) not in self._files:
            origin = Origin("stdin", folder) if path == STDIN else None
            tree = _checked(read_file(path, origin=origin), kind, path)
            self._files[kind, path] = self._extended(tree, kind, (*opened, path))
        return self._files[kind, path]

    def forget(self, path: KeyPath) -> None:
        """Drop what was wrong below a path, because it is about to be replaced."""
        self.broken = {b: problems for b, problems in self.broken.items() if b[: len(path)] != path}

    def _record(self, tree: YamlTree, shape: Shape) -> YamlTree:
        """Open a reference, or lay an inline record over what it extends."""
        if shape.kind is None:
            return tree
        if isinstance(tree.value, str):
            return self._open_at(tree, shape.kind)
        return self._extended(tree, shape.kind, ())

    def _extended(self, tree: YamlTree, kind: str, opened: tuple[Path, ...]) -> YamlTree:
        parent_name = tree.child(EXTENDS)
        if parent_name is None:
            return tree
        if not isinstance(parent_name.value, str):
            what = f"extends {describe(parent_name.plain())}"
            raise InputError(Problem(what, str(parent_name.place), f"name one {kind}, or the path of a file"))
        parent = self._open_at(parent_name, kind, opened)
        if opened:  # a file has a name of its own; an inline change keeps the name of what it changes
            parent = parent.with_child("name", None)
        return merge(parent, tree.with_child(EXTENDS, None), Shape.of(RECORDS[kind]))

    def _open_at(self, name: YamlTree, kind: str, opened: tuple[Path, ...] = ()) -> YamlTree:
        """Open what a value names; problems without a place of their own get the place of the name."""
        try:
            return self.open(kind, str(name.value), name.place.origin.folder, opened)
        except InputError as error:
            placed = [p if p.where else Problem(p.what, str(name.place), p.fix) for p in error.problems]
            raise InputError(placed) from None

    def _locate(self, kind: str, name: str, folder: Path) -> Path:
        if name == "-":
            return STDIN
        if catalogue.is_path(name):
            return Path(folder, name).resolve()
        if kind == "node" and catalogue.kinds_of(name) == ["accelerator"]:
            what = f"'{name}' is an accelerator, and a node is needed here"
            raise InputError(Problem(what, "", self._nodes_with(name)))
        return catalogue.find(kind, name).resolve()

    def _nodes_with(self, accelerator: str) -> str:
        """Say which nodes of the catalogue have an accelerator inside; what cannot be read has none."""
        found = []
        for name in catalogue.names("node"):
            with suppress(InputError):
                inside = self.open("node", name, Path()).child("accelerator")
                if inside is not None and inside.value == accelerator:
                    found.append(name)
        return f"it is inside {', '.join(found)}" if found else "no node of the catalogue has it inside"


def _checked(tree: YamlTree, kind: str, path: Path) -> YamlTree:
    """Check that a file is of the kind that is needed, and name it after the file if it has no name."""
    start = Place(tree.place.origin, 1, 1)
    written = tree.child("kind")
    if written is None:
        raise InputError(Problem("missing key 'kind'", str(start), f"add 'kind: {kind}'"))
    if written.value != kind:
        what = f"kind is {describe(written.plain())}, and a {kind} is needed here"
        known = str(written.value) in catalogue.KINDS
        fix = "" if known else nearest(str(written.value), catalogue.KINDS)
        raise InputError(Problem(what, str(written.place), fix))
    if tree.child("name") is None:
        stem = "stdin" if path == STDIN else path.stem.lower()
        name = re.sub(r"[^a-z0-9_-]+", "-", stem).strip("-_")[:64] or "unnamed"
        tree = tree.with_child("name", YamlTree(name, Place(tree.place.origin), text=name))
    return tree


def merge(parent: YamlTree, child: YamlTree, shape: Shape | None) -> YamlTree:
    """Lay a mapping over the one it extends.

    Mappings merge key by key, to any depth; other values and lists replace the parent's whole. So do the
    points of a curve, schedules and calendars: a part of one means nothing beside a part of another (see
    `Shape.is_whole`). A key whose value is null removes what it would have inherited. A mapping laid over a
    reference changes the record referred to. A mapping that is complete in itself replaces the parent's
    whole: one with ``extends``, a record with a name, or a number with its source, which is never shown
    beside another's value.
    """
    if not isinstance(parent.value, dict) or not isinstance(child.value, dict):
        return child
    items = dict(parent.value)
    for key, mine in child.value.items():
        theirs = items.get(key)
        if theirs is None:
            items[key] = mine
        elif mine.value is None:
            del items[key]
        else:
            items[key] = _over(theirs, mine, shape.step(key) if shape else None)
    return replace(child, value=items)


def _over(theirs: YamlTree, mine: YamlTree, shape: Shape | None) -> YamlTree:
    is_part = shape is not None and shape.kind is not None
    if not isinstance(mine.value, dict) or EXTENDS in mine.value or {"value", "likely"} & {*mine.value}:
        return mine
    if (is_part and "name" in mine.value) or (shape is not None and shape.is_whole):
        return mine
    if is_part and isinstance(theirs.value, str):
        return mine.with_child(EXTENDS, theirs)
    return merge(theirs, mine, shape)
