"""The cases of an experiment: the scenario with values set, and the replications that each is run with.

A case is its number, what to set and which replications; it is loaded when it is needed, because all of a
large experiment would not fit into memory. All choices of the axes see the same replications, so that they
differ by what they are; each point of the samples has its own: one luck for all would never average out.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from capacity.errors import InputError, Problem
from capacity.inputs.experiment import Experiment, Samples, values_between
from capacity.inputs.fields.steps import between
from capacity.inputs.reading.catalogue import is_path
from capacity.inputs.reading.loader import Loaded, LoadedScenario, load_scenario
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.scenario import Scenario
from capacity.statistics import designs

KEPT: Final = 128
"""Loaded cases that are kept at hand: some hundred kilobytes each."""


@dataclass(frozen=True, slots=True)
class Case:
    """One choice of everything that varies.

    Attributes
    ----------
    number : int
        Its place in the experiment: the last axis changes fastest, points faster than axes.
    values : mapping of str to str
        What is set, by path, as written.
    replications : range
        Which luck it is run with.
    """

    number: int
    values: Mapping[str, str]
    replications: range


@dataclass(frozen=True, slots=True)
class Checked:
    """A case that can be run: the hash of its scenario, and what is set: numbers in SI, names as written."""

    number: int
    sha256: str
    values: Mapping[str, str | float | None]


class Cases(Sequence[Case]):
    """The cases of an experiment.

    Raises
    ------
    InputError
        The scenario of the experiment is wrong.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.experiment = cast(Experiment, loaded.record)
        self._scenario = self._located()
        self.base: LoadedScenario = self._loaded_with({})
        """The scenario before anything varies."""
        self._axes = {path: self._axis(path) for path in self.experiment.axes}
        self._points = self._drawn(self.experiment.samples)
        self.load = lru_cache(KEPT)(self._load)
        """Return the scenario of the case of a number; see `Cases.check`."""

    @property
    def paths(self) -> tuple[str, ...]:
        """What varies: the axes, then the ranges."""
        return (*self._axes, *(self.experiment.samples.ranges if self.experiment.samples else ()))

    @property
    def seed(self) -> int:
        """Where the random numbers of the runs start."""
        own = self.experiment.seed
        return self.base.scenario.seed if own is None else own

    @property
    def identity(self) -> str:
        """A hash of what is asked: the experiment and the scenario as it stands, 64 hex digits."""
        said = json.dumps([self.loaded.sha256, self.base.sha256, self.seed])
        return hashlib.sha256(said.encode()).hexdigest()

    def __len__(self) -> int:
        return math.prod(map(len, self._axes.values())) * (len(self._points) or 1)

    def __getitem__(self, number: Any) -> Any:  # noqa: ANN401 - a case; of a slice, several
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        values, point = {}, 0
        rest = number
        if self._points:
            rest, point = divmod(rest, len(self._points))
            values.update(self._points[point])
        for path, choices in reversed(self._axes.items()):
            rest, place = divmod(rest, len(choices))
            values[path] = choices[place]
        each = self.experiment.replications
        ordered = {path: values[path] for path in self.paths}
        return Case(number, ordered, range(point * each, (point + 1) * each))

    def check(self, numbers: Sequence[int], told: Callable[[int], None] | None = None) -> "list[Checked]":
        """Load each case of these numbers, and return what came of it, in their order.

        First every value is tried by itself, so that all that are wrong are named at once, then every case.

        Raises
        ------
        InputError
            A path leads nowhere, a value cannot be, or values do not go together.
        """
        problems: dict[Problem, None] = {}
        named = dict.fromkeys(self.paths, False)
        for path, value in self._alone():
            try:
                alone = self._loaded_with({path: value})
            except InputError as error:
                problems.update(dict.fromkeys(error.problems))
            else:
                named[path] |= value_at(alone.scenario, path) is None
        if problems:
            raise InputError(problems)
        checked = []
        for done, number in enumerate(numbers, 1):
            case, loaded = self[number], self.load(number)
            stands = {
                path: value if named[path] else value_at(loaded.scenario, path)
                for path, value in case.values.items()
            }
            checked.append(Checked(number, loaded.sha256, stands))
            if told is not None:
                told(done)
        return checked

    def _alone(self) -> Iterator[tuple[str, str]]:
        """Yield each value that is written, and the ends of each range."""
        for path, choices in self._axes.items():
            listed = not isinstance(self.experiment.axes[path], Mapping)
            yield from ((path, value) for value in (choices if listed else (choices[0], choices[-1])))
        if self.experiment.samples is not None:
            for path, (low, high) in self.experiment.samples.ranges.items():
                yield path, low.text
                yield path, high.text

    def _load(self, number: int) -> LoadedScenario:
        case = self[number]
        try:
            return self._loaded_with(case.values)
        except InputError as error:
            which = ", ".join(f"{path}={value}" for path, value in case.values.items())
            raise InputError(
                replace(one, what=f"case {number} ({which}): {one.what}") for one in error.problems
            ) from None

    def _loaded_with(self, values: Mapping[str, str]) -> LoadedScenario:
        texts = {f"{path}={value}": path for path, value in values.items()}
        try:
            return load_scenario(self._scenario, overrides=[*texts])
        except InputError as error:
            where = {f"--set {text}": self._place(path, values[path]) for text, path in texts.items()}
            where[""] = self.loaded.origins.get(("scenario",), "")
            raise InputError(
                replace(problem, where=where.get(problem.where, problem.where)) for problem in error.problems
            ) from None

    def _located(self) -> str:
        """Return the scenario's name, or its path from here: it is written as seen from the experiment."""
        name = self.experiment.scenario
        if not is_path(name) or name == "-":
            return name
        written = self.loaded.origins.get(("scenario",), "").rsplit(":", 2)
        return str(Path(Path(written[0]).parent, name)) if len(written) == 3 else name

    def _place(self, path: str, value: str) -> str:
        """Return where the experiment says that a path varies, as exactly as it is known."""
        written = self.experiment.axes.get(path)
        keys: list[tuple[str | int, ...]] = [("axes", path), ("samples", "ranges", path)]
        if isinstance(written, tuple):
            keys.insert(0, ("axes", path, [_as_text(one) for one in written].index(value)))
        origins = self.loaded.origins
        for key in keys:
            if key in origins:
                return origins[key]
        below = (origin for at, origin in origins.items() if at[: len(keys[-1])] in keys or at[:2] in keys)
        return next(below, "")

    def _is_whole(self, path: str) -> bool:
        """Whether only whole numbers belong at a path."""
        shape = Shape.of(Scenario).follow(path.split("."))
        return shape is not None and int in shape.options and float not in shape.options

    def _axis(self, path: str) -> tuple[str, ...]:
        written = self.experiment.axes[path]
        if isinstance(written, Mapping):
            return values_between(written, whole=self._is_whole(path))
        return tuple(map(_as_text, written))

    def _drawn(self, samples: Samples | None) -> list[dict[str, str]]:
        """Return what each point sets."""
        if samples is None:
            return []
        ranges = samples.ranges
        whole = {path: self._is_whole(path) for path in ranges}
        if samples.method == "grid":
            each = [
                values_between({"from": low.text, "to": high.text, "count": samples.count}, whole=whole[path])
                for path, (low, high) in ranges.items()
            ]
            places = designs.grid([*map(len, each)])
            rows: Iterable[Iterable[str]] = ([each[n][at] for n, at in enumerate(row)] for row in places)
        else:
            draw = designs.sobol if samples.method == "sobol" else designs.latin_hypercube
            drawn = draw(len(ranges), samples.count, samples.seed)
            rows = (
                [
                    between(low, high, float(part), whole=whole[path])
                    for (path, (low, high)), part in zip(ranges.items(), np.asarray(row), strict=True)
                ]
                for row in drawn
            )
        return [dict(zip(ranges, row, strict=True)) for row in rows]


def value_at(scenario: Scenario, path: str) -> float | None:
    """Return the number that stands at a path of a scenario, in SI; None if it is no number."""
    found: Any = scenario
    for key in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(key)
        elif isinstance(found, Sequence) and not isinstance(found, str):
            found = found[int(key)] if key.isdecimal() and int(key) < len(found) else None
        else:
            found = getattr(found, key, None)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _as_text(value: object) -> str:
    """Return a value of the experiment as one would write it after ``--set PATH=``."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
