"""A specification in one world: every uncertain assumption replaced by one value.

In goes a scenario as it was loaded, with a number for each assumption; out comes a scenario that is certain,
checked as if a person had written it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from pydantic import ValidationError

from capacity.errors import InputError, Problem
from capacity.inputs.fields.ranges import AS_STATED
from capacity.inputs.reading.loader import LoadedScenario, fingerprint
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.tree import KeyPath
from capacity.inputs.scenario import Scenario
from capacity.inputs.uncertainty.assumptions import BLOCK, Assumption
from capacity.inputs.uncertainty.scaling import is_whole_of_shares, rescaled, scaled, whole_around

DAY_S = 86_400
_SHAPE = Shape.of(Scenario)


def in_world(
    loaded: LoadedScenario, assumptions: Sequence[Assumption], drawn: Mapping[str, float], *, world: str
) -> LoadedScenario:
    """Return a scenario with every assumption as drawn.

    Parameters
    ----------
    loaded, assumptions : LoadedScenario, sequence of Assumption
        The scenario and what is uncertain in it.
    drawn : mapping of str to float
        By name of the assumption: its value in SI, a factor, a delay [s], or the place of a choice.
    world : str
        What to call the world where it is no valid scenario: ``world 17``.

    Raises
    ------
    InputError
        The scenario would be wrong in this world; the error names the world and what was drawn.
    """
    data = certain(loaded.data)
    scenario, data = _in_world(data, assumptions, drawn, world)
    return LoadedScenario(scenario, data, loaded.origins, fingerprint(scenario), loaded.warnings)


def certain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain data of a scenario without what says that something is uncertain."""
    found: dict[str, Any] = _without_ranges(data, _SHAPE)
    return found


def specification_in_world(
    data: Mapping[str, Any], assumptions: Sequence[Assumption], drawn: Mapping[str, float], *, world: str
) -> Scenario:
    """Return the scenario of data that are `certain` in a world; see `in_world`."""
    return _in_world(dict(data), assumptions, drawn, world)[0]


def _in_world(
    data: dict[str, Any], assumptions: Sequence[Assumption], drawn: Mapping[str, float], world: str
) -> tuple[Scenario, dict[str, Any]]:
    changed: dict[KeyPath, Assumption] = {}
    for one in sorted(assumptions, key=lambda one: one.how == "factor"):  # values first, then factors on them
        if one.how == "factor" and drawn[one.name] == 1.0:
            continue
        changed |= dict.fromkeys(one.paths, one)
        try:
            data = _changed(data, one, drawn[one.name])
        except ValueError as error:
            said = _said(one, drawn[one.name])
            raise InputError(Problem(f"{world}: {said}: {error}", one.origin)) from None
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise InputError(_problems(error, changed, drawn, world)) from None
    return scenario, data


def _said(one: Assumption, drawn: float) -> str:
    value = str(one.spread.choices[int(drawn)]) if one.spread.choices else f"{drawn:.4g}"
    return f"{one.name} = {'× ' if one.how == 'factor' else ''}{value}"


def _problems(
    error: ValidationError, changed: Mapping[KeyPath, Assumption], drawn: Mapping[str, float], world: str
) -> list[Problem]:
    """Say what is wrong with a world, and which of what was drawn stands there."""
    found = []
    for one in error.errors():
        at = one["loc"]
        near = {a.name: a for path, a in changed.items() if path[: len(at)] == at or at[: len(path)] == path}
        because = ", ".join(_said(a, drawn[name]) for name, a in near.items()) or "what was drawn"
        what = f"{world}, with {because}: {'.'.join(map(str, at))}: {one['msg']}"
        fix = "narrow the range, or state it as a factor on all that belongs together ('uncertain')"
        found.append(Problem(what, next((a.origin for a in near.values()), ""), fix))
    return found


def _without_ranges(data: Any, shape: Shape) -> Any:  # noqa: ANN401
    """Copy plain data without what says that it is uncertain."""
    if isinstance(data, Mapping):
        copy = {}
        for key, item in data.items():
            below = shape.step(key)
            if key != BLOCK or below is None:
                copy[key] = _without_ranges(item, below) if below is not None else item
        if shape.readers and "likely" in copy:
            return copy["likely"]
        return copy.get("value", copy) if shape.readers and _is_long_form(copy) else copy
    if isinstance(data, list):
        return [
            _without_ranges(item, below) if (below := shape.step(key)) is not None else item
            for key, item in enumerate(data)
        ]
    return data


def _is_long_form(copy: Mapping[str, Any]) -> bool:
    return "value" in copy and any(key in copy for key in ("range", "low", "quantiles", "choices", "follows"))


def _changed(data: dict[str, Any], one: Assumption, drawn: float) -> dict[str, Any]:
    """Return data with one assumption as drawn; the shares beside a changed share make up for it."""
    wholes: dict[KeyPath, set[str]] = defaultdict(set)
    for path in one.paths:
        shape, raw = _SHAPE.follow(path), _at(data, path)
        assert shape is not None
        around, key = whole_around(path)
        if one.how != "later" and is_whole_of_shares(_at(data, around), cast(Shape, _SHAPE.follow(around))):
            wholes[around].add(key)
    for path in one.paths:
        shape, raw = cast(Shape, _SHAPE.follow(path)), _at(data, path)
        data = put(data, path, _drawn_value(raw, shape, one, drawn))
    for around, keys in wholes.items():
        data = put(data, around, rescaled(_at(data, around), keys, cast(Shape, _SHAPE.follow(around))))
    return data


def _drawn_value(raw: Any, shape: Shape, one: Assumption, drawn: float) -> Any:  # noqa: ANN401
    if one.how == "choice":
        chosen = one.spread.choices[int(drawn)]
        return raw if chosen == AS_STATED else chosen
    if one.how == "factor":
        return scaled(raw, shape, drawn)
    reader = shape.readers[0]
    value = reader.read(raw)
    if one.how == "later":
        return str(cast(date, value) + timedelta(days=round(drawn / DAY_S)))
    return reader.with_number(value, drawn)


def _at(data: Any, path: KeyPath) -> Any:  # noqa: ANN401
    for key in path:
        data = data[key]
    return data


def put(data: Any, path: KeyPath, value: Any) -> Any:  # noqa: ANN401
    """Return a copy of the data with one value in another place; what is not on the way is shared."""
    if not path:
        return value
    first, *rest = path
    if isinstance(data, list):
        copy = [*data]
        copy[int(first)] = put(data[int(first)], tuple(rest), value)
        return copy
    return {**data, first: put(data[first], tuple(rest), value)}
