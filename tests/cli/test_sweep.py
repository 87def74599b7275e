"""``capacity sweep`` as one types it: what it prints and leaves, what it refuses, killed in the middle."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

import capacity
from capacity.cli.main import entry
from capacity.face import sweep as face
from capacity.study.executors.interface import RunsLost
from capacity.study.executors.local import LocalExecutor
from tests.support.small_site import write_small

CAPACITY = [sys.executable, "-c", "import sys; from capacity.cli.main import entry; sys.exit(entry())"]
HEAD = "kind: experiment\ntitle: Nodes\nscenario: small.yaml\n"
FILES = ("runs.parquet", "cases.parquet", "manifest.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("specification")
    write_small(found)
    (found / "few.yaml").write_text(f"{HEAD}axes: {{site.pools.gpu.nodes: [2, 3], until: [2021-01-22]}}\n")
    return found


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*args):
        code = entry(["sweep", *map(str, args)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def names(place):
    return sorted(path.name for path in place.iterdir())


def test_it_says_what_it_found_and_where_all_is(run, folder, tmp_path):
    code, out, err = run(folder / "few.yaml", "-o", "out", "-j", "1")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "Nodes: 2 cases, 2 runs of small"
    assert lines[2].split() == ["figure", "lowest", "case", "highest", "case"]
    assert any(line.startswith("use (gpu)") for line in lines)
    assert max(map(len, lines)) <= 100
    assert "results in out: manifest.json, cases.parquet, runs.parquet" in err
    assert names(tmp_path / "out") == sorted(FILES)
    assert run(folder / "few.yaml", "-o", "out")[0] == 3, "it is there already"
    code, out, err = run(folder / "few.yaml", "-o", "out", "-j", "1", "--force", "--lang", "ko")
    assert (code, out.splitlines()[0]) == (0, "Nodes: 경우 2개, small 실행 2회")


def test_documents_and_tables_for_machines(run, folder):
    code, out, _ = run(folder / "few.yaml", "-o", "out", "-j", "1", "--json")
    document = json.loads(out)
    assert (code, document["schema_version"]) == (0, 1)
    assert (document["cases"], document["runs"], document["shard"], document["lost"]) == (2, 2, None, [])
    spans = {(one["metric"], one["labels"].get("pool")): one for one in document["spans"]}
    assert spans["utilization", "gpu"]["low"] < spans["utilization", "gpu"]["high"]
    out = run(folder / "few.yaml", "-o", "other", "-j", "1", "--format", "csv")[1]
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [float(row["low"]) for row in rows] == [one["low"] for one in document["spans"]]


def test_a_dry_run_says_what_it_would_take(run, folder, tmp_path):
    code, out, _ = run(folder / "few.yaml", "--dry-run", "-j", "3", "--json")
    document = json.loads(out)
    assert code == 0
    assert (document["cases"], document["runs"], document["width"]) == (2, 2, 3)
    assert document["left_s"] >= 0
    assert names(tmp_path) == []


def test_what_is_not_known_is_said_so(run, folder, monkeypatch):
    dry_run = face.dry_run
    monkeypatch.setattr(face, "dry_run", lambda *a, **k: replace(dry_run(*a, **k), peak_bytes=None))
    out = run(folder / "few.yaml", "--dry-run", "-j", "1")[1]
    said = [line for line in out.splitlines() if "not known" in line]
    assert len(said) == 2
    assert all("memory" in line for line in said)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), 2, "-o DIR"),
        (("-o", "out", "--shard", "2/2"), 2, "--shard 2/2"),
        (("-o", "out", "--shard", "0/2", "--merge"), 2, "without --dry-run and --shard"),
        (("-o", "out", "--merge"), 3, "there are no shards"),
        (("-o", "."), 3, "is where you are"),
    ],
)
def test_options_that_do_not_go_together(run, folder, tmp_path, options, code, said):
    found, out, err = run(folder / "few.yaml", *options)
    assert (found, out) == (code, "")
    assert said in err
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("axes: {site.pools.gpu.nodes: {from: 1, to: 100000}, site.pue: {from: 1, to: 2, count: 10000}}",
         "1,000,000,000 runs"),
        ("axes: {site.pools.gpu.nodez: [1]}", "there is no 'nodez'"),
        ("samples: {count: 4, ranges: {site.pue: [1.4, 1.2]}}", "the range falls"),
        ("axes: {until: [2021-01-22]}\nmetrics: [utilisation]", "did you mean 'utilization'"),
    ],
)  # fmt: skip
def test_nothing_is_begun_that_cannot_be(run, folder, tmp_path, text, said):
    (folder / "bad.yaml").write_text(HEAD + text)
    code, out, err = run(folder / "bad.yaml", "-o", "out", "-j", "1")
    assert (code, out) == (3, "")
    assert said in err
    assert "bad.yaml:" in err
    assert names(tmp_path) == []


def test_a_missing_shard_is_named_and_all_together_are_the_whole(run, folder, tmp_path):
    assert run(folder / "few.yaml", "-o", "whole", "-j", "1")[0] == 0
    assert run(folder / "few.yaml", "-o", "out", "--shard", "1/2", "-j", "1")[0] == 0
    code, _, err = run(folder / "few.yaml", "-o", "out", "--merge")
    assert code == 3
    assert "shard 0 of 2 is missing" in err
    assert "--shard 0/2" in err
    assert names(tmp_path) == ["out.shards", "whole"]
    assert run(folder / "few.yaml", "-o", "out", "--shard", "0/2", "-j", "1")[0] == 0
    assert run(folder / "few.yaml", "-o", "out", "--merge")[0] == 0
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_lost_runs_are_named_and_the_rest_is_left(run, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("CAPACITY_STORE", "off")
    completed = LocalExecutor.completed

    def losing(self, tasks, progress=None):
        yield from ((place + 1, run) for place, run in completed(self, tasks[1:], progress))
        raise RunsLost({0: "replication 0 of small was lost: 4 workers ended under it"})

    monkeypatch.setattr(LocalExecutor, "completed", losing)
    code, out, err = run(folder / "few.yaml", "-o", "out", "-j", "1")
    assert code == 1
    assert "case 0: replication 0 of small was lost" in err
    assert out
    document = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [(one["case"], one["replication"]) for one in document["lost"]] == [(0, 0)]


def test_a_killed_sweep_goes_on_to_the_same_bytes(folder, tmp_path):
    (folder / "long.yaml").write_text(f"{HEAD}axes: {{site.pools.gpu.nodes: {{from: 2, to: 7}}}}\n")
    store = tmp_path / "store"
    environment = {**os.environ, "CAPACITY_STORE": str(store)}
    line = [*CAPACITY, "sweep", str(folder / "long.yaml"), "-j", "1", "-o"]
    process = subprocess.Popen(
        [*line, "out"], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 120
    while len(list(store.rglob("*.gz"))) < 2 and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = {path: path.stat().st_ino for path in store.rglob("*.gz")}
    assert 2 <= len(before) < 6
    assert not (tmp_path / "out").exists()
    assert subprocess.run([*line, "out"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert {path: path.stat().st_ino for path in before} == before, "nothing was run again"
    capacity.sweep(folder / "long.yaml", output=tmp_path / "anew", fresh=True)
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "anew" / name).read_bytes()
