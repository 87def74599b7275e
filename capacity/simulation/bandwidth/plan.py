"""From a scenario to what its jobs move on each storage tier, and what the tiers can."""

from collections.abc import Sequence

import numpy as np

from capacity.inputs.failures.checkpoint_plan import tier_of
from capacity.inputs.scenario import Scenario
from capacity.simulation.bandwidth.contention import READ, WRITE, Contention, IoColumns, IoPlan
from capacity.simulation.failures.checkpoints import Checkpoints
from capacity.simulation.hardware import Hardware
from capacity.simulation.storage.account import JobColumns
from capacity.simulation.storage.numbers import StoragePlan
from workloads.jobtable import JobTable


def contention_of(
    scenario: Scenario,
    storage: StoragePlan,
    table: JobTable,
    columns: JobColumns,
    checkpoints: Checkpoints | None,
    edges_s: Sequence[int],
) -> Contention | None:
    """Return how jobs contend for storage, or None if no job can wait for it.

    The jobs have run times on the site's hardware, checkpoints among them; `columns` is what the storage
    account knows of them. `edges_s` are all local midnights of the run [s].
    """
    if not (scenario.simulate.contention and storage.tiers):
        return None
    plan = _io_plan(scenario, storage, table.labels("job_class")[1], edges_s)
    if not (np.any(plan.waiting_frac) or np.any(plan.saved_per_job) or np.any(plan.saved_per_slot)):
        return None
    submit_s, run_s, requested_s = map(table.numbers, ("submit_s", "run_s", "requested_s"))
    saving = (None, None) if checkpoints is None else (checkpoints.cycle_s, checkpoints.write_s)
    jobs = IoColumns(columns.job_class, columns.slots, submit_s, run_s, requested_s, columns.run_s, *saving)
    return Contention(plan, jobs, edges_s)


def _io_plan(
    scenario: Scenario, storage: StoragePlan, classes: Sequence[str], edges_s: Sequence[int]
) -> IoPlan:
    """Return what each class, in the order of their numbers, moves on each tier, and how fast tiers are."""
    tiers = scenario.site.storage
    number = {name: place for place, name in enumerate(tiers)}
    per_job, per_slot, per_slot_s, saved_per_job, saved_per_slot = (
        np.zeros((len(classes), 2 * len(tiers))) for _ in range(5)
    )
    for row, name in enumerate(classes):
        work = scenario.workload.classes[name]
        for read in work.reads.values():
            at = row, 2 * number[read.tier] + READ
            per_job[at] += read.per_job or 0.0
            per_slot[at] += read.per_slot or 0.0
        for write in work.writes.values():
            at = row, 2 * number[write.tier] + WRITE
            per_job[at] += write.per_job or 0.0
            per_slot_s[at] += write.per_slot_hour or 0.0
        checkpoint = work.checkpoint
        if checkpoint is not None and checkpoint.has_size and scenario.simulate.checkpoints:
            goes_to = [tier is tier_of(scenario.site, checkpoint) for tier in tiers.values()].index(True)
            saved_per_job[row, 2 * goes_to + WRITE] = checkpoint.bytes_per_job
            saved_per_slot[row, 2 * goes_to + WRITE] = checkpoint.size or 0.0
    lengths_s = np.diff(np.asarray(edges_s))
    brought = np.zeros((len(lengths_s), 2 * len(tiers)))
    for ingest in storage.daily:
        brought[:, 2 * number[ingest.tier] + WRITE] += ingest.by_day_bytes / lengths_s
    hardware = Hardware(scenario)
    return IoPlan(
        tiers=tuple(tiers),
        rates=np.array([[t.product.read_bandwidth, t.product.write_bandwidth] for t in tiers.values()]),
        per_job=per_job,
        per_slot=per_slot,
        per_slot_s=per_slot_s,
        saved_per_job=saved_per_job,
        saved_per_slot=saved_per_slot,
        waiting_frac=np.array([hardware.waiting_frac(name) for name in classes]),
        brought=brought,
    )
