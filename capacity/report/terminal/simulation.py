"""The closing paragraph of a simulation: what a planner would say of it, each number out of a finding."""

import math
from collections.abc import Iterator, Sequence

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.report.language import Language
from capacity.report.terminal import policy, use, waits
from capacity.report.terminal.months import MonthTable
from capacity.report.terminal.storage import Row, fill_date, fill_row, room_again
from capacity.report.written import written
from capacity.study.run import Result


def summary(result: Result, months: MonthTable, say: Language) -> Iterator[str]:
    """Yield sentences on load, waits, jobs and storage."""
    look, scenario, pools = Lookup(result.findings), result.loaded.scenario, months.pools
    if len(result.runs) == 1:
        yield say.text("simulation.one_draw")
    named = [row["month"] for row in months.rows]
    for pool in pools:
        yield from _pool(scenario, pool, look, named, say)
    yield from waits.open_ended(look, pools, named, say)
    yield jobs(look, pools, say)
    yield from policy.operation(scenario, look, pools, say)
    yield from use.operation(scenario, look, pools, say)
    for tier in months.tiers:
        yield _tier(scenario, fill_row(result, tier), look, say)


def _pool(scenario: Scenario, pool: str, look: Lookup, months: Sequence[str], say: Language) -> Iterator[str]:
    yield from use.load(look, pool, months, say)
    served = [m for m in months if not math.isnan(look.value("utilization", pool=pool, month=m))]
    if not served:
        return
    last = served[-1]
    now = {metric: look.value(metric, pool=pool, month=last) for metric in ("utilization", "queue_length")}
    half, late = (look.value(metric, pool=pool, month=last) for metric in ("p50_wait_s", "p95_wait_s"))
    yield say.text("simulation.last", pool=pool, month=last, half=half, late=late, **now)
    yield from use.end_state(look, pool, months, say)
    slots = scenario.site.pools[pool].node.slots
    found = waits.of_a_node(look, pool, slots, served)
    if found is not None:
        key = "simulation.node" if slots > 1 else "simulation.any_job"
        yield say.text(
            key,
            pool=pool,
            slots=slots,
            worst=found.worst,
            month=last,
            **found.written(lambda one: written(one, say)),
        )


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
