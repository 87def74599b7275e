"""What holds exactly: Little's law in whole seconds, and the recursion of Kiefer and Wolfowitz.

Notes
-----
J. D. C. Little, Oper. Res. 9(3), 1961; J. Kiefer and J. Wolfowitz, Trans. Amer. Math. Soc. 78(1), 1955.
"""

import heapq
from typing import Final

import numpy as np

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.conformance.check import Check, CheckResult, job_by_job
from capacity.study.conformance.queues import hyperexponential, queue, run
from capacity.study.verdict import Verdict, shown_if

JOBS: Final = 200_000
QUICK_JOBS: Final = 20_000
SLOTS: Final = 64
LITTLE: Final = tuple(
    Rules(order, "easy", ties) for order in ("fcfs", "saf") for ties in ("instant", "event", "pyss")
)
SERVERS: Final = (1, 3, 16)


def parallel_jobs(count: int) -> Jobs:
    """Return jobs of up to half of `SLOTS` that load the machine to 85 %, with generous requests."""
    rng = np.random.default_rng(8)
    run_s = rng.integers(0, 5_000, count)
    size = rng.integers(1, SLOTS // 2 + 1, count)
    span = int((run_s * size).sum() / (0.85 * SLOTS))
    submit = np.sort(rng.integers(0, span, count))
    return Jobs(submit, run_s, run_s + rng.integers(1, 4_000, count), size)


def check_little(rules: Rules, count: int) -> CheckResult:
    """Compare the integrals that the batch system keeps with the sums over its jobs: they must be equal.

    Jobs in the queue, and slots in use, on average = arrival rate x time spent there.
    """
    jobs = parallel_jobs(count)
    system = batch_system([PoolSpec("p", SLOTS)], rules, jobs)
    system.run()
    state = system.states()["p"]
    wait = system.outcome().start_s - jobs.submit_s
    expected = (int(wait.sum()), int((wait * jobs.slots).sum()), int((jobs.run_s * jobs.slots).sum()))
    got = (state.waiting_job_s, state.waiting_slot_s, state.busy_slot_s)
    same = got == expected and state.started_jobs == state.ended_jobs == count and expected[0] > 0
    return CheckResult(
        Verdict(asked=_words(expected), standing=shown_if(same), n=count),
        _words(got),
        numbers={"waiting_job_s": got[0], "waiting_slot_s": got[1], "busy_slot_s": got[2]},
    )


def _words(integrals: tuple[int, int, int]) -> str:
    return "{:.4g} job s and {:.4g} slot s waited, {:.4g} slot s used".format(*integrals)


def check_recursion(servers: int, count: int) -> CheckResult:
    """Compare first come, first served with the recursion: each job takes the slot that comes free first."""
    jobs = queue(hyperexponential, servers, 0.95, seed=7, count=count)
    found = run(jobs, PoolSpec("p", servers), Rules("fcfs", "none")).start_s
    free = [0] * servers
    starts = []
    for submit, run_s in zip(jobs.submit_s.tolist(), jobs.run_s.tolist(), strict=True):
        starts.append(max(submit, free[0]))
        heapq.heapreplace(free, starts[-1] + run_s)
    differing = int(np.count_nonzero(found != np.array(starts)))
    words = f"{differing:,} of {count:,} starts differ"
    return CheckResult(job_by_job("every start", differing, count), words)


def checks(*, quick: bool = False) -> list[Check]:
    """Return a check for each law and rule."""
    count = QUICK_JOBS if quick else JOBS

    def little(rules: Rules) -> Check:
        name = f"closed-form/little-{rules.order}-{rules.ties}"
        words = f"{rules.order}+easy, {rules.ties}"
        return Check(name, "Little's law, exact", lambda: check_little(rules, count), words)

    def recursion(servers: int) -> Check:
        name, source = f"closed-form/kiefer-wolfowitz-{servers}", f"G/G/{servers} recursion, every start"
        return Check(name, source, lambda: check_recursion(servers, count // 4), "fcfs")

    return [*map(recursion, SERVERS), *map(little, LITTLE)]
