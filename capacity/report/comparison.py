"""The same demand on several sites, side by side: one row per question, one column per site."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from capacity.facility.power import site_power_w
from capacity.precision import PRECISIONS
from capacity.quantity_writing import format_si
from capacity.report.summary import fill_date
from capacity.report.words import count, percent, short_duration
from capacity.study.findings import Lookup
from capacity.study.metrics import UNITS
from capacity.study.run import Result

Row = dict[str, Any]


def compare_rows(results: Sequence[Result]) -> list[Row]:
    """Rows ``question, unit`` and one value per scenario name, as text."""
    rows = [
        *_sites(results),
        *(_peak(precision, results) for precision in PRECISIONS),
        _row("nodes / slots", results, lambda r, _: _machine(r)),
        _row("price of all parts", results, lambda r, _: _price(r)),
        _row("largest power draw of the building", results, lambda r, _: _power(r)),
        _row("could be bought in time", results, lambda r, _: _in_time(r)),
    ]
    pools = list(dict.fromkeys(pool for r in results for pool in r.loaded.scenario.site.pools))
    last = _last_month(results[0])
    for pool in pools:
        rows += _pool_rows(pool, results, last)
    rows += [
        _row("jobs submitted", results, lambda r, look: count(_sum(r, look, "jobs_submitted"))),
        _row("jobs ended", results, lambda r, look: count(_sum(r, look, "jobs_ended"))),
        _row("jobs completed", results, lambda r, look: count(_sum(r, look, "jobs_completed"))),
        _row("jobs rejected as too large", results, lambda r, look: count(_sum(r, look, "jobs_rejected"))),
        _row(
            "waiting or running at the end", results, lambda r, look: count(_sum(r, look, "jobs_unfinished"))
        ),
        _row(
            "work done [reference slot h]",
            results,
            lambda r, look: count(_sum(r, look, "work_reference_slot_hours")),
        ),
    ]
    tiers = list(dict.fromkeys(tier for r in results for tier in r.loaded.scenario.site.storage))
    rows += [
        _row(f"{tier}", results, lambda r, look, t=tier: _filled(r, look, t))  # type: ignore[misc]
        for tier in tiers
    ]
    return rows


def compare_values(results: Sequence[Result]) -> list[Row]:
    """Every finding in SI units: rows ``metric, labels, unit``, then value and interval by scenario name."""
    found = {r.loaded.scenario.name: {(f.metric, f.labels): f for f in r.findings} for r in results}
    rows = []
    for metric, where in dict.fromkeys(key for findings in found.values() for key in findings):
        labels = " ".join(f"{name}={value}" for name, value in where)
        row: Row = {"metric": metric, "labels": labels, "unit": UNITS[metric]}
        for scenario, findings in found.items():
            one = findings.get((metric, where))
            for key, field in ((scenario, "value"), (f"{scenario}_low", "low"), (f"{scenario}_high", "high")):
                row[key] = None if one is None else getattr(one, field)
        rows.append(row)
    return rows


Cell = Callable[[Result, Lookup], str]


def _sites(results: Sequence[Result]) -> list[Row]:
    """Say which sites these are, unless the scenarios are called like them."""
    named_alike = all(r.loaded.scenario.name == r.loaded.scenario.site.name for r in results)
    return [] if named_alike else [_row("site", results, lambda r, _: r.loaded.scenario.site.name)]


def _row(question: str, results: Sequence[Result], cell: Cell) -> Row:
    return {"question": question} | {
        result.loaded.scenario.name: cell(result, Lookup(result.findings)) for result in results
    }


def _peak(precision: str, results: Sequence[Result]) -> Row:
    def cell(result: Result, _: Lookup) -> str:
        peak = result.loaded.scenario.site.peak_flops(precision)  # type: ignore[arg-type]
        return "–" if peak is None else f"{peak / 1e15:,.1f} PFLOPS"

    return _row(f"dense peak {precision}", results, cell)


def _machine(result: Result) -> str:
    site = result.loaded.scenario.site
    return f"{site.nodes:,} / {site.slots:,}"


def _price(result: Result) -> str:
    price = result.loaded.scenario.site.price_krw
    return "not all known" if price is None else format_si(price, "krw")


def _power(result: Result) -> str:
    site = result.loaded.scenario.site
    return format_si(site_power_w(site.it_power_max_w, site.pue), "watt")


def _in_time(result: Result) -> str:
    late = {part.part: part for part in result.loaded.scenario.site.availability() if not part.ok}
    if not late:
        return "yes"
    return "no: " + ", ".join(f"{name} from {part.available_from}" for name, part in late.items())


def _last_month(result: Result) -> str:
    return f"{result.loaded.scenario.until:%Y-%m}"


def _pool_rows(pool: str, results: Sequence[Result], last: str) -> list[Row]:
    def shown(metric: str, month: str, form: Callable[[float], str]) -> Cell:
        return lambda _, look: _with_interval(look, metric, pool, month, form)

    return [
        _row(f"{pool}: used, whole horizon", results, shown("utilization", "all", percent)),
        _row(f"{pool}: used, {last}", results, shown("utilization", last, percent)),
        _row(f"{pool}: median wait, whole horizon", results, shown("p50_wait_s", "all", short_duration)),
        _row(f"{pool}: p95 wait, whole horizon", results, shown("p95_wait_s", "all", short_duration)),
        _row(f"{pool}: p95 wait, {last}", results, shown("p95_wait_s", last, short_duration)),
        _row(f"{pool}: jobs waiting, {last}", results, shown("queue_length", last, count)),
    ]


def _with_interval(look: Lookup, metric: str, pool: str, month: str, form: Callable[[float], str]) -> str:
    found = look(metric, pool=pool, month=month)
    if found is None:
        return "–"
    if found.n < 2:
        return form(found.value)
    return f"{form(found.value)} ({form(max(0.0, found.low))} … {form(found.high)})"


def _sum(result: Result, look: Lookup, metric: str) -> float:
    pools = result.loaded.scenario.site.pools
    return math.fsum(look.value(metric, pool=pool, month="all") for pool in pools)


def _filled(result: Result, look: Lookup, tier: str) -> str:
    if tier not in result.loaded.scenario.site.storage:
        return "–"
    used = look.value("storage_used_frac", tier=tier, month="all")
    when = look.value("storage_full_s", tier=tier)
    date = "" if math.isnan(when) else f", {fill_date(result.loaded.scenario, tier, look)}"
    return f"{percent(used)} used{date}"


def run_time_remark(result: Result) -> str:
    """Say how the hardware changes run times, shortest and longest class."""
    factors = result.runs[0].factors
    low, high = min(factors, key=factors.__getitem__), max(factors, key=factors.__getitem__)
    if factors[low] == factors[high] == 1.0:
        return f"{result.loaded.scenario.name}: run times as on the reference accelerator."
    return (
        f"{result.loaded.scenario.name}: run times between {factors[low]:.2f} ({low}) and "
        f"{factors[high]:.2f} ({high}) of those on the reference accelerator."
    )
