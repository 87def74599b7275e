"""From a scenario to what the storage account follows: tiers with their rules, and what flows into them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from capacity.simulation.storage_plan import (
    Ingest,
    JobFlow,
    Life,
    StoragePlan,
    TierPlan,
)
from capacity.spec.scenario import Scenario
from workloads.synthetic.calendar import clock_of
from workloads.synthetic.data import ingest_bytes
from workloads.synthetic.model import DemandModel

DAY_S = 86_400


def storage_plan(scenario: Scenario, model: DemandModel, edges_s: Sequence[int]) -> StoragePlan:
    """Return the storage of a scenario as the account follows it.

    Parameters
    ----------
    scenario : Scenario
        The question.
    model : DemandModel
        Its demand.
    edges_s : sequence of int
        All local midnights of the run [s].
    """
    return StoragePlan(
        tiers=tuple(_tiers(scenario)),
        job_flows=tuple(_job_flows(model)),
        ingests=tuple(_ingests(model, scenario, edges_s)),
    )


def _tiers(scenario: Scenario) -> Iterator[TierPlan]:
    """Each tier with what is in service at the start, if anything, and the steps that enlarge it."""
    steps = scenario.site.schedule(first_day=scenario.start)
    for name, tier in scenario.site.storage.items():
        in_service: dict[int, int] = {}
        for step in steps:
            usable = round(step.usable_bytes[name])
            if usable > max(in_service.values(), default=0):
                in_service[max(0, _seconds(scenario, step.day))] = usable
        yield TierPlan(name, tier.fill_limit, tuple(in_service.items()))


def _seconds(scenario: Scenario, day: date) -> int:
    """Local midnight at the beginning of a day, since the scenario's start [s]."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=scenario.timezone)
    return int(midnight.timestamp() - scenario.start_time.timestamp())


def _keep_days(keep_s: float | None) -> int | None:
    return None if keep_s is None else max(1, round(keep_s / DAY_S))


def _job_flows(model: DemandModel) -> Iterator[JobFlow]:
    for number, kind in enumerate(model.classes):
        for output in kind.outputs:
            yield JobFlow(
                source=kind.name,
                tier=output.tier,
                job_class=number,
                bytes_per_job=output.bytes_per_job,
                bytes_per_slot_s=output.bytes_per_slot_s,
                unfinished_frac=output.unfinished_frac,
                life=Life(keep_days=_keep_days(output.keep_s)),
            )


def _ingests(model: DemandModel, scenario: Scenario, edges_s: Sequence[int]) -> Iterator[Ingest]:
    clock = clock_of(model.profile, scenario.start_time, scenario.horizon_s)
    for tenant in model.tenants:
        for ingest in tenant.ingests:
            arrived = np.rint(np.interp(edges_s, clock.edges_s, ingest_bytes(ingest, clock)))
            by_day: npt.NDArray[np.int64] = np.diff(arrived).astype(np.int64)
            life = Life(keep_days=_keep_days(ingest.keep_s))
            yield Ingest(ingest.name, ingest.tier, tenant.name, by_day, life)
