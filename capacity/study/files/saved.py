"""A run directory read back as the results it came from."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from capacity.errors import InputError
from capacity.inputs.reading.loader import LoadedScenario
from capacity.inputs.reading.resolved import scenario_of
from capacity.inputs.uncertainty.assumptions import assumptions_in
from capacity.measure.findings import Values
from capacity.statistics.bounds import AtLeast
from capacity.study.files.run_directory import MANIFEST
from capacity.study.run import REPLICATIONS, Result, result_of
from capacity.study.task import OneRun
from capacity.study.uncertainty.draws import Draws, Futures
from capacity.study.uncertainty.files import read_worlds
from capacity.study.uncertainty.futures import result_of_worlds

Kind = Literal["run", "comparison", "sizing"]


@dataclass(frozen=True, slots=True)
class Saved:
    """A run directory, read: what kind it is, its manifest as it stands there, and the results.

    There is one result per case; of a sizing that of the answer, none if there is none.
    """

    folder: Path
    kind: Kind
    manifest: Mapping[str, Any]
    results: tuple[Result, ...]


def read_saved(folder: Path) -> Saved:
    """Read a run directory back.

    Raises
    ------
    InputError
        It is no run directory, or that of a replay, or something in it is missing or broken.
    """
    manifest = _json(folder / MANIFEST)
    if not isinstance(manifest, dict) or "versions" not in manifest:
        fix = f"one holds a {MANIFEST} of this tool"
        raise InputError("is not a run directory", where=str(folder), fix=fix)
    kind = manifest.get("kind", "run")
    if kind not in ("run", "comparison", "sizing") or "log" in manifest:
        what = "is the directory of a replay or of another kind"
        fix = "report takes those of simulate, storage, compare and size"
        raise InputError(what, where=str(folder), fix=fix)
    cases = manifest["cases"] if kind == "comparison" else [manifest] if "resolved" in manifest else []
    values = _values(folder / REPLICATIONS) if cases else {}
    try:
        loaded = [_loaded(case, folder) for case in cases]
        uncertain = {one.scenario.name: one.assumptions for one in loaded if one.assumptions}
        drawn = read_worlds(folder, uncertain) if uncertain else {}
        results = tuple(
            _result(one, case, values, drawn, folder) for one, case in zip(loaded, cases, strict=True)
        )
    except (KeyError, TypeError) as error:
        what = f"its {MANIFEST} lacks {error}"
        raise InputError(what, where=str(folder), fix="run the command again") from None
    return Saved(folder, kind, manifest, results)


def _json(path: Path) -> Any:  # noqa: ANN401 - any JSON document
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        what = f"there is no {path.name}"
        raise InputError(what, where=str(path.parent), fix="name the directory that -o left") from None
    except (ValueError, UnicodeDecodeError):
        raise InputError("is not JSON", where=str(path), fix="run the command again") from None


def _values(path: Path) -> dict[str, list[Values]]:
    """Return the values of each replication by case."""
    try:
        table = pq.read_table(path)
        names = ("case", "replication", "metric", "labels", "value", "censored")
        columns = {name: table.column(name) for name in names}
    except FileNotFoundError:
        fix = "it was left by an older version: run the command again"
        raise InputError(f"there is no {path.name}", where=str(path.parent), fix=fix) from None
    except (pa.ArrowInvalid, KeyError, OSError):
        raise InputError("is broken", where=str(path), fix="run the command again") from None
    words = {text: tuple(json.loads(text).items()) for text in columns["labels"].unique().to_pylist()}
    found: dict[str, list[Values]] = {}
    rows = zip(*(columns[name].to_pylist() for name in columns), strict=True)
    for case, number, metric, labels, value, censored in rows:
        runs = found.setdefault(case, [])
        while len(runs) <= number:
            runs.append({})
        known = math.nan if value is None else value
        runs[number][metric, words[labels]] = AtLeast(known) if censored else known
    return found


def _loaded(case: Mapping[str, Any], folder: Path) -> LoadedScenario:
    """Return the scenario of a case, with what was uncertain in it if worlds were run."""
    data = case["resolved"]
    scenario = scenario_of(data, where=str(folder / MANIFEST))
    scenario = scenario.model_copy(update={"name": case["scenario"]})
    assumptions = assumptions_in(scenario, data, {}) if case.get("worlds") else ()
    return LoadedScenario(scenario, data, {}, case["hash"], tuple(case["warnings"]), assumptions)


def _result(
    loaded: LoadedScenario, case: Mapping[str, Any], values: Mapping[str, Sequence[Values]],
    drawn: Mapping[str, Draws], folder: Path,
) -> Result:  # fmt: skip
    name = case["scenario"]
    runs = [_run(own, case, number) for number, own in enumerate(values.get(name, ()))]
    if len(runs) != case["replications"]:
        found = f"{REPLICATIONS} has {len(runs)} replications of {name}"
        what = f"{found}, {MANIFEST} {case['replications']}"
        raise InputError(what, where=str(folder), fix="run the command again")
    if name not in drawn:
        return result_of(loaded, runs, seed=case["seed"])
    places = tuple((int(world), int(replication)) for world, replication in case["places"])
    if len(places) != len(runs) or drawn[name].count != case["worlds"]:
        what = f"{MANIFEST} and the other files speak of different worlds"
        raise InputError(what, where=str(folder), fix="run the command again")
    return result_of_worlds(loaded, runs, Futures(drawn[name], places), seed=case["seed"])


def _run(values: Values, case: Mapping[str, Any], number: int) -> OneRun:
    submitted = sum(
        value for (metric, where), value in values.items() if metric == "jobs_submitted" and [name for name, _
        in where] == ["pool", "month"] and where[1][1] == "all"
    )  # fmt: skip
    jobs = 0 if np.isnan(submitted) else int(submitted)
    return OneRun(values, (), jobs, dict(case["run_time_factors"]), dict(case["timings"][number]))
