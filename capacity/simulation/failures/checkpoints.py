"""Checkpoints spread over the jobs: when each saves, how long that takes, what it adds to run times."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from capacity.inputs.failures.checkpoint_plan import Plan, plan_of
from capacity.inputs.scenario import Scenario
from capacity.scheduling.pools.pool import LONGEST_S
from workloads.jobtable import JobTable

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Columns in the rows of the jobs.

    Attributes
    ----------
    cycle_s, write_s, restart_s : ndarray of int32, shape (n_jobs,)
        Work between checkpoints and the time to write one, together, 0 for none; time to write one; from a
        new start after an interruption to the first new work. [s]
    """

    cycle_s: Ints
    write_s: Ints
    restart_s: Ints


def with_checkpoints(scenario: Scenario, table: JobTable) -> tuple[JobTable, Checkpoints | None]:
    """Let jobs write checkpoints: longer run times and requests, and the columns; None if no job has any.

    Run times in the table are those on the preferred pool of each class. What the site says of failures sets
    the intervals of young and daly, also when `simulate.failures` is off, so that a switch changes one thing.

    Notes
    -----
    A job of w seconds of work saves after every interval of work but not at its end: it runs for
    w + C (ceil(w / interval) - 1). Its request grows by the same ratio, to whole minutes. On another pool
    that it may use, the whole of it takes the time of that pool, its interval stays.
    """
    classes = scenario.workload.classes
    if not scenario.simulate.checkpoints or all(work.checkpoint is None for work in classes.values()):
        return table, None
    (codes, names), slots = table.labels("job_class"), table.numbers("slots")
    run = table.numbers("run_s").astype(np.int64)
    asked = table.numbers("requested_s").astype(np.float64)
    cycle, write, restart = (np.zeros(len(run), np.int32) for _ in range(3))
    for code, name in enumerate(names):
        rows = np.flatnonzero(codes == code)
        for size, plan in _plans(scenario, name, slots[rows]).items():
            mine = rows[slots[rows] == size]
            cycle[mine], write[mine], restart[mine] = plan.cycle_s, plan.write_s, plan.restart_s
            wall = np.minimum(run[mine] + plan.writing_s(run[mine]), LONGEST_S)
            grown = np.ceil(asked[mine] * (wall / np.maximum(run[mine], 1)) / 60) * 60
            asked[mine] = np.where(wall > run[mine], np.minimum(grown, LONGEST_S), asked[mine])
            run[mine] = wall
    frame = table.frame.assign(run_s=run, requested_s=asked.astype(np.int64))
    return replace(table, frame=frame), Checkpoints(cycle, write, restart)


def _plans(scenario: Scenario, name: str, slots: npt.NDArray[np.integer]) -> dict[int, Plan]:
    """Return the plan of each size that jobs of a class have; none for classes without checkpoints."""
    work = scenario.workload.classes[name]
    pools = scenario.pools_of(work)
    if work.checkpoint is None or not pools:
        return {}
    return {int(n): plan_of(scenario.site, pools[0], work.checkpoint, int(n)) for n in np.unique(slots)}
