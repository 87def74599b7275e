"""What ``--set PATH=VALUE`` does: one value changed, after everything it could reach has been resolved."""

from dataclasses import replace
from pathlib import Path

from capacity.errors import InputError, Problem, UsageError, nearest
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.resolver import Resolver
from capacity.inputs.reading.tree import KeyPath, Origin, Place, YamlTree
from capacity.inputs.reading.yaml_reader import parse


def apply_override(tree: YamlTree, shape: Shape, text: str, label: str, resolver: Resolver) -> YamlTree:
    """Return the tree with one value changed by ``PATH=VALUE``; a null value removes the key.

    The value is YAML, and `label` is what its origin is called.

    Raises
    ------
    UsageError
        There is no ``=``, or the path has an empty part.
    InputError
        The value is no YAML, or the path leads nowhere; then the error names the nearest one.
    """
    dotted, equals, value = text.partition("=")
    path = tuple(part.strip() for part in dotted.split("."))
    if not equals or not all(path):
        message = f"{label}: write PATH=VALUE, for example site.pools.gpu.nodes=100"
        raise UsageError(message)
    origin = Origin(label, Path.cwd())
    try:
        written = _moved(parse(value, origin), Place(origin))
    except InputError as error:
        raise InputError([replace(problem, where=label) for problem in error.problems]) from None
    return _put(tree, shape, path, written, resolver)


def _moved(tree: YamlTree, place: Place) -> YamlTree:
    """Give a tree one place throughout: lines and columns say nothing on a command line."""
    value = tree.value
    if isinstance(value, dict):
        value = {key: _moved(child, place) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_moved(child, place) for child in value]
    return replace(tree, value=value, place=place, key=place)


def _put(
    tree: YamlTree, shape: Shape, path: KeyPath, value: YamlTree, resolver: Resolver, *, depth: int = 0
) -> YamlTree:
    key = path[depth]
    below = _below(tree, shape, path[:depth], key, str(value.place))
    index = int(key) if isinstance(tree.value, list) else key
    if depth + 1 < len(path):
        child = tree.child(index) or YamlTree({}, value.place, value.key)
        return tree.with_child(index, _put(child, below, path, value, resolver, depth=depth + 1))
    if value.value is None:
        return tree.with_child(index, None)
    if below.is_text and not isinstance(value.value, str | dict | list):
        value = replace(value, value=value.text)
    resolver.forget(path)
    changed = tree.with_child(index, resolver.resolve(value, below, path))
    if shape.is_dated and isinstance(changed.value, dict):  # a new point stands where its day belongs
        return replace(changed, value=dict(sorted(changed.value.items())))
    return changed


def _below(tree: YamlTree, shape: Shape, above: KeyPath, key: str | int, where: str) -> Shape:
    """Return what belongs under the next key, or say that there is no such key."""
    below, at = shape.step(key), ".".join(map(str, above))
    known = shape.keys or [str(k) for k, _ in tree.children() if shape.is_nested]
    if isinstance(tree.value, list):
        below = below if tree.child(int(key) if str(key).isdecimal() else -1) else None
    elif below is not None and below.is_record and key not in known:
        below = None  # a new pool or tenant is too much for one value: a misspelt name is likelier
    if below is None:
        what = f"there is no '{key}'{f' in {at}' if at else ''}"
        fix = nearest(str(key), known) if shape.is_nested else f"{at} is a single value"
        raise InputError(Problem(what, where, fix))
    return below
