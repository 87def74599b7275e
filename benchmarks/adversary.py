"""A queue made to mislead the search for jobs to backfill: the narrow ones are long, the short ones wide.

The tree over the queue keeps the least width and the least request of every part, and here they come from
different jobs nearly everywhere, so that a part that looks fit for backfilling has nobody who is.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.effort import Effort
from benchmarks.engine import COUNTED
from benchmarks.floor import floor_s
from benchmarks.measure import Timed, cpu_s, interleaved
from benchmarks.row import Row
from benchmarks.workload import SLOTS, arrivals
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.rules import Rules

LOAD = 1.3
JOBS = 55_000
MOST_US = 1.5


def generate(count: int, *, seed: int = 1) -> Jobs:
    """Draw as many jobs of a quarter to all of the machine for minutes as of 1-16 slots for days."""
    rng = np.random.default_rng(seed)
    wide = rng.random(count) < 0.5
    slots = np.where(wide, rng.integers(SLOTS // 4, SLOTS + 1, count), rng.integers(1, 17, count))
    run_s = np.where(wide, rng.integers(60, 600, count), rng.integers(86_400, 5 * 86_400, count))
    requested_s = run_s * rng.uniform(1, 3, count)
    work = float(np.dot(slots.astype(np.float64), run_s))
    submit_s = arrivals(rng, work, count, capacity=SLOTS, load=LOAD)
    return Jobs(submit_s, run_s.astype(np.int32), requested_s.astype(np.int32), slots.astype(np.int32))


def rows(effort: Effort) -> Iterator[Row]:
    """EASY on that queue; the number of jobs makes its length and so stays the same at every effort."""
    jobs = generate(JOBS)
    peaks: list[int] = []

    def once() -> float:
        system = batch_system([COUNTED], Rules(), jobs)
        took = cpu_s(system.run)
        peaks.append(system.states()[COUNTED.name].peak_waiting_jobs)
        return took

    ways: dict[str, Timed] = {"adversary": once, "h": floor_s}
    took = interleaved(ways, effort.repeats)
    each = 1e6 * took.of("adversary") / JOBS
    name = f"EASY, adversarial queue of {peaks[-1]:,}"
    yield Row(name, each, "us/job", took.ratio("adversary", "h") / JOBS, "h", MOST_US)
