"""Everything that is uncertain in a specification: found once, with distribution, cause and who says so.

In goes the plain data of a specification with references followed; out come assumptions, in SI units.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

from capacity.errors import InputError, Problem, nearest
from capacity.facility.uncertainty import Uncertain
from capacity.inputs.fields.numbers import YEAR_S, FieldReader
from capacity.inputs.fields.ranges import AS_STATED, Spread, has_range
from capacity.inputs.fields.record import Record
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.tree import KeyPath
from capacity.inputs.uncertainty.scaling import cannot_scale
from capacity.inputs.uncertainty.stated import StatedUncertainty
from capacity.quantities.writing import format_number

BLOCK = "uncertain"
MONTH_S: Final = YEAR_S / 12
_UNIT = re.compile(r"\s*[-+]?[\d.,_]+(?:e[-+]?\d+)?\s*(\D.*)")
How = Literal["value", "factor", "later", "choice"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a person wrote it, and what one of it is in SI."""

    text: str = ""
    size: float = 1.0


NO_UNIT: Final = Unit()


@dataclass(frozen=True, slots=True)
class Assumption:
    """One uncertain assumption.

    Attributes
    ----------
    name : str
        Its path, or the path of its file's record and its name there: ``site.pue``.
    title : str
        One line for people; the name if nobody wrote one.
    paths : tuple of paths
        What it changes.
    how : {"value", "factor", "later", "choice"}
        Whether what is drawn is the value, a factor on it, a delay [s], or the place of one of `choices`.
    spread : Spread
        What may be drawn.
    likely : float
        What is drawn in the likely world: the value as stated, factor 1, no delay.
    cause, strength : str, float
        What it follows, the full name of another assumption or a cause of its own, and how closely; empty if
        it follows nothing.
    unit : Unit
        In which a person wrote the value.
    source, as_of, why, origin : str
        Who says so, since when, why, and where it is written.
    """

    name: str
    title: str
    paths: tuple[KeyPath, ...]
    how: How
    spread: Spread
    likely: float
    unit: Unit = NO_UNIT
    cause: str = ""
    strength: float = 1.0
    source: str = ""
    as_of: str = ""
    why: str = ""
    origin: str = ""

    @property
    def what(self) -> Uncertain:
        """The distribution in SI units; of choices, of their places."""
        return self.spread.what

    def in_words(self, drawn: float) -> str:
        """Return what was drawn as a person would write it: ``180 day``, ``× 1.4``, ``12 month``."""
        if self.how == "choice":
            return self.spread.called[int(drawn)]
        if self.how == "factor":
            return f"× {format_number(drawn)}"
        unit = Unit("month", MONTH_S) if self.how == "later" else self.unit
        return f"{format_number(round(drawn / unit.size, 12))} {unit.text}".rstrip()


def assumptions_in(
    record: Record, data: Mapping[str, Any], origins: Mapping[KeyPath, str]
) -> tuple[Assumption, ...]:
    """Return what is uncertain in a specification, in order of names.

    Parameters
    ----------
    record, data : Record, mapping
        The specification and its plain data, with references followed.
    origins : mapping of path to str
        Where each value stood.

    Raises
    ------
    InputError
        A path leads nowhere or to what cannot be changed so, or a cause follows itself.
    """
    shape = Shape.of(type(record))
    problems: list[Problem] = []
    found = [*_below(data, shape, (), record, data, origins, problems)]
    found = [*_with_causes(sorted(found, key=lambda one: one.name), problems)]
    if problems:
        raise InputError(problems)
    return tuple(found)


def lonely_causes(found: Sequence[Assumption]) -> Iterator[str]:
    """Say which causes one assumption alone follows: its name may be misspelt."""
    names, followed = {one.name for one in found}, [one.cause for one in found if one.cause]
    for one in found:
        if one.cause and one.cause not in names and followed.count(one.cause) == 1:
            yield f"{one.name} alone follows '{one.cause}': a cause that nothing shares changes nothing"


def _below(
    data: Any,  # noqa: ANN401
    shape: Shape, path: KeyPath, record: object, source: Mapping[str, Any],
    origins: Mapping[KeyPath, str], problems: list[Problem],
) -> Iterator[Assumption]:  # fmt: skip
    """Yield what is uncertain at a path and below; `source` is the nearest record above that names one."""
    if isinstance(data, Mapping) and shape.readers and (has_range(data) or "follows" in data):
        yield _beside(data, shape, path, source, origins)
        return
    items = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
    if isinstance(data, Mapping) and "source" in data:
        source = data
    for key, item in items:
        below = shape.step(key)
        if below is None:
            continue
        if key == BLOCK and isinstance(item, Mapping):
            for name, entry in getattr(record, BLOCK, {}).items():
                yield from _stated(name, entry, data, shape, path, origins, problems)
        else:
            inner = getattr(record, str(key), None) if isinstance(record, Record) else None
            inner = record.get(key) if isinstance(record, Mapping) else inner
            yield from _below(item, below, (*path, key), inner, source, origins, problems)


def _beside(
    data: Mapping[str, Any],
    shape: Shape,
    path: KeyPath,
    source: Mapping[str, Any],
    origins: Mapping[KeyPath, str],
) -> Assumption:
    """Return the assumption that a range beside a number makes."""
    reader = shape.readers[0]
    spread = reader.spread(data)
    own = data if "source" in data else source
    key = "value" if "value" in data else "likely"
    return Assumption(
        name=".".join(map(str, path)),
        title=str(data.get("title", "")),
        paths=(path,),
        how="choice" if spread.choices else "value",
        spread=spread,
        likely=_place_of(data[key], spread) if spread.choices else reader.number(reader.read(data)),
        unit=_unit_of(data[key], reader),
        cause=str(data.get("follows") or ""),
        strength=float(data.get("strength", 1.0)),
        source=str(own.get("source", "")),
        as_of=str(own.get("as_of", "")),
        why=str(data.get("why") or own.get("why") or ""),
        origin=origins.get((*path, key), ""),
    )


def _unit_of(raw: object, reader: FieldReader) -> Unit:
    """Return the unit in which a number was written; that of SI where it cannot be told."""
    found = _UNIT.fullmatch(raw) if isinstance(raw, str) else None
    one = None if found is None else _read(reader, f"1 {found[1]}")
    return NO_UNIT if one is None or found is None else Unit(found[1], reader.number(one))


def _place_of(value: object, spread: Spread) -> float:
    """Return the place of a value among its choices; the likeliest where it is none of them."""
    words = [str(one) for one in spread.choices]
    if AS_STATED in words:
        return float(words.index(AS_STATED))
    if str(value) in words:
        return float(words.index(str(value)))
    weights = [
        spread.what.part_below(place) - spread.what.part_below(place - 1) for place in range(len(words))
    ]
    return float(weights.index(max(weights)))


def _stated(
    name: str, entry: StatedUncertainty, data: Mapping[str, Any], shape: Shape, path: KeyPath,
    origins: Mapping[KeyPath, str], problems: list[Problem],
) -> Iterator[Assumption]:  # fmt: skip
    """Yield the assumption of an entry, or add to the problems what is wrong with its paths."""
    way, spread = entry.spread
    where = (*path, BLOCK, name, "of")
    targets: list[KeyPath] = []
    for place, dotted in enumerate(entry.of):
        origin = origins.get((*where, place), ".".join(map(str, where)))
        matches = [*_matches(data, dotted.split("."), ())]
        if not matches and not _is_left_out(data, shape, dotted):
            fix = f"{_nearest(data, dotted)}; or take '{name}' out of '{BLOCK}' with it: {name}: null"
            problems.append(Problem(f"there is no '{dotted}'", origin, fix.removeprefix("; ")))
        for match in matches:
            below = shape.follow(match)
            why = "leads nowhere" if below is None else _cannot(way, below, _at(data, match))
            if why:
                problems.append(Problem(f"{'.'.join(map(str, match))}: {why}", origin))
            targets.append((*path, *match))
    if not targets:
        return
    how: How = "choice" if way == "choices" else cast(How, way)
    likely = {"factor": 1.0, "later": 0.0}.get(how)
    if likely is None:
        likely = _place_of(_at(data, targets[0][len(path) :]), spread)
    prefix = ".".join(map(str, path))
    yield Assumption(
        name=f"{prefix}.{name}" if prefix else name,
        title=entry.title or "",
        paths=tuple(dict.fromkeys(targets)),
        how=how,
        spread=spread,
        likely=likely,
        cause=entry.follows or "",
        strength=1.0 if entry.strength is None else entry.strength,
        source=entry.source or str(data.get("source", "")),
        as_of=entry.as_of or "",
        why=entry.why or "",
        origin=origins.get((*where, 0), ""),
    )


def _cannot(way: str, shape: Shape, raw: object) -> str:
    """Say why what stands at a path cannot be changed in this way; empty if it can."""
    if way == "factor":
        return cannot_scale(raw, shape)
    if way == "later" and not any(hasattr(_read(one, raw), "year") for one in shape.readers):
        return "only a day can come later"
    return ""


def _read(reader: FieldReader, raw: object) -> object:
    from pydantic_core import PydanticCustomError  # noqa: PLC0415

    try:
        return cast(object, reader.read(raw))
    except PydanticCustomError:
        return None


def _matches(data: Any, keys: Sequence[str], path: KeyPath) -> Iterator[KeyPath]:  # noqa: ANN401
    """Yield the paths that are there and fit a dotted one with stars."""
    if not keys:
        yield path
    elif isinstance(data, Mapping):
        first, *rest = keys
        for key, item in data.items():
            if first in ("*", str(key)):
                yield from _matches(item, rest, (*path, key))


def _at(data: Any, path: KeyPath) -> Any:  # noqa: ANN401
    for key in path:
        data = data[key]
    return data


def _is_left_out(data: Any, shape: Shape, dotted: str) -> bool:  # noqa: ANN401
    """Say whether a path leads to what may stand there and does not: nothing is uncertain about it then.

    That is a field of a record; a name that nothing has is a mistake.
    """
    keys = dotted.split(".")
    for count, key in enumerate(keys):
        befores = [*_matches(data, keys[:count], ())]
        if not [*_matches(data, keys[: count + 1], ())]:
            return any((step := shape.follow(at)) is not None and key in step.keys for at in befores)
    return False


def _nearest(data: Any, dotted: str) -> str:  # noqa: ANN401
    """Name the key that was meant where a path first leads nowhere."""
    keys = dotted.split(".")
    for count, key in enumerate(keys):
        before = [*_matches(data, keys[:count], ())]
        known = dict.fromkeys(
            str(one) for path in before if isinstance(at := _at(data, path), Mapping) for one in at
        )
        if key != "*" and key not in known:
            return nearest(key, [*known])
    return ""


def _with_causes(found: Sequence[Assumption], problems: list[Problem]) -> Iterator[Assumption]:
    """Give each assumption the full name of the one it follows, where its cause is one; refuse loops."""
    names = {one.name for one in found}
    short = {name.rpartition(".")[2]: name for name in names}
    full: dict[str, str] = {}
    for one in found:
        record = one.name.partition(".")[0]
        candidates = (one.cause, f"{record}.{one.cause}", short.get(one.cause, ""))
        full[one.name] = next((name for name in candidates if name in names), one.cause)
    for one in found:
        chain = [one.name]
        while (above := full.get(chain[-1], "")) and above not in chain:
            chain.append(above)
        if above == one.name:
            what = "follows itself" + (f": {' → '.join([*chain, one.name])}" if len(chain) > 1 else "")
            problems.append(Problem(f"{one.name} {what}", one.origin, "name a cause that stands by itself"))
        yield replace(one, cause=full[one.name])
