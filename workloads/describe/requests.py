"""What people ask for, and how much of it they use.

The words and the shares follow D. Tsafrir, Y. Etsion and D. G. Feitelson, "Modeling user runtime estimates",
JSSPP 2005, doi:10.1007/11605300_1.
"""

from collections.abc import Iterator

import numpy as np

from workloads.describe.jobs import Jobs
from workloads.describe.measures import MOST_USED, Measure
from workloads.describe.numbers import mean, of, quantiles, share
from workloads.jobtable import NO_LIMIT_S

COMMON = 8
NEARLY_ALL = 0.95


def requests(jobs: Jobs) -> Iterator[Measure]:
    """Yield the requested times of the jobs that have one."""
    requested_s = of(jobs.requested_s, jobs.has_request)
    names = ("requested_p25_s", "requested_p50_s", "requested_p75_s", "requested_max_s")
    for name, value in zip(names, quantiles(requested_s, (0.25, 0.5, 0.75, 1.0)), strict=True):
        yield Measure(name, value)
    yield Measure("requested_mean_s", mean(requested_s))
    yield from _used(jobs)
    found, counts = np.unique(requested_s, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    n = len(requested_s)
    yield Measure("round_requests_frac", share(counts[order[:MOST_USED]].sum(), n))
    yield Measure("longest_request_frac", share(counts[-1], n) if n else None)
    free = np.count_nonzero(jobs.requested_s == NO_LIMIT_S)
    yield Measure("request_unknown_frac", share(len(jobs) - n - free, len(jobs)))
    yield Measure("no_limit_frac", share(free, len(jobs)))
    for place in order[:COMMON]:
        yield Measure("common_request_frac", share(counts[place], n), str(found[place]))


def _used(jobs: Jobs) -> Iterator[Measure]:
    both = jobs.has_request & jobs.has_run
    run_s, requested_s = of(jobs.run_s, both), of(jobs.requested_s, both)
    used = run_s / requested_s
    n = len(used)
    why = "" if n else "no job has both a run time and a request"
    for name, value in zip(
        ("used_p25_frac", "used_p50_frac", "used_p75_frac"), quantiles(used, (0.25, 0.5, 0.75)), strict=True
    ):
        yield Measure(name, value, note=why)
    yield Measure("used_mean_frac", mean(used), note=why)
    yield Measure(
        "used_sum_frac", share(run_s.sum(dtype=np.float64), requested_s.sum(dtype=np.float64)), note=why
    )
    yield Measure("nearly_all_used_frac", share(np.count_nonzero(used >= NEARLY_ALL), n), note=why)
    states, words = jobs.table.labels("state")
    timeout = states[both] == words.index("timeout") if "timeout" in words else np.zeros(n, np.bool_)
    yield Measure("at_limit_frac", share(np.count_nonzero((run_s >= requested_s) | timeout), n), note=why)
    yield Measure("over_limit_frac", share(np.count_nonzero(run_s > requested_s), n), note=why)
