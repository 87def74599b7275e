"""Workload W: the synthetic stream of jobs that every speed figure of the scheduling core is quoted on.

Poisson arrivals on 1,024 slots; sizes log-uniform and skewed to small ones, 70 % rounded to powers of two
and 20 % more serial; log-normal run times; requests 1-10 times the run time, rounded up to usual limits.
Load is work / (slots x span of the arrivals). Synthetic, not a trace: real logs have daily cycles and job
arrays and so longer queues at the same load.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.scheduling.jobs import Jobs

SLOTS: Final = 1024
LARGEST_LOG2: Final = 9
SKEW: Final = 1.4
MEDIAN_RUN_S: Final = 1500.0
SIGMA_RUN: Final = 1.6
SHORTEST_S, LONGEST_S = 10, 172_800
LIMITS_S: Final = np.array(
    [
        *(60 * minutes for minutes in (5, 10, 15, 30)),
        *(3_600 * hours for hours in (1, 2, 3, 4, 6, 8, 12, 18)),
        *(86_400 * days for days in (1, 1.5, 2, 3, 4, 5, 7, 10, 14, 20)),
    ],
    np.int32,
)
"""Wall-time limits people ask for, 5 min to 20 d. [s]"""


def sizes(rng: np.random.Generator, count: int, *, largest_log2: int = LARGEST_LOG2) -> npt.NDArray[np.int32]:
    """Slots asked for, shape (count,)."""
    log2 = largest_log2 * rng.random(count) ** SKEW
    power = rng.random(count) < 0.7
    drawn = np.exp2(np.where(power, np.rint(log2), log2)).astype(np.int32)
    drawn[rng.random(count) < 0.2] = 1
    return drawn


def run_times(rng: np.random.Generator, count: int) -> npt.NDArray[np.int32]:
    """Run times, shape (count,) [s]."""
    drawn = rng.lognormal(np.log(MEDIAN_RUN_S), SIGMA_RUN, count)
    return np.clip(drawn, SHORTEST_S, LONGEST_S).astype(np.int32)


def requests(rng: np.random.Generator, run_s: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Draw requested times, never below the run time, shape (count,) [s]."""
    wanted = run_s * rng.uniform(1, 10, len(run_s))
    usual = LIMITS_S[np.minimum(np.searchsorted(LIMITS_S, wanted), len(LIMITS_S) - 1)]
    return np.maximum(usual, run_s).astype(np.int32)


def arrivals(
    rng: np.random.Generator, work: float, count: int, *, capacity: float, load: float
) -> npt.NDArray[np.int64]:
    """Poisson arrivals whose span gives the wanted load, shape (count,) [s]."""
    at = np.cumsum(rng.standard_exponential(count))
    span = work / (capacity * load)
    submit_s: npt.NDArray[np.int64] = (at * (span / at[-1])).astype(np.int64)
    return submit_s


def generate(count: int, load: float, *, seed: int = 1, slots: int = SLOTS) -> Jobs:
    """Draw workload W.

    Parameters
    ----------
    count : int
        Number of jobs.
    load : float
        Work offered over capacity within the span of the arrivals.
    seed : int
        Seed of the generator.
    slots : int
        Size of the machine.

    Returns
    -------
    Jobs
        Sorted by submission.
    """
    rng = np.random.default_rng(seed)
    asked_slots = sizes(rng, count)
    run_s = run_times(rng, count)
    requested_s = requests(rng, run_s)
    work = float(np.dot(asked_slots.astype(np.float64), run_s))
    return Jobs(arrivals(rng, work, count, capacity=slots, load=load), run_s, requested_s, asked_slots)
