"""How long jobs run, how long they asked for, and how they end.

People ask for round times: a job that would run 70 minutes asks for 2 hours. Many ask for the longest time
there is. Few ask for too little, and are killed at their limit. Run time over request comes out flat
between 0 and 1 with a spike at small values, as in the logs of Tsafrir, Etsion and Feitelson (2005).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import STATES
from workloads.synthetic.distributions import Choice, Floats
from workloads.synthetic.model import JobClass

MINUTE, HOUR, DAY = 60, 3600, 86400
FAVOURITES_S = np.array(
    [
        *(5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
        *(HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR, 18 * HOUR),
        *(
            DAY,
            36 * HOUR,
            2 * DAY,
            3 * DAY,
            4 * DAY,
            5 * DAY,
            7 * DAY,
            10 * DAY,
            14 * DAY,
            21 * DAY,
            28 * DAY,
        ),
    ],
    dtype=np.float32,
)
"""The times people ask for. [s]"""
TIMEOUT = STATES.index("timeout")


@dataclass(frozen=True, slots=True)
class Times:
    """Run times, requests and ends of the jobs of one stream.

    Attributes
    ----------
    run_s : array of int32, shape (n_jobs,)
        True run time, at least 1 and at most what was asked for. [s]
    requested_s : array of int32, shape (n_jobs,)
        Asked for. [s]
    state : array of int8, shape (n_jobs,)
        Position in `workloads.jobtable.STATES`.
    """

    run_s: NDArray[np.int32]
    requested_s: NDArray[np.int32]
    state: NDArray[np.int8]


def by_slots(factors: Mapping[int, float], slots: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the factor that belongs to the slots of each job, all of which have one, shape (n_jobs,).

    Examples
    --------
    >>> by_slots({8: 0.5, 1: 1.0}, np.array([1, 8, 8])).tolist()
    [1.0, 0.5, 0.5]
    """
    sizes = np.array(sorted(factors), slots.dtype)
    return np.array([factors[int(size)] for size in sizes])[np.searchsorted(sizes, slots)]


def draw_times(rng: np.random.Generator, kind: JobClass, slots: NDArray[np.integer]) -> Times:
    """Return run times, requests and ends of jobs of a class that ask for so many slots each."""
    n = len(slots)
    for_runs, for_fates, for_requests = rng.spawn(3)
    states, factors = _fates(kind)
    fate = Choice.of([entry.share for entry in kind.fates.values()]).draw(for_fates, n)
    with np.errstate(over="ignore"):  # a tail may leave float32: infinitely long is cut like any other
        run_s = kind.run_s.draw(for_runs, n)
        run_s *= factors[fate]
        if kind.longer_by_slots:
            run_s *= by_slots(kind.longer_by_slots, slots)
    np.maximum(run_s, 1.0, out=run_s)
    requested_s = _requested(for_requests, kind, run_s)
    cut = run_s > requested_s
    state = states[fate]
    state[cut] = TIMEOUT
    whole_s = np.rint(np.minimum(run_s, requested_s, out=run_s)).astype(np.int32)
    return Times(whole_s, requested_s.astype(np.int32), state)


def _fates(kind: JobClass) -> tuple[NDArray[np.int8], Floats]:
    """Return the states of a class, and run time factors scaled so that the mean of all jobs stays."""
    fates = kind.fates.values()
    mean = sum(fate.share * fate.run_factor for fate in fates) / sum(fate.share for fate in fates)
    states = np.array([STATES.index(name) for name in kind.fates], dtype=np.int8)
    return states, np.array([fate.run_factor / mean for fate in fates], dtype=np.float32)


def _requested(rng: np.random.Generator, kind: JobClass, run_s: Floats) -> Floats:
    """Return what is asked for: the run time over a uniform accuracy, up to the next favourite."""
    for_habit, for_accuracy = rng.spawn(2)
    longest_s = np.float32(kind.longest_s)
    ladder = np.append(FAVOURITES_S[longest_s > FAVOURITES_S], longest_s)
    accuracy = for_accuracy.random(len(run_s), dtype=np.float32)
    accuracy += np.float32(2**-24)
    step = np.searchsorted(ladder, run_s / np.minimum(accuracy, 1.0))
    habit = for_habit.random(len(run_s), dtype=np.float32)
    short = habit < kind.requests.too_short
    step[short] = np.searchsorted(ladder, run_s[short]) - 1
    step[habit >= 1 - kind.requests.longest] = len(ladder) - 1
    return ladder[np.clip(step, 0, len(ladder) - 1)]
