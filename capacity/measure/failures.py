"""What failures did: how often nodes and groups were struck, and the work that was undone."""

import numpy as np

from capacity.measure.findings import Measured, labels
from capacity.measure.outcomes import JobOutcomes
from capacity.simulation.record import RunRecord


def failures(jobs: JobOutcomes, record: RunRecord) -> Measured:
    """Yield failures by pool, outages by what failed, and slot-hours of work undone by pool and class."""
    site = jobs.built.site
    names = [spec.name for spec in jobs.batch.specs]
    for place in (names[one.pool] for one in site.hazards.failures):
        yield ("node_failures", labels(pool=place, month="all")), _events(record, "node_failure", place)
    for place in dict.fromkeys(group.name for group in site.hazards.groups):
        yield ("group_outages", labels(outage=place, month="all")), _events(record, "outage_start", place)
    undone_slot_s = jobs.spent.lost_s * jobs.held_slots
    for name, slot_s in zip(names, np.bincount(jobs.pool, undone_slot_s, len(names)), strict=True):
        yield ("lost_slot_hours", labels(pool=name, month="all")), float(slot_s) / 3600
    if jobs.outcome.interruptible:
        codes, classes = jobs.codes("job_class")
        for name, slot_s in zip(classes, np.bincount(codes, undone_slot_s, len(classes)), strict=True):
            yield ("lost_slot_hours", labels(job_class=name, month="all")), float(slot_s) / 3600


def _events(record: RunRecord, kind: str, place: str) -> float:
    return float(sum(event.kind == kind and event.place == place for event in record.events))
