"""How far apart two tables of jobs are: their distributions, their profiles and their shares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import ks_2samp, wasserstein_distance

from workloads.describe.jobs import Jobs, jobs_of, labels_of
from workloads.describe.measures import SIZE_BANDS
from workloads.describe.numbers import Numbers
from workloads.describe.sizes import band_of
from workloads.jobtable import JobTable

DISTANCES: Final[dict[str, str]] = {
    "ks": "Kolmogorov-Smirnov: the largest difference of the two cumulative distributions; 0 to 1",
    "wasserstein_ln": "Wasserstein-1 of the natural logarithms, what is below 1 taken as 1: the mean "
    "logarithmic shift that turns one distribution into the other; 0.1 is about 10 %",
    "total_variation": "half the sum of the absolute differences of shares: the part that would have to move",
    "difference": "share in this minus share in the other",
}
"""How each kind of distance is worked out; all without unit."""
DISTRIBUTIONS: Final = {
    "run_s": "run time",
    "requested_s": "requested time",
    "gap_s": "gap between submissions",
    "slots": "size",
    "work_slot_s": "work of a job",
}
PROFILES: Final = {
    "hour": "jobs by hour of the day",
    "weekday": "jobs by day of the week",
    "state_jobs": "jobs by state",
    "state_work": "work by state",
    "size_jobs": "jobs by size band",
    "size_work": "work by size band",
    "class_jobs": "jobs by class",
    "class_work": "work by class",
}
NOT_BOTH = "not in both logs"
Shares = dict[str, float]


@dataclass(frozen=True, slots=True)
class Distance:
    """How far apart two tables are in one respect.

    Attributes
    ----------
    kind : str
        A key of `DISTANCES`.
    of : str
        A key of `DISTRIBUTIONS` or `PROFILES`.
    value : float or None
        The distance; None where one of the tables does not say.
    label : str
        The class, for differences.
    note : str
        Why there is no value.
    """

    kind: str
    of: str
    value: float | None
    label: str = ""
    note: str = ""


def distances(this: JobTable, other: JobTable) -> list[Distance]:
    """Return all distances between two tables with at least one job each."""
    pair = jobs_of(this), jobs_of(other)
    return [*_of_distributions(*pair), *_of_profiles(*pair)]


def _of_distributions(this: Jobs, other: Jobs) -> Iterator[Distance]:
    ours, theirs = _values(this), _values(other)
    for of in DISTRIBUTIONS:
        one, two = ours[of], theirs[of]
        if not len(one) or not len(two):
            yield from (Distance(kind, of, None, note=NOT_BOTH) for kind in ("ks", "wasserstein_ln"))
            continue
        with np.errstate(divide="ignore", invalid="ignore"):  # of its p-value, for one job; it is not used
            apart = ks_2samp(one, two, method="asymp").statistic
        yield Distance("ks", of, float(apart))
        logs = (np.log(np.maximum(values, 1)) for values in (one, two))
        yield Distance("wasserstein_ln", of, float(wasserstein_distance(*logs)))


def _values(jobs: Jobs) -> Mapping[str, Numbers]:
    """Return the known values of each distribution."""
    return {
        "run_s": jobs.run_s[jobs.has_run],
        "requested_s": jobs.requested_s[jobs.has_request],
        "gap_s": np.diff(jobs.submit_s),
        "slots": jobs.slots[jobs.has_slots],
        "work_slot_s": jobs.work[jobs.has_run & jobs.has_slots],
    }


def _of_profiles(this: Jobs, other: Jobs) -> Iterator[Distance]:
    ours, theirs = _shares(this), _shares(other)
    for of in PROFILES:
        one, two = ours[of], theirs[of]
        apart = _total_variation(one, two) if one and two else None
        yield Distance("total_variation", of, apart, note="" if apart is not None else NOT_BOTH)
    for of in ("class_jobs", "class_work"):
        one, two = ours[of], theirs[of]
        if one and two:
            for word in dict.fromkeys((*one, *two)):
                yield Distance("difference", of, one.get(word, 0.0) - two.get(word, 0.0), word)


def _total_variation(one: Shares, two: Shares) -> float:
    return sum(abs(one.get(word, 0.0) - two.get(word, 0.0)) for word in {**one, **two}) / 2


def _shares(jobs: Jobs) -> Mapping[str, Shares]:
    """Return every profile as shares by word; empty where the jobs do not say."""
    states, classes = jobs.states, labels_of(jobs.table, "job_class")
    sized = jobs.has_slots
    band = band_of(jobs.slots)
    return {
        "hour": {} if jobs.hour is None else _by_word(jobs.hour, [str(hour) for hour in range(24)]),
        "weekday": {} if jobs.weekday is None else _by_word(jobs.weekday, [str(day) for day in range(7)]),
        "state_jobs": _by_word(states.codes, states.words),
        "state_work": _by_word(states.codes, states.words, jobs.work),
        "size_jobs": _by_word(band[sized], SIZE_BANDS),
        "size_work": _by_word(band, SIZE_BANDS, jobs.work),
        "class_jobs": _by_word(classes.codes, classes.words),
        "class_work": _by_word(classes.codes, classes.words, jobs.work),
    }


def _by_word(codes: Numbers, words: tuple[str, ...] | list[str], weights: Numbers | None = None) -> Shares:
    """Return the share of each word in the jobs that have one, or in their weights."""
    known = codes >= 0
    sums = np.bincount(codes[known], None if weights is None else weights[known], len(words))
    total = float(sums.sum())
    return dict(zip(words, (sums / total).tolist(), strict=True)) if total > 0 else {}
