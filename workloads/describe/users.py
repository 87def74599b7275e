"""Whose jobs they are: a few users do most of the work nearly everywhere."""

from collections.abc import Iterator

import numpy as np

from workloads.describe.jobs import Jobs
from workloads.describe.measures import TOP_PARTS, Measure
from workloads.describe.numbers import gini, quantiles, share, top_share


def users(jobs: Jobs) -> Iterator[Measure]:
    """Yield how unequal users are, over all who have a job."""
    known = jobs.users.known
    codes, n = jobs.users.codes[known], len(jobs.users.words)
    counts = np.bincount(codes, minlength=n)
    work = np.bincount(codes, jobs.work[known], n)
    yield Measure("user_unknown_frac", share(len(jobs) - len(codes), len(jobs)))
    yield Measure("user_jobs_p50", quantiles(counts, (0.5,))[0])
    for name, values in (("top_work_frac", work), ("top_jobs_frac", counts)):
        for label, part_frac in TOP_PARTS.items():
            found = top_share(values, part_frac)
            yield Measure(name, found, label, "" if found is not None else "no work")
    for name, values in (("work_gini", work), ("jobs_gini", counts)):
        found = gini(values)
        yield Measure(name, found, note="" if found is not None else "no work")
