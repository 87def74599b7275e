"""Running the product's batch system for a benchmark."""

import numpy as np
import numpy.typing as npt

from benchmarks.measure import cpu_s
from benchmarks.workload import SLOTS
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules

COUNTED = PoolSpec("counted", SLOTS)


def kernel_s(jobs: Jobs, *, spec: PoolSpec = COUNTED, rules: Rules | None = None) -> float:
    """CPU time of the event loop alone, the arrays being ready [s]."""
    system = batch_system([spec], rules or Rules(), jobs)
    return cpu_s(system.run)


def engine_s(jobs: Jobs, *, spec: PoolSpec = COUNTED, rules: Rules | None = None) -> float:
    """CPU time from columns of jobs to what became of each of them [s]."""

    def whole() -> None:
        system = batch_system([spec], rules or Rules(), jobs)
        system.run()
        system.outcome()

    return cpu_s(whole)


def starts(jobs: Jobs, *, spec: PoolSpec = COUNTED, rules: Rules | None = None) -> npt.NDArray[np.int64]:
    """Start of each job, shape (n_jobs,) [s]."""
    system = batch_system([spec], rules or Rules(), jobs)
    system.run()
    return system.outcome().start_s
