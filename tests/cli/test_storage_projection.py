"""``capacity storage --growth`` and ``--history``, and rules of storage that cannot be followed."""

import csv
import io
import json

import pytest

from capacity.cli.main import entry

GROWTH = ["--growth", "30 %/year", "--start-used", "10.7 PB"]


def test_growth_answers_without_jobs(capsys):
    assert entry(["storage", "gwangju-plan", *GROWTH, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["growth_per_year_frac"] == pytest.approx(0.3)
    assert found["first_full"] == "2021-05-01", "the lease cannot hold that"
    assert found["complete_full"].startswith("2029-")
    assert found["months"][0]["month"] == "2021-05"
    assert entry(["storage", "gwangju-plan", *GROWTH]) == 0
    out = capsys.readouterr().out
    assert "all that is planned is full on 2029-" in out
    assert "PiB" in out


def test_history_answers_without_jobs(capsys, tmp_path):
    path = tmp_path / "held.csv"
    path.write_text("date,used_PB\n" + "".join(f"{2014 + n}-01-01,{3.5 * 1.45**n}\n" for n in range(6)))
    assert entry(["storage", "gwangju-plan", "--history", str(path), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["trend"] for row in rows] == ["exponential", "linear"]
    assert float(rows[0]["per_year_frac"]) == pytest.approx(0.45, abs=0.005)
    assert entry(["storage", "gwangju-plan", "--history", str(path)]) == 0
    assert "knows nothing of what is planned" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--start-used", "1 PB"], "--start-used needs --growth"),
        ([*GROWTH, "--look-ahead", "5 year"], "--look-ahead is for simulated storage"),
        ([*GROWTH, "--history", "x.csv"], "two ways"),
        ([*GROWTH, "--plot", "x.svg"], "--plot is for simulated storage"),
        (["--plot", "x.png"], "--plot 'x.png': the file ends in .svg\n"),
    ],
)
def test_options_that_do_not_go_together(capsys, args, said):
    assert entry(["storage", "gwangju-plan", *args]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--growth", "30 %", "--start-used", "1 PB"], "--growth: '30 %' has no unit"),
        (["--growth", "30 %/year", "--start-used", "0 PB"], "--start-used: '0 PB' is not more than 0"),
        (["--growth", "-200 %/year", "--start-used", "1 PB"], "leaves nothing after a year"),
        (["--growth", "30 %/year", "--start-used", "1"], "--start-used: '1' has no unit"),
    ],
)
def test_rates_and_sizes_that_make_no_sense(capsys, args, said):
    assert entry(["storage", "gwangju-plan", *args]) == 3
    assert said in capsys.readouterr().err


def test_storage_that_is_left_out_cannot_be_asked_for(capsys):
    assert entry(["storage", "gwangju-plan", "--set", "simulate.storage=false"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "simulate.storage: storage is left out of the simulation" in captured.err


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("site.storage.tape.migrate={to: disk, unread: 1 day}", "data would go round for ever"),
        ("site.storage.tape.migrate={to: tape, unread: 1 day}", "data would go round for ever: tape to tape"),
        ("site.storage.tape.migrate={to: attic, unread: 1 day}", "there is no tier 'attic'"),
        ("site.storage.tape.migrate={to: disk}", "when does what move?"),
        ("site.storage.disk.migrate={to: tape, above: 90 %, down_to: 50 %}", "never gets there"),
        ("site.storage.disk.migrate={to: tape, above: 70 %, down_to: 80 %}", "less than 'above'"),
        ("site.storage.disk.migrate={to: tape, above: 70 %}", "'above' without 'down_to'"),
        ("site.storage.flash.purge={unread: -3 day}", "is negative"),
        ("site.storage.flash.purge={}", "when is what purged?"),
        ("site.storage.flash.purge={unread: 3 day, when_full: 9 day}", "nothing is left to purge when full"),
        ("site.storage.disk.fill_limit=null", "fill_limit"),
        ("site.storage.disk.compression=0.5", "too small"),
        ("site.storage.disk.when_full=panic", "'panic' is not allowed"),
        ("site.storage.disk.capacity={raw: 10 PB_usable}", "raw"),
        ("workload.tenants.future-car.quotas={disk: 2 PB_raw}", "usable"),
        ("workload.tenants.future-car.quotas={attic: 2 PB}", "no tier 'attic'"),
        ("workload.tenants.future-car.brings.test-cars.deleted=30 %", "has no unit"),
        ("workload.tenants.future-car.brings.test-cars.deleted=130 %/year", "less than 100 %/year"),
        ("workload.tenants.biomedical.brings.hospitals.keep=1 day", "before they may be"),
        ("workload.tenants.future-car.holds.homes={grows: 5 GB}", "grows"),
        ("workload.classes.pretraining.checkpoint.parameters=7e9", "without 'bytes_per_parameter'"),
    ],
)
def test_rules_that_cannot_be_followed_are_refused(capsys, override, said):
    assert entry(["validate", "gwangju-plan", "--set", override]) == 3
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err


def test_a_quota_larger_than_its_tier_is_said_and_does_not_bind(capsys):
    override = "workload.tenants.future-car.quotas={disk: 200 PB}"
    assert entry(["validate", "gwangju-plan", "--set", override]) == 0
    said = capsys.readouterr().err
    assert "tenant future-car: its quota is 200 PB of disk, which has 88 PB when complete" in said
