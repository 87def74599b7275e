"""What a slot is in a log that knows processors and GPUs: what the user says, else what most work is."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError

SlotsAre = Literal["auto", "gpus", "cpus", "nodes"]
_SIDE_FRAC = 0.1
"""Jobs that hold at most this part of the processor time do not rule what a slot is."""


def check_slots(slots: str) -> None:
    """Refuse a word that names no resource.

    Raises
    ------
    LogError
        It does not.
    """
    if slots not in get_args(SlotsAre):
        raise LogError.whole_file("", f"slots are {slots!r}", f"allowed: {', '.join(get_args(SlotsAre))}")


def likely(
    path: str, gpu: NDArray[np.bool_], cpus: NDArray[Any], held_s: NDArray[np.int64], *, fix: str = ""
) -> SlotsAre:
    """Return what nearly all of the work of a log is counted in.

    Parameters
    ----------
    path : str
        Name of the log.
    gpu : array of bool
        Which records have GPUs.
    cpus : array of int or float
        Processors of the records; 0 or less where the log does not say. [processor]
    held_s : array of int
        How long the records held what they have, below 0 where that is not known. [s]
    fix : str
        What else can be done where both matter.

    Raises
    ------
    LogError
        Records with GPUs and records without both hold a part of the processor time that matters.
    """
    plain = ~gpu & (cpus > 0)
    if not gpu.any():
        return "cpus"
    if not plain.any():
        return "gpus"
    wide = np.where(cpus > 0, cpus, 1)
    work = wide * np.maximum(held_s, 0).astype(np.float64)
    if not work[gpu | plain].any():
        work = wide.astype(np.float64)
    plain_frac = float(work[plain].sum() / work[gpu | plain].sum())
    if plain_frac <= _SIDE_FRAC:
        return "gpus"
    if plain_frac >= 1 - _SIDE_FRAC:
        return "cpus"
    what = (
        f"{int(gpu.sum())} jobs have GPUs and hold {1 - plain_frac:.0%} of the processor time, "
        f"{int(plain.sum())} have none and hold {plain_frac:.0%}: what is a slot?"
    )
    ways = ["say --slots-are gpus or --slots-are cpus", *([fix] if fix else [])]
    raise LogError.whole_file(path, what, "; ".join(ways))
