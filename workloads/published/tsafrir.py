"""The model of Tsafrir, Etsion and Feitelson (2005): how long people say that their jobs will run.

Twenty round times hold 89 % of the jobs, the longest that is allowed is the favourite, and the rest is spread
over times that nobody else asks for. Which job gets which request is left to chance, but for one rule: nobody
asks for less than the job needs. So the shape of the requests is the model's, whatever the run times are.

Notes
-----
D. Tsafrir, Y. Etsion, D. G. Feitelson, "Modeling user runtime estimates", JSSPP 2005, LNCS 3834,
doi:10.1007/11605300_1. The constants are those of the authors' program, m_tsafrir05 (est_model). Its hints by
the user, known popular requests of a site, are left out; `workloads.synthetic` states those.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MINUTE, HOUR = 60, 3600
HEAD = 20
HEAD_PERCENT = 89.0
HEAD_SIZE = (14.0491, -0.177531, 0.462513)
"""Percent of the jobs by popularity x = 2 … 20: a exp(b x) + c; the favourite gets the rest of the 89."""
TAIL_POWER = -2.267
"""Jobs by popularity from 21 on fall as x to this power."""
TIME_CURVE = (12.1039, -0.6026)
"""Times of the tail: (a - 1) x / (a - x) of the longest, with a = 1 + p K^q for K different requests."""
DIFFERENT = ((0, 20, 200, 1000, 10_000, 70_000, 250_000), (0, 10, 20, 35, 90, 340, 565))
"""Different requests by number of jobs, linear in between."""
JOINT_S = tuple(
    MINUTE * minutes for minutes in (5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 720, 1080)
)
"""Times that are popular at every site. [s]"""
ROUND_S = tuple(MINUTE * minutes for minutes in (12_000, 6000, 3000, 600, 300, 120, 60, 20, 10, 5))
"""Multiples of these fill the twenty up, downward from the longest. [s]"""
OFFSETS_S = (0, 30, -30, 20, -20, 10, -10)
POPULARITY = (
    *(
        (3, 1, 1, 1),
        (1, 3, 4, 6),
        (4, 4, 10, 5),
        (17, 2, 14, 3),
        (13, 12, 20, 7),
        (7, 9, 2, 2),
        (8, 8, 3, 18),
    ),
    *((18, 18, 7, 19), (2, 6, 12, 4), (6, 7, 6, 11), (16, 11, 19, 20), (10, 20, 5, 9), (5, 16, 18, 10)),
    *((15, 5, 16, 14), (14, 14, 9, 13), (19, 13, 17, 16), (11, 10, 15, 15), (12, 15, 13, 17), (9, 17, 8, 8)),
    (20, 19, 11, 12),
)
"""Popularity of the longest time, then of the others by length, at SDSC, CTC, KTH and Blue Horizon."""


def draw_requests(rng: np.random.Generator, run_s: NDArray[np.integer], longest_s: int) -> Whole:
    """Return a request for each job, at least its run time and at most the longest [s].

    Parameters
    ----------
    rng : numpy.random.Generator
        Where chance comes from.
    run_s : array of int, shape (n_jobs,)
        Run times, at most `longest_s`. [s]
    longest_s : int
        The longest request that is allowed, at least an hour; the favourite. [s]

    Raises
    ------
    ValueError
        The longest request is below an hour or below a run time, or so many jobs are so long that the
        requests of the model are too short for them.
    """
    for_shape, for_jobs = rng.spawn(2)
    if longest_s < HOUR:
        message = f"the longest request, {longest_s} s, is less than an hour"
        raise ValueError(message)
    if len(run_s) and run_s.max() > longest_s:
        message = f"a job runs {run_s.max()} s, longer than the longest request, {longest_s} s"
        raise ValueError(message)
    times_s, counts = histogram(for_shape, len(run_s), longest_s)
    return assign(for_jobs, run_s.astype(np.int64), np.repeat(times_s, counts))


def histogram(rng: np.random.Generator, n: int, longest_s: int) -> tuple[Whole, Whole]:
    """Return the different requests [s] in order, and how many of `n` jobs ask for each."""
    different = round(np.interp(n, *DIFFERENT).item())
    head_s = head_times(longest_s)
    sizes = head_sizes(len(head_s))
    ranks = _popularities(rng, len(head_s))
    tail_s = tail_times(head_s, longest_s, different)
    head_percent = HEAD_PERCENT if len(tail_s) else 100.0
    tail = (HEAD + 1.0 + np.arange(len(tail_s))) ** TAIL_POWER
    tail *= (100 - head_percent) / tail.sum() if len(tail_s) else 1.0
    percent = np.concatenate([sizes[ranks - 1] * (head_percent / sizes.sum()), rng.permutation(tail)])
    times_s = np.concatenate([head_s, tail_s])
    order = np.argsort(times_s)
    return times_s[order], _apportioned(percent[order], n)


def head_times(longest_s: int) -> Whole:
    """Return the popular requests: the longest first, then up to 19 others by length [s]."""
    others = [time_s for time_s in JOINT_S if time_s < longest_s]
    for step_s in ROUND_S:
        for time_s in range(longest_s // step_s * step_s, 0, -step_s):
            if len(others) < HEAD - 1 and time_s != longest_s and time_s not in others:
                others.append(time_s)
    return np.array([longest_s, *sorted(others)], dtype=np.int64)


def head_sizes(n: int) -> Floats:
    """Return percent of the jobs at each of `n` popularities, the favourite first."""
    a, b, c = HEAD_SIZE
    others = a * np.exp(b * np.arange(2, n + 1)) + c
    return np.concatenate([[HEAD_PERCENT - others.sum()], others])


def _popularities(rng: np.random.Generator, n: int) -> NDArray[np.intp]:
    """Return a popularity for each of the popular times: as at one of four sites, drawn anew for each time.

    The longest is the favourite. A popularity is given at the latest where the last of the four sites has it.
    """
    latest = {rank: max(at for at, row in enumerate(POPULARITY) if rank in row) for rank in range(1, n + 1)}
    free = {*range(1, n + 1)}
    pool: list[int] = []
    found: list[int] = []
    for at in range(n):
        pool = [rank for rank in (*pool, *POPULARITY[at]) if rank in free]
        due = [rank for rank in sorted(free) if latest[rank] <= at]
        if at == 0:
            rank = 1
        elif due:
            rank = due[0]
        elif pool:
            rank = min(pool[place] for place in rng.integers(len(pool), size=2))
        else:
            rank = min(free)
        found.append(rank)
        free.remove(rank)
    return np.array(found)


def tail_times(head_s: Whole, longest_s: int, different: int) -> Whole:
    """Return the requests that few make: whole minutes where those are free [s]."""
    n = max(different - len(head_s), 0)
    a = 1 + TIME_CURVE[0] * max(different, 1) ** TIME_CURVE[1]
    taken = {*head_s.tolist()}
    times: list[int] = []
    for rank in range(1, n + 1):
        share = rank / n
        minute_s = round((a - 1) * share / (a - share) * longest_s / MINUTE) * MINUTE
        places = (minute_s + offset_s for offset_s in OFFSETS_S)
        free = next((at for at in places if 0 < at < longest_s and at not in taken), None)
        if free is not None:
            times.append(free)
            taken.add(free)
    return np.array(sorted(times), dtype=np.int64)


def _apportioned(percent: Floats, n: int) -> Whole:
    """Return whole numbers of jobs that add up to `n`, the largest remainders rounded up."""
    wanted = percent * (n / percent.sum())
    counts: Whole = np.floor(wanted).astype(np.int64)
    missing = n - int(counts.sum())
    counts[np.argsort(counts - wanted, kind="stable")[:missing]] += 1
    return counts


def assign(rng: np.random.Generator, run_s: Whole, requests_s: Whole) -> Whole:
    """Return the requests shuffled among the jobs so that none is below the run time [s].

    Raises
    ------
    ValueError
        There is no such order.

    Notes
    -----
    From the longest job to the shortest, each takes one at random of the requests that are left and long
    enough; the longest request that is left takes its place.
    """
    longest_first = np.argsort(-run_s, kind="stable")
    runs, left = run_s[longest_first], np.sort(requests_s)[::-1]
    short = runs > left
    if short.any():
        first = int(np.argmax(short))
        message = (
            f"{first + 1} jobs run {runs[first]} s or longer, but of the requests that the model makes only "
            f"{int((left >= runs[first]).sum())} are so long: allow a longer request"
        )
        raise ValueError(message)
    enough = np.searchsorted(-left, -runs, side="right")
    place = np.arange(len(runs))
    picks = np.minimum(place + rng.random(len(runs)) * (enough - place), enough - 1).astype(np.int64)
    pool: list[int] = left.tolist()
    given: list[int] = []
    for at, pick in enumerate(picks.tolist()):
        given.append(pool[pick])
        pool[pick] = pool[at]
    found = np.empty(len(runs), dtype=np.int64)
    found[longest_first] = given
    return found
