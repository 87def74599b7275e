"""``validate``, ``show``, ``list`` and ``schema`` on the shipped specifications and on wrong ones."""

import csv
import io
import json
import subprocess
import sys

import pytest

from capacity.cli.main import entry
from capacity.face.document import SCHEMA_VERSION
from capacity.inputs.policy.policy import Policy
from capacity.inputs.reading.catalogue import KINDS
from capacity.quantities.precision import PRECISIONS

NODE = """\
kind: node
title: A node for tests
source: assumption
as_of: 2020
why: made up
cpu_cores: 64
memory: 256 GB
peak: {fp64: 4.6 TFLOPS}
power: {idle: 200 W, max: 800 W}
available_from: 2019-10-01
achievable: {fp64: 80 %}
"""


def run(capsys, *args):
    code = entry(args)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


KINDS_LISTED = (
    *("experiments", "scenarios", "sites", "workloads", "references", "nodes", "accelerators"),
    "storage-products",
    *("orders", "backfilling", "placements", "ties", "estimates", "overrun", "conservative", "routes"),
    *("fair-share", "readers", "models", "report-sections", "metrics"),
)


@pytest.mark.parametrize("kind", KINDS_LISTED)
def test_every_kind_can_be_listed_in_every_form(capsys, kind):
    code, out, err = run(capsys, "list", kind, "--format", "csv")
    assert (code, err) == (0, "")
    names = [row["name"] for row in rows_of(out)]
    assert len(names) == len(set(names)) > 0
    table = run(capsys, "list", kind, "-n")[1]
    assert [line.split()[0] for line in table.splitlines()] == names
    document = json.loads(run(capsys, "list", kind, "--json")[1])
    assert document["schema_version"] == SCHEMA_VERSION
    assert [row["name"] for row in document["rows"]] == names


def test_list_without_a_kind_lists_the_kinds(capsys):
    code, out, _ = run(capsys, "list", "--format", "csv")
    assert code == 0
    assert tuple(row["name"] for row in rows_of(out)) == KINDS_LISTED


def test_the_names_of_policies_are_those_a_scenario_may_use(capsys):
    fields = Policy.model_json_schema()["properties"]
    for kind, field in (
        ("orders", "order"),
        ("backfilling", "backfill"),
        ("placements", "placement"),
        ("ties", "ties"),
        ("estimates", "estimates"),
        ("overrun", "overrun"),
        ("conservative", "conservative"),
        ("routes", "route"),
    ):
        listed = [row["name"] for row in rows_of(run(capsys, "list", kind, "--format", "csv")[1])]
        assert listed == fields[field]["enum"]


def test_sites_are_listed_with_what_a_buyer_asks(capsys):
    rows = {row["name"]: row for row in rows_of(run(capsys, "list", "sites", "--format", "csv")[1])}
    a100 = rows["gwangju-a100"]
    assert float(a100["peak_fp64_tensor_flops"]) == pytest.approx(88.5e15, rel=0.01)
    assert float(a100["usable_bytes"]) == pytest.approx(107e15)
    assert rows["gwangju-cpu"]["peak_fp64_tensor_flops"] == ""
    assert rows["gwangju-h100"]["in_time"] == "False"


def test_a_wrong_file_of_the_user_does_not_hide_the_rest(capsys, tmp_path, monkeypatch):
    folder = tmp_path / "hardware" / "nodes"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(NODE)
    (folder / "wrong.yaml").write_text(NODE.replace("cpu_cores", "cores"))
    monkeypatch.setenv("CAPACITY_CONFIG_PATH", str(tmp_path))
    code, out, err = run(capsys, "list", "nodes", "--format", "csv")
    rows = {row["name"]: row for row in rows_of(out)}
    assert code == 0
    assert rows["mine"]["slots"] == "1"
    assert rows["wrong"]["title"].startswith("invalid")
    assert "dgx-a100" in rows
    assert "node wrong cannot be used" in err


def test_show_prints_every_precision_and_the_checks_of_a_site(capsys):
    code, out, _ = run(capsys, "show", "gwangju-h100", "--kind", "site")
    assert code == 0
    for precision in PRECISIONS:
        assert f"\n{precision} " in out
    assert "within 1 %" in out
    assert "2023-01-01" in out
    assert "NO" in out


def test_show_says_where_each_value_stood(capsys):
    _, out, _ = run(capsys, "show", "gwangju-plan", "--set", "site.pools.gpu.nodes=300", "--format", "csv")
    rows = {row["path"]: row for row in rows_of(out)}
    assert rows["site.pools.gpu.nodes"]["value"] == "300"
    assert rows["site.pools.gpu.nodes"]["origin"].startswith("--set")
    assert "gwangju-plan.yaml:" in rows["until"]["origin"]
    assert "a100-sxm4-40.yaml:" in rows["site.pools.gpu.node.accelerator.peak.fp64"]["origin"]
    assert all(row["origin"] for row in rows.values())


def test_show_json_has_the_data_the_origins_and_the_sums(capsys):
    document = json.loads(run(capsys, "show", "gwangju-plan", "--json")[1])
    assert document["schema_version"] == SCHEMA_VERSION
    assert document["kind"] == "scenario"
    assert len(document["hash"]) == 64
    assert document["data"]["until"] == "2022-12-31"
    assert document["site"]["nodes"] == 569
    peaks = {row["precision"]: row["peak_flops"] for row in document["site"]["peaks"]}
    assert set(peaks) == set(PRECISIONS)
    assert peaks["fp64_tensor"] == pytest.approx(88.5e15, rel=0.01)


def test_a_declared_total_that_the_parts_miss_is_said(capsys):
    code, out, err = run(capsys, "show", "gwangju-plan", "--set", "site.pools.gpu.nodes=300")
    assert code == 0
    assert "NO" in out
    assert "declared 88.5 PFLOPS" in err


def test_a_part_that_is_no_site_is_only_its_values(capsys):
    code, out, _ = run(capsys, "show", "dgx-a100")
    assert code == 0
    assert out.startswith("value of")


def test_standard_input_needs_its_kind():
    code = "import sys; from capacity.cli.main import entry; sys.exit(entry(sys.argv[1:]))"
    call = [sys.executable, "-c", code, "validate", "-"]
    unsaid = subprocess.run(call, input=NODE, text=True, capture_output=True, check=False)
    assert unsaid.returncode == 2
    assert "--kind" in unsaid.stderr
    said = subprocess.run([*call, "--kind", "node"], input=NODE, text=True, capture_output=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


def test_validate_names_all_problems_of_all_files(capsys, tmp_path):
    good, bad, missing = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "missing.yaml"
    good.write_text(NODE)
    bad.write_text(NODE.replace("cpu_cores", "cpu_cors").replace("800 W", "800 kg").replace("256 GB", "256"))
    code, out, err = run(capsys, "validate", str(good), str(bad), str(missing))
    assert code == 3
    assert [line.split()[-3] for line in out.splitlines()[1:]] == ["ok", "invalid", "invalid"]
    for place in (f"{bad}:6:", f"{bad}:7:", f"{bad}:9:", str(missing)):
        assert place in err
    assert "cpu_cores" in err
    assert "Traceback" not in err


def test_validate_json_carries_the_problems(capsys, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(NODE.replace("cpu_cores", "cpu_cors"))
    code, out, _ = run(capsys, "validate", str(bad), "gwangju-plan", "--json")
    assert code == 3
    wrong, right = json.loads(out)["results"]
    assert (wrong["valid"], right["valid"], right["kind"]) == (False, True, "scenario")
    assert str(bad) in wrong["problems"][0]["where"]
    assert len(right["sha256"]) == 64


@pytest.mark.parametrize("kind", ["accelerator", "node", "storage-product", "site", "workload", "scenario"])
def test_every_kind_has_a_schema(capsys, kind):
    code, out, _ = run(capsys, "schema", kind)
    assert code == 0
    assert json.loads(out)["title"] == f"capacity: {kind}"


def test_all_schemas_are_written_into_a_folder(capsys, tmp_path):
    assert run(capsys, "schema", "--all", str(tmp_path / "new" / "schema"))[:2] == (0, "")
    written = {path.stem: path.read_text("utf-8") for path in (tmp_path / "new" / "schema").iterdir()}
    assert written == {kind: run(capsys, "schema", kind)[1] for kind in KINDS}


@pytest.mark.parametrize("args", [[], ["site", "--all", "here"]])
def test_a_schema_is_one_or_all(capsys, args):
    code, out, err = run(capsys, "schema", *args)
    assert (code, out) == (2, "")
    assert "--all DIR" in err


def test_an_unknown_name_is_three_with_the_nearest(capsys):
    code, out, err = run(capsys, "show", "gwangju-pln")
    assert (code, out) == (3, "")
    assert "did you mean 'gwangju-plan'?" in err


def test_the_schema_of_findings_knows_each_metric(capsys):
    code, out, _ = run(capsys, "schema", "findings")
    assert code == 0
    rows = json.loads(out)["properties"]["findings"]["items"]["oneOf"]
    assert {"p95_wait_s", "storage_full_s"} <= {row["properties"]["metric"]["const"] for row in rows}
