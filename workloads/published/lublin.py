"""The model of Lublin and Feitelson (2003): the field's standard synthetic log of a parallel machine.

Batch and interactive jobs of the 1990s with a daily cycle, but no week, no users and no requested times. It
is here to be compared with, not as a picture of a GPU site.

Notes
-----
U. Lublin, D. G. Feitelson, "The workload on parallel supercomputers: modeling the characteristics of rigid
jobs", J. Parallel Distrib. Comput. 63(11), 2003, doi:10.1016/S0743-7315(03)00108-4. The constants are those
of the authors' program, m_lublin99.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log2

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from workloads.errors import LogError
from workloads.jobtable import STATES, JobTable, label_column, table_from
from workloads.published.request import DAY_S, MOST_JOBS, Request

BUCKETS, BUCKET_S = 48, 1800
FIRST_BUCKET = 11
"""Where the daily gamma begins: the 11th half hour of the day, 05:00."""
LONGEST_LOG_RUN, LONGEST_LOG_GAP = 12.0, 13.0
"""Natural logarithms above which a run time (45 hours) or a gap is drawn again."""
MACHINE = 128
"""Slots of the machine that the constants are for."""
FIRST_GUESS_GAP_S = 500.0
"""Less than the mean gap of any kind: how many jobs to draw at first is worked out from it. [s]"""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kind:
    """The constants of one kind of jobs, by their names in the paper.

    Attributes
    ----------
    serial_frac, power_frac : float
        Share of jobs on one slot, and of those on another power of two.
    u_low, u_med, u_high, u_share : float
        log2 of the size is uniform from low to med with a probability, else from med to high.
    a1, b1, a2, b2 : float
        Shapes and scales of the two gammas of the natural logarithm of the run time.
    pa, pb : float
        Probability of the first gamma: pa × slots + pb, within 0 and 1.
    gap_shape, gap_scale, all_day : float
        Gamma of the natural logarithm of the gap at rush hours, and what the shape is multiplied with.
    day_shape, day_scale : float
        Gamma of the daily cycle, in half hours.
    """

    serial_frac: float
    power_frac: float
    u_low: float
    u_med: float
    u_high: float
    u_share: float
    a1: float
    b1: float
    a2: float
    b2: float
    pa: float
    pb: float
    gap_shape: float
    gap_scale: float
    all_day: float
    day_shape: float
    day_scale: float

    def on(self, slots: int) -> "Kind":
        """Return the kind on a machine of another size: all sizes but the least grow with it."""
        shift = log2(slots / MACHINE)
        high = max(self.u_high + shift, self.u_low)
        return replace(self, u_high=high, u_med=min(max(self.u_med + shift, self.u_low), high))


KINDS = {
    "typeless": Kind(
        *(0.244, 0.576, 0.8, 4.5, 7.0, 0.86),
        *(4.2, 0.94, 312.0, 0.03, -0.0054, 0.78),
        *(10.2303, 0.4871, 1.0225, 8.1737, 3.9631),
    ),
    "batch": Kind(
        *(0.2927, 0.6686, 1.2, 5.0, 7.0, 0.875),
        *(6.57, 0.823, 639.1, 0.0156, -0.003, 0.6986),
        *(6.0415, 0.8531, 1.0519, 6.1271, 5.2740),
    ),
    "interactive": Kind(
        *(0.1541, 0.625, 1.0, 3.0, 5.5, 0.705),
        *(3.8351, 0.6605, 7.073, 0.6856, -0.0118, 0.9156),
        *(6.5510, 0.6621, 0.9797, 8.9186, 3.6680),
    ),
}


def typeless(request: Request) -> JobTable:
    """Return jobs of the parameters for all jobs together."""
    return _table(request, ["typeless"])


def batch(request: Request) -> JobTable:
    """Return batch jobs only."""
    return _table(request, ["batch"])


def interactive(request: Request) -> JobTable:
    """Return interactive jobs only."""
    return _table(request, ["interactive"])


def mixed(request: Request) -> JobTable:
    """Return batch and interactive jobs, each with its own arrivals, on one machine."""
    return _table(request, ["interactive", "batch"])


def _table(request: Request, names: list[str]) -> JobTable:
    size = MACHINE if request.slots is None else request.slots
    if size < 2:
        raise LogError.whole_file("", f"a machine of {size} slot is no parallel machine", "at least 2 slots")
    drawn = [_jobs(KINDS[name].on(size), size, request, name) for name in names]
    submit_s, slots, run_s = (np.concatenate(column) for column in zip(*drawn, strict=True))
    kind = np.repeat(np.arange(len(names)), [len(times) for times, _, _ in drawn])
    order = np.argsort(submit_s, kind="stable")
    n = len(order)
    columns = {
        "job_id": np.arange(1, n + 1),
        "submit_s": submit_s[order],
        "run_s": run_s[order],
        "requested_s": run_s[order],
        "slots": slots[order],
        "job_class": label_column(kind[order], names),
        "state": label_column(np.full(n, STATES.index("completed")), STATES),
    }
    return table_from(columns, ties="file", max_slots=size)


def _jobs(
    kind: Kind, size: int, request: Request, name: str
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    submit_s = _arrivals(kind, request, name)
    slots = draw_slots(request.stream("lublin", name, "slots"), kind, size, len(submit_s))
    return submit_s, slots, draw_runs(request.stream("lublin", name, "runs"), kind, slots)


def _arrivals(kind: Kind, request: Request, name: str) -> NDArray[np.int64]:
    """Return whole seconds of submission before the horizon; a longer one only adds jobs."""
    n = int(request.horizon_s / FIRST_GUESS_GAP_S) + 100
    while True:
        if n > MOST_JOBS:
            raise LogError.whole_file(
                "", f"{request.days:g} days are too many jobs", f"at most {MOST_JOBS:,}"
            )
        gaps_s = draw_gaps(request.stream("lublin", name, "gaps"), kind, n)
        submit_s = spend(np.cumsum(gaps_s), day_weights(kind))
        if submit_s[-1] >= request.horizon_s:
            whole = np.floor(submit_s).astype(np.int64)
            return whole[whole < request.horizon_s]
        n *= 2


def draw_slots(rng: np.random.Generator, kind: Kind, size: int, n: int) -> NDArray[np.int32]:
    """Return sizes of `n` jobs, at most `size` [slot]."""
    sort, stage, place = (child.random(n) for child in rng.spawn(3))
    lower = stage <= kind.u_share
    begin = np.where(lower, kind.u_low, kind.u_med)
    end = np.where(lower, kind.u_med, kind.u_high)
    power = begin + place * (end - begin)
    rounded = sort <= kind.serial_frac + kind.power_frac
    power = np.where(rounded, np.floor(power + 0.5), power)
    slots = np.where(sort <= kind.serial_frac, 1, np.floor(2**power + 0.5))
    return np.minimum(slots, size).astype(np.int32)


def draw_runs(rng: np.random.Generator, kind: Kind, slots: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return run times of jobs by their sizes: whole seconds, as the program cuts them off [s]."""
    first = np.clip(kind.pa * slots + kind.pb, 0.0, 1.0)

    def hyper_gamma(child: np.random.Generator, rows: NDArray[np.intp]) -> Floats:
        which, short, long = child.spawn(3)
        n = len(rows)
        values = kind.b2 * long.standard_gamma(kind.a2, n)
        return np.where(which.random(n) <= first[rows], kind.b1 * short.standard_gamma(kind.a1, n), values)

    return np.exp(_redrawn(rng, len(slots), LONGEST_LOG_RUN, hyper_gamma)).astype(np.int64)


def draw_gaps(rng: np.random.Generator, kind: Kind, n: int) -> Floats:
    """Return gaps of `n` arrivals at the mean rate of the day [s]."""
    shape = kind.gap_shape * kind.all_day

    def gamma(child: np.random.Generator, rows: NDArray[np.intp]) -> Floats:
        return kind.gap_scale * child.standard_gamma(shape, len(rows))

    return np.exp(_redrawn(rng, n, LONGEST_LOG_GAP, gamma))


def _redrawn(
    rng: np.random.Generator,
    n: int,
    longest: float,
    draw: Callable[[np.random.Generator, NDArray[np.intp]], Floats],
) -> Floats:
    """Return `n` values up to `longest`; each round of new tries has its own numbers.

    So the first values do not depend on how many are drawn.
    """
    values = np.full(n, np.inf)
    rows = np.arange(n)
    while len(rows):
        (child,) = rng.spawn(1)
        values[rows] = draw(child, rows)
        rows = rows[values[rows] > longest]
    return values


def day_weights(kind: Kind) -> Floats:
    """Return how many jobs each half hour of the day gets, from midnight on; their mean is 1."""
    edges = np.arange(FIRST_BUCKET, FIRST_BUCKET + BUCKETS + 1) - 0.5
    slices = np.diff(gammainc(kind.day_shape, edges / kind.day_scale))
    weights: Floats = np.roll(slices, FIRST_BUCKET - 1) / slices.mean()
    return weights


def spend(points_s: Floats, weights: Floats) -> Floats:
    """Return when so much time at the mean rate has passed, from midnight on.

    Parameters
    ----------
    points_s : array
        Gaps added up. [s]
    weights : array, shape (48,)
        Rate of each half hour over the mean rate.

    Notes
    -----
    The program spends the gap of a job half hour by half hour and keeps what is left of it for the next job.
    The whole of that is the inverse of the added-up rate, which repeats every day.
    """
    levels = np.concatenate([[0.0], np.cumsum(weights)]) * BUCKET_S
    days, rest = np.divmod(points_s, levels[-1])
    clock = np.interp(rest, levels, np.arange(BUCKETS + 1) * float(BUCKET_S))
    return np.asarray(days * DAY_S + clock)
