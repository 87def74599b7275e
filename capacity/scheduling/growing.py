"""Arrays and sets of jobs that grow while a site runs: jobs are submitted later than the first ones."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError, Problem

if TYPE_CHECKING:
    from capacity.scheduling.jobs import Jobs


def longer(array: npt.NDArray[Any], length: int, fill: float) -> npt.NDArray[Any]:
    """Return an array filled up to at least `length`."""
    if len(array) >= length:
        return array
    return np.concatenate([array, np.full(length - len(array), fill, array.dtype)])


def appended(old: "Jobs", new: "Jobs") -> "Jobs":
    """Return two sets of jobs in one, not sorted by submission as a whole.

    Raises
    ------
    InputError
        One has a column that the other has not.
    """
    columns: dict[str, Any] = {}
    for field in fields(old):
        one, other = getattr(old, field.name), getattr(new, field.name)
        if field.name in ("pool_sets", "array_limit"):
            columns[field.name] = one if one is not None and len(one) else other
        elif (one is None) != (other is None):
            raise InputError(Problem(f"jobs with and without the column {field.name} cannot be mixed"))
        else:
            columns[field.name] = None if one is None else np.concatenate([one, other])
    joined = object.__new__(type(old))
    for name, values in columns.items():
        object.__setattr__(joined, name, values)
    return joined
