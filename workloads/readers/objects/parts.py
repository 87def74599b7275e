"""From entries to the records of a log, part after part: a long list is never in memory as a whole."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import UNKNOWN, Tally
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.objects.entries import MOST, Entry, LeftOutError, NoJobError, no_collector
from workloads.readers.schedulers.lines import Words, joined_words
from workloads.readers.schedulers.records import JobNames, Records, malformed

_TIMES = ("submit", "eligible", "start", "end")
_AMOUNTS = ("processors", "gpus")


@dataclass(slots=True)
class EntryColumns:
    """Records of some entries in a row, column by column.

    Attributes
    ----------
    count : int
        How many entries.
    places : array of int64
        Which of them each record is of, from 0.
    names : list of str
        Identifiers of the jobs.
    columns : mapping of str to array
        Instants, `MISSING_TIME` where not known, amounts, and ``fate``.
    numbers : mapping of str to array
        Further columns of the JobTable.
    words : mapping of str to `Words`
        Labels.
    wrong, gone : dict
        Entries that are no job and why; and why others are left out, and which.
    """

    count: int
    places: NDArray[np.int64]
    names: list[str]
    columns: Mapping[str, NDArray[Any]]
    numbers: Mapping[str, NDArray[np.int64]]
    words: Mapping[str, Words]
    wrong: dict[int, str] = field(default_factory=dict)
    gone: dict[str, list[int]] = field(default_factory=dict)


def part_of(entries: Sequence[Any], understand: Callable[[Any], list[Entry]]) -> EntryColumns:
    """Return the records that entries are.

    Parameters
    ----------
    entries : sequence
        What the file holds.
    understand : callable
        Makes records of one, or raises `NoJobError` or `LeftOutError`.
    """
    found: list[Entry] = []
    places: list[int] = []
    wrong: dict[int, str] = {}
    gone: dict[str, list[int]] = {}
    with no_collector():
        for place, entry in enumerate(entries):
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
    columns: dict[str, NDArray[Any]] = {}
    for name in _TIMES:
        values = [getattr(entry, name) for entry in found]
        columns[name] = np.array([MISSING_TIME if value is None else value for value in values], np.int64)
    for name in _AMOUNTS:
        columns[name] = np.array([getattr(entry, name) for entry in found], np.float64)
    columns["fate"] = np.array([entry.fate for entry in found], np.int8)
    numbers = dict.fromkeys(name for entry in found for name in entry.numbers)
    words = dict.fromkeys(name for entry in found for name in entry.words)
    return EntryColumns(
        len(entries), np.array(places, np.int64), [entry.name for entry in found], columns,
        {
            name: np.array([entry.numbers.get(name, UNKNOWN) for entry in found], np.int64)
            for name in numbers
        },
        {name: _coded([entry.words.get(name, "") for entry in found]) for name in words},
        wrong, gone,
    )  # fmt: skip


def _coded(words: Sequence[str]) -> Words:
    codes, unique = pd.factorize(np.array(words, dtype=object))
    return codes, [*map(str, unique)]


def records_of(parts: Iterable[EntryColumns], path: str, *, lenient: bool) -> Records:
    """Return the records of all parts of a log.

    Parameters
    ----------
    parts : iterable of EntryColumns
        The parts, in order.
    path : str
        Name of the file.
    lenient : bool
        Count entries that are no job instead of failing.

    Raises
    ------
    LogError
        There is none, or (unless `lenient`) one is no job.
    """
    found: list[EntryColumns] = []
    wrong: dict[int, str] = {}
    gone: dict[str, list[int]] = {}
    before = 1  # entries are numbered from 1
    for part in parts:
        wrong |= {place + before: why for place, why in part.wrong.items()}
        for why, places in part.gone.items():
            gone.setdefault(why, []).extend(place + before for place in places)
        part.places += before
        before += part.count
        if part.names:
            found.append(part)
    dropped = malformed(path, "entry", wrong, lenient=lenient, all_wrong=not found)
    dropped += [
        Tally(why, len(which), tuple(f"entry {place}" for place in which[:3])) for why, which in gone.items()
    ]
    if not found:
        raise LogError.whole_file(path, "no job in this log")

    def column(name: str) -> NDArray[Any]:
        return np.concatenate([part.columns[name] for part in found])

    numbers = dict.fromkeys(name for part in found for name in part.numbers)
    words = dict.fromkeys(name for part in found for name in part.words)
    return Records(
        path, "entry", np.concatenate([part.places for part in found]),
        JobNames.named([name for part in found for name in part.names]),
        submit=column("submit"), eligible=column("eligible"), start=column("start"), end=column("end"),
        processors=np.clip(column("processors"), 0, MOST), gpus=np.clip(column("gpus"), 0, MOST),
        fate=column("fate"),
        optional={
            name: np.concatenate([part.numbers.get(name, _none(part, UNKNOWN)) for part in found])
            for name in numbers
        },
        labels={
            name: joined_words([part.words.get(name, (_none(part, 0), [""])) for part in found])
            for name in words
        },
        dropped=dropped,
    )  # fmt: skip


def _none(part: EntryColumns, value: int) -> NDArray[np.int64]:
    return np.full(len(part.names), value, np.int64)
