"""What `extends` means: the child's keys laid over the parent's."""

from dataclasses import replace

from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.tree import YamlTree

EXTENDS = "extends"


def merge(parent: YamlTree, child: YamlTree, shape: Shape | None) -> YamlTree:
    """Lay a mapping over the one it extends.

    Mappings merge key by key, to any depth; other values and lists replace the parent's whole. A key whose
    value is null removes what it would have inherited. A mapping laid over a reference changes the record
    referred to. A mapping that is complete in itself replaces the parent's whole: one with ``extends``, a
    record with a name, or a number with its source, which is never shown beside another's value.
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
    if not isinstance(mine.value, dict) or EXTENDS in mine.value or "value" in mine.value:
        return mine
    if is_part and "name" in mine.value:
        return mine
    if is_part and isinstance(theirs.value, str):
        return mine.with_child(EXTENDS, theirs)
    return merge(theirs, mine, shape)
