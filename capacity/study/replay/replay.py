"""A job log replayed on a machine under a policy, beside what the log itself recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np

from capacity.errors import InputError, Problem
from capacity.measure.schedule import Ints, ScheduleMetrics, schedule_metrics
from capacity.scheduling.batch import BatchSystem, batch_system
from capacity.scheduling.compiled import load_core
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import LONGEST_S, PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import FOREVER_S, AccountNumbers, MultifactorNumbers, SiteRules
from workloads.jobtable import JobTable, Tally

LATEST_S: Final = FOREVER_S // 2
"""Latest submission that leaves the clock room for what follows, 8,700 years. [s]"""
MOST_PLACED: Final = 2**24
"""Slots on nodes: each has its own place in memory."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A finished replay.

    Attributes
    ----------
    table : JobTable
        The jobs that were replayed, with run times as recorded.
    batch, outcome : BatchSystem, Outcome
        The machine, after the last job has ended, and what became of each job.
    simulated : ScheduleMetrics
        The schedule of this machine and policy.
    recorded : ScheduleMetrics or None
        The schedule in the log, over those of the replayed jobs whose wait it gives; None if it gives none.
        Utilization is that of the log's own machine.
    dropped, remarks : tuple of Tally
        Rows of the log that were not replayed, or not as the log has them; why, and how they differ.
    recorded_slots : int
        Size of the log's own machine, or of this one where the log does not say. [slot]
    engine_s : float
        Time inside the batch system, without reading, compiling and writing. [s]
    multifactor : MultifactorNumbers or None
        Weights of the order of that name, None under any other.
    """

    table: JobTable
    batch: BatchSystem
    outcome: Outcome
    simulated: ScheduleMetrics
    recorded: ScheduleMetrics | None
    dropped: tuple[Tally, ...]
    remarks: tuple[Tally, ...]
    recorded_slots: int
    engine_s: float
    multifactor: MultifactorNumbers | None = None

    @property
    def machine(self) -> PoolSpec:
        """The machine."""
        return self.batch.specs[0]

    @property
    def slots(self) -> int:
        """Size of the machine. [slot]."""
        return self.machine.nodes * self.machine.slots_per_node

    @property
    def killed(self) -> int:
        """Jobs ended at their requested time before their work was done."""
        return int(np.count_nonzero(self.outcome.killed))


def replay(
    table: JobTable, machine: PoolSpec, rules: Rules, *, strict: bool = False,
    multifactor: MultifactorNumbers | None = None,
) -> Replayed:  # fmt: skip
    """Run the jobs of a log on a machine.

    Parameters
    ----------
    table : JobTable
        A log as it was read. Jobs that cannot be replayed are left out by `JobTable.clean`.
    machine, rules : PoolSpec, Rules
        Where they run, complete from the start; how they are ordered, started and placed.
    strict : bool
        Refuse a log of which anything is left out or changed.
    multifactor : MultifactorNumbers, optional
        Weights of the order of that name; the groups of the log are accounts of one share each.

    Raises
    ------
    LogError
        No job is left after cleaning.
    InputError
        A time is too large for the clock; or, with `strict`, the log is not replayed just as it is.
    """
    size_of_log = table.max_slots or machine.nodes * machine.slots_per_node
    jobs_of_log = table.clean(max_slots=machine.nodes * machine.slots_per_node, cut=False)
    remarks = (*jobs_of_log.remarks, *_limits(jobs_of_log), *_without_users(jobs_of_log, rules))
    if strict and (said := said_of(jobs_of_log.dropped, remarks)):
        raise InputError(Problem(what, table.source) for what in said)
    _check_clock(jobs_of_log)
    accounts = jobs_of_log.labels("tenant")[1]
    site = None
    if multifactor is not None:
        site = SiteRules(accounts=tuple(AccountNumbers(name) for name in accounts), multifactor=multifactor)
    batch = batch_system([machine], rules, _jobs(jobs_of_log, rules, site), site=site)
    load_core(batch.core)
    begun = perf_counter()
    batch.run()
    engine_s = perf_counter() - begun
    outcome = batch.outcome()
    _check_ended(jobs_of_log, outcome)
    return Replayed(
        table=jobs_of_log, batch=batch, outcome=outcome, simulated=_simulated(batch, outcome),
        recorded=_recorded(jobs_of_log, size_of_log), dropped=jobs_of_log.dropped, remarks=remarks,
        recorded_slots=size_of_log, engine_s=engine_s, multifactor=multifactor,
    )  # fmt: skip


def _jobs(table: JobTable, rules: Rules, site: SiteRules | None) -> Jobs:
    """Return the columns that the rules look at: predictions ask for users, shares for accounts too."""
    submit, run, requested, slots = map(table.numbers, ("submit_s", "run_s", "requested_s", "slots"))
    asks = rules.backfill == "easy++" or site is not None
    user = table.labels("user")[0].astype(np.int32) if asks else None
    account = None if site is None else table.labels("tenant")[0].astype(np.int32)
    return Jobs(submit, run, requested, slots, user=user, account=account)


def _simulated(batch: BatchSystem, outcome: Outcome) -> ScheduleMetrics:
    spec = batch.specs[0]
    submit = np.asarray(batch.jobs.submit_s)
    return schedule_metrics(
        submit_s=submit, wait_s=outcome.start_s - submit, run_s=outcome.end_s - outcome.start_s,
        held_slots=outcome.held_slots, machine_slots=spec.nodes * spec.slots_per_node,
    )  # fmt: skip


def _recorded(table: JobTable, machine_slots: int) -> ScheduleMetrics | None:
    wait = table.numbers("wait_s")
    known = wait >= 0
    if not known.any():
        return None
    allocated, asked = table.numbers("allocated_slots")[known], table.numbers("slots")[known]
    return schedule_metrics(
        submit_s=table.numbers("submit_s")[known], wait_s=wait[known], run_s=table.numbers("run_s")[known],
        held_slots=np.where(allocated > 0, allocated, asked), machine_slots=machine_slots,
    )  # fmt: skip


def _without_users(table: JobTable, rules: Rules) -> list[Tally]:
    """Count the jobs whose user the rules ask for and the log does not name."""
    learns = rules.backfill == "easy++" and rules.estimates != "exact"
    if not learns and rules.order != "multifactor":
        return []
    codes, words = table.labels("user")
    named = np.array([bool(word) for word in words], np.bool_)
    nobody = ~named[codes] if len(words) else np.ones(len(table), np.bool_)
    return _tallies(table, (nobody, "no user in the log: taken as jobs of one user"))


def _limits(table: JobTable) -> list[Tally]:
    """Count the jobs that do not run, or are not planned, for as long as the log says."""
    run, asked = table.numbers("run_s"), table.numbers("requested_s")
    past = (run > asked, "ran past the requested time: killed there")
    return _tallies(table, past, (asked > LONGEST_S, "asks for more than 68 years: taken as 68 years"))


def _tallies(table: JobTable, *cases: tuple[Ints, str]) -> list[Tally]:
    """Count the jobs of each case, a mask and a reason, that has any; the first three are named."""
    found = [(table.numbers("job_id")[of], reason) for of, reason in cases]
    return [
        Tally(why, len(jobs), tuple(f"job {job}" for job in jobs[:3])) for jobs, why in found if len(jobs)
    ]


def too_large(nodes: int, slots_per_node: int) -> str:
    """Say what is wrong with a machine of nodes that does not fit into memory; empty if it does."""
    if nodes * slots_per_node <= MOST_PLACED:
        return ""
    return f"{nodes} nodes of {slots_per_node} slots: more than {MOST_PLACED:,} slots on nodes"


def said_of(dropped: Sequence[Tally], remarks: Sequence[Tally]) -> list[str]:
    """Return what is said of jobs that are not replayed just as the log has them."""
    return [*(f"left out: {tally}" for tally in dropped), *(f"changed: {tally}" for tally in remarks)]


def _check_clock(table: JobTable) -> None:
    """Refuse times that the compiled core cannot hold: no real log has them."""
    ran = np.minimum(table.numbers("run_s"), table.numbers("requested_s"))
    late = table.numbers("submit_s") > LATEST_S
    found = _tallies(
        table, (late, "submitted more than 8,700 years after the log's clock began"),
        (ran > LONGEST_S, "ran for more than 68 years"),
    )  # fmt: skip
    if found:
        fix = "times are whole seconds: divide milliseconds by 1000"
        raise InputError(Problem(str(tally), table.source, fix) for tally in found)


def _check_ended(table: JobTable, outcome: Outcome) -> None:
    for tally in _tallies(table, (outcome.end_s < 0, "does not end within 17,000 years on this machine")):
        raise InputError(str(tally), where=table.source)
