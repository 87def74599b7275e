"""Jobs beyond the horizon as a stream: how many are submitted, how many end, what each leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from capacity.inputs.scenario import Scenario
from capacity.scheduling.outcome import Outcome
from capacity.simulation.build import Built, pool_specs
from capacity.simulation.storage.numbers import Ints
from workloads.synthetic.calendar import Clock
from workloads.synthetic.generate import jobs_per_hour

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class JobStream:
    """The jobs of a run by tenant and class, arrays of shape (n_tenants, n_classes).

    Attributes
    ----------
    tenants, classes : sequence of str
        Names by number, as in the columns of the jobs.
    submitted : ndarray of float64
        Jobs of the run that are neither rejected nor cancelled.
    work : ndarray of float64
        What each takes of its pool on average. [slot s]
    left : ndarray of float64
        What is left to do of those that had not ended with the run. [slot s]
    ended : ndarray of float64, shape (n_days, n_tenants, n_classes)
        Jobs that ended on each day of the run.
    bytes_per_job : ndarray of float64, shape (n_flows, n_tenants)
        What a job leaves by each flow of jobs on average. [B]
    """

    tenants: Sequence[str]
    classes: Sequence[str]
    submitted: Floats
    work: Floats
    left: Floats
    ended: Floats
    bytes_per_job: Floats

    def submitted_by_day(
        self,
        scenario: Scenario,
        clock: Clock,
        times: Floats,
        edges_s: Sequence[int],
        *,
        seed: int,
        replication: int,
    ) -> Floats:
        """Return the jobs submitted each day of a longer horizon, shape (n_days, n_tenants, n_classes).

        Those that the model expects, `times` as many hour by hour, scaled so that the days of the run have as
        many as it had: what fails is submitted again, sessions go on, and a target thins.
        """
        model, until = scenario.workload.to_model(first=scenario.start), len(self.ended)
        of_day = np.searchsorted(edges_s, clock.edges_s[:-1], side="right") - 1
        hours = np.diff(clock.edges_s) / 3600
        days = np.zeros((len(edges_s) - 1, *self.work.shape))
        for tenant, kind, rate in jobs_per_hour(model, clock, seed=seed, replication=replication):
            at = (
                self.tenants.index(model.tenants[tenant].name),
                self.classes.index(model.classes[kind].name),
            )
            expected = np.bincount(of_day, rate * times * hours, len(days))
            within = float(expected[:until].sum())
            days[:, *at] += expected * (self.submitted[at] / within if within else 1.0)
        return days

    def ended_by_day(self, scenario: Scenario, submitted: Floats, edges_s: Sequence[int]) -> Floats:
        """Return the jobs that end each day of a longer horizon: what the slots of their pools can do."""
        ended, pools, until = submitted.copy(), scenario.pool_by_class(), len(self.ended)
        ended[:until] = self.ended
        for spec in pool_specs(scenario):
            mine = [n for n, kind in enumerate(self.classes) if pools[kind] == spec.name]
            work, left = self.work[:, mine], self.left[:, mine]
            for day in range(until, len(edges_s) - 1):
                nodes = spec.nodes + sum(more for at, more in spec.deliveries if at <= edges_s[day])
                can_do = nodes * spec.slots_per_node * (edges_s[day + 1] - edges_s[day])
                left = left + submitted[day][:, mine] * work
                done = left * min(1.0, can_do / max(1.0, float(left.sum())))
                left = left - done
                ended[day][:, mine] = np.divide(done, work, out=np.zeros_like(done), where=work > 0)
        return ended


def stream_of(built: Built, outcome: Outcome) -> JobStream:
    """Return the jobs of a run as a stream."""
    jobs, columns, edges_s = built.site.batch.jobs, built.site.jobs, built.site.day_edges_s
    tenants, classes = built.table.labels("tenant")[1], built.table.labels("job_class")[1]
    shape = (len(tenants), len(classes))
    group = columns.tenant.astype(np.int64) * len(classes) + columns.job_class

    def sums(rows: npt.NDArray[np.bool_], weights: Floats) -> Floats:
        counted = np.bincount(group[rows], weights[rows], len(tenants) * len(classes))
        return counted.reshape(shape).astype(np.float64)

    every, ended = ~(outcome.rejected | outcome.cancelled), outcome.end_s >= 0
    goes_on = every & ~(ended | outcome.node_fail)
    slots, run_s = np.maximum(jobs.slots, outcome.held_slots), np.asarray(jobs.run_s, np.float64)
    left_s = np.where(outcome.running, np.maximum(run_s - (edges_s[-1] - outcome.last_start_s), 0.0), run_s)
    submitted = sums(every, np.ones(len(group)))
    days = len(edges_s) - 1
    day = np.clip(np.searchsorted(edges_s, outcome.end_s[ended], side="left") - 1, 0, days - 1)
    by_day = np.bincount(day * len(tenants) * len(classes) + group[ended], minlength=days * submitted.size)
    return JobStream(
        tenants, classes, submitted, sums(every, slots * run_s) / np.maximum(submitted, 1.0),
        sums(goes_on, slots * left_s), by_day.reshape(days, *shape).astype(np.float64),
        _bytes_per_job(built, np.flatnonzero(every), submitted),
    )  # fmt: skip


def _bytes_per_job(built: Built, rows: Ints, submitted: Floats) -> Floats:
    """Return what a job leaves by flow and tenant; of a tenant without any, as those of others do [B]."""
    account = built.site.storage
    flows = account.plan.job_flows
    wrote = account.written(built.site.jobs, rows).reshape(len(flows), len(submitted))
    jobs = submitted.T[[flow.job_class for flow in flows]] if flows else wrote
    of_all = wrote.sum(axis=1, keepdims=True) / np.maximum(jobs.sum(axis=1, keepdims=True), 1.0)
    return np.where(jobs > 0, wrote / np.maximum(jobs, 1.0), of_all)
