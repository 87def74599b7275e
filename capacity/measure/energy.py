"""The energy that a simulated load takes, from what each part draws idle and held by a job."""

from itertools import pairwise

from capacity.facility.energy import busy_energy_j, site_power_w
from capacity.facility.money import electricity_cost
from capacity.inputs.hardware.parts import Node, PowerDraw
from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Measured, labels
from capacity.measure.outcomes import Months
from capacity.scheduling.pools.pool import PoolState
from capacity.simulation.record import Reading, RunRecord


def energy(scenario: Scenario, record: RunRecord, months: Months) -> Measured:
    """Yield the energy of each pool, of storage and of the site by month, its mean power and its price.

    Nodes that have failed or are being maintained draw nothing. Storage draws what its product says for each
    usable byte in service, however much is on it. Spares on the shelf draw nothing.
    """
    at = {reading.time_s: reading for reading in record.readings}
    price_per_kwh = scenario.site.amount(scenario.site.electricity_price)
    storage_j = _storage_until(scenario, record.readings) if scenario.simulate.storage else {}
    for month, (start, end) in months.items():
        total = 0.0
        for name, pool in scenario.site.pools.items():
            if pool.node.power is None:
                continue
            used = _pool_j(pool.node, pool.node.power, at[start].pools[name], at[end].pools[name])
            yield ("it_energy_j", labels(pool=name, month=month)), used
            total += used
        if scenario.site.storage and scenario.simulate.storage:
            used = storage_j[end] - storage_j[start]
            yield ("it_energy_j", labels(part="storage", month=month)), used
            total += used
        if scenario.site.pue is None or scenario.site.it_power_max_w is None:
            continue
        site = site_power_w(total, scenario.site.pue)
        yield ("site_energy_j", labels(month=month)), site
        yield ("mean_power_w", labels(month=month)), site / (end - start)
        if price_per_kwh is not None:
            yield ("electricity_cost", labels(month=month)), electricity_cost(site, price_per_kwh)


def _pool_j(node: Node, power: PowerDraw, was: PoolState, now: PoolState) -> float:
    """Energy of the nodes of a pool between two readings [J]."""
    return busy_energy_j(
        power.idle,
        power.held,
        served_s=(now.capacity_slot_s - was.capacity_slot_s) / node.slots,
        busy_s=(now.busy_slot_s - was.busy_slot_s) / node.slots,
    )


def _storage_until(scenario: Scenario, readings: tuple[Reading, ...]) -> dict[int, float]:
    """Energy of storage from the start to each reading [J]; what comes at a midnight counts from then on."""
    found = {readings[0].time_s: 0.0}
    for before, after in pairwise(readings):
        tiers = scenario.site.storage.items()
        power_w = sum(after.tiers[name].capacity_bytes * tier.product.power for name, tier in tiers)
        found[after.time_s] = found[before.time_s] + power_w * (after.time_s - before.time_s)
    return found
