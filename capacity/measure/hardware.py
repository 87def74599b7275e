"""What the hardware could do and did: peaks in place, and operations by precision beside the peak."""

import math

import numpy as np

from capacity.measure.findings import Measured, labels
from capacity.measure.outcomes import JobOutcomes
from capacity.measure.use import installed_slot_s
from capacity.simulation.record import RunRecord


def peaks(jobs: JobOutcomes) -> Measured:
    """Yield the dense peak of what is delivered by the end of each month, at the declared precision."""
    site = jobs.built.hardware.scenario.site
    precision = site.declared.precision if site.declared else "fp64_tensor"
    for spec in jobs.batch.specs:
        peak = site.pools[spec.name].node.slot_peaks.get(precision, math.nan)
        for month, (_, end) in jobs.months.items():
            where = labels(pool=spec.name, month=month, precision=precision)
            nodes = spec.nodes + sum(count for time, count in spec.deliveries if time < end)
            yield ("peak_flops", where), spec.slots_per_node * nodes * peak


def operations(jobs: JobOutcomes, record: RunRecord) -> Measured:
    """Yield operations of useful work by pool and precision, and what the peaks would have allowed.

    Operations of two precisions are never added: each class counts at the precision it asks for, and the
    label `ran_at` says at which one the pool did them. Classes without `mfu` have no known number of
    operations, and are not in it. Slots of whole nodes that a wide job holds and did not ask for do nothing.
    """
    hardware, specs = jobs.built.hardware, jobs.batch.specs
    scenario = hardware.scenario
    codes, names = jobs.codes("job_class")
    found: dict[tuple[str, str, str], float] = {}
    for code, name in enumerate(names):
        work = scenario.workload.classes[name]
        rows = np.flatnonzero(codes == code) if work.mfu is not None else np.zeros(0, np.int64)
        for number, spec in enumerate(specs):
            if spec.name not in scenario.pools_of(work) or work.precision is None:
                continue
            mine = rows[jobs.pool[rows] == number]
            sizes, size_of = np.unique(jobs.slots[mine], return_inverse=True)
            rate = hardware.flop_per_slot_s(name, spec.name, sizes) * sizes
            useful_s = np.bincount(size_of.reshape(-1), jobs.spent.useful_s[mine], minlength=len(sizes))
            key = (spec.name, work.precision, hardware.precision_used(name, spec.name))
            if work.mfu is not None:
                found[key] = found.get(key, 0.0) + float(np.dot(useful_s, rate))
    for (place, precision, ran_at), flop in found.items():
        yield ("delivered_flop", labels(pool=place, precision=precision, ran_at=ran_at)), flop
    for spec in specs:
        slot_s = installed_slot_s(spec, record.readings[-1].time_s)
        for precision, peak in scenario.site.pools[spec.name].node.slot_peaks.items():
            yield ("peak_flop", labels(pool=spec.name, precision=precision)), peak * slot_s
