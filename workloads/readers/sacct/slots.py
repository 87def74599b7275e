"""How many slots a row of ``sacct`` held and asked for, in GPUs, processors or nodes."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import UNKNOWN
from workloads.readers.delimited.reader import Delimited
from workloads.readers.sacct.resources import amount_of, gpus_of, gpus_per_node_of
from workloads.readers.sacct.rows import Mask, SacctRows
from workloads.readers.sacct.words import each_amount, each_word
from workloads.readers.slots_are import SlotsAre, likely

Counts = NDArray[np.int64]
Amounts = NDArray[np.float64]
_COUNTED = {"cpus": ("reqcpus", "ncpus", "cpu"), "nodes": ("", "nnodes", "node")}
_Number = TypeVar("_Number", np.int64, np.float64)
_MOST = 2**31 - 1
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the rows are.

    Attributes
    ----------
    slots : array of int64
        What they held, what they asked for where they held none or nothing says it; 0 unknown. [slot]
    allocated, asked : array of int64
        Both of these apart; -1 unknown. [slot]
    share : array of float64
        Slots where they are parts of one, else -1. [slot]
    other : array of int64
        Processors where slots are GPUs, GPUs where they are processors; -1 unknown. [slot]
    nodes : array of int64
        Nodes held; -1 unknown. [node]
    cpus : array of int64
        Processors, as `slots`. [processor]
    unit : str
        What a slot is: gpus, cpus or nodes.
    """

    slots: Counts
    allocated: Counts
    asked: Counts
    share: Amounts
    other: Counts
    nodes: Counts
    cpus: Counts
    unit: str


def sizes_of(
    log: Delimited, slots: SlotsAre, rows: SacctRows, never: Mask, run_s: NDArray[np.int64]
) -> Sizes:
    """Return how large the rows are, and leave out those without a slot.

    Parameters
    ----------
    log : Delimited
        The rows.
    slots : SlotsAre
        What a slot is.
    rows : SacctRows
        Told which rows lose their place in the table, or are not as the log has them, and why.
    never : array of bool
        Which rows never started: what stands there as allocated was asked for.
    run_s : array of int64
        How long they ran. [s]

    Raises
    ------
    LogError
        The log has no column that says it, or both GPUs and processors matter and nobody said which.
    """
    nodes = np.where(never, UNKNOWN, _column(log, "nnodes"))
    cpus = _counts(log, "cpus", never)
    gpus = _gpus(log, rows, never)
    cpus_held, gpus_held = _held(*cpus), _held(*gpus)
    chosen = _unit(log, gpus_held > 0, cpus_held, run_s, rows) if slots == "auto" else slots
    share = np.full(len(log), float(UNKNOWN))
    if chosen == "gpus":
        if not (gpus_held > 0).any():
            fix = "export ReqTRES and AllocTRES, or count processors or nodes as slots"
            raise LogError.whole_file(log.path, "no job of this log has a GPU", fix)
        part = np.abs(gpus_held - np.round(gpus_held)) > _CLOSE
        share = np.where(part, gpus_held, share)
        asked, allocated, other = _whole(gpus[0]), _whole(gpus[1]), cpus_held
        rows.leave_out(gpus_held <= 0, "no GPU")
        if part.any():
            rows.remark(part, lambda kept: _rounded(gpus_held[kept], part[kept]))
    else:
        asked, allocated = cpus if chosen == "cpus" else _counts(log, "nodes", never)
        other = _whole(gpus_held) if chosen == "cpus" else np.full(len(log), UNKNOWN)
        if (_held(asked, allocated) <= 0).all():
            fix = "export ReqCPUS and NCPUS, NNodes, or ReqTRES and AllocTRES"
            raise LogError.whole_file(log.path, f"no column says how many {chosen} a job has", fix)
        rows.leave_out(_held(asked, allocated) <= 0, f"no {chosen}")
    huge = np.maximum.reduce([asked, allocated, other, nodes, cpus_held]) > _MOST
    rows.leave_out(huge, "more than two thousand million slots", works=False)
    held = np.where(huge, 0, np.maximum(_held(asked, allocated), 0))
    return Sizes(held, allocated, asked, share, np.where(other > 0, other, UNKNOWN), nodes, cpus_held, chosen)


def _unit(log: Delimited, gpu: Mask, cpus: Counts, run_s: NDArray[np.int64], rows: SacctRows) -> SlotsAre:
    """Return what nearly all of the work of the rows that are kept is counted in."""
    gpu, fix = gpu & rows.keep, "--partition NAME reads one partition alone"
    unit = likely(log.path, gpu, np.where(rows.keep, cpus, UNKNOWN), run_s, fix=fix)
    if unit == "cpus":
        rows.remark(gpu, "has GPUs, but is counted by its processors as most of the log: --slots-are gpus")
    return unit


def _counts(log: Delimited, what: str, never: Mask) -> tuple[Counts, Counts]:
    """Return processors or nodes asked for and allocated; -1 where the log does not say."""
    asked_name, allocated_name, resource = _COUNTED[what]
    asked, allocated = (
        _first_known(log, _column(log, name), tres, resource)
        for name, tres in ((asked_name, "reqtres"), (allocated_name, "alloctres"))
    )
    none = (allocated <= 0) | never
    asked = np.where(never & (asked <= 0) & (allocated > 0), allocated, asked)
    return np.where(asked > 0, asked, UNKNOWN), np.where(none, UNKNOWN, allocated)


def _gpus(log: Delimited, rows: SacctRows, never: Mask) -> tuple[Amounts, Amounts]:
    """Return GPUs asked for and allocated, with fractions where a job has parts; -1 where nothing says."""
    nodes = np.maximum(_column(log, "nnodes"), 1)
    columns = []
    for tres, gres in (("reqtres", "reqgres"), ("alloctres", "allocgres")):
        amount = each_amount(log.labels(tres), gpus_of) if tres in log else np.full(len(log), float(UNKNOWN))
        if gres in log:
            per_node = each_amount(log.labels(gres), gpus_per_node_of)
            only = (per_node > 0) & (amount <= 0)
            amount = np.where(only, per_node * nodes, amount)
            columns.append((amount, only))
        else:
            columns.append((amount, np.zeros(len(log), np.bool_)))
    (asked, of_asked), (allocated, of_allocated) = columns
    allocated = np.where(never | (allocated <= 0), UNKNOWN, allocated)
    rows.remark(of_asked & (allocated <= 0), "GPUs from ReqGRES: those of a node times the nodes")
    rows.remark(of_allocated & ~never, "GPUs from AllocGRES: those of a node times the nodes")
    return _with_shards(log, rows, nodes, np.where(asked > 0, asked, UNKNOWN), allocated, never)


def _with_shards(
    log: Delimited, rows: SacctRows, nodes: Counts, asked: Amounts, allocated: Amounts, never: Mask
) -> tuple[Amounts, Amounts]:
    """Return GPUs with the shards of those that have no more, as parts of one.

    How many shards make a GPU stands in the site's gres.conf alone. All shards that a job has on a node are
    on one GPU, and who needs a whole one asks for that: so a power of two above the most that a job has.
    """
    shards = [
        each_word(log.labels(tres), amount_of("gres/shard")) if tres in log else np.full(len(log), UNKNOWN)
        for tres in ("reqtres", "alloctres")
    ]
    largest = int(np.max(-(-np.maximum(*shards) // nodes), initial=0))
    if largest <= 0:
        return asked, allocated
    of_a_gpu = 1 << largest.bit_length()
    only = (np.maximum(*shards) > 0) & (asked <= 0) & (allocated <= 0)
    rows.remark(
        only,
        f"shards of a GPU: {of_a_gpu} are taken to be one, as no job has more than {largest} on a node",
    )
    asked = np.where(only & (shards[0] > 0), shards[0] / of_a_gpu, asked)
    return asked, np.where(only & (shards[1] > 0) & ~never, shards[1] / of_a_gpu, allocated)


def _rounded(gpus: Amounts, part: Mask) -> str:
    total = f"{gpus.sum():.10g} GPUs become {_whole(gpus).sum()} slots"
    return f"part of a GPU rounded up to whole slots ({part.mean():.1%} of the jobs, {total})"


def _whole(amount: Amounts) -> Counts:
    return np.ceil(np.minimum(amount, _MOST + 1) - _CLOSE).astype(np.int64)


def _held(asked: NDArray[_Number], allocated: NDArray[_Number]) -> NDArray[_Number]:
    held: NDArray[_Number] = np.where(allocated > 0, allocated, asked)
    return held


def _column(log: Delimited, name: str) -> Counts:
    return log.numbers(name) if name in log else np.full(len(log), UNKNOWN, np.int64)


def _first_known(log: Delimited, first: Counts, tres: str, resource: str) -> Counts:
    if tres not in log or (first > 0).all():
        return first
    return np.where(first > 0, first, each_word(log.labels(tres), amount_of(resource)))
