"""The words of Slurm's ``sacct``: job ids, states, durations and trackable resources, each to numbers.

Sources: the manual page sacct(1), sections "Job Accounting Fields" and "Job State Codes"; time formats as in
sbatch(1) ``--time``; the field list that Open XDMoD asks sites for
(https://open.xdmod.org/resource-manager-slurm.html).
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workloads.jobtable import UNKNOWN

_T = TypeVar("_T", bound=np.generic)
ENDED = {
    "COMPLETED": "completed",
    "FAILED": "failed",
    "OUT_OF_MEMORY": "failed",
    "LAUNCH_FAILED": "failed",
    "RECONFIG_FAIL": "failed",
    "SPECIAL_EXIT": "failed",
    "CANCELLED": "cancelled",
    "PREEMPTED": "cancelled",
    "TIMEOUT": "timeout",
    "DEADLINE": "timeout",
    "NODE_FAIL": "node_fail",
    "BOOT_FAIL": "node_fail",
}
"""What each state of a job that has ended is called in a JobTable."""
NOT_ENDED = frozenset(
    {
        "PENDING", "RUNNING", "SUSPENDED", "REQUEUED", "RESIZING", "CONFIGURING", "COMPLETING", "STAGE_OUT",
        "STOPPED", "SIGNALING", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "POWER_UP_NODE", "EXPEDITING",
        "UPDATE_DB",
    }
)  # fmt: skip
REVOKED = "REVOKED"
"""The job ran on another cluster of the federation."""
NO_LIMIT = -2
"""What `seconds` gives for a limit that is none of its own: ``UNLIMITED``, ``Partition_Limit``."""

_DURATION = r"^(?:(?P<days>\d+)-)?(?:(?P<hours>\d+):)??(?P<minutes>\d+)(?::(?P<seconds>\d+))?(?:\.\d+)?$"
_DAY_HOURS = re.compile(r"^(\d+)-(\d+)(?::(\d+))?$")
_NO_LIMIT = {"unlimited", "partition_limit", "partition limit"}
_JOB_ID = r"^(?P<number>\d+)(?:_(?P<task>\d+|\[[^\]]*\]))?(?:\+(?P<part>\d+))?(?P<step>\..*)?$"
_GPU = re.compile(r"^gres/gpu(?::[^=]+)?=(\d+)$")
_GRES = re.compile(r"(?:^|[:,])gpu(?::[A-Za-z][^:,()]*)?(?::(\d+))?(?=[,(]|$)")


def state_word(text: str) -> str:
    """Return the state without what follows it.

    Examples
    --------
    >>> state_word("CANCELLED by 1234"), state_word("CANCELLED+")
    ('CANCELLED', 'CANCELLED')
    """
    return text.upper().partition(" ")[0].rstrip("+")


def seconds(words: Sequence[str]) -> NDArray[np.int64]:
    """Return durations in seconds; `NO_LIMIT` for no limit, -1 for what is no duration.

    Examples
    --------
    >>> seconds(["1-00:00:00", "30:00", "02:00:00", "2-12", "UNLIMITED", "INVALID", ""]).tolist()
    [86400, 1800, 7200, 216000, -2, -1, -1]
    """
    array = pa.array([*words], type=pa.string())
    found = pc.extract_regex(array, _DURATION)
    value = np.zeros(len(array), np.int64)
    for name, size in (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1)):
        part = pc.struct_field(found, name)
        digits = pc.if_else(pc.equal(part, ""), "0", part)
        short = pc.if_else(pc.less_equal(pc.utf8_length(digits), 9), digits, "0")
        value += short.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False) * size
    for place in np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False) | _has_day_only(array)):
        value[place] = _odd_duration(words[int(place)])
    return value


def _has_day_only(array: pa.Array) -> NDArray[np.bool_]:
    """Return which durations are ``days-hours`` or ``days-hours:minutes``, which the pattern misreads."""
    mask: NDArray[np.bool_] = pc.match_substring_regex(array, r"^\d+-\d+(:\d+)?$").to_numpy(
        zero_copy_only=False
    )
    return mask


def _odd_duration(word: str) -> int:
    match = _DAY_HOURS.match(word)
    if match:
        return int(match[1]) * 86400 + int(match[2]) * 3600 + int(match[3] or 0) * 60
    return NO_LIMIT if word.lower() in _NO_LIMIT else UNKNOWN


def gpus_of(tres: str) -> int:
    """Return the GPUs in a list of trackable resources; -1 if it has no list at all.

    The total ``gres/gpu=8`` counts; the sum of ``gres/gpu:a100=8`` only where there is no total.

    Examples
    --------
    >>> gpus_of("billing=8,cpu=64,gres/gpu:a100=8,gres/gpu=8,mem=500G,node=1"), gpus_of("cpu=4"), gpus_of("")
    (8, 0, -1)
    """
    if not tres:
        return UNKNOWN
    parts = tres.split(",")
    for part in parts:
        if part.startswith("gres/gpu="):
            return _whole(part[len("gres/gpu=") :])
    return sum(int(match[1]) for match in map(_GPU.match, parts) if match)


def amount_of(name: str) -> Callable[[str], int]:
    """Return a function that gives one resource of a list, as ``node`` of ``cpu=64,node=1``; -1 if absent."""

    def amount(tres: str) -> int:
        found = [part for part in tres.split(",") if part.startswith(f"{name}=")]
        return _whole(found[0][len(name) + 1 :]) if found else UNKNOWN

    return amount


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else UNKNOWN


def gpus_per_node_of(gres: str) -> int:
    """Return the GPUs per node in generic resources as older versions of Slurm write them.

    Examples
    --------
    >>> [gpus_per_node_of(gres) for gres in ("gpu:8", "PER_NODE:gres:gpu:a100:4", "gpu", "")]
    [8, 4, 1, 0]
    """
    return sum(int(match[1] or 1) for match in _GRES.finditer(gres))


def each_word(column: pd.Categorical, value: Callable[[str], int]) -> NDArray[np.int64]:
    """Return a number per row that depends on its word alone, worked out once per word."""
    return by_word(column, np.array([value(word) for word in column.categories], np.int64))


def by_word(column: pd.Categorical, values: NDArray[_T]) -> NDArray[_T]:
    """Return for every row what `values` has for its word."""
    result: NDArray[_T] = values[column.codes]
    return result


def split_job_ids(texts: pa.ChunkedArray) -> dict[str, NDArray[Any]]:
    """Return the parts of job ids.

    Returns
    -------
    dict
        ``number`` (int64; -1 where the text is no job id), ``array`` and ``several`` and ``part`` and
        ``step`` (bool): task of an array, several tasks in one row, component of a heterogeneous job, step.
    """
    try:
        number = texts.cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        pass
    else:
        none = np.zeros(len(number), np.bool_)
        return {"number": number, "array": none, "several": none, "part": none, "step": none}
    found = pc.extract_regex(texts, _JOB_ID)
    digits = pc.struct_field(found, "number")
    fits = pc.if_else(pc.less(pc.utf8_length(digits), 16), digits, pa.scalar(None, pa.string()))
    task = pc.struct_field(found, "task")
    return {
        "number": fits.cast(pa.int64()).fill_null(UNKNOWN).to_numpy(),
        "array": _true(pc.not_equal(task, "")),
        "several": _true(pc.starts_with(task, "[")),
        "part": _true(pc.not_equal(pc.struct_field(found, "part"), "")),
        "step": _true(pc.not_equal(pc.struct_field(found, "step"), "")),
    }


def _true(mask: pa.ChunkedArray) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = mask.fill_null(False).to_numpy(zero_copy_only=False).astype(np.bool_)
    return result
