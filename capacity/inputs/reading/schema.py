"""JSON Schema of each kind of file, for editors that complete and check while one types.

``capacity schema scenario`` prints one; ``capacity schema --all configs/schema`` writes them all, where the
specifications of a checkout look for them. They follow from the records, so none is kept.

The schema says what a *file* may hold, which is more than the record: a name or a path where a record
belongs, ``extends``, and, in what extends something else, only the keys that differ, with null for those to
be removed. So every record has two forms in the schema: whole, and (named ``….changes``) what differs.
"""

import json
from pathlib import Path
from typing import Any

from capacity.inputs.fields.sourced import SOURCED_FORM
from capacity.inputs.reading.catalogue import KINDS
from capacity.inputs.reading.resolver import EXTENDS, RECORDS

Json = dict[str, Any]

_POINTER = "#/$defs/"
_CHANGES = ".changes"
_SOURCED = "sourced"
_ANY_NAME = {"type": "string", "description": "Name of one in the catalogue, or path of a file."}
_EXTENDS = {"type": "string", "description": "Name or path of what this one changes; write only differences."}
_NOISE = ("title", "discriminator")  # pydantic's echo of the names, and a key of OpenAPI


def json_schema(kind: str) -> Json:
    """Return the JSON Schema (2020-12) of the files of a kind."""
    model = RECORDS[kind]
    record = model.model_json_schema(mode="validation")
    definitions: Json = {**record.pop("$defs", {}), model.__name__: record}
    kinded = {name for name, schema in definitions.items() if "kind" in schema.get("properties", {})}
    found: Json = {_SOURCED: SOURCED_FORM}
    for name, schema in definitions.items():
        found[name] = _rewritten(schema, kinded, suffix="")
        found[name + _CHANGES] = _changes(_rewritten(schema, kinded, suffix=_CHANGES), is_kind=name in kinded)
    whole = found[model.__name__]
    required = [key for key in whole["required"] if key != "name"]  # a file is named after itself
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"capacity: {kind}",
        "type": "object",
        "required": ["kind"],
        "if": {"required": [EXTENDS]},
        "then": {"$ref": _POINTER + model.__name__ + _CHANGES},
        "else": {**whole, "required": required},
        "$defs": dict(sorted(found.items())),
    }


def _changes(schema: Json, *, is_kind: bool) -> Json:
    """Allow any part of a record, and null for keys to be removed."""
    if "properties" not in schema:
        return schema
    properties = {key: {"anyOf": [value, {"type": "null"}]} for key, value in schema["properties"].items()}
    rest = {key: value for key, value in schema.items() if key != "required"}
    return {**rest, "properties": {**properties, **({EXTENDS: _EXTENDS} if is_kind else {})}}


def _rewritten(schema: Any, kinded: set[str], *, suffix: str) -> Any:  # noqa: ANN401  # JSON of any shape
    """Copy a schema without noise, with references that lead to the same form of other records."""
    if isinstance(schema, list):
        return [_rewritten(item, kinded, suffix=suffix) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema == SOURCED_FORM:
        return {"$ref": _POINTER + _SOURCED}
    if "$ref" in schema:
        return _reference(schema, kinded, suffix)
    copy = {}
    for key, value in schema.items():
        if key == "properties":
            copy[key] = {name: _rewritten(item, kinded, suffix=suffix) for name, item in value.items()}
        elif key not in _NOISE and not (key == "default" and isinstance(value, float | None)):
            copy[key] = _rewritten(value, kinded, suffix=suffix)
    return copy


def _reference(schema: Json, kinded: set[str], suffix: str) -> Json:
    """Lead to another record; where that is one of the catalogue, its name will do, or changes to it."""
    name = schema["$ref"].removeprefix(_POINTER)
    rest = {key: value for key, value in schema.items() if key not in ("$ref", *_NOISE)}
    if name not in kinded:
        return {"$ref": _POINTER + name + suffix, **rest}
    whole_or_changes = {
        "if": {"type": "object", "required": [EXTENDS]},
        "then": {"$ref": _POINTER + name + _CHANGES},
        "else": {"$ref": _POINTER + name + suffix},
    }
    return {"anyOf": [_ANY_NAME, whole_or_changes], **rest}


def text_of(kind: str) -> str:
    """Return the schema of a kind as the text of its file."""
    return json.dumps(json_schema(kind), indent=1, ensure_ascii=False) + "\n"


def write_all(folder: Path) -> None:
    """Write the schema of every kind to ``folder/KIND.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        (folder / f"{kind}.json").write_text(text_of(kind), encoding="utf-8")
