"""A comparison as a whole: results, what differs, which sites stay in the race, and the files it leaves."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capacity.study.compare.differences import Difference, differences
from capacity.study.compare.pareto import Standing, standings
from capacity.study.files.run_directory import MANIFEST, write_json
from capacity.study.run import Result, json_safe, manifest, to_json, write_replications


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several cases under the same luck; the first is the baseline.

    There are a result and a standing of each case, and the differences of each from the baseline.
    """

    results: tuple[Result, ...]
    differences: tuple[Difference, ...]
    standings: tuple[Standing, ...]

    @classmethod
    def of(cls, results: Sequence[Result]) -> "Comparison":
        """Compare results of the same seed.

        Raises
        ------
        ValueError
            They do not rest on the same seed.
        """
        return cls(tuple(results), tuple(differences(results)), tuple(standings(results)))

    @property
    def names(self) -> list[str]:
        """The cases, the baseline first."""
        return [result.loaded.scenario.name for result in self.results]

    @property
    def replications(self) -> int:
        """Pairs of futures."""
        return min(len(result.futures_of_their_own) for result in self.results)

    def to_json(self) -> dict[str, Any]:
        """Return it as ``compare --json`` prints it, without the schema version."""
        return {
            "seed": self.results[0].seed,
            "baseline": self.names[0],
            "scenarios": [to_json(result) for result in self.results],
            "differences": [one.to_json() for one in self.differences],
            "pareto": [one.to_json() for one in self.standings],
        }


def write_comparison(stage: Path, found: Comparison) -> None:
    """Write a comparison into a directory.

    ``manifest.json`` has the manifest of each case, ``findings.json`` is as ``compare --json`` prints it;
    beside them are ``replications.parquet``, ``differences.csv`` and ``pareto.csv``.
    """
    document = {"schema_version": 1, **found.to_json()}
    write_json(stage / "findings.json", document)
    write_replications(found.results, stage)
    cases = [json_safe(manifest(result)) for result in found.results]
    whole = {"schema_version": 1, "kind": "comparison", "versions": cases[0]["versions"], "cases": cases}
    (stage / "differences.csv").write_text(table_of(document["differences"]), "utf-8")
    (stage / "pareto.csv").write_text(table_of(document["pareto"]), "utf-8")
    write_json(stage / MANIFEST, whole)


def table_of(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows of plain values as CSV; mappings and lists in one cell, nothing for what is missing."""
    text = io.StringIO()
    if rows:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:  # noqa: ANN401 - any plain value
    if isinstance(value, dict):
        return " ".join(f"{key}={item}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return " ".join(str(item) for item in value)
    return "" if value is None else value
