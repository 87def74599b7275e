"""The closing paragraph of a simulation: what a planner would say of it, each number out of a finding."""

import math
from collections.abc import Iterator, Sequence

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.report.language import Language
from capacity.report.terminal import policy, use
from capacity.report.terminal.months import MonthTable
from capacity.report.terminal.storage import Row, fill_date, fill_row, room_again
from capacity.study.run import Result


def summary(result: Result, months: MonthTable, say: Language) -> Iterator[str]:
    """Yield sentences on load, waits, jobs and storage."""
    look, scenario, pools = Lookup(result.findings), result.loaded.scenario, months.pools
    for pool in pools:
        yield from _pool(pool, look, [row["month"] for row in months.rows], say)
    yield jobs(look, pools, say)
    yield from policy.operation(scenario, look, pools, say)
    yield from use.operation(scenario, look, pools, say)
    for tier in months.tiers:
        yield _tier(scenario, fill_row(result, tier), look, say)


def _pool(pool: str, look: Lookup, months: Sequence[str], say: Language) -> Iterator[str]:
    yield from use.load(look, pool, months, say)
    served = [m for m in months if not math.isnan(look.value("utilization", pool=pool, month=m))]
    if not served:
        return
    last = served[-1]
    now = {metric: look.value(metric, pool=pool, month=last) for metric in ("utilization", "queue_length")}
    half, late = _waits(look, pool=pool, month=last)
    yield say.text("simulation.last", pool=pool, month=last, half=half, late=late, **now)
    for found in look.of("p95_wait_s"):  # of a job of one whole node, the planner's "eight GPUs"
        where = dict(found.labels)
        if where.get("pool") == pool and where.get("month") == "all" and "slots" in where:
            slots = where["slots"]
            half, late = _waits(look, pool=pool, month="all", slots=slots)
            half_last, late_last = _waits(look, pool=pool, month=last, slots=slots)
            yield say.text(
                "simulation.node", pool=pool, slots=slots, month=last, half=half, late=late,
                half_last=half_last, late_last=late_last,
            )  # fmt: skip


def _waits(look: Lookup, **where: str) -> tuple[float, float]:
    """Return median and 95th percentile of waits [s]."""
    return look.value("p50_wait_s", **where), look.value("p95_wait_s", **where)


def jobs(look: Lookup, pools: Sequence[str], say: Language) -> str:
    """Count what became of the jobs of all pools."""
    metrics = ("submitted", "completed", "timeout", "rejected", "unfinished")
    totals = {
        name: math.fsum(look.value(f"jobs_{name}", pool=pool, month="all") for pool in pools)
        for name in metrics
    }
    return say.text("simulation.jobs", **totals)


def _tier(scenario: Scenario, row: Row, look: Lookup, say: Language) -> str:
    tier = row["tier"]
    used, usable, refused = (
        look.value(f"storage_{name}_bytes", tier=tier, month="all")
        for name in ("used", "capacity", "refused")
    )
    return say.text(
        "simulation.tier", tier=tier, fills=fill_date(scenario, row, say) + room_again(row, say), used=used,
        usable=usable, share=used / usable if usable else math.nan,
        refused=say.text("simulation.refused", amount=refused) if refused > 0 else "",
    )  # fmt: skip
