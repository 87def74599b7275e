"""What every published model is asked for, and what it answers with."""

from dataclasses import dataclass, replace

import numpy as np

from workloads.errors import LogError
from workloads.jobtable import JobTable, Tally
from workloads.period import within
from workloads.synthetic.streams import stream

DAY_S, WEEK_S = 86_400, 7 * 86_400
MOST_JOBS = 50_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for a log.

    Attributes
    ----------
    days : float
        How long jobs are to be submitted. [d]
    seed, replication : int
        The same two, the same jobs.
    slots : int or None
        Size of the machine; None for the one the model or its log has. [slot]
    log : JobTable or None
        A recorded log, for models that draw from one.
    """

    days: float
    seed: int
    replication: int = 0
    slots: int | None = None
    log: JobTable | None = None

    @property
    def horizon_s(self) -> int:
        """How long jobs are to be submitted [s]."""
        return round(self.days * DAY_S)

    def stream(self, *names: str) -> np.random.Generator:
        """Return the random numbers for a purpose."""
        return stream(self.seed, self.replication, "published", *names)


def jobs_of(log: JobTable | None, model: str) -> JobTable:
    """Return the jobs that a model can draw from: with slots and a run time, of the period of the log.

    Raises
    ------
    LogError
        There is no log, or fewer than two such jobs, or all of them were submitted at once.
    """
    if log is None:
        raise LogError.whole_file("", f"the model {model} draws from a log", "name one with --log")
    usable = (log.numbers("slots") > 0) & (log.numbers("run_s") > 0) & (log.numbers("submit_s") >= 0)
    kept = log if usable.all() else log.take(usable)
    if len(kept):
        inside, _ = within(kept)
        outside = Tally("submitted outside the period of the log: not drawn from", len(kept) - len(inside))
        kept = replace(inside, dropped=(*kept.dropped, outside)) if outside.count else inside
    if len(kept) < 2:
        what = f"{len(kept)} of {len(log)} jobs have slots, a run time and a submission"
        raise LogError.whole_file(log.source, what, f"the model {model} needs at least two")
    if kept.numbers("submit_s")[-1] == kept.numbers("submit_s")[0]:
        raise LogError.whole_file(
            log.source, "all jobs were submitted at once", "there is no rate to draw at"
        )
    return kept
