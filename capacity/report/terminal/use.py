"""What a simulation says of use: how full pools are, where slot-hours went, failures, operations, energy."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.measure.use import USES, pool_load, served_months
from capacity.report.language import Language
from capacity.report.terminal.power import mean_power
from capacity.report.words import spells

SATURATED_USE: Final = 0.85
SATURATED_WAIT_S: Final = 86_400
IDLE_USE: Final = 0.5
PF_DAY_FLOP: Final = 8.64e19
"""10^15 operations a second for a day. [FLOP]"""
GWH_J: Final = 3.6e12


def saturated(look: Lookup, pool: str, months: Sequence[str]) -> list[tuple[str, str]]:
    """Return the spells of months in which a pool is full and a twentieth of the work waits a day or more.

    Work, not jobs: most jobs are small and short, and start at once on a machine that is full.
    """

    def full(month: str) -> bool:
        use = look.value("utilization", pool=pool, month=month)
        return use >= SATURATED_USE and (
            look.value("p95_wait_by_work_s", pool=pool, month=month) >= SATURATED_WAIT_S
        )

    return spells((month, full(month)) for month in months)


def end_state(look: Lookup, pool: str, months: Sequence[str], say: Language) -> Iterator[str]:
    """Say how the run left a pool, unless it is settled: waits of such a run are no steady state."""
    load = pool_load(look, pool, months)
    if load.state != "settled":
        yield say.text(f"use.{load.state}", pool=pool, offered=load.offered, backlog=load.backlog_s)


def load(look: Lookup, pool: str, months: Sequence[str], say: Language) -> Iterator[str]:
    """Say in which months a pool is saturated, and in which it is less than half used."""
    served = served_months(look, pool, months)
    if not served:
        yield say.text("use.nothing", pool=pool)
        return
    full = saturated(look, pool, served)
    yield say.text(
        "use.saturated" if full else "use.never_saturated", pool=pool, use=SATURATED_USE, months=full
    )
    used = {month: look.value("utilization", pool=pool, month=month) for month in served}
    idle = spells((month, use < IDLE_USE) for month, use in used.items())
    if idle:
        yield say.text("use.idle", pool=pool, months=idle)


def operation(scenario: Scenario, look: Lookup, pools: Sequence[str], say: Language) -> Iterator[str]:
    """Yield sentences on goodput, failures, operations and energy, as far as they were measured."""
    for pool in pools:
        yield from _goodput(scenario, pool, look, say)
    yield from _failures(scenario, look, pools, say)
    yield from _operations(look, say)
    yield from _energy(scenario, look, say)
    yield from never_start(scenario, look, "use.cannot_run", say)


def never_start(scenario: Scenario, look: Lookup, key: str, say: Language) -> Iterator[str]:
    """Name each class with jobs that can never start, how many they are, and why."""
    reasons: dict[str, list[str]] = {}
    for one in scenario.never_start():
        whose = "" if one.everybody else say.text("use.of_tenants", tenants=one.tenants)
        words = say.text("use.of_size", sizes=one.sizes, whose=whose, why=one.why) if one.sizes else one.why
        reasons.setdefault(one.job_class, []).append(words)
    for name, why in reasons.items():
        found = look("jobs_never_start", job_class=name, month="all")
        if found is not None and found.value > 0:
            yield say.text(key, case=scenario.name, name=name, why=why, jobs=found.value)


def _goodput(scenario: Scenario, pool: str, look: Lookup, say: Language) -> Iterator[str]:
    """Say what became of the slot-hours of a pool; nothing where nobody interrupts or saves."""
    hours = {use: look.value("slot_hours", pool=pool, use=use) for use in USES}
    installed = math.fsum(hours.values())
    if not installed > 0 or not (scenario.simulate.failures or scenario.simulate.checkpoints):
        return
    parts = {use: hours[use] / installed for use in ("checkpoint", "lost", "restart", "down", "idle")}
    told = say.listed(
        [
            say.text("use.part", part=part, what=say.text(f"use.uses.{use}"))
            for use, part in parts.items()
            if part > 0
        ]
    )
    useful, rest = hours["useful"] / installed, f", {told}" if told else ""
    yield say.text("use.goodput", pool=pool, useful=useful, installed=installed, rest=rest)


def _failures(scenario: Scenario, look: Lookup, pools: Sequence[str], say: Language) -> Iterator[str]:
    nodes = [found.value for found in look.of("node_failures")]
    groups = [found.value for found in look.of("group_outages")]
    if not scenario.simulate.failures or not nodes + groups:
        return
    there = {pool: look.value("available_frac", pool=pool, month="all") for pool in pools}
    available = say.listed(
        [
            say.text("use.available", pool=pool, part=f"{100 * part:.2f}")
            for pool, part in there.items()
            if not math.isnan(part)
        ]
    )
    failed, node_days = math.fsum(nodes), 0.0
    for pool in pools:
        hours = [look.value("slot_hours", pool=pool, use=use) for use in USES if use != "down"]
        node_days += math.fsum(hours) / scenario.site.pools[pool].node.slots / 24
    often = say.text("use.often", rate=1000 * failed / node_days) if node_days else ""
    yield say.text(
        "use.failures", failed=failed, often=often, groups=math.fsum(groups),
        available=available or say.text("use.none"),
    )  # fmt: skip


def _operations(look: Lookup, say: Language) -> Iterator[str]:
    """Say how many operations each pool did, the largest part of its peak first."""
    told: dict[str, list[tuple[float, str]]] = {}
    for found in look.of("delivered_flop"):
        where = dict(found.labels)
        peak = look.value("peak_flop", pool=where["pool"], precision=where["ran_at"])
        asked, ran_at = where["precision"], where["ran_at"]
        at = "" if ran_at == asked else say.text("use.done_at", precision=ran_at)
        part = found.value / peak if peak else 0.0
        words = say.text("use.amount", amount=found.value / PF_DAY_FLOP, precision=asked, at=at, part=part)
        told.setdefault(where["pool"], []).append((part, words))
    if told:
        each = (
            f"{pool} {say.listed([words for _, words in sorted(of, reverse=True)])}"
            for pool, of in told.items()
        )
        yield say.text("use.operations", each="; ".join(each))


def _energy(scenario: Scenario, look: Lookup, say: Language) -> Iterator[str]:
    at_plugs = [one.value for one in look.of("it_energy_j") if dict(one.labels)["month"] == "all"]
    if not at_plugs:
        return
    silent = [name for name, pool in scenario.site.pools.items() if pool.node.power is None]
    if silent:
        yield say.text("use.no_power", nodes=silent)
        return
    nodes, pue = unmeasured(scenario), scenario.site.pue
    bound = say.text("use.full_load", nodes=nodes) if nodes else ""
    if pue is None:
        yield say.text("use.it_energy", it=sum(at_plugs) / GWH_J, bound=bound)
        return
    energy = look.value("site_energy_j", month="all")
    cost = look("electricity_cost", month="all")
    price = say.text("site.no_tariff")
    if cost is not None:
        price = say.text("use.at_price", cost=(cost.value, cost.unit))
    power, it = mean_power(scenario, look, say), energy / pue / GWH_J
    yield say.text("use.energy", it=it, site=energy / GWH_J, pue=pue, power=power, price=price, bound=bound)


def unmeasured(scenario: Scenario) -> list[str]:
    """Return the kinds of nodes of which only the draw at full load is known: in use they count at that."""
    powers = {pool.node.name: pool.node.power for pool in scenario.site.pools.values()}
    return sorted(name for name, power in powers.items() if power is not None and power.typical is None)
