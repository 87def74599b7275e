"""The words of Slurm's ``sacct``: job ids and durations, each to numbers, and labels to what depends on them.

Sources: the manual page sacct(1), section "Job Accounting Fields"; time formats as in
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
NO_LIMIT = -2
"""What `seconds` gives for a limit that is none of its own: ``UNLIMITED``, ``Partition_Limit``."""

_DURATION = r"^(?:(?P<days>\d+)-)?(?:(?P<hours>\d+):)??(?P<minutes>\d+)(?::(?P<seconds>\d+))?(?:\.\d+)?$"
_DAY_HOURS = re.compile(r"^(\d+)-(\d+)(?::(\d+))?$")
_NO_LIMIT = {"unlimited", "partition_limit", "partition limit"}
_MOST = 10**15
"""A longer number is a word: with those that we give, it would leave what a float holds exactly."""
_JOB_ID = r"^(?P<number>\d+)(?:_(?P<task>\d+|\[[^\]]*\]))?(?:\+(?P<part>\d+))?(?P<step>\..*)?$"


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


def each_word(column: pd.Categorical, value: Callable[[str], int]) -> NDArray[np.int64]:
    """Return a number per row that depends on its word alone, worked out once per word."""
    return by_word(column, np.array([value(word) for word in column.categories], np.int64))


def each_amount(column: pd.Categorical, value: Callable[[str], float]) -> NDArray[np.float64]:
    """Return the same where it may have a fraction."""
    return by_word(column, np.array([value(word) for word in column.categories], np.float64))


def spans_of(column: pd.Categorical) -> NDArray[np.int64]:
    """Return durations in seconds; -1 where there is none, `NO_LIMIT` for no limit."""
    return by_word(column, seconds([*column.categories]))


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
        number = np.where((number < 0) | (number >= _MOST), UNKNOWN, number)
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
