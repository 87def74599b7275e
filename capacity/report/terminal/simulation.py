"""The closing paragraph of a simulation: what a planner would say of it, each number out of a finding."""

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Finding, Lookup
from capacity.report.terminal.monthly import Months
from capacity.report.terminal.policy import operations
from capacity.report.terminal.uses import plant
from capacity.report.words import count, duration, listed, percent, size, spells

SATURATED_USE: Final = 0.85
SATURATED_WAIT_S: Final = 86_400
IDLE_USE: Final = 0.5


def summary(scenario: Scenario, findings: Sequence[Finding], months: Months) -> list[str]:
    """Return sentences on load, waits, jobs and storage."""
    look = Lookup(findings)
    sentences = [sentence for pool in months.pools for sentence in _pool(pool, look, months)]
    sentences.append(_jobs(look, months.pools))
    sentences.extend(operations(scenario, look, months.pools))
    sentences.extend(plant(scenario, look, months.pools))
    sentences.extend(_tier(scenario, tier, look) for tier in months.tiers)
    return sentences


def _pool(pool: str, look: Lookup, months: Months) -> Iterator[str]:
    served = [row for row in months.rows if row[f"utilization.{pool}"] is not None]
    if not served:
        yield f"{pool}: nothing in service within the horizon."
        return
    full = spells(
        (
            row["month"],
            row[f"utilization.{pool}"] >= SATURATED_USE
            and (row[f"p95_wait_s.{pool}"] or 0) >= SATURATED_WAIT_S,
        )
        for row in served
    )
    meaning = f"at least {percent(SATURATED_USE)} used, and one job in twenty waits a day or more"
    yield f"{pool}: saturated ({meaning}) {_when(full)}."
    idle = spells((row["month"], row[f"utilization.{pool}"] < IDLE_USE) for row in served)
    if idle:
        yield f"{pool}: less than half used {_when(idle)}."
    last = served[-1]
    yield (
        f"{pool}, {last['month']}: {percent(last[f'utilization.{pool}'])} used, "
        f"{count(last[f'queue_length.{pool}'])} jobs waiting on average, "
        f"wait {_wait(last[f'p50_wait_s.{pool}'])} at the median and "
        f"{_wait(last[f'p95_wait_s.{pool}'])} at the 95th percentile."
    )
    yield from _whole_node(pool, look, served[0]["month"], last["month"])


def _wait(seconds: float | None) -> str:
    return duration(math.nan if seconds is None else seconds)


def _whole_node(pool: str, look: Lookup, first: str, last: str) -> Iterator[str]:
    """Say how long a job of one whole node waits, the planner's "eight GPUs"."""
    for found in look.of("p95_wait_s"):
        where = dict(found.labels)
        if where.get("pool") == pool and where.get("month") == "all" and "slots" in where:
            slots = where["slots"]
            half = {
                m: look.value("p50_wait_s", pool=pool, month=m, slots=slots) for m in (first, last, "all")
            }
            late = {
                m: look.value("p95_wait_s", pool=pool, month=m, slots=slots) for m in (first, last, "all")
            }
            yield (
                f"{pool}: a job of {slots} slot{'s' * (slots != '1')} waited {duration(half['all'])} at the "
                f"median and {duration(late['all'])} at the 95th percentile over the horizon; "
                f"in {last} it was {duration(half[last])} and {duration(late[last])}."
            )


def _when(months: Sequence[str]) -> str:
    return f"in {listed(months)}" if months else "in no month"


def _jobs(look: Lookup, pools: Sequence[str]) -> str:
    def total(metric: str) -> float:
        return math.fsum(look.value(metric, pool=pool, month="all") for pool in pools)

    submitted = total("jobs_submitted")
    return (
        f"Jobs: {count(submitted)} submitted, {count(total('jobs_completed'))} completed; "
        f"{count(total('jobs_timeout'))} killed at their requested time, "
        f"{count(total('jobs_rejected'))} rejected at submission, "
        f"{count(total('jobs_unfinished'))} still waiting or running at the end."
    )


def _tier(scenario: Scenario, tier: str, look: Lookup) -> str:
    used = look.value("storage_used_bytes", tier=tier, month="all")
    usable = look.value("storage_capacity_bytes", tier=tier, month="all")
    state = f"{size(used)} of {size(usable)} usable ({percent(used / usable if usable else math.nan)})"
    refused = look.value("storage_refused_bytes", tier=tier, month="all")
    lost = f"; {size(refused)} were turned away" if refused > 0 else ""
    return f"{tier}: {fill_date(scenario, tier, look)}; at the end it holds {state}{lost}."


def fill_date(scenario: Scenario, tier: str, look: Lookup) -> str:
    """Say when a tier reaches its fill limit, or that it does not within the horizon."""
    limit = percent(scenario.site.storage[tier].fill_limit)
    found = look("storage_full_s", tier=tier)
    if found is None or math.isnan(found.value):
        return f"not at its fill limit of {limit} before {scenario.end_time.date()}"
    freed = look.value("storage_relieved_s", tier=tier)
    again = "" if math.isnan(freed) else f" and has room again from {_day(scenario, freed)}"
    return f"reaches its fill limit of {limit} on {_day(scenario, found.value)}{again}"


def full_on(scenario: Scenario, tier: str, look: Lookup) -> str | None:
    """Return the day on which a tier reaches its fill limit, None if it does not within the horizon."""
    found = look.value("storage_full_s", tier=tier)
    return None if math.isnan(found) else _day(scenario, found)


def _day(scenario: Scenario, seconds: float) -> str:
    return str((scenario.start_time + timedelta(seconds=seconds)).date())


def pace_date(scenario: Scenario, tier: str, look: Lookup) -> str:
    """Say when the tier would reach its limit if it went on as in the last 91 days, an extrapolation."""
    pace = look.value("storage_pace_bytes_per_s", tier=tier)
    room = look.value("storage_limit_bytes", tier=tier, month="all") - look.value(
        "storage_used_bytes", tier=tier, month="all"
    )
    if not math.isnan(look.value("storage_full_s", tier=tier)) and room <= 0:
        return "full"
    if not pace > 0:
        return "does not grow"
    seconds = room / pace
    if seconds > 100 * 365.25 * 86_400:
        return "in over 100 years"
    return str((scenario.end_time + timedelta(seconds=seconds)).date())
