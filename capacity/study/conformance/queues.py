"""Queues with a known mean wait or loss: the truth must lie inside the 99 % interval of one long run.

One-slot jobs on c slots are the queue M/G/c. A service lasts 10⁵ s on average, so that whole seconds do not
bias it. Intervals are batch means: the run without its first tenth is cut into 40 batches, long enough to be
nearly independent, and their means give a t-interval. Seeds are fixed. An interval that is too wide to say
anything fails, too. Jobs that are turned away unless they start at once (a shared deadline of 0 s) are the
loss of M/G/c/c; it depends on the services only through their mean, so two kinds of services are tried.

Notes
-----
Erlang C and the formula of Pollaczek and Khinchine: L. Kleinrock, "Queueing Systems", vol. 1, Wiley 1975,
sections 3.5 and 5.6; Erlang B: section 3.6, its insensitivity: B. A. Sevastyanov, Theory Probab. Appl. 2(1),
1957. Batch means: A. M. Law, "Simulation Modeling and Analysis", 5th ed., section 9.5.3.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import factorial, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.statistics.steady_state import batch_means
from capacity.study.conformance.check import Check, CheckResult
from capacity.study.verdict import Verdict, shown_if

MEAN_S: Final = 100_000
"""Mean service time. [s]"""
JOBS: Final = 2_000_000
QUICK_JOBS: Final = 200_000
BATCHES: Final = 40
CONFIDENCE: Final = 0.99
WIDEST: Final = 0.1
QUICK_WIDEST: Final = 0.4
"""Half an interval may be as wide as this part of the truth, or it says nothing."""
MANY_SERVERS: Final = 10
LONGER: Final = 3
"""From so many servers on, waits are rare and far apart: so many times the jobs."""
HYPEREXPONENTIAL_VARIATION: Final = 4.0
LOSS_SERVERS: Final = 10
LOSS_LOAD: Final = 8.0
"""Slots that would be in use if nobody were turned away. [slot]"""
LOSS_JOBS: Final = 1_000_000
LOSS_QUICK_JOBS: Final = 100_000

Service = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]
Values = npt.NDArray[Any]


def exponential(rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Return exponential services of mean 1."""
    return rng.exponential(1.0, count)


def constant(_rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Return services that all last 1."""
    return np.ones(count)


def hyperexponential(rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Return services of mean 1 from two branches of equal load; squared coefficient of variation 4."""
    p = (1 + sqrt(0.6)) / 2
    first = rng.random(count) < p
    found: npt.NDArray[np.float64] = rng.exponential(1.0, count) / (2 * np.where(first, p, 1 - p))
    return found


def queue(service: Service, servers: int, rho: float, *, seed: int, count: int) -> Jobs:
    """Return one-slot jobs with Poisson arrivals that load `servers` slots to `rho`."""
    rng = np.random.default_rng(seed)
    submit = np.cumsum(rng.exponential(MEAN_S / (servers * rho), count)).astype(np.int64)
    run = np.maximum(1, np.rint(service(rng, count) * MEAN_S)).astype(np.int64)
    return Jobs(submit, run, run, np.ones(count, np.int32))


def run(jobs: Jobs, spec: PoolSpec, rules: Rules) -> Outcome:
    """Return what becomes of the jobs on one pool."""
    system = batch_system([spec], rules, jobs)
    system.run()
    return system.outcome()


def waits(jobs: Jobs, spec: PoolSpec, rules: Rules) -> npt.NDArray[np.float64]:
    """Return the wait of every job [mean service times]."""
    found: npt.NDArray[np.float64] = (run(jobs, spec, rules).start_s - jobs.submit_s) / MEAN_S
    return found


def interval(values: Values) -> tuple[float, float, float]:
    """Return mean, low and high of a long run after its warm-up, by batch means."""
    found = batch_means(values[len(values) // 10 :], batches=BATCHES, confidence=CONFIDENCE)
    return found.value, found.low, found.high


def inside(truth: float, values: Values, *, within: float) -> CheckResult:
    """Compare a truth with the interval of a run, which must hold it and be narrow enough to say something.

    The values are one per job, in order of submission; `within` is the widest half interval allowed, as a
    part of the truth.
    """
    mean, low, high = interval(values)
    narrow = high - low < 2 * within * truth
    words = "" if narrow else f", wider than ±{100 * within:.0f} %: says nothing"
    verdict = Verdict(
        asked=f"{truth:.6f}", standing=shown_if(low <= truth <= high and narrow),
        found=mean, low=low, high=high, limit=truth, by=mean - truth, n=len(values),
        confidence=CONFIDENCE, method="batch means",
    )  # fmt: skip
    return CheckResult(verdict, f"{mean:.6f}, 99 % in {low:.6f} to {high:.6f}{words}")


def erlang_c(servers: int, rho: float) -> float:
    """Return the probability of waiting in M/M/c.

    Examples
    --------
    >>> round(erlang_c(4, 0.9) / (4 * (1 - 0.9)), 6)
    1.969383
    """
    load = servers * rho
    last = load**servers / factorial(servers) / (1 - rho)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


def erlang_b(servers: int, load: float) -> float:
    """Return the fraction turned away by M/G/c/c under a load of arrival rate times mean service time [slot].

    Examples
    --------
    >>> round(erlang_b(10, 8.0), 6)
    0.121661
    """
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def mean_wait(servers: int, rho: float) -> float:
    """Return the mean wait of M/M/c [mean service times]."""
    return erlang_c(servers, rho) / (servers * (1 - rho))


def pollaczek_khinchine(rho: float, variation: float) -> float:
    """Return the mean wait of M/G/1 whose services have that squared coefficient of variation."""
    return rho / (1 - rho) * (1 + variation) / 2


@dataclass(frozen=True, slots=True)
class KnownQueue:
    """A queue of the literature, and its mean wait [mean service times]."""

    name: str
    source: str
    service: Service
    servers: int
    rho: float
    truth: float
    seed: int
    on_nodes: bool = False

    @property
    def machine(self) -> PoolSpec:
        """A counted machine, or nodes of two slots."""
        if not self.on_nodes:
            return PoolSpec("p", self.servers)
        return PoolSpec("p", max(1, self.servers // 2), min(self.servers, 2), counted=False)

    @property
    def rules(self) -> Rules:
        """First come first served; backfilling changes nothing, because all jobs are of one slot."""
        return Rules("fcfs", "easy" if self.on_nodes else "none")


def _m_m(servers: int, rho: float, *, on_nodes: bool = False) -> KnownQueue:
    name = f"m-m-{servers}" + ("-on-nodes" if on_nodes else "")
    seed = servers + 1_000 * on_nodes
    source = f"Erlang C, ρ = {rho}"
    return KnownQueue(name, source, exponential, servers, rho, mean_wait(servers, rho), seed, on_nodes)


QUEUES: Final = (
    _m_m(1, 0.9), _m_m(4, 0.9), _m_m(10, 0.9), _m_m(100, 0.95), _m_m(4, 0.9, on_nodes=True),
    _m_m(100, 0.95, on_nodes=True),
    KnownQueue("m-d-1", "Pollaczek-Khinchine, c² = 0, ρ = 0.9", constant, 1, 0.9, 4.5, 5),
    KnownQueue(
        "m-g-1", "Pollaczek-Khinchine, c² = 4, ρ = 0.8", hyperexponential, 1, 0.8,
        pollaczek_khinchine(0.8, HYPEREXPONENTIAL_VARIATION), 6,
    ),
)  # fmt: skip


def check_queue(found: KnownQueue, *, quick: bool = False) -> CheckResult:
    """Run a queue and compare its mean wait with the truth."""
    count = (QUICK_JOBS if quick else JOBS) * (LONGER if found.servers >= MANY_SERVERS else 1)
    jobs = queue(found.service, found.servers, found.rho, seed=found.seed, count=count)
    wait = waits(jobs, found.machine, found.rules)
    return inside(found.truth, wait, within=QUICK_WIDEST if quick else WIDEST)


def check_loss(service: Service, *, seed: int, quick: bool = False) -> CheckResult:
    """Run a queue without waiting room and compare what it turns away with Erlang B."""
    count = LOSS_QUICK_JOBS if quick else LOSS_JOBS
    jobs = queue(service, LOSS_SERVERS, LOSS_LOAD / LOSS_SERVERS, seed=seed, count=count)
    at_once = replace(jobs, deadline_s=np.zeros(len(jobs.submit_s), np.int32))
    turned_away = run(at_once, PoolSpec("p", LOSS_SERVERS), Rules("fcfs", "none")).rejected
    truth = erlang_b(LOSS_SERVERS, LOSS_LOAD)
    return inside(truth, turned_away, within=QUICK_WIDEST if quick else WIDEST)


def checks(*, quick: bool = False) -> list[Check]:
    """Return a check for each queue."""

    def of(found: KnownQueue) -> Check:
        words = "fcfs, " + ("nodes" if found.on_nodes else "counted")
        return Check(
            f"closed-form/{found.name}", found.source, partial(check_queue, found, quick=quick), words
        )

    return [*map(of, QUEUES), *loss_checks(quick=quick)]


def loss_checks(*, quick: bool = False) -> list[Check]:
    """Return a check of what is turned away for each kind of service."""

    def of(name: str, service: Service, seed: int) -> Check:
        source = f"Erlang B, load {LOSS_LOAD:g}, {service.__name__}"
        run_it = partial(check_loss, service, seed=seed, quick=quick)
        return Check(f"closed-form/{name}", source, run_it, "fcfs, deadline 0 s")

    return [of("erlang-b", exponential, 10), of("erlang-b-any-service", hyperexponential, 11)]
