"""What was computed: useful operations by the precision asked for and used, beside what was possible."""

from collections.abc import Iterator

import numpy as np

from capacity.scheduling.batch import BatchSystem
from capacity.spec.scenario import Scenario
from capacity.study.build import Built
from capacity.study.findings import Labels, labels
from capacity.study.goodput import JobTime, installed_slot_s

Measured = Iterator[tuple[tuple[str, Labels], float]]


def delivered(scenario: Scenario, built: Built, time: JobTime) -> Measured:
    """Yield useful operations by pool and precision, the peak beside them, and how much work is known.

    Nothing with ``simulate.hardware`` off: run times do not follow the hardware then.
    """
    if not scenario.simulate.hardware:
        return
    yield from peaks(scenario, built.plant.batch)
    names, pools = built.table.labels("job_class")[1], list(scenario.site.pools)
    flop: dict[tuple[str, str, str], float] = {}
    known_s, useful_s = dict.fromkeys(pools, 0), dict.fromkeys(pools, 0)
    groups = zip(time.pool, time.job_class, time.asked, time.useful_s, time.held, strict=True)
    for number, code, asked, seconds, held in (tuple(map(int, group)) for group in groups):
        pool, name = pools[number], names[code]
        useful_s[pool] += seconds * held
        each = float(built.hardware.flop_per_slot_s(name, pool, [asked])[0])
        if np.isnan(each):
            continue
        known_s[pool] += seconds * held
        work = scenario.workload.classes[name]
        key = (pool, str(work.precision), built.hardware.precision_used(name, pool))
        # Slots that a job holds only because it holds whole nodes compute nothing.
        flop[key] = flop.get(key, 0.0) + each * seconds * asked
    for (pool, precision, ran_at), amount in sorted(flop.items()):
        where = labels(pool=pool, precision=precision, ran_at=ran_at, month="all")
        yield ("delivered_flop", where), amount
    for pool in pools:
        part = known_s[pool] / useful_s[pool] if useful_s[pool] else np.nan
        yield ("flop_known_frac", labels(pool=pool, month="all")), part


def peaks(scenario: Scenario, batch: BatchSystem) -> Measured:
    """Yield what each pool could compute at most at each of its precisions, everything delivered at work."""
    for spec in batch.specs:
        installed = installed_slot_s(spec, 0, scenario.horizon_s)
        for precision, peak in scenario.site.pools[spec.name].node.slot_peaks.items():
            where = labels(pool=spec.name, precision=precision, month="all")
            yield ("peak_flop", where), peak * installed
