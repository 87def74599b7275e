"""When tiers fill over many worlds, what to buy by when to be in time in nine of ten, and what it hangs on.

Each world says for itself when a tier is full and what is missing; what is told here are parts of the worlds.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from capacity.measure.findings import Values, labels
from capacity.measure.storage.fill import fill_of
from capacity.quantities.writing import format_bytes
from capacity.report.language import Language
from capacity.report.terminal.purchases import procurement
from capacity.report.terminal.storage import Row, assumed_demand, fill_row
from capacity.report.terminal.table import Col, Form, titled
from capacity.report.terminal.uncertainty.futures import each_answer
from capacity.simulation.calendar import calendar_of
from capacity.study.run import Result, result_of
from capacity.study.uncertainty.draws import world_of
from capacity.study.uncertainty.fans import middle_world
from capacity.study.uncertainty.futures import HIGH, LOW, total_of
from capacity.study.uncertainty.influence import usual_influences

HELD: Final = "storage_held_bytes"


def tier_rows(result: Result) -> list[Row]:
    """Return over the worlds of a result when each tier is full, and what to buy.

    One row per tier: ``fills_n`` of ``n`` worlds in which it is full within the horizon, the middle of these
    days, ``median``; the same beyond the horizon, ``ahead_fills_n`` and ``followed_to``, None if storage was
    not followed there; ``tenth_full`` and ``half_full``, the days by which it is full in a tenth and in half
    of all worlds, and ``order_tenth`` and ``order_half``, these days less the lead time; what is missing at
    the end in the middle of the worlds and ``missing_raw_high_bytes``, what a tenth of them exceeds. None is
    what nobody said or what does not happen in so many worlds.
    """
    scenario, tiers = result.loaded.scenario, result.loaded.scenario.site.storage
    worlds = [{row["tier"]: row for row in procurement(one)} for one in _each(result)]
    return [_row(result, tier, [world[tier] for world in worlds]) for tier in tiers if scenario.site.storage]


def _each(result: Result) -> list[Result]:
    """Return each world as a result of its own, of storage alone."""
    assert result.futures is not None
    draws, found = result.futures.draws, []
    for world, run in enumerate(result.futures_of_their_own):
        kept = {key: value for key, value in run.values.items() if key[0].startswith("storage_")}
        mine = replace(run, values={key: value for key, value in kept.items() if key[0] != HELD})
        found.append(result_of(world_of(result.loaded, draws, world), [mine], seed=result.seed))
    return found


def _row(result: Result, tier: str, worlds: Sequence[Row]) -> Row:
    own = [run.values for run in result.futures_of_their_own]
    within, told = fill_of(result.loaded.scenario, own, tier), fill_row(result, tier)
    lead_time_s = result.loaded.scenario.site.storage[tier].lead_time
    day = calendar_of(result.loaded.scenario).date_at
    firsts = [_first_full(run, tier) for run in own]
    needed = [
        day(first) if math.isfinite(first) else row["needed_by"]
        for first, row in zip(firsts, worlds, strict=True)
    ]
    full = {"tenth": _by(needed, LOW), "half": _by(needed, 0.5)}
    order = {f"order_{name}": None if day is None or lead_time_s is None
             else day - timedelta(seconds=lead_time_s) for name, day in full.items()}  # fmt: skip
    missing = np.quantile([row["missing_raw_bytes"] for row in worlds], (0.5, HIGH))
    return {
        "tier": tier, "n": within.n, "fills_n": within.fills_n, "median": within.median,
        "ahead_fills_n": told["ahead_fills_n"],
        **{name: told[name] for name in ("followed_to", "demand_held_from", "demand_growth_per_year_frac")},
        **{f"{name}_full": day for name, day in full.items()},
        "raw_bytes": result.loaded.scenario.site.storage[tier].raw_bytes,
        "missing_raw_bytes": float(missing[0]), "missing_raw_high_bytes": float(missing[1]),
        "lead_time_s": lead_time_s, **order, "first_order": worlds[0]["first_order"],
    }  # fmt: skip


def _first_full(run: Values, tier: str) -> float:
    """Return when a tier is first full, within the horizon or beyond it; infinite if never [s]."""
    found = (
        run.get((metric, labels(tier=tier)), math.nan)
        for metric in ("storage_full_s", "storage_ahead_full_s")
    )
    return min((one for one in found if math.isfinite(one)), default=math.inf)


def _by(days: Sequence[date | None], part: float) -> date | None:
    """Return the day by which it is so in such a part of all worlds; None if it is in fewer.

    Examples
    --------
    >>> _by([date(2022, 1, 3), None, date(2022, 1, 1), None], 0.5), _by([None, None], 0.5)
    (datetime.date(2022, 1, 3), None)
    """
    known = sorted(day for day in days if day is not None)
    wanted = max(1, math.ceil(part * len(days)))
    return known[wanted - 1] if len(known) >= wanted else None


def fill_sentences(result: Result, rows: Sequence[Row], say: Language) -> list[str]:
    """Say of each tier in how many futures it is full and by when."""
    return [fill_sentence(result.loaded.scenario.until, row, say) for row in rows]


def fill_sentence(until: date, row: Row, say: Language) -> str:
    """Say in how many futures a tier is full within the horizon and beyond it, and by when in a tenth."""
    key = "futures.storage."
    middle = "" if row["median"] is None else say.text(f"{key}middle", day=row["median"])
    ahead = "" if row["ahead_fills_n"] is None else say.text(
        f"{key}ahead", demand=assumed_demand(row, say), to=row["followed_to"], k=row["ahead_fills_n"],
        n=row["n"],
    )  # fmt: skip
    by = "" if row["tenth_full"] is None else say.text(f"{key}tenth", tenth=row["tenth_full"])
    by += "" if row["half_full"] is None else say.text(f"{key}half", half=row["half_full"])
    return say.text(
        f"{key}full", tier=row["tier"], until=until, k=row["fills_n"], n=row["n"], middle=middle,
        ahead=ahead, by=by,
    )  # fmt: skip


def hangs_on(result: Result, say: Language) -> list[str]:
    """Say what each tier holds at the end, how that spreads, and what it hangs on."""
    moved = [one for one in usual_influences(result) if one.answer.metric == "storage_used_bytes"]
    return [*each_answer(result, moved, say)]


def totals(result: Result, metric: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return what all tiers hold together at the end in each world [B]."""
    where = [labels(tier=tier, month="all") for tier in result.loaded.scenario.site.storage]
    return total_of(metric, where, [run.values for run in result.futures_of_their_own])


def total_sentence(result: Result, say: Language) -> str:
    """Say how much all tiers hold together at the end, of how much."""
    low, used, high = np.quantile(totals(result, "storage_used_bytes"), (LOW, 0.5, HIGH))
    usable = float(np.median(totals(result, "storage_capacity_bytes")))
    return say.text("futures.storage.total", used=used, low=low, high=high, usable=usable)


def middle(result: Result) -> tuple[int, Result]:
    """Return the number of the world in the middle of what all tiers hold at the end, and that world."""
    return middle_world(result, totals(result, "storage_used_bytes"))


def order_text(day: date | None, row: Row, say: Language) -> str | None:
    """Return the last day to order, or that it is too late for that."""
    if day is None:
        return None
    too_late = row["first_order"] is not None and day < row["first_order"]
    return say.text("purchases.too_late", day=day) if too_late else say.day(day)


def purchase_rows(rows: Sequence[Row], say: Language) -> list[Row]:
    """Return the rows as the table of what to buy has them."""
    return [
        {**row, **{name: order_text(row[name], row, say) for name in ("order_tenth", "order_half")}}
        for row in rows
    ]


def purchase_columns(say: Language) -> list[Col]:
    """Return the columns of what to buy by when."""
    forms: dict[str, Form | None] = {
        "tier": None, "tenth_full": say.day, "order_tenth": str, "half_full": say.day, "order_half": str,
        "missing_raw_bytes": format_bytes, "missing_raw_high_bytes": format_bytes,
        "lead_time_s": lambda v: f"{v / 86_400:.0f}",
    }  # fmt: skip
    return titled(say, "futures.storage.columns", forms)
