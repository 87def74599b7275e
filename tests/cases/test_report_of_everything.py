"""Every kind of result has a report, whatever workload it is of; what is kept reads back as it was."""

import json

import pytest

from capacity.cli.main import entry
from capacity.errors import InputError
from capacity.inputs.reading.loader import load_scenario
from capacity.inputs.reading.resolved import scenario_of
from capacity.study.run import json_safe
from tests.spec_files import write
from tests.support.logs_to_fit import random_log
from tests.support.small_site import write_small
from workloads.readers.csv_table import write_csv

SCENARIO = """
kind: scenario
title: Users of {name} on a small machine
question: How long do they wait?
start: 2024-01-01
until: 2024-01-28
site:
  name: counted
  title: Slots
  source: assumption
  as_of: 2024
  why: made up
  timezone: UTC
  pools: {{main: {{node: epyc-7742-2s, nodes: {nodes}, counted: true}}}}
workload: ./{name}.yaml
seed: 3
"""
WORKLOADS = ("synthetic", "fitted", "published")


def called(*words):
    code = entry([*map(str, words)])
    assert code in (0, 4), words


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Scenarios of a workload by hand, one fitted to a log, and one fitted to jobs of a published model."""
    folder = tmp_path_factory.mktemp("kinds")
    write_csv(random_log(seed=4), folder / "log.csv")
    called(
        "workload", "generate", "--model", "lublin", "--days", 20, "--slots", 64, "-o", folder / "model.csv"
    )
    for name, log, slots in (("fitted", "log.csv", 64), ("published", "model.csv", 64)):
        called("workload", "fit", folder / log, "--slots", slots, "-o", folder / f"{name}.yaml")
        write(folder, f"on-{name}.yaml", SCENARIO.format(name=name, nodes=slots))
    write_small(folder).rename(folder / "on-synthetic.yaml")
    return folder


def commands(kind, scenario):
    pool = "gpu" if "synthetic" in scenario.name else "main"
    return {
        "simulate": ("simulate", scenario, "-r", 2),
        "storage": ("storage", scenario, "-r", 2),
        "compare": ("compare", scenario, "--policy", "fcfs", "--policy", "easy", "-r", 2),
        "size": ("size", scenario, "--vary", f"site.pools.{pool}.nodes=60..64:4", "--require",
                 f"p95_wait_s[pool={pool}] <= 9 day", "--in-futures", "20 %", "-r", 2),
    }[kind]  # fmt: skip


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize("kind", ["simulate", "storage", "compare", "size"])
def test_every_result_of_every_workload_has_a_report(folder, tmp_path, capsys, workload, kind):
    if kind == "storage" and workload != "synthetic":
        pytest.skip("their site has no storage")
    called(*commands(kind, folder / f"on-{workload}.yaml"), "-o", tmp_path / "run", "--json")
    capsys.readouterr()
    for lang in ("en", "ko"):
        code = entry(["report", str(tmp_path / "run"), "--no-verify", "--lang", lang])
        assert code == 0, capsys.readouterr().err
    assert (tmp_path / "run" / "report.html").stat().st_size > 10_000


def test_the_size_of_a_machine_for_a_log_has_a_report_too(folder, tmp_path, capsys):
    asked = ("--vary", "slots=32..64:32", "--require", "p95_wait_s <= 30 day")
    called("size", "--log", folder / "log.csv", *asked, "-o", tmp_path / "run")
    assert entry(["report", str(tmp_path / "run"), "--no-verify"]) == 0, capsys.readouterr().err


def test_the_report_of_a_replay_is_refused_with_the_reason(folder, tmp_path, capsys):
    called("replay", folder / "log.csv", "--slots", 64, "-o", tmp_path / "run")
    capsys.readouterr()
    assert entry(["report", str(tmp_path / "run"), "--no-verify"]) == 3
    assert "report takes those of simulate, storage, compare and size" in capsys.readouterr().err


CLASS = "workload.classes.small"
FAILED = f"{CLASS}.fates={{completed: {{share: 80 %}}, failed: {{share: 20 %}}}}"
CHANGES = {
    "nothing": [],
    "bursts": [f"{CLASS}.bursts={{jobs: 3, apart: 5 min}}"],
    "array": [f"{CLASS}.array={{tasks: 4, at_once: 2}}"],
    "depends": [f"{CLASS}.depends={{share: 10 %}}"],
    "sessions": [f"{CLASS}.sessions={{jobs: 4, think: 10 min}}"],
    "resubmit": [FAILED, f"{CLASS}.resubmit={{share: 50 %, after: 1 h}}"],
    "series": [
        f"{CLASS}.requested=null",
        f"{CLASS}.series={{jobs: {{0 %: 1, 50 %: 2, 100 %: 6}}, apart: {{median: 1 min, mean: 5 min}}}}",
    ],
    "mixture": [
        f"{CLASS}.run={{mixture: {{a: {{share: 50 %, always: 1 h}}, b: {{share: 50 %, mean: 1 h, cv: 3}}}}}}"
    ],
    "checkpoint": [f"{CLASS}.checkpoint=1 h"],
    "checkpoint without size": [f"{CLASS}.checkpoint={{every: 1 h, restart: 5 min}}"],
    "checkpoint of a size": [f"{CLASS}.checkpoint={{every: daly, size: 10 GB/slot}}",
                             "site.pools.gpu.failures={per_1000_node_days: 5, repair: 1 day}"],
    "target": ["workload.target={offered_load: 50 %}"],
    "country": ["workload.rhythm.country=KR"],
    "maintenance": ["site.maintenance={m: {start: 2021-02-01T08:00, duration: 8 h, every: 7 day}}"],
    "policy": ["policy={order: multifactor, qos: {q: {priority: 50 %}}, accounts: {lab: {shares: 3}}}"],
    "reservation": ["policy.advance_reservations={r: {tenant: lab, pool: gpu, nodes: 1, start: 2021-02-01}}"],
}  # fmt: skip


def assert_kept(loaded):
    """Check that the data of a manifest, as JSON has them, describe the scenario that was run."""
    again = scenario_of(json.loads(json.dumps(json_safe(loaded.data))), where="here")
    assert again.model_dump(mode="json") == loaded.scenario.model_dump(mode="json")


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_manifest_keeps_reads_back_as_the_same_scenario(tmp_path, change):
    loaded = load_scenario(write_small(tmp_path), overrides=CHANGES[change])
    assert_kept(loaded)


@pytest.mark.parametrize("workload", ["fitted", "published"])
def test_so_does_a_fitted_model(folder, workload):
    assert_kept(load_scenario(folder / f"on-{workload}.yaml"))


def test_what_is_wrong_with_a_kept_scenario_is_said(tmp_path):
    data = json_safe(load_scenario(write_small(tmp_path)).data)
    data["site"]["pue"] = 0.5
    with pytest.raises(
        InputError, match=r"not one of this version of capacity: site\.pue: .*0\.5 is too small"
    ):
        scenario_of(data, where="here")
