"""What may stand where: walks the types of the records the way a dotted path walks the values.

References, `--set` and error messages need to know what belongs at ``site.pools.gpu.nodes`` before pydantic
has seen it: whether it is a reference to the catalogue, which keys are allowed, which words.
"""

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from capacity.inputs.fields.numbers import AlsoRead, FieldReader
from capacity.inputs.fields.record import WHOLE


def _flatten(annotation: Any) -> Iterator[Any]:  # noqa: ANN401  # annotations have no common type
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _flatten(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for option in get_args(annotation):
            yield from _flatten(option)
    elif annotation is not type(None):
        yield annotation


def _is_model(option: Any) -> bool:  # noqa: ANN401
    return isinstance(option, type) and issubclass(option, BaseModel)


def _is_of(kind: type, option: Any) -> bool:  # noqa: ANN401
    origin = get_origin(option)
    return isinstance(origin, type) and issubclass(origin, kind)


def _readers(annotation: Any) -> Iterator[FieldReader]:  # noqa: ANN401
    """Yield what reads a single number or day of this type; not what reads the parts of a record."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from _marked(marks)
        yield from _readers(inner)
    elif get_origin(annotation) in {Union, types.UnionType}:
        for option in get_args(annotation):
            yield from _readers(option)


def _marked(metadata: Iterable[object]) -> Iterator[FieldReader]:
    """Yield the readers among what marks a type or field."""
    for mark in metadata:
        if isinstance(mark, FieldReader):
            yield mark
        elif isinstance(mark, AlsoRead):
            yield mark.reader


@dataclass(frozen=True, slots=True)
class Shape:
    """The types one of which a value must have, whether its field is marked as one whole, and its readers."""

    options: tuple[Any, ...]
    marked: bool = False
    readers: tuple[FieldReader, ...] = ()

    @classmethod
    def of(cls, annotation: Any) -> "Shape":  # noqa: ANN401
        """Return the shape of a type."""
        return cls(tuple(_flatten(annotation)))

    def step(self, key: str | int) -> "Shape | None":
        """Return what belongs under a key or index, or None if nothing does."""
        return _stepped(self, key)

    def _step(self, key: str | int) -> "Shape | None":
        found: list[Any] = []
        readers: list[FieldReader] = []
        marked = False
        for option in self.options:
            if _is_model(option) and key in option.model_fields:
                field = option.model_fields[key]
                annotation = field.annotation
                readers += _marked(field.metadata)
                marked |= WHOLE in field.metadata
            elif _is_of(Mapping, option):
                annotation = get_args(option)[1]
            elif _is_of(Sequence, option) and str(key).isdecimal():
                annotation = get_args(option)[0]
            else:
                continue
            found += _flatten(annotation)
            readers += _readers(annotation)
        return Shape(tuple(found), marked, tuple(readers)) if found else None

    def follow(self, path: Sequence[str | int]) -> "Shape | None":
        """Return what belongs at the end of a path."""
        shape: Shape | None = self
        for key in path:
            shape = shape.step(key) if shape else None
        return shape

    @property
    def keys(self) -> list[str]:
        """The keys that the records here know."""
        return [key for option in self.options if _is_model(option) for key in option.model_fields]

    @property
    def is_record(self) -> bool:
        """Whether a record is expected here, rather than one value."""
        return any(_is_model(option) for option in self.options)

    @property
    def is_nested(self) -> bool:
        """Whether keys or a list are expected here, and so perhaps references below."""
        return any(_is_model(o) or _is_of(Mapping, o) or _is_of(Sequence, o) for o in self.options)

    def _key_types(self) -> set[Any]:
        """Return the types of the keys of mappings that belong here; fields of records are no keys."""
        mappings = (option for option in self.options if _is_of(Mapping, option))
        return {key for option in mappings for key in _flatten(get_args(option)[0])}

    @property
    def is_whole(self) -> bool:
        """Whether only all of what stands here means something: a schedule, a calendar, points of a curve.

        Points are told by their keys: days, times, sizes and parts are no names of things.
        """
        return self.marked or any(
            key is not str and get_origin(key) is not Literal for key in self._key_types()
        )

    @property
    def is_dated(self) -> bool:
        """Whether points by days belong here."""
        return date in self._key_types()

    @property
    def kind(self) -> str | None:
        """The kind of catalogue record that belongs here; a name or path may stand for it."""
        for option in self.options:
            if _is_model(option) and "kind" in option.model_fields:
                return str(get_args(option.model_fields["kind"].annotation)[0])
        return None

    @property
    def words(self) -> list[str]:
        """The words that are allowed, if only certain words are."""
        return [str(word) for o in self.options if get_origin(o) is Literal for word in get_args(o)]

    @property
    def is_text(self) -> bool:
        """Whether text belongs here, so that ``--set title=2022`` means the text."""
        return str in self.options

    def about(self, key: str | int) -> str:
        """Return the first sentence of the documentation of a key."""
        for option in self.options:
            if _is_model(option) and key in option.model_fields:
                return (option.model_fields[key].description or "").split("\n\n")[0].replace("\n", " ")
        return ""


@lru_cache(maxsize=16_384)
def _stepped(shape: Shape, key: str | int) -> Shape | None:
    return shape._step(key)
