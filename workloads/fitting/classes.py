"""One class of series: its sizes, counts, gaps, lengths, requests, ends, and how they hang together."""

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from workloads.fitting.bands import Band
from workloads.fitting.likelihood import Choice, best_fit
from workloads.fitting.log_series import LogSeries
from workloads.jobtable import STATES
from workloads.synthetic.distributions import Constant, Distribution, Empirical
from workloads.synthetic.model import FateNumbers, JobClass
from workloads.synthetic.series import TOGETHER, SeriesNumbers

Floats = NDArray[np.float64]
MOST_SIZES, MOST_REQUESTS = 60, 40
COUNT_KNOTS = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
ENDINGS = ("completed", "failed", "cancelled")
RARE, LEAST_FACTOR = 0.002, 0.001
"""Ends of fewer jobs than this part are not worth a line."""
NEAR_FRAC = 0.95
LEAST_CORRELATION = 0.05
"""What is smaller is written as 0, for the reader's sake."""
SHORTEST_LIMIT_S, LONGEST_LIMIT_S = 60, 366 * 86_400
"""Between which a limit lies: what logs say beyond that is no time anybody waits for. [s]"""
GAP_KNOTS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class FittedClass:
    """A class, and how well it fits.

    Attributes
    ----------
    job_class : JobClass
        As the demand model takes it.
    series, jobs : int
        How many the log has.
    work_frac : float
        Its share of the work.
    run_choice : Choice
        How its run times were chosen, with the other candidates.
    """

    job_class: JobClass
    series: int
    jobs: int
    work_frac: float
    run_choice: Choice


def fit_class(band: Band, found: LogSeries, states: NDArray[np.integer], exact: bool) -> FittedClass:
    """Return a class of the demand model from its series in the log.

    Parameters
    ----------
    band : Band
        Which series.
    found : LogSeries
        All series of the log.
    states : array of int, shape (n_jobs,)
        How each job ended, in the order of `found.row`; positions in `workloads.jobtable.STATES`.
    exact : bool
        Whether the log has no requests.
    """
    members = band.members
    jobs = members[found.of_job]
    count, slots = found.count[members], found.slots[members]
    requested_s = found.requested_s[members]
    typical_s = np.maximum(np.exp(found.log_run[members]), 1.0)
    choice = best_fit(typical_s)
    inside = jobs & (found.gap_s > 0)
    series = SeriesNumbers(
        jobs=_counts(count),
        apart_s=_gaps(found.gap_s[inside].astype(np.float64)),
        spread=_spread(found, jobs),
        requested=() if exact else _favourites(np.minimum(requested_s, LONGEST_LIMIT_S)),
        correlation=_correlation(count, slots, typical_s, requested_s, exact=exact),
    )
    longest_s = int(max(found.run_s[jobs].max(), 0 if exact else requested_s.max()))
    longest_s = min(max(longest_s, SHORTEST_LIMIT_S), LONGEST_LIMIT_S)
    kind = JobClass(
        name=band.name,
        title=band.title,
        pool="",
        slots=_sizes(slots),
        run_s=choice.best.distribution,
        longest_s=longest_s,
        fates=_fates(states[jobs], np.log(found.run_s[jobs]), _at_limit(found, jobs) if not exact else None),
        series=series,
    )
    work = found.work[members].sum() / found.work.sum()
    return FittedClass(kind, int(members.sum()), int(jobs.sum()), float(work), choice)


def _sizes(slots: NDArray[np.int64]) -> dict[int, float]:
    """Return the shares of sizes; the rarest join the nearest of the others."""
    values, counts = _gathered(slots, MOST_SIZES)
    return {int(size): float(part) for size, part in zip(values, counts / counts.sum(), strict=True)}


def _favourites(requested_s: NDArray[np.int64]) -> tuple[tuple[float, float], ...]:
    """Return the times people ask for with their shares; the rarest join the nearest of the others."""
    values, counts = _gathered(requested_s, MOST_REQUESTS)
    return tuple((float(v), float(part)) for v, part in zip(values, counts / counts.sum(), strict=True))


def _gathered(values: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return distinct values and their counts, at most so many; rare ones go to the nearest by ratio."""
    distinct, weights = np.unique(values, return_counts=True)
    if len(distinct) <= most:
        return distinct, weights
    kept = np.sort(np.argsort(-weights, kind="stable")[:most])
    logs = np.log(distinct[kept])
    middle = (logs[1:] + logs[:-1]) / 2
    joined = np.bincount(np.searchsorted(middle, np.log(distinct)), weights, len(kept))
    return distinct[kept], joined.astype(np.int64)


def _counts(count: NDArray[np.int64]) -> tuple[tuple[float, float], ...]:
    """Return quantiles of the number of jobs in a series, with only the knots that bend."""
    exact = np.quantile(count, COUNT_KNOTS, method="inverted_cdf").astype(np.float64)
    knots = [*zip(COUNT_KNOTS, exact, strict=True)]
    return tuple(
        (p, value)
        for place, (p, value) in enumerate(knots)
        if place in (0, len(knots) - 1) or not knots[place - 1][1] == value == knots[place + 1][1]
    )


def _gaps(gap_s: Floats) -> Distribution:
    """Return the time between the jobs of a series, by its quantiles."""
    if not len(gap_s):
        return Constant(1.0)
    values = np.maximum(np.quantile(gap_s, GAP_KNOTS), 0.5)
    if values[0] == values[-1]:
        return Constant(float(values[0]))
    return Empirical(tuple((p, float(v)) for p, v in zip(GAP_KNOTS, values, strict=True)))


def _spread(found: LogSeries, jobs: NDArray[np.bool_]) -> float:
    """Return the standard deviation of ln run within series of several jobs, as a normal one would have it.

    Notes
    -----
    Jobs that end early pull the logarithm down far more than any job exceeds its series. A normal spread as
    wide as theirs would make the others too long, so it is no wider than what gives the mean of the run
    times.
    """
    of_job = found.of_job[jobs]
    count = found.count[of_job]
    several = count > 1
    if not several.any():
        return 0.0
    inside = (np.log(found.run_s[jobs]) - found.log_run[of_job])[several]
    inside *= np.sqrt(count[several] / (count[several] - 1.0))  # the mean of a short series follows its jobs
    by_mean = 2.0 * np.log(max(float(np.exp(inside).mean()), 1.0))
    return float(np.sqrt(min(float((inside**2).mean()), by_mean)))


def _correlation(
    count: NDArray[np.int64],
    slots: NDArray[np.int64],
    typical_s: Floats,
    requested_s: NDArray[np.int64],
    *,
    exact: bool,
) -> tuple[tuple[float, ...], ...]:
    """Return the correlations of the normal scores of `TOGETHER`; 0 where nothing differs or little is seen.

    Notes
    -----
    Equal values share their mean rank, so that a favourite does not hide the order of the rest. Correlations
    within chance (two standard errors) are 0, and all are drawn together towards 0 as far as it takes for
    the matrix to be positive definite.
    """
    columns = [count, slots, typical_s, np.ones(len(count)) if exact else requested_s]
    scores = np.stack([ndtri((rankdata(column) - 0.5) / len(column)) for column in columns])
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = np.nan_to_num(np.corrcoef(scores)) if len(count) > 2 else np.zeros((4, 4))
    least = max(LEAST_CORRELATION, 2 / np.sqrt(len(count)))
    matrix = np.where(np.abs(matrix) < least, 0.0, np.clip(np.round(matrix, 2), -0.98, 0.98))
    np.fill_diagonal(matrix, 1.0)
    while np.linalg.eigvalsh(matrix)[0] < 1e-3:
        matrix = np.where(np.eye(len(TOGETHER), dtype=np.bool_), 1.0, np.round(matrix * 0.95, 3))
    return tuple(tuple(float(value) for value in row) for row in matrix)


def _at_limit(found: LogSeries, jobs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which jobs ended at their request, or so near to it that they were probably killed there."""
    asked: NDArray[np.bool_] = found.run_s[jobs] >= NEAR_FRAC * found.requested_s[found.of_job[jobs]]
    return asked


def _fates(
    states: NDArray[np.integer], log_run: Floats, at_limit: NDArray[np.bool_] | None
) -> dict[str, FateNumbers]:
    """Return how jobs end, with how much longer each end runs than the first, as a ratio of typical lengths.

    Jobs killed at their limit are not counted, because the model kills them itself; ends that the log does
    not tell count as completed.
    """
    if at_limit is not None and not at_limit.all():
        states, log_run = states[~at_limit], log_run[~at_limit]
    known = {name: states == STATES.index(name) for name in ENDINGS}
    known["failed"] |= states == STATES.index("node_fail")
    known["completed"] |= states == STATES.index("unknown")
    total = sum(int(rows.sum()) for rows in known.values())
    if not total:
        return {"completed": FateNumbers(1.0)}
    kept = {name: rows for name, rows in known.items() if rows.sum() >= max(RARE * total, 1)}
    first = float(log_run[next(iter(kept.values()))].mean())
    jobs = sum(int(rows.sum()) for rows in kept.values())
    return {
        name: FateNumbers(int(rows.sum()) / jobs, _factor(float(log_run[rows].mean()) - first))
        for name, rows in kept.items()
    }


def _factor(log_ratio: float) -> float:
    """Return a ratio of run times with three digits behind the point; none is 0."""
    return max(round(exp(log_ratio), 3), LEAST_FACTOR)
