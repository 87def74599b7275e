"""Fills in what nobody wrote, so that `capacity show` shows all there is, with ``default`` as its origin."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from capacity.inputs.fields.numbers import Quantity
from capacity.inputs.reading.tree import KeyPath, Plain

DEFAULT = "default"


def fill_defaults(value: Any, data: Any, origins: dict[KeyPath, str], path: KeyPath = ()) -> None:  # noqa: ANN401
    """Add the defaults of a record and of all below it to its plain data and their origins, in place.

    What was read is `value`, at `path` in the whole; what was written for it, `data`.
    """
    if isinstance(value, BaseModel) and isinstance(data, dict):
        if "value" in data and "value" not in type(value).model_fields:
            return  # one number with its source, which the record makes more of: read again, it is the same
        for name in type(value).model_fields:
            if name in data:
                fill_defaults(getattr(value, name), data[name], origins, (*path, name))
            elif (plain := _field_as_written(value, name)) not in (None, {}):
                data[name] = plain
                origins.update(dict.fromkeys(_leaf_paths(plain, (*path, name)), DEFAULT))
    elif isinstance(value, Mapping) and isinstance(data, dict):
        for key, item in value.items():
            fill_defaults(item, data.get(str(key)), origins, (*path, str(key)))
    elif isinstance(value, list | tuple) and isinstance(data, list):
        for index, item in enumerate(value):
            fill_defaults(item, data[index], origins, (*path, index))


def _field_as_written(record: BaseModel, name: str) -> Plain:
    value = getattr(record, name)
    reader = next((m for m in type(record).model_fields[name].metadata if isinstance(m, Quantity)), None)
    return reader.as_written(value) if reader is not None else _as_written(value)


def _as_written(value: Any) -> Plain:  # noqa: ANN401
    """Return a value as a person would have written it, so that the data can be read again."""
    if isinstance(value, BaseModel):
        fields = {name: _field_as_written(value, name) for name in type(value).model_fields}
        return {name: plain for name, plain in fields.items() if plain is not None}
    if isinstance(value, Mapping):
        return {str(key): _as_written(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_written(item) for item in value]
    return value if isinstance(value, str | int | float | None) else str(value)


def _leaf_paths(plain: Plain, path: KeyPath) -> list[KeyPath]:
    if isinstance(plain, dict) and plain:
        return [leaf for key, item in plain.items() for leaf in _leaf_paths(item, (*path, key))]
    if isinstance(plain, list) and plain:
        return [leaf for index, item in enumerate(plain) for leaf in _leaf_paths(item, (*path, index))]
    return [path]
