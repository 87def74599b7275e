"""How often nodes and jobs are interrupted, and when to write checkpoints.

Times are in seconds, rates in events per second. An MTBF is the mean time in service between two failures;
infinite for what never fails.
"""

from math import ceil, exp, expm1, gamma, inf, log, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
DAY_S: Final = 86_400.0
YEAR_S: Final = 365 * DAY_S
SMALLEST_STEP: Final = 1e-12
"""At which part of a step Newton's method has arrived."""


def node_failure_rate(per_1000_node_days: float, lemon_share_frac: float, lemon_factor: float) -> float:
    """Return how often a node fails on average, lemons among them [1/s].

    Given the failures of an ordinary node in 1000 days of service [1/(1000 d)], the part of the nodes that
    are lemons, and how much more often those fail.

    Examples
    --------
    >>> round(node_failure_rate(6.5, 0.0, 1.0) * 86_400 * 166, 2)  # a day of 166 nodes
    1.08
    """
    return per_1000_node_days / (1000 * DAY_S) * (1 + lemon_share_frac * (lemon_factor - 1))


def job_mtbf_s(nodes: int, node_rate: float, group_rate: float) -> float:
    """Return the mean time between interruptions of a job that runs on whole nodes [s].

    Given the nodes it holds a part of, the failures of one node [1/s], and the outages of groups of nodes
    that hit it, together [1/s]. Independent Poisson processes add up. Exact for exponential times between
    failures; for others it is the long-run mean over many nodes.

    Examples
    --------
    Llama 3: 2,048 nodes with 3.79 failures per 1000 node-days.

    >>> round(job_mtbf_s(2048, node_failure_rate(3.79, 0, 1), 0.0) / 3600, 2)
    3.09
    """
    rate = nodes * node_rate + group_rate
    return 1 / rate if rate > 0 else inf


def group_hits(nodes: int, group_nodes: int) -> int:
    """Return how many groups a job touches at least, when the batch system packs it.

    Examples
    --------
    >>> group_hits(9, 4)
    3
    """
    return ceil(nodes / group_nodes)


def young_s(write_s: float, mtbf_s: float) -> float:
    """Return Young's run time between checkpoints, sqrt(2 C M) [s].

    C is the time to write a checkpoint [s], M the mean time between interruptions of the job [s].
    First order: good for C much smaller than M. J. W. Young, Communications of the ACM 17 (1974),
    doi:10.1145/361147.361115.

    Examples
    --------
    >>> young_s(300.0, 86_400.0)
    7200.0
    """
    return sqrt(2 * write_s * mtbf_s)


def daly_s(write_s: float, mtbf_s: float) -> float:
    """Return Daly's run time between checkpoints [s], with C and M [s] as in `young_s`.

    sqrt(2 C M) (1 + sqrt(C / 2M) / 3 + (C / 2M) / 9) - C for C < 2 M, and M beyond that. J. T. Daly, Future
    Generation Computer Systems 22 (2006), doi:10.1016/j.future.2004.11.016. For exponential failures.

    Examples
    --------
    The three cases of his figures 3 to 5: a checkpoint takes 5 min, M is 24 h, 6 h and 15 min.

    >>> [round(daly_s(5.0, m), 1) for m in (1440.0, 360.0, 15.0)]
    [116.7, 56.7, 9.1]
    """
    if mtbf_s == inf or write_s >= 2 * mtbf_s:
        return mtbf_s
    ratio = write_s / (2 * mtbf_s)
    return sqrt(2 * write_s * mtbf_s) * (1 + sqrt(ratio) / 3 + ratio / 9) - write_s


# --- Times between failures, from numbers evenly spread over 0 to 1 ------------------------------------


def between_failures_s(
    mean_s: float, p_frac: Floats, *, shape: float | None = None, spread: float | None = None
) -> Floats:
    """Return the times between failures below which a part `p_frac` of them lies, shape as given [s].

    Parameters
    ----------
    mean_s : float
        Their mean, whatever the distribution. [s]
    p_frac : ndarray
        Parts, from 0 to less than 1.
    shape : float, optional
        Weibull with this shape k: the cumulative hazard (t / scale)^k inverted.
    spread : float, optional
        Lognormal: two thirds of the times lie within this factor of the median. Exponential without both.

    Examples
    --------
    >>> half = np.array([0.5])
    >>> [float(between_failures_s(10.0, half, shape=k)[0].round(2)) for k in (0.7, 1.0)]
    [4.68, 6.93]
    """
    if spread is not None:
        from scipy.special import ndtri  # noqa: PLC0415  # slow to import, and seldom needed

        sigma = log(spread)
        return np.asarray(mean_s * np.exp(sigma * ndtri(p_frac) - sigma**2 / 2))
    power = 1.0 if shape is None else shape
    return np.asarray(mean_s / gamma(1 + 1 / power) * (-np.log1p(-p_frac)) ** (1 / power))


def to_first_failure_s(
    mean_s: float,
    p_frac: Floats,
    part_frac: Floats,
    *,
    shape: float | None = None,
    spread: float | None = None,
) -> Floats:
    """Return times to the next failure of a node that one looks at at any moment [s].

    Parameters
    ----------
    mean_s, shape, spread
        As in `between_failures_s`.
    p_frac, part_frac : ndarray
        Independent parts, from 0 to less than 1: which interval, and how much of it is left.

    Notes
    -----
    The moment falls into an interval as often as the interval is long, and anywhere in it. With this
    beginning the expected number of failures is t / mean from the first second on (stationary renewal), so
    that the rate of a node does not depend on the length of the run.

    Examples
    --------
    >>> half = np.array([0.5])
    >>> float(to_first_failure_s(10.0, half, half, shape=0.7)[0].round(2))
    11.44
    """
    if spread is not None:
        sigma = log(spread)
        return np.asarray(between_failures_s(mean_s, p_frac, spread=spread) * np.exp(sigma**2) * part_frac)
    if shape is None or shape == 1:
        return between_failures_s(mean_s, part_frac)
    from scipy.special import gammaincinv  # noqa: PLC0415  # slow to import, and seldom needed

    scale_s = mean_s / gamma(1 + 1 / shape)
    return np.asarray(scale_s * gammaincinv(1 + 1 / shape, p_frac) ** (1 / shape) * part_frac)


def aged_s(calm_s: float, age_s: float, factor: float, lasts_s: float) -> float:
    """Return when a young node fails that would fail after `calm_s` were it mature [s].

    Parameters
    ----------
    calm_s, age_s : float
        Time in service to the failure of a mature node; age of the node at the beginning. [s]
    factor, lasts_s : float
        How many times as high the hazard of a new node is, 1 or more; age at which 1/e of the excess is left
        [s].

    Notes
    -----
    The hazard is 1 + (factor - 1) exp(-age / lasts) times that of a mature node, whose clock runs so much
    faster: t + b (1 - exp(-t / lasts)) = calm with b = (factor - 1) lasts exp(-age / lasts). Solved by
    Newton's method from the side on which it cannot overshoot.

    Examples
    --------
    >>> aged_s(1000.0, 0.0, 1.0, 50.0)
    1000.0
    >>> round(aged_s(1000.0, 0.0, 3.0, 1e9))  # still new all along
    333
    """
    excess = (factor - 1) * exp(-age_s / lasts_s)
    goal = calm_s / lasts_s
    time = max(goal / (1 + excess), goal - excess)
    for _ in range(100):
        step = (goal - time + excess * expm1(-time)) / (1 + excess * exp(-time))
        time += step
        if step <= SMALLEST_STEP * time:
            break
    return time * lasts_s
