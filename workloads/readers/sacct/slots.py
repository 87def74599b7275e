"""How many slots a row of ``sacct`` asked for and got, in GPUs, processors or nodes."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import UNKNOWN
from workloads.readers.delimited.reader import Delimited
from workloads.readers.sacct.words import amount_of, each_word, gpus_of, gpus_per_node_of

SlotsAre = Literal["auto", "gpus", "cpus", "nodes"]
Say = Callable[[NDArray[np.bool_], str], None]
Counts = tuple[NDArray[np.int64], NDArray[np.int64]]
_COUNTED = {"cpus": ("reqcpus", "ncpus", "cpu"), "nodes": ("", "nnodes", "node")}


def slots_of(log: Delimited, slots: SlotsAre, leave_out: Say, remark: Say) -> Counts:
    """Return the slots asked for and allocated; -1 where the log does not say.

    Parameters
    ----------
    log : Delimited
        The rows.
    slots : SlotsAre
        What a slot is.
    leave_out, remark : function
        Told which rows lose their place in the table, or are not as the log has them, and why.

    Raises
    ------
    LogError
        The log has no column that says it.
    """
    if slots in ("auto", "gpus"):
        asked, allocated = _gpus(log, remark)
        if slots == "gpus" or (asked > 0).any() or (allocated > 0).any():
            if not ((asked > 0).any() or (allocated > 0).any()):
                fix = "export reqtres and alloctres, or count processors or nodes as slots"
                raise LogError.whole_file(log.path, "no job of this log has a GPU", fix)
            leave_out((asked <= 0) & (allocated <= 0), "no GPU")
            return np.where(asked > 0, asked, allocated), allocated
        slots = "cpus"
    asked_name, allocated_name, resource = _COUNTED[slots]
    asked = _first_known(_column(log, asked_name), _resource(log, "reqtres", resource))
    allocated = _first_known(_column(log, allocated_name), _resource(log, "alloctres", resource))
    if (asked <= 0).all() and (allocated <= 0).all():
        fix = "export reqcpus and ncpus, nnodes, or reqtres and alloctres"
        raise LogError.whole_file(log.path, f"no column says how many {slots} a job has", fix)
    none = (asked <= 0) & (allocated <= 0)
    leave_out(none, f"no {slots}")
    return np.where(asked > 0, asked, allocated), np.where(allocated > 0, allocated, UNKNOWN)


def _gpus(log: Delimited, remark: Say) -> Counts:
    asked, allocated = (
        each_word(log.labels(name), gpus_of) if name in log else np.full(len(log), UNKNOWN, np.int64)
        for name in ("reqtres", "alloctres")
    )
    if "reqgres" in log:
        per_node = each_word(log.labels("reqgres"), gpus_per_node_of)
        only = (per_node > 0) & (asked <= 0) & (allocated <= 0)
        asked = np.where(only, per_node * np.maximum(_column(log, "nnodes"), 1), asked)
        remark(only, "GPUs from ReqGRES: those of a node times the nodes")
    return asked, np.where(allocated > 0, allocated, UNKNOWN)


def _column(log: Delimited, name: str) -> NDArray[np.int64]:
    return log.numbers(name) if name in log else np.full(len(log), UNKNOWN, np.int64)


def _resource(log: Delimited, name: str, resource: str) -> NDArray[np.int64]:
    return each_word(log.labels(name), amount_of(resource)) if name in log else _column(log, "")


def _first_known(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(first > 0, first, second)
