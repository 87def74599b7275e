"""Energy of a run: what nodes draw idle and at work, storage, and the building around them."""

from collections.abc import Iterator, Mapping

from capacity.facility.cost import energy_cost_krw
from capacity.facility.power import energy_j, nodes_energy_j, site_power_w
from capacity.simulation.record import RunRecord
from capacity.spec.hardware import PowerDraw
from capacity.spec.scenario import Scenario
from capacity.study.build import seconds_since_start
from capacity.study.findings import Labels, labels

Measured = Iterator[tuple[tuple[str, Labels], float]]


def busy_power_w(power: PowerDraw) -> float:
    """Return what a node draws on average while jobs hold all of it: at most, if nothing else is known [W]."""
    return power.max if power.typical is None else power.typical


def energy(scenario: Scenario, record: RunRecord, months: Mapping[str, tuple[int, int]]) -> Measured:
    """Yield the energy of each pool, of storage and of the site, by month, and what it costs.

    Nothing with ``simulate.energy`` off.
    """
    if not scenario.simulate.energy:
        return
    site, at = scenario.site, {reading.time_s: reading.pools for reading in record.readings}
    for month, (first, last) in months.items():
        it_j = 0.0
        for name, pool in site.pools.items():
            before, after = at[first][name], at[last][name]
            slots = pool.node.slots
            pool_j = nodes_energy_j(
                pool.node.power.idle,
                busy_power_w(pool.node.power),
                (after.capacity_slot_s - before.capacity_slot_s) / slots,
                (after.busy_slot_s - before.busy_slot_s) / slots,
            )
            yield ("it_energy_j", labels(pool=name, month=month)), pool_j
            it_j += pool_j
        if site.storage:
            stored_j = storage_energy_j(scenario, first, last)
            yield ("it_energy_j", labels(part="storage", month=month)), stored_j
            it_j += stored_j
        site_j = site_power_w(it_j, site.pue)
        yield ("site_energy_j", labels(month=month)), site_j
        yield ("mean_power_w", labels(month=month)), site_j / (last - first)
        cost = energy_cost_krw(site_j, krw_per_kwh=site.electricity_price)
        yield ("energy_cost_krw", labels(month=month)), cost


def storage_energy_j(scenario: Scenario, first_s: int, last_s: int) -> float:
    """Return what the tiers draw between two times, as far as they are delivered, full or empty [J]."""
    total_j = 0.0
    usable = dict.fromkeys(scenario.site.storage, 0.0)
    for step in scenario.site.schedule(first_day=scenario.start):
        there_s = max(0, last_s - max(first_s, seconds_since_start(scenario, step.day)))
        for name, amount in step.usable_bytes.items():
            added_w = (amount - usable[name]) * scenario.site.storage[name].product.power
            total_j += energy_j(added_w, float(there_s))
            usable[name] = amount
    return total_j
