"""Keys of the queue orders, part of `tests.support.definition`: smaller keys go first."""

import math

import numpy as np


def log10(value: int) -> float:
    """numpy's, so that keys that are equal there are equal here."""
    return float(np.log10(np.float64(max(value, 1))))


KEYS = {
    "fcfs": lambda submit, requested, slots: submit,
    "sjf": lambda submit, requested, slots: requested,
    "ljf": lambda submit, requested, slots: -requested,
    "smallest": lambda submit, requested, slots: slots,
    "largest": lambda submit, requested, slots: -slots,
    "saf": lambda submit, requested, slots: requested * slots,
    "f1": lambda submit, requested, slots: log10(requested) * slots + 870 * log10(submit),
}

SCORES = {
    "wfp3": lambda wait, requested, slots: (
        (wait / requested) * (wait / requested) * (wait / requested) * slots
    ),
    "unicef": lambda wait, requested, slots: wait / (math.log2(max(slots, 2)) * requested),
    "expansion": lambda wait, requested, slots: (wait + requested) / requested,
}
"""Orders that change while jobs wait: larger scores go first."""
