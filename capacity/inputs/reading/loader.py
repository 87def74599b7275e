"""Loads a specification by name or path: a checked record, where each value stood, and the defaults."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from capacity.errors import InputError, Problem, nearest
from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.numbers import Quantity
from capacity.inputs.fields.record import Record
from capacity.inputs.hardware.parts import Accelerator, Node
from capacity.inputs.reading import catalogue
from capacity.inputs.reading.family import StatedPart, with_means
from capacity.inputs.reading.overrides import apply_override
from capacity.inputs.reading.problems import problem_of, problems_of
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.resolver import RECORDS, Resolver
from capacity.inputs.reading.tree import KeyPath, Plain, YamlTree
from capacity.inputs.reading.yaml_reader import read_file
from capacity.inputs.scenario import Scenario
from capacity.inputs.uncertainty.assumptions import Assumption, assumptions_in, lonely_causes


@dataclass(frozen=True, slots=True)
class Loaded:
    """A specification that was read and found right."""

    record: Record  # what it says, in SI
    data: Mapping[str, Plain]  # as written, with every reference followed and every default filled in
    origins: Mapping[KeyPath, str]  # of each single value of data: file:line:col, --set … or default
    sha256: str  # of the record in SI: equal for equal content, however it was written
    warnings: tuple[str, ...]  # what is allowed but should not pass unread
    assumptions: tuple[Assumption, ...] = ()  # what is uncertain in it, in order of names


class LoadedScenario(Loaded):
    """A scenario that was read and found right."""

    __slots__ = ()

    @property
    def scenario(self) -> Scenario:
        """What it says, in SI."""
        return cast(Scenario, self.record)


L = TypeVar("L", bound=Loaded)


def load_part(kind: str, name_or_path: str | Path, *, overrides: Sequence[str] = ()) -> Loaded:
    """Load a specification of one of `capacity.inputs.reading.catalogue.KINDS`.

    It is a name of the catalogue, the path of a file, or ``-`` for standard input; the overrides,
    ``PATH=VALUE``, are applied in order.

    Raises
    ------
    InputError
        Something is wrong; the error carries every problem with its place.
    UsageError
        An override is not of the form ``PATH=VALUE``.
    """
    return _load(kind, str(name_or_path), [(text, f"--set {text}") for text in overrides], Loaded)


def load_scenario(
    name_or_path: str | Path,
    *,
    overrides: Sequence[str] = (),
    site: str | None = None,
    until: date | None = None,
) -> LoadedScenario:
    """Load a scenario, as `load_part` does, and with the same errors.

    It may have another site for the same demand, a name or a path, and another last day, `until`; the
    overrides are applied after these.
    """
    options = [(f"site={json.dumps(site)}", f"--site {site}")] if site is not None else []
    options += [(f"until={until}", f"--until {until}")] if until is not None else []
    options += [(text, f"--set {text}") for text in overrides]
    return _load("scenario", str(name_or_path), options, LoadedScenario)


def kind_of(name_or_path: str | Path) -> str:
    """Return the kind of a specification: what its file says, or which kind knows the name.

    A scenario comes before a site of the same name.

    Raises
    ------
    InputError
        There is no such file or name, or it does not say its kind.
    """
    name = str(name_or_path)
    if catalogue.is_path(name):
        written = read_file(Path(name)).child("kind")
        if written is None or written.value not in catalogue.KINDS:
            fix = f"start it with 'kind: …', one of {', '.join(catalogue.KINDS)}"
            raise InputError(Problem("the file does not say what it is", name, fix))
        return str(written.value)
    kinds = catalogue.kinds_of(name)
    if not kinds:
        everything = [known for kind in catalogue.KINDS for known in catalogue.names(kind)]
        raise InputError(Problem(f"nothing is called '{name}'", "", nearest(name, everything)))
    return kinds[-1]


def _load(
    kind: str, name: str, options: Sequence[tuple[str, str]], into: type[L], *, as_stated: bool = False
) -> L:
    """Load a specification; `as_stated`, without what parts do not state themselves."""
    shape = Shape.of(RECORDS[kind])
    resolver = Resolver()
    tree = resolver.resolve(resolver.open(kind, name, Path.cwd()), shape)
    tree = _overridden(tree, shape, options, resolver)
    tree, assumed = (tree, ()) if as_stated else with_means(tree, shape, _stated_parts)
    record = _validated(tree, kind, resolver)
    data, origins = cast("dict[str, Plain]", tree.plain()), {p: str(leaf.place) for p, leaf in tree.leaves()}
    _fill_defaults(record, data, origins)
    assumptions = assumptions_in(record, data, origins)
    lonely = lonely_causes(assumptions) if kind == "scenario" else ()  # a part shares causes with other parts
    warnings = (*assumed, *record.warnings(), *lonely)
    return into(record, data, origins, fingerprint(record), warnings, assumptions)


def _overridden(
    tree: YamlTree, shape: Shape, options: Sequence[tuple[str, str]], resolver: Resolver
) -> YamlTree:
    """Apply the options of the command line in order; what is wrong with them is said together."""
    problems: list[Problem] = []
    for text, label in options:
        try:
            tree = apply_override(tree, shape, text, label, resolver)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tree


def _validated(tree: YamlTree, kind: str, resolver: Resolver) -> Record:
    """Validate, and raise all problems of files and values together."""
    problems = [problem for found in resolver.broken.values() for problem in found]
    shape = Shape.of(RECORDS[kind])
    try:
        record = RECORDS[kind].model_validate(tree.plain())
    except ValidationError as error:
        prefix = "" if kind == "scenario" else kind
        problems += problems_of(error, tree, shape, prefix=prefix, known=resolver.broken)
    else:
        if isinstance(record, Scenario):
            problems += (problem_of(complaint, tree) for complaint in _memory_complaints(record))
    if problems:
        raise InputError(sorted(problems, key=_reading_order))
    return record


def _memory_complaints(scenario: Scenario) -> Iterator[Complaint]:
    """Say that no part one could buy has the memory; where only this site has not, jobs are rejected."""
    for name, work in scenario.workload.classes.items():
        if work.memory is None or scenario.has_memory_for(work):
            continue
        node, most = _largest_slot()
        if work.memory > most:
            what = f"no part has {work.memory / 1e9:.4g} GB of memory for a slot"
            fix = f"the most in the catalogue is {most / 1e9:.4g} GB ({node}); or ask for more slots"
            yield Complaint(what, fix, ("workload", "classes", name, "memory"))


def _stated_parts(kind: str) -> list[StatedPart]:
    """Return what the parts of the catalogue state themselves; those that cannot be read state nothing."""
    return _stated_in(kind, tuple(catalogue.roots()))


@cache
def _stated_in(kind: str, roots: tuple[Path, ...]) -> list[StatedPart]:
    del roots  # the catalogue looks them up; other ones are another catalogue
    found = []
    for name in catalogue.names(kind):
        with suppress(InputError):
            part = cast(Accelerator | Node, _load(kind, name, (), Loaded, as_stated=True).record)
            stated = part.achievable.by_precision() if part.achievable is not None else {}
            found.append(StatedPart(name, part.family or "", stated))
    return found


@cache
def _largest_slot() -> tuple[str, float]:
    """Return the node of the catalogue whose slots have the most memory, and how much that is [B]."""
    nodes = [cast(Node, load_part("node", name).record) for name in catalogue.names("node")]
    largest = max(nodes, key=lambda node: node.slot_memory_bytes)
    return largest.name, largest.slot_memory_bytes


def _fill_defaults(value: Any, data: Any, origins: dict[KeyPath, str], path: KeyPath = ()) -> None:  # noqa: ANN401
    """Add what nobody wrote, so that `capacity show` shows all there is: defaults, to plain data and origins.

    What was read is `value`, at `path` in the whole; what was written for it, `data`.
    """
    if isinstance(value, BaseModel) and isinstance(data, dict):
        if {"value", "likely"} & {*data} and "value" not in type(value).model_fields:
            return  # one number with its source, which the record makes more of: read again, it is the same
        for name in type(value).model_fields:
            if name in data:
                _fill_defaults(getattr(value, name), data[name], origins, (*path, name))
            elif name not in _unused(value) and (plain := _field_as_written(value, name)) not in (None, {}):
                data[name] = plain
                origins.update(dict.fromkeys(_leaf_paths(plain, (*path, name)), "default"))
    elif isinstance(value, Mapping) and isinstance(data, dict):
        for key, item in value.items():
            _fill_defaults(item, data.get(str(key)), origins, (*path, str(key)))
    elif isinstance(value, list | tuple) and isinstance(data, list):
        for index, item in enumerate(value):
            _fill_defaults(item, data[index], origins, (*path, index))


def _unused(record: BaseModel) -> frozenset[str]:
    return record.unused() if isinstance(record, Record) else frozenset()


def _field_as_written(record: BaseModel, name: str) -> Plain:
    value = getattr(record, name)
    reader = next((m for m in type(record).model_fields[name].metadata if isinstance(m, Quantity)), None)
    return reader.as_written(value) if reader is not None else _as_written(value)


def _as_written(value: Any) -> Plain:  # noqa: ANN401
    """Return a value as a person would have written it, so that the data can be read again."""
    if isinstance(value, BaseModel):
        said = [name for name in type(value).model_fields if name not in _unused(value)]
        fields = {name: _field_as_written(value, name) for name in said}
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


def _reading_order(problem: Problem) -> tuple[str, int, int]:
    """Sort problems as they stand in the files."""
    found = re.fullmatch(r"(.*?):(\d+):(\d+)", problem.where, re.DOTALL)
    return (found[1], int(found[2]), int(found[3])) if found else (problem.where, 0, 0)


def fingerprint(record: Record) -> str:
    """Return the SHA-256 of the canonical JSON of a record in SI, floats to 12 digits.

    Twelve digits are more than any input has and fewer than the noise of unit conversion touches, so that
    ``1 TB`` and ``1000 GB`` are the same.
    """
    canonical = json.dumps(_canonical(record.model_dump(mode="json")), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, dict):
        return {str(key): _canonical(item) for key, item in value.items()}
    return [_canonical(item) for item in value] if isinstance(value, list) else value
