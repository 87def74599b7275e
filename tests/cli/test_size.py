"""``capacity size``: how large the site must be, and what is wrong with questions without an answer."""

import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from capacity.cli.main import entry
from tests.data import need_data
from tests.support.small_site import write_small

CAPACITY = [sys.executable, "-c", "import sys; from capacity.cli.main import entry; sys.exit(entry())"]
GPU = "site.pools.gpu.nodes"
VARY = ["--vary", f"{GPU}=1..20"]
REQUIRE = ["--require", "p95_wait_s[pool=gpu] <= 1 h"]
SHORT = ["--until", "2021-02-12", "-r", "5", "--in-futures", "50%", "-j", "1"]
"""Five of five futures show half of them."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("size")
    write_small(folder)
    (folder / "log.swf").write_text(swf())
    return folder


def swf():
    """Return six weeks of a machine of 32 slots that is used by half; the widest job has 16."""
    luck = random.Random(1)
    submits = sorted(luck.randrange(42 * 86400) for _ in range(800))
    lines = ["; MaxProcs: 32", "; UnixStartTime: 1600000000", "; TimeZoneString: UTC"]
    for job, submit in enumerate(submits, 1):
        slots, run = luck.choice([1, 2, 4, 8, 16]), luck.randrange(600, 20000)
        lines.append(
            f"{job} {submit} 0 {run} {slots} -1 -1 {slots} {run + 600} -1 1 {job % 9 + 1} 1 -1 -1 -1 -1 -1"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def size(capsys, folder, monkeypatch):
    monkeypatch.chdir(folder)

    def call(*args):
        code = entry(["size", *args])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert "this is a bug" not in captured.err
        return code, captured.out, captured.err

    return call


@pytest.fixture
def small(size):
    return lambda *args: size("./small.yaml", *SHORT, *args)


# --- The answer -----------------------------------------------------------------------------------


def test_the_answer_in_words(small):
    code, out, err = small(*VARY, *REQUIRE)
    assert code == 0
    table, text = out.split("\n\n", 1)
    rows = [re.split(r"\s{2,}", line.strip()) for line in table.splitlines()]
    assert rows[0] == [GPU, "p95_wait_s[pool=gpu] <= 1 h", "replications", "verdict"]
    verdicts = {int(row[0]): row[-1] for row in rows[1:]}
    best = min(nodes for nodes, verdict in verdicts.items() if verdict == "enough")
    assert list(verdicts) == sorted(verdicts)
    assert verdicts[20] == "enough"
    assert verdicts[best - 1] != "enough"
    assert text.startswith(f"{GPU} {best} is the smallest shown to meet every requirement in at least 50 %")
    assert f"{GPU} {best - 1}" in text
    assert "Every requirement is met in 5 of 5 futures: shown for at least 50 % of them." in text
    assert "What binds: p95_wait_s[pool=gpu] <= 1 h" in text
    assert "\x1b" not in out
    told = re.findall(rf"^{GPU}=\d+ \(\d replications\): ", err, re.MULTILINE)
    assert len(told) == len(verdicts), "a line for each candidate as it is tried"


def test_the_answer_in_json(small):
    code, out, _ = small(*VARY, *REQUIRE, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["schema_version"] == 1
    assert (found["standing"], found["found"]) == ("shown", found["answer"]["objective"])
    assert found["axes"] == [{"path": GPU, "values": [str(n) for n in range(1, 21)], "ordered": True}]
    (on_axis,) = found["by_axis"]
    answer, smaller = found["answer"], on_axis["next_smaller"]
    assert answer["standing"] == "shown"
    assert smaller["standing"] != "shown"
    nodes = int(answer["values"][GPU])
    assert int(smaller["values"][GPU]) == nodes - 1
    assert (answer["objective"], smaller["objective"]) == (nodes, nodes - 1)
    assert (on_axis["path"], on_axis["interval"][1]) == (GPU, str(nodes))
    assert found["binds"] == ["p95_wait_s[pool=gpu] <= 1 h"]
    (judged,) = answer["requirements"]
    assert judged["found"] <= judged["limit"] == 3600
    assert judged["within"] == judged["n"] == answer["replications"] == 5
    assert judged["share"] == found["share"] == 0.5
    assert judged["labels"] == {"pool": "gpu", "month": "all"}
    assert [int(trial["values"][GPU]) for trial in found["tried"]] == sorted(
        {int(trial["values"][GPU]) for trial in found["tried"]}
    )
    assert small(*VARY, *REQUIRE, "--json")[1] == out, "the same question has the same answer"


def test_the_answer_is_that_of_simulate(small, capsys):
    """The candidate that is the answer, simulated by hand with as many replications, has that mean."""
    found = json.loads(small(*VARY, *REQUIRE, "--json")[1])["answer"]
    (judged,) = found["requirements"]
    args = ["-r", str(found["replications"]), "-j", "1", "--until", SHORT[1], "--json"]
    nodes = found["values"][GPU]
    assert entry(["simulate", "./small.yaml", "--set", f"{GPU}={nodes}", *args]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    (same,) = (
        one
        for one in findings
        if one["metric"] == "p95_wait_s" and one["labels"] == {"pool": "gpu", "month": "all"}
    )
    assert same["value"] == pytest.approx(judged["found"])


def test_csv_carries_numbers(small):
    code, out, _ = small(*VARY, *REQUIRE, "--format", "csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == [
        *(GPU, "standing", "replications", "objective", "refused", "asked", "unit"),
        *("found", "low", "high", "limit", "by", "n", "within", "requirement_standing"),
    ]
    assert {row["standing"] for row in rows} <= {"shown", "shown not", "not shown"}
    for row in rows:
        assert row["low"] == "" or float(row["low"]) <= float(row["found"])
        assert float(row["limit"]) == 3600


def test_the_cheapest_of_two_axes(small):
    """No candidate that was tried and is enough has fewer nodes, and some that have were tried."""
    args = [
        *("--vary", f"{GPU}=2..8:2", "--vary", "site.pools.hpc.nodes=16..24:4"),
        *("--require", "p95_wait_s[pool=gpu] <= 4 h", "--require", "p95_wait_s[pool=hpc] <= 12 h"),
    ]
    code, out, _ = small(*args, "--minimize", "nodes", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["objective"] == "nodes"
    values = found["answer"]["values"]
    assert found["answer"]["objective"] == int(values[GPU]) + int(values["site.pools.hpc.nodes"])
    met = [trial["objective"] for trial in found["tried"] if trial["standing"] == "shown"]
    assert found["answer"]["objective"] == min(met)
    assert found["answer"]["objective"] > min(trial["objective"] for trial in found["tried"])


def test_a_tier_that_turns_data_away_is_not_enough(small):
    """It is never fuller than its limit, which would look well."""
    lake = "site.storage.lake.capacity.usable"
    args = ["--vary", f"{lake}=10 TB..160 TB:10 TB", "--require", "storage_used_frac[tier=lake] <= 85 %"]
    code, out, err = small(*args)
    assert code == 0
    assert "is met by any site: lake turns data away" in err
    best = int(re.search(rf"{lake} (\d+) TB is the smallest", out)[1])
    assert 20 <= best < 160
    assert f"One step less, {lake} {best - 10} TB, was shown not to be enough: " in out
    assert "data are turned away than on the largest site" in out
    assert "What binds: jobs or data would be turned away." in out
    stated = small(*args, "--require", "storage_refused_bytes[tier=lake] <= 1 PB", "--json")
    found = json.loads(stated[1])
    assert found["answer"]["values"] == {lake: "10 TB"}, "who allows for it gets the smallest"


def test_two_axes_that_do_not_hang_together(small):
    """Nodes by waits, the lake by what it turns away: the corner of both answers is the answer."""
    lake = "site.storage.lake.capacity.usable"
    of_nodes = ["--vary", f"{GPU}=1..20", *REQUIRE]
    of_lake = ["--vary", f"{lake}=10 TB..160 TB:10 TB", "--require", "storage_used_frac[tier=lake] <= 80 %"]
    nodes = json.loads(small(*of_nodes, "--json")[1])["answer"]["values"]
    code, out, _ = small(*of_nodes, *of_lake, "--minimize", "price", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["answer"]["values"][GPU] == nodes[GPU]
    assert [one["path"] for one in found["by_axis"]] == [GPU, lake]
    for one in found["by_axis"]:
        assert one["interval"][1] == found["answer"]["values"][one["path"]]
        assert one["next_smaller"]["standing"] != "shown"
    assert found["binds"] == ["p95_wait_s[pool=gpu] <= 1 h", "the demand is served"]
    assert len(found["tried"]) <= 18, "of 320"


@pytest.mark.parametrize("objective", ["price", "cost", "power_w", "nodes", "site_energy_j"])
def test_every_objective(small, objective):
    args = ["--vary", f"{GPU}=6..8", "--require", "p95_wait_s[pool=gpu] <= 2 d", "--minimize", objective]
    code, out, _ = small(*args, "--json")
    assert code == 0
    found = json.loads(out)
    answer = found["answer"]
    assert answer["objective"] > 0
    assert answer["values"] == {GPU: "6"}
    units = {"price": "KRW", "cost": "KRW", "power_w": "W", "site_energy_j": "J"}
    assert found["unit"] == units.get(objective, "")


def test_names_vary_as_well(small):
    require = ("--require", "p95_wait_s[pool=gpu] <= 2 d")
    code, out, _ = small("--vary", "policy.order=fcfs,sjf", *require, "--minimize", "nodes", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["by_axis"] == []
    assert {trial["values"]["policy.order"] for trial in found["tried"]} <= {"fcfs", "sjf"}


def test_months_and_pools_one_by_one(small):
    code, out, _ = small(*VARY, "--require", "p95_wait_s[pool=gpu,month=*] <= 3 h", "--json")
    assert code == 0
    (judged,) = json.loads(out)["answer"]["requirements"]
    assert judged["labels"]["month"] in {"2021-01", "2021-02"}


# --- Nothing is enough ----------------------------------------------------------------------------


def test_nothing_is_enough(small, folder):
    args = ["--vary", f"{GPU}=1..2", *REQUIRE]
    code, out, err = small(*args)
    assert code == 4
    assert "Nothing in the range was shown to meet every requirement" in out
    assert f"{GPU} 2" in out, "and why not even the largest"
    assert "error: Nothing in the range" in err
    code, out, _ = small(*args, "--json", "-o", "none")
    found = json.loads(out)
    assert (code, found["standing"], found["answer"], found["by_axis"]) == (4, "shown not", None, [])
    assert sorted(path.name for path in (folder / "none").iterdir()) == LEFT, "that is a result, too"


def test_what_is_required_does_not_go_together(small):
    """Short waits ask for more nodes, full ones for fewer: the answer says at which site they clash."""
    code, out, _ = small(*VARY, *REQUIRE, "--require", "utilization[pool=gpu] >= 90 %")
    assert code == 4
    (nodes,) = re.findall(rf"{GPU} (\d+) is the smallest that is large enough", out)
    assert 1 < int(nodes) < 20
    assert "asks for less: utilization[pool=gpu] >= 90 % has" in out


# --- What cannot be asked -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        # a requirement
        ([*VARY, "--require", "p95_wait_s"], 3, "is not of the form"),
        ([*VARY, "--require", "p95_wait_s == 4 h"], 3, "is not of the form"),
        ([*VARY, "--require", ""], 3, "is not of the form"),
        ([*VARY, "--require", "p95_wait_s ≤ 4 h"], 3, "is not of the form"),
        ([*VARY, "--require", "p95_wiat_s <= 4 h"], 3, "did you mean 'p95_wait_s'?"),
        ([*VARY, "--require", "p95_wait_s <= 4 GB"], 3, "--require p95_wait_s <= 4 GB"),
        ([*VARY, "--require", "p95_wait_s[pool=gpus] <= 4 h"], 3, "did you mean 'gpu'?"),
        ([*VARY, "--require", "p95_wait_s[month=2022-01] <= 4 h"], 3, "is no month of the scenario"),
        ([*VARY, "--require", "p95_wait_s[tier=lake] <= 4 h"], 3, "there are: p95_wait_s["),
        ([*VARY, "--require", "storage_used_frac <= 0.8"], 3, "there are: storage_used_frac[tier=…,month=…]"),
        ([*VARY, "--require", "p95_wait_s[] <= inf"], 3, "is no limit"),
        ([*VARY, "--require", "x" * 10_000], 3, "is not of the form"),
        # what varies
        (["--vary", f"{GPU}=20..1", *REQUIRE], 3, "the range falls"),
        (["--vary", f"{GPU}=1..2..3", *REQUIRE], 3, "'2..3' is no number"),
        (["--vary", f"{GPU}=1..1e12", *REQUIRE], 3, "the range has 1,000,000,000,000 values"),
        (["--vary", f"{GPU}=1..1e5000", *REQUIRE], 3, "1e5000"),
        (["--vary", f"{GPU}=nan..3", *REQUIRE], 3, "is no number"),
        (["--vary", f"{GPU}=-5..3", *REQUIRE], 3, "--vary site.pools.gpu.nodes=-5"),
        (["--vary", f"{GPU}=1.5..3", *REQUIRE], 3, "site.pools.gpu.nodes=1.5"),
        (["--vary", f"{GPU}=1..3 PB:1 PB", *REQUIRE], 3, "mixes units"),
        (["--vary", "site.pools.gpu.node=1..3", *REQUIRE], 3, "site.pools.gpu.node:"),
        (["--vary", "site.pools.gpv.nodes=1..3", *REQUIRE], 3, "gpu"),
        (["--vary", "site.pool.gpu.nodes=1..3", *REQUIRE], 3, "pools"),
        (["--vary", "nowhere=1..3", *REQUIRE], 3, "nowhere"),
        (["--vary", "policy.order=fcfs,quickly,sjf", "--minimize", "nodes", *REQUIRE], 3, "quickly"),
        # what is made small
        ([*VARY, *REQUIRE, "--minimize", "pric"], 3, "did you mean 'price'?"),
        ([*VARY, *REQUIRE, "--minimize", "everything"], 3, "allowed: "),
        ([*VARY, *REQUIRE, "--minimize", ""], 3, "there is no objective ''"),
        ([*VARY, "--vary", "site.pools.hpc.nodes=1..3", *REQUIRE], 3, "--minimize"),
        (["--vary", "policy.order=fcfs,sjf", *REQUIRE], 3, "--minimize"),
        # how sure
        ([*VARY, *REQUIRE, "--confidence", "1"], 3, "no fraction between 0 and 1"),
        ([*VARY, *REQUIRE, "--confidence", "0"], 3, "no fraction between 0 and 1"),
        ([*VARY, *REQUIRE, "--confidence", "150 %"], 3, "no fraction between 0 and 1"),
        ([*VARY, *REQUIRE, "--confidence", "49 %"], 3, "below 50 %"),
        ([*VARY, *REQUIRE, "--confidence", "sure"], 3, "--confidence"),
        # misuse
        (REQUIRE, 2, "--vary PATH=LOW..HIGH"),
        (VARY, 2, "--require"),
        (["--vary", GPU, *REQUIRE], 2, "write PATH=LOW..HIGH"),
        ([*VARY, "--vary", f"{GPU}=3..4", "--minimize", "nodes", *REQUIRE], 2, "the same path varies twice"),
        ([*VARY, *REQUIRE, "--slots-per-node", "8"], 2, "--slots-per-node belongs to --log"),
        ([*VARY, *REQUIRE, "--policy", "sjf"], 2, "--policy belongs to --log"),
        ([*VARY, *REQUIRE, "--log", "log.swf"], 2, "SCENARIO does not go with --log"),
        ([*VARY, *REQUIRE, "-r", "0"], 2, "-r"),
        ([*VARY, *REQUIRE, "-o", ""], 2, "-o"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(size, args, code, says):
    got, out, err = (
        size("./small.yaml", "--until", "2021-01-22", "-r", "14", "-j", "1", *args)
        if ("-r" not in args)
        else size("./small.yaml", "-j", "1", *args)
    )
    assert (got, out) == (code, ""), err
    assert says in err
    assert "enough" not in err or "--minimize" in says, "refused before anything was simulated"


def test_a_path_that_varies_and_is_set_is_refused_or_varies(size):
    """--set comes first, so that a candidate is what --vary says."""
    args = [
        "./small.yaml",
        *SHORT,
        "--vary",
        f"{GPU}=6..7",
        "--require",
        "p95_wait_s[pool=gpu] <= 30 d",
        "--json",
    ]
    code, out, _ = size(*args, "--set", f"{GPU}=1")
    assert (code, out) == (0, size(*args)[1])


def test_a_scenario_that_is_wrong_is_refused_at_its_place(size, folder):
    text = (folder / "small.yaml").read_text()
    (folder / "wrong.yaml").write_text(text.replace("seed: 7", "sead: 7").replace("until:", "untill:"))
    code, out, err = size("./wrong.yaml", *VARY, *REQUIRE)
    assert (code, out) == (3, "")
    assert "wrong.yaml:" in err
    assert "did you mean 'seed'?" in err
    for name in ("nowhere", ""):
        assert size(name, *VARY, *REQUIRE)[0] == 3, "also what an unset variable of a script leaves"


@pytest.mark.parametrize(
    ("args", "needed"),
    [(["-r", "1"], 14), (["-r", "13"], 14), (["-r", "20", "--in-futures", "95 %"], 59),
     (["-r", "13", "--confidence", "99 %"], 21)],
)  # fmt: skip
def test_too_few_replications_show_nothing(size, args, needed):
    """Nothing could ever be shown to be enough, so nothing is run."""
    code, out, err = size("./small.yaml", *args, "-j", "1", "--vary", f"{GPU}=6..8", *REQUIRE)
    assert (code, out) == (2, "")
    assert f"{needed} or more" in err


def test_a_scenario_through_a_pipe(size, folder, monkeypatch):
    """It is read once, and names its site and demand from where the command is run."""
    text = (folder / "small.yaml").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    args = [*SHORT, "--vary", f"{GPU}=5..7", "--require", "p95_wait_s[pool=gpu] <= 30 d", "--json"]
    code, out, err = size("-", *args)
    assert code == 0, err
    assert out == size("./small.yaml", *args)[1]


def test_a_share_of_a_delivery_varies(small):
    code, _, err = small("--vary", "site.deliveries.early.share=30 %..70 %:20 %", "--require",
                         "p95_wait_s[pool=gpu] <= 30 d")  # fmt: skip
    assert code == 0, err


# --- Kept in a directory --------------------------------------------------------------------------

LEFT = ["findings.json", "manifest.json", "replications.parquet", "sizing.json", "trials.csv"]


def test_a_directory(small, folder):
    args = ["--vary", f"{GPU}=6..7", *REQUIRE, "--json", "-o", "kept"]
    code, out, err = small(*args)
    assert code == 0
    assert "results in kept" in err
    assert sorted(path.name for path in (folder / "kept").iterdir()) == LEFT
    assert json.loads((folder / "kept" / "sizing.json").read_text()) == json.loads(out)
    manifest = json.loads((folder / "kept" / "manifest.json").read_text())
    assert manifest["kind"] == "sizing"
    assert manifest["versions"]["hpc-capacity"]
    findings = json.loads((folder / "kept" / "findings.json").read_text())
    assert findings["hash"] == manifest["hash"]
    rows = list(csv.DictReader(io.StringIO((folder / "kept" / "trials.csv").read_text())))
    assert {row[GPU] for row in rows} == {trial["values"][GPU] for trial in json.loads(out)["tried"]}
    before = (folder / "kept" / "trials.csv").stat().st_mtime_ns
    code, out, err = small(*args)
    assert (code, out) == (3, "")
    assert "exists already" in err
    assert "--force" in err
    assert (folder / "kept" / "trials.csv").stat().st_mtime_ns == before
    assert small(*args, "--force")[0] == 0
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_refused_question_leaves_no_directory(small, folder):
    assert small(*VARY, "--require", "p95_wait_s[tier=lake] <= 4 h", "-o", "refused")[0] == 3
    assert not (folder / "refused").exists()
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


# --- Broken off -----------------------------------------------------------------------------------

LONG = ["--until", "2021-04-15", "-r", "6", "--in-futures", "50%", "-j", "1", *VARY, *REQUIRE, "--json"]


def start(here, store, *args):
    return subprocess.Popen(
        [*CAPACITY, "size", *args],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CAPACITY_STORE": str(store)},
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )


def kept(store):
    """Return the finished runs of a store and the files they are in; one written anew is another file."""
    return {path.name: path.stat().st_ino for path in store.glob("??/*.json.gz")}


def wait_for_runs(process, store, count):
    while len(kept(store)) < count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


@pytest.fixture
def here(tmp_path, folder):
    here = tmp_path / "here"
    here.mkdir()
    return here


def test_a_killed_command_goes_on_from_where_it_was(here, folder, tmp_path, monkeypatch, capsys):
    store, args = tmp_path / "store", ["size", str(folder / "small.yaml"), *LONG]
    process = start(here, store, *args[1:])
    wait_for_runs(process, store, 4)
    process.kill()
    assert process.communicate()[0] == ""

    def run(place, *more):
        monkeypatch.setenv("CAPACITY_STORE", str(place))
        assert entry([*args, *more]) == 0
        return capsys.readouterr().out, kept(place)

    before = kept(store)
    out, after = run(store)
    assert len(before) < len(after), "it was killed in the middle"
    assert {name: after[name] for name in before} == before, "nothing was simulated again"
    assert len(after) == sum(trial["replications"] for trial in json.loads(out)["tried"])
    assert run(store) == (out, after), "once more costs no simulation"
    assert run(tmp_path / "other")[0] == out, "to the byte what a run of one piece says"
    again, anew = run(store, "--fresh")
    assert again == out
    assert [name for name in anew if anew[name] == after[name]] == [], "with --fresh all is run anew"


@pytest.mark.parametrize("processes", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_control_c_says_how_to_go_on(here, folder, tmp_path, processes):
    store = tmp_path / "store"
    args = [str(folder / "small.yaml"), *LONG, "-o", "run", "-j", processes]
    process = start(here, store, *args)
    wait_for_runs(process, store, 3)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert err.rstrip().endswith("interrupted")
    said = re.search(r"(\d+) finished runs are kept; to go on from there: capacity (.*)", err)
    assert int(said[1]) == len(kept(store))
    assert said[2].startswith("size ")
    assert "'p95_wait_s[pool=gpu] <= 1 h'" in said[2], "ready for a shell"
    assert list(here.iterdir()) == []
    assert not list(store.rglob(".part-*"))


# --- The machine of a log -------------------------------------------------------------------------

WAIT = ["--require", "mean_wait_s <= 1 h"]


def test_the_machine_of_a_log(size):
    code, out, err = size("--log", "log.swf", *WAIT, "--json")
    assert code == 0
    found = json.loads(out)
    assert [found["axes"][0][key] for key in ("path", "ordered")] == ["slots", True]
    assert found["axes"][0]["values"] == [str(n) for n in range(16, 33)]
    assert found["answer"]["replications"] == 1
    by_size = {int(trial["values"]["slots"]): trial["standing"] for trial in found["tried"]}
    slots = int(found["answer"]["values"]["slots"])
    assert found["answer"]["objective"] == slots
    assert next(n for n, verdict in by_size.items() if verdict == "shown") == slots
    assert f"slots={slots} (1 replication): enough" in err
    code, out, _ = size("--log", "log.swf", *WAIT)
    assert code == 0
    assert f"slots {slots}" in out
    assert "95 %" not in out, "one log has no luck"


def test_a_range_for_the_machine(size):
    code, out, _ = size("--log", "log.swf", *WAIT, "--vary", "slots=10..60", "--json")
    assert code == 0
    found = json.loads(out)
    refused = [trial for trial in found["tried"] if trial["refused"]]
    assert all(int(trial["values"]["slots"]) < 16 for trial in refused)
    assert all(
        one["metric"] == "widest_job_slots" and one["found"] == 16
        for trial in refused
        for one in trial["refused"]
    )
    whole = size("--log", "log.swf", *WAIT, "--json")[1]
    assert json.loads(whole)["answer"]["values"] == found["answer"]["values"]


def test_nodes_of_a_log(size):
    code, out, _ = size("--log", "log.swf", *WAIT, "--slots-per-node", "4", "--json")
    assert code == 0
    assert [axis["values"] for axis in json.loads(out)["axes"]] == [["4", "5", "6", "7", "8"]]


def test_a_resampled_log_has_luck(size):
    code, out, _ = size(
        "--log", "log.swf", *WAIT, "--vary", "slots=16..80", "-r", "5", "--in-futures", "50%", "--json"
    )
    assert code == 0
    found = json.loads(out)
    (judged,) = found["answer"]["requirements"]
    assert judged["n"] == judged["within"] == 5
    assert judged["low"] <= judged["found"] <= 3600
    args = ["--log", "log.swf", *WAIT, "--vary", "slots=16..80", "-r", "5", "--in-futures", "50%"]
    assert size(*args, "--json")[1] == out
    assert size(*args, "--seed", "1", "--json")[1] == out
    assert size(*args, "--seed", "0", "--json")[1] != out
    assert "95 % confidence" in size(*args)[1]


def test_the_policy_counts_for_a_log(size):
    answers = {
        policy: json.loads(
            size("--log", "log.swf", "--require", "mean_wait_s <= 10 min", "--vary", "slots=16..99",
                 "--policy", policy, "--json")[1]
        )["answer"]["values"]["slots"]
        for policy in ("fcfs", "easy")
    }  # fmt: skip
    assert int(answers["easy"]) < int(answers["fcfs"])


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        ([*WAIT, "--vary", "nodes=1..5"], 2, "--slots-per-node"),
        ([*WAIT, "--vary", "slots=16..20", "--slots-per-node", "4"], 2, "--vary nodes"),
        ([*WAIT, "--vary", "slots=16..20", "--vary", "nodes=1..2"], 2, "one thing varies for a log"),
        ([*WAIT, "--vary", "slots=0..5"], 3, "'0' is no size of a machine"),
        ([*WAIT, "--vary", "slots=16..20:0.5"], 3, "'16.5' is no size of a machine"),
        ([*WAIT, "--vary", "slots=easy,hard"], 3, "'easy' is no size of a machine"),
        ([*WAIT, "--vary", "nodes=1,10000000", "--slots-per-node", "8"], 3, "16,777,216 slots on nodes"),
        ([*WAIT, "--set", "a=1"], 2, "--set does not go with --log"),
        ([*WAIT, "--minimize", "nodes"], 2, "--minimize does not go with --log"),
        ([*WAIT, "--jobs", "2"], 2, "--jobs does not go with --log"),
        (["--require", "p95_wait_s[pool=gpu] <= 1 h"], 3, "there are: p95_wait_s"),
        (["--require", "jobs_rejected <= 0"], 3, "there is no metric"),
        (["--require", "mean_wait_s <= 1 h", "--vary", "slots=1..15"], 4, "Nothing in the range"),
    ],
)
def test_what_cannot_be_asked_of_a_log(size, args, code, says):
    got, out, err = size("--log", "log.swf", *args)
    assert got == code, err
    assert says in err
    assert (out == "") == (code != 4)


def test_a_log_that_is_not_there(size):
    code, _, err = size("--log", "nowhere.swf", *WAIT)
    assert code == 3
    assert "nowhere.swf" in err


def test_a_directory_of_a_log(size, folder):
    assert size("--log", "log.swf", *WAIT, "-o", "of-log")[0] == 0
    names = sorted(path.name for path in (folder / "of-log").iterdir())
    assert set(names) >= {"manifest.json", "sizing.json", "trials.csv"}
    assert names == sorted(re.findall(r"[a-z]+\.(?:json|csv|parquet)", " ".join(names)))


@pytest.mark.slow
def test_kth_sp2(size):
    log = str(need_data("swf/KTH-SP2-1996-2.1-cln.swf.gz"))
    code, out, _ = size("--log", log, "--require", "p95_wait_s <= 4 h", "--vary", "slots=64..300", "--json")
    assert code == 0
    assert int(json.loads(out)["answer"]["values"]["slots"]) > 100
