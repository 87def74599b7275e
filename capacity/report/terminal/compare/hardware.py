"""What a comparison says of the hardware: operations, failures, energy, and why run times differ."""

from collections.abc import Iterator, Sequence
from typing import Final

from capacity.measure.findings import Lookup
from capacity.measure.use import USES
from capacity.quantities.writing import format_number, format_si
from capacity.report.terminal.compare_rows import (
    MISSING,
    Cell,
    Rows,
    every,
    row,
    share,
    shown,
    totals,
    written,
)
from capacity.report.words import count, percent
from capacity.study.run import Result

PF_DAY_FLOP: Final = 8.64e19
"""10^15 operations a second for a day. [FLOP]"""
GWH_J: Final = 3.6e12

_USE_WORDS: Final = {
    "useful": "useful (goodput)",
    "checkpoint": "writing checkpoints",
    "lost": "lost to failures and preemption",
    "restart": "getting going again",
    "idle": "idle",
    "down": "failed or in maintenance",
}


def operations(results: Sequence[Result]) -> Rows:
    """Say what was delivered beside peak, by pool and precision; precisions are never added."""
    asked = dict.fromkeys(
        (where["pool"], where["precision"])
        for result in results
        for found in Lookup(result.findings).of("delivered_flop")
        for where in [dict(found.labels)]
    )
    for pool, precision in asked:
        yield row(f"{pool}: {precision}", results, _delivered(pool, precision))


def _delivered(pool: str, precision: str) -> Cell:
    def cell(_: Result, look: Lookup) -> str:
        told = []
        for found in look.of("delivered_flop"):
            where = dict(found.labels)
            if (where["pool"], where["precision"]) == (pool, precision):
                peak = look.value("peak_flop", pool=pool, precision=where["ran_at"])
                amount = written(found, lambda flop: count(flop / PF_DAY_FLOP))
                at = "" if where["ran_at"] == precision else f" at {where['ran_at']}"
                told.append(f"{amount} of {count(peak / PF_DAY_FLOP)} ({share(found.value, peak)}){at}")
        return ", ".join(told) or MISSING

    return cell


def uses(results: Sequence[Result]) -> Rows:
    """Say what became of the slot-hours delivered, and what failed; uses that no site has are left out."""
    for pool in every(results, lambda r: list(r.loaded.scenario.site.pools)):
        for use in USES:
            if use in {"useful", "idle"} or any(_hours(result, pool, use) > 0 for result in results):
                yield row(f"{pool}: {_USE_WORDS[use]}", results, _part(pool, use))
    if any(result.loaded.scenario.simulate.failures for result in results):
        yield row("failures of nodes", results, _counted("node_failures"))
        yield row("outages of groups of nodes", results, _counted("group_outages"))
    yield row("new starts of interrupted jobs", results, totals("requeues"))
    yield row("jobs ended for good by failures", results, totals("jobs_node_fail"))


def _hours(result: Result, pool: str, use: str) -> float:
    return Lookup(result.findings).value("slot_hours", pool=pool, use=use)


def _part(pool: str, use: str) -> Cell:
    def cell(_: Result, look: Lookup) -> str:
        hours = {name: look.value("slot_hours", pool=pool, use=name) for name in USES}
        return share(hours[use], sum(hours.values()))

    return cell


def _counted(metric: str) -> Cell:
    def cell(_: Result, look: Lookup) -> str:
        found = look.of(metric)
        return count(sum(one.value for one in found)) if found else MISSING

    return cell


def energy(results: Sequence[Result]) -> Rows:
    """Say what energy it took over the horizon, at the plugs and at the meter, and what that costs."""
    if not any(result.loaded.scenario.simulate.energy for result in results):
        return

    def gwh(joules: float) -> str:
        return f"{format_number(joules / GWH_J)} GWh"

    for pool in every(results, lambda r: list(r.loaded.scenario.site.pools)):
        yield row(f"nodes of {pool}", results, shown("it_energy_j", gwh, pool=pool, month="all"))
    yield row("storage", results, shown("it_energy_j", gwh, part="storage", month="all"))
    yield row("PUE", results, lambda r, _: f"{r.loaded.scenario.site.pue:.2f}")
    yield row("the site, with PUE", results, shown("site_energy_j", gwh, month="all"))
    last = f"{results[0].loaded.scenario.until:%Y-%m}"
    for month, when in (("all", "whole horizon"), (last, last)):
        megawatts = shown("mean_power_w", lambda watts: f"{format_number(watts / 1e6)} MW", month=month)
        yield row(f"its mean power, {when}", results, megawatts)
    cost = shown("electricity_krw", lambda krw: format_si(krw, "krw"), month="all")
    yield row("electricity at its flat price", results, cost)


def remarks(result: Result) -> Iterator[str]:
    """Yield what one must know to read the numbers of one site."""
    name, scenario = result.loaded.scenario.name, result.loaded.scenario
    yield run_time_remark(result)
    for job_class, why in scenario.unservable().items():
        yield f"{name}: {job_class} cannot run: {why}."
    unmeasured = {p.node.name for p in scenario.site.pools.values() if p.node.power.typical is None}
    if unmeasured and scenario.simulate.energy:
        nodes = ", ".join(sorted(unmeasured))
        yield f"{name}: no typical draw known of {nodes}: nodes in use count at full load, an upper bound."


def run_time_remark(result: Result) -> str:
    """Say how the hardware changes run times, and what binds the classes that it changes least and most."""
    scenario, factors = result.loaded.scenario, result.runs[0].factors
    if not scenario.simulate.hardware:
        return f"{scenario.name}: run times do not follow the hardware (simulate.hardware is off)."
    factors = {name: factor for name, factor in factors.items() if name not in scenario.unservable()}
    ends = [min(factors, key=factors.__getitem__), max(factors, key=factors.__getitem__)] if factors else []
    if all(factors[one] == 1.0 for one in ends):
        return f"{scenario.name}: run times as on the reference."
    told = [f"{factors[one]:.2f} ({one}{_bound(result, one)})" for one in ends]
    return f"{scenario.name}: run times between {told[0]} and {told[1]} times those on the reference."


def _bound(result: Result, name: str) -> str:
    """Say what takes most of the time of a class on the reference."""
    work = result.loaded.scenario.workload.classes[name]
    if work.bound is None:
        return ""
    part, most = max(work.bound.shares.items(), key=lambda item: item[1])
    return f", {percent(most)} bound by {part.replace('_', ' ')} at {work.precision}"
