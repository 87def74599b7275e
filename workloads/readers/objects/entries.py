"""From JSON to entries, and from entries to the records of a log: what all lists of jobs do the same way."""

import gc
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workloads.errors import LogError, LogProblem
from workloads.jobtable import STATES, UNKNOWN, Tally, label_column
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.schedulers.records import JobNames, Records, malformed
from workloads.readers.text import BYTE_ORDER_MARK, Source, decode, open_log

_MOST = 2**53


class NoJobError(ValueError):
    """An entry that is no job as it should be; its text says why."""


class LeftOutError(ValueError):
    """An entry that is as it should be and no job of this log; its text says why."""


@dataclass(slots=True)
class Entry:
    """One record of a log as its reader understood it; times in seconds since 1970, None if not known.

    Attributes
    ----------
    name : str
        Identifier of the job.
    fate : int
        Position in `STATES`, or ``RUNS``, ``WAITS``, ``ATTEMPT``.
    processors, gpus : float
        What was allocated, else asked for.
    numbers, words : mapping
        Further columns of the JobTable.
    """

    name: str
    fate: int
    submit: int | None
    start: int | None = None
    end: int | None = None
    eligible: int | None = None
    processors: float = 0.0
    gpus: float = 0.0
    numbers: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


def parsed(source: Source) -> tuple[Any, str]:
    """Return the value in a JSON file, or the list of values in a file that has several, and its name.

    Raises
    ------
    LogError
        The file cannot be read, or is no JSON.
    """
    with open_log(source) as (stream, path):
        raw = stream.read().removeprefix(BYTE_ORDER_MARK)
    collecting = gc.isenabled()
    gc.disable()  # the collector would look through all that is there again and again, in vain
    try:
        text = decode(raw)
        del raw
        try:
            return json.loads(text), path
        except json.JSONDecodeError as error:
            if not error.msg.startswith("Extra data"):
                raise
            return _several(text), path
    except json.JSONDecodeError as error:
        raise LogError([LogProblem(path, error.lineno, error.colno, f"not JSON: {error.msg}")]) from None
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        raise LogError.whole_file(
            path, "not JSON that can be read: nested too deeply, or an endless number"
        ) from None
    finally:
        if collecting:
            gc.enable()


def _several(text: str) -> list[Any]:
    """Return the values that stand one behind the other, as JSON lines do."""
    decoder, values, place = json.JSONDecoder(), [], 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        value, place = decoder.raw_decode(text, place)
        values.append(value)
    return values


def records_of(
    entries: Sequence[Any], understand: Callable[[Any], list[Entry]], path: str, *, lenient: bool
) -> Records:
    """Return the records that entries are.

    Parameters
    ----------
    entries : sequence
        What the file holds.
    understand : callable
        Makes records of one, or raises `NoJobError` or `LeftOutError`.
    path : str
        Name of the file.
    lenient : bool
        Count entries that are no job instead of failing.

    Raises
    ------
    LogError
        There is none, or (unless `lenient`) one is no job.
    """
    found: list[Entry] = []
    places: list[int] = []
    wrong: dict[int, str] = {}
    gone: dict[str, list[int]] = {}
    for place, entry in enumerate(entries, 1):
        try:
            made = understand(entry)
            found += made
            places += [place] * len(made)
        except LeftOutError as error:
            gone.setdefault(str(error), []).append(place)
        except NoJobError as error:
            wrong[place] = str(error)
        except (AttributeError, TypeError, KeyError, IndexError, OverflowError, ValueError):
            wrong[place] = "not a job as it should be"
    dropped = malformed(path, "entry", wrong, lenient=lenient, all_wrong=not found)
    dropped += [
        Tally(why, len(which), tuple(f"entry {place}" for place in which[:3])) for why, which in gone.items()
    ]
    if not found:
        raise LogError.whole_file(path, "no job in this log")
    numbers = dict.fromkeys(name for entry in found for name in entry.numbers)
    words = dict.fromkeys(name for entry in found for name in entry.words)

    def times(name: str) -> Any:  # noqa: ANN401 - an array
        values = [getattr(entry, name) for entry in found]
        return np.array([MISSING_TIME if value is None else value for value in values], np.int64)

    return Records(
        path, "entry", np.array(places, np.int64), JobNames.named([entry.name for entry in found]),
        submit=times("submit"), eligible=times("eligible"), start=times("start"), end=times("end"),
        processors=np.clip(np.array([entry.processors for entry in found], np.float64), 0, _MOST),
        gpus=np.clip(np.array([entry.gpus for entry in found], np.float64), 0, _MOST),
        fate=np.array([entry.fate for entry in found], np.int8),
        optional={
            name: np.array([entry.numbers.get(name, UNKNOWN) for entry in found], np.int64)
            for name in numbers
        },
        labels={name: _label([entry.words.get(name, "") for entry in found]) for name in words},
        dropped=dropped,
    )  # fmt: skip


def _label(words: Sequence[str]) -> pd.Categorical:
    codes, unique = pd.factorize(np.array(words, dtype=object))
    return label_column(codes, [*map(str, unique)])


def number(value: Any) -> float | None:  # noqa: ANN401 - from a file
    """Return a number as Slurm writes it, None for none and for what stands for it; infinity as such.

    Examples
    --------
    >>> number(3), number({"set": True, "infinite": False, "number": 3}), number({"set": False}), number("x")
    (3.0, 3.0, None, None)
    """
    if type(value) is int and 0 <= value < _NOT_SET_32:  # by far the most
        return float(value)
    if isinstance(value, dict):
        if value.get("infinite"):
            return math.inf
        return number(value.get("number")) if value.get("set") else None
    if isinstance(value, str):
        return math.inf if value.lower() in ("infinite", "infinity", "unlimited") else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MOST:
        return None
    return {_INFINITE_32: math.inf}.get(int(value), float(value)) if int(value) != _NOT_SET_32 else None


def instant(value: Any) -> int | None:  # noqa: ANN401 - from a file
    """Return Unix time, None where it is 0 or none."""
    seconds = number(value)
    return int(seconds) if seconds is not None and 0 < seconds < math.inf else None


def word(value: Any) -> str:  # noqa: ANN401 - from a file
    """Return a word as one that can be written, nothing for what is none."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="replace").decode()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def state(name: str) -> int:
    """Return the position of a state."""
    return STATES.index(name)


_INFINITE_32, _NOT_SET_32 = 4294967295, 4294967294
