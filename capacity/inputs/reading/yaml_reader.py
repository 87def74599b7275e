"""Reads YAML 1.2 strictly, keeping the place of every key and value.

YAML can do more than people expect of it: repeat a key and drop the first, share values through aliases
(and so blow a kilobyte up to a terabyte), call Python objects, read ``24:00`` as a number. All of that is an
error here. ruamel.yaml splits the text into events; this module decides what they mean.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from capacity.errors import InputError, Problem
from capacity.inputs.reading.files import read_bytes, shown
from capacity.inputs.reading.tree import Origin, Place, Scalar, YamlTree

Event: TypeAlias = Any  # ruamel's events carry no types

MAX_DEPTH = 40
_INTEGER = re.compile(r"[-+]?\d+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_LONGEST_INTEGER = 300
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REMEDIES = {
    "'\\t'": "indent with spaces, not tabs",
    "mapping values are not allowed": "check the indentation, and put quotes around text that contains ': '",
    "expected <block end>": "check the indentation: the keys of one mapping start in the same column",
    "stream end": "a bracket or a quote is opened and never closed",
    "end of stream": "a quote is opened and never closed",
    "cannot start any token": "put quotes around the text",
}


def read_file(path: Path, *, origin: Origin | None = None) -> YamlTree:
    """Read a YAML file whose top level is a mapping.

    Its origin, what to call it and where its relative names start, is its own path and folder if not given.

    Raises
    ------
    InputError
        The file cannot be read, is no YAML, is empty, or uses what is not allowed here; all such problems.
    """
    origin = origin or Origin(shown(path), path.parent)
    tree = _parsed(read_bytes(path), origin)
    if tree.value is None:
        raise InputError(Problem("the file is empty", origin.label, "it must start with 'kind: …'"))
    if not isinstance(tree.value, dict):
        what = "the file must hold keys and values at its top level"
        raise InputError(what, where=str(tree.place), fix="it must start with 'kind: …'")
    return tree


@lru_cache(maxsize=64)
def _parsed(data: bytes, origin: Origin) -> YamlTree:
    """Parse each content once: comparing five sites reads the same workload five times."""
    return parse(_decode(data, origin), origin)


def parse(text: str, origin: Origin) -> YamlTree:
    """Parse one YAML document of any shape."""
    from ruamel.yaml import YAML  # noqa: PLC0415  # 60 ms that `capacity --help` need not pay
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    _refuse_unprintable(text, origin)
    builder = _Builder(iter(YAML(typ="safe", pure=True).parse(text)), origin)
    try:
        tree = builder.document()
    except (YAMLError, ValueError, OverflowError) as error:
        builder.problems.append(_syntax_problem(error, origin))
    if builder.problems:
        raise InputError(builder.problems)
    return tree


def _decode(data: bytes, origin: Origin) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        where = Place(origin, *_line_column(before))
        raise InputError(Problem("not UTF-8 text", str(where), "is this a YAML file?")) from None


def _refuse_unprintable(text: str, origin: Origin) -> None:
    found = _UNPRINTABLE.search(text)
    if found:
        where = Place(origin, *_line_column(text[: found.start()]))
        what = f"unprintable character U+{ord(found.group()):04X}"
        raise InputError(what, where=str(where), fix="is this a YAML file?")


def _line_column(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _syntax_problem(error: Exception, origin: Origin) -> Problem:
    """Turn an error of the YAML parser into a place, a sentence and a remedy."""
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    mark = getattr(error, "problem_mark", None)
    opened = getattr(error, "context_mark", None)
    if opened is not None and mark is not None and opened.line != mark.line:
        what = f"{what}, {error.context} that starts in line {opened.line + 1}"  # type: ignore[attr-defined]
    place = Place(origin, mark.line + 1, mark.column + 1) if mark is not None else Place(origin)
    fix = next((remedy for sign, remedy in _REMEDIES.items() if sign in what), "")
    return Problem(f"not YAML: {what}", str(place), fix)


def scalar(text: str) -> Scalar:
    """Read an unquoted scalar by the core schema of YAML 1.2; what is no number or constant is text.

    Examples
    --------
    >>> scalar("12"), scalar("0.5"), scalar("true"), scalar("24:00:00"), scalar("2021-05-01")
    (12, 0.5, True, '24:00:00', '2021-05-01')
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text) and len(text) <= _LONGEST_INTEGER:
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


@dataclass(slots=True)
class _Builder:
    """Builds the tree from the parser's events; collects problems that need not stop the reading."""

    events: Iterator[Event]
    origin: Origin
    problems: list[Problem] = field(default_factory=list)

    def document(self) -> YamlTree:
        first = next((e for e in self.events if self._name(e) not in {"StreamStart", "DocumentStart"}), None)
        if first is None or self._name(first) == "StreamEnd":
            return YamlTree(None, Place(self.origin))
        tree = self._node(first, depth=0)
        for event in self.events:
            if self._name(event) == "DocumentStart":
                self._complain(event, "a second document", "one file holds one record; remove the '---'")
                break
        return tree

    def _node(self, event: Event, *, depth: int) -> YamlTree:
        place = self._place(event)
        name = self._name(event)
        if depth > MAX_DEPTH:
            raise InputError(Problem(f"nested deeper than {MAX_DEPTH} levels", str(place)))
        if name == "Alias":
            self._complain(event, f"alias '*{event.anchor}'", "write the value again, or use 'extends'")
            return YamlTree(None, place)
        if event.tag is not None:
            self._complain(event, f"tag '{event.tag}'", "write the value without it")
        if name == "MappingStart":
            return YamlTree(self._mapping(depth), place)
        if name == "SequenceStart":
            return YamlTree([self._node(e, depth=depth + 1) for e in self._until("SequenceEnd")], place)
        return YamlTree(scalar(event.value) if event.style is None else event.value, place, text=event.value)

    def _mapping(self, depth: int) -> dict[str, YamlTree]:
        items: dict[str, YamlTree] = {}
        for event in self._until("MappingEnd"):
            key = self._node(event, depth=depth + 1)
            child = self._node(next(self.events), depth=depth + 1)
            if isinstance(key.value, dict | list):
                self._complain(event, "a collection as a key", "keys are names")
            elif key.text in items:
                where = items[key.text].key
                self._complain(event, f"key '{key.text}' is given twice", f"first at {where}")
            else:
                items[key.text] = replace(child, key=key.place)
        return items

    def _until(self, end: str) -> Iterator[Event]:
        for event in self.events:
            if self._name(event) == end:
                return
            yield event

    def _complain(self, event: Event, what: str, fix: str) -> None:
        self.problems.append(Problem(what, str(self._place(event)), fix))

    def _place(self, event: Event) -> Place:
        return Place(self.origin, event.start_mark.line + 1, event.start_mark.column + 1)

    @staticmethod
    def _name(event: Event) -> str:
        return type(event).__name__.removesuffix("Event")
