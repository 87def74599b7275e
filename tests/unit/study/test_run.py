"""Running a scenario: same seed, same bytes; replications give intervals; a run leaves its files."""

import json
import math

import pyarrow.parquet as pq
import pytest

import capacity
from capacity.errors import CapacityError
from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import Lookup
from capacity.simulation.calendar import calendar_of
from capacity.study.executors import local
from capacity.study.files.run_directory import maybe_staged
from capacity.study.run import json_safe, run, to_json, write_run
from tests.support.small_site import write_small

FILES = [
    *("events.parquet", "findings.json", "jobs.parquet", "manifest.json"),
    *("replications.parquet", "series.parquet"),
]  # fmt: skip


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return load_scenario(write_small(tmp_path_factory.mktemp("small")))


def leave(loaded, target, **kwargs):
    with maybe_staged(target, force=False) as stage:
        result = run(loaded, stage=stage, **kwargs)
        if stage is not None:
            write_run(stage, result)
    return result


@pytest.fixture(scope="module")
def kept(loaded, tmp_path_factory):
    target = tmp_path_factory.mktemp("kept") / "run"
    return target, leave(loaded, target, replications=3)


def read(target, name):
    return json.loads((target / name).read_text("utf-8"))


# --- What a run leaves ----------------------------------------------------------------------------


def test_a_run_leaves_its_files_and_nothing_else(kept):
    target, _ = kept
    assert sorted(path.name for path in target.iterdir()) == FILES
    assert [path.name for path in target.parent.iterdir()] == ["run"]


def test_findings_are_those_of_the_command(kept):
    target, result = kept
    document = read(target, "findings.json")
    assert document == {"schema_version": 1, **to_json(result)}
    named = ["schema_version", "scenario", "hash", "replications", "worlds", "load_state", "findings"]
    assert list(document) == named
    assert (document["scenario"], document["replications"]) == ("small", 3)
    assert document["hash"] == result.loaded.sha256
    assert len(document["hash"]) == 64
    for finding in document["findings"]:
        assert list(finding) == [
            *(
                "metric",
                "labels",
                "value",
                "low",
                "high",
                "unit",
                "n",
                "censored",
                "method",
                "covers",
                "enough",
                "share",
            )
        ]
        assert finding["labels"]


def test_the_manifest_says_all_that_is_needed_to_run_it_again(kept, loaded):
    manifest = read(kept[0], "manifest.json")
    assert manifest["schema_version"] == 1
    assert (manifest["seed"], manifest["replications"]) == (7, 3)
    assert (manifest["start"], manifest["end"]) == ("2021-01-20T00:00:00+09:00", "2021-03-11T00:00:00+09:00")
    assert manifest["hash"] == loaded.sha256
    assert manifest["versions"]["hpc-capacity"] == capacity.__version__
    assert {"python", "numpy", "simpy", "numba"} <= set(manifest["versions"])
    assert manifest["warnings"] == list(loaded.warnings)
    assert manifest["run_time_factors"] == {"small": 1.0, "large": 1.0}
    assert len(manifest["timings"]) == 3
    assert all(seconds >= 0 for timing in manifest["timings"] for seconds in timing.values())
    assert manifest["resolved"]["site"]["pools"]["gpu"]["nodes"] == 4
    assert manifest["written"].endswith("+00:00")


def test_the_resolved_scenario_of_a_manifest_runs_again_as_the_same(kept, loaded, tmp_path):
    """It is a specification: written to a file and loaded, it is the scenario with the same hash."""
    resolved = read(kept[0], "manifest.json")["resolved"]
    path = tmp_path / "again.yaml"
    path.write_text(json.dumps(resolved, ensure_ascii=False), "utf-8")
    assert load_scenario(path).sha256 == loaded.sha256


def test_the_tables_are_those_of_the_first_replication(kept, loaded, tmp_path):
    target, _ = kept
    alone = leave(loaded, tmp_path / "alone", replications=1)
    for name in ("jobs", "series", "events"):
        assert (target / f"{name}.parquet").read_bytes() == (tmp_path / f"alone/{name}.parquet").read_bytes()
    jobs = pq.read_table(target / "jobs.parquet")
    submitted = [f for f in alone.findings if f.metric == "jobs_submitted" and ("month", "all") in f.labels]
    assert jobs.num_rows == sum(f.value for f in submitted)


def test_without_a_place_nothing_is_written(loaded, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    leave(loaded, None)
    assert list(tmp_path.iterdir()) == []


# --- Same seed, same result -----------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(loaded, tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        leave(loaded, tmp_path / name, seed=seed)
    for name in ("jobs", "series", "events"):
        first, again, other = ((tmp_path / run / f"{name}.parquet").read_bytes() for run in "abc")
        assert first == again
        assert name == "events" or first != other
    assert read(tmp_path / "a", "findings.json") == read(tmp_path / "b", "findings.json")


def test_processes_do_not_change_a_result(kept, loaded, tmp_path):
    target, alone = kept
    shared = leave(loaded, tmp_path / "run", replications=3, processes=2)
    assert to_json(shared) == to_json(alone)
    for name in ("jobs", "series", "events"):
        assert (target / f"{name}.parquet").read_bytes() == (tmp_path / f"run/{name}.parquet").read_bytes()


def test_a_process_that_is_ended_from_outside_is_said_to_be(loaded, monkeypatch, tmp_path):
    """As the kernel does when memory runs out."""
    monkeypatch.setattr(local, "perform", _ended)
    with pytest.raises(CapacityError, match="smaller -j"):
        leave(loaded, tmp_path / "run", replications=2, processes=2)
    assert list(tmp_path.iterdir()) == []


def _ended(*_, **__):
    import os  # noqa: PLC0415 - in the worker

    os._exit(9)


# --- Replications ---------------------------------------------------------------------------------


def test_one_replication_has_no_intervals(loaded):
    for finding in run(loaded).findings:
        assert finding.n <= 1
        assert math.isnan(finding.low)
        assert math.isnan(finding.high)


def test_replications_have_other_luck_and_give_intervals(kept):
    look = Lookup(kept[1].findings)
    for metric in ("utilization", "jobs_completed", "delivered_slot_hours"):
        found = look(metric, pool="gpu", month="all")
        assert (found.n, found.covers) == (3, "both")
        assert found.low < found.value < found.high
    queue, wait = (look(metric, pool="gpu", month="all") for metric in ("queue_length", "p95_wait_s"))
    assert (queue.n, queue.covers, queue.enough) == (3, "at least", 10)
    assert 0 <= queue.low < queue.value
    assert (wait.n, wait.covers, wait.enough) == (3, "none", 6)
    capacity_slots = look("capacity_slots", pool="gpu", month="all")
    assert capacity_slots.low == capacity_slots.value == capacity_slots.high == 24


def test_the_number_of_replications_of_the_scenario_counts(tmp_path):
    assert len(run(load_scenario(write_small(tmp_path), overrides=["replications=2"])).runs) == 2


def test_progress_goes_from_nothing_to_all(loaded):
    told = []
    run(loaded, replications=2, progress=lambda part, now, ended: told.append((part, now, ended)))
    parts = [part for part, _, _ in told]
    assert parts == sorted(parts)
    assert (parts[0], parts[-1]) == (0.0, 2.0)
    assert {now for _, now, _ in told} <= set(range(0, calendar_of(loaded.scenario).horizon_s + 1, 86_400))


def test_plain_data_become_json():
    from datetime import date  # noqa: PLC0415

    assert json_safe({1: (date(2021, 5, 1), None, "x", {"y": [1.5]})}) == {
        "1": ["2021-05-01", None, "x", {"y": [1.5]}]
    }
