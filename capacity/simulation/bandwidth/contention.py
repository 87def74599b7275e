"""Jobs that want the same storage at once: what each tier moves, and how much longer jobs wait for it.

Once a day, just before midnight's deliveries, every running job wants from each tier what it moves there in
its whole run time, evenly. Where they want more than the bandwidth in service, it is shared max-min fairly by
slots, and the parts of run times that wait for it stretch. Jobs submitted on the next day meet that: their
run times and requests are set once, at submission.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.facility.bandwidth import stretches
from capacity.scheduling.batch import BatchSystem
from capacity.scheduling.pools.pool import LONGEST_S

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]

READ, WRITE = 0, 1
"""Directions, in the order in which each tier has them: direction d of tier t is resource 2 t + d."""
STREAM, SAVE = 0, 1
"""What jobs wait for: reading and writing data while they work, and writing checkpoints."""
LEAST_FRAC: Final = 0.1
"""Part of a bandwidth that data brought in leave to the jobs, at least: they can come a day later."""


@dataclass(frozen=True, slots=True)
class IoPlan:
    """What each class moves, and how fast each tier moves it.

    Attributes
    ----------
    tiers : tuple of str
        Their names.
    rates : ndarray of float64, shape (n_tiers, 2)
        Bandwidth of reading and writing for each usable byte in service. [B/s/B]
    per_job, per_slot, per_slot_s : ndarray of float64, shape (n_classes, 2 * n_tiers)
        What jobs move on each resource: once, for each slot, for each slot-second of `IoColumns.work_s`.
        [B], [B/slot], [B/(slot s)]
    saved_per_job, saved_per_slot : ndarray of float64, shape (n_classes, 2 * n_tiers)
        What a checkpoint is: once, for each slot. [B], [B/slot]
    waiting_frac : ndarray of float64, shape (n_classes,)
        Part of the run time that waits for storage, checkpoints not counted; 0 where that is not known.
    brought : ndarray of float64, shape (n_days, 2 * n_tiers)
        What comes in without a job on each day. [B/s]
    """

    tiers: tuple[str, ...]
    rates: Floats
    per_job: Floats
    per_slot: Floats
    per_slot_s: Floats
    saved_per_job: Floats
    saved_per_slot: Floats
    waiting_frac: Floats
    brought: Floats


@dataclass(frozen=True, slots=True)
class IoColumns:
    """What has to be known of each job, arrays of shape (n_jobs,).

    Attributes
    ----------
    job_class, slots : ndarray of int
        Number of the class; slots asked for.
    submit_s, run_s, requested_s : ndarray of int
        Submission; run time and request with all storage to itself. [s]
    work_s : ndarray of int
        Run time that what it writes is counted by. [s]
    cycle_s, write_s : ndarray of int or None
        From checkpoint to checkpoint, 0 for none; the time to write one. [s]
    """

    job_class: Ints
    slots: Ints
    submit_s: Ints
    run_s: Ints
    requested_s: Ints
    work_s: Ints
    cycle_s: Ints | None = None
    write_s: Ints | None = None

    def checkpoints(self, rows: Ints) -> Floats:
        """Return how many checkpoints each job writes."""
        if self.cycle_s is None:
            return np.zeros(len(rows))
        cycle = self.cycle_s[rows]
        return np.where(cycle > 0, self.run_s[rows] // np.maximum(cycle, 1), 0).astype(np.float64)

    def saving_s(self, rows: Ints) -> Floats:
        """Return how long each job writes checkpoints [s]."""
        return self.checkpoints(rows) * (0 if self.write_s is None else self.write_s[rows])


@dataclass(frozen=True, slots=True)
class ContentionRecord:
    """What a run left of it, arrays of shape (n_days, 2 * n_tiers); what stands at a day held at its end.

    Attributes
    ----------
    load_frac : ndarray of float64
        What was wanted over the bandwidth in service; NaN where none was.
    stretch, waiting_slots : ndarray of float64
        Mean stretch of the parts of run times that wait for it, by their slots; slots that would wait for it
        if nothing contended, which that mean is taken over.
    """

    load_frac: Floats
    stretch: Floats
    waiting_slots: Floats


class Contention:
    """Follows what running jobs want from storage, and stretches those that come.

    Parameters
    ----------
    plan, jobs : IoPlan, IoColumns
        What classes move and tiers can; all jobs.
    day_edges_s : sequence of int
        Local midnights of the run. [s]
    """

    def __init__(self, plan: IoPlan, jobs: IoColumns, day_edges_s: Sequence[int]) -> None:
        self.plan, self._jobs, self._edges_s = plan, jobs, day_edges_s
        classes, shape = len(plan.waiting_frac), (len(day_edges_s) - 1, 2 * len(plan.tiers))
        self.stretch = np.ones((2, classes))
        """How much longer each class waits for data and for saving them, at the last look."""
        self.record = ContentionRecord(np.full(shape, np.nan), np.ones(shape), np.zeros(shape))
        self._day = 0

    def settle(self, batch: BatchSystem, running: Ints, capacity_bytes: npt.ArrayLike) -> None:
        """Look at a day's end, and let the jobs of the next one meet what is found.

        Given the rows of the jobs running now, and the usable capacity of each tier in service [B].
        """
        self.look(running, capacity_bytes)
        self._day += 1
        if self._day + 1 < len(self._edges_s) and np.any(self.stretch > 1):
            first, last = self._edges_s[self._day : self._day + 2]
            of_day = np.arange(*np.searchsorted(self._jobs.submit_s, (first, last), side="right"))
            rows, run_s, requested_s = self.stretched(of_day)
            if len(rows):
                batch.stretch(rows, run_s, requested_s)

    def look(self, running: Ints, capacity_bytes: npt.ArrayLike) -> None:
        """Find out what is wanted now, and how much longer that makes each class wait."""
        plan, day = self.plan, self._day
        demand, wait_frac, slots = self._wanted(running)
        there = (plan.rates * np.asarray(capacity_bytes, np.float64)[:, None]).ravel()
        wanted = demand.sum((0, 1)) + plan.brought[day]
        with np.errstate(divide="ignore", invalid="ignore"):
            self.record.load_frac[day] = np.where(there > 0, wanted / there, np.nan)
        self.stretch = np.ones_like(self.stretch)
        for number in np.flatnonzero((there > 0) & (wanted > 0)):
            mine = (demand[..., number] > 0) & (slots > 0)
            waits = mine & (wait_frac > 0)
            found = np.ones_like(self.stretch)
            if wanted[number] > there[number]:
                left = max(there[number] - plan.brought[day, number], LEAST_FRAC * there[number])
                # What nobody is known to wait for still takes its share.
                parts = np.where(waits, wait_frac, 1.0)[mine]
                found[mine] = stretches(demand[mine, number], parts, left, slots[mine])
            waiting_slots = (wait_frac * slots)[waits]
            if (total := float(waiting_slots.sum())) > 0:
                self.record.waiting_slots[day, number] = total
                self.record.stretch[day, number] = float(np.dot(found[waits], waiting_slots)) / total
            self.stretch = np.where(waits, np.maximum(self.stretch, found), self.stretch)

    def _wanted(self, running: Ints) -> tuple[Floats, Floats, Floats]:
        """Return what classes want [B/s], the part of their time they wait, and their slots.

        Shapes are (2, n_classes, n_resources), (2, n_classes) and (2, n_classes).
        """
        plan, jobs = self.plan, self._jobs
        count = len(plan.waiting_frac)
        of = jobs.job_class[running]
        run = np.maximum(jobs.run_s[running], 1)
        slots = jobs.slots[running].astype(np.float64)

        def by_class(weights: Floats) -> Floats:
            return np.bincount(of, weights, count).astype(np.float64, copy=False)

        each, wide, work = (
            by_class(weights / run) for weights in (np.ones(len(run)), slots, slots * jobs.work_s[running])
        )
        saves = jobs.checkpoints(running) / run
        saving = by_class(slots * jobs.saving_s(running) / run)
        held = by_class(slots)
        demand = np.empty((2, *plan.per_job.shape))
        demand[STREAM] = plan.per_job * each[:, None] + plan.per_slot * wide[:, None]
        demand[STREAM] += plan.per_slot_s * work[:, None]
        demand[SAVE] = plan.saved_per_job * by_class(saves)[:, None]
        demand[SAVE] += plan.saved_per_slot * by_class(saves * slots)[:, None]
        saving_frac = np.divide(saving, held, out=np.zeros(count), where=held > 0)
        return demand, np.stack([plan.waiting_frac, np.minimum(saving_frac, 1.0)]), np.stack([held, held])

    def stretched(self, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """Return those of the jobs that now take longer, with their run times and requests.

        Rows; run times and requests [s]. Requests grow as run times do, to whole minutes; a job that asked
        for less than it needs still does.
        """
        jobs = self._jobs
        of, run = jobs.job_class[rows], jobs.run_s[rows].astype(np.float64)
        saving = jobs.saving_s(rows)
        data = self.plan.waiting_frac[of] * (self.stretch[STREAM, of] - 1) * run
        longer = data + (self.stretch[SAVE, of] - 1) * saving
        changed = np.rint(run + longer) > run
        rows, run, longer = rows[changed], run[changed], longer[changed]
        asked = jobs.requested_s[rows]
        new = np.minimum(np.rint(run + longer), LONGEST_S)
        request = np.minimum(np.ceil(asked * (new / run) / 60) * 60, LONGEST_S)
        request = np.where(asked < run, np.minimum(request, new - 1), np.maximum(request, new))
        return rows, new.astype(np.int64), request.astype(np.int64)
