"""What a replay leaves on disk says what was replayed, and every number of it."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from capacity.errors import InputError
from capacity.measure.schedule import ScheduleMetrics
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.files.tables import JOB_COLUMNS
from capacity.study.replay import files as replay_files
from capacity.study.replay.files import LogIdentity, findings, to_json, write_directory
from capacity.study.replay.replay import replay
from workloads.jobtable import table_from

LOG = LogIdentity("test.swf", "swf", "0" * 64)

INTERFACE = (
    *("jobs", "mean_wait_s", "p50_wait_s", "p95_wait_s", "mean_bounded_slowdown"),
    *("max_bounded_slowdown", "utilization", "makespan_s", "engine_s"),
)


@pytest.fixture
def replayed():
    jobs = table_from(
        {
            "job_id": np.array([7, 9, 11, 13]),
            "submit_s": np.array([0, 0, 0, 0]),
            "run_s": np.array([100, 300, 50, 10]),
            "requested_s": np.array([200, 200, 60, 10]),
            "slots": np.array([2, 2, 1, 9]),
            "wait_s": np.array([0, 0, 5, 1]),
        },
        source="test.swf",
    )
    return replay(jobs, PoolSpec("machine", 4), Rules())


def test_the_keys_of_the_interface_come_first(replayed):
    numbers = to_json(replayed)
    assert tuple(numbers)[: len(INTERFACE)] == INTERFACE
    assert numbers["jobs"] == 3
    assert numbers["recorded_mean_wait_s"] == pytest.approx(5 / 3)
    assert numbers["jobs_timeout"] == 1
    assert [tally["count"] for tally in numbers["dropped"]] == [1]
    json.dumps(numbers, allow_nan=False)


def test_findings_hold_both_schedules_with_units(replayed):
    found = findings(replayed)
    assert len(found) == 2 * len(ScheduleMetrics.__match_args__)
    wait = next(
        one for one in found if one.metric == "mean_wait_s" and dict(one.labels)["schedule"] == "recorded"
    )
    assert (wait.value, wait.unit, wait.n) == (pytest.approx(5 / 3), "s", 1)
    assert wait.to_json()["low"] is None


def test_the_directory_is_complete(replayed, tmp_path):
    target = tmp_path / "runs" / "one"
    write_directory(target, replayed, LOG, {"read_s": 0.5}, force=False)
    names = ["findings.json", "jobs.parquet", "manifest.json"]
    assert sorted(path.name for path in target.iterdir()) == names
    assert [path.name for path in target.parent.iterdir()] == ["one"]
    manifest = json.loads((target / "manifest.json").read_text())
    assert manifest["log"] == {"name": "test.swf", "format": "swf", "sha256": "0" * 64}
    assert manifest["machine"]["slots"] == 4
    assert manifest["rules"]["backfill"] == "easy"
    assert manifest["timings"]["read_s"] == 0.5
    assert len(manifest["warnings"]) == 2
    assert "numba" in manifest["versions"]
    document = json.loads((target / "findings.json").read_text())
    assert {one["metric"] for one in document["findings"]} == {
        *ScheduleMetrics.__match_args__, "waits_counted",
    }  # fmt: skip


def test_waits_of_every_size_stand_in_the_json_and_add_up(replayed):
    found = [one for one in to_json(replayed)["waits"] if one["metric"] == "waits_counted"]
    simulated = [one["value"] for one in found if one["labels"]["schedule"] == "simulated"]
    assert sum(simulated) == replayed.simulated.jobs
    assert {tuple(one["labels"]) for one in found} == {("schedule", "width", "length")}  # it names nobody
    assert {one["labels"]["schedule"] for one in found} == {"simulated", "recorded"}


def test_waits_of_every_user_are_told_where_the_log_names_them(replayed):
    frame = replayed.table.frame.assign(user=pd.Categorical(["ann", "bob", "ann"]))
    named = replace(replayed, table=replace(replayed.table, frame=frame))
    counts = {
        one["labels"]["user"]: one["value"]
        for one in to_json(named)["waits"]
        if one["metric"] == "waits_counted" and {*one["labels"]} == {"schedule", "user"}
        and one["labels"]["schedule"] == "simulated"
    }  # fmt: skip
    assert counts == {"ann": 2, "bob": 1}


def test_the_jobs_keep_the_ids_of_the_log(replayed, tmp_path):
    write_directory(tmp_path / "run", replayed, LOG, {}, force=False)
    jobs = pq.read_table(tmp_path / "run" / "jobs.parquet")
    assert tuple(jobs.column_names) == JOB_COLUMNS
    rows = {row["job_id"]: row for row in jobs.to_pylist()}
    assert list(rows) == [7, 9, 11]
    assert [rows[job]["wait_s"] for job in rows] == [0, 0, 100]
    assert [rows[job]["run_s"] for job in rows] == [100, 200, 50]
    assert [rows[job]["state"] for job in rows] == ["completed", "timeout", "completed"]


def test_nothing_is_left_when_writing_fails(replayed, tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(replay_files, "write_json", full)
    with pytest.raises(OSError, match="No space"):
        write_directory(tmp_path / "run", replayed, LOG, {}, force=False)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_is_kept_until_the_new_one_is_whole(replayed, tmp_path, monkeypatch):
    target = tmp_path / "run"
    write_directory(target, replayed, LOG, {}, force=False)
    with pytest.raises(InputError, match="exists already"):
        write_directory(target, replayed, LOG, {}, force=False)
    before = (target / "manifest.json").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(replay_files, "manifest", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_directory(target, replayed, LOG, {}, force=True)
    assert (target / "manifest.json").read_bytes() == before
    write_directory(target, replayed, LOG, {}, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
