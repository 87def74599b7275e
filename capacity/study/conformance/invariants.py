"""What holds for every schedule: laws tried on random workloads, and read from the outcome alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from capacity.scheduling.outcome import Outcome
from capacity.scheduling.rules import Rules
from capacity.study.conformance import reservations_kept as kept
from capacity.study.conformance.check import Check, CheckResult, job_by_job
from capacity.study.conformance.trials import RandomTrial, trial, trials

JOBS: Final = 400
ROUNDS: Final = 6
QUICK_ROUNDS: Final = 1
PROMISE_JOBS: Final = 90
PLAN_JOBS: Final = 200
MORE_NODES: Final = 3

Ints = npt.NDArray[Any]
Law = Callable[[RandomTrial, Outcome], Ints]
"""Returns the rows of the jobs that break it."""


def too_many_slots(tried: RandomTrial, outcome: Outcome) -> Ints:
    """Return jobs at whose start more slots, or on nodes more nodes, are needed than are in service.

    The outcome does not say which node a job had. But jobs that need more than half a node cannot share
    one, so these and the nodes of the wide jobs together need at least that many nodes.
    """
    spec, started = tried.spec, np.flatnonzero(outcome.start_s >= 0)
    begin, end = outcome.start_s[started], outcome.start_s[started] + tried.effective_run_s[started]
    held = outcome.held_slots[started].astype(np.int64)
    per_node = spec.slots_per_node
    large = np.where(held >= per_node, held // per_node, 2 * held > per_node)
    nodes = spec.nodes + sum(np.where(begin >= at, more, 0) for at, more in spec.deliveries)
    there = (begin[None, :] <= begin[:, None]) & (end[None, :] > begin[:, None])
    over = there @ held > nodes * per_node
    if not spec.counted:
        over |= there @ large > nodes
    return started[over]


def not_as_submitted(tried: RandomTrial, outcome: Outcome) -> Ints:
    """Return jobs that could run and did not, or ran too early, too long, too short or although too large."""
    spec, jobs = tried.spec, tried.jobs
    fits = spec.need(np.asarray(jobs.slots)) <= spec.most_nodes * spec.slots_per_node
    ran = (outcome.start_s >= jobs.submit_s) & (outcome.end_s == outcome.start_s + tried.effective_run_s)
    killed = outcome.killed == (jobs.run_s > tried.effective_run_s)
    right = np.where(fits, ran & killed & ~outcome.rejected, outcome.rejected & (outcome.start_s < 0))
    return np.flatnonzero(~right)


def out_of_order(_tried: RandomTrial, outcome: Outcome) -> Ints:
    """Return jobs that start before one that was submitted earlier."""
    rows = np.flatnonzero(outcome.start_s >= 0)
    start = outcome.start_s[rows]
    return rows[start < np.maximum.accumulate(start)]


def not_again(tried: RandomTrial, outcome: Outcome) -> Ints:
    """Return jobs whose start or end is another when the same is run once more."""
    again = tried.run()
    return np.flatnonzero((again.start_s != outcome.start_s) | (again.end_s != outcome.end_s))


def lost_on_more_nodes(tried: RandomTrial, outcome: Outcome) -> Ints:
    """Return jobs that run here and not with more nodes."""
    larger = replace(tried.spec, nodes=tried.spec.nodes + MORE_NODES)
    return np.flatnonzero((outcome.start_s >= 0) & (replace(tried, spec=larger).run().start_s < 0))


def check_law(law: Law, tried: Sequence[RandomTrial], expected: str) -> CheckResult:
    """Run trials and count the jobs that break a law; the first trial in which one does is named."""
    jobs = broken = 0
    first = ""
    for one in tried:
        rows = law(one, one.run())
        jobs += len(one.jobs.submit_s)
        broken += len(rows)
        if len(rows) and not first:
            first = f"; first: row {int(rows[0])} of {one.words}, seed {one.rules.seed}"
    got = f"{broken:,} of {jobs:,} jobs in {len(tried)} schedules break it{first}"
    return CheckResult(job_by_job(expected, broken, jobs), got)


def checks(*, quick: bool = False) -> list[Check]:
    """Return a check for each law."""
    rounds = QUICK_ROUNDS if quick else ROUNDS

    def every() -> list[RandomTrial]:
        return trials(jobs=JOBS, rounds=rounds)

    def in_order() -> list[RandomTrial]:
        return [one for one in every() if (one.rules.order, one.rules.backfill) == ("fcfs", "none")]

    def under(rules: Sequence[Rules], jobs: int = JOBS, *, exact: bool = False) -> list[RandomTrial]:
        numbered = [(100 * turn + n, one) for turn in range(rounds) for n, one in enumerate(rules)]
        return [_plannable(trial(n, one, jobs=jobs, counted=True), exact=exact) for n, one in numbered]

    easy = [Rules("fcfs", "easy", ties) for ties in ("instant", "event", "pyss")]
    sticky = [Rules("fcfs", "conservative", ties) for ties in ("instant", "pyss")]
    rows: list[tuple[str, str, Law, Callable[[], list[RandomTrial]]]] = [
        ("slots", "never more slots, or nodes, in use than are in service", too_many_slots, every),
        ("every-job", "every job that can run runs, after its submission", not_as_submitted, every),
        ("fcfs-order", "fcfs without backfilling starts in order", out_of_order, in_order),
        ("same-seed", "the same seed gives the same schedule", not_again, every),
        ("more-nodes", "more nodes never lose a job", lost_on_more_nodes, every),
        ("easy-promise", "no head starts later than first promised", kept.broken_promises,
         lambda: under(easy)),
        ("conservative-promise", "nobody starts later than promised at submission",
         kept.sticky_promises_broken, lambda: under(sticky, PROMISE_JOBS)),
        ("conservative-plan", "with exact requests everybody starts at the earliest fit, in order",
         kept.exact_plan_broken, lambda: under(sticky, PLAN_JOBS, exact=True)),
    ]  # fmt: skip

    def check(name: str, expected: str, law: Law, tried: Callable[[], list[RandomTrial]]) -> Check:
        return Check(f"invariant/{name}", "random workloads", lambda: check_law(law, tried(), expected))

    return [check(*row) for row in rows]


def _plannable(tried: RandomTrial, *, exact: bool) -> RandomTrial:
    """Return a trial without deliveries and without jobs of 0 s, which get an instant more than one pass.

    It is one on a counted machine; with `exact` jobs request what they run, too.
    """
    run_s = np.maximum(tried.jobs.run_s, 1)
    requested_s = run_s if exact else tried.jobs.requested_s
    jobs = replace(tried.jobs, run_s=run_s, requested_s=requested_s)
    return replace(tried, spec=replace(tried.spec, deliveries=()), jobs=jobs)
