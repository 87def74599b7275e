"""From a scenario to a site to simulate: demand is drawn, run times follow the hardware, deliveries come."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from capacity.inputs.scenario import Scenario
from capacity.scheduling.batch import batch_system
from capacity.scheduling.pools.pool import LONGEST_S, PoolSpec
from capacity.simulation.bandwidth.plan import contention_of
from capacity.simulation.calendar import calendar_of
from capacity.simulation.demand import Demand, demand_in, generated, same_jobs
from capacity.simulation.failures.checkpoints import Checkpoints, with_checkpoints
from capacity.simulation.failures.draws import hazards_of
from capacity.simulation.hardware import Hardware
from capacity.simulation.policy import jobs_of, restarts_of, rules_of, site_rules_of
from capacity.simulation.record import RunRecord
from capacity.simulation.storage.account import JobColumns, StorageAccount
from capacity.simulation.storage.numbers import StoragePlan
from capacity.simulation.storage.plan import storage_plan
from capacity.simulation.world import SimulatedSite
from workloads.jobtable import JobTable, label_column


@dataclass(frozen=True, slots=True)
class Built:
    """What the World simulates, and the jobs as the demand made them, with run times on its hardware.

    `drawn` has the demand and its jobs before anything of the site was done to them.
    """

    site: SimulatedSite
    table: JobTable
    hardware: Hardware
    checkpoints: Checkpoints | None = None
    drawn: tuple[Demand, JobTable] | None = None


def build(
    scenario: Scenario, *, seed: int, replication: int, drawn: tuple[Demand, JobTable] | None = None
) -> Built:
    """Draw the demand of one replication and set up the site for it.

    Same `seed` and `replication`, same jobs: on every site and under every policy. Jobs that were `drawn` of
    the same demand for another site are taken as they are.

    Raises
    ------
    InputError
        The demand has a target that no draw of it can meet.
    """
    hardware = Hardware(scenario)
    demand = demand_in(scenario, hardware, seed=seed)
    same = drawn is not None and same_jobs(drawn[0], demand)
    drawn = drawn if same and drawn else (demand, generated(demand, replication, "workload."))
    table = drawn[1]
    columns = _job_columns(table)
    table, checkpoints = with_checkpoints(scenario, on_hardware(table, hardware))
    table, columns = within_limit(table, columns, scenario.policy.longest_run)
    pools, rules = pool_specs(scenario), site_rules_of(scenario)
    jobs = jobs_of(scenario, table, rules, hardware, unservable=unservable(scenario, table))
    if checkpoints is not None:
        jobs = replace(jobs, checkpoint_s=checkpoints.cycle_s, restart_s=checkpoints.restart_s)
    batch = batch_system(
        pools,
        rules_of(scenario, seed=seed, replication=replication),
        jobs,
        site=rules,
        restarts=restarts_of(scenario),
        holds=any(tier.when_full == "wait" for tier in scenario.site.storage.values()),
    )
    edges = calendar_of(scenario).day_edges_s()
    storage = storage_plan(scenario, edges) if scenario.simulate.storage else StoragePlan()
    account = StorageAccount(
        storage,
        tenants=table.labels("tenant")[1],
        classes=len(table.labels("job_class")[1]),
        days=len(edges) - 1,
    )
    hazards = hazards_of(scenario, pools, seed=seed, replication=replication)
    contention = contention_of(scenario, storage, table, columns, checkpoints, edges)
    windows = rules.windows if rules else ()
    site = SimulatedSite(batch, account, columns, edges, hazards, windows, contention)
    return Built(site, table, hardware, checkpoints, drawn)


def pool_specs(scenario: Scenario) -> list[PoolSpec]:
    """Each pool with what is in service at the start and what is known to come."""
    steps, calendar = scenario.site.schedule(first_day=scenario.start), calendar_of(scenario)
    specs = []
    for name, pool in scenario.site.pools.items():
        nodes = [step.nodes[name] for step in steps]
        added = [
            (calendar.midnight_s(step.day), n)
            for step, n in zip(steps, np.diff(nodes, prepend=0).tolist(), strict=True)
        ]
        first = sum(count for time, count in added if time <= 0)
        later = tuple((time, count) for time, count in added if time > 0 and count)
        specs.append(PoolSpec(name, first, pool.node.slots, counted=pool.counted, deliveries=later))
    return specs


def on_hardware(table: JobTable, hardware: Hardware) -> JobTable:
    """Stretch run times and requests as preferred pools demand; requests stay whole minutes."""
    codes, names = table.labels("job_class")
    slots = table.numbers("slots")
    by_slots = hardware.factors()
    sizes = np.array(sorted({size for factors in by_slots.values() for size in factors}), slots.dtype)
    by_size = np.array([[by_slots[name].get(int(size), 1.0) for size in sizes] for name in names])
    if np.all(by_size == 1.0):
        return table
    factor = by_size[codes, np.searchsorted(sizes, slots)]
    run = np.clip(np.rint(table.numbers("run_s") * factor), 1, LONGEST_S).astype(np.int64)
    asked = np.clip(np.ceil(table.numbers("requested_s") * factor / 60) * 60, 60, LONGEST_S).astype(np.int64)
    return replace(table, frame=table.frame.assign(run_s=run, requested_s=asked))


def within_limit(
    table: JobTable, columns: JobColumns, longest_run_s: float | None
) -> tuple[JobTable, JobColumns]:
    """Return the jobs with no request beyond what the site allows; longer ones are killed there."""
    if longest_run_s is None:
        return table, columns
    run, asked = table.numbers("run_s"), np.minimum(table.numbers("requested_s"), int(longest_run_s))
    ran = np.ceil(columns.run_s * np.minimum(1.0, asked / np.maximum(run, 1))).astype(columns.run_s.dtype)
    cut = run > asked
    columns = replace(
        columns, run_s=np.where(cut, np.minimum(ran, columns.run_s), columns.run_s),
        completed=columns.completed & ~cut,
    )  # fmt: skip
    return replace(table, frame=table.frame.assign(requested_s=asked)), columns


def unservable(scenario: Scenario, table: JobTable) -> npt.NDArray[np.bool_] | None:
    """Return which jobs no pool of the site can run, shape (n_jobs,); None if there are none."""
    codes, names = table.labels("job_class")
    lacks = np.array([not scenario.pools_of(scenario.workload.classes[name]) for name in names])
    return lacks[codes] if lacks.any() else None


def never_starts(scenario: Scenario, table: JobTable) -> npt.NDArray[np.bool_]:
    """Return which jobs can never start, shape (n_jobs,): see `Scenario.never_start`."""
    codes, names = table.labels("job_class")
    tenant_codes, tenants = table.labels("tenant")
    slots, found = table.numbers("slots"), np.zeros(len(codes), np.bool_)
    for one in scenario.never_start():
        if one.job_class in names:
            whose = np.array([tenant in one.tenants for tenant in tenants])
            mine = (codes == names.index(one.job_class)) & whose[tenant_codes]
            found |= mine & np.isin(slots, one.slots) if one.slots else mine
    return found


def with_failed_for_room(built: Built, record: RunRecord) -> Built:
    """Return the site and its jobs with those failed that a full tier left without room."""
    if not record.without_room:
        return built
    rows = np.unique(np.concatenate(list(record.without_room.values())))
    completed = built.site.jobs.completed.copy()
    completed[rows] = False
    codes, words = built.table.labels("state")
    words = list(dict.fromkeys([*words, "failed"]))
    codes = codes.copy()
    done = rows[codes[rows] == words.index("completed")] if "completed" in words else rows
    codes[done] = words.index("failed")
    site = replace(built.site, jobs=replace(built.site.jobs, completed=completed))
    frame = built.table.frame.assign(state=label_column(codes, words))
    return replace(built, site=site, table=replace(built.table, frame=frame))


def _job_columns(table: JobTable) -> JobColumns:
    """Count what jobs write by their run time on the reference: the same work writes the same anywhere."""
    states, words = table.labels("state")
    run, asked = table.numbers("run_s"), table.numbers("requested_s")
    return JobColumns(
        job_class=table.labels("job_class")[0],
        tenant=table.labels("tenant")[0],
        slots=table.numbers("slots"),
        run_s=np.minimum(run, asked),
        completed=(states == words.index("completed")) & (run <= asked),
    )
