"""The jobs of a run as one frame of columns, from which every metric over jobs is taken.

What goes in: the jobs as they were built and what became of them. What comes out: arrays with one row per job
in order of submission, times in seconds since the start, and groups of rows by any set of labels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.measure.findings import Labels
from capacity.scheduling.batch import BatchSystem
from capacity.scheduling.outcome import Outcome
from capacity.simulation.build import Built
from capacity.simulation.policy import account_names
from workloads.jobtable import JobTable

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Split: TypeAlias = list[tuple[tuple[str, ...], npt.NDArray[np.intp]]]
"""The values of some labels, and the rows of the jobs that have them."""
Months: TypeAlias = Mapping[str, tuple[int, int]]
"""Start and end of each month, and of ``all``. [s]"""

STATES: Final = ("completed", "failed", "cancelled", "timeout", "node_fail", "unfinished", "rejected")
"""How a job of a run can have ended, in the order of their numbers."""

WIDTHS: Final = (
    (1, "1"), (4, "2-4"), (8, "5-8"), (16, "9-16"), (64, "17-64"), (256, "65-256"), (1 << 62, ">256"),
)  # fmt: skip
"""Classes of width: up to so many slots, and the label."""
LENGTHS: Final = (
    (600, "<10min"), (3_600, "10min-1h"), (14_400, "1-4h"), (43_200, "4-12h"), (86_400, "12-24h"),
    (259_200, "1-3d"), (1 << 62, ">=3d"),
)  # fmt: skip
"""Classes of run time on this hardware: below so much [s], and the label."""

HOUR_S: Final = 3_600
LONG: Final = ">=1h"
"""All classes of run time of an hour and more: real work, beside trials that fit into any gap."""

_ONLY_WHERE_THERE_ARE_JOBS: Final = {"width", "length", "user", "account"}


@dataclass(frozen=True)
class JobOutcomes:
    """What became of each job of a run; columns are worked out when they are first asked for.

    Parameters
    ----------
    table, batch, outcome : JobTable, BatchSystem, Outcome
        The jobs as a demand or a log has them; the same jobs on the machine, and its pools; what the batch
        system did with them.
    horizon_s : int
        End of the run: what still waits or runs has done so until then. [s]
    months : mapping of str to (int, int)
        Start and end of each month and of ``all``. [s]
    simulated : Built or None
        The simulated site; None for the replay of a log.
    """

    table: JobTable
    batch: BatchSystem
    outcome: Outcome
    horizon_s: int
    months: Months = field(default_factory=dict)
    simulated: Built | None = None
    _last_splits: list[tuple[tuple[str, ...], Bools, Split]] = field(
        default_factory=list, init=False, repr=False
    )

    @property
    def built(self) -> Built:
        """The simulated site, of a run that has one."""
        assert self.simulated is not None, "a replay has no simulated site"
        return self.simulated

    @cached_property
    def submit_s(self) -> Ints:
        """Submission [s], ascending."""
        return np.asarray(self.batch.jobs.submit_s, np.int64)

    @cached_property
    def slots(self) -> npt.NDArray[np.integer]:
        """Slots asked for."""
        return np.asarray(self.batch.jobs.slots)

    @cached_property
    def held_slots(self) -> Ints:
        """Slots occupied: whole nodes above one node."""
        return self.outcome.held_slots.astype(np.int64)

    @cached_property
    def pool(self) -> npt.NDArray[np.integer]:
        """Index of the pool the job ran in last, or would have."""
        return self.outcome.pool

    @cached_property
    def wait_s(self) -> Ints:
        """From submission to the start, to leaving without one, or to the end of the run [s]."""
        left_s = self.outcome.left_s
        never_s = self.horizon_s if left_s is None else np.where(left_s >= 0, left_s, self.horizon_s)
        known: Ints = np.where(self.outcome.start_s >= 0, self.outcome.start_s, never_s)
        return known - self.submit_s

    @cached_property
    def withdrawn(self) -> Bools:
        """Cancelled before they ever started."""
        return np.asarray(self.outcome.cancelled & (self.outcome.start_s < 0))

    @cached_property
    def left(self) -> Bools:
        """Gave up, or were given up by the batch system, after waiting as long as they would or could."""
        left_s = self.outcome.left_s
        return np.zeros(len(self.submit_s), np.bool_) if left_s is None else left_s >= 0

    @cached_property
    def waited(self) -> Bools:
        """Jobs of which a wait is known: all but those turned away at once, or left without what they needed.

        Those that gave up count: who looks only at those that stayed finds short waits on any machine.
        """
        return self.counted | self.left

    @cached_property
    def wait_open(self) -> Bools:
        """Jobs of which only the least wait is known: they still wait at the end of the run, or have left."""
        return np.asarray(self.waited & (self.outcome.start_s < 0))

    @cached_property
    def run_time_s(self) -> Ints:
        """Time it would run on this hardware, undisturbed [s]."""
        return np.asarray(self.batch.jobs.run_s, np.int64)

    @cached_property
    def is_long(self) -> Bools:
        """Jobs of an hour and more."""
        return self.run_time_s >= HOUR_S

    @cached_property
    def undone(self) -> Bools:
        """Ended for good by others: preempted and cancelled, or by a failed node."""
        return np.asarray(self.outcome.cancelled | self.outcome.node_fail)

    @cached_property
    def counted(self) -> Bools:
        """Jobs that were taken: neither rejected nor withdrawn before they started."""
        return np.asarray(~self.outcome.rejected & ~self.withdrawn)

    @cached_property
    def ended(self) -> Bools:
        """Jobs that ended within the run."""
        return np.asarray(self.outcome.end_s >= 0)

    @cached_property
    def completed(self) -> Bools:
        """Jobs that ended with their work done."""
        return np.asarray(self.built.site.jobs.completed & self.ended & ~self.undone & ~self.outcome.killed)

    @cached_property
    def timed_out(self) -> Bools:
        """Jobs that ended at their requested time, whether the demand or the batch system cut them."""
        codes, words = self.table.labels("state")
        cut = codes == words.index("timeout")
        return np.asarray((cut | self.outcome.killed) & self.ended & ~self.undone)

    @cached_property
    def run_s(self) -> Ints:
        """Time it held its slots in all attempts that ended; 0 for jobs that did not end [s]."""
        return np.where(self.ended, self.outcome.ran_s, 0)

    @cached_property
    def state(self) -> npt.NDArray[np.int8]:
        """How it ended, as a number into `STATES`; what a log does not say counts as completed."""
        outcome, (codes, words) = self.outcome, self.table.labels("state")
        known = [STATES.index(word if word in STATES else "completed") for word in words]
        state: npt.NDArray[np.int8] = np.array(known, np.int8)[codes]
        state[outcome.killed] = STATES.index("timeout")
        state[outcome.end_s < 0] = STATES.index("unfinished")
        state[outcome.rejected] = STATES.index("rejected")
        state[outcome.cancelled] = STATES.index("cancelled")
        state[outcome.node_fail] = STATES.index("node_fail")
        return state

    @cached_property
    def spent(self) -> "Spent":
        """What it did with the time it held its slots, up to the end of the run."""
        return _spent(self)

    def codes(self, label: str) -> tuple[npt.NDArray[Any], list[str]]:
        """Return a column of small numbers and what each stands for, by the name of a label."""
        if label == "pool":
            return self.pool, [spec.name for spec in self.batch.specs]
        if label == "width":
            width = np.searchsorted([most for most, _ in WIDTHS], self.slots, side="left")
            return width.astype(np.int8), [name for _, name in WIDTHS]
        if label == "length":
            length = np.searchsorted([below for below, _ in LENGTHS], self.run_time_s, side="right")
            return length.astype(np.int8), [name for _, name in LENGTHS]
        if label in {"qos", "account"}:
            scenario = self.built.hardware.scenario
            column = getattr(self.batch.jobs, label)
            if column is None:
                return np.zeros(0, np.int8), []
            return column, list(scenario.policy.qos) if label == "qos" else account_names(scenario)
        return self.table.labels(label)

    def sums_by_pool(self, amounts: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return the sum of a column, mostly of zeros, over the jobs of each pool."""
        some = np.flatnonzero(amounts)
        sums = np.bincount(self.pool[some], amounts[some], minlength=len(self.batch.specs))
        return sums.astype(np.float64, copy=False)

    def groups(self, labels: str, among: Bools) -> Iterator[tuple[Labels, npt.NDArray[np.intp]]]:
        """Yield the rows of each group of jobs, in order of submission; see `spans`."""
        for rows, spans in self.spans(labels, among):
            yield from ((where, rows[span]) for where, span in spans)

    def spans(
        self, labels: str, among: Bools
    ) -> Iterator[tuple[npt.NDArray[np.intp], list[tuple[Labels, slice]]]]:
        """Yield the rows of the jobs that share all labels but the month, and where in them each month lies.

        Parameters
        ----------
        labels, among : str, ndarray of bool, shape (n_jobs,)
            Names of labels in their order, as ``pool month width``, and the jobs that are grouped. ``month``
            is each month of submission and ``all``; ``month=all`` is the whole horizon only. ``slots`` are
            jobs of one whole node, ``slots=4`` of four; ``length=>=1h`` all that run for an hour or more.
        """
        asked = dict(name.partition("=")[::2] for name in labels.split())
        months = {"all": self.months["all"]} if asked.get("month") == "all" else self.months
        edges = np.searchsorted(self.submit_s, np.array([*months.values()]))
        sieved = {"month", "slots", *(["length"] if asked.get("length") == LONG else [])}
        kinds = tuple(name for name in asked if name not in sieved)
        sparse = bool(_ONLY_WHERE_THERE_ARE_JOBS & asked.keys())
        for values, rows in self.split(kinds, among):
            if sparse and not len(rows):
                continue
            where = dict(zip(kinds, values, strict=True))
            if "slots" in asked:
                nodes = (s.slots_per_node for s in self.batch.specs if s.name == where.get("pool"))
                slots = int(asked["slots"] or next(nodes))
                where["slots"], rows = str(slots), rows[self.slots[rows] == slots]  # noqa: PLW2901
            if asked.get("length") == LONG:
                where["length"], rows = LONG, rows[self.is_long[rows]]  # noqa: PLW2901
            named = {**where, "month": "all"}
            spans = []
            for month, (first, last) in zip(months, np.searchsorted(rows, edges).tolist(), strict=True):
                if first < last or not sparse:
                    named["month"] = month
                    spans.append((tuple((name, named[name]) for name in asked), slice(first, last)))
            yield rows, spans

    def split(self, kinds: tuple[str, ...], among: Bools) -> Split:
        """Return the rows of each combination of values of some labels, also of those that no job has.

        The last two answers are kept: label sets that differ only in month and size ask for the same one.
        """
        for last_kinds, last_among, last in self._last_splits:
            if last_kinds == kinds and last_among is among:
                return last
        columns = [self.codes(kind) for kind in kinds]
        found: Split = []
        if all(names for _, names in columns):
            rows = np.flatnonzero(among)
            combinations = list(product(*(names for _, names in columns)))
            of_all = np.zeros(len(among), np.min_scalar_type(~len(combinations)))  # the smaller, the faster
            for codes, names in columns:
                of_all *= of_all.dtype.type(len(names))
                of_all += codes.astype(of_all.dtype, copy=False)
            cell = of_all[among]
            rows = rows[np.argsort(cell, kind="stable")]
            edges = np.cumsum(np.bincount(cell, minlength=len(combinations)))[:-1]
            found = [*zip(combinations, np.split(rows, edges), strict=True)]
        self._last_splits[:] = [(kinds, among, found), *self._last_splits[:1]]
        return found


@dataclass(frozen=True, slots=True)
class Spent:
    """What each job did with the time it held its slots, up to the end of the horizon.

    Attributes
    ----------
    useful_s, checkpoint_s, lost_s, restart_s : ndarray of int64, shape (n_jobs,)
        Work that stands; writing the checkpoints of that work; work that was undone, with the checkpoints in
        it; getting going again after an interruption. Together the time it held its slots. [s]
    """

    useful_s: Ints
    checkpoint_s: Ints
    lost_s: Ints
    restart_s: Ints

    @property
    def held_s(self) -> Ints:
        """All of it [s]."""
        return self.useful_s + self.checkpoint_s + self.lost_s + self.restart_s


def _spent(jobs: JobOutcomes) -> Spent:
    """Return what each job did with its time.

    Of the time that stands, every whole cycle (work and writing) holds one checkpoint. A job that ends does
    not write one at its end, which a cycle that is not whole cannot hold; so this is exact for jobs that
    ended, and for one that still runs it counts a checkpoint once it is written.
    """
    outcome, restarts_s = jobs.outcome, jobs.batch.jobs.restart_s
    lost, restart = outcome.lost_s, outcome.restart_s
    stands: Ints = outcome.ran_s - lost - restart
    running = np.flatnonzero(outcome.running)
    elapsed = jobs.horizon_s - outcome.last_start_s[running]
    if restarts_s is not None:
        again = np.where(outcome.attempts[running] > 1, restarts_s[running], 0)
        restart = restart.copy()
        restart[running] += (going := np.minimum(elapsed, again))
        elapsed = elapsed - going
    stands[running] += elapsed
    written: Ints = np.zeros(len(stands), np.int64)
    if jobs.built.checkpoints is not None:
        saves = np.flatnonzero(jobs.built.checkpoints.cycle_s)
        cycle, write = jobs.built.checkpoints.cycle_s[saves], jobs.built.checkpoints.write_s[saves]
        written[saves] = stands[saves] // cycle * write
    return Spent(stands - written, written, lost, restart)
