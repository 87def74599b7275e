"""Loads a specification: from a name or a path to a checked record, and where each of its values stood."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from capacity.errors import InputError, Problem, nearest
from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.record import Record
from capacity.inputs.hardware.parts import Node
from capacity.inputs.reading import catalogue
from capacity.inputs.reading.defaults import fill_defaults
from capacity.inputs.reading.kinds import RECORDS
from capacity.inputs.reading.overrides import apply_override, read_override
from capacity.inputs.reading.problems import problem_of, problems_of
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.resolver import Resolver
from capacity.inputs.reading.tree import KeyPath, Plain, YamlTree
from capacity.inputs.reading.yaml_reader import read_file
from capacity.inputs.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Loaded:
    """A specification that was read and found right.

    Attributes
    ----------
    record : Record
        What it says, in SI.
    data : dict
        What it says, as written, with every reference followed and every default filled in.
    origins : mapping of path to str
        For each single value of `data`: ``file:line:col``, ``--set …`` or ``default``.
    sha256 : str
        Hash of the record in SI: equal for equal content, however it was written.
    warnings : tuple of str
        What is allowed but should not pass unread.
    """

    record: Record
    data: Mapping[str, Plain]
    origins: Mapping[KeyPath, str]
    sha256: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario that was read and found right; the fields are those of `Loaded`."""

    scenario: Scenario
    data: Mapping[str, Plain]
    origins: Mapping[KeyPath, str]
    sha256: str
    warnings: tuple[str, ...]


def load_part(kind: str, name_or_path: str | Path, *, overrides: Sequence[str] = ()) -> Loaded:
    """Load a specification of any kind.

    Parameters
    ----------
    kind : str
        One of `capacity.inputs.reading.catalogue.KINDS`.
    name_or_path : str or Path
        A name of the catalogue, the path of a file, or ``-`` for standard input.
    overrides : sequence of str
        ``PATH=VALUE``, applied in order.

    Raises
    ------
    InputError
        Something is wrong; the error carries every problem with its place.
    UsageError
        An override is not of the form ``PATH=VALUE``.
    """
    return _load(kind, str(name_or_path), [(text, f"--set {text}") for text in overrides])


def load_scenario(
    name_or_path: str | Path,
    *,
    overrides: Sequence[str] = (),
    site: str | None = None,
    until: date | None = None,
) -> LoadedScenario:
    """Load a scenario.

    Parameters
    ----------
    name_or_path : str or Path
        A name of the catalogue, the path of a file, or ``-`` for standard input.
    overrides : sequence of str
        ``PATH=VALUE``, applied in order, after `site` and `until`.
    site : str, optional
        Another site for the same demand: a name or a path.
    until : date, optional
        Another last day.

    Raises
    ------
    InputError
        Something is wrong; the error carries every problem with its place.
    UsageError
        An override is not of the form ``PATH=VALUE``.
    """
    options = [(f"site={json.dumps(site)}", f"--site {site}")] if site is not None else []
    options += [(f"until={until}", f"--until {until}")] if until is not None else []
    options += [(text, f"--set {text}") for text in overrides]
    loaded = _load("scenario", str(name_or_path), options)
    scenario = cast(Scenario, loaded.record)
    return LoadedScenario(scenario, loaded.data, loaded.origins, loaded.sha256, loaded.warnings)


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


def _load(kind: str, name: str, options: Sequence[tuple[str, str]]) -> Loaded:
    shape = Shape.of(RECORDS[kind])
    resolver = Resolver()
    tree = resolver.resolve(resolver.open(kind, name, Path.cwd()), shape)
    tree = _overridden(tree, shape, options, resolver)
    record = _validated(tree, kind, resolver)
    data, origins = cast("dict[str, Plain]", tree.plain()), {p: str(leaf.place) for p, leaf in tree.leaves()}
    fill_defaults(record, data, origins)
    return Loaded(record, data, origins, _fingerprint(record), record.warnings())


def _overridden(
    tree: YamlTree, shape: Shape, options: Sequence[tuple[str, str]], resolver: Resolver
) -> YamlTree:
    """Apply the options of the command line in order; what is wrong with them is said together."""
    problems: list[Problem] = []
    for text, label in options:
        try:
            tree = apply_override(tree, shape, read_override(text, label=label), resolver)
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


@cache
def _largest_slot() -> tuple[str, float]:
    """Return the node of the catalogue whose slots have the most memory, and how much that is [B]."""
    nodes = [cast(Node, load_part("node", name).record) for name in catalogue.names("node")]
    largest = max(nodes, key=lambda node: node.slot_memory_bytes)
    return largest.name, largest.slot_memory_bytes


def _reading_order(problem: Problem) -> tuple[str, int, int]:
    """Sort problems as they stand in the files."""
    found = re.fullmatch(r"(.*?):(\d+):(\d+)", problem.where, re.DOTALL)
    return (found[1], int(found[2]), int(found[3])) if found else (problem.where, 0, 0)


def _fingerprint(record: Record) -> str:
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
