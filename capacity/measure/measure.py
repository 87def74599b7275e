"""Everything that is measured of one run, subject by subject."""

from dataclasses import replace

from capacity.inputs.scenario import Scenario
from capacity.measure.bandwidth import bandwidth, read_bytes
from capacity.measure.demand import demand
from capacity.measure.energy import energy
from capacity.measure.failures import failures
from capacity.measure.findings import Values, labels
from capacity.measure.hardware import operations, peaks
from capacity.measure.outcomes import JobOutcomes
from capacity.measure.storage.levels import storage_levels
from capacity.measure.storage.savings import savings, wanted_by_month
from capacity.measure.tails import work_skewness
from capacity.measure.use import use
from capacity.measure.waits import waits, warm_up_s
from capacity.simulation.build import Built
from capacity.simulation.calendar import calendar_of
from capacity.simulation.record import RunRecord


def job_outcomes(scenario: Scenario, built: Built, record: RunRecord) -> JobOutcomes:
    """Return the jobs of a run as one frame; of a steady site, ``all`` begins when the start is forgotten."""
    months = {**calendar_of(scenario).months(), "all": (0, scenario.horizon_s)}
    jobs = JobOutcomes(built.table, built.site.batch, record.outcome, scenario.horizon_s, months, built)
    if scenario.regime != "steady":
        return jobs
    return replace(jobs, months=months | {"all": (warm_up_s(jobs), scenario.horizon_s)})


def measure(
    scenario: Scenario, jobs: JobOutcomes, record: RunRecord, *, with_savings: bool = False
) -> Values:
    """Return everything measured of one run, by metric and labels.

    Parameters
    ----------
    scenario, jobs, record : Scenario, JobOutcomes, RunRecord
        The question, the jobs as `job_outcomes` returns them, and what the run left.
    with_savings : bool
        Whether to measure what each storage rule saved; that settles all days again.
    """
    values: Values = {}
    if scenario.regime == "steady":
        values["warm_up_s", labels(month="all")] = float(jobs.months["all"][0])
    for subject in (use(jobs, record), peaks(jobs), demand(jobs), waits(jobs), failures(jobs, record)):
        values.update(subject)
    values.update(work_skewness(scenario, jobs))
    if scenario.simulate.hardware:
        values.update(operations(jobs, record))
    if scenario.simulate.energy:
        values.update(energy(scenario, record, jobs.months))
    values.update(storage_levels(jobs, record))
    values.update(read_bytes(jobs))
    values.update(bandwidth(jobs, record, values))
    account, edges_s = jobs.built.site.storage, jobs.built.site.day_edges_s
    if account.tiers:
        values.update(wanted_by_month(account, edges_s, jobs.months))
    if with_savings:
        values.update(savings(account, edges_s))
    return values
