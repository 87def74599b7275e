"""The same few numbers for every class of work and every tenant, those with the most work first."""

from collections.abc import Iterator

import numpy as np

from workloads.describe.jobs import Jobs, Labels
from workloads.describe.measures import Measure
from workloads.describe.numbers import group_means, group_medians, share


def groups(jobs: Jobs, labels: Labels, kind: str) -> Iterator[Measure]:
    """Yield the numbers of each word of a label column; `kind` begins the names: ``class`` or ``tenant``."""
    n = len(labels.words)
    known = labels.known
    codes = labels.codes
    work = np.bincount(codes[known], jobs.work[known], n)
    total = float(jobs.work.sum())
    sized, ran = known & jobs.has_slots, known & jobs.has_run
    columns: dict[str, list[float | None]] = {
        "jobs": [float(count) for count in np.bincount(codes[known], minlength=n)],
        "work_frac": [share(float(part), total) for part in work],
        "size_p50": group_medians(codes[sized], jobs.slots[sized], n),
        "run_p50_s": group_medians(codes[ran], jobs.run_s[ran], n),
        "run_mean_s": group_means(codes[ran], jobs.run_s[ran], n),
        "completed_frac": _completed(jobs, labels),
    }
    for place in np.argsort(-work, kind="stable"):
        for name, values in columns.items():
            value = values[place]
            note = "" if value is not None else "not in the log"
            yield Measure(f"{kind}_{name}", value, labels.words[place], note)


def _completed(jobs: Jobs, labels: Labels) -> list[float | None]:
    """Return of each group the share that completed, of the jobs whose end is known."""
    ended = labels.known & jobs.states.known
    n = len(labels.words)
    if "completed" not in jobs.states.words:
        counts = np.bincount(labels.codes[ended], minlength=n)
        return [share(0.0, float(count)) for count in counts]
    done = (jobs.states.codes == jobs.states.words.index("completed")).astype(np.float64)
    return group_means(labels.codes[ended], done[ended], n)
