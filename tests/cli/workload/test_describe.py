"""``capacity workload describe``: logs and demands in numbers, side by side, held against figures, drawn."""

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from capacity.cli.main import entry
from capacity.face.document import SCHEMA_VERSION
from tests.spec_files import write
from workloads.describe.measures import METRICS, SECTIONS
from workloads.jobtable import STATES, label_column, table_from
from workloads.logs import write_log

DAYS = ("--start", "2022-03-01", "--until", "2022-03-20")
ROOT = Path(__file__).resolve().parents[3]
CALL = "import sys; from capacity.cli.main import entry; sys.exit(entry(sys.argv[1:]))"


def labels(values):
    words = list(dict.fromkeys(values))
    return label_column(np.array([words.index(value) for value in values]), words)


def log(name, n=40, *, scale=60, **more):
    """A small log that says everything."""
    number = np.arange(n)
    columns = {
        "job_id": number + 1,
        "submit_s": number * 3600,
        "run_s": (number % 5 + 1) * scale,
        "requested_s": np.full(n, 600),
        "slots": 2 ** (number % 4),
        "user": labels([f"u{i % 7}" for i in number]),
        "tenant": labels(["a" if i % 3 else "b" for i in number]),
        "job_class": labels(["short", "long"] * (n // 2)),
        "state": label_column(number % 3 + 1, STATES),
    }
    write_log(table_from(columns, max_slots=16, **more), name)
    return name


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(capsys, *args):
    code = entry(["workload", "describe", *args])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    return code, captured.out, captured.err


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_log_in_tables(capsys):
    code, out, err = run(capsys, log("a.csv"))
    assert (code, err) == (0, "")
    for title in [*list(SECTIONS.values())[:-2], "class", "tenant"]:
        assert re.search(rf"^{title}( |$)", out, re.MULTILINE), title
    assert "median                   3 min" in out
    assert "nan" not in out.lower().replace("tenant", "")
    assert "short" in out
    assert "the log does not say when its clock was 0" in out


def test_the_long_form_has_every_number_once(capsys):
    code, out, _ = run(capsys, log("a.swf"), "--format", "csv")
    assert code == 0
    rows = rows_of(out)
    assert list(rows[0]) == ["section", "name", "labels", "value", "unit", "note"]
    keys = [(row["name"], row["labels"]) for row in rows]
    assert len(keys) == len(set(keys))
    values = {(row["name"], row["labels"]): row for row in rows}
    assert values["jobs", ""]["value"] == "40.0"
    assert values["run_p50_s", ""] == {
        "section": "run_times",
        "name": "run_p50_s",
        "labels": "",
        "value": "180.0",
        "unit": "s",
        "note": "",
    }
    assert float(values["state_jobs_frac", "state=failed"]["value"]) == pytest.approx(13 / 40)
    assert values["offered_load_frac", ""]["unit"] == "1"


def test_json_says_the_same_with_its_version(capsys):
    document = json.loads(run(capsys, log("a.csv"), "--json", "--slots", "32")[1])
    assert document["schema_version"] == SCHEMA_VERSION
    assert document["absent"] == {}
    measures = {(m["name"], *m["labels"].values()): m for m in document["measures"]}
    assert measures["machine_slots",]["value"] == 32
    assert measures["state_work_frac", "completed"]["labels"] == {"state": "completed"}
    assert measures["first_submission",]["value"] is None
    assert measures["first_submission",]["note"]
    assert {m["name"] for m in document["measures"]} <= set(METRICS)


def test_a_log_can_come_through_a_pipe(capsys):
    log("a.swf")
    found = subprocess.run(
        [sys.executable, "-c", CALL, "workload", "describe", "-", "--json"],
        input=Path("a.swf").read_bytes(), capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["source"] == "<stdin>"
    assert json.loads(found.stdout)["measures"] == json.loads(run(capsys, "a.swf", "--json")[1])["measures"]


def test_sections_a_log_cannot_fill_say_so(capsys):
    Path("a.csv").write_text("job_id,submit_s,run_s,slots\n1,0,10,1\n2,5,20,2\n", "utf-8")
    code, out, _ = run(capsys, "a.csv")
    assert code == 0
    assert "requested times: not in the log: no job has a requested time" in out
    assert "users: not in the log: no job has a user" in out
    rows = rows_of(run(capsys, "a.csv", "--format", "csv")[1])
    assert [row["note"] for row in rows if row["section"] == "fates"] == [
        "not in the log: no job has a state"
    ]


def test_what_the_reader_left_out_is_told(capsys):
    Path("a.swf").write_text("1 0 0 60 1 -1 -1 1 60 -1 1 1 1 -1 -1 -1 -1 -1\nnonsense\n", "utf-8")
    assert run(capsys, "a.swf")[0] == 3
    code, out, _ = run(capsys, "a.swf", "--lenient")
    assert code == 0
    assert "rows left out" in out


def test_clean_takes_what_could_be_replayed(capsys):
    Path("a.csv").write_text("job_id,submit_s,run_s,slots,requested_s\n1,0,900,1,600\n2,5,0,1,60\n", "utf-8")
    code, out, err = run(capsys, "a.csv", "--clean", "--json")
    assert (code, out) == (3, ""), "a third of the work is cut off"
    assert "ran past the requested time" in err
    found = json.loads(run(capsys, "a.csv", "--clean", "--json", "--lenient")[1])
    measures = {(m["name"], *m["labels"].values()): m["value"] for m in found["measures"]}
    assert measures["jobs",] == 1
    assert measures["run_max_s",] == 600
    assert measures["dropped_rows", "no run time"] == 1


@pytest.mark.parametrize("name", ["gwangju-research", "gwangju-plan", "own.yaml"])
def test_a_demand_is_drawn_first(capsys, name):
    write(Path(), "own.yaml", "kind: workload\nextends: gwangju-research\n")
    code, out, err = run(capsys, name, *DAYS)
    assert code == 0
    assert "2022-03-01 through 2022-03-20, seed 20200701" in err
    assert "gwangju-a100 in service at the time" in err
    assert ("of the scenario gwangju-plan" in err) == (name != "gwangju-plan")
    assert "456 slot" in out
    assert "training-node" in out


def test_options_of_a_demand(capsys):
    def jobs(*options):
        return run(capsys, "gwangju-research", *DAYS, "--json", *options)[1]

    assert jobs() == jobs()
    assert jobs("--seed", "1") != jobs()
    assert jobs("--set", "classes.trial.limit=2 h") != jobs()
    elsewhere = run(capsys, "gwangju-research", *DAYS, "--json", "--site", "gwangju-h100")
    assert "machine: the slots of gwangju-h100" in elsewhere[2]
    assert elsewhere[1] != jobs()


def test_two_logs_side_by_side(capsys):
    code, out, _ = run(capsys, log("a.csv"), "--compare", log("b.csv", scale=120))
    assert code == 0
    assert out.startswith("this: ")
    assert "b.csv" in out.splitlines()[1]
    assert "distance of distributions" in out
    rows = rows_of(run(capsys, "a.csv", "--compare", "b.csv", "--format", "csv")[1])
    found = {(row["name"], row["labels"]): row for row in rows}
    assert (found["run_p50_s", ""]["value"], found["run_p50_s", ""]["other"]) == ("180.0", "360.0")
    assert float(found["run_s_wasserstein_ln", ""]["value"]) == pytest.approx(np.log(2))
    assert float(found["slots_ks", ""]["value"]) == 0
    assert float(found["class_jobs_difference", "class=long"]["value"]) == 0
    document = json.loads(run(capsys, "a.csv", "--compare", "b.csv", "--json")[1])
    assert {row["section"] for row in document["distances"]} == {"distances"}
    assert next(row for row in document["measures"] if row["name"] == "jobs") == {
        "section": "overview",
        "name": "jobs",
        "labels": {},
        "value": 40,
        "unit": "job",
        "note": "",
        "other": 40,
    }


def test_a_log_beside_a_demand_takes_the_options_of_both(capsys):
    code, _, err = run(capsys, log("a.csv"), "--compare", "gwangju-research", *DAYS, "--lenient")
    assert code == 0
    assert "gwangju-research: 2022-03-01" in err


FACTS = """
    kind: reference
    title: Figures
    source: a page of the centre
    as_of: 2020
    facts:
      short:
        title: Jobs are short
        metric: run_p50_s
        low: 1 s
        high: 4 min
        source: a page of the centre
        as_of: 2020
        confidence: high
        why: So it says.
      users:
        title: Users are many
        metric: users
        low: LOW
        source: a page of the centre
        as_of: 2020
        confidence: high
        why: So it says.
"""


def test_figures_that_hold_exit_with_0_and_others_with_4(capsys):
    write(Path(), "facts.yaml", FACTS.replace("LOW", "7"))
    code, out, err = run(capsys, log("a.csv"), "--against", "facts.yaml")
    assert (code, err) == (0, "")
    assert "Jobs are short        3 min  1 s … 4 min  yes" in out
    write(Path(), "more.yaml", FACTS.replace("LOW", "8"))
    code, out, err = run(capsys, "a.csv", "--against", "more.yaml")
    assert code == 4
    assert "NO" in out
    assert "1 of 2 published figures do not hold for a.csv: users (users)" in err.replace(
        str(Path.cwd()) + "/", ""
    )
    document = json.loads(run(capsys, "a.csv", "--against", "more.yaml", "--json")[1])
    assert [fact["standing"] for fact in document["facts"]] == ["shown", "shown not"]
    rows = rows_of(run(capsys, "a.csv", "--against", "more.yaml", "--format", "csv")[1])
    assert rows[1]["published_low"] == "8.0"


def test_a_demand_may_depart_with_a_reason(capsys):
    write(Path(), "facts.yaml", FACTS.replace("LOW", "1").replace("4 min", "2 s"))
    own = "kind: workload\nextends: gwangju-research\ndeparts: {run_p50_s: ours are longer, users: no need}\n"
    write(Path(), "own.yaml", own)
    assert run(capsys, "gwangju-research", *DAYS, "--against", "facts.yaml")[0] == 4
    code, out, err = run(capsys, "own.yaml", *DAYS, "--against", "facts.yaml")
    assert code == 0
    assert "departs, because ours are longer" in out
    assert "warning: own departs in users, but lies inside" in err


def test_against_alone_means_the_shipped_facts(capsys):
    code, out, _ = run(capsys, log("a.csv"), "--against")
    assert code == 4
    assert "Hu et al." in out
    assert "the log does not say when its clock was 0" in out


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_the_same_jobs_give_the_same_figure(capsys, ending):
    log("a.csv")
    log("b.csv", scale=300)
    digests = set()
    for name in ("one", "two"):
        assert run(capsys, "a.csv", "--compare", "b.csv", "--plot", name + ending)[0] == 0
        digests.add(hashlib.sha256(Path(name + ending).read_bytes()).hexdigest())
    assert len(digests) == 1
    code, _, err = run(capsys, "a.csv", "--plot", "one" + ending)
    assert code == 3
    assert "--force overwrites it" in err
    assert run(capsys, "a.csv", "--plot", "one" + ending, "--force")[0] == 0
    assert hashlib.sha256(Path("one" + ending).read_bytes()).hexdigest() not in digests


def test_a_log_that_says_little_can_be_drawn(capsys):
    Path("a.csv").write_text("job_id,submit_s,run_s,slots\n1,0,-1,-1\n", "utf-8")
    assert run(capsys, "a.csv", "--plot", "a.svg")[0] == 0
    assert Path("a.svg").read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["nothing-like-it"], 3, "nothing is called 'nothing-like-it'"),
        (["nowhere.swf"], 3, "no such file"),
        (["a.csv", "--compare", "a.csv", "--against"], 2, "ask one of them"),
        (["a.csv", "--slots", "3", "--site", "gwangju-h100"], 2, "two ways to say one thing"),
        (["a.csv", "--start", "2022-01-01"], 2, "--start: a log is described as it is"),
        (["gwangju-plan", "--lenient"], 2, "--lenient: 'gwangju-plan' is not a log"),
        (["-", "--compare", "-"], 2, "can be read only once"),
        (["gwangju-h100", "--kind", "log"], 3, "no such file"),
        (["dgx-a100"], 3, "the node 'dgx-a100' has no demand"),
        (["a.csv", "--plot", "a.gif"], 2, ".svg, .png, .pdf"),
        (["a.csv", "--against", "fact"], 3, "no reference is called 'fact'\n    did you mean 'facts'?"),
        (["a.csv", "--slots", "0"], 2, "0"),
        (["empty.csv"], 3, "no job in this table"),
    ],
)
def test_what_does_not_go_is_said(capsys, args, code, said):
    log("a.csv")
    Path("empty.csv").write_text("job_id,submit_s,run_s,slots\n", "utf-8")
    found, out, err = run(capsys, *args)
    assert found == code, err
    assert said in err
    assert out == ""
