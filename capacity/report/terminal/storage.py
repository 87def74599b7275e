"""What a storage administrator wants to know of a run: when what is full, what to buy by when, and why."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.measure.metrics import METRICS, shown
from capacity.measure.storage.fill import fill_of
from capacity.quantities.writing import format_bytes
from capacity.report.language import Language
from capacity.report.terminal.table import Col, Form, titled
from capacity.report.words import size
from capacity.simulation.calendar import calendar_of
from capacity.simulation.storage.ahead import demand_held_from
from capacity.study.run import Result

Row = dict[str, Any]


def fills(result: Result) -> list[Row]:
    """Return when each tier reaches its fill limit, over the replications, and what it would have to hold.

    One row per tier: ``tier``; what its `Fill` says; ``kept_by``, what keeps a tier below its limit for which
    more is meant than may be filled: ``purge``, ``missing`` or ``elsewhere``; ``wanted_bytes`` at the end if
    tiers turned nothing away and purged nothing because they are full. If storage was followed beyond the
    horizon, ``ahead_…`` is its `Fill` with what lies beyond, the most that is used there, and what it would
    hold more after a year; ``followed_to`` says how far, and the demand is that of the plan until
    ``demand_held_from``, then held or growing by ``demand_growth_per_year_frac``.
    """
    return [fill_row(result, tier) for tier in result.loaded.scenario.site.storage]


def fill_row(result: Result, tier: str) -> Row:
    """Return the row of `fills` of one tier."""
    look, scenario = result.look, result.loaded.scenario
    fill = fill_of(scenario, [one.values for one in result.runs], tier)
    limit = look.value("storage_limit_bytes", tier=tier, month="all")
    wanted = look.value("storage_wanted_bytes", tier=tier, month="all")
    return {
        "tier": tier,
        **asdict(fill),
        "kept_by": [] if fill.fills_n or not wanted > limit else _kept_by(scenario, look, tier),
        "fill_limit_frac": scenario.site.storage[tier].fill_limit,
        "wanted_bytes": wanted,
        "limit_bytes": limit,
        **_ahead(result, look, tier),
    }


def _kept_by(scenario: Scenario, look: Lookup, tier: str) -> list[str]:
    """Return what keeps a tier below its limit for which more is meant."""
    purge = scenario.site.storage[tier].purge
    refused = look.value("storage_refused_bytes", tier=tier, month="all")
    found = ["purge"] if purge is not None and purge.when_full is not None else []
    if refused > look.value("storage_over_quota_bytes", tier=tier, month="all"):
        found.append("missing")
    return found or ["elsewhere"]


FOUND_AHEAD: Final = ("used_frac", "year_bytes", "over_quota_bytes")
AHEAD: Final = ("fills_n", "earliest", "median", "latest", "median_interval")


def _ahead(result: Result, look: Lookup, tier: str) -> Row:
    """Return what is known of a tier beyond the horizon; None everywhere if it was not followed there."""
    scenario = result.loaded.scenario
    row: Row = {f"ahead_{name}": None for name in (*AHEAD, *FOUND_AHEAD)}
    row |= dict.fromkeys(("followed_to", "demand_held_from", "demand_growth_per_year_frac"))
    if look("storage_ahead_full_s", tier=tier) is None:
        return row
    fill = fill_of(scenario, [one.values for one in result.runs], tier, metric="storage_ahead_full_s")
    row |= {f"ahead_{name}": getattr(fill, name) for name in AHEAD}
    row |= {f"ahead_{name}": look.value(f"storage_ahead_{name}", tier=tier) for name in FOUND_AHEAD}
    end_s = look.value("storage_ahead_s", month="all")
    return row | {
        "followed_to": calendar_of(scenario).date_at(end_s) - timedelta(days=1),
        "demand_held_from": demand_held_from(scenario),
        "demand_growth_per_year_frac": look.value("storage_ahead_growth_frac", month="all"),
    }


def total_sentence(result: Result, say: Language) -> str:
    """Say how much all tiers hold together at the end, of how much."""
    look, tiers = result.look, result.loaded.scenario.site.storage

    def total(metric: str) -> float:
        return math.fsum(look.value(metric, tier=tier, month="all") for tier in tiers)

    used, usable = total("storage_used_bytes"), total("storage_capacity_bytes")
    part = say.percent(used / usable) if usable else say.text("tiers.none")
    return say.text("tiers.total", used=used, usable=usable, part=part)


def fill_sentence(scenario: Scenario, row: Row, say: Language) -> str:
    """Say when a tier is full and what it would hold, or that it is not full, why, and when it would be."""
    text = fill_date(scenario, row, say)
    if not row["kept_by"]:
        held = held_words(row)
        text = say.text("fills.at_end_short" if held["short"] > 0 else "fills.at_end", text=text, **held)
    return text if row["fills_n"] else text + ahead_clause(row, say)


def assumed_demand(row: Row, say: Language) -> str:
    """Say which demand is assumed beyond the horizon."""
    growth = row["demand_growth_per_year_frac"]
    key = "fills.demand.grown" if growth else "fills.demand.held"
    return say.text(key, day=row["demand_held_from"], growth=growth)


def ahead_clause(row: Row, say: Language) -> str:
    """Say when a tier is full that was not within the horizon, and for which demand; "" if not followed."""
    k, n = row["ahead_fills_n"], row["n"]
    if k is None:
        return ""
    said = {"demand": assumed_demand(row, say), "to": row["followed_to"], "most": row["ahead_used_frac"]}
    if not k:
        over = row["ahead_over_quota_bytes"]
        said["quotas"] = say.text("fills.ahead.quotas", amount=over) if over > 0 else ""
        where = say.text("fills.ahead.in_none", n=n) if n > 1 else ""
        return say.text("fills.ahead.never", where=where, **said)
    where = say.text("fills.ahead.where", k=k, n=n) if n > 1 else ""
    if row["ahead_earliest"] == row["ahead_latest"]:
        return say.text("fills.ahead.on", day=row["ahead_median"], where=where, **said)
    sure = row["ahead_median_interval"]
    about = "" if sure is None else say.text("fills.about", low=sure[0], high=sure[1])
    days = {name: row[f"ahead_{name}"] for name in ("earliest", "median", "latest")}
    return say.text("fills.ahead.between", where=where, about=about, **days, **said)


def fill_date(scenario: Scenario, row: Row, say: Language, *, brief: bool = False) -> str:
    """Say when a tier reaches its fill limit, or that it does not and what keeps it; in brief, the median."""
    limit, k, n = row["fill_limit_frac"], row["fills_n"], row["n"]
    last = calendar_of(scenario).end_time.date()
    if row["kept_by"]:
        why = say.listed([say.text(f"storage.kept_by.{name}") for name in row["kept_by"]])
        return say.text("fills.kept", limit=limit, last=last, why=why, **held_words(row))
    if not k:
        return say.text("fills.not_full", limit=limit, last=last)
    where = "" if k == n else say.text("fills.where", k=k, n=n)
    if brief or row["earliest"] == row["latest"]:
        return say.text("fills.on", limit=limit, median=row["median"], where=where)
    sure = row["median_interval"]
    about = "" if sure is None else say.text("fills.about", low=sure[0], high=sure[1])
    days = {name: row[name] for name in ("earliest", "median", "latest")}
    return say.text("fills.between", limit=limit, about=about, where=where, **days)


def held_words(row: Row) -> dict[str, float]:
    """Return what would be on a tier at the end, were there room, its room, and what that is short of [B]."""
    wanted, most = row["wanted_bytes"], row["limit_bytes"]
    return {"wanted": wanted, "most": most, "short": wanted - most}


def room_again(row: Row, say: Language) -> str:
    """Say from when on a tier that was full has room again; nothing if it has not."""
    return "" if row["room_again"] is None else say.text("fills.again", day=row["room_again"])


def chain(scenario: Scenario) -> list[Row]:
    """Return the steps from raw to fillable of each tier when complete; one row per step."""
    return [
        {
            "tier": name,
            "step": step.what,
            "left_bytes": step.left_bytes,
            "of_raw_frac": step.left_bytes / tier.raw_bytes if tier.raw_bytes else math.nan,
        }
        for name, tier in scenario.site.storage.items()
        for step in tier.steps()
    ]


def durability_sentences(scenario: Scenario, say: Language) -> list[str]:
    """Say how safe what lies on each tier is, where the product says how often drives fail."""
    found = {
        name: tier.product.yearly_loss_probability(tier.usable_bytes)
        for name, tier in scenario.site.storage.items()
    }
    return [say.text("tiers.loss", tier=name, loss=loss) for name, loss in found.items() if loss is not None]


def holders(result: Result) -> list[Row]:
    """Return who holds what at the end, largest first: tier, tenant, kind, bytes, part of all."""
    look = result.look
    found = [f for f in look.of("storage_held_bytes") if dict(f.labels)["month"] == "all" and f.value > 0]
    total = math.fsum(f.value for f in found)
    rows: list[Row] = [
        {
            "tier": dict(f.labels)["tier"],
            "tenant": dict(f.labels)["tenant"],
            "kind": dict(f.labels)["kind"],
            "held_bytes": f.value,
            "share_frac": f.value / total,
        }
        for f in found
    ]
    return sorted(rows, key=lambda row: -row["held_bytes"])


def saved(result: Result) -> list[Row]:
    """Return what each rule saved on each tier by the end; less than nothing where it brings data."""
    look = result.look
    return [
        {"tier": dict(f.labels)["tier"], "rule": dict(f.labels)["rule"], "saved_bytes": f.value}
        for f in look.of("storage_saved_bytes")
    ]


def saved_sentences(rows: Sequence[Row], say: Language) -> list[str]:
    """Say what each rule saved, rule by rule."""
    found = []
    for rule in ("purge", "migrate", "quotas", "deletions"):
        mine = [row for row in rows if row["rule"] == rule]
        parts = [
            say.text(
                "tiers.less" if row["saved_bytes"] > 0 else "tiers.more",
                amount=abs(row["saved_bytes"]), tier=row["tier"],
            )
            for row in mine
            if round(row["saved_bytes"])
        ]  # fmt: skip
        if mine:
            nothing = say.text("tiers.not_bound" if rule == "quotas" else "tiers.nothing")
            found.append(f"{say.text(f'tiers.rules.{rule}')}: {', '.join(parts) or nothing}")
    return found


def cost_sentences(result: Result, say: Language) -> list[str]:
    """Say what full tiers cost the jobs, and what they turned away."""
    look, found = result.look, []
    for tier in result.loaded.scenario.site.storage:
        for what, metric in (("failed", "storage_lost_slot_hours"), ("held", "storage_held_slot_hours")):
            jobs = look.value(f"storage_{what}_jobs", tier=tier)
            if jobs > 0:
                hours = look.value(metric, tier=tier)
                found.append(say.text(f"tiers.jobs.{what}", tier=tier, jobs=jobs, hours=hours))
        refused = look.value("storage_refused_bytes", tier=tier, month="all")
        if refused > 0:
            over = look.value("storage_over_quota_bytes", tier=tier, month="all")
            quota = say.text("tiers.by_quota", amount=over) if over > 0 else ""
            found.append(say.text("tiers.refused", tier=tier, amount=refused, quota=quota))
    return found


def tier_month_columns(say: Language, *, intervals: bool) -> list[Col]:
    """Return the columns of the months of each tier."""
    used, *others = shown("tier-months")
    forms: dict[str, Form | None] = {"month": None, "tier": None, used: _both}
    forms |= {"low": size, "high": size} if intervals else {}
    forms |= {name: say.percent if METRICS[name].unit == "1" else size for name in others}
    return titled(say, "tiers.months", forms)


def _both(size_bytes: float) -> str:

    return format_bytes(size_bytes, both=True)


def chain_columns(say: Language) -> list[Col]:
    """Return the columns of the way from raw to fillable."""
    forms = {"tier": None, "step": say.translated, "left_bytes": _both, "of_raw_frac": say.percent}
    return titled(say, "tiers.chain", forms)


def holder_columns(say: Language) -> list[Col]:
    """Return the columns of who holds what."""
    forms = {"tier": None, "tenant": None, "kind": None, "held_bytes": size, "share_frac": say.percent}
    return titled(say, "tiers.holders", forms)


def projected_month_columns(say: Language) -> list[Col]:
    """Return the columns of months without simulated jobs."""
    forms = {"month": None, "used_bytes": _both, "limit_bytes": size, "used_frac": say.percent}
    return titled(say, "projection.months", forms)


def trend_columns(say: Language) -> list[Col]:
    """Return the columns of the trends of a past."""

    def day(value: str | None) -> str:
        return say.text("projection.never") if value is None else say.day(date.fromisoformat(value))

    forms: dict[str, Form | None] = {
        "history": None, "trend": None, "per_year_frac": say.percent, "per_year_bytes": size,
        "last_bytes": format_bytes, "against": None, "limit_bytes": size, "full_on": day, "earliest": day,
        "latest": day,
    }  # fmt: skip
    return titled(say, "projection.trends", forms)
