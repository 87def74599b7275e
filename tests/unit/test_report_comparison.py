"""The comparison of sites: one row per question, in words for people and in SI numbers for programs."""

import math

import pytest

from capacity.precision import PRECISIONS
from capacity.report.comparison import compare_rows, compare_values, run_time_remark
from capacity.spec.loader import LoadedScenario, load_scenario
from capacity.study.run import run
from tests.support.small_site import write_small


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
    return {row["question"]: row for row in compare_rows(results)}


def test_every_row_answers_for_every_site(rows):
    for row in rows.values():
        assert set(row) == {"question", "new", "old"}
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
    assert rows["jobs submitted"]["new"] == rows["jobs submitted"]["old"]
    assert rows["jobs ended"]["new"] != rows["jobs ended"]["old"]


def test_replications_show_their_interval(rows):
    assert "…" in rows["gpu: used, whole horizon"]["new"]
    assert {"gpu: p95 wait, 2021-03", "hpc: jobs waiting, 2021-03"} <= set(rows)


def test_how_hardware_changes_run_times_is_told(results):
    assert run_time_remark(results[0]) == "new: run times as on the reference accelerator."
    assert run_time_remark(results[1]).startswith("old: run times between ")


def test_values_are_si_numbers_with_their_intervals(results):
    rows = compare_values(results)
    assert {tuple(row) for row in rows} == {
        ("metric", "labels", "unit", "new", "new_low", "new_high", "old", "old_low", "old_high")
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
