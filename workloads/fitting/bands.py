"""Classes by size and length: few bands with round edges, each with enough in it to say something about.

Edges are powers of two for slots and times people think in for lengths, so that a class can be named and read
aloud: "2 to 4 slots, 10 minutes to an hour".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workloads.fitting.log_series import LogSeries
from workloads.fitting.names import names_of

Floats = NDArray[np.float64]
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
LENGTHS: tuple[tuple[int, str], ...] = (
    *((seconds, f"{seconds}-s") for seconds in (5, 10, 20, 30)),
    *((MINUTE_S * n, f"{n}-min") for n in (1, 2, 3, 5, 8, 12, 20, 30, 45)),
    *((HOUR_S * n, f"{n}-h") for n in (1, 2, 3, 4, 6, 8, 12, 18)),
    *((DAY_S * n, f"{n}-d") for n in (1, 2, 3, 5, 7, 14)),
)
"""Where one length of run time may end and the next begin. [s], and as part of a name."""
SIZE_BANDS, LENGTH_BANDS = 7, 4
"""How many bands there are at most."""
SMALLEST_CLASS = 8
"""Series that a class needs to be described by itself; smaller ones join the next shorter."""


@dataclass(frozen=True, slots=True)
class Band:
    """One class of series.

    Attributes
    ----------
    name, title : str
        What to call it.
    members : array of bool, shape (n_series,)
        Which series belong to it.
    """

    name: str
    title: str
    members: NDArray[np.bool_]


def classes_in(series: LogSeries) -> list[Band]:
    """Return the classes of a log by size and typical length, small and short ones first."""
    weight = series.weight / series.weight.sum()
    sizes = _size_edges(series.slots, weight)
    lengths = _length_edges(series.log_run, weight)
    size_of = np.searchsorted(sizes, series.slots)
    length_of = np.searchsorted(np.log([seconds for seconds, _ in lengths]), series.log_run)
    largest = int(series.slots.max())
    found: list[Band] = []
    for size in np.unique(size_of):
        parts = [(length, (size_of == size) & (length_of == length)) for length in range(len(lengths) + 1)]
        for low, high, members in _joined(parts):
            name, title = _words(sizes, largest, int(size), lengths, low, high)
            found.append(Band(name, title, members))
    return found


def _size_edges(slots: NDArray[np.int64], weight: Floats) -> list[int]:
    """Return the largest size of each band but the last: powers of two near the weighted quantiles."""
    wanted = _quantiles(slots, weight, SIZE_BANDS)
    powers = {2 ** (int(size) - 1).bit_length() for size in wanted}
    return sorted(power for power in powers if power < slots.max())


def _length_edges(log_run: Floats, weight: Floats) -> list[tuple[int, str]]:
    """Return the round times nearest to the weighted quantiles of run time, without repetition."""
    logs = np.log([seconds for seconds, _ in LENGTHS])
    wanted = _quantiles(log_run, weight, LENGTH_BANDS)
    return [LENGTHS[place] for place in sorted({int(np.abs(logs - one).argmin()) for one in wanted})]


def _quantiles(values: NDArray[np.generic], weight: Floats, parts: int) -> list[float]:
    """Return the values that divide the weight into equal parts, one fewer than there are parts."""
    order = np.argsort(values, kind="stable")
    upper = np.cumsum(weight[order])
    places = np.searchsorted(upper, np.arange(1, parts) / parts * upper[-1])
    return [float(value) for value in values[order][np.minimum(places, len(order) - 1)]]


def _joined(
    parts: Sequence[tuple[int, NDArray[np.bool_]]],
) -> list[tuple[int, int, NDArray[np.bool_]]]:
    """Join neighbouring lengths until each holds enough series; gives first and last length of each."""
    found: list[tuple[int, int, NDArray[np.bool_]]] = []
    for length, members in parts:
        if found and (members.sum() < SMALLEST_CLASS or found[-1][2].sum() < SMALLEST_CLASS):
            low, _, before = found[-1]
            found[-1] = (low, length, before | members)
        else:
            found.append((length, length, members))
    return [entry for entry in found if entry[2].any()]


def _words(
    sizes: Sequence[int], largest: int, size: int, lengths: Sequence[tuple[int, str]], low: int, high: int
) -> tuple[str, str]:
    """Return the name and the title of a class."""
    first = 1 if size == 0 else sizes[size - 1] + 1
    last = sizes[size] if size < len(sizes) else largest
    slots = f"{first}" if first == last else f"{first}-{last}"
    unit = "slot" if last == 1 else "slots"
    after = lengths[low - 1][1] if low > 0 else ""
    until = lengths[high][1] if high < len(lengths) else ""
    if after and until:
        length, said = f"{after}-to-{until}", f"{after} to {until}"
    elif after or until:
        length, said = (f"over-{after}", f"over {after}") if after else (f"under-{until}", f"under {until}")
    else:
        length, said = "any-length", "of any length"
    title = f"{slots.replace('-', ' to ')} {unit}, {said.replace('-', ' ')}"
    return f"{slots}-{unit}-{length}", title


def classes_by(codes: NDArray[np.int64], words: Sequence[str]) -> list[Band]:
    """Return one class for each label of a column of the log: its queues, its kinds of work.

    Parameters
    ----------
    codes : array of int64, shape (n_series,)
        Label of the first job of each.
    words : sequence of str
        The labels; those with few series join one class ``other``.
    """
    counts = np.bincount(codes, minlength=len(words))
    large = [code for code in np.argsort(-counts, kind="stable") if counts[code] >= SMALLEST_CLASS][:60]
    rest = ~np.isin(codes, large)
    titles = [f"queue {words[code]}" for code in large]
    groups = [codes == code for code in large]
    called = [words[code] for code in large]
    if rest.any():
        called.append("other")
        titles.append("all other queues")
        groups.append(rest)
    names = names_of(called, nameless="none")
    return [Band(*one) for one in zip(names, titles, groups, strict=True)]
