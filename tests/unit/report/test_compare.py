"""The comparison of sites: one row per question, in words for people and in SI numbers for programs."""

import math

import pytest

from capacity.inputs.reading.loader import LoadedScenario, load_scenario
from capacity.measure.metrics import METRICS
from capacity.quantities.precision import PRECISIONS
from capacity.report.language import Language
from capacity.report.terminal.compare.hardware import remarks, run_time_remark
from capacity.report.terminal.compare.table import SECTIONS, compare_rows, compare_values, with_headings
from capacity.study.run import run
from tests.support.small_site import write_small

SAY = Language("en")


def called(loaded, name):
    scenario = loaded.scenario.model_copy(update={"name": name})
    return LoadedScenario(scenario, loaded.data, loaded.origins, loaded.sha256, loaded.warnings)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    path = write_small(tmp_path_factory.mktemp("small"))
    old = ["site.pools.gpu.node=dgx-2", "site.pools.hpc.node=dgx-2"]
    cases = {"new": [], "old": old}
    return [
        run(called(load_scenario(path, overrides=overrides), name), replications=2)
        for name, overrides in cases.items()
    ]


@pytest.fixture(scope="module")
def rows(results):
    return {row["question"]: row for row in compare_rows(results, SAY)}


def test_every_row_answers_for_every_site(rows):
    for row in rows.values():
        assert set(row) == {"section", "question", "new", "old"}
        assert all(isinstance(cell, str) and cell for cell in row.values())


def test_every_precision_has_its_row(rows):
    assert {f"dense peak {precision}" for precision in PRECISIONS} <= set(rows)
    assert rows["dense peak fp64_tensor"]["new"] == "1.2 PFLOPS"
    assert rows["dense peak fp64_tensor"]["old"] == "–", "V100 has none"


def test_parts_and_dates_are_told(rows):
    assert rows["nodes / slots"]["new"] == "8 / 64"
    assert rows["could be bought in time"]["new"] == "yes"
    assert rows["price of all parts"]["new"].endswith("KRW")


def test_the_same_demand_was_submitted_everywhere(rows):
    assert rows["submitted"]["new"] == rows["submitted"]["old"]
    assert rows["ended"]["new"] != rows["ended"]["old"]


def test_replications_show_their_interval(rows):
    assert "…" in rows["gpu: used, whole horizon"]["new"]
    assert {"gpu: all jobs, 2021-03", "hpc: jobs waiting, 2021-03"} <= set(rows)


def test_how_hardware_changes_run_times_is_told(results):
    assert run_time_remark(results[0], SAY) == "new: run times as on the reference."
    assert run_time_remark(results[1], SAY).startswith("old: run times between ")
    assert "bound by" in run_time_remark(results[1], SAY)


def test_a_heading_stands_above_every_section(results):
    plain = compare_rows(results, SAY)
    shown = with_headings(plain, SAY)
    named = {name: SAY.text(f"compared.sections.{name}") for name in SECTIONS}
    headings = [row["question"] for row in shown if row["question"] in named.values()]
    assert headings == [named[name] for name in dict.fromkeys(row["section"] for row in plain)]
    indented = [row["question"].strip() for row in shown if row["question"].startswith("  ")]
    assert indented == [row["question"] for row in plain]
    assert {tuple(row) for row in shown} == {tuple(plain[0])}


def test_every_metric_has_a_section():
    assert {metric.section for metric in METRICS.values()} <= set(SECTIONS)


def test_each_delivery_says_how_late_its_parts_are(rows):
    assert rows["delivery within"]["new"] == "2021-02-10: in time"


def test_waits_are_told_by_class(rows):
    assert rows["gpu: small"]["new"].count("/") == 1
    assert rows["gpu: small"]["old"] != rows["gpu: small"]["new"]


def test_uses_and_energy_are_told(rows):
    assert rows["gpu: useful (goodput)"]["new"].endswith("%")
    assert rows["the site, with PUE"]["new"].split()[-1].endswith(("GWh", "GWh)"))
    assert "electricity at its flat price" in rows


def test_remarks_say_which_draw_is_an_upper_bound(results):
    unmeasured = {
        p.node.name for p in results[0].loaded.scenario.site.pools.values() if not p.node.power.typical
    }
    told = " ".join(remarks(results[0], SAY))
    assert ("upper bound" in told) == bool(unmeasured)


def one_case(folder, name, *overrides):
    return run(called(load_scenario(write_small(folder), overrides=overrides), name), replications=1)


def test_a_class_that_cannot_run_is_said_with_its_reason(tmp_path, results):
    poor = one_case(tmp_path, "poor", "workload.classes.small.memory=60 GB/slot", "until=2021-02-01")
    found = {row["question"]: row["poor"] for row in compare_rows([poor], SAY)}
    assert found["gpu: small"] == "cannot run here"
    assert found["classes with jobs that can never start"] == "small, large"
    assert any(
        "small: " in remark and "can never start" in remark and "60 GB" in remark
        for remark in remarks(poor, SAY)
    )


def test_what_is_switched_off_is_not_told(tmp_path):
    parts = ("hardware", "failures", "checkpoints", "storage", "energy")
    off = one_case(tmp_path, "off", *(f"simulate.{part}=false" for part in parts), "until=2021-02-01")
    rows = compare_rows([off], SAY)
    assert not {"energy", "operations"} & {row["section"] for row in rows}
    assert not any("outages" in row["question"] or "failures of nodes" in row["question"] for row in rows)
    assert {row["off"] for row in rows if row["section"] == "storage"} == {"–"}
    assert not {"site_energy_j", "delivered_flop", "storage_used_bytes"} & {f.metric for f in off.findings}
    assert "off" in run_time_remark(off, SAY)


def test_operations_stand_beside_the_peak_of_their_precision(tmp_path):
    case = one_case(tmp_path, "known", "workload.classes.small.mfu=20 %", "until=2021-02-01")
    rows = {
        row["question"]: row["known"] for row in compare_rows([case], SAY) if row["section"] == "operations"
    }
    assert list(rows) == ["gpu: tf32"]
    assert "of" in rows["gpu: tf32"]
    assert rows["gpu: tf32"].endswith("%)")


def test_values_are_si_numbers_with_their_intervals(results):
    rows = compare_values(results)
    assert {tuple(row) for row in rows} == {
        ("section", "metric", "labels", "unit", "new", "new_low", "new_high", "old", "old_low", "old_high")
    }
    keys = [(row["metric"], row["labels"]) for row in rows]
    assert len(keys) == len(set(keys))
    used = next(
        row for row in rows if (row["metric"], row["labels"]) == ("utilization", "pool=gpu month=all")
    )
    assert used["unit"] == "1"
    assert used["new_low"] < used["new"] < used["new_high"] < 1
    only_old = next(row for row in rows if row["labels"] == "pool=hpc month=all slots=16")
    assert only_old["new"] is None, "a node of the new site has 8"
    assert not math.isnan(only_old["old"])
