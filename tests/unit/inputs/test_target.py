"""Targets as planners write them: what is refused, where the complaint points, and that a run meets them."""

import json
from datetime import date

import numpy as np
import pytest

from capacity.cli.main import entry
from capacity.errors import InputError
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.simulation.build import build
from capacity.simulation.demand import demand_of, draw
from tests.support.plain_demand import SCENARIO, changed, write_plain
from workloads.logs import read_log

DAY = 86_400
DAYS = ("--start", "2021-02-01", "--until", "2021-03-14")


def with_target(target, *pairs):
    return changed(("classes:", f"target: {target}\nclasses:"), *pairs)


def problems(load, *args, **options):
    with pytest.raises(InputError) as caught:
        load(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("target", "where", "what"),
    [
        ("{}", "6:9", "what is the target?"),
        ("{offered_load: 80 %, jobs_per_slot_day: 1 job/slot/day}", "6:49", "two targets"),
        ("{offered_load: 0 %}", "6:24", "too small"),
        ("{offered_load: -5 %}", "6:24", "negative"),
        ("{offered_load: 2000 %}", "6:24", "too large"),
        ("{offered_load: much}", "6:24", "much"),
        ("{jobs_per_slot_day: 1.4}", "6:29", "no unit"),
        ("{jobs_per_slot_day: 1.4 job/user/day}", "6:29", "job/slot/day"),
        ("{offered_load: 80 %, slots: 0}", "6:37", "too small"),
        ("{offered_load: 80 %, slots: 2.5}", "6:37", "not a whole number"),
        ("{offered_load: 80 %, start: 2021-03-01, until: 2021-02-01}", "6:56", "is before 2021-03-01"),
        ("{offered_load: 80 %, from: 2021-03-01}", "6:30", "unknown key"),
        ("80 %", "6:9", "where keys and values belong"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(tmp_path, target, where, what):
    write_plain(tmp_path, with_target(target))
    message = problems(load_part, "workload", tmp_path / "plain.yaml")
    assert f"plain.yaml:{where}" in message
    assert what in message


NOBODY = ("members: 20", "members: {points: {2021-06-01: 20}}")
TWICE = ("jobs_per_member: 2 job/user/day", "jobs_per_member: 0 job/user/day")


@pytest.mark.parametrize(
    ("target", "pair", "where", "what"),
    [
        ("{offered_load: 80 %}", NOBODY, "6:24", "no tenant has members who submit jobs from 2021-02-01"),
        ("{offered_load: 80 %}", TWICE, "6:24", "no tenant has members who submit jobs"),
        ("{offered_load: 80 %, start: 2020-02-01}", None, "6:37", "2020-02-01 is not within the horizon"),
        ("{offered_load: 80 %, until: 2022-02-01}", None, "6:37", "2022-02-01 is not within the horizon"),
    ],
)
def test_what_nothing_can_meet_is_refused_where_it_stands(tmp_path, target, pair, where, what):
    pairs = () if pair is None else (pair,)
    path = write_plain(tmp_path, with_target(target, *pairs))
    alone = with_target(target.replace("}", ", slots: 9}", 1), *pairs)
    for load, text in ((lambda: load_scenario(path), None), (lambda: generate(tmp_path), alone)):
        if text is not None:
            write_plain(tmp_path, text)
        message = problems(load)
        assert f"plain.yaml:{where}" in message
        assert what in message


def generate(folder):
    return demand_of("workload", str(folder / "plain.yaml"), start=date(2021, 2, 1), until=date(2021, 3, 14))


def test_alone_it_needs_a_number_of_slots(tmp_path):
    write_plain(tmp_path, with_target("{offered_load: 80 %}"))
    message = problems(generate, tmp_path)
    assert "plain.yaml:6:24" in message
    assert "of how many slots?" in message


def test_before_the_first_delivery_there_are_no_slots(tmp_path):
    scenario = SCENARIO.replace("2021-02-01", "2020-02-01").replace("2021-03-14", "2020-03-14")
    path = write_plain(tmp_path, with_target("{offered_load: 80 %}"), scenario=scenario)
    message = problems(load_scenario, path)
    assert "plain.yaml:6:24" in message
    assert "no slots are in service from 2020-02-01" in message


def test_too_many_jobs_are_refused(tmp_path, monkeypatch, capsys):
    write_plain(tmp_path, with_target("{jobs_per_slot_day: 1000000 job/slot/day, slots: 1000000}"))
    monkeypatch.chdir(tmp_path)
    assert entry(["workload", "generate", "plain.yaml", *DAYS, "-o", "a.swf"]) == 3
    assert "more than can be held" in capsys.readouterr().err


def test_a_workload_alone_meets_it(tmp_path, monkeypatch):
    write_plain(tmp_path, with_target("{offered_load: 120 %, slots: 64}"))
    monkeypatch.chdir(tmp_path)
    assert entry(["workload", "generate", "plain.yaml", *DAYS, "-o", "a.parquet"]) == 0
    table = read_log("a.parquet")
    work = table.numbers("slots").astype(np.int64) * table.numbers("run_s")
    assert 0 <= 1.2 * 64 * 42 * DAY - work.sum() < work.max()


def test_a_scenario_meets_it_on_its_own_hardware_as_it_grows(tmp_path):
    """25 of 100 nodes from the start, all from 1 March; jobs take longer there than on the reference."""
    text = with_target(
        "{offered_load: 90 %}",
        ("kind: workload", "kind: workload\nreference: dgx-a100"),
        ("    limit", "    precision: fp64\n    bound: {compute: 100 %}\n    limit"),
    )
    later = "site.deliveries.rest.date=2021-03-01"
    scenario = load_scenario(write_plain(tmp_path, text), overrides=[later]).scenario
    built = build(scenario, seed=scenario.seed, replication=0)
    assert built.hardware.mean_factors()["work"] != 1.0
    work = built.table.numbers("slots").astype(np.int64) * built.table.numbers("run_s")
    assert 0 <= 0.9 * (25 * 28 + 100 * 14) * DAY - work.sum() < work.max()
    drawn = draw(demand_of("scenario", str(tmp_path / "asked.yaml"), overrides=[later]))
    assert np.array_equal(drawn.numbers("submit_s"), built.table.numbers("submit_s"))


def test_slots_of_its_own_make_it_the_same_demand_on_every_site(tmp_path):
    path = write_plain(tmp_path, with_target("{offered_load: 90 %, slots: 50}"))
    here, there = (
        build(load_scenario(path, overrides=more).scenario, seed=1, replication=0).table
        for more in ([], ["site.pools.main.nodes=40"])
    )
    assert np.array_equal(here.numbers("submit_s"), there.numbers("submit_s"))


def test_replications_meet_it_too(tmp_path, monkeypatch, capsys):
    path = write_plain(tmp_path, with_target("{jobs_per_slot_day: 0.5 job/slot/day}"))
    monkeypatch.chdir(tmp_path)
    assert entry(["simulate", str(path), "-r", "2", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    (submitted,) = (
        one
        for one in findings
        if one["metric"] == "jobs_submitted" and one["labels"] == {"pool": "main", "month": "all"}
    )
    assert submitted["value"] == pytest.approx(0.5 * 25 * 42, abs=1)


def test_too_many_jobs_without_a_target_are_refused_as_well(tmp_path, monkeypatch, capsys):
    write_plain(tmp_path)
    monkeypatch.chdir(tmp_path)
    for crowd in ("members=1e12", "jobs_per_member=1e9 job/user/day"):
        asked = ["--set", f"tenants.lab.{crowd}", "-o", "a.swf"]
        assert entry(["workload", "generate", "plain.yaml", *DAYS, *asked]) == 3
        said = capsys.readouterr().err
        assert said.startswith("error: plain: tenants: ")
        assert "more than can be held" in said
