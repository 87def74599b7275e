"""What a comparison says of the hardware: operations, failures, energy, and why run times differ."""

from collections.abc import Iterator, Sequence
from functools import partial

from capacity.measure.findings import Lookup
from capacity.measure.use import USES
from capacity.quantities.writing import format_number
from capacity.report.language import Language
from capacity.report.terminal.compare.rows import (
    MISSING,
    Cell,
    Rows,
    pools_of,
    row,
    share,
    shown,
    totals,
    written,
)
from capacity.report.terminal.use import GWH_J, PF_DAY_FLOP, never_start, unmeasured
from capacity.report.words import count
from capacity.study.run import Result


def operations(results: Sequence[Result], say: Language) -> Rows:
    """Say what was delivered beside peak, by pool and precision; precisions are never added."""
    asked = dict.fromkeys(
        (where["pool"], where["precision"])
        for result in results
        for found in result.look.of("delivered_flop")
        for where in [dict(found.labels)]
    )
    for pool, precision in asked:
        yield row(f"{pool}: {precision}", results, _delivered(pool, precision, say))


def _delivered(pool: str, precision: str, say: Language) -> Cell:
    def cell(_: Result, look: Lookup) -> str:
        told = []
        for found in look.of("delivered_flop"):
            where = dict(found.labels)
            if (where["pool"], where["precision"]) == (pool, precision):
                ran_at = where["ran_at"]
                peak = look.value("peak_flop", pool=pool, precision=ran_at)
                part = share(found.value, peak, say)
                at = "" if ran_at == precision else say.text("compared.at", precision=ran_at)
                amount = written(found, lambda flop: count(flop / PF_DAY_FLOP))
                told.append(
                    say.text("compared.delivered", amount=amount, peak=peak / PF_DAY_FLOP, part=part, at=at)
                )
        return ", ".join(told) or MISSING

    return cell


def uses(results: Sequence[Result], say: Language) -> Rows:
    """Say what became of the slot-hours delivered, and what failed; uses that no site has are left out."""

    def hours(look: Lookup, pool: str) -> dict[str, float]:
        return {use: look.value("slot_hours", pool=pool, use=use) for use in USES}

    def part(pool: str, use: str) -> Cell:
        return lambda _, look: share(hours(look, pool)[use], sum(hours(look, pool).values()), say)

    def counted(metric: str) -> Cell:
        return lambda _, look: (
            count(sum(one.value for one in look.of(metric))) if look.of(metric) else MISSING
        )

    looks = [result.look for result in results]
    for pool in pools_of(results):
        for use in USES:
            if use in {"useful", "idle"} or any(hours(look, pool)[use] > 0 for look in looks):
                question = say.text("compared.part", pool=pool, what=say.text(f"compared.uses.{use}"))
                yield row(question, results, part(pool, use))
    if any(result.loaded.scenario.simulate.failures for result in results):
        for metric in ("node_failures", "group_outages"):
            yield row(say.text(f"compared.{metric}"), results, counted(metric))
    for metric in ("requeues", "jobs_node_fail"):
        yield row(say.text(f"compared.{metric}"), results, totals(metric))


def energy(results: Sequence[Result], say: Language) -> Rows:
    """Say what energy it took over the horizon, at the plugs and at the meter, and what that costs."""
    if not any(result.loaded.scenario.simulate.energy for result in results):
        return

    def gwh(joules: float) -> str:
        return f"{format_number(joules / GWH_J)} GWh"

    def megawatts(watts: float) -> str:
        return f"{format_number(watts / 1e6)} MW"

    for pool in pools_of(results):
        question = say.text("compared.nodes_of", pool=pool)
        yield row(question, results, shown("it_energy_j", gwh, pool=pool, month="all"))
    yield row(say.text("compared.storage"), results, shown("it_energy_j", gwh, part="storage", month="all"))
    yield row(
        "PUE", results, lambda r, _: MISSING if (pue := r.loaded.scenario.site.pue) is None else f"{pue:.2f}"
    )
    yield row(say.text("compared.site_energy"), results, shown("site_energy_j", gwh, month="all"))
    last = f"{results[0].loaded.scenario.until:%Y-%m}"
    for month, when in (("all", say.text("card.whole")), (last, say.month(last))):
        question = say.text("compared.power", when=when)
        yield row(question, results, shown("mean_power_w", megawatts, month=month))
    yield row(say.text("compared.electricity"), results, partial(_electricity, say))


def _electricity(say: Language, result: Result, look: Lookup) -> str:
    site = result.loaded.scenario.site
    if site.electricity_price is None:
        return say.text("site.no_tariff")
    return written(
        look("electricity_cost", month="all"), lambda cost: say.money(cost, site.reporting_currency or "")
    )


def remarks(result: Result, say: Language) -> Iterator[str]:
    """Yield what one must know to read the numbers of one site."""
    case, scenario = result.loaded.scenario.name, result.loaded.scenario
    yield run_time_remark(result, say)
    yield from never_start(scenario, result.look, "compared.cannot_run", say)
    if (nodes := unmeasured(scenario)) and scenario.simulate.energy:
        yield say.text("compared.unmeasured", case=case, nodes=", ".join(nodes))


def run_time_remark(result: Result, say: Language) -> str:
    """Say how the hardware changes run times, and what binds the classes that it changes least and most."""
    scenario, factors = result.loaded.scenario, result.runs[0].factors
    if not scenario.simulate.hardware:
        return say.text("compared.no_hardware", case=scenario.name)
    factors = {name: factor for name, factor in factors.items() if name not in scenario.unservable()}
    if all(factor == 1.0 for factor in factors.values()):
        return say.text("compared.as_reference", case=scenario.name)
    ends = [min(factors, key=factors.__getitem__), max(factors, key=factors.__getitem__)]
    least, most = (f"{factors[one]:.2f} ({one}{_bound(result, one, say)})" for one in ends)
    return say.text("compared.run_times", case=scenario.name, least=least, most=most)


def _bound(result: Result, name: str, say: Language) -> str:
    """Say what takes most of the time of a class on the reference."""
    work = result.loaded.scenario.workload.classes[name]
    if work.bound is None:
        return ""
    part, most = max(work.bound.shares.items(), key=lambda item: item[1])
    what = say.text(f"compared.bound_by.{part}")
    return say.text("compared.bound", part=most, what=what, precision=work.precision)
