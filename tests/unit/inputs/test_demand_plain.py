"""Workloads without a word on hardware: a model fitted to a log is one, and any one-pool site can run it."""

import json
from datetime import date

import numpy as np
import pytest

from capacity.cli.main import entry
from capacity.errors import InputError
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.simulation.build import build
from tests.support.plain_demand import MAIN, WORKLOAD, changed, write_plain
from workloads.synthetic.calendar import SeasonNumbers
from workloads.synthetic.public_holidays import public_holidays

TWO_POOLS = f"{MAIN}  other: {{node: ./node.yaml, nodes: 3}}\n"


def problems(load, *args, **options):
    with pytest.raises(InputError) as caught:
        load(*args, **options)
    return str(caught.value)


def workload_problems(tmp_path, text):
    write_plain(tmp_path, text)
    return problems(load_part, "workload", tmp_path / "plain.yaml")


def test_run_times_are_those_of_the_model_on_any_hardware(tmp_path):
    scenario = load_scenario(write_plain(tmp_path)).scenario
    built = build(scenario, seed=1, replication=0)
    assert built.hardware.mean_factors() == {"work": 1.0}
    assert set(built.table.frame["pool"]) == {"main"}
    elsewhere = load_scenario(tmp_path / "asked.yaml", overrides=["site.pools.main.node=dgx-a100"]).scenario
    other = build(elsewhere, seed=1, replication=0)
    assert np.array_equal(built.table.numbers("run_s"), other.table.numbers("run_s"))


def test_the_model_names_no_hardware_and_any_pool(tmp_path):
    write_plain(tmp_path)
    model = load_part("workload", tmp_path / "plain.yaml").record.to_model()
    assert (model.reference, model.classes[0].pool, model.classes[0].longer_by_slots) == ("", "", {})


def test_a_plain_number_of_members_never_changes(tmp_path):
    write_plain(tmp_path)
    loaded = load_part("workload", tmp_path / "plain.yaml")
    ramp = loaded.record.tenants["lab"].members.to_ramp()
    assert ramp.at(np.array([0.0, 18_000.0, 40_000.0])).tolist() == [20.0] * 3
    assert loaded.data["tenants"]["lab"]["members"] == 20
    assert loaded.origins["tenants", "lab", "members"].endswith("plain.yaml:15:14")


def test_the_pool_of_the_workload_is_that_of_classes_without_one(tmp_path):
    text = changed(("classes:", "pool: main\nclasses:"))
    scenario = load_scenario(write_plain(tmp_path, text, pools=TWO_POOLS)).scenario
    assert scenario.pools_of(scenario.workload.classes["work"]) == ("main",)
    assert set(build(scenario, seed=1, replication=0).table.frame["pool"]) == {"main"}


def test_with_several_pools_someone_must_say_which(tmp_path):
    message = problems(load_scenario, write_plain(tmp_path, pools=TWO_POOLS))
    assert "plain.yaml:8:5" in message
    assert "in which pool does it run?" in message
    assert "main, other" in message


def test_the_pool_of_the_workload_must_be_there(tmp_path):
    path = write_plain(tmp_path, changed(("classes:", "pool: mian\nclasses:")))
    message = problems(load_scenario, path)
    assert "plain.yaml:6:7" in message
    assert "did you mean 'main'" in message


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("    limit", "    precision: bf16\n    limit", "11:16", "'precision' without 'bound'"),
        (
            "    limit",
            "    bound: {compute: 100 %}\n    limit",
            "11:12",
            "'bound' without 'precision'",
        ),
        (
            "    limit",
            "    precision: bf16\n    bound: {compute: 100 %}\n    limit",
            "11:16",
            "reference",
        ),
        ("members: 20", "members: -3", "15:14", "negative"),
        ("members: 20", "members: many", "15:14", "no plain number"),
        ("members: 20", "members: [20]", "15:14", "a list where a number belongs"),
        ("members: 20", "members: .nan", "15:14", "not a finite number"),
        ("members: 20", "members: {value: -2, source: a page}", "15:22", "negative"),
        ("members: 20", "members: {growth: steps}", "15:5", "missing"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(tmp_path, old, new, where, what):
    message = workload_problems(tmp_path, changed((old, new)))
    assert f"plain.yaml:{where}" in message
    assert what in message


@pytest.mark.parametrize(
    ("rhythm", "where", "what"),
    [
        ("{country: KP2}", "6:19", "no public holidays are known of a country 'KP2'"),
        ("{country: kr}", "6:19", "did you mean 'KR'"),
        ("{country: DE-BX}", "6:19", "of their own are known of 'BX' in DE"),
        ("{country: KR-29}", "6:19", "write KR"),
        ("{weekend_hours: [1, 2]}", "6:25", "weekend_hours"),
        (f"{{weekend_hours: {[0] * 24}}}", "6:25", "every weight is 0"),
        ("{seasons: {term: {start: 2021-03-02, until: 06-20, weight: 1.1}}}", "6:34", "no day of the year"),
        ("{seasons: {term: {start: 02-30, until: 06-20, weight: 1.1}}}", "6:34", "'02-30' is no day of the"),
        ("{seasons: {term: {start: 3, until: 06-20, weight: 1.1}}}", "6:34", "no day of the year"),
        ("{seasons: {term: {start: 03-02, until: 06-20}}}", "6:20", "weight: missing"),
        ("{seasons: {term: {start: 03-02, until: 06-20, weight: -1}}}", "6:63", "negative"),
    ],
)
def test_a_calendar_that_is_none_is_refused(tmp_path, rhythm, where, what):
    message = workload_problems(tmp_path, changed(("classes:", f"rhythm: {rhythm}\nclasses:")))
    assert f"plain.yaml:{where}" in message
    assert what in message


def test_a_calendar_becomes_that_of_the_model(tmp_path):
    rhythm = "{country: DE-BY, seasons: {term: {start: 10-15, until: 02-29, weight: 1.2}}}"
    write_plain(tmp_path, changed(("classes:", f"rhythm: {rhythm}\nclasses:")))
    profile = load_part("workload", tmp_path / "plain.yaml").record.rhythm.to_profile()
    assert (profile.country, profile.subdivision) == ("DE", "BY")
    assert [isinstance(season, SeasonNumbers) for season in profile.seasons] == [True]
    assert dict(*profile.seasons) == {"start": (10, 15), "until": (2, 29), "weight": 1.2}


def test_the_shipped_demand_keeps_the_holidays_of_korea():
    """A substitute day, an election and a lunar feast, as decreed; a working day beside them."""
    rhythm = load_part("workload", "gwangju-research").record.rhythm
    assert rhythm.country == "KR"
    days = public_holidays("KR", "", range(2020, 2025)) | rhythm.to_profile().holidays
    assert {date(2020, 8, 17), date(2022, 3, 9), date(2024, 2, 12)} <= days
    assert date(2021, 3, 2) not in days


def test_holidays_that_nobody_knows_are_an_error_not_a_traceback(tmp_path, monkeypatch, capsys):
    write_plain(tmp_path, changed(("classes:", "rhythm: {country: IN}\nclasses:")))
    monkeypatch.chdir(tmp_path)
    days = ("--start", "2060-02-01", "--until", "2060-02-07")
    assert entry(["workload", "generate", "plain.yaml", *days, "-o", "a.swf"]) == 3
    assert "holidays of IN" in capsys.readouterr().err


@pytest.mark.parametrize(
    "call",
    [
        (
            "workload",
            "generate",
            "plain.yaml",
            "--start",
            "2021-02-01",
            "--until",
            "2021-02-07",
            "-o",
            "a.swf",
        ),
        ("workload", "generate", "asked.yaml", "-o", "b.parquet"),
        ("simulate", "asked.yaml"),
        ("show", "asked.yaml"),
        ("show", "plain.yaml"),
        ("validate", "asked.yaml", "plain.yaml"),
    ],
    ids=lambda call: " ".join(call[:3]),
)
def test_all_commands_take_it(tmp_path, monkeypatch, capsys, call):
    write_plain(tmp_path)
    monkeypatch.chdir(tmp_path)
    code = entry([*call])
    assert code == 0, capsys.readouterr()


def test_the_note_says_that_run_times_hold_on_any_hardware(tmp_path, monkeypatch, capsys):
    write_plain(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert entry(["workload", "generate", "asked.yaml", "-o", "a.csv"]) == 0
    assert "on any hardware" in capsys.readouterr().err


def test_what_is_written_out_can_be_read_again(tmp_path):
    write_plain(tmp_path, WORKLOAD)
    loaded = load_part("workload", tmp_path / "plain.yaml")
    (tmp_path / "again.yaml").write_text(json.dumps(loaded.data), encoding="utf-8")
    assert load_part("workload", tmp_path / "again.yaml").record.tenants == loaded.record.tenants
