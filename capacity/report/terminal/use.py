"""What a simulation says of the plant: where slot-hours went, failures, operations delivered, energy."""

import math
from collections.abc import Iterator, Sequence

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.measure.use import USES
from capacity.quantities.writing import format_number, format_si
from capacity.report.terminal.compare_hardware import GWH_J, PF_DAY_FLOP
from capacity.report.words import count, listed, percent


def plant(scenario: Scenario, look: Lookup, pools: Sequence[str]) -> Iterator[str]:
    """Yield sentences on goodput, failures, operations and energy, as far as they were measured."""
    for pool in pools:
        yield from _goodput(scenario, pool, look)
    yield from _failures(scenario, look, pools)
    yield from _operations(look)
    yield from _energy(scenario, look)
    yield from (f"{name} cannot run here: {why}." for name, why in scenario.unservable().items())


def _goodput(scenario: Scenario, pool: str, look: Lookup) -> Iterator[str]:
    """Say what became of the slot-hours of a pool; nothing where nobody interrupts or saves."""
    hours = {use: look.value("slot_hours", pool=pool, use=use) for use in USES}
    installed = math.fsum(hours.values())
    if not installed > 0 or not (scenario.simulate.failures or scenario.simulate.checkpoints):
        return
    words = {
        "checkpoint": "writing checkpoints", "lost": "lost", "restart": "starting again",
        "down": "failed or in maintenance", "idle": "idle",
    }  # fmt: skip
    rest = [f"{percent(hours[use] / installed)} {word}" for use, word in words.items() if hours[use] > 0]
    of = f"{pool}: {percent(hours['useful'] / installed)} of the {count(installed)} slot-hours delivered"
    yield f"{of} were useful work{', ' if rest else ''}{listed(rest) if rest else ''}."


def _failures(scenario: Scenario, look: Lookup, pools: Sequence[str]) -> Iterator[str]:
    nodes = [found.value for found in look.of("node_failures")]
    groups = [found.value for found in look.of("group_outages")]
    if not scenario.simulate.failures or not nodes + groups:
        return
    there = [look.value("available_frac", pool=pool, month="all") for pool in pools]
    available = listed(
        [f"{percent_of_nines(a)} ({pool})" for pool, a in zip(pools, there, strict=True) if not math.isnan(a)]
        or ["none"]
    )
    failed, node_days = math.fsum(nodes), _node_days(scenario, look, pools)
    often = (
        f" ({format_number(1000 * failed / node_days)} per 1,000 node-days in service)" if node_days else ""
    )
    yield (
        f"Failures: {count(failed)} of single nodes{often}, {count(math.fsum(groups))} of groups of nodes; "
        f"of the slots delivered were in service {available}."
    )


def _node_days(scenario: Scenario, look: Lookup, pools: Sequence[str]) -> float:
    """Return how long nodes were in service [node d]."""
    found = 0.0
    for pool in pools:
        hours = [look.value("slot_hours", pool=pool, use=use) for use in USES if use != "down"]
        found += math.fsum(hours) / scenario.site.pools[pool].node.slots / 24
    return found


def percent_of_nines(fraction: float) -> str:
    """Return an availability in percent, with two decimals.

    Examples
    --------
    >>> percent_of_nines(0.99634)
    '99.63 %'
    """
    return f"{100 * fraction:.2f} %"


def _operations(look: Lookup) -> Iterator[str]:
    """Say how many operations each pool did, the largest part of its peak first."""
    told: dict[str, list[tuple[float, str]]] = {}
    for found in look.of("delivered_flop"):
        where = dict(found.labels)
        peak = look.value("peak_flop", pool=where["pool"], precision=where["ran_at"])
        at = "" if where["ran_at"] == where["precision"] else f" done at {where['ran_at']}"
        part = found.value / peak if peak else 0.0
        words = f"{count(found.value / PF_DAY_FLOP)} of {where['precision']}{at} ({percent(part)})"
        told.setdefault(where["pool"], []).append((part, words))
    if told:
        by_pool = "; ".join(
            f"{pool} {listed([words for _, words in sorted(of, reverse=True)])}" for pool, of in told.items()
        )
        yield f"Operations delivered, in PF-days and in parts of the dense peak: {by_pool}."


def _energy(scenario: Scenario, look: Lookup) -> Iterator[str]:
    site = look("site_energy_j", month="all")
    if site is None:
        return
    cost, power = (look.value(metric, month="all") for metric in ("electricity_krw", "mean_power_w"))
    it_j = site.value / scenario.site.pue
    unmeasured = {p.node.name for p in scenario.site.pools.values() if p.node.power.typical is None}
    bound = f"; nodes in use count at full load ({listed(sorted(unmeasured))})" if unmeasured else ""
    yield (
        f"Energy: {format_number(it_j / GWH_J)} GWh of IT, {format_number(site.value / GWH_J)} GWh with "
        f"a PUE of {scenario.site.pue:.2f}, {format_number(power / 1e6)} MW on average, "
        f"{format_si(cost, 'krw')} at the site's flat price{bound}."
    )
