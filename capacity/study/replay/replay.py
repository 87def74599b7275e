"""A job log replayed on a machine under a policy, beside what the log itself recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from capacity.study.replay.entering import Entering, entering, run
from workloads.jobtable import NO_LIMIT_S, JobTable, MissingRequest, Tally, past_request_slot_s, slot_seconds
from workloads.left_out import check_kept
from workloads.period import Period, clipped, period_of

LATEST_S: Final = FOREVER_S // 2
"""Latest submission that leaves the clock room for what follows, 8,700 years. [s]"""
WORTH_A_WORD_FRAC: Final = 0.01
"""Differences of the work of a log from this on are worth a word."""
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
        Utilization is that of the log's own machine, with further attempts and what still ran.
    dropped, remarks : tuple of Tally
        Rows of the log that were not replayed, or not as the log has them; why, and how they differ.
    recorded_slots : int
        Size of the log's own machine, or of this one where the log does not say. [slot]
    engine_s : float
        Time inside the batch system, without reading, compiling and writing. [s]
    multifactor : MultifactorNumbers or None
        Weights of the order of that name, None under any other.
    told : tuple of Tally
        What a reader should know of how the log was taken; nothing is changed by it.
    period : Period
        When the log is complete. Where that is not the span of its submissions, both utilizations are of it;
        else each is of its own schedule, from the first submission to the last end.
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
    period: Period
    multifactor: MultifactorNumbers | None = None
    told: tuple[Tally, ...] = ()

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
    multifactor: MultifactorNumbers | None = None, missing_request: MissingRequest | None = None,
    lenient: bool = True,
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
    missing_request : {"drop", "partition", "longest", "run"}, optional
        What a job without a requested time asks for, see `JobTable.clean`. Default: its run time where
        estimates are exact, else it is left out.
    lenient : bool
        Go on when more than a tenth of the work is left out.

    Raises
    ------
    LogError
        No job is left after cleaning, or too little.
    InputError
        A time is too large for the clock; or, with `strict`, the log is not replayed just as it is.
    """
    size = machine.nodes * machine.slots_per_node
    rule = missing_request or ("run" if rules.estimates == "exact" else "drop")
    cleaned = table.clean(max_slots=size, cut=False, missing_request=rule)
    remarks = (*cleaned.remarks, *_limits(cleaned, rules), *_without_users(cleaned, rules))
    if strict and (said := said_of(cleaned.dropped, remarks)):
        raise InputError(Problem(what, table.source) for what in said)
    check_kept(cleaned, allowed=lenient, remarks=remarks)
    _check_clock(cleaned)
    entered, period = entering(cleaned), period_of(cleaned)
    jobs_of_log = entered.table
    accounts = jobs_of_log.labels("tenant")[1]
    site = None
    if multifactor is not None:
        site = SiteRules(accounts=tuple(AccountNumbers(name) for name in accounts), multifactor=multifactor)
    batch = batch_system([machine], rules, _jobs(entered, rules, site), site=site)
    load_core(batch.core)
    begun = perf_counter()
    run(batch, entered)
    engine_s = perf_counter() - begun
    outcome = batch.outcome()
    _check_ended(jobs_of_log, outcome)
    size_of_log = table.max_slots or size
    return Replayed(
        table=jobs_of_log, batch=batch, outcome=outcome, simulated=_simulated(batch, outcome, period),
        recorded=_recorded(jobs_of_log, size_of_log, period), dropped=jobs_of_log.dropped, remarks=remarks,
        recorded_slots=size_of_log, engine_s=engine_s, multifactor=multifactor,
        told=(*entered.told, *_told_of(jobs_of_log)), period=period,
    )  # fmt: skip


def _jobs(entered: Entering, rules: Rules, site: SiteRules | None) -> Jobs:
    """Return the columns that the rules look at: predictions ask for users, shares for accounts too."""
    table = entered.table
    submit, run_s, requested, slots = map(table.numbers, ("submit_s", "run_s", "requested_s", "slots"))
    asks = rules.backfill == "easy++" or site is not None
    user = table.labels("user")[0].astype(np.int32) if asks else None
    account = None if site is None else table.labels("tenant")[0].astype(np.int32)
    return Jobs(submit, run_s, requested, slots, user=user, account=account, after=entered.after)


def _simulated(batch: BatchSystem, outcome: Outcome, period: Period) -> ScheduleMetrics:
    spec = batch.specs[0]
    submit = np.asarray(batch.jobs.submit_s)
    size, ran = spec.nodes * spec.slots_per_node, outcome.end_s - outcome.start_s
    found = schedule_metrics(
        submit_s=submit, wait_s=outcome.start_s - submit, run_s=ran, held_slots=outcome.held_slots,
        machine_slots=size,
    )  # fmt: skip
    if period.is_span:
        return found
    used = np.dot(clipped(outcome.start_s, ran, period), outcome.held_slots.astype(np.float64))
    return replace(found, utilization=float(used) / (size * period.length_s))


def _recorded(table: JobTable, machine_slots: int, period: Period) -> ScheduleMetrics | None:
    wait = table.numbers("wait_s")
    known = wait >= 0
    if not known.any():
        return None
    submit, run_s = table.numbers("submit_s")[known], table.numbers("run_s")[known]
    held = recorded_slots(table)[known]
    found = schedule_metrics(
        submit_s=submit, wait_s=wait[known], run_s=run_s, held_slots=held, machine_slots=machine_slots
    )
    if period.is_span and table.attempts is None:
        return found
    whole = period
    if period.is_span:
        begin = int(submit.min())
        whole = replace(period, first_s=begin, last_s=begin + found.makespan_s)
    used = float(np.dot(clipped(submit + wait[known], run_s, whole), held.astype(np.float64)))
    if table.attempts is not None:
        begin_s, ran_s, slots = (table.attempts[name].to_numpy() for name in ("start_s", "run_s", "slots"))
        used += float(np.dot(clipped(begin_s, ran_s, whole), slots.astype(np.float64)))
    return replace(found, utilization=used / (machine_slots * max(whole.length_s, 1)))


def recorded_slots(table: JobTable) -> Ints:
    """Return the slots that each job of a log held: what was allocated, else what it asked for [slot]."""
    allocated: Ints = table.numbers("allocated_slots")
    held: Ints = np.where(allocated > 0, allocated, table.numbers("slots"))
    return held


def _told_of(table: JobTable) -> list[Tally]:
    """Return what a reader should know of how the jobs were taken."""
    return [*_other_sizes(table), *_no_limits(table), *_other_attempts(table)]


def _other_sizes(table: JobTable) -> list[Tally]:
    """Count the jobs that held other slots than they are replayed with, if that makes a difference."""
    run_s = table.numbers("run_s").astype(np.float64)
    asked, held = (float(np.dot(slots, run_s)) for slots in (table.numbers("slots"), recorded_slots(table)))
    if abs(held - asked) <= WORTH_A_WORD_FRAC * asked:
        return []
    other = recorded_slots(table) != table.numbers("slots")
    why = f"held other slots than it is replayed with, {held / asked:.3g} times the work"
    return _tallies(table, (other, why))


def _no_limits(table: JobTable) -> list[Tally]:
    """Count the jobs that ask for no limit."""
    free = table.numbers("requested_s") == NO_LIMIT_S
    return _tallies(table, (free, "no time limit: planned as if it ran for 68 years"))


def _without_users(table: JobTable, rules: Rules) -> list[Tally]:
    """Count the jobs whose user the rules ask for and the log does not name."""
    learns = rules.backfill == "easy++" and rules.estimates != "exact"
    if not learns and rules.order != "multifactor":
        return []
    codes, words = table.labels("user")
    named = np.array([bool(word) for word in words], np.bool_)
    nobody = ~named[codes] if len(words) else np.ones(len(table), np.bool_)
    return _tallies(table, (nobody, "no user in the log: taken as jobs of one user"))


def _limits(table: JobTable, rules: Rules) -> list[Tally]:
    """Count the jobs that do not run, or are not planned, for as long as the log says."""
    run, asked = table.numbers("run_s"), table.numbers("requested_s")
    past = (run > asked) & (rules.overrun == "kill")
    killed = _tallies(table, (past, "ran past the requested time: killed there"))
    long = (asked > LONGEST_S) & (asked != NO_LIMIT_S)
    return [
        *(replace(one, slot_s=past_request_slot_s(table.frame)) for one in killed),
        *_tallies(table, (long, "asks for more than 68 years: taken as 68 years")),
    ]


def _other_attempts(table: JobTable) -> list[Tally]:
    """Count the attempts that held slots in the log and are no jobs of the replay, if they matter."""
    held_slot_s, whole = table.kept_slot_s - float(slot_seconds(table).sum()), table.kept_slot_s
    if table.attempts is None or held_slot_s <= WORTH_A_WORD_FRAC * whole:
        return []
    why = f"other attempts of jobs, {100 * held_slot_s / whole:.3g} % of the work: not replayed"
    return [Tally(why, len(table.attempts), slot_s=held_slot_s)]


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
