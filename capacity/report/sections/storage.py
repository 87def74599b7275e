"""When each storage tier fills, and what it holds: a picture for each tier and one table."""

import math
from datetime import date
from typing import Any

from capacity.measure.findings import labels
from capacity.measure.metrics import shown
from capacity.report.charts import Curve, VerticalMarker, line_chart
from capacity.report.page.model import Block, Figure, Heading, Section, Table
from capacity.report.sections.common import Source, monthly_data, numbers, with_band
from capacity.report.sections.futures import fan_curves, fan_data
from capacity.report.terminal.purchases import full_cell, order_cell, procurement
from capacity.report.terminal.storage import ahead_clause, fills, held_words
from capacity.report.terminal.uncertainty import storage as many_worlds
from capacity.report.words import size
from capacity.simulation.calendar import calendar_of
from capacity.study.uncertainty.answers import Answer
from capacity.study.uncertainty.fans import Fan, fan_of

PB = 1e15
MOST_LINES = 7
"""Lines by kind or tenant; the rest is one more."""


def storage(source: Source) -> Section | None:
    """Return the section, or None if no storage was simulated."""
    if not source.scenario.simulate.storage or not source.scenario.site.storage:
        return None
    say = source.say
    rows, months = fills(source.result), _months(source)
    many = many_worlds.tier_rows(source.result) if source.worlds else []
    blocks: list[Block] = [_many_table(source, many) if many else _table(source, rows)]
    said = {row["tier"]: fill_words(source, row) for row in rows}
    said |= {row["tier"]: many_worlds.fill_sentence(source.scenario.until, row, say) for row in many}
    blocks += [_tier(source, row, months, said[row["tier"]]) for row in rows]
    blocks += [_held(source.adding_up, label, months) for label in ("kind", "tenant")]
    intro = [say.text("storage.intro"), *([say.text("futures.fan.note")] if many else [])]
    return Section("storage", say.text("storage.title"), [*intro, *source.of_the_middle()], blocks)


def _months(source: Source) -> list[str]:
    """Return the months from the first on in which anything computes, or all of a site that never does."""
    every = {dict(found.labels)["month"] for found in source.look.of("storage_used_bytes")}
    return source.months() or sorted(every - {"all"})


def _tier(source: Source, row: dict[str, Any], months: list[str], said: str) -> Figure:
    say, tier = source.say, row["tier"]
    used = source.by_month("storage_used_bytes", months, tier=tier)
    usable = source.by_month("storage_capacity_bytes", months, tier=tier)
    limit = source.by_month("storage_limit_bytes", months, tier=tier)
    wanted = source.by_month("storage_wanted_bytes", months, tier=tier)
    fan = _fan(source, tier, months) if source.worlds else None
    lines = [
        *(fan_curves(fan, say, unit=PB) if fan else [with_band(say.text("storage.used"), used, PB)]),
        Curve(say.text("storage.limit"), numbers(limit, PB)),
        Curve(say.text("storage.usable"), numbers(usable, PB)),
    ]
    if _more(numbers(wanted, PB), numbers(used, PB)):
        lines.append(Curve(say.text("storage.wanted"), numbers(wanted, PB)))
    key = "futures.fan.held" if fan else "storage.caption"
    caption = say.text(key, tier=tier, worlds=source.worlds)
    svg = line_chart(
        f"storage-{tier}",
        caption,
        say.text("storage.alt", tier=tier, sentence=said),
        months,
        lines,
        say.text("storage.axis"),
        y_format=lambda value: f"{value:,.3g}",
        empty=say.text("chart.empty"),
        markers=() if fan else _marker(source, row, months),
        step=not fan,
        height=240,
    )
    data = monthly_data(source, months, [(metric, {"tier": tier}) for metric in shown("tier-chart")])
    return Figure(tier, caption, said, svg, fan_data(fan) if fan else data)


def _fan(source: Source, tier: str, months: list[str]) -> Fan:
    answer = Answer("storage_used_bytes", labels(tier=tier, month="all"), "B")
    return fan_of(source.result, answer, months)


def _held(source: Source, label: str, months: list[str]) -> Figure:
    """Draw what all tiers hold by kind of data or by tenant, the largest first and the small rest in one."""
    say, place = source.say, {month: n for n, month in enumerate(months)}
    held: dict[str, list[float]] = {}
    for found in source.look.of("storage_held_bytes"):
        where = dict(found.labels)
        if where["month"] in place:
            held.setdefault(where[label], [0.0] * len(months))[place[where["month"]]] += found.value
    order = sorted(held, key=lambda name: -held[name][-1])
    rest = order[MOST_LINES:] if len(order) > MOST_LINES + 1 else []
    shown = {name: held[name] for name in order if name not in rest}
    if rest:
        sums = [math.fsum(values) for values in zip(*(held[name] for name in rest), strict=True)]
        shown[say.text("storage.others", n=len(rest))] = sums
    caption = say.text(f"storage.held.{label}")
    svg = line_chart(
        f"storage-by-{label}",
        caption,
        say.text("storage.held_alt", names=say.listed(list(shown))),
        months,
        [Curve(name, [value / PB for value in values]) for name, values in shown.items()],
        say.text("storage.axis"),
        y_format=lambda value: f"{value:,.3g}",
        empty=say.text("chart.empty"),
        height=240,
    )
    data = [
        {"month": month, "place": name, "value": value, "unit": "B"}
        for name, values in held.items()
        for month, value in zip(months, values, strict=True)
    ]
    return Figure(f"by-{label}", caption, say.text("storage.held_note"), svg, data)


def _more(wanted: list[float | None], used: list[float | None]) -> bool:
    """Whether anything was turned away."""
    pairs = zip(wanted, used, strict=True)
    return any(w is not None and u is not None and w > u + 0.01 * max(u, 1e-9) for w, u in pairs)


def _marker(source: Source, row: dict[str, Any], months: list[str]) -> list[VerticalMarker]:
    full: date | None = row["median"]
    if full is None or f"{full:%Y-%m}" not in months:
        return []
    return [VerticalMarker(f"{full:%Y-%m}", source.say.text("storage.full_on", day=full.isoformat()))]


def fill_words(source: Source, row: dict[str, Any]) -> str:
    """Say when a tier is full."""
    say, n, k = source.say, row["n"], row["fills_n"]
    limit = say.percent(row["fill_limit_frac"])
    if k:
        key = "storage.fills_on" if row["earliest"] == row["latest"] else "storage.fills_between"
        sure = row["median_interval"]
        about = "" if sure is None else say.text("storage.about", low=sure[0], high=sure[1])
        return say.text(
            key,
            about=about,
            limit=limit,
            earliest=row["earliest"],
            median=row["median"],
            latest=row["latest"],
            k=k,
            n=n,
        )
    last = calendar_of(source.scenario).end_time.date()
    if row["kept_by"]:
        why = say.listed([say.text(f"storage.kept_by.{name}") for name in row["kept_by"]])
        held = {name: size(held_bytes) for name, held_bytes in held_words(row).items()}
        text = say.text("storage.kept", limit=limit, last=last.isoformat(), why=why, **held)
    else:
        text = say.text("storage.not_full", limit=limit, last=last.isoformat())
    return f"{text}{ahead_clause(row, say)}."


def _table(source: Source, rows: list[dict[str, Any]]) -> Table:
    say, look = source.say, source.look
    bought = {row["tier"]: row for row in procurement(source.result)}
    columns = [
        Heading(key, say.text(f"storage.columns.{key}"), number=key not in {"tier", "full"})
        for key in ("tier", "used", "share", "usable", "raw", "full", "order_by")
    ]
    table = []
    for row in rows:
        tier = row["tier"]
        used = look.value("storage_used_bytes", tier=tier, month="all")
        usable = look.value("storage_capacity_bytes", tier=tier, month="all")
        table.append(
            {
                "tier": tier,
                "used": size(used),
                "share": "–" if not usable or math.isnan(used) else say.percent(used / usable),
                "usable": size(usable),
                "raw": size(source.scenario.site.storage[tier].raw_bytes),
                "full": _when(source, row, bought[tier]),
                "order_by": order_cell(bought[tier], say),
            }
        )
    return Table("tiers", say.text("storage.table"), columns, table)


def _many_table(source: Source, rows: list[dict[str, Any]]) -> Table:
    """Return what is missing in worlds, and when to order to be in time in nine of ten of them."""
    columns = many_worlds.purchase_columns(source.say)
    cells = many_worlds.purchase_rows(rows, source.say)
    headings = [Heading(one.key, one.heading, number=one.align == "right") for one in columns]
    table = [{one.key: one.cell(row) for one in columns} for row in cells]
    return Table("tiers", source.say.text("tiers.purchases.heading"), headings, table)


def _when(source: Source, row: dict[str, Any], bought: dict[str, Any]) -> str:
    if row["median"] is not None:
        return f"{row['median']} ({row['fills_n']}/{row['n']})"
    if row["followed_to"] is None and bought["needed_by"] is None:
        return source.say.text("storage.not_within", last=source.scenario.until)
    return full_cell(bought, source.say)
