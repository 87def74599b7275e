"""``capacity simulate`` as people and programs use it: tables, JSON, CSV, options, exit codes, bad input."""

import csv
import io
import json
import re

import pytest

from capacity.cli.main import entry
from capacity.face.document import SCHEMA_VERSION
from tests.support.small_site import write_small

MONTHS = ["2021-01", "2021-02", "2021-03"]
PER_POOL = [
    "utilization",
    "p50_wait_s",
    "p95_wait_s",
    "queue_length",
    "jobs_completed",
    "delivered_slot_hours",
]
PER_TIER = ["storage_used_bytes", "storage_capacity_bytes"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return str(write_small(tmp_path_factory.mktemp("small")))


@pytest.fixture
def capacity(capsys, tmp_path, monkeypatch):
    """Run a command line in an empty directory and return code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*args):
        code = entry(list(args))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def document(capacity, small):
    def call(*args):
        code, out, _ = capacity("simulate", small, "--json", *args)
        assert code == 0
        return json.loads(out)

    return call


def found(document, metric, **labels):
    matching = [f for f in document["findings"] if (f["metric"], f["labels"]) == (metric, labels)]
    assert len(matching) == 1, (metric, labels)
    return matching[0]


# --- JSON -----------------------------------------------------------------------------------------


def test_json_is_as_the_interface_has_it(document):
    got = document()
    assert list(got) == [
        "schema_version",
        "scenario",
        "hash",
        "replications",
        "worlds",
        "load_state",
        "findings",
    ]
    assert (got["schema_version"], got["scenario"], got["replications"]) == (SCHEMA_VERSION, "small", 1)
    assert re.fullmatch(r"[0-9a-f]{64}", got["hash"])
    for finding in got["findings"]:
        assert list(finding) == [
            *("metric", "labels", "value", "low", "high", "unit", "n", "censored"),
            *("method", "covers", "enough", "share"),
        ]
        assert all(isinstance(text, str) for pair in finding["labels"].items() for text in pair)
        assert finding["value"] is None or isinstance(finding["value"], float)
    places = [(f["metric"], tuple(f["labels"].items())) for f in got["findings"]]
    assert len(places) == len(set(places))


def test_json_has_every_promised_metric_per_pool_and_tier_and_month(document):
    got = document()
    for month in (*MONTHS, "all"):
        for metric in PER_POOL:
            for pool in ("gpu", "hpc"):
                assert found(got, metric, pool=pool, month=month)["value"] >= 0
        for metric in PER_TIER:
            for tier in ("fast", "lake"):
                assert found(got, metric, tier=tier, month=month)["value"] > 0


def test_replications_are_said_and_give_intervals(document):
    got = document("-r", "3", "-j", "1")
    assert got["replications"] == 3
    use = found(got, "utilization", pool="gpu", month="all")
    assert use["n"] == 3
    assert use["low"] < use["value"] < use["high"]
    one = found(document(), "utilization", pool="gpu", month="all")
    assert (one["low"], one["high"], one["n"]) == (None, None, 1)


def test_the_same_command_gives_the_same_answer(document):
    assert document() == document()


def test_another_seed_is_another_course_of_the_same_scenario(document):
    first, other = document(), document("--seed", "8")
    assert first["hash"] == other["hash"]
    assert first["findings"] != other["findings"]


def test_what_is_set_changes_the_scenario_and_its_hash(document):
    first, wide = document(), document("--set", "site.pools.gpu.nodes=40")
    assert first["hash"] != wide["hash"]
    capacity = [found(got, "capacity_slots", pool="gpu", month="2021-02")["value"] for got in (first, wide)]
    assert capacity == [24, 240]


def test_until_cuts_the_horizon(document):
    got = document("--until", "2021-02-14")
    months = [f["labels"]["month"] for f in got["findings"] if f["metric"] == "jobs_ended"]
    assert months == ["2021-01", "2021-02", "all"] * 2


def test_another_site_serves_the_same_demand(document, small, tmp_path):
    folder = tmp_path / "other"
    site = write_small(folder, renamed={"dgx-a100": "dgx-2"}).parent / "site.yaml"
    first, other = document(), document("--site", str(site))
    for pool in ("gpu", "hpc"):
        submitted = [found(got, "jobs_submitted", pool=pool, month="all")["value"] for got in (first, other)]
        assert submitted[0] == submitted[1]
    work = [found(got, "delivered_slot_hours", pool="gpu", month="all")["value"] for got in (first, other)]
    assert work[0] != work[1]


# --- Tables and CSV -------------------------------------------------------------------------------


def test_a_table_in_a_pipe_is_plain_text(capacity, small):
    code, out, err = capacity("simulate", small)
    assert code == 0
    assert "\x1b" not in out
    assert not re.search("[\u2500-\u257f]", out), "no boxes"
    lines = out.splitlines()
    assert lines[0] == "Fifty days of a small site"
    assert lines[2].split()[0] == "month"
    assert [line.split()[0] for line in lines[3:6]] == MONTHS
    assert "in the batch system" in err


def test_the_table_closes_with_what_it_means(capacity, small):
    out = capacity("simulate", small)[1]
    assert "gpu: saturated" in out
    assert "26 rejected at submission" in out
    assert "lake: not at its fill limit of 85 % before 2021-03-11" in out


def test_no_header(capacity, small):
    lines = capacity("simulate", small, "-n")[1].splitlines()
    assert lines[2].split()[0] == "2021-01"


def test_csv_carries_si_numbers(capacity, small, document):
    code, out, _ = capacity("simulate", small, "--format", "csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["month"] for row in rows] == MONTHS
    got = document()
    for row in rows:
        for pool in ("gpu", "hpc"):
            for metric in ("utilization", "p50_wait_s", "p95_wait_s", "queue_length"):
                expected = found(got, metric, pool=pool, month=row["month"])["value"]
                assert float(row[f"{metric}.{pool}"]) == expected
        stored = [
            found(got, "storage_used_bytes", tier=t, month=row["month"])["value"] for t in ("fast", "lake")
        ]
        assert float(row["storage_used_bytes"]) == sum(stored)


def test_csv_without_header_has_only_rows(capacity, small):
    out = capacity("simulate", small, "--format", "csv", "-n")[1]
    assert [line.split(",")[0] for line in out.splitlines()] == MONTHS


def test_nothing_but_data_goes_to_stdout(capacity, small):
    code, out, err = capacity("simulate", small, "--json", "--output", "run", "--set", "site.budget=5 KRW")
    assert code == 0
    json.loads(out)
    assert "warning: " in err
    assert "results in run" in err


def test_a_scenario_without_jobs_is_told_as_it_is(capacity, small):
    code, out, _ = capacity(
        "simulate", small, *(
            part
            for tenant in ("lab", "firm")
            for part in ("--set", f"workload.tenants.{tenant}.members.points={{2022-01-01: 1}}")
        )
    )  # fmt: skip
    assert code == 0
    assert "Jobs: 0 submitted" in out


# --- A run directory ------------------------------------------------------------------------------


def test_a_run_is_kept(capacity, small, tmp_path):
    code, out, err = capacity("simulate", small, "--json", "-o", "results/run")
    assert code == 0
    kept = tmp_path / "results" / "run"
    assert json.loads((kept / "findings.json").read_text("utf-8")) == json.loads(out)
    assert all((kept / name).exists() for name in re.findall(r"\S+\.(?:json|parquet)", err))
    assert [path.name for path in kept.parent.iterdir()] == ["run"]


def test_an_existing_run_is_kept_unless_forced(capacity, small, tmp_path):
    assert capacity("simulate", small, "-o", "run")[0] == 0
    before = (tmp_path / "run" / "jobs.parquet").read_bytes()
    code, out, err = capacity("simulate", small, "-o", "run", "--seed", "9")
    assert (code, out) == (3, "")
    assert "--force" in err
    assert (tmp_path / "run" / "jobs.parquet").read_bytes() == before
    assert capacity("simulate", small, "-o", "run", "--seed", "9", "--force")[0] == 0
    assert (tmp_path / "run" / "jobs.parquet").read_bytes() != before


def test_a_directory_of_other_things_is_never_overwritten(capacity, small, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("years")
    for force in ([], ["--force"]):
        code, _, err = capacity("simulate", small, "-o", "home", *force)
        assert code == 3
        assert "not a run directory" in err
    assert (tmp_path / "home" / "thesis.tex").read_text() == "years"


@pytest.mark.parametrize(
    ("place", "code", "says"),
    [
        ("file", 3, "not a directory"),
        ("file/run", 3, "cannot write here"),
        (".", 3, "where you are"),
        ("", 2, "empty"),
        ("/proc/run", 3, "/proc"),
        ("x" * 300, 3, "too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused(capacity, small, tmp_path, place, code, says):
    (tmp_path / "file").write_text("mine")
    got, out, err = capacity("simulate", small, "--force", "-o", place)
    assert (got, out) == (code, "")
    assert says in err
    assert "Traceback" not in err
    assert "bug" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


# --- Bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["gwangju-plam"], 3, "did you mean 'gwangju-plan'?"),
        (["./nowhere.yaml"], 3, "nowhere.yaml"),
        (["SMALL", "--until", "2021-01-19"], 3, "before the start"),
        (["SMALL", "--until", "soon"], 3, "YYYY-MM-DD"),
        (["SMALL", "--until", "2021-02-30"], 3, "YYYY-MM-DD"),
        (["SMALL", "--until", ""], 3, "YYYY-MM-DD"),
        (["SMALL", "--until", "9999-12-31"], 3, "until"),
        (["SMALL", "-r", "0"], 2, "-r"),
        (["SMALL", "-r", "many"], 2, "-r"),
        (["SMALL", "-j", "0"], 2, "-j"),
        (["SMALL", "--seed", "-1"], 2, "--seed"),
        (["SMALL", "--seed", str(2**63)], 2, "--seed"),
        (["SMALL", "--set", "site.pools.gpu.nodes"], 2, "PATH=VALUE"),
        (["SMALL", "--set", "site.pools.gpu.node_s=3"], 3, "nodes"),
        (["SMALL", "--set", "site.pools.gpu.nodes=-3"], 3, "nodes"),
        (["SMALL", "--set", "site.pue=0.9"], 3, "pue"),
        (["SMALL", "--set", "site.storage.lake.capacity.usable=40 PFLOPS"], 3, "usable"),
        (["SMALL", "--site", "gwangju-v1000"], 3, "did you mean 'gwangju-v100'?"),
        (["SMALL", "SMALL"], 2, "unexpected"),
        (["SMALL", "--format", "xml"], 2, "--format"),
        (["SMALL", "--nonsense"], 2, "--nonsense"),
    ],
)
def test_bad_input_has_its_code_and_a_message(capacity, small, args, code, says):
    got, out, err = capacity("simulate", *(small if arg == "SMALL" else arg for arg in args))
    assert (got, out) == (code, "")
    assert says in err
    assert "Traceback" not in err
    assert "bug" not in err


def test_all_problems_are_told_at_once(capacity, small):
    wrong = ["--set", "site.pue=0.5", "--set", "seed=-1", "--set", "site.pools.gpu.nodes=zero"]
    code, _, err = capacity("simulate", small, *wrong)
    assert code == 3
    assert all(word in err for word in ("pue", "seed", "nodes", "3 problems"))
