"""Everything that is measured of one run, subject by subject."""

from collections.abc import Sequence
from dataclasses import replace

from capacity.inputs.scenario import Scenario
from capacity.measure.bandwidth import bandwidth, read_bytes
from capacity.measure.demand import demand
from capacity.measure.energy import energy
from capacity.measure.failures import failures
from capacity.measure.findings import Labels, Values, labels
from capacity.measure.hardware import operations, peaks
from capacity.measure.metrics import METRICS
from capacity.measure.outcomes import JobOutcomes
from capacity.measure.storage.levels import storage_levels
from capacity.measure.storage.savings import savings, wanted_by_month
from capacity.measure.tails import work_skewness
from capacity.measure.use import use
from capacity.measure.waits import set_of, waits, warm_up_s
from capacity.simulation.build import Built
from capacity.simulation.calendar import calendar_of
from capacity.simulation.record import RunRecord


def job_outcomes(scenario: Scenario, built: Built, record: RunRecord) -> JobOutcomes:
    """Return the jobs of a run as one frame; of a steady site, ``all`` begins when the start is forgotten."""
    calendar = calendar_of(scenario)
    months = {**calendar.months(), "all": (0, calendar.horizon_s)}
    jobs = JobOutcomes(built.table, built.site.batch, record.outcome, calendar.horizon_s, months, built)
    if scenario.regime != "steady":
        return jobs
    return replace(jobs, months=months | {"all": (warm_up_s(jobs), calendar.horizon_s)})


def measure(
    scenario: Scenario, jobs: JobOutcomes, record: RunRecord, *, with_savings: bool = False,
    drained: JobOutcomes | None = None, waits_by: Sequence[str] = (),
) -> Values:  # fmt: skip
    """Return everything measured of one run, by metric and labels.

    Parameters
    ----------
    scenario, jobs, record : Scenario, JobOutcomes, RunRecord
        The question, the jobs as `job_outcomes` returns them, and what the run left.
    with_savings : bool
        Whether to measure what each storage rule saved; that settles all days again.
    drained : JobOutcomes or None
        The same jobs followed beyond the horizon, with the months of the horizon, where waits are to be taken
        from them.
    waits_by : sequence of str
        Further sets of labels by which waits are measured.
    """
    values: Values = {}
    if scenario.regime == "steady":
        values["warm_up_s", labels(month="all")] = float(jobs.months["all"][0])
    found = waits(drained or jobs, waits_by)
    for subject in (use(jobs, record), peaks(jobs), demand(jobs), found, failures(jobs, record)):
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
        values.update(wanted_by_month(account, record, jobs.months))
    if with_savings:
        values.update(savings(account, edges_s))
    return _over_the_horizon(values, jobs) if scenario.regime == "steady" else values


def measure_asked(
    scenario: Scenario, jobs: JobOutcomes, record: RunRecord, asked: Sequence[tuple[str, Labels]],
    *, drained: JobOutcomes | None = None,
) -> Values:  # fmt: skip
    """Return what is asked of one run, by metric and labels, and what comes with it at no cost.

    Of waits and use that is a small part of everything; of anything else it is everything.
    """
    sections = {METRICS[name].section for name, _ in asked}
    sets = tuple(dict.fromkeys(names for name, where in asked if (names := set_of(name, where))))
    if not sections <= {"waits", "use"} or scenario.regime == "steady":
        return measure(scenario, jobs, record, drained=drained, waits_by=sets)
    return dict([*waits(drained or jobs, sets, ()), *use(jobs, record)])


def _over_the_horizon(values: Values, jobs: JobOutcomes) -> Values:
    """Return the values with totals of ``all`` over the horizon: rates after the warm-up, times its length.

    The warm-up is another one in each replication, and totals over what it leaves would differ by that alone.
    """
    start_s, end_s = jobs.months["all"]
    longer = jobs.horizon_s / (end_s - start_s)
    totals = {
        name for name, metric in METRICS.items()
        if metric.reducer == "total" and metric.section != "waits"
        and any("month" in names.split() for names in metric.by)
    }  # fmt: skip
    return {
        (name, where): value * longer if name in totals and dict(where).get("month") == "all" else value
        for (name, where), value in values.items()
    }
