"""Whole runs in processes of their own: CPU time from a cold start to the file, and memory per job."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from benchmarks.children import python, run
from benchmarks.effort import Effort
from benchmarks.row import Row

EVENTS = 10_000
MOST_BYTES = 100
BEFORE = {"imports": "", "jobs": "imports", "simulation": "jobs", "file": "simulation"}
Stages = Mapping[str, Mapping[str, float]]


def _run(count: int, folder: Path) -> Stages:
    command = python("-m", "benchmarks.whole_run", str(count), str(EVENTS), str(folder / "jobs.parquet"))
    stages: Stages = json.loads(run(command).said)
    return stages


def _stage_s(runs: list[Stages], name: str) -> float:
    """Median CPU time of one stage [s]."""
    before = BEFORE[name]
    return median(one[name]["cpu_s"] - (one[before]["cpu_s"] if before else 0) for one in runs)


def rows(effort: Effort) -> Iterator[Row]:
    """Time a million jobs and its stages, then find the memory that more jobs take."""
    with tempfile.TemporaryDirectory(prefix="capacity-bench-") as name:
        folder = Path(name)
        _run(1000, folder)
        runs = [_run(effort.million, folder) for _ in range(effort.repeats)]
        many = _run(effort.ten_million, folder)
    count = f"{effort.million:,} jobs, {EVENTS:,} events"
    total = median(one["file"]["cpu_s"] for one in runs)
    empty = _stage_s(runs, "imports")
    yield Row(f"{count}: process to Parquet", total, "s CPU", total / empty, "imports", most=2)
    for stage in BEFORE:
        took = _stage_s(runs, stage)
        yield Row(f"{count}: {stage}", took, "s CPU", took / total, "whole process")
    more = effort.ten_million - effort.million
    for stage in BEFORE:
        peak = many[stage]["peak_bytes"]
        each = (peak - median(one[stage]["peak_bytes"] for one in runs)) / more
        most = MOST_BYTES if stage == "file" else None
        name = f"peak memory per job, {effort.ten_million:,} jobs, to {stage}"
        yield Row(name, each, "B/job", peak / 1e9, "GB in all", most=most)
    total = many["file"]["cpu_s"]
    name = f"{effort.ten_million:,} jobs: process to Parquet"
    over = total / median(one["file"]["cpu_s"] for one in runs)
    yield Row(name, total, "s CPU", over, "the smaller run", most=15)
    yield Row(f"{name}, peak", many["file"]["peak_bytes"] / 1e9, "GB", most=1.2)
