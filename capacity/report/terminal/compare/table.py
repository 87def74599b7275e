"""The same demand on several sites, side by side: questions in sections, one column per site."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from capacity.measure.findings import Lookup
from capacity.measure.metrics import METRICS
from capacity.measure.metrics import shown as metrics_shown
from capacity.quantities.precision import PRECISIONS, Precision
from capacity.report.language import Language
from capacity.report.terminal.compare.hardware import energy, operations, uses
from capacity.report.terminal.compare.rows import (
    MISSING,
    Cell,
    Row,
    Rows,
    every,
    pools_of,
    row,
    shown,
    totals,
)
from capacity.report.terminal.storage import fill_date, fill_row, room_again
from capacity.report.words import count
from capacity.study.run import Result


def compare_rows(results: Sequence[Result], say: Language) -> list[Row]:
    """Rows ``section, question`` and one value per scenario name, as text."""
    return [
        {"section": section} | found for section, maker in SECTIONS.items() for found in maker(results, say)
    ]


def with_headings(rows: Sequence[Row], say: Language) -> list[Row]:
    """Put a heading above the rows of each section, and an empty row between sections."""
    found: list[Row] = []
    for this in rows:
        if not found or this["section"] != found[-1]["section"]:
            blank = dict.fromkeys(this, "") | {"section": this["section"]}
            found += [blank] if found else []
            found.append({**blank, "question": say.text(f"compared.sections.{this['section']}")})
        found.append({**this, "question": f"  {this['question']}"})
    return found


def compare_values(results: Sequence[Result]) -> list[Row]:
    """Every finding in SI units: ``section, metric, labels, unit``, value and interval by scenario name."""
    found = {r.loaded.scenario.name: {(f.metric, f.labels): f for f in r.findings} for r in results}
    rows = []
    for metric, where in dict.fromkeys(key for findings in found.values() for key in findings):
        labels = " ".join(f"{name}={value}" for name, value in where)
        unit = next(one[metric, where].unit for one in found.values() if (metric, where) in one)
        this: Row = {"section": METRICS[metric].section, "metric": metric, "labels": labels, "unit": unit}
        for scenario, findings in found.items():
            one = findings.get((metric, where))
            for key, field in ((scenario, "value"), (f"{scenario}_low", "low"), (f"{scenario}_high", "high")):
                this[key] = None if one is None else getattr(one, field)
        rows.append(this)
    return rows


def _site(results: Sequence[Result], say: Language) -> Rows:
    """Say what is compared; which sites these are, unless the scenarios are called like them."""
    if any(r.loaded.scenario.name != r.loaded.scenario.site.name for r in results):
        yield row(say.text("compared.site"), results, lambda r, _: r.loaded.scenario.site.name)

    def machine(result: Result, _: Lookup) -> str:
        return f"{result.loaded.scenario.site.nodes:,} / {result.loaded.scenario.site.slots:,}"

    def price(result: Result, _: Lookup) -> str:
        site = result.loaded.scenario.site
        if site.price is None:
            return say.text("compared.not_all_known")
        return say.money(site.price, site.reporting_currency or "")

    def power(result: Result, _: Lookup) -> str:
        site = result.loaded.scenario.site
        if site.power_max_w is None:
            return say.text("site.no_pue" if site.pue is None else "compared.power_unknown")
        return say.value("power_w", "W", site.power_max_w)

    def peak(precision: Precision) -> Cell:
        def cell(result: Result, _: Lookup) -> str:
            found = result.loaded.scenario.site.peak_flops(precision)
            return MISSING if found is None else f"{found / 1e15:,.1f} PFLOPS"

        return cell

    yield row(say.text("compare.rows.machine"), results, machine)
    for precision in PRECISIONS:
        yield row(say.text("compared.peak", precision=precision), results, peak(precision))
    yield row(say.text("compare.rows.price"), results, price)
    yield row(say.text("energy.largest"), results, power)


def _in_time(results: Sequence[Result], say: Language) -> Rows:
    """Say for each delivery whether its parts could be had by then, and how late they are."""

    def verdict(result: Result, _: Lookup) -> str:
        late = [part for part in result.loaded.scenario.site.availability() if not part.ok]
        if not result.loaded.scenario.site.deliveries:
            return say.text("compared.no_dates")
        parts = dict.fromkeys(
            say.text("compared.part_from", part=part.part, day=part.available_from) for part in late
        )
        return say.text("compared.not_in_time", parts=", ".join(parts)) if parts else say.text("compare.yes")

    yield row(say.text("compare.rows.in_time"), results, verdict)
    for name in every(results, lambda r: list(r.loaded.scenario.site.deliveries)):
        yield row(say.text("compared.delivery", name=name), results, _delivery(name, say))


def _delivery(name: str, say: Language) -> Cell:
    def cell(result: Result, _: Lookup) -> str:
        site = result.loaded.scenario.site
        if name not in site.deliveries:
            return MISSING
        parts = [part for part in site.availability() if part.delivery == name and not part.ok]
        late = {part.part: (part.available_from - part.day).days * 86_400.0 for part in parts}
        told = ", ".join(say.text("compared.late", part=part, time=time) for part, time in late.items())
        return say.text(
            "compared.delivered_on", day=site.deliveries[name].date, told=told or say.text("compared.in_time")
        )

    return cell


def _use(results: Sequence[Result], say: Language) -> Rows:
    last = f"{results[0].loaded.scenario.until:%Y-%m}"
    for pool in pools_of(results):
        for month, when in (("all", say.text("card.whole")), (last, say.month(last))):
            used = shown("utilization", say.percent, pool=pool, month=month)
            yield row(say.text("compared.used", pool=pool, when=when), results, used)
        queue = shown("queue_length", count, pool=pool, month=last)
        yield row(say.text("compared.queue", pool=pool, month=last), results, queue)


def _waits(results: Sequence[Result], say: Language) -> Rows:
    """Say how long one waits for each pool, in the last month too, and by class."""
    last = f"{results[0].loaded.scenario.until:%Y-%m}"

    def wait(**where: str) -> Cell:
        half, late = (shown(metric, say.duration, **where) for metric in ("p50_wait_s", "p95_wait_s"))
        return lambda result, look: f"{half(result, look)} / {late(result, look)}"

    def of_class(name: str) -> Cell:
        def cell(result: Result, look: Lookup) -> str:
            if name in _never_starting(result, wholly=True):
                return say.text("compared.cannot")
            known = name in result.loaded.scenario.workload.classes
            return wait(job_class=name, month="all")(result, look) if known else MISSING

        return cell

    pools = pools_of(results)
    for pool in pools:
        yield row(say.text("compared.waits", pool=pool), results, wait(pool=pool, month="all"))
        question = say.text("compared.waits_in", pool=pool, month=last)
        yield row(question, results, wait(pool=pool, month=last))
    classes = every(results, lambda r: list(r.loaded.scenario.workload.classes))
    of_pool = {name: pool for r in results for name, pool in r.loaded.scenario.pool_by_class().items()}
    for name in sorted(classes, key=lambda name: pools.index(of_pool[name])):
        yield row(f"{of_pool[name]}: {name}", results, of_class(name))


def _jobs(results: Sequence[Result], say: Language) -> Rows:
    for metric in metrics_shown("compared-jobs"):
        yield row(say.text(f"compared.{metric}"), results, totals(metric))
    none = say.text("compared.none")
    unservable = say.text("compared.unservable")
    yield row(unservable, results, lambda r, _: ", ".join(_never_starting(r)) or none)
    for metric in ("jobs_unfinished", "work_reference_slot_hours"):
        yield row(say.text(f"compared.{metric}"), results, totals(metric))


def _never_starting(result: Result, *, wholly: bool = False) -> list[str]:
    """Return the classes with jobs that can never start, each once; or those of which all jobs are such."""
    parts: dict[str, float] = {}
    for one in result.loaded.scenario.never_start():
        parts[one.job_class] = parts.get(one.job_class, 0.0) + (one.share_frac if one.everybody else 0.0)
    return [name for name, part_frac in parts.items() if part_frac > 0.9999 or not wholly]


def _storage(results: Sequence[Result], say: Language) -> Rows:
    for tier in every(results, lambda r: list(r.loaded.scenario.site.storage)):
        yield row(tier, results, _filled(tier, say))


def _filled(tier: str, say: Language) -> Cell:
    def cell(result: Result, look: Lookup) -> str:
        used = look("storage_used_frac", tier=tier, month="all")
        if tier not in result.loaded.scenario.site.storage or used is None:
            return MISSING
        fill, date = fill_row(result, tier), ""
        if fill["fills_n"]:
            date = f", {fill_date(result.loaded.scenario, fill, say, brief=True)}{room_again(fill, say)}"
        refused = look.value("storage_refused_bytes", tier=tier, month="all")
        lost = say.text("compared.refused", amount=refused) if refused > 0 else ""
        return say.text("compared.filled", used=used.value, date=date, lost=lost)

    return cell


SECTIONS: Final[Mapping[str, Callable[[Sequence[Result], Language], Rows]]] = {
    "site": _site,
    "in_time": _in_time,
    "use": _use,
    "waits": _waits,
    "operations": operations,
    "slot_hours": uses,
    "energy": energy,
    "jobs": _jobs,
    "storage": _storage,
}
"""Sections of a comparison, and what makes their rows."""
