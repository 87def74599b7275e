"""Do people wait for room before they submit? Then there was a queue, but the log has no waits.

It shows in how often large jobs fit when they are submitted, beside how often they would have fitted some
days earlier or later at the same hour.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import JobTable
from workloads.period import starts

Ints = NDArray[np.int64]

LARGE_FRAC = 0.05
"""From this part of the machine on a job is large: smaller ones nearly always fit."""
DAY_S = 86_400
SHIFTS_S = tuple(sign * days * DAY_S for days in (3, 4, 5, 6) for sign in (-1, 1))
"""How far jobs are moved to see how often they would fit by chance. [s]"""
FEWEST_MISSES = 20
"""Of fewer jobs that would not fit by chance, nothing is said."""
MOST_HIDE_FRAC = 0.5
"""Above this hold share most of the waiting is not in the log."""


@dataclass(frozen=True, slots=True)
class HoldShare:
    """How often large jobs fit.

    Attributes
    ----------
    jobs : int
        Large jobs.
    fit_frac : float
        Part of them that fits into the free slots when it is submitted.
    chance_frac : float
        The same for these jobs three to six days earlier and later, at the same hour.
    """

    jobs: int
    fit_frac: float
    chance_frac: float

    @property
    def hold_frac(self) -> float:
        """Hold share: of the jobs that would not fit, those their owners hold back until they do [1].

        0 where too few would not fit to say.
        """
        misses = 1 - self.chance_frac
        if self.jobs * misses < FEWEST_MISSES:
            return 0.0
        return max((self.fit_frac - self.chance_frac) / misses, 0.0)

    @property
    def hides_waits(self) -> bool:
        """Whether most of the waiting happens before jobs are submitted, where no log sees it."""
        return self.hold_frac > MOST_HIDE_FRAC


def holding_of(table: JobTable, slots: int) -> HoldShare:
    """Return how often large jobs of a cleaned log fit on its machine; where no wait is known, it is none."""
    submit_s, run_s, width = (table.numbers(name).astype(np.int64) for name in ("submit_s", "run_s", "slots"))
    known = starts(table)
    return holding(submit_s, np.where(known >= 0, known, submit_s), run_s, width, slots)


def holding(submit_s: Ints, start_s: Ints, run_s: Ints, slots: Ints, machine_slots: int) -> HoldShare:
    """Return how often large jobs fit when they are submitted, and when they are moved by days.

    Parameters
    ----------
    submit_s, start_s, run_s : array of int64, shape (n_jobs,)
        Submissions in order, starts, run times. [s]
    slots : array of int64, shape (n_jobs,)
        Slots of each job. [slot]
    machine_slots : int
        Size of the machine. [slot]

    Examples
    --------
    A job of all slots each day, which ends before the next comes:

    >>> each = np.arange(40) * 86_400
    >>> holding(each, each, np.full(40, 80_000), np.full(40, 8), 8).fit_frac
    1.0
    """
    large = np.flatnonzero(slots >= LARGE_FRAC * machine_slots)
    if not len(large):
        return HoldShare(0, 1.0, 1.0)
    end_s, when, need = start_s + run_s, submit_s[large], slots[large]
    begin, begun = _running_total(start_s, slots)
    over, ended = _running_total(end_s, slots)

    def free(times_s: Ints) -> Ints:
        """Slots that are free just before these times."""
        held = begun[np.searchsorted(begin, times_s, "left")] - ended[np.searchsorted(over, times_s, "right")]
        left: Ints = machine_slots - held
        return left

    fit_frac = float(np.mean(need <= free(when)))
    fits = asked = 0
    for shift_s in SHIFTS_S:
        moved = when + shift_s
        inside = (moved >= submit_s[0]) & (moved <= submit_s[-1])
        moved, row = moved[inside], large[inside]
        own = (start_s[row] < moved) & (end_s[row] > moved)
        fits += int(np.count_nonzero(slots[row] <= free(moved) + own * slots[row]))
        asked += len(row)
    return HoldShare(len(large), fit_frac, fits / asked if asked else 1.0)


def _running_total(times_s: Ints, slots: Ints) -> tuple[Ints, Ints]:
    """Return times in order, and the slots of all before each of them, with those of all at the end."""
    order = np.argsort(times_s, kind="stable")
    return times_s[order], np.concatenate(([0], np.cumsum(slots[order])))
