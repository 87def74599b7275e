"""What a part does not state of its own: how much of its peak codes reach, as the parts of its family do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Final

from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.tree import Origin, Place, YamlTree
from capacity.quantities.precision import PRECISIONS

ORIGIN: Final = "mean of its family"


@dataclass(frozen=True, slots=True)
class StatedPart:
    """What a part of the catalogue states: the part of its peak that codes reach, by precision."""

    name: str
    family: str
    achievable: Mapping[str, float]


Stated = Callable[[str], list[StatedPart]]
"""Returns what the parts of a kind state."""


def with_means(tree: YamlTree, shape: Shape, stated: Stated) -> tuple[YamlTree, tuple[str, ...]]:
    """Fill in `achievable` of every part below a tree, and say of which and with what.

    Each precision with a peak and without a stated part of it gets the mean of the parts of its family that
    state one; of all parts of its kind if it names no family or none of it does.
    """
    said: dict[str, None] = {}
    return _filled(tree, shape, stated, said), tuple(said)


def _filled(tree: YamlTree, shape: Shape, stated: Stated, said: dict[str, None]) -> YamlTree:
    for key, child in tree.children():
        below = shape.step(key)
        if below is not None and below.is_nested:
            tree = tree.with_child(key, _filled(child, below, stated, said))
    if shape.kind in ("accelerator", "node") and isinstance(tree.value, dict):
        return _part(tree, shape.kind, stated, said)
    return tree


def _part(tree: YamlTree, kind: str, stated: Stated, said: dict[str, None]) -> YamlTree:
    """Fill in what one part lacks; a node with accelerators has no peak of its own."""
    lacks = [*_lacking(tree)]
    if not lacks:
        return tree
    family, name = (str(found.value) if (found := tree.child(key)) else "" for key in ("family", "name"))
    theirs = tree.child("achievable")
    filled = theirs if theirs is not None and isinstance(theirs.value, dict) else YamlTree({}, tree.place)
    told: dict[str, list[str]] = {}
    for precision in lacks:
        own = [part for part in stated(kind) if part.family == family and precision in part.achievable]
        among = own or [part for part in stated(kind) if precision in part.achievable]
        who = family if own else f"all {kind}s"
        if not among:
            told.setdefault("no part states any, so all of the peak", []).append(precision)
            continue
        mean = fsum(part.achievable[precision] for part in among) / len(among)
        why = f"mean of {who}: {', '.join(part.name for part in among)}"
        told.setdefault(why, []).append(f"{precision} {100 * mean:.3g} %")
        filled = filled.with_child(precision, _number(mean, why))
    words = "; ".join(f"{', '.join(parts)} ({why})" for why, parts in told.items())
    said[f"{kind} {name}: it does not state what codes reach of its peak: taken as {words}"] = None
    return tree.with_child("achievable", filled)


def _lacking(tree: YamlTree) -> Iterator[str]:
    """Yield the precisions at which a part has a peak and does not say what codes reach of it."""
    peak, theirs = tree.child("peak"), tree.child("achievable")
    if peak is None or not isinstance(peak.value, dict):
        return
    for precision, value in peak.value.items():
        known = theirs.child(precision) if theirs is not None else None
        if precision in PRECISIONS and value.value is not None and (known is None or known.value is None):
            yield precision


def _number(mean: float, why: str) -> YamlTree:
    """Return a number with its source, as a person would have written it."""
    place = Place(Origin(ORIGIN, Path()))
    words = {"value": f"{100 * mean:.4g} %", "source": "assumption", "why": why}
    return YamlTree({key: YamlTree(text, place, place, text) for key, text in words.items()}, place, place)
