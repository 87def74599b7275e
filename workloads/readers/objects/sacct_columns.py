"""``sacct --json`` column by column, for entries of one form without anything strange: most are such.

What this says of an entry is what `sacct_json` says of it. Where it cannot be sure of that, it says so, and
the entries are looked at one by one.
"""

from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow.json import ParseOptions, ReadOptions, read_json

from workloads.jobtable import NO_LIMIT_S, UNKNOWN
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.objects.cut import Piece
from workloads.readers.objects.entries import INFINITE_32, MOST, NOT_SET_32
from workloads.readers.objects.parts import EntryColumns
from workloads.readers.schedulers.lines import Words
from workloads.readers.schedulers.records import RUNS

Floats = NDArray[np.float64]
_NUMBER = pa.struct([("set", pa.bool_()), ("infinite", pa.bool_()), ("number", pa.int64())])
_TIMES = ("submission", "start", "end", "eligible", "elapsed", "suspended", "limit")
_WORDS = ("user", "account", "partition", "qos")


class StrangeError(ValueError):
    """Entries that have to be looked at one by one."""


def schema_of(entry: dict[str, Any]) -> pa.Schema:
    """Return the fields that are read, in the form that they have in an entry."""

    def number(*path: str) -> pa.DataType:
        value: Any = entry
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return _NUMBER if isinstance(value, dict) else pa.int64()

    def struct(name: str, *numbers: str, words: tuple[str, ...] = ()) -> pa.Field:
        fields = [(key, number(name, key)) for key in numbers] + [(key, pa.string()) for key in words]
        return pa.field(name, pa.struct(fields))

    state = entry.get("state")
    words = pa.list_(pa.string()) if isinstance(_current(state), list) else pa.string()
    coded = isinstance(entry.get("exit_code"), dict)
    tres = entry.get("tres")
    counts = [part for parts in tres.values() for part in parts] if isinstance(tres, dict) else []
    as_object = any(isinstance(part, dict) and isinstance(part.get("count"), dict) for part in counts)
    count = _NUMBER if as_object else pa.int64()
    parts = pa.list_(pa.struct([("type", pa.string()), ("name", pa.string()), ("count", count)]))
    return pa.schema(
        [
            ("job_id", number("job_id")),
            ("allocation_nodes", number("allocation_nodes")),
            *((name, pa.string()) for name in _WORDS),
            struct("association", words=("user", "account")),
            struct("time", *_TIMES),
            ("state", pa.struct([("current", words)]) if isinstance(state, dict) else words),
            struct("exit_code", "return_code") if coded else ("exit_code", number("exit_code")),
            struct("array", "job_id", "task_id", words=("task",)),
            struct("het", "job_id", "job_offset"),
            struct("required", "CPUs"),
            ("tres", pa.struct([("allocated", parts), ("requested", parts)])),
        ]
    )


def _current(state: Any) -> Any:  # noqa: ANN401 - from a file
    return state.get("current") if isinstance(state, dict) else state


class SacctJobs:
    """Entries of one form.

    Parameters
    ----------
    piece : Piece
        Some of a list.
    schema : Schema
        Their form.

    Raises
    ------
    StrangeError
        Some are of another form.
    """

    def __init__(self, piece: Piece, schema: pa.Schema) -> None:
        text = piece.one_behind_the_other()
        options = ParseOptions(
            explicit_schema=schema,
            unexpected_field_behavior="ignore",
            newlines_in_values=b"\n" in piece.between,
        )
        whole = ReadOptions(use_threads=False, block_size=len(text) + 1)
        try:
            if not text.isascii():
                text.decode()
            table = read_json(pa.BufferReader(text), read_options=whole, parse_options=options)
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise StrangeError from error
        self._table = table.combine_chunks()

    def __len__(self) -> int:
        return cast(int, self._table.num_rows)

    def column(self, *path: str) -> pa.Array:
        """Return what stands under some keys."""
        column = self._table.column(path[0])
        found = column.chunk(0) if column.num_chunks else pa.array([], column.type)
        return pc.struct_field(found, list(path[1:])) if path[1:] else found

    def numbers(self, *path: str) -> Floats:
        """Return numbers as `number` of `entries` does, NaN for none."""
        return numbers_in(self.column(*path))

    def instants(self, *path: str) -> NDArray[np.int64]:
        """Return Unix times as `instant` of `entries` does, `MISSING_TIME` for none."""
        value = self.numbers(*path)
        known = (value > 0) & (value < np.inf)
        return np.where(known, np.where(known, value, 0).astype(np.int64), MISSING_TIME)

    def words(self, *path: str) -> pa.Array:
        """Return words, empty where there is none."""
        return pc.fill_null(self.column(*path), "")


def numbers_in(column: pa.Array) -> Floats:
    """Return the numbers in a column as `number` of `entries` does, NaN for none."""
    infinite = np.zeros(len(column), np.bool_)
    if pa.types.is_struct(column.type):
        infinite, told = (
            pc.fill_null(pc.struct_field(column, name), False).to_numpy(zero_copy_only=False)
            for name in ("infinite", "set")
        )
        column = pc.struct_field(column, "number")
    else:
        told = np.ones(len(column), np.bool_)
    told = told & column.is_valid().to_numpy(zero_copy_only=False)
    value = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
    told &= (value != NOT_SET_32) & (value > -MOST) & (value < MOST)
    return np.where(infinite | (told & (value == INFINITE_32)), np.inf, np.where(told, value, np.nan))


def finite(value: Floats) -> Floats:
    """Return numbers, 0 for none; those without an end are strange."""
    if np.isinf(value).any():
        raise StrangeError
    return np.nan_to_num(value)


def resources(jobs: SacctJobs) -> dict[str, Floats]:
    """Return processors, GPUs and nodes: allocated, or asked for where nothing is."""
    kinds = [_listed(jobs, kind) for kind in ("allocated", "requested")]
    none = np.zeros(len(jobs))
    kinds.append(
        {
            "cpu": finite(jobs.numbers("required", "CPUs")),
            "gpu": none,
            "node": finite(jobs.numbers("allocation_nodes")),
        }
    )
    some = [(found["cpu"] != 0) | (found["gpu"] != 0) for found in kinds[:2]]
    return {
        name: np.where(some[0], kinds[0][name], np.where(some[1], kinds[1][name], kinds[2][name]))
        for name in ("cpu", "gpu", "node")
    }


def _listed(jobs: SacctJobs, kind: str) -> dict[str, Floats]:
    lists = jobs.column("tres", kind)
    parts, owner = pc.list_flatten(lists), pc.list_parent_indices(lists).to_numpy()
    if parts.null_count:
        raise StrangeError
    count = finite(numbers_in(pc.struct_field(parts, "count")))
    sort, name = (pc.fill_null(pc.struct_field(parts, field), "") for field in ("type", "name"))
    gres = pc.equal(sort, "gres")
    found = {key: np.zeros(len(jobs)) for key in ("cpu", "node", "gpu")}
    for key, rows in (
        ("cpu", pc.equal(sort, "cpu")),
        ("node", pc.equal(sort, "node")),
        ("gpu", pc.and_(gres, pc.equal(name, "gpu"))),
    ):
        hit = rows.to_numpy(zero_copy_only=False)
        found[key][owner[hit]] = count[hit]
    hit = pc.and_(gres, pc.starts_with(name, "gpu:")).to_numpy(zero_copy_only=False)
    typed = np.bincount(owner[hit], count[hit], len(jobs))
    found["gpu"] = np.where(found["gpu"] != 0, found["gpu"], typed)
    return found


def words_of(column: pa.Array) -> Words:
    """Return which word each row has, and the words."""
    coded = column.dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()


def part_of_columns(
    jobs: SacctJobs, fates: NDArray[np.int8], names: list[str], arrays: NDArray[np.int64]
) -> EntryColumns:
    """Return the records of entries.

    Parameters
    ----------
    jobs : SacctJobs
        The entries.
    fates : array of int8
        What became of each.
    names : list of str
        Identifiers.
    arrays : array of int64
        Of which array they are.
    """
    submit, start, end, eligible = (
        jobs.instants("time", name) for name in ("submission", "start", "end", "eligible")
    )
    if (submit == MISSING_TIME).any():
        raise StrangeError
    elapsed = jobs.numbers("time", "elapsed")
    still = (fates == RUNS) & (start != MISSING_TIME) & np.isfinite(elapsed)
    end = np.where(still, start + np.where(still, elapsed, 0).astype(np.int64), end)
    minutes = jobs.numbers("time", "limit")
    limited = (minutes > 0) & (minutes < np.inf)
    limit = np.where(limited, np.where(limited, minutes * 60, 0).astype(np.int64), UNKNOWN)
    told = jobs.column("exit_code")
    code = jobs.numbers("exit_code", *(("return_code",) if "return_code" in _fields(told) else ()))
    good = (code >= 0) & (code < 2**31)
    held = resources(jobs)
    user, account = (
        pc.if_else(pc.equal(jobs.words(name), ""), jobs.words("association", name), jobs.words(name))
        for name in ("user", "account")
    )
    nodes = held["node"].astype(np.int64)
    return EntryColumns(
        len(jobs), np.arange(len(jobs)), names,
        {"submit": submit, "start": start, "end": end, "eligible": eligible, "fate": fates,
         "processors": held["cpu"], "gpus": held["gpu"]},
        {
            "requested_s": np.where(minutes == np.inf, NO_LIMIT_S, limit),
            "suspended_s": finite(jobs.numbers("time", "suspended")).astype(np.int64),
            "nodes": np.where(nodes != 0, nodes, UNKNOWN),
            "exit_code": np.where(good, np.where(good, code, 0).astype(np.int64), UNKNOWN),
            "array_id": arrays,
        },
        {"user": words_of(user), "tenant": words_of(account), "pool": words_of(jobs.words("partition")),
         "job_class": words_of(jobs.words("qos"))},
    )  # fmt: skip


def _fields(column: pa.Array) -> list[str]:
    return [field.name for field in column.type] if pa.types.is_struct(column.type) else []
