"""How jobs end: in published GPU logs, half of the GPU time and more is in jobs that do not complete."""

from collections.abc import Iterator

from workloads.describe.jobs import Jobs
from workloads.describe.measures import Measure
from workloads.describe.numbers import group_medians, of, share
from workloads.jobtable import STATES

UNSUCCESSFUL = ("failed", "timeout", "node_fail")
"""What logs with fewer words than Slurm's call failed."""


def fates(jobs: Jobs) -> Iterator[Measure]:
    """Yield shares and run times by how the jobs ended; those of an unknown end are a state of their own."""
    codes, words = jobs.table.labels("state")
    by_jobs: dict[str, float] = dict.fromkeys(STATES, 0.0)
    by_work: dict[str, float] = dict.fromkeys(STATES, 0.0)
    for place, word in enumerate(words):
        ended_so = codes == place
        by_jobs[word] = float(ended_so.sum())
        by_work[word] = float(jobs.work[ended_so].sum())
    for name, totals in (("state_jobs_frac", by_jobs), ("state_work_frac", by_work)):
        whole = sum(totals.values())
        for state in STATES:
            part = share(totals[state], whole)
            yield Measure(name, part, state, "" if part is not None else "no work")
    medians = dict(
        zip(
            words,
            group_medians(of(codes, jobs.has_run), of(jobs.run_s, jobs.has_run), len(words)),
            strict=True,
        )
    )
    for state in STATES:
        value = medians.get(state)
        yield Measure("state_run_p50_s", value, state, "" if value is not None else "no such job")
    for name, totals in (("unsuccessful_jobs_frac", by_jobs), ("unsuccessful_work_frac", by_work)):
        part = share(sum(totals[state] for state in UNSUCCESSFUL), sum(totals.values()))
        yield Measure(name, part, note="" if part is not None else "no work")
