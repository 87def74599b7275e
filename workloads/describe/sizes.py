"""How large jobs are: by count, and by the slot-time they hold."""

from collections.abc import Iterator

import numpy as np

from workloads.describe.jobs import Jobs
from workloads.describe.measures import AT_LEAST, BAND_ENDS, SIZE_BANDS, Measure
from workloads.describe.numbers import group_means, group_medians, mean, of, quantiles, share, shares

COMMON = 5


def sizes(jobs: Jobs) -> Iterator[Measure]:
    """Yield the sizes of the jobs that have one."""
    known = jobs.has_slots
    slots = of(jobs.slots, known)
    n = len(slots)
    names = ("size_p25", "size_p50", "size_p75", "size_p90", "size_p99", "size_max")
    for name, value in zip(names, quantiles(slots, (0.25, 0.5, 0.75, 0.9, 0.99, 1.0)), strict=True):
        yield Measure(name, value)
    yield Measure("size_mean", mean(slots))
    yield Measure("serial_frac", share(np.count_nonzero(slots == 1), n))
    yield Measure("power_of_two_frac", share(np.count_nonzero((slots & (slots - 1)) == 0), n))
    yield Measure("size_unknown_frac", share(len(jobs) - n, len(jobs)))
    yield from _bands(jobs)
    yield from _at_least(jobs)
    yield from _common(jobs)


def _bands(jobs: Jobs) -> Iterator[Measure]:
    known = jobs.has_slots
    band = band_of(jobs.slots)
    by_jobs = shares(of(band, known), len(SIZE_BANDS))
    by_work = shares(band, len(SIZE_BANDS), weights=jobs.work)
    ran = known & jobs.has_run
    medians = group_medians(of(band, ran), of(jobs.run_s, ran), len(SIZE_BANDS))
    means = group_means(of(band, ran), of(jobs.run_s, ran), len(SIZE_BANDS))
    columns = {
        "size_jobs_frac": by_jobs,
        "size_work_frac": by_work,
        "size_run_p50_s": medians,
        "size_run_mean_s": means,
    }
    for name, values in columns.items():
        for label, value in zip(SIZE_BANDS, values, strict=True):
            why = "no work" if name == "size_work_frac" else "no such job"
            yield Measure(name, value, label, "" if value is not None else why)


def band_of(slots: np.ndarray) -> np.ndarray:
    """Return the position in `SIZE_BANDS` of each size; sizes that are not known fall into the first."""
    return np.searchsorted(np.array(BAND_ENDS), slots).astype(np.int8)


def _at_least(jobs: Jobs) -> Iterator[Measure]:
    known, work = int(np.count_nonzero(jobs.has_slots)), float(jobs.work.sum())
    for least in AT_LEAST:
        yield Measure("at_least_jobs_frac", share(np.count_nonzero(jobs.slots >= least), known), str(least))
    for least in AT_LEAST:
        part = share(float(jobs.work[jobs.slots >= least].sum()), work)
        yield Measure("at_least_work_frac", part, str(least), "" if part is not None else "no work")


def _common(jobs: Jobs) -> Iterator[Measure]:
    found, counts = np.unique(of(jobs.slots, jobs.has_slots), return_counts=True)
    for place in np.argsort(-counts, kind="stable")[:COMMON]:
        yield Measure("common_size_frac", share(counts[place], counts.sum()), str(found[place]))
