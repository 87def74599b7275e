"""What storage moves: how much of each tier's bandwidth is wanted, and how long jobs wait for it."""

import math

import numpy as np
import numpy.typing as npt

from capacity.measure.findings import Measured, Values, labels
from capacity.measure.outcomes import JobOutcomes
from capacity.simulation.bandwidth.contention import READ, WRITE, IoPlan
from capacity.simulation.record import RunRecord

Ints = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]


def read_bytes(jobs: JobOutcomes) -> Measured:
    """Yield what jobs read from each tier when they start, by month; nothing for tiers nobody reads from.

    Every attempt counts in the month of the last one; those before only for what is read again.
    """
    classes, start_s = jobs.built.hardware.scenario.workload.classes, jobs.outcome.start_s
    codes, names = jobs.codes("job_class")
    inputs = [(name, one) for name in names for one in classes[name].reads.values()]
    slots = jobs.table.numbers("slots").astype(np.float64)
    for tier in dict.fromkeys(one.tier for _, one in inputs):
        amount = np.zeros(len(codes))
        for name, one in inputs:
            if one.tier == tier:
                mine = (start_s >= 0) & (codes == names.index(name))
                each = (one.per_job or 0.0) + (one.per_slot or 0.0) * slots[mine]
                amount[mine] += each * (jobs.outcome.attempts[mine] if one.again else 1)
        for month, (first, last) in jobs.months.items():
            of_month = (start_s >= first) & (start_s < last)
            yield ("storage_read_bytes", labels(tier=tier, month=month)), float(amount[of_month].sum())


def bandwidth(jobs: JobOutcomes, record: RunRecord, measured: Values) -> Measured:
    """Yield the load of each tier's bandwidth and the stretch of what waits for it, by month.

    What was measured of the run before has to hold what was read.
    """
    contention = jobs.built.site.contention
    if contention is None:
        return
    edges = np.asarray(jobs.built.site.day_edges_s)
    could, wanted = _could_move(contention.plan, record, edges), _moved(jobs, record, edges)
    looks = contention.record
    for number, tier in enumerate(contention.plan.tiers):
        mine = slice(2 * number, 2 * number + 2)
        for month, (start, end) in jobs.months.items():
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


def _moved(jobs: JobOutcomes, record: RunRecord, edges_s: Ints) -> Floats:
    """Return what was written and migrated on each day, shape (n_days, 2 * n_tiers) [B].

    Data count on the day on which they arrive, whether there was room for them or not; checkpoints on the
    day on which their job ends, all of them, also those that a later one replaced.
    """
    account = jobs.built.site.storage
    moved = _saved(jobs, edges_s)
    for number, tier in enumerate(account.tiers):
        lines = [n for n, x in enumerate(account.arriving) if x.tier == tier.name and x.kind != "checkpoints"]
        moved[:, 2 * number + WRITE] += account.arrived[:, lines].sum(1)
        readings = [reading.tiers[tier.name] for reading in record.readings]
        moved[:, 2 * number + WRITE] += np.diff([reading.migrated_in_bytes for reading in readings])
        moved[:, 2 * number + READ] += np.diff([reading.migrated_out_bytes for reading in readings])
    return moved


def _saved(jobs: JobOutcomes, edges_s: Ints) -> Floats:
    """Return the checkpoints written on each day, shape (n_days, 2 * n_tiers) [B]."""
    built, outcome, time = jobs.built, jobs.outcome, jobs.spent
    assert built.site.contention is not None
    plan, days, checkpoints = built.site.contention.plan, len(edges_s) - 1, built.checkpoints
    saved = np.zeros((days, 2 * len(plan.tiers)))
    if checkpoints is None:
        return saved
    rows = np.flatnonzero(checkpoints.cycle_s)
    rows = rows[outcome.start_s[rows] >= 0]
    stands = time.useful_s[rows] + time.checkpoint_s[rows] + time.lost_s[rows]
    count = (stands // checkpoints.cycle_s[rows]).astype(np.float64)
    of, slots = built.site.jobs.job_class[rows], built.site.jobs.slots[rows]
    ended = outcome.end_s[rows]
    day = np.searchsorted(edges_s, np.where(ended >= 0, ended, edges_s[-1]), side="left") - 1
    for number in np.flatnonzero(plan.saved_per_job.any(0) | plan.saved_per_slot.any(0)):
        each = plan.saved_per_job[of, number] + plan.saved_per_slot[of, number] * slots
        saved[:, number] = np.bincount(np.clip(day, 0, days - 1), count * each, days)
    return saved
