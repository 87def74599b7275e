"""Queue orders: smaller keys go first, ties by submission.

Most keys are known at submission. Those of `CHANGING` are worked out again and again while a job waits, by
the compiled core (``core/queue/scores.py``); here they have their value at submission.

Formulas as in ``docs/scheduling.md``; F1-F4 are the learned policies of Carastan-Santos and de Camargo,
"Obtaining dynamic scheduling policies with simulation and machine learning", SC'17,
https://doi.org/10.1145/3126908.3126955.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.registry import Registry
from capacity.scheduling.core.machine import state as k

Keys: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.integer]
KeyFunction: TypeAlias = Callable[[Ints, Ints, Ints], Keys]
"""(submit [s], requested time [s], slots) of each job, shape (n_jobs,), to keys of the same shape."""

ORDERS: Registry[KeyFunction] = Registry("queue order", "capacity.orders")
for _name, _function, _summary in (
    ("fcfs", "fcfs", "first come, first served: submission"),
    ("sjf", "sjf", "shortest requested time first"),
    ("ljf", "ljf", "longest requested time first"),
    ("smallest", "smallest", "fewest slots first"),
    ("largest", "largest", "most slots first"),
    ("saf", "saf", "smallest area first: requested time x slots"),
    ("f1", "f1", "log10(requested) * slots + 870 * log10(submit) (SC'17)"),
    ("f2", "f2", "sqrt(requested) * slots + 25600 * log10(submit) (SC'17)"),
    ("f3", "f3", "requested * slots + 6860000 * log10(submit) (SC'17)"),
    ("f4", "f4", "requested * sqrt(slots) + 530000 * log10(submit) (SC'17)"),
    ("wfp3", "wfp3", "(wait / requested)^3 * slots, largest first; changes while jobs wait"),
    ("unicef", "unicef", "wait / (log2(max(slots, 2)) * requested), largest first; changes while jobs wait"),
    ("expansion", "expansion", "(wait + requested) / requested, largest first; changes while jobs wait"),
    ("multifactor", "multifactor", "weighted age, size, QOS, pool and fair-share, as Slurm"),
):
    ORDERS.add(_name, f"capacity.scheduling.orders:{_function}", _summary)

CHANGING: Final = {"wfp3": k.WFP3, "unicef": k.UNICEF, "expansion": k.EXPANSION}
"""Orders whose keys change while jobs wait, and the numbers the kernel knows them by."""


def _log_submit(submit_s: Ints) -> Keys:
    """log10 of the submission on the log's own clock, below 1 s taken as 1 s."""
    return np.log10(np.maximum(submit_s, 1).astype(np.float64))


def fcfs(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """First come, first served."""
    del requested_s, slots
    return submit_s.astype(np.float64)


def sjf(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Shortest requested time first."""
    del submit_s, slots
    return requested_s.astype(np.float64)


def ljf(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Longest requested time first."""
    return -sjf(submit_s, requested_s, slots)


def smallest(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Fewest slots first."""
    del submit_s, requested_s
    return slots.astype(np.float64)


def largest(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Most slots first."""
    return -smallest(submit_s, requested_s, slots)


def saf(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Smallest area (requested time x slots) first."""
    del submit_s
    return requested_s.astype(np.float64) * slots


def f1(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """F1 of SC'17; depends on the zero of the log's clock."""
    return np.log10(np.maximum(requested_s, 1).astype(np.float64)) * slots + 870.0 * _log_submit(submit_s)


def f2(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """F2 of SC'17; depends on the zero of the log's clock."""
    return np.sqrt(requested_s.astype(np.float64)) * slots + 25_600.0 * _log_submit(submit_s)


def f3(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """F3 of SC'17; depends on the zero of the log's clock."""
    return saf(submit_s, requested_s, slots) + 6_860_000.0 * _log_submit(submit_s)


def f4(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """F4 of SC'17; depends on the zero of the log's clock."""
    return requested_s.astype(np.float64) * np.sqrt(slots) + 530_000.0 * _log_submit(submit_s)


def wfp3(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """WFP3 at submission, before any wait."""
    del requested_s, slots
    return np.zeros(len(submit_s))


def unicef(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """UNICEF at submission, before any wait."""
    del requested_s, slots
    return np.zeros(len(submit_s))


def expansion(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Expansion factor at submission, before any wait."""
    del requested_s, slots
    return np.full(len(submit_s), -1.0)


def multifactor(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Priority at submission without the weights of a site, which only the site core knows."""
    del requested_s, slots
    return np.zeros(len(submit_s))
