"""Turns what pydantic found into problems with a place, a path, a sentence and a remedy."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from capacity.errors import Problem, nearest
from capacity.inputs.fields.complaints import REFUSED, UNKNOWN_KEY, Complaint, describe, unknown_key_remedy
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.tree import KeyPath, YamlTree

_NO_MAPPING = ("{} where keys and values belong", "")
_NO_LIST = ("{} where a list belongs", "write [1, 2], or lines that start with '- '")
_NO_TRUTH = ("{} is neither true nor false", "")
_SENTENCES = {
    "model_type": _NO_MAPPING,
    "model_attributes_type": _NO_MAPPING,
    "dict_type": _NO_MAPPING,
    "mapping_type": _NO_MAPPING,
    "list_type": _NO_LIST,
    "tuple_type": _NO_LIST,
    "bool_type": _NO_TRUTH,
    "bool_parsing": _NO_TRUTH,
    "string_type": ("{} where text belongs", "put it in quotes"),
    "string_pattern_mismatch": ("{} is no name", "lower-case letters, digits, - and _, no spaces, no dots"),
    "string_too_short": ("must not be empty", ""),
}


def problems_of(
    error: ValidationError, tree: YamlTree, shape: Shape, *, prefix: str = "", known: Collection[KeyPath] = ()
) -> list[Problem]:
    """Return every problem that validating the values of `tree` as `shape` found, in the order of the file.

    Paths start with `prefix`, the kind of the record. Where something is `known` to be wrong already, nothing
    more need be said.
    """
    found: dict[tuple[str, str], Problem] = {}
    for entry in error.errors(include_url=False):
        loc = _path(entry["loc"], tree, shape)
        if any(loc[:length] in known for length in range(len(loc) + 1)):
            continue
        for complaint in _complaints(entry, loc, shape):
            problem = problem_of(complaint._replace(at=(*loc, *complaint.at)), tree, prefix=prefix)
            found.setdefault((problem.where, problem.what), problem)
    return list(found.values())


def _path(loc: tuple[int | str, ...], tree: YamlTree, shape: Shape) -> KeyPath:
    """Drop the steps that pydantic adds for itself: tags of unions, marks of mapping keys."""
    path: list[int | str] = []
    for position, step in enumerate(loc):
        here, taken = tree.nearest(tuple(path))
        below = shape.follow(path)
        last = position == len(loc) - 1
        is_key = step != "[key]" and (last or below is None or below.step(step) is not None)
        if taken == len(path) and (here.child(step) is not None or is_key):
            path.append(step)
    return tuple(path)


def problem_of(complaint: Complaint, tree: YamlTree, *, prefix: str = "") -> Problem:
    """Return a complaint about the values of a tree with the place at which they stood."""
    path = complaint.at
    here, taken = tree.nearest(path)
    if taken < len(path) or complaint.what == UNKNOWN_KEY:
        place = here.key or here.place  # what is missing is missing from this key
    else:
        place = (here.child("value") or here).place
    dotted = ".".join(str(step) for step in ((prefix, *path) if prefix else path))
    what = f"{dotted}: {complaint.what}" if dotted else complaint.what
    return Problem(what, str(place), complaint.fix)


def _complaints(entry: Mapping[str, Any], path: KeyPath, shape: Shape) -> tuple[Complaint, ...]:
    context: Mapping[str, Any] = entry.get("ctx", {})
    if entry["type"] == REFUSED:
        return tuple(context["complaints"])
    return (_complaint(entry, path, shape, context),)


def _complaint(
    entry: Mapping[str, Any], path: KeyPath, shape: Shape, context: Mapping[str, Any]
) -> Complaint:
    sort, written = str(entry["type"]), entry.get("input")
    around = shape.follow(path[:-1]) if path else None
    if sort == "extra_forbidden":
        return Complaint(UNKNOWN_KEY, unknown_key_remedy(str(path[-1]), around.keys if around else []))
    if sort == "missing":
        return Complaint("missing", around.about(path[-1]) if around else "")
    if sort == "literal_error":
        here = shape.follow(path)
        return Complaint(
            f"{describe(written)} is not allowed", nearest(str(written), here.words if here else [])
        )
    if sort == "too_short":
        return Complaint(f"needs at least {context.get('min_length', 1)} entry")
    if sort in _SENTENCES:
        what, fix = _SENTENCES[sort]
        return Complaint(what.format(describe(written)), fix)
    return Complaint(str(entry["msg"]).replace("Value error, ", "").replace("Input should", "should"))
