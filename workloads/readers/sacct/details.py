"""What an export of ``sacct`` knows of its jobs beside time and size: exit code, energy, memory asked for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import UNKNOWN
from workloads.readers.delimited.reader import Delimited
from workloads.readers.sacct.resources import memory_kb_of
from workloads.readers.sacct.words import by_word, each_amount, each_word

_MOST = 2**31 - 1


def details_of(log: Delimited, cpus: NDArray[np.int64]) -> Mapping[str, NDArray[Any]]:
    """Return further columns of a JobTable; -1 where a row does not say.

    Parameters
    ----------
    log : Delimited
        The rows.
    cpus : array of int64
        Processors of each. [processor]
    """
    found: dict[str, NDArray[Any]] = {}
    if "exitcode" in log:
        found["exit_code"] = each_word(log.labels("exitcode"), _exit_code)
    if "consumedenergyraw" in log:
        energy_j = np.nan_to_num(log.numbers("consumedenergyraw"), nan=UNKNOWN)
        found["energy_j"] = np.where(energy_j > 0, energy_j, UNKNOWN)  # 0 where nothing measures it
    if "reqmem" in log:
        found["requested_memory_kb"] = _memory(log, cpus)
    return found


def _exit_code(word: str) -> int:
    """Return the code before the signal, as `return_code` of ``sacct --json`` is."""
    code = int(word.partition(":")[0] or UNKNOWN)
    return code if code <= _MOST else UNKNOWN


def _memory(log: Delimited, cpus: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return memory asked for, of each processor, whatever it was asked for [kB]."""
    column = log.labels("reqmem")
    amount = each_amount(column, lambda word: memory_kb_of(word)[0])
    of = by_word(column, np.array([memory_kb_of(word)[1] for word in column.categories], dtype="U1"))
    nodes = np.maximum(log.numbers("nnodes"), 1) if "nnodes" in log else np.ones(len(log), np.int64)
    times = np.where(of == "n", nodes, 1) / np.where(of == "c", 1, np.maximum(cpus, 1))
    unknown = (amount <= 0) | ((of != "c") & (cpus <= 0))
    return np.where(unknown, UNKNOWN, amount * times)
