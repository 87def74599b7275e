"""What storage moves: how much of each tier's bandwidth is wanted, and how long jobs wait for it."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from capacity.measure.findings import Labels, Values, labels
from capacity.measure.use import Spent
from capacity.simulation.bandwidth.contention import READ, WRITE, IoPlan
from capacity.simulation.build import Built
from capacity.simulation.record import RunRecord

Ints = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]
Measured = Iterator[tuple[tuple[str, Labels], float]]
Months = Mapping[str, tuple[int, int]]


def storage_io(built: Built, record: RunRecord, months: Months, time: Spent, measured: Values) -> Measured:
    """Yield the load of each tier's bandwidth and the stretch of what waits for it, by month.

    Parameters
    ----------
    built, record : Built, RunRecord
        A run.
    months : mapping of str to (int, int)
        Start and end of each month [s], and of ``all``.
    time : Spent
        What each job did with its time.
    measured : mapping
        Metrics measured before, among them what was read.
    """
    contention = built.site.contention
    if contention is None:
        return
    edges = np.asarray(built.site.day_edges_s)
    could, wanted = _could_move(contention.plan, record, edges), _moved(built, record, time, edges)
    looks = contention.record
    for number, tier in enumerate(contention.plan.tiers):
        mine = slice(2 * number, 2 * number + 2)
        for month, (start, end) in months.items():
            where = labels(tier=tier, month=month)
            at = (slice(*np.searchsorted(edges, (start, end))), mine)
            there, moved = could[at].sum(0), wanted[at].sum(0)
            moved[READ] += measured.get(("storage_read_bytes", where), 0.0)
            yield ("storage_read_load_frac", where), _ratio(moved[READ], there[READ])
            yield ("storage_write_load_frac", where), _ratio(moved[WRITE], there[WRITE])
            peak = np.fmax.reduce(looks.load_frac[at], axis=None, initial=np.nan)
            yield ("storage_peak_load_frac", where), float(peak)
            waiting = looks.waiting_slots[at]
            stretched = float((looks.stretch[at] * waiting).sum())
            yield ("storage_stretch", where), _ratio(stretched, float(waiting.sum()))


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0 else math.nan


def _could_move(plan: IoPlan, record: RunRecord, edges_s: Ints) -> Floats:
    """Return what the bandwidth in service could move on each day, shape (n_days, 2 * n_tiers) [B]."""
    usable = [[r.tiers[tier].capacity_bytes for tier in plan.tiers] for r in record.readings[1:]]
    per_s = np.array(usable, np.float64)[:, :, None] * plan.rates
    found: Floats = per_s.reshape(len(per_s), -1) * np.diff(edges_s)[:, None]
    return found


def _moved(built: Built, record: RunRecord, time: Spent, edges_s: Ints) -> Floats:
    """Return what was written and migrated on each day, shape (n_days, 2 * n_tiers) [B].

    Data count on the day on which they arrive, whether there was room for them or not; checkpoints on the
    day on which their job ends, all of them, also those that a later one replaced.
    """
    account = built.site.storage
    moved = _saved(built, record, time, edges_s)
    for number, tier in enumerate(account.tiers):
        lines = [n for n, x in enumerate(account.arriving) if x.tier == tier.name and x.kind != "checkpoints"]
        moved[:, 2 * number + WRITE] += account.arrived[:, lines].sum(1)
        readings = [reading.tiers[tier.name] for reading in record.readings]
        moved[:, 2 * number + WRITE] += np.diff([reading.migrated_in_bytes for reading in readings])
        moved[:, 2 * number + READ] += np.diff([reading.migrated_out_bytes for reading in readings])
    return moved


def _saved(built: Built, record: RunRecord, time: Spent, edges_s: Ints) -> Floats:
    """Return the checkpoints written on each day, shape (n_days, 2 * n_tiers) [B]."""
    assert built.site.contention is not None
    plan, days, checkpoints = built.site.contention.plan, len(edges_s) - 1, built.checkpoints
    saved = np.zeros((days, 2 * len(plan.tiers)))
    if checkpoints is None:
        return saved
    rows = np.flatnonzero(checkpoints.cycle_s)
    rows = rows[record.outcome.start_s[rows] >= 0]
    stands = time.useful_s[rows] + time.checkpoint_s[rows] + time.lost_s[rows]
    count = (stands // checkpoints.cycle_s[rows]).astype(np.float64)
    of, slots = built.site.jobs.job_class[rows], built.site.jobs.slots[rows]
    ended = record.outcome.end_s[rows]
    day = np.searchsorted(edges_s, np.where(ended >= 0, ended, edges_s[-1]), side="left") - 1
    for number in np.flatnonzero(plan.saved_per_job.any(0) | plan.saved_per_slot.any(0)):
        each = plan.saved_per_job[of, number] + plan.saved_per_slot[of, number] * slots
        saved[:, number] = np.bincount(np.clip(day, 0, days - 1), count * each, days)
    return saved
