"""What was drawn in each world, in a run directory, and read back from it.

A later version of this tool may draw other worlds from the same seed. What a run rests on is therefore in its
directory: one row per case, world and name of what was drawn.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from capacity.errors import InputError
from capacity.inputs.uncertainty.assumptions import Assumption
from capacity.study.uncertainty.draws import Draws, Futures, inputs_of

WORLDS: Final = "worlds.parquet"
COLUMNS: Final = ("case", "world", "name", "drawn", "part", "value", "text")
AGAIN: Final = "run the command again"


def write_worlds(futures: Mapping[str, Futures], folder: Path) -> None:
    """Write the worlds of each case: ``case world name drawn part value text``; nothing if there are none.

    ``drawn`` is where an independent input lies among what it may be, ``part`` where the assumption does when
    what it follows is taken in, ``value`` and ``text`` are what it is then, as drawn and in words.
    A cause that several assumptions share has ``drawn`` alone; what follows one wholly has none.
    """
    rows = [row for case, one in futures.items() for row in _rows(case, one.draws)]
    if rows:
        columns = {name: [row[name] for row in rows] for name in COLUMNS}
        pq.write_table(pa.table(columns), folder / WORLDS, compression="zstd")


def _rows(case: str, draws: Draws) -> list[dict[str, Any]]:
    by_name = {one.name: one for one in draws.assumptions}
    places = {name: place for place, name in enumerate(draws.inputs)}
    rows = []
    for world in range(draws.count):
        for name in _names(draws.assumptions, draws.inputs):
            row: dict[str, Any] = {"case": case, "world": world, "name": name}
            row["drawn"] = float(draws.uniforms[world, places[name]]) if name in places else None
            row |= {"part": None, "value": None, "text": None}
            if name in by_name:
                value = float(draws.values[name][world])
                row |= {"part": float(draws.parts[name][world]), "value": value}
                row |= {"text": by_name[name].in_words(value)}
            rows.append(row)
    return rows


def _names(assumptions: Sequence[Assumption], inputs: Sequence[str]) -> list[str]:
    """Return all that has a row: assumptions, of which some have no draw of their own, and causes."""
    return [*dict.fromkeys((*(one.name for one in assumptions), *inputs))]


def read_worlds(folder: Path, assumptions: Mapping[str, Sequence[Assumption]]) -> dict[str, Draws]:
    """Return the worlds of each case whose assumptions are given.

    Raises
    ------
    InputError
        The file is missing or broken, or holds other assumptions than the scenario.
    """
    path = folder / WORLDS
    try:
        rows = pq.read_table(path, columns=[*COLUMNS]).to_pylist()
        return {
            case: _draws([row for row in rows if row["case"] == case], found)
            for case, found in assumptions.items()
        }
    except FileNotFoundError:
        what = f"there is no {path.name}"
        raise InputError(what, where=str(folder), fix=f"it was left by an older version: {AGAIN}") from None
    except (pa.ArrowInvalid, KeyError, TypeError, ValueError, OSError):
        raise InputError("is broken, or not of this scenario", where=str(path), fix=AGAIN) from None


def _draws(rows: Sequence[Mapping[str, Any]], assumptions: Sequence[Assumption]) -> Draws:
    """Return the worlds of one case; what the file lacks is a KeyError."""
    inputs, names = inputs_of(assumptions), {one.name for one in assumptions}
    by_place = {(row["world"], row["name"]): row for row in rows}
    count = 1 + max((row["world"] for row in rows), default=-1)
    if len(by_place) != count * len(_names(assumptions, inputs)) or not count:
        raise ValueError("other assumptions")

    def column(what: str, name: str) -> list[float]:
        return [float(by_place[world, name][what]) for world in range(count)]

    drawn = np.array([column("drawn", name) for name in inputs], np.float64).T
    parts, values = (
        {one: np.array(column(what, one), np.float64) for one in sorted(names)} for what in ("part", "value")
    )
    return Draws(tuple(assumptions), inputs, drawn, parts, values)
