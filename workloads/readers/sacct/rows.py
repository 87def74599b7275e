"""Which rows of an export of ``sacct`` become jobs, and what is said about the others."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import Tally
from workloads.readers.delimited.reader import Delimited

Mask = NDArray[np.bool_]


class SacctRows:
    """Which rows are kept, and what was done to them; examples are lines of the file."""

    def __init__(self, log: Delimited) -> None:
        self.lines = log.lines
        self.keep = np.ones(len(log), np.bool_)
        self._left: list[tuple[Mask, str, bool]] = []
        self._noted: list[tuple[Mask, str | Callable[[Mask], str]]] = []

    def leave_out(self, mask: Mask, reason: str, *, works: bool = True) -> None:
        """Leave rows out, under the first reason that hits them.

        Parameters
        ----------
        mask : array of bool
            Which rows.
        reason : str
            Why.
        works : bool
            Whether their work is lost with them; that of a step is in the row of its job.
        """
        hit = mask & self.keep
        self.keep &= ~mask
        if hit.any():
            self._left.append((hit, reason, works))

    def remark(self, mask: Mask, what: str | Callable[[Mask], str]) -> None:
        """Say what was changed in rows, as far as they are kept in the end; `what` may depend on those."""
        self._noted.append((mask, what))

    def dropped(self, work: NDArray[np.float64]) -> list[Tally]:
        """Return the rows that were left out, with their work; what is kept elsewhere has none [slot s]."""
        reasons = dict.fromkeys(why for _, why, _ in self._left)
        hits = {why: [(hit, works) for hit, other, works in self._left if other == why] for why in reasons}
        return [
            self._tally(
                np.logical_or.reduce([hit for hit, _ in found]),
                why,
                sum(float(work[hit].sum()) for hit, works in found if works),
            )
            for why, found in hits.items()
        ]

    def remarks(self) -> list[Tally]:
        """Return what was changed in the rows that are kept now."""
        noted = ((mask & self.keep, what) for mask, what in self._noted)
        return [
            self._tally(mask, what if isinstance(what, str) else what(self.keep))
            for mask, what in noted
            if mask.any()
        ]

    def _tally(self, mask: Mask, reason: str, slot_s: float = 0.0) -> Tally:
        examples = tuple(f"line {line}" for line in self.lines[np.flatnonzero(mask)[:3]])
        return Tally(reason, int(np.count_nonzero(mask)), examples, slot_s)
