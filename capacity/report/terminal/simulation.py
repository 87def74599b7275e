"""The closing paragraph of a simulation: what a planner would say of it, each number out of a finding."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.measure.use import served_months
from capacity.report.language import Language
from capacity.report.terminal import policy, use, waits
from capacity.report.terminal.months import MonthTable
from capacity.report.terminal.storage import Row, fill_date, fill_row, room_again
from capacity.report.words import whole_parts
from capacity.report.written import written
from capacity.study.run import Result

FATES: Final = (
    "completed", "stopped", "timeout", "node_fail", "rejected", "cancelled", "unfinished",
)  # fmt: skip
"""What becomes of a job, each of one only: those but ``stopped`` are metrics ``jobs_…``."""
ALWAYS_TOLD: Final = ("completed", "timeout", "rejected", "unfinished")


def summary(result: Result, months: MonthTable, say: Language) -> Iterator[str]:
    """Yield sentences on load, waits, jobs and storage."""
    look, scenario, pools = result.look, result.loaded.scenario, months.pools
    if len(result.runs) == 1:
        yield say.text("simulation.one_draw")
    named = [row["month"] for row in months.rows]
    for pool in pools:
        yield from _pool(scenario, pool, look, named, say)
    yield from waits.open_ended(look, pools, named, say)
    yield jobs(scenario, look, pools, say)
    yield from policy.operation(scenario, look, pools, say)
    yield from use.operation(scenario, look, pools, say)
    for tier in months.tiers:
        yield _tier(scenario, fill_row(result, tier), look, say)


def _pool(scenario: Scenario, pool: str, look: Lookup, months: Sequence[str], say: Language) -> Iterator[str]:
    yield from use.load(look, pool, months, say)
    served = served_months(look, pool, months)
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


def jobs(scenario: Scenario, look: Lookup, pools: Sequence[str], say: Language) -> str:
    """Count what became of the jobs of all pools: whole jobs that add up to those submitted.

    Those of a steady site do so only nearly: submissions and ends are told at their rates after the warm-up.
    """

    def total(name: str) -> float:
        found = [look.value(f"jobs_{name}", pool=pool, month="all") for pool in pools]
        return math.fsum(value for value in found if not math.isnan(value))

    fates = {name: total(name) for name in FATES if name != "stopped"}
    fates["stopped"] = max(0.0, total("ended") - fates["completed"] - fates["timeout"] - fates["node_fail"])
    counts = dict(zip(fates, whole_parts(list(fates.values())), strict=True))
    steady = scenario.regime == "steady"
    told = [
        say.text(f"simulation.fates.{name}", n=counts[name])
        for name in FATES if counts[name] or name in ALWAYS_TOLD
    ]  # fmt: skip
    submitted = total("submitted") if steady else sum(counts.values())
    return say.text(
        "simulation.jobs_steady" if steady else "simulation.jobs", submitted=submitted, fates=told
    )


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
