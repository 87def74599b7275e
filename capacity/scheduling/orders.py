"""Queue orders: smaller keys go first, ties by submission.

`capacity/registry.py` names them. Most keys are known at submission, those from other packages always. Those
of `capacity.registry.CHANGING` are worked out again and again while a job waits, by the compiled core
(``core/queue/scores.py``); here they have their value at submission.

Formulas as in ``docs/scheduling.md``; F1-F4 are the learned policies of Carastan-Santos and de Camargo,
"Obtaining dynamic scheduling policies with simulation and machine learning", SC'17,
https://doi.org/10.1145/3126908.3126955.
"""

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError
from capacity.registry import ORDERS

Keys: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.integer]
KeyFunction: TypeAlias = Callable[[Ints, Ints, Ints], Keys]
"""(submit [s], requested time [s], slots) of each job, shape (n_jobs,), to keys of the same shape."""


def keys_of(order: str, submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Return the key of each job at its submission.

    Parameters
    ----------
    order : str
        Its name.
    submit_s, requested_s : ndarray of int, shape (n_jobs,)
        On the log's own clock, or since the scenario's start. [s]
    slots : ndarray of int, shape (n_jobs,)
        As the job asks for them.

    Raises
    ------
    InputError
        There is no such order, or one from another package fails or gives anything but a number for each job.
    """
    function = cast(KeyFunction, ORDERS.resolve(order))
    if order in ORDERS.own:
        return function(submit_s, requested_s, slots)
    try:
        keys = np.asarray(function(submit_s.copy(), requested_s.copy(), slots.copy()), np.float64)
    except Exception as error:
        what = f"queue order '{order}' {ORDERS[order].summary} failed: {type(error).__name__}: {error}"
        raise InputError(what) from error
    if keys.shape != submit_s.shape or not np.isfinite(keys).all():
        what = f"queue order '{order}' {ORDERS[order].summary} does not give a finite number for each job"
        raise InputError(what, fix="an array of floats, as long as those it is given")
    return keys


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
    """WFP3 at submission, before any wait; so are UNICEF, and multifactor without the weights of a site."""
    del requested_s, slots
    return np.zeros(len(submit_s))


unicef = multifactor = wfp3


def expansion(submit_s: Ints, requested_s: Ints, slots: Ints) -> Keys:
    """Expansion factor at submission, before any wait."""
    del requested_s, slots
    return np.full(len(submit_s), -1.0)
