"""What a table of jobs looks like in a few numbers: load, sizes, users, gaps."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from workloads.describe import numbers
from workloads.jobtable import JobTable, slot_seconds

Floats = NDArray[np.float64]


def offered_load(
    table: JobTable, slots: int, months: Mapping[str, tuple[int, int]], *, pool: str | None = None
) -> dict[str, float]:
    """Return the work submitted in each month over what the machine could do in it.

    Parameters
    ----------
    table : JobTable
        The jobs.
    slots : int
        Size of the machine, or of the pool. [slot]
    months : mapping of str to (int, int)
        First second of each month and the one after its last, without gaps between them. [s]
    pool : str, optional
        Only the jobs of this pool.
    """
    work = slot_seconds(table)
    if pool is not None:
        codes, words = table.labels("pool")
        work = np.where(codes == words.index(pool), work, 0.0) if pool in words else np.zeros(len(work))
    edges = [start for start, _ in months.values()] + [end for _, end in months.values()][-1:]
    total, _ = np.histogram(table.numbers("submit_s"), bins=np.array(edges) - 0.5, weights=work)
    hours = np.diff(edges)
    return dict(zip(months, (total / (slots * hours)).tolist(), strict=True))


def work_by_size(table: JobTable, bounds: Sequence[int]) -> Floats:
    """Return the share of the work in jobs of up to each bound, and of the larger ones last."""
    work = slot_seconds(table)
    place = np.searchsorted(np.array(bounds), table.numbers("slots"))
    shares: Floats = np.bincount(place, work, len(bounds) + 1) / work.sum()
    return shares


def share_by_label(table: JobTable, column: str, *, of_work: bool = True) -> dict[str, float]:
    """Return the share of the work, or of the jobs, under each label of a column."""
    codes, words = table.labels(column)
    totals = np.bincount(codes, slot_seconds(table) if of_work else None, len(words))
    return dict(zip(words, (totals / totals.sum()).tolist(), strict=True))


def top_share(table: JobTable, part_frac: float, *, column: str = "user") -> float:
    """Return the share of the work done by the busiest part of the users (or of other labels)."""
    work = np.array([share for share in share_by_label(table, column).values() if share > 0])
    return numbers.top_share(work, part_frac) or 0.0


def gap_cv(table: JobTable) -> float:
    """Return how uneven submissions are: standard deviation of the gaps over their mean; 1 for Poisson."""
    gaps = np.diff(table.numbers("submit_s"))
    return float(gaps.std() / gaps.mean())
