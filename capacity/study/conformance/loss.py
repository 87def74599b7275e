"""Erlang B: jobs that are turned away unless they start at once, which is a shared deadline of 0 s.

The fraction turned away depends on the services only through their mean, so two kinds of services are tried.

Notes
-----
L. Kleinrock, "Queueing Systems", vol. 1, Wiley 1975, section 3.6; the insensitivity is B. A. Sevastyanov's,
Theory Probab. Appl. 2(1), 1957.
"""

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.conformance.check import Check, CheckResult
from capacity.study.conformance.queues import (
    QUICK_WIDEST,
    WIDEST,
    Service,
    exponential,
    hyperexponential,
    inside,
    queue,
    run,
)

SERVERS: Final = 10
LOAD: Final = 8.0
"""Slots that would be in use if nobody were turned away. [slot]"""
JOBS: Final = 1_000_000
QUICK_JOBS: Final = 100_000


def erlang_b(servers: int, load: float) -> float:
    """Return the fraction turned away by M/G/c/c.

    Parameters
    ----------
    servers : int
        Slots.
    load : float
        Arrival rate times mean service time. [slot]

    Examples
    --------
    >>> round(erlang_b(10, 8.0), 6)
    0.121661
    """
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def check_loss(service: Service, *, seed: int, quick: bool = False) -> CheckResult:
    """Run a queue without waiting room and compare what it turns away with Erlang B."""
    jobs = queue(service, SERVERS, LOAD / SERVERS, seed=seed, count=QUICK_JOBS if quick else JOBS)
    at_once = replace(jobs, deadline_s=np.zeros(len(jobs.submit_s), np.int32))
    turned_away = run(at_once, PoolSpec("p", SERVERS), Rules("fcfs", "none")).rejected
    return inside(erlang_b(SERVERS, LOAD), turned_away, within=QUICK_WIDEST if quick else WIDEST)


def checks(*, quick: bool = False) -> list[Check]:
    """Return a check for each kind of service."""

    def check(name: str, words: str, service: Service, seed: int) -> Check:
        source = f"Erlang B, load {LOAD:g}, {words}"
        run_it = partial(check_loss, service, seed=seed, quick=quick)
        return Check(f"closed-form/{name}", source, run_it, "fcfs, deadline 0 s")

    return [
        check("erlang-b", "exponential", exponential, 10),
        check("erlang-b-any-service", "hyperexponential", hyperexponential, 11),
    ]
