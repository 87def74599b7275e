"""Every rule of a queue has a flag of ``capacity replay``; what it prints says what was asked for."""

import json

import pandas as pd
import pytest

from capacity.cli.main import entry
from capacity.cli.options.policy import words_of
from capacity.errors import UsageError
from capacity.face.policy import rules_of, weights_of
from capacity.registry import BACKFILLING

LOG = "job_id,submit_s,run_s,requested_s,slots,user,tenant\n" + "".join(
    f"{n},{n * 7},{60 + n % 5 * 40},{300 + n % 3 * 200},{1 + n % 4},u{n % 6},g{n % 2}\n"
    for n in range(1, 200)
)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return str(path)


def replayed(capsys, log, *flags):
    code = entry(["replay", log, "--slots", "6", "--json", *flags])
    out, err = capsys.readouterr()
    assert code == 0, err
    return json.loads(out)


@pytest.mark.parametrize(
    ("flags", "rules"),
    [
        (["--policy", "wfp3+easy", "--recompute", "1 min"], {"order": "wfp3", "recompute_s": 60}),
        (["--policy", "easy++"], {"order": "fcfs", "backfill": "easy++"}),
        (["--policy", "sjf+easy-sjbf"], {"order": "sjf", "backfill": "easy-sjbf"}),
        (["--policy", "conservative", "--conservative", "replan"], {"conservative": "replan"}),
        (
            ["--backfill-order", "saf", "--backfill-depth", "3"],
            {"backfill_order": "saf", "backfill_depth": 3},
        ),
        (["--cycle", "30 s"], {"cycle_s": 30}),
        (["--reservations", "2"], {"reservations": 2}),
        (["--estimates", "exact", "--overrun", "allow"], {"estimates": "exact", "overrun": "allow"}),
    ],
)
def test_a_flag_reaches_the_rules(capsys, log, flags, rules):
    found = replayed(capsys, log, *flags)
    assert {key: found["rules"][key] for key in rules} == rules
    assert found["jobs"] == 199


def test_rules_change_the_schedule(capsys, log):
    waits = {
        words: replayed(capsys, log, *words.split())["mean_wait_s"]
        for words in ("--policy fcfs", "--policy easy", "--policy easy --cycle 600s", "--policy wfp3")
    }
    assert len(set(waits.values())) == 4
    assert waits["--policy easy --cycle 600s"] > waits["--policy easy"]


def test_fair_share_serves_the_group_that_used_less(capsys, tmp_path):
    """One group fills the machine; the other's few jobs go first as soon as they come."""
    rows = [f"{n},0,100,100,1,a,greedy" for n in range(1, 101)]
    rows += [f"{n},150,100,100,1,b,modest" for n in range(101, 106)]
    path = tmp_path / "two.csv"
    path.write_text("job_id,submit_s,run_s,requested_s,slots,user,tenant\n" + "\n".join(rows) + "\n")
    run = tmp_path / "run"
    flags = ["--slots", "5", "--policy", "multifactor+easy", "--recompute", "0 s", "-o", str(run)]
    assert entry(["replay", str(path), *flags]) == 0
    capsys.readouterr()
    frame = pd.read_parquet(run / "jobs.parquet")
    assert set(frame[frame["tenant"] == "modest"]["start_s"]) == {200}


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (["--cycle", "30"], 3, "--cycle"),
        (["--cycle", "0.5 s"], 3, "is no length of time here"),
        (["--recompute", "5 GB"], 3, "--recompute"),
        (["--backfill-order", "safe"], 2, "did you mean 'saf'"),
        (["--estimates", "exat"], 2, "did you mean 'exact'"),
        (["--overrun", "kil"], 2, "did you mean 'kill'"),
        (["--conservative", "stick"], 2, "did you mean 'sticky'"),
        (["--weight", "age=1"], 2, "--weight belongs to --policy multifactor, not to fcfs"),
        (["--policy", "multifactor", "--weight", "aeg=1"], 2, "did you mean 'age'"),
        (["--policy", "multifactor", "--weight", "age=x"], 2, "'x' is no number"),
        (["--policy", "multifactor", "--weight", "age=-1"], 2, "0 or more"),
        (["--policy", "multifactor", "--weight", "age"], 2, "NAME=NUMBER"),
        (
            ["--cycle", "30 s", "--ties", "event"],
            2,
            "no order of ties event; write --ties instant",
        ),
        (["--reservations", "2", "--ties", "pyss"], 2, "with --reservations 2; write --ties instant"),
        (["--policy", "easy++", "--overrun", "allow"], 2, "--overrun: easy++ corrects"),
        (["--policy", "fcfs", "--backfill-order", "saf"], 2, "fcfs+easy"),
        (["--policy", "fcfs", "--backfill-depth", "3"], 2, "does not backfill"),
        (["--policy", "fcfs", "--reservations", "2"], 2, "fcfs+easy"),
        (["--conservative", "replan"], 2, "fcfs+conservative"),
        (["--recompute", "0 s"], 2, "does not change while jobs wait"),
        (["--backfill-order", "multifactor"], 2, "an order whose keys stay"),
        (["--policy", "easy-sjbf", "--backfill-order", "saf"], 2, "--policy fcfs+easy"),
        (["--overrun", "allow", "--ties", "pyss"], 2, "write --ties instant or --ties event"),
        (["--policy", "wfp3+conservative"], 2, "write --policy fcfs+conservative or"),
    ],
)
def test_what_is_wrong_is_said(capsys, log, flags, code, words):
    assert entry(["replay", log, "--slots", "6", *flags]) == code
    assert words in capsys.readouterr().err


def test_conservative_on_nodes_plans_anew_and_says_so(capsys, log):
    nodes = ["--nodes", "3", "--slots-per-node", "2", "--policy", "conservative"]
    assert entry(["replay", log, *nodes, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rules"]["conservative"] == "replan"
    assert entry(["replay", log, *nodes, "--conservative", "sticky"]) == 2
    assert "--conservative replan" in capsys.readouterr().err


def test_a_log_without_users_is_said_where_they_are_asked_for(capsys, tmp_path):
    path = tmp_path / "nobody.csv"
    path.write_text("job_id,submit_s,run_s,requested_s,slots\n1,0,10,20,1\n2,5,10,20,1\n")
    flags = ["replay", str(path), "--slots", "1", "--policy", "easy++"]
    assert entry(flags) == 0
    assert "2 × no user in the log" in capsys.readouterr().err
    assert entry([*flags, "--strict"]) == 3


def test_the_weights_are_in_the_manifest(capsys, log):
    flags = ["--slots", "6", "--policy", "multifactor", "--weight", "age=5", "--json"]
    assert entry(["replay", log, *flags]) == 0
    assert json.loads(capsys.readouterr().out)["rules"]["multifactor"]["age"] == 5


def test_words_say_what_differs():
    rules = rules_of("sjf+easy", ties="instant", placement="best-fit", seed=1, cycle_s=30, backfill_depth=5)
    assert words_of(rules) == "sjf+easy, ties instant, backfill depth 5, cycle 30 s"
    for name in BACKFILLING:
        assert rules_of(name, ties="instant", placement="best-fit", seed=1).backfill == name
    assert rules_of("saf+easy++", ties="instant", placement="best-fit", seed=1).order == "saf"


def test_weights_that_are_given_replace_all():
    assert weights_of("multifactor", ["size=5"]).age == 0
    assert weights_of("multifactor", []).fair_share == 10_000
    with pytest.raises(UsageError, match="unknown weight"):
        weights_of("multifactor", ["qos=1"])
