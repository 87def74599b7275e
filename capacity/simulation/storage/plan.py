"""From a scenario to what the storage account follows: tiers with their rules, and what flows into them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from capacity.inputs.failures.checkpoint_plan import tier_of
from capacity.inputs.scenario import Scenario
from capacity.inputs.storage.tiers import DataLife
from capacity.simulation.calendar import calendar_of
from capacity.simulation.storage.numbers import DAY_S, DailyFlow, JobFlow, Life, StoragePlan, TierPlan
from workloads.synthetic.calendar import Clock, clock_of
from workloads.synthetic.data import holding_bytes, ingest_bytes


def storage_plan(
    scenario: Scenario, edges_s: Sequence[int], *, times: float | npt.NDArray[np.float64] = 1.0
) -> StoragePlan:
    """Return the storage of a scenario as the account follows it, with all local midnights of the run [s].

    With `times` there are so many times as many sources and members, hour by hour.
    """
    calendar = calendar_of(scenario)
    clock = clock_of(scenario.workload.profile, calendar.start_time, calendar.horizon_s)
    return StoragePlan(
        tiers=tuple(_tiers(scenario)),
        job_flows=(
            *_outputs(scenario),
            *(  # the last checkpoint of each job, where it outlives the job
                replace(flow, life=Life(keep_days=_days(keep_s)))
                for flow, keep_s in _checkpoints(scenario, last=1)
                if keep_s is not None
            ),
        ),
        running=tuple(flow for flow, _ in _checkpoints(scenario)),
        daily=(*_ingests(scenario, clock, edges_s, times), *_holdings(scenario, clock, edges_s, times)),
    )


def _tiers(scenario: Scenario) -> Iterator[TierPlan]:
    """Yield each tier with what is in service at the start, if anything, and the steps that enlarge it."""
    steps, calendar = scenario.site.schedule(first_day=scenario.start), calendar_of(scenario)
    for name, tier in scenario.site.storage.items():
        in_service: dict[int, int] = {}
        for step in steps:
            usable = round(step.usable_bytes[name])
            if usable > max(in_service.values(), default=0):
                in_service[max(0, calendar.midnight_s(step.day))] = usable
        yield TierPlan(
            name=name,
            fill_limit_frac=tier.fill_limit,
            steps=tuple(in_service.items()),
            footprint=tier.copies / tier.compression,
            snapshot_days=_days(tier.snapshots) or 0,
            purge=tier.purge,
            migrate=tier.migrate,
            quotas={
                tenant: round(data.quotas[name])
                for tenant, data in scenario.workload.tenants.items()
                if name in data.quotas
            },
            when_full=tier.when_full,
        )


def _life(data: DataLife) -> Life:
    return Life(
        keep_days=_days(data.keep),
        keep_at_least_days=round(data.keep_at_least / DAY_S),
        deleted_per_day=data.deleted_per_s * DAY_S,
        read_for_days=data.read_for / DAY_S,
        purged=data.purged,
    )


def _days(lasts_s: float | None) -> int | None:
    return None if lasts_s is None else max(1, round(lasts_s / DAY_S))


def _outputs(scenario: Scenario) -> Iterator[JobFlow]:
    """Yield what jobs write, class by class in the order of the demand model."""
    for number, (name, work) in enumerate(scenario.workload.classes.items()):
        for output in work.writes.values():
            yield JobFlow(
                source=name,
                tier=output.tier,
                job_class=number,
                bytes_per_job=output.per_job or 0.0,
                bytes_per_slot_s=output.per_slot_hour or 0.0,
                unfinished_frac=output.unfinished,
                life=_life(output),
            )


def _checkpoints(scenario: Scenario, *, last: int | None = None) -> Iterator[tuple[JobFlow, float | None]]:
    """Yield so many checkpoints of each class, or as many as it holds, and how long one stays [s]."""
    if not scenario.simulate.checkpoints:
        return
    for number, (name, work) in enumerate(scenario.workload.classes.items()):
        rule = work.checkpoint
        if rule is None or not rule.has_size or not scenario.site.storage:
            continue
        tier = tier_of(scenario.site, rule)
        where = next(key for key, value in scenario.site.storage.items() if value is tier)
        count = rule.keep_last if last is None else last
        each, wide = rule.bytes_per_job * count, (rule.size or 0.0) * count
        yield JobFlow(name, where, number, each, bytes_per_slot=wide, kind="checkpoints"), rule.keep


def _by_day(edges_s: Sequence[int], clock: Clock, arrived: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Turn what has arrived by each edge of the clock into whole bytes by day [B]."""
    by_day: npt.NDArray[np.float64] = np.diff(np.rint(np.interp(edges_s, clock.edges_s, arrived)))
    return by_day.astype(np.int64)


def _ingests(
    scenario: Scenario, clock: Clock, edges_s: Sequence[int], times: float | npt.NDArray[np.float64]
) -> Iterator[DailyFlow]:
    """Yield the data sets that come in without a job."""
    for tenant_name, tenant in scenario.workload.tenants.items():
        for name, data in tenant.brings.items():
            per_source = data.per_source * data.kept
            brought = data.brought or 0.0
            arrived = ingest_bytes(data.sources.to_ramp(), per_source, brought, clock, times=times)
            yield DailyFlow(name, data.tier, tenant_name, _by_day(edges_s, clock, arrived), _life(data))


def _holdings(
    scenario: Scenario, clock: Clock, edges_s: Sequence[int], times: float | npt.NDArray[np.float64]
) -> Iterator[DailyFlow]:
    """Yield homes and spaces of projects."""
    admitted = scenario.workload.admitted
    let_in = (
        admitted.on_site(scenario.slots_by_day()).at(clock.days) if admitted else np.ones(len(clock.days))
    )
    people = scenario.workload.people(scenario.start)
    for tenant_name, tenant in scenario.workload.tenants.items():
        members = people[tenant_name].at(clock.days) * let_in * times
        for name, held in tenant.holds.items():
            arrived = holding_bytes(members, held.per_member or 0.0, held.grows or 0.0, clock)
            by_day = _by_day(edges_s, clock, arrived)
            yield DailyFlow(name, held.tier, tenant_name, by_day, _life(held), "homes")
