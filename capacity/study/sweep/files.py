"""What a sweep leaves: ``runs.parquet``, ``cases.parquet`` and a manifest, the same bytes however it was run.

Rows are in the order of cases, replications and metrics, in groups of so many cases, and nothing in the files
says when, where or in how many pieces they were made.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from capacity.measure.findings import Labels
from capacity.statistics.bounds import AtLeast
from capacity.study.files.run_directory import MANIFEST, write_json
from capacity.study.run import json_safe, versions
from capacity.study.store import code_version
from capacity.study.sweep.cases import Cases, Checked

RUNS: Final = "runs.parquet"
CASES: Final = "cases.parquet"
GROUP: Final = 64
"""Cases whose rows stand together in a file: what is read at once when shards are put together."""
_SCHEMA: Final = pa.schema(
    [
        ("case", pa.int32()), ("replication", pa.int32()), ("metric", pa.string()), ("labels", pa.string()),
        ("value", pa.float64()), ("censored", pa.bool_()),
    ]
)  # fmt: skip

Kept = Sequence[tuple[str, Labels, float]]
"""What is kept of a run, in the order in which it was measured."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A run that ended its workers again and again."""

    case: int
    replication: int
    what: str


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of a sweep: every case whose number leaves `index` when divided by `of`."""

    index: int
    of: int

    def numbers(self, cases: int) -> range:
        """Return which of so many cases belong to it."""
        return range(self.index, cases, self.of)

    @property
    def name(self) -> str:
        """What its directory is called."""
        return f"{self.index}-of-{self.of}"


def shard_folder(target: Path) -> Path:
    """Return where the shards of a sweep lie, beside where all of it will."""
    return target.with_name(f"{target.name}.shards")


@dataclass(slots=True)
class RunsFile:
    """Writes ``runs.parquet``, case after case."""

    path: Path
    _writer: pq.ParquetWriter | None = None
    _tables: list[pa.Table] = field(default_factory=list)
    _words: dict[Labels, str] = field(default_factory=dict)

    def __enter__(self) -> "RunsFile":
        self._writer = pq.ParquetWriter(self.path, _SCHEMA, compression="zstd")
        return self

    def __exit__(self, *_error: object) -> None:
        if self._writer is not None:
            self._flush()
            self._writer.close()

    def add(self, case: int, runs: Mapping[int, Kept]) -> None:
        """Add the runs of the next case, by their replications."""
        rows = [(number, *row) for number, kept in sorted(runs.items()) for row in kept]
        words = self._words
        for _, _, labels, _ in rows:
            if labels not in words:
                words[labels] = json.dumps(dict(labels), ensure_ascii=False)
        columns = [
            [case] * len(rows), [row[0] for row in rows], [row[1] for row in rows],
            [words[row[2]] for row in rows], [float(row[3]) for row in rows],
            [isinstance(row[3], AtLeast) for row in rows],
        ]  # fmt: skip
        self.add_table(pa.table(columns, schema=_SCHEMA))

    def add_table(self, table: pa.Table) -> None:
        """Add the rows of the next case."""
        self._tables.append(table)
        if len(self._tables) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        """Write the group, one row group, also if it has no row."""
        if self._tables and self._writer is not None:
            self._writer.write_table(pa.concat_tables(self._tables).combine_chunks(), row_group_size=1 << 30)
        self._tables = []


def cases_in(path: Path, numbers: Iterable[int]) -> Iterator[pa.Table]:
    """Yield the rows of each of these cases of a ``runs.parquet``, which has them in this order.

    A file is open only while a group of it is read: a sweep may have a thousand shards.
    """
    group, held = 0, _SCHEMA.empty_table()
    with pq.ParquetFile(path) as file:
        groups = file.num_row_groups
    for place, number in enumerate(numbers):
        if place % GROUP == 0:
            if group < groups:
                with pq.ParquetFile(path) as file:
                    held = file.read_row_group(group)
            group += 1
        yield held.filter(pc.equal(held["case"], number)) if held.num_rows else held


def write_cases(path: Path, cases: Cases, checked: Sequence[Checked]) -> None:
    """Write what is set in each case, a column for each path, and the hash of its scenario."""
    columns: dict[str, pa.Array] = {"case": pa.array([one.number for one in checked], pa.int32())}
    for name in cases.paths:
        columns[name] = pa.array([one.values[name] for one in checked])
    columns["hash"] = pa.array([one.sha256 for one in checked], pa.string())
    write_table(path, pa.table(columns))


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as one piece, in the same bytes for the same rows."""
    pq.write_table(table.combine_chunks(), path, compression="zstd")


def manifest(cases: Cases, *, runs: int, lost: Sequence[Lost], shard: Shard | None) -> dict[str, Any]:
    """Return what was asked and what it rests on; nothing of it changes when it is run again."""
    experiment = cases.experiment
    return {
        "schema_version": 1, "experiment": experiment.name, "hash": cases.identity, "code": code_version(),
        "scenario": cases.base.scenario.name, "scenario_hash": cases.base.sha256, "seed": cases.seed,
        "cases": len(cases), "replications": experiment.replications, "runs": runs,
        "paths": list(cases.paths), "metrics": list(experiment.metrics or ()),
        "shard": None if shard is None else asdict(shard), "lost": [asdict(one) for one in lost],
        "versions": versions(), "warnings": list(cases.loaded.warnings),
        "resolved": json_safe(cases.loaded.data),
    }  # fmt: skip


def write_manifest(folder: Path, document: Mapping[str, Any]) -> None:
    """Write the manifest of a sweep."""
    write_json(folder / MANIFEST, document)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a sweep or a shard of one; None where there is none."""
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "experiment" in found else None
