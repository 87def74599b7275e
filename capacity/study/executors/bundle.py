"""Several runs as one piece of work for a worker elsewhere, and what it sends back.

A bundle holds each scenario once, however many of its runs are wanted, and the runs travel packed: a tenth of
what they are as they stand. What had ended in a bundle when one of its runs fails comes back with the error.
"""

import pickle
import threading
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from capacity.errors import CapacityError, InputError
from capacity.inputs.scenario import Scenario
from capacity.study.store import code_version
from capacity.study.task import OneRun, Task, perform

Wanted = tuple[int, Mapping[str, Any]]
"""The place of a run's scenario in its bundle, and everything else that its task says."""

_one_at_a_time = threading.Lock()
"""A worker with several threads would share one processor among runs, and their memory would add up."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of a bundle: its runs in its order, and the error that ended it, if one did; packed."""

    runs: tuple[bytes, ...]
    error: bytes | None = None


def packed(thing: object) -> bytes:
    """Return anything that pickles as few bytes."""
    return zlib.compress(pickle.dumps(thing), 1)


def unpacked(parcel: bytes) -> Any:  # noqa: ANN401 - whatever was packed
    """Return what `packed` packed, in this or another process of ours."""
    return pickle.loads(zlib.decompress(parcel))  # noqa: S301 - made by `packed`


def _packed_error(error: Exception) -> bytes:
    """Return an error packed; of one that does not travel, what it says."""
    try:
        return packed(error)
    except Exception:
        return packed(CapacityError(f"{type(error).__name__}: {error}"))


def without_scenario(task: Task) -> dict[str, Any]:
    """Return what a task says besides its scenario: some numbers and words."""
    return {field.name: getattr(task, field.name) for field in fields(task) if field.name != "scenario"}


def carry_out(code: str, scenarios: Sequence[Scenario | bytes], wanted: Sequence[Wanted]) -> Carried:
    """Simulate a bundle of runs, one after the other.

    Parameters
    ----------
    code : str
        What `code_version` says where the runs are wanted.
    scenarios : sequence of Scenario or bytes
        As they are, or packed.
    wanted : sequence of tuple
        The runs.

    Raises
    ------
    InputError
        Another version of this tool, or of what its numbers depend on, is installed here: results would not
        be the same.
    """
    if code_version() != code:
        what = "a worker of the cluster has another version of capacity, Python or the libraries below"
        raise InputError(what, where="--cluster", fix="install the same on all machines, and start it anew")
    done: list[bytes] = []
    with _one_at_a_time:
        opened = [unpacked(one) if isinstance(one, bytes) else one for one in scenarios]
        for place, said in wanted:
            try:
                run: OneRun = perform(Task(scenario=opened[place], **said))
            except Exception as error:  # it is raised again where the run is wanted
                return Carried(tuple(done), _packed_error(error))
            done.append(packed(run))
    return Carried(tuple(done))
