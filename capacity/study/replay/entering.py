"""When the jobs of a log enter the queue of a replay: submitted, eligible, or after the job before them.

A job that was held or waited for its begin time does not compete before it was eligible. A job that the log
says came after another comes after that one in the replay as well, by as much as its user thought about it.
It ran in the log, so that the other has ended is enough, whatever the log asked of it.
"""

import heapq
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from capacity.measure.schedule import Ints
from capacity.scheduling.batch import BatchSystem
from workloads.jobtable import JobTable, Tally

SHORT_THINK_S: Final = 60
"""Up to so long, nobody thought: the job just comes after the other. [s]"""
EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Entering:
    """The jobs of a log in the order in which they enter the queue.

    Attributes
    ----------
    table : JobTable
        The jobs; `submit_s` is when they enter, `wait_s` is since then.
    after : ndarray of int32, shape (n_jobs,), or None
        Row of the job before each; -1 for none. None where no job has one.
    think_s : ndarray of int64, shape (n_jobs,)
        From the end of that job until this one enters; 0 without a thought. [s]
    told : tuple of Tally
        How many jobs enter otherwise than when they were submitted.
    """

    table: JobTable
    after: Ints | None
    think_s: Ints
    told: tuple[Tally, ...]


def entering(table: JobTable) -> Entering:
    """Return the jobs of a cleaned log as they enter the queue."""
    before = _before(table)
    submit_s, wait_s = table.numbers("submit_s"), table.numbers("wait_s")
    eligible_s = table.links("eligible_s")
    follows, late = before >= 0, eligible_s > submit_s
    held = late & ~follows
    said = [_tally("entered the queue when it was eligible, not when it was submitted", table, held)]
    said.append(_tally("comes after another job of the log, as it did there", table, follows))
    if not (held.any() or follows.any()):
        return Entering(table, None, np.zeros(len(table), np.int64), ())
    enters = np.where(held, eligible_s, submit_s)
    counted = late & follows & (wait_s >= 0)
    changed = {"submit_s": enters, "wait_s": np.where(counted, wait_s + eligible_s - submit_s, wait_s)}
    if "eligible_s" in table.frame:
        changed["eligible_s"] = enters
    order = np.argsort(enters, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    after = np.where(follows, place[np.maximum(before, 0)], -1)[order].astype(np.int32)
    after[after >= np.arange(len(after))] = -1  # it entered later than this job, which ran all the same
    think_s = np.where(after >= 0, np.maximum(table.links("think_s")[order], 0), 0)
    sorted_table = replace(table, frame=table.frame.assign(**changed).iloc[order].reset_index(drop=True))
    told = tuple(tally for tally in said if tally.count)
    return Entering(sorted_table, after if (after >= 0).any() else None, think_s, told)


def _before(table: JobTable) -> Ints:
    """Return the row of the job that each comes after; -1 where there is none in the table."""
    named = np.maximum(table.links("afterany_id"), table.links("afterok_id"))
    ids = table.numbers("job_id")
    order = np.argsort(ids, kind="stable")
    at = np.searchsorted(ids[order], named).clip(max=len(ids) - 1)
    found = order[at]
    known: Ints = np.where((named >= 0) & (ids[found] == named) & (found != np.arange(len(ids))), found, -1)
    return known


def _tally(reason: str, table: JobTable, rows: Ints) -> Tally:
    jobs = table.numbers("job_id")[rows]
    return Tally(reason, len(jobs), tuple(f"job {job}" for job in jobs[:EXAMPLES]))


def run(batch: BatchSystem, jobs: Entering) -> None:
    """Run until every job has ended; who thinks about the job before enters that much after its end."""
    thinking = np.flatnonzero(jobs.think_s > SHORT_THINK_S)
    if jobs.after is None or not len(thinking):
        batch.run()
        return
    batch.hold(thinking)
    followers: dict[int, list[int]] = {}
    for row in thinking:
        followers.setdefault(int(jobs.after[row]), []).append(int(row))
    seen, clock = [0] * len(batch.specs), int(jobs.table.numbers("submit_s")[0])
    due: list[tuple[int, int]] = []
    while followers or due:
        # What ends within the next step is followed after its end, never before it is seen.
        clock = min(clock + SHORT_THINK_S, due[0][0]) if due else clock + SHORT_THINK_S
        batch.advance(clock)
        ended = [row for row in batch.ended_rows(seen).tolist() if row in followers]
        end_s = batch.outcome().end_s if ended else ()
        for row in ended:
            for follower in followers.pop(row):
                heapq.heappush(due, (int(end_s[row] + jobs.think_s[follower]), follower))
        while due and due[0][0] <= clock:
            batch.release([heapq.heappop(due)[1]])
    batch.run()
