"""``capacity workload generate``: demand as a job log, in a file that is whole or not there."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from capacity.cli.main import entry
from workloads.formats import FORMATS
from workloads.logs import read_log

DAYS = ("--start", "2022-03-01", "--until", "2022-03-03")
CALL = "import sys; from capacity.cli.main import entry; sys.exit(entry(sys.argv[1:]))"

WRITABLE = [entry.name for entry in FORMATS.values() if entry.writer]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def present():
    """Names in the directory the test runs in."""
    return sorted(path.name for path in Path().iterdir())


def run(capsys, *args):
    code = entry(["workload", "generate", *args])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    return code, captured.out, captured.err


@pytest.mark.parametrize("ending", [".swf", ".swf.gz", ".parquet", ".csv"])
def test_a_log_is_written_and_read_back(capsys, ending):
    code, out, err = run(capsys, "gwangju-research", *DAYS, "-o", f"log{ending}")
    assert (code, out) == (0, "")
    table = read_log(f"log{ending}")
    assert f"log{ending}: {len(table):,} jobs from 2022-03-01 through 2022-03-03 (Asia/Seoul)" in err
    assert table.origin is not None
    assert table.origin.isoformat() == "2022-03-01T00:00:00+09:00"
    assert "synthetic demand, not a recorded log" in table.header["Note"]
    assert 0 <= table.numbers("submit_s").min() <= table.numbers("submit_s").max() < 3 * 86_400
    assert present() == [f"log{ending}"]


def test_the_same_seed_gives_the_same_bytes_and_another_other_jobs(capsys):
    for name, options in {
        "a.swf": (),
        "b.swf": (),
        "seed.swf": ("--seed", "1"),
        "luck.swf": ("--replication", "1"),
        "zone.swf": ("--timezone", "Europe/Berlin"),
    }.items():
        assert run(capsys, "gwangju-research", *DAYS, *options, "-o", name)[0] == 0
    files = {name: Path(name).read_bytes() for name in present()}
    assert files["a.swf"] == files["b.swf"]
    assert len(set(files.values())) == 4


def test_a_scenario_gives_its_own_days_seed_and_machine(capsys):
    code, _, err = run(capsys, "gwangju-plan", "--until", "2021-05-10", "-o", "plan.swf")
    assert code == 0
    assert "from 2020-07-01 through 2021-05-10 (Asia/Seoul)" in err
    assert "seed 20200701" in err
    assert read_log("plan.swf").max_slots == 4552
    assert entry(["replay", "plan.swf", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["machine"]["slots"] == 4552


def test_values_can_be_set(capsys):
    more = "tenants.ai-startups.jobs_per_member=53 job/user/day"
    assert run(capsys, "gwangju-research", *DAYS, "-o", "as-is.swf")[0] == 0
    assert run(capsys, "gwangju-research", *DAYS, "--set", more, "-o", "more.swf")[0] == 0
    assert len(read_log("more.swf")) > 2 * len(read_log("as-is.swf"))
    code, _, err = run(
        capsys, "gwangju-research", *DAYS, "--set", "tenants.ai-startup.title=x", "-o", "x.swf"
    )
    assert code == 3
    assert "did you mean 'ai-startups'?" in err


@pytest.mark.parametrize("form", WRITABLE)
def test_standard_output_takes_every_format(capsysbinary, form):
    assert entry(["workload", "generate", "gwangju-research", *DAYS, "--format", form]) == 0
    captured = capsysbinary.readouterr()
    assert captured.err.startswith(b"standard output: ")
    reader = io.BytesIO(captured.out)
    Path("log").write_bytes(reader.getvalue())
    assert len(read_log("log", format_name=form)) > 1000


def test_a_dash_is_standard_output_and_swf_the_default(capsys):
    code, out, _ = run(capsys, "gwangju-research", *DAYS, "-o", "-")
    assert code == 0
    assert out.startswith("; Version: 2.2\n")
    assert present() == []


def test_parquet_is_not_thrown_at_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: True, flush=lambda: None))
    assert entry(["workload", "generate", "gwangju-research", "--format", "jobtable-parquet"]) == 2
    monkeypatch.undo()
    assert "not for a terminal" in capsys.readouterr().err


def test_a_format_may_differ_from_the_ending(capsys):
    assert run(capsys, "gwangju-research", *DAYS, "-o", "log.txt", "--format", "swf")[0] == 0
    assert len(read_log("log.txt", format_name="swf")) > 1000


def test_a_file_is_not_overwritten_unless_forced(capsys):
    Path("log.swf").write_text("mine")
    code, _, err = run(capsys, "gwangju-research", *DAYS, "-o", "log.swf")
    assert code == 3
    assert "log.swf: exists already" in err
    assert Path("log.swf").read_text() == "mine"
    assert run(capsys, "gwangju-research", *DAYS, "-o", "log.swf", "--force")[0] == 0
    assert Path("log.swf").read_text().startswith("; Version")


def test_a_link_is_followed(capsys):
    Path("store").mkdir()
    Path("log.swf.gz").symlink_to("store/real.swf.gz")
    assert run(capsys, "gwangju-research", *DAYS, "-o", "log.swf.gz")[0] == 0
    assert Path("log.swf.gz").is_symlink()
    assert gzip.decompress(Path("store/real.swf.gz").read_bytes()).startswith(b"; Version")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("directory.swf", "this is a directory"),
        ("nowhere/log.swf", "no such directory"),
        ("pipe.swf", "not an ordinary file"),
        ("log.txt", "otherwise say --format swf|jobtable-parquet|jobtable-csv"),
        ("", "does not say which format"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused(capsys, target, says):
    Path("directory.swf").mkdir()
    os.mkfifo("pipe.swf")
    code, out, err = run(capsys, "gwangju-research", *DAYS, "-o", target, "--force")
    assert (code, out) == (3, "")
    assert says in err
    assert present() == ["directory.swf", "pipe.swf"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_directory_is_refused(capsys):
    Path("closed").mkdir(mode=0o500)
    code, _, err = run(capsys, "gwangju-research", *DAYS, "-o", "closed/log.swf")
    assert code == 3
    assert "cannot write here" in err


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["gwangju-resaerch"], 3, "did you mean 'gwangju-research'?"),
        (["missing.yaml"], 3, "no such file"),
        (["dgx-a100"], 3, "the node 'dgx-a100' has no demand"),
        (["gwangju-a100", "--kind", "site"], 3, "has no demand"),
        (
            ["gwangju-research", "--until", "2020-01-01"],
            3,
            "--until: 2020-01-01 is before the start, 2020-07-01",
        ),
        (["gwangju-research", "--start", "2022-13-01"], 3, "--start: '2022-13-01' is not a day"),
        (["gwangju-research", "--until", "soon"], 3, "--until: 'soon' is not a day"),
        (["gwangju-research", "--until", "2400-12-31"], 3, "at most 50 years"),
        (["gwangju-research", "--start", "9999-01-01", "--until", "9999-12-31"], 3, "1900 to 2900"),
        (["gwangju-research", "--until", "2020-12-31"], 3, "no job is submitted from 2020-07-01"),
        (["gwangju-research", "--timezone", "Asia/Soul"], 3, "did you mean 'Asia/Seoul'?"),
        (["gwangju-research", "--timezone", "../passwd"], 3, "no time zone is called"),
        (["gwangju-research", "--seed", "-1"], 2, "'--seed'"),
        (["gwangju-research", "--replication", "-1"], 2, "'--replication'"),
        (["gwangju-research", "--format", "sfw"], 2, "did you mean 'swf'?"),
        (["-"], 2, "--kind"),
        ([], 2, "name a workload or a scenario"),
    ],
)
def test_what_cannot_be_generated_is_said(capsys, args, code, says):
    found, out, err = run(capsys, *args)
    assert (found, out) == (code, "")
    assert says in err


def test_help_names_every_format(capsys):
    text = run(capsys, "--help")[1]
    assert all(name in text for name in WRITABLE)


def test_the_group_names_its_commands(capsys):
    assert entry(["workload", "--help"]) == 0
    assert "generate" in capsys.readouterr().out
    assert entry(["workload", "genrate"]) == 2
    assert "did you mean 'generate'?" in capsys.readouterr().err


LIMITED = """
import resource, sys
from capacity.cli.main import entry
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
sys.exit(entry(["workload", "generate", "gwangju-research", *sys.argv[2:], "-o", sys.argv[1], "--force"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
@pytest.mark.parametrize("ending", [".swf", ".swf.gz", ".parquet", ".csv"])
def test_a_full_disk_leaves_what_was_there(ending):
    Path(f"log{ending}").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, f"log{ending}", *DAYS], capture_output=True, check=False
    )
    assert done.returncode == 3
    assert done.stderr.decode() == f"error: log{ending}: File too large\n"
    assert present() == [f"log{ending}"]
    assert Path(f"log{ending}").read_text() == "mine"


@pytest.mark.parametrize("form", WRITABLE)
def test_a_closed_pipe_ends_quietly(form):
    read, pipe = os.pipe()
    os.close(read)
    with os.fdopen(pipe, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-c", CALL, "workload", "generate", "gwangju-research", *DAYS, "--format", form],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 0
    assert b"roken" not in done.stderr


def test_help_imports_nothing_heavy():
    heavy = ["numpy", "pandas", "pint", "simpy", "numba", "scipy", "pydantic", "pyarrow", "rich"]
    look = f"code = entry(sys.argv[1:]); sys.exit(code or any(name in sys.modules for name in {heavy}))"
    call = CALL.replace("sys.exit(entry(sys.argv[1:]))", look)
    done = subprocess.run(
        [sys.executable, "-c", call, "workload", "generate", "--help"], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert b"WORKLOAD|SCENARIO" in done.stdout
