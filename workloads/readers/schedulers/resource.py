"""What a slot is in a log that knows processors, GPUs and nodes: what the user says, or what most is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import UNKNOWN

if TYPE_CHECKING:
    from workloads.readers.schedulers.records import Records

SlotsAre = Literal["auto", "gpus", "cpus", "nodes"]
_LARGEST = 2**31 - 1
_MOST, _FEW = 0.9, 0.1
"""From which part of the work on, done by jobs with GPUs, a log is one of GPUs; and until which it is not."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """How many slots each record held, which have only what is not counted; what else, and what a slot is."""

    held: NDArray[np.float64]
    lacks: NDArray[np.bool_]
    more: dict[str, NDArray[Any]]
    unit: str


def counted(records: "Records", slots: SlotsAre) -> Counted:
    """Return how many slots each record held; records without the resource are counted as left out.

    Parameters
    ----------
    records : Records
        The records.
    slots : SlotsAre
        What a slot is. ``auto``: a GPU if jobs with GPUs did nearly all of the work, a processor if they
        did next to nothing.

    Raises
    ------
    LogError
        No job has such a resource, or both kinds of jobs did much and nobody said which counts.
    """
    if slots not in get_args(SlotsAre):
        raise LogError.whole_file("", f"slots are {slots!r}", f"allowed: {', '.join(get_args(SlotsAre))}")
    if slots == "auto":
        slots = _likely(records)
    nodes = np.asarray(records.optional.get("nodes", np.full(len(records), UNKNOWN)), np.float64)
    held = {"cpus": records.processors, "gpus": records.gpus, "nodes": nodes}[slots]
    if len(held) and not (held > 0).any():
        raise LogError.whole_file(records.path, f"no job of this log says how many {slots} it has")
    other = {"cpus": records.gpus, "gpus": records.processors, "nodes": records.processors}[slots]
    both = (other > 0) & (held > 0)
    if slots == "cpus":
        records.remarks += records.tally("has GPUs, too, which are not counted", both)
    lacks = ~(held > 0) & (other > 0)
    records.dropped += records.tally("no GPU" if slots == "gpus" else "no slots", lacks)
    more = (
        {"other_slots": np.where((other > 0) & (other < _LARGEST), np.ceil(other), UNKNOWN)}
        if both.any()
        else {}
    )
    return Counted(np.where(lacks, 0.0, held), lacks, more, slots)


def _likely(records: "Records") -> SlotsAre:
    with_gpus = records.gpus > 0
    if not with_gpus.any():
        return "cpus"
    work = np.where(records.processors > 0, records.processors, 1) * np.maximum(records.held_s, 1)
    part = float(work[with_gpus].sum() / work.sum())
    if part >= _MOST or not (records.processors > 0).any():
        return "gpus"
    if part <= _FEW:
        return "cpus"
    count = int(with_gpus.sum())
    what = (
        f"{count} jobs with GPUs and {len(records) - count} without, "
        f"which did {part:.0%} and {1 - part:.0%} of the work"
    )
    raise LogError.whole_file(records.path, what, "say which count: --slots-are gpus, or --slots-are cpus")
