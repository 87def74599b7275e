"""Lines of an SWF log that are parts of one job, which was swapped out or restarted in between.

As the standard has it, such a job has a line that sums it up, with status 0 or 1, and beside it a line per
part with status 2, the last with 3 or 4. The summary is the job. Where a log has the parts only, they are
put together.

References
----------
https://www.cs.huji.ac.il/labs/parallel/workload/swf.html, field 11.
"""

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import UNKNOWN, Tally
from workloads.readers.swf.lines import CPU, JOB, RUN, STATUS

PARTS = (2, 3, 4)
"""Status of a part: to be continued, the last of a job that completed, the last of one that failed."""


def whole_jobs(values: list[NDArray[np.number]]) -> tuple[list[NDArray[np.number]], list[Tally]]:
    """Return the fields of jobs, without lines that are parts of one, and these lines counted.

    Parameters
    ----------
    values : list of arrays, each of shape (n_lines,)
        The 18 fields, in the order of the file.
    """
    part = np.isin(values[STATUS], PARTS)
    if not part.any():
        return values, []
    job = values[JOB]
    summed = part & np.isin(job, job[~part])
    alone = np.flatnonzero(part & ~summed)
    _, first, of = np.unique(job[alone], return_index=True, return_inverse=True)
    further = np.ones(len(alone), np.bool_)
    further[first] = False
    keep = ~summed
    if further.any():
        values = [*values]
        for position in (RUN, CPU):
            values[position] = _together(values[position], alone, of, first)
        last = np.zeros(len(first), np.intp)
        np.maximum.at(last, of, np.arange(len(alone)))
        values[STATUS] = values[STATUS].copy()
        values[STATUS][alone[first]] = values[STATUS][alone[last]]
        keep[alone[further]] = False
    tallies = [
        _tally("part of a job whose line of summary is there", job[summed]),
        _tally("further part of a job: its run time is counted with the first", job[alone[further]]),
    ]
    return [column[keep] for column in values], [tally for tally in tallies if tally.count]


def _together(
    column: NDArray[np.number], alone: NDArray[np.intp], of: NDArray[np.intp], first: NDArray[np.intp]
) -> NDArray[np.number]:
    """Return a column in which the first part of each job holds the sum over all, as far as known."""
    known = column[alone] >= 0
    total = np.bincount(of, np.where(known, column[alone], 0), len(first))
    any_known = np.bincount(of, known, len(first)) > 0
    wide = column.astype(np.float64 if column.dtype.kind == "f" else np.int64)
    wide[alone[first]] = np.where(any_known, total, UNKNOWN)
    return wide


def _tally(reason: str, jobs: NDArray[np.number]) -> Tally:
    return Tally(reason, len(jobs), tuple(f"job {job}" for job in np.unique(jobs)[:3]))
