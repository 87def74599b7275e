"""``capacity verify`` as a user types it: the table, exit codes, and folders with odd or broken files."""

import csv
import gzip
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from capacity.cli.main import entry
from capacity.errors import InputError, UsageError
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.conformance import catalogue, published
from capacity.study.conformance.catalogue import all_checks, pick
from capacity.study.conformance.check import Check, CheckResult, job_by_job
from capacity.study.conformance.trials import random_columns, words_of

RIGHT = job_by_job("1", 0, 4)
SLOTS = 24
INDEX = "log,processors,policy,producer,semantics,jobs,mean_wait_s,mean_bounded_slowdown_tau10,file\n"
SUBMIT, RUN, REQUESTED, NEED = random_columns(5, 60, nodes=6, slots_per_node=4, load=2)
CUT = RUN.clip(1, REQUESTED)
POLICIES = {
    ("easy", "E-pyss"): Rules("fcfs", "easy", "pyss"),
    ("easy", "E-batch"): Rules("fcfs", "easy", "instant"),
    ("fcfs", "F"): Rules("fcfs", "none"),
    ("sjf+easy", "P-event"): Rules("sjf", "easy", "event"),
}


def starts(rules):
    system = batch_system([PoolSpec("m", SLOTS)], rules, Jobs(SUBMIT, CUT, REQUESTED, NEED))
    system.run()
    return system.outcome().start_s


def swf(start, *, header=f"; MaxProcs: {SLOTS}\n"):
    rows = zip(SUBMIT, start - SUBMIT, CUT, NEED, REQUESTED, strict=True)
    lines = [
        f"{job} {s} {w} {r} {n} -1 -1 {n} {q} -1 1 1 1 -1 1 -1 -1 -1\n"
        for job, (s, w, r, n, q) in enumerate(rows, 1)
    ]
    return header + "".join(lines)


def jobs_csv():
    rows = enumerate(zip(SUBMIT, CUT, NEED, REQUESTED, strict=True), 1)
    return "job_id,submit,run,procs,requested\n" + "".join(
        f"{i},{s},{r},{n},{q}\n" for i, (s, r, n, q) in rows
    )


def schedule_csv(start):
    rows = enumerate(zip(SUBMIT, start, start + CUT, strict=True), 1)
    return "job_id,submit,start,end\n" + "".join(f"{i},{s},{b},{e}\n" for i, (s, b, e) in rows)


def figures(start):
    wait = start - SUBMIT
    slowdown = ((wait + CUT) / CUT.clip(10)).clip(1)
    return f"{wait.mean():.2f},{slowdown.mean():.4f}"


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.fixture
def data(tmp_path):
    """A folder like the one with the published schedules, all of it made here."""
    folder = tmp_path / "data"
    put(folder / "oracle" / "tiny.easy.swf.gz", swf(starts(POLICIES["easy", "E-pyss"])))
    put(folder / "reference" / "tiny.jobs.csv.gz", jobs_csv())
    index = INDEX
    for (policy, semantics), rules in POLICIES.items():
        file = f"tiny.{policy.replace('+', '_')}.{semantics}.csv.gz"
        put(folder / "reference" / file, schedule_csv(starts(rules)))
        index += f"tiny,{SLOTS},{policy},us,{semantics},60,{figures(starts(rules))},{file}\n"
    put(folder / "reference" / "metrics.csv", index)
    return folder


def run(capsys, *args):
    code = entry(["verify", *map(str, args)])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    return code, captured.out, captured.err


def rows(capsys, *args):
    code, out, err = run(capsys, *args, "--json")
    document = json.loads(out)
    assert document["schema_version"] == 1
    return code, {row["check"]: row for row in document["checks"]}, err


def test_published_schedules_are_compared_job_by_job(capsys, data):
    code, found, err = rows(capsys, "--data", data, "--only", "tiny")
    assert code == 0
    assert {name: row["standing"] for name, row in found.items()} == {
        "oracle/tiny.easy": "shown",
        "reference/tiny.easy.E-pyss": "shown",
        "reference/tiny.easy.E-batch": "shown",
        "reference/tiny.fcfs.F": "shown",
        "reference/tiny.sjf_easy.P-event": "shown",
    }
    assert found["reference/tiny.easy.E-batch"]["jobs"] == 60
    assert found["reference/tiny.fcfs.F"]["jobs"] == 180, (
        "first come first served is the same in three dialects"
    )
    assert found["reference/tiny.easy.E-pyss"]["asked"].startswith("wait ")
    assert "[1/5] oracle/tiny.easy: pass" in err
    assert "5 checks passed" in err


def test_a_job_at_another_second_fails(capsys, data):
    start = starts(POLICIES["easy", "E-batch"])
    start[30] += 1
    put(data / "reference" / "tiny.easy.E-batch.csv.gz", schedule_csv(start))
    code, found, err = rows(capsys, "--data", data, "--only", "tiny")
    assert code == 1
    assert found["reference/tiny.easy.E-batch"]["jobs_differing"] == 1
    assert [row["standing"] for row in found.values()].count("shown not") == 1
    assert "error: 1 of 5 checks failed: reference/tiny.easy.E-batch" in err


def test_a_figure_that_is_another_fails(capsys, data):
    index = data / "reference" / "metrics.csv"
    was = figures(starts(POLICIES["fcfs", "F"]))
    index.write_text(index.read_text().replace(was, f"1{was}"))
    code, found, _ = rows(capsys, "--data", data, "--only", "tiny.fcfs")
    assert code == 1
    assert found["reference/tiny.fcfs.F"]["jobs_differing"] == 0
    assert found["reference/tiny.fcfs.F"]["asked"] == f"wait 1{was.replace(',', ' s, slowdown ')}"


def test_the_table_and_csv_have_the_columns(capsys, data):
    code, out, _ = run(capsys, "--data", data, "--only", "tiny.easy")
    assert code == 0
    assert out.splitlines()[0].split()[:2] == ["check", "source"]
    assert len(out.splitlines()) == 4
    code, out, _ = run(capsys, "--data", data, "--only", "tiny.easy", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(out)))
    assert list(table[0]) == [
        *("check", "source", "rules", "asked", "got", "jobs", "jobs_differing", "standing", "elapsed_s")
    ]
    assert {row["standing"] for row in table} == {"shown"}
    code, out, _ = run(capsys, "--data", data, "--only", "tiny.easy", "-n")
    assert len(out.splitlines()) == 3


def test_what_is_not_there_is_said_and_is_no_failure(capsys, data):
    (data / "reference" / "tiny.fcfs.F.csv.gz").unlink()
    code, found, err = rows(capsys, "--data", data, "--only", "reference", "--only", "oracle/KTH-SP2.easy")
    assert code == 0
    assert found["reference/tiny.fcfs.F"]["standing"] == "not shown"
    assert found["oracle/KTH-SP2.easy"]["standing"] == "not shown"
    assert found["reference/tiny.fcfs.F"]["got"] == "tiny.fcfs.F.csv.gz is not there"
    assert "2 not checked: " in err


def test_a_folder_without_any_schedule_fails_and_says_so(capsys, tmp_path):
    code, found, err = rows(
        capsys, "--data", tmp_path, "--only", "oracle", "--only", "swf", "--only", "reference"
    )
    assert code == 1
    assert {row["standing"] for row in found.values()} == {"not shown"}
    assert len(found) == len(published.KNOWN) + len(published.BY_FIGURES) + 1
    assert "no schedule was found, so none was compared" in err


@pytest.mark.parametrize("kind", ["nothing", "file", "dangling", "empty"])
def test_a_folder_that_is_none_is_a_usage_error(capsys, tmp_path, kind):
    place = tmp_path / kind
    if kind == "file":
        place.write_text("")
    if kind == "dangling":
        place.symlink_to(tmp_path / "away")
    code, out, err = run(capsys, "--data", "" if kind == "empty" else place)
    assert (code, out) == (2, "")
    assert "--data" in err


def test_a_name_that_picks_nothing_is_a_usage_error(capsys):
    code, out, err = run(capsys, "--only", "closed-form/m-m-2")
    assert (code, out) == (2, "")
    assert "did you mean 'closed-form/m-m-" in err
    assert "published schedules need --data DIR" in run(capsys, "--only", "KTH")[2]


def test_names_pick_checks_by_part_pattern_and_in_full():
    checks = [Check(name, "", lambda: CheckResult(RIGHT, "")) for name in ("a/KTH", "a/KTH.b", "c/d")]
    names = [
        [one.name for one in pick(checks, only)] for only in ([], ["kth"], ["a/KTH"], ["c*d"], ["a", "c"])
    ]
    assert names == [
        ["a/KTH", "a/KTH.b", "c/d"],
        ["a/KTH", "a/KTH.b"],
        ["a/KTH"],
        ["c/d"],
        ["a/KTH", "a/KTH.b", "c/d"],
    ]
    with pytest.raises(UsageError):
        pick(checks, ["a", "x"])


ODD = {
    "cut gzip": (lambda data: data[: len(data) // 2], "cut short"),
    "damaged gzip": (lambda data: data[:40] + bytes(60) + data[100:], ""),
    "no gzip": (lambda _: b"hello", "cannot be read"),
    "empty": (lambda _: b"", ""),
    "nothing packed": (lambda _: gzip.compress(b""), ""),
    "other columns": (lambda _: gzip.compress(b"a,b\n1,2\n"), "cannot be read"),
    "words": (lambda _: gzip.compress(b"job_id,submit,start,end\n1,2,x,4\n"), "no whole numbers in start"),
    "fractions": (
        lambda _: gzip.compress(b"job_id,submit,start,end\n1,2,2.5,4\n"),
        "no whole numbers in start",
    ),
    "endless numbers": (
        lambda _: gzip.compress(b"job_id,submit,start,end\n1,2," + b"9" * 99 + b",4\n"),
        "start",
    ),
    "ragged": (lambda _: gzip.compress(b"job_id,submit,start,end\n1,2,3,4\n1,2,3,4,5,6\n"), ""),
    "no jobs": (lambda _: gzip.compress(b"job_id,submit,start,end\n"), ""),
    "other jobs": (
        lambda _: gzip.compress(b"job_id,submit,start,end\n1,2,3,4\n"),
        "its jobs are not those of",
    ),
    "binary": (lambda _: gzip.compress(bytes(range(256)) * 9), ""),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("file", ["tiny.easy.E-batch.csv.gz", "tiny.jobs.csv.gz"])
def test_a_schedule_that_cannot_be_read_is_a_failing_row(capsys, data, kind, file):
    spoil, says = ODD[kind]
    path = data / "reference" / file
    path.write_bytes(spoil(path.read_bytes()))
    code, found, _ = rows(capsys, "--data", data, "--only", "tiny.easy.E-batch", "--only", "oracle/tiny")
    assert code == 1
    row = found["reference/tiny.easy.E-batch"]
    assert row["standing"] == "shown not"
    assert "broke off" not in row["got"]
    assert file.split(".csv")[0] in row["got"] or "tiny" in row["got"]
    if file != "tiny.jobs.csv.gz":
        assert says in row["got"]
    assert found["oracle/tiny.easy"]["standing"] == "shown"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello\n", "no column"),
        (INDEX.replace("semantics,", "") + "tiny,24,easy,us,60,1,1,x.csv.gz\n", "no column semantics"),
        (INDEX + "tiny,24,easy\n", "as many values as there are columns"),
        (INDEX + "tiny,24,easy,us,E-pyss,60,1,1,x.csv.gz,more\n", "as many values as there are columns"),
        (INDEX + "tiny,many,easy,us,E-pyss,60,1,1,x.csv.gz\n", "not a number"),
        (INDEX + "tiny,24,easy,us,E-pyss,60,soon,1,x.csv.gz\n", "not a number"),
        (INDEX + "tiny,24,easy,us,E-pyss,60,1,1,../x.csv.gz\n", "not a path"),
        (INDEX, "no schedule in it"),
        *(
            (INDEX + f"tiny,{size},fcfs,us,F,60,1,1,tiny.fcfs.F.csv.gz\n", "a machine of")
            for size in (0, -5, 10**17)
        ),
        ("\x00\xff", "no column"),
    ],
)
def test_an_index_that_is_wrong_is_a_failing_row(capsys, data, text, says):
    (data / "reference" / "metrics.csv").write_text(text)
    code, found, _ = rows(capsys, "--data", data, "--only", "reference", "--only", "oracle/tiny")
    assert code == 1
    assert found["reference/metrics.csv"]["standing"] == "shown not"
    assert says in found["reference/metrics.csv"]["got"]
    assert found["oracle/tiny.easy"]["standing"] == "shown"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "tiny,24,easy,us,E-other,60,1,1,tiny.fcfs.F.csv.gz\n",
            "no rules are known for the policy 'easy' under",
        ),
        ("tiny,24,fastest,us,P-event,60,1,1,tiny.fcfs.F.csv.gz\n", "unknown queue order 'fastest'"),
        ("tiny,24,fcfs,us,F,61,1,1,tiny.fcfs.F.csv.gz\n", "60 jobs, and the index says 61"),
        ("tiny,24,fcfs,us,F,60,inf,1,tiny.fcfs.F.csv.gz\n", ""),
        ("tiny,24,fcfs,us,F,60,nan,1,tiny.fcfs.F.csv.gz\n", ""),
    ],
)
def test_a_line_of_the_index_that_is_wrong_is_a_failing_row(capsys, data, line, says):
    (data / "reference" / "metrics.csv").write_text(INDEX + line)
    code, found, _ = rows(capsys, "--data", data, "--only", "tiny.fcfs")
    assert code == 1
    assert found["reference/tiny.fcfs.F"]["standing"] == "shown not"
    assert says in found["reference/tiny.fcfs.F"]["got"]
    assert "broke off" not in found["reference/tiny.fcfs.F"]["got"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (swf(SUBMIT, header=""), "no MaxProcs"),
        (swf(SUBMIT - 1 - SUBMIT), "a job without a wait"),
        ("", "no job in this log"),
        ("hello\n", "swf.gz:1"),
        (swf(SUBMIT).replace(" 1 1 1 -1 1 ", " x "), "swf.gz:2"),
    ],
)
def test_a_log_of_answers_that_is_wrong_is_a_failing_row(capsys, data, content, says):
    put(data / "oracle" / "tiny.easy.swf.gz", content)
    code, found, _ = rows(capsys, "--data", data, "--only", "oracle/tiny", "--only", "tiny.fcfs")
    assert code == 1
    assert says in found["oracle/tiny.easy"]["got"]
    assert found["reference/tiny.fcfs.F"]["standing"] == "shown"


def test_a_log_of_answers_under_rules_nobody_knows_is_named_and_not_checked(capsys, data):
    (data / "oracle" / "tiny.easy.swf.gz").rename(data / "oracle" / "tiny.guess.swf.gz")
    code, found, err = rows(capsys, "--data", data, "--only", "tiny.guess", "--only", "tiny.fcfs")
    assert code == 0
    assert found["oracle/tiny.guess"]["standing"] == "not shown"
    assert "not checked: no rules are known for 'guess'" in found["oracle/tiny.guess"]["got"]
    assert "1 check passed, 1 not checked: oracle/tiny.guess" in err


def test_without_data_nothing_is_read_and_a_failure_is_exit_one(capsys, monkeypatch):
    names = [check.name for check in all_checks(quick=True)]
    assert len(names) == len(set(names)) > 20
    assert not [name for name in names if name.startswith(("oracle", "reference", "swf"))]
    checks = [
        Check("a/right", "", lambda: CheckResult(RIGHT, "1")),
        Check("a/wrong", "", lambda: CheckResult(replace(RIGHT, asked="1", standing="shown not"), "2")),
        Check("a/broken", "", lambda: CheckResult(RIGHT, str(1 / 0))),
    ]
    monkeypatch.setattr(catalogue, "all_checks", lambda *_, **__: checks)
    code, found, err = rows(capsys)
    assert code == 1
    assert [row["standing"] for row in found.values()] == ["shown", "shown not", "shown not"]
    assert "error: 2 of 3 checks failed: a/wrong, a/broken" in err


def test_an_interruption_prints_what_has_run(capsys, monkeypatch):
    def stop():
        raise KeyboardInterrupt

    checks = [Check("a/first", "", lambda: CheckResult(RIGHT, "1")), Check("a/second", "", stop)]
    monkeypatch.setattr(catalogue, "all_checks", lambda *_, **__: checks)
    code, found, err = rows(capsys)
    assert code == 130
    assert list(found) == ["a/first"]
    assert "broken off after 1 of 2 checks" in err


def test_a_quick_round_of_all_that_needs_no_files_passes(capsys):
    code, found, err = rows(capsys, "--quick")
    assert [name for name, row in found.items() if row["standing"] != "shown"] == []
    assert code == 0
    assert f"{len(found)} checks passed" in err


@pytest.mark.parametrize(
    ("policy", "semantics", "words"),
    [
        ("conservative", "C-sticky", "fcfs+conservative sticky, pyss"),
        ("conservative", "C-replan", "fcfs+conservative replan, event"),
        ("easy", "E-event", "fcfs+easy, event"),
        ("easy", "easy-sjbf", "fcfs+easy-sjbf, pyss"),
        ("easy-sjbf", "easy-sjbf", "fcfs+easy-sjbf, pyss"),
        ("sjf", "P-event", "sjf, event"),
        ("f1+easy", "P-event", "f1+easy, event"),
    ],
)
def test_every_dialect_has_its_rules(policy, semantics, words):
    assert words_of(published.rules_of(policy, semantics)[0]) == words


@pytest.mark.parametrize(
    ("policy", "semantics"), [("easy", "F"), ("fcfs", "E-pyss"), ("sjf+slow", "P-event")]
)
def test_a_dialect_without_rules_is_said(policy, semantics):
    with pytest.raises(InputError, match="no rules are known"):
        published.rules_of(policy, semantics)


@pytest.mark.slow
def test_everything_published_is_reproduced(capsys):
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not on this machine")
    code, found, _ = rows(capsys, "--data", folder)
    assert {name: row["got"] for name, row in found.items() if row["standing"] != "shown"} == {}
    assert code == 0


def test_a_folder_that_may_not_be_read_is_no_traceback(capsys, data):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (data / "reference" / "metrics.csv").chmod(0)
    code, found, _ = rows(capsys, "--data", data, "--only", "reference")
    assert code == 1
    assert found["reference/metrics.csv"]["standing"] == "shown not"
