"""The same demand on several sites, side by side: questions in sections, one column per site."""

from collections.abc import Sequence
from typing import Final

from capacity.facility.energy import site_power_w
from capacity.measure.findings import Lookup
from capacity.measure.measure import UNITS
from capacity.quantities.precision import PRECISIONS
from capacity.quantities.writing import format_si
from capacity.report.terminal.compare_hardware import energy, operations, uses
from capacity.report.terminal.compare_rows import MISSING, Cell, Row, Rows, every, row, shown, totals
from capacity.report.terminal.summary import fill_date
from capacity.report.words import count, percent, short_duration, size
from capacity.study.run import Result

SECTIONS: Final = {
    "site": "Site and parts",
    "in_time": "Could it be bought in time?",
    "use": "Use",
    "waits": "Waits over the horizon, median / 95th percentile",
    "operations": "Operations delivered of those at dense peak [PF-day]",
    "slot_hours": "What became of the slot-hours delivered",
    "energy": "Energy",
    "jobs": "Jobs",
    "storage": "Storage",
}
"""Sections of a comparison, and their headings."""

_SECTION_OF: Final = {
    "capacity_slots": "site", "peak_flops": "site", "utilization": "use", "delivered_slot_hours": "use",
    "queue_length": "use", "tenant_share": "use", "work_reference_slot_hours": "jobs", "requeues": "jobs",
    "p50_wait_s": "waits", "p95_wait_s": "waits", "delivered_flop": "operations", "peak_flop": "operations",
    "slot_hours": "slot_hours", "goodput_frac": "slot_hours", "available_frac": "slot_hours",
    "lost_slot_hours": "slot_hours", "node_failures": "slot_hours", "group_outages": "slot_hours",
    "it_energy_j": "energy", "site_energy_j": "energy", "mean_power_w": "energy", "electricity_krw": "energy",
}  # fmt: skip


def section_of(metric: str) -> str:
    """Return the section that a metric belongs to."""
    return _SECTION_OF.get(metric, "storage" if metric.startswith("storage") else "jobs")


def compare_rows(results: Sequence[Result]) -> list[Row]:
    """Rows ``section, question`` and one value per scenario name, as text."""
    makers = {
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
    return [{"section": section} | found for section, maker in makers.items() for found in maker(results)]


def with_headings(rows: Sequence[Row]) -> list[Row]:
    """Put a heading above the rows of each section, and an empty row between sections."""
    found: list[Row] = []
    for this in rows:
        if not found or this["section"] != found[-1]["section"]:
            blank = dict.fromkeys(this, "") | {"section": this["section"]}
            found += [blank] if found else []
            found.append({**blank, "question": SECTIONS[this["section"]]})
        found.append({**this, "question": f"  {this['question']}"})
    return found


def compare_values(results: Sequence[Result]) -> list[Row]:
    """Every finding in SI units: ``section, metric, labels, unit``, value and interval by scenario name."""
    found = {r.loaded.scenario.name: {(f.metric, f.labels): f for f in r.findings} for r in results}
    rows = []
    for metric, where in dict.fromkeys(key for findings in found.values() for key in findings):
        labels = " ".join(f"{name}={value}" for name, value in where)
        this: Row = {"section": section_of(metric), "metric": metric, "labels": labels, "unit": UNITS[metric]}
        for scenario, findings in found.items():
            one = findings.get((metric, where))
            for key, field in ((scenario, "value"), (f"{scenario}_low", "low"), (f"{scenario}_high", "high")):
                this[key] = None if one is None else getattr(one, field)
        rows.append(this)
    return rows


def _site(results: Sequence[Result]) -> Rows:
    """Say what is compared; which sites these are, unless the scenarios are called like them."""
    if any(r.loaded.scenario.name != r.loaded.scenario.site.name for r in results):
        yield row("site", results, lambda r, _: r.loaded.scenario.site.name)
    yield row("nodes / slots", results, lambda r, _: _machine(r))
    for precision in PRECISIONS:
        yield _peak(precision, results)
    yield row("price of all parts", results, lambda r, _: _price(r))
    yield row("largest power draw of the building", results, lambda r, _: _power(r))


def _peak(precision: str, results: Sequence[Result]) -> Row:
    def cell(result: Result, _: Lookup) -> str:
        peak = result.loaded.scenario.site.peak_flops(precision)  # type: ignore[arg-type]
        return MISSING if peak is None else f"{peak / 1e15:,.1f} PFLOPS"

    return row(f"dense peak {precision}", results, cell)


def _machine(result: Result) -> str:
    site = result.loaded.scenario.site
    return f"{site.nodes:,} / {site.slots:,}"


def _price(result: Result) -> str:
    price = result.loaded.scenario.site.price_krw
    return "not all known" if price is None else format_si(price, "krw")


def _power(result: Result) -> str:
    site = result.loaded.scenario.site
    return format_si(site_power_w(site.it_power_max_w, site.pue), "watt")


def _in_time(results: Sequence[Result]) -> Rows:
    """Say for each delivery whether its parts could be had by then, and how late they are."""
    yield row("could be bought in time", results, lambda r, _: _verdict(r))
    for name in every(results, lambda r: list(r.loaded.scenario.site.deliveries)):
        yield row(f"delivery {name}", results, _delivery(name))


def _verdict(result: Result) -> str:
    late = [part for part in result.loaded.scenario.site.availability() if not part.ok]
    if not result.loaded.scenario.site.deliveries:
        return "no dates given"
    if not late:
        return "yes"
    return "no: " + ", ".join(dict.fromkeys(f"{part.part} from {part.available_from}" for part in late))


def _delivery(name: str) -> Cell:
    def cell(result: Result, _: Lookup) -> str:
        site = result.loaded.scenario.site
        if name not in site.deliveries:
            return MISSING
        parts = [part for part in site.availability() if part.delivery == name and not part.ok]
        late = {part.part: short_duration((part.available_from - part.day).days * 86_400.0) for part in parts}
        told = ", ".join(f"{part} {time} late" for part, time in late.items())
        return f"{site.deliveries[name].date}: {told or 'in time'}"

    return cell


def _use(results: Sequence[Result]) -> Rows:
    last = f"{results[0].loaded.scenario.until:%Y-%m}"
    for pool in every(results, lambda r: list(r.loaded.scenario.site.pools)):
        yield row(
            f"{pool}: used, whole horizon", results, shown("utilization", percent, pool=pool, month="all")
        )
        yield row(f"{pool}: used, {last}", results, shown("utilization", percent, pool=pool, month=last))
        queue = shown("queue_length", count, pool=pool, month=last)
        yield row(f"{pool}: jobs waiting, {last}", results, queue)


def _waits(results: Sequence[Result]) -> Rows:
    """Say how long one waits for each pool, in the last month too, and by class."""
    last = f"{results[0].loaded.scenario.until:%Y-%m}"
    pools = every(results, lambda r: list(r.loaded.scenario.site.pools))
    for pool in pools:
        yield row(f"{pool}: all jobs", results, _wait(pool=pool, month="all"))
        yield row(f"{pool}: all jobs, {last}", results, _wait(pool=pool, month=last))
    classes = every(results, lambda r: list(r.loaded.scenario.workload.classes))
    of_pool = {name: pool for r in results for name, pool in r.loaded.scenario.pool_by_class().items()}
    for name in sorted(classes, key=lambda name: pools.index(of_pool[name])):
        yield row(f"{of_pool[name]}: {name}", results, _class_wait(name))


def _wait(**where: str) -> Cell:
    half, late = (shown(metric, short_duration, **where) for metric in ("p50_wait_s", "p95_wait_s"))
    return lambda result, look: f"{half(result, look)} / {late(result, look)}"


def _class_wait(name: str) -> Cell:
    of_class = _wait(job_class=name, month="all")

    def cell(result: Result, look: Lookup) -> str:
        if name in result.loaded.scenario.unservable():
            return "cannot run here"
        return of_class(result, look) if name in result.loaded.scenario.workload.classes else MISSING

    return cell


def _jobs(results: Sequence[Result]) -> Rows:
    for question, metric in (
        ("submitted", "jobs_submitted"),
        ("ended", "jobs_ended"),
        ("completed", "jobs_completed"),
        ("rejected: too large, or no pool can run them", "jobs_rejected"),
    ):
        yield row(question, results, totals(metric))
    yield row(
        "classes that cannot run", results, lambda r, _: ", ".join(r.loaded.scenario.unservable()) or "none"
    )
    yield row("waiting or running at the end", results, totals("jobs_unfinished"))
    yield row("work done [reference slot h]", results, totals("work_reference_slot_hours"))


def _storage(results: Sequence[Result]) -> Rows:
    for tier in every(results, lambda r: list(r.loaded.scenario.site.storage)):
        yield row(tier, results, _filled(tier))


def _filled(tier: str) -> Cell:
    def cell(result: Result, look: Lookup) -> str:
        used = look("storage_used_frac", tier=tier, month="all")
        if tier not in result.loaded.scenario.site.storage or used is None:
            return MISSING
        full = look("storage_full_s", tier=tier)
        date = f", {fill_date(result.loaded.scenario, tier, look)}" if full is not None and full.n else ""
        refused = look.value("storage_refused_bytes", tier=tier, month="all")
        lost = f", {size(refused)} turned away" if refused > 0 else ""
        return f"{percent(used.value)} used{date}{lost}"

    return cell
