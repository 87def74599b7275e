"""A specification in one world: every uncertain assumption replaced by one value.

In goes a scenario as it was loaded, with a number for each assumption; out comes a scenario that is certain,
checked as if a person had written it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, cast

from pydantic import ValidationError

from capacity.errors import InputError, Problem
from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.ranges import AS_STATED
from capacity.inputs.fields.record import Record
from capacity.inputs.reading.loader import Loaded, LoadedScenario, fingerprint
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.tree import KeyPath
from capacity.inputs.scenario import Scenario
from capacity.inputs.uncertainty.assumptions import BLOCK, Assumption
from capacity.inputs.uncertainty.scaling import is_whole_of_shares, rescaled, scaled, whole_around

DAY_S = 86_400
MOST_BLAMED: Final = 3
NARROWER: Final = "narrow the range, or state it as a factor on all that belongs together ('uncertain')"


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
    scenario, data = record_in_world(loaded, assumptions, drawn, world=world)
    return LoadedScenario(
        cast(Scenario, scenario), data, loaded.origins, fingerprint(scenario), loaded.warnings
    )


def record_in_world(
    loaded: Loaded, assumptions: Sequence[Assumption], drawn: Mapping[str, float], *, world: str
) -> tuple[Record, dict[str, Any]]:
    """Return a specification of any kind with every assumption as drawn, and its data; as `in_world`."""
    kind = type(loaded.record)
    data = certain(loaded.data, kind)
    return _in_world(kind, data, assumptions, drawn, world)


def certain(data: Mapping[str, Any], kind: type[Record] = Scenario) -> dict[str, Any]:
    """Return the plain data of a specification without what says that something is uncertain."""
    found: dict[str, Any] = _without_ranges(data, _shape_at(kind, ()))
    return found


def scenario_in_world(
    data: Mapping[str, Any], assumptions: Sequence[Assumption], drawn: Mapping[str, float], *, world: str
) -> Scenario:
    """Return the scenario of data that are `certain` with every assumption as drawn; as `in_world`."""
    return cast(Scenario, _in_world(Scenario, dict(data), assumptions, drawn, world)[0])


def _in_world(
    kind: type[Record], data: dict[str, Any], assumptions: Sequence[Assumption], drawn: Mapping[str, float],
    world: str,
) -> tuple[Record, dict[str, Any]]:  # fmt: skip
    for one in sorted(assumptions, key=lambda one: one.how == "factor"):  # values first, then factors on them
        if one.how == "factor" and drawn[one.name] == 1.0:
            continue
        try:
            data = _changed(kind, data, one, drawn[one.name])
        except (ValueError, OverflowError) as error:
            said = _said(one, drawn[one.name])
            raise InputError(Problem(f"{world}, with {said}: {error}", one.origin, NARROWER)) from None
    try:
        return kind.model_validate(data), data
    except ValidationError as error:
        raise InputError(_problems(error, assumptions, drawn, world)) from None


def _said(one: Assumption, drawn: float) -> str:
    return f"{one.name} = {one.in_words(drawn)}"


def _problems(
    error: ValidationError, assumptions: Sequence[Assumption], drawn: Mapping[str, float], world: str
) -> list[Problem]:
    """Say what is wrong with a world, and which of what was drawn is to blame."""
    found = []
    moved = [one for one in assumptions if drawn[one.name] != one.likely]
    for at, wrong in _complaints(error):
        blamed = _blamed(moved, at)
        because = ", ".join(_said(one, drawn[one.name]) for one in blamed[:MOST_BLAMED]) or "what was drawn"
        what = f"{world}, with {because}: {'.'.join(map(str, at))}: {wrong}"
        found.append(Problem(what, next((one.origin for one in blamed), ""), NARROWER))
    return found


def _blamed(moved: Sequence[Assumption], at: KeyPath) -> Sequence[Assumption]:
    """Return what changed something at or below a path, else near it, else anywhere."""
    for near in (at, at[:-1]):
        found = [
            one
            for one in moved
            if any(path[: len(near)] == near or near[: len(path)] == path for path in one.paths)
        ]
        if found:
            return found
    return moved


def _complaints(error: ValidationError) -> Iterator[tuple[KeyPath, str]]:
    """Yield where something is wrong, and what."""
    for one in error.errors():
        complaints: Sequence[Complaint] = one.get("ctx", {}).get("complaints", ())
        for complaint in complaints:
            yield (*one["loc"], *complaint.at), complaint.what
        if not complaints:
            yield one["loc"], one["msg"]


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


def _changed(kind: type[Record], data: dict[str, Any], one: Assumption, drawn: float) -> dict[str, Any]:
    """Return data with one assumption as drawn; the shares beside a changed share make up for it."""
    wholes: dict[KeyPath, set[str]] = defaultdict(set)
    for path in one.paths:
        around, key = whole_around(path)
        if one.how != "later" and is_whole_of_shares(_at(data, around), _shape_at(kind, around)):
            wholes[around].add(key)
    for path in one.paths:
        data = put(data, path, _drawn_value(_at(data, path), _shape_at(kind, path), one, drawn))
    for around, keys in wholes.items():
        data = put(data, around, rescaled(_at(data, around), keys, _shape_at(kind, around)))
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


@cache
def _shape_at(kind: type[Record], path: KeyPath) -> Shape:
    """Return what belongs at a path at which something stands."""
    return cast(Shape, Shape.of(kind).follow(path))


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
