"""What is measured of storage beyond the horizon: when tiers fill, how full they get, how fast they grow."""

import math

import numpy as np

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Measured, labels
from capacity.simulation.build import Built
from capacity.simulation.calendar import calendar_of
from capacity.simulation.record import RunRecord
from capacity.simulation.storage.ahead import LookAhead, follow, longer


def beyond(
    scenario: Scenario, built: Built, record: RunRecord, rule: LookAhead, *, seed: int, replication: int
) -> Measured:
    """Yield what storage does beyond the horizon of a run, as `follow` follows it."""
    found = follow(scenario, built, record, rule, seed=seed, replication=replication)
    later = len(built.site.day_edges_s)
    most = np.divide(
        found.used_bytes[later:], found.capacity_bytes[later:], out=np.zeros(found.used_bytes[later:].shape),
        where=found.capacity_bytes[later:] > 0,
    ).max(axis=0)  # fmt: skip
    for number, tier in enumerate(built.site.storage.tiers):
        where = labels(tier=tier.name)
        yield ("storage_ahead_full_s", where), float(found.full_s.get(tier.name, math.nan))
        yield ("storage_ahead_used_frac", where), float(most[number])
        yield ("storage_ahead_year_bytes", where), float(found.year_growth_bytes[tier.name])
        yield ("storage_ahead_over_quota_bytes", where), float(found.over_quota_bytes[tier.name])
    yield ("storage_ahead_s", labels(month="all")), float(calendar_of(longer(scenario, rule.days)).horizon_s)
    yield ("storage_ahead_growth_frac", labels(month="all")), rule.growth_per_year_frac
