"""Writes a JobTable as a workload of the Batsim simulator: delay profiles, one per run time.

Schema: https://batsim.readthedocs.io/en/latest/input-workload.html. Batsim hands further fields of a job to
its scheduler, so user, tenant and the like are kept under the names of the JobTable; reading the file back
gives the same table.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import OPTIONAL, UNKNOWN, JobTable, Tally
from workloads.readers.columns import about_of
from workloads.readers.text import open_target

DELAY = "delay"
"""The type of profile: Batsim 4 calls it so, Batsim 5 ``DelayProfile``."""
FURTHER_NUMBERS = (
    "allocated_slots", "wait_s", *(column.name for column in OPTIONAL if column.dtype != "category"),
)  # fmt: skip
FURTHER_LABELS = (
    "pool", "tenant", "user", "job_class", "state",
    *(column.name for column in OPTIONAL if column.dtype == "category"),
)  # fmt: skip
ABOUT = "jobtable"


def fit_batsim(table: JobTable) -> tuple[JobTable, list[Tally]]:
    """Return the jobs that Batsim can run, and the others counted."""
    reasons = {
        "no slots: Batsim needs at least one": table.numbers("slots") <= 0,
        "no run time: a delay is at least 0 s": table.numbers("run_s") < 0,
        "submitted before time 0": table.numbers("submit_s") < 0,
    }
    keep = np.ones(len(table), np.bool_)
    lost = []
    for reason, bad in reasons.items():
        hit = int((bad & keep).sum())
        if hit:
            lost.append(Tally(f"{reason}: job left out", hit))
        keep &= ~bad
    fit = table if keep.all() else table.take(keep)
    zero = fit.numbers("requested_s") == 0
    if zero.any():
        requested = np.where(zero, UNKNOWN, fit.numbers("requested_s"))
        fit = fit.take(np.arange(len(fit)))
        fit.frame["requested_s"] = requested
        lost.append(Tally("requested time 0: written as no limit", int(zero.sum())))
    return fit, lost


def write_batsim(table: JobTable, target: str | Path | BinaryIO) -> None:
    """Write `table` as JSON, gzipped when the name ends in ``.gz``, or to a binary stream.

    Raises
    ------
    LogError
        The table holds jobs that Batsim cannot run (see `fit_batsim`), or none at all.
    """
    _, lost = fit_batsim(table)
    if lost or not len(table):
        what = "; ".join(str(tally) for tally in lost) or "no job"
        raise LogError.whole_file(table.source, f"not a workload for Batsim: {what}")
    size = table.max_slots or int(np.maximum(table.numbers("slots"), table.numbers("allocated_slots")).max())
    about = {key: value for key, value in about_of(table).items() if value}
    delays = np.unique(table.numbers("run_s"))
    with open_target(target) as stream:
        head = f'{{"nb_res": {size},\n"{ABOUT}": {json.dumps(about, ensure_ascii=False)},\n"jobs": [\n'
        stream.write(head.encode())
        _write_lines(stream, _jobs(table))
        stream.write(b'],\n"profiles": {\n')
        _write_lines(stream, _profiles(delays))
        stream.write(b"}}\n")


def _write_lines(stream: BinaryIO, lines: pa.Array) -> None:
    """Write strings as the members of a JSON list, a line each."""
    block = 100_000
    for start in range(0, len(lines), block):
        text = ",\n".join(lines[start : start + block].to_pylist())
        stream.write((text + (",\n" if start + block < len(lines) else "\n")).encode())


def _profiles(delays: NDArray[np.int64]) -> pa.Array:
    text = pa.array(delays).cast(pa.string())
    return _joined(['"d', text, f'": {{"type": "{DELAY}", "delay": ', text, "}"])


def _jobs(table: JobTable) -> pa.Array:
    requested = table.numbers("requested_s")
    limit = _joined([', "walltime": ', _text(requested)])
    return _joined(
        [
            '{"id": "', _text(table.numbers("job_id")),
            '", "subtime": ', _text(table.numbers("submit_s")),
            ', "res": ', _text(table.numbers("slots")),
            ', "profile": "d', _text(table.numbers("run_s")), '"',
            _only(limit, requested > 0),
            *_further(table),
            "}",
        ]
    )  # fmt: skip


def _further(table: JobTable) -> Iterator[pa.Array]:
    """Yield the members that Batsim itself does not use, empty where the table says nothing."""
    for name in FURTHER_NUMBERS:
        if name in table.frame:
            values = table.numbers(name)
            yield _only(_joined([f', "{name}": ', _text(values)]), values != UNKNOWN)
    for name in (label for label in FURTHER_LABELS if label in table.frame):
        codes, words = table.labels(name)
        none = "unknown" if name == "state" else ""
        said = [
            "" if word == none else f', "{name}": {json.dumps(word, ensure_ascii=False)}' for word in words
        ]
        yield pa.array(said, pa.string()).take(pa.array(codes))


def _text(numbers: NDArray[Any]) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _only(text: pa.Array, mask: NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(pa.array(mask), text, "")


def _joined(parts: Iterable[str | pa.Array]) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
