"""How many slots the records of a log held, and which have only what is not counted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import UNKNOWN
from workloads.readers.slots_are import SlotsAre, check_slots, likely

if TYPE_CHECKING:
    from workloads.readers.schedulers.records import Records

_LARGEST = 2**31 - 1


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
        What a slot is. ``auto``: as `likely` has it.

    Raises
    ------
    LogError
        No job has such a resource, or both kinds of jobs did much and nobody said which counts.
    """
    check_slots(slots)
    if slots == "auto":
        slots = likely(records.path, records.gpus > 0, records.processors, records.held_s)
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
