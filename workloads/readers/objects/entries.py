"""From JSON to entries of a log, and the values in them that all lists of jobs write the same way."""

import gc
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from workloads.errors import LogError, LogProblem
from workloads.jobtable import STATES
from workloads.readers.text import BYTE_ORDER_MARK, Source, decode, open_log

INFINITE_32, NOT_SET_32 = 4294967295, 4294967294
MOST = 2**53
"""Numbers from there on are none."""


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
    try:
        with no_collector():
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


@contextmanager
def no_collector() -> Iterator[None]:
    """Keep the collector from looking through all entries of a list again and again, in vain."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
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


def number(value: Any) -> float | None:  # noqa: ANN401 - from a file
    """Return a number as Slurm writes it, None for none and for what stands for it; infinity as such.

    Examples
    --------
    >>> number(3), number({"set": True, "infinite": False, "number": 3}), number({"set": False}), number("x")
    (3.0, 3.0, None, None)
    """
    if type(value) is int and 0 <= value < NOT_SET_32:  # by far the most
        return float(value)
    if isinstance(value, dict):
        if value.get("infinite"):
            return math.inf
        return number(value.get("number")) if value.get("set") else None
    if isinstance(value, str):
        return math.inf if value.lower() in ("infinite", "infinity", "unlimited") else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MOST:
        return None
    return {INFINITE_32: math.inf}.get(int(value), float(value)) if int(value) != NOT_SET_32 else None


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
