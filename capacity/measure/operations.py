"""How many operations a site did, by precision, beside how many its slots could have done at their peak."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from capacity.measure.findings import Labels, labels
from capacity.measure.outcomes import pool_of
from capacity.measure.use import Spent, installed_slot_s
from capacity.simulation.build import Built
from capacity.simulation.record import RunRecord

Measured: TypeAlias = Iterator[tuple[tuple[str, Labels], float]]


def delivered(built: Built, record: RunRecord, time: Spent) -> Measured:
    """Yield operations of useful work by pool and precision, and what the peaks would have allowed.

    Operations of two precisions are never added: each class counts at the precision it asks for, and the
    label `ran_at` says at which one the pool did them. Classes without `mfu` have no known number of
    operations, and are not in it. Slots of whole nodes that a wide job holds and did not ask for do nothing.
    """
    batch, hardware = built.site.batch, built.hardware
    scenario = hardware.scenario
    specs = batch.specs
    pool = np.asarray(pool_of(batch, record.outcome))
    codes, names = built.table.labels("job_class")
    slots = np.asarray(batch.jobs.slots)
    found: dict[tuple[str, str, str], float] = {}
    for code, name in enumerate(names):
        work = scenario.workload.classes[name]
        rows = np.flatnonzero(codes == code) if work.mfu is not None else np.zeros(0, np.int64)
        for number, spec in enumerate(specs):
            if spec.name not in scenario.pools_of(work) or work.precision is None:
                continue
            mine = rows[pool[rows] == number]
            sizes, size_of = np.unique(slots[mine], return_inverse=True)
            rate = hardware.flop_per_slot_s(name, spec.name, sizes) * sizes
            useful_s = np.bincount(size_of.reshape(-1), time.useful_s[mine], minlength=len(sizes))
            key = (spec.name, work.precision, hardware.precision_used(name, spec.name))
            if work.mfu is not None:
                found[key] = found.get(key, 0.0) + float(np.dot(useful_s, rate))
    for (place, precision, ran_at), flop in found.items():
        yield ("delivered_flop", labels(pool=place, precision=precision, ran_at=ran_at)), flop
    for spec in specs:
        slot_s = installed_slot_s(spec, record.readings[-1].time_s)
        for precision, peak in scenario.site.pools[spec.name].node.slot_peaks.items():
            yield ("peak_flop", labels(pool=spec.name, precision=precision)), peak * slot_s
