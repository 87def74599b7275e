"""What storage to buy and by when: the largest shortfall, growth, and the last day to order."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.quantities.writing import format_bytes
from capacity.report.language import Language
from capacity.report.terminal.storage import Row, assumed_demand, fills
from capacity.report.terminal.table import Col, Form, titled
from capacity.study.run import Result


def procurement(result: Result) -> list[Row]:
    """Return what to buy and when to order it.

    One row per tier: ``raw_bytes`` when complete; ``missing_raw_bytes`` to hold everything at the end of the
    horizon below the fill limit; the largest shortfall within the horizon, ``short_bytes`` of what may be
    filled and ``short_raw_bytes`` of media, the months around it, ``short_from`` and ``short_until``, and
    what it costs: ``refused_bytes`` in these months, jobs over the horizon; ``raw_bytes_per_year`` for what
    comes in the year after the horizon, net of what is deleted; ``needed_by`` the day on which the tier is
    full, half of the times; ``order_by`` that day less the lead time; ``first_order`` the first day on which
    more of the tier can be ordered, that of its first delivery or of the plan; ``too_late`` if that is
    later than ``order_by``. None is what nobody said or what never happens.
    """
    scenario, look = result.loaded.scenario, result.look
    return [_row(scenario, look, row) for row in fills(result)]


def _row(scenario: Scenario, look: Lookup, row: Row) -> Row:
    name = row["tier"]
    tier = scenario.site.storage[name]
    raw_per_filled = 1.0 / (tier.product.usable_frac * tier.fill_limit) if tier.fill_limit else math.nan
    short = _shortfall(look, name)
    needed_by = row["ahead_median"] or row["median"]
    if needed_by is None and short["short_from"] is not None:  # kept empty by other tiers that are too small
        needed_by = max(scenario.start, date.fromisoformat(f"{short['short_from']}-01"))
    order_by = None if needed_by is None or tier.lead_time is None else _before(needed_by, tier.lead_time)
    first_order = _first_order(scenario, name)
    year = row["ahead_year_bytes"]
    missing = 0.0 if row["kept_by"] == ["purge"] else row["wanted_bytes"] * raw_per_filled - tier.raw_bytes
    return {
        "tier": name, "raw_bytes": tier.raw_bytes, "missing_raw_bytes": max(0.0, missing), **short,
        "short_raw_bytes": short["short_bytes"] * raw_per_filled,
        "failed_jobs": look.value("storage_failed_jobs", tier=name),
        "held_jobs": look.value("storage_held_jobs", tier=name),
        "raw_bytes_per_year": None if year is None else max(0.0, year) * raw_per_filled,
        "needed_by": needed_by, "earliest": row["ahead_earliest"] or row["earliest"],
        "beyond_horizon": needed_by is not None and needed_by > scenario.until,
        **{name: row[name] for name in ("followed_to", "demand_held_from", "demand_growth_per_year_frac")},
        "lead_time_s": tier.lead_time, "order_by": order_by, "first_order": first_order,
        "too_late": order_by is not None and first_order is not None and order_by < first_order,
    }  # fmt: skip


def _before(day: date, lead_time_s: float) -> date:
    return day - timedelta(seconds=lead_time_s)


def _first_order(scenario: Scenario, tier: str) -> date | None:
    """Return the first day on which more of a tier can be ordered: that of its first delivery."""
    steps = scenario.site.schedule(first_day=scenario.start)
    first = next((step.day for step in steps if step.usable_bytes[tier] > 0), None)
    return None if first is None else max(first, scenario.start)


def _shortfall(look: Lookup, tier: str) -> Row:
    """Return the largest shortfall of a tier, the months around it, and what was turned away in them [B]."""
    by_month = {
        where["month"]: found.value
        for found in look.of("storage_shortfall_bytes")
        if (where := dict(found.labels))["tier"] == tier and where["month"] != "all"
    }
    months, largest = list(by_month), look.value("storage_shortfall_bytes", tier=tier, month="all")
    if not largest > 0:
        return {"short_bytes": 0.0, "short_from": None, "short_until": None, "refused_bytes": 0.0}
    first = last = max(range(len(months)), key=lambda n: by_month[months[n]])
    while first and by_month[months[first - 1]] > 0:
        first -= 1
    while last + 1 < len(months) and by_month[months[last + 1]] > 0:
        last += 1
    refused = math.fsum(
        look.value("storage_refused_bytes", tier=tier, month=month)
        - look.value("storage_over_quota_bytes", tier=tier, month=month)
        for month in months[first : last + 1]
    )
    span = {"short_from": months[first], "short_until": months[last]}
    return {"short_bytes": largest, **span, "refused_bytes": refused}


def purchase_rows(rows: Sequence[Row], say: Language) -> list[Row]:
    """Return the rows of `procurement` as a table has them: each date beside the demand it holds for."""
    return [
        {
            **row,
            "short_months": None
            if row["short_from"] is None
            else say.span(row["short_from"], row["short_until"]),
            "full": full_cell(row, say),
            "order": order_cell(row, say),
        }
        for row in rows
    ]


def full_cell(row: Row, say: Language) -> str:
    """Say when a tier is full, and what demand that holds for where it lies beyond the horizon."""
    if row["needed_by"] is None:
        to = row["followed_to"]
        return "–" if to is None else say.text("purchases.never", to=to, demand=assumed_demand(row, say))
    if row["beyond_horizon"]:
        days = {"day": row["needed_by"], "earliest": row["earliest"]}
        key = "purchases.later" if row["needed_by"] == row["earliest"] else "purchases.later_between"
        return say.text(key, demand=assumed_demand(row, say), **days)
    return say.day(row["needed_by"])


def order_cell(row: Row, say: Language) -> str:
    """Say by when to order, or that it is too late for that."""
    if row["order_by"] is None:
        return "–"
    return (
        say.text("purchases.too_late", day=row["order_by"]) if row["too_late"] else say.day(row["order_by"])
    )


def purchase_sentences(scenario: Scenario, rows: Sequence[Row], say: Language) -> list[str]:
    """Say which tiers are too small, when, and what fails for it; and for which an order comes too late."""
    found = []
    for row in rows:
        if row["short_bytes"] > 0:
            jobs = [
                say.text(f"purchases.{name}", jobs=row[f"{name}_jobs"])
                for name in ("failed", "held")
                if row[f"{name}_jobs"] > 0
            ]
            found.append(
                say.text(
                    "purchases.short", tier=row["tier"], short=row["short_bytes"], raw=row["short_raw_bytes"],
                    months=say.span(row["short_from"], row["short_until"]), refused=row["refused_bytes"],
                    jobs="".join(jobs),
                )
            )  # fmt: skip
        if row["too_late"]:
            first = row["first_order"]
            key = "purchases.before_start" if first == scenario.start else "purchases.before_delivery"
            arrives = first + timedelta(seconds=row["lead_time_s"])
            days: dict[str, Any] = {"needed": row["needed_by"], "order": row["order_by"], "first": first}
            found.append(say.text(key, tier=row["tier"], arrives=arrives, **days))
    return found


def purchase_columns(say: Language) -> list[Col]:
    """Return the columns of what to buy by when."""
    forms: dict[str, Form | None] = {
        "tier": None, "raw_bytes": format_bytes, "missing_raw_bytes": format_bytes,
        "short_raw_bytes": format_bytes, "short_months": None, "raw_bytes_per_year": format_bytes,
        "full": None, "lead_time_s": lambda v: f"{v / 86_400:.0f}", "order": None,
    }  # fmt: skip
    return titled(say, "tiers.purchases", forms)
