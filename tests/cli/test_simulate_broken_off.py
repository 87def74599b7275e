"""Runs that are broken off: killed, interrupted, without room on the disk, or without a reader."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.small_site import write_small

CAPACITY = [sys.executable, "-c", "import sys; from capacity.cli.main import entry; sys.exit(entry())"]
LONG = ["simulate", "gwangju-plan", "-r", "9", "-o", "run"]
"""Takes far longer than any test waits."""

# Runs within a run directory until it is killed, with everything but the manifest written.
KILLED = """
import sys, time
from pathlib import Path
from capacity.inputs.reading.loader import load_scenario
from capacity.study.files.run_directory import staged
from capacity.study.run import run
with staged(Path("run"), force=True) as stage:
    run(load_scenario(sys.argv[1]), stage=stage)
    print("written", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def small(tmp_path):
    return str(write_small(tmp_path / "specification"))


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def start(here, *args, **kwargs):
    """Start a command that Ctrl-C reaches even where the tests themselves run in the background."""
    return subprocess.Popen(
        [*CAPACITY, *args],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
        **kwargs,
    )


def wait_for(condition, process):
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def children(process):
    try:
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:  # noqa: PTH123
            return file.read().split()
    except FileNotFoundError:
        pytest.skip("no /proc here")


# --- Interrupted ----------------------------------------------------------------------------------


def interrupted(process, here):
    out, err = process.communicate()
    assert process.returncode == 130
    assert out == ""
    assert err.rstrip().endswith("interrupted")
    assert "Traceback" not in err
    assert names(here) == []


def test_control_c_leaves_nothing_half_written(here):
    process = start(here, *LONG, "-j", "1")
    wait_for(lambda: names(here), process)
    process.send_signal(signal.SIGINT)
    interrupted(process, here)


@pytest.mark.parametrize("whom", ["all", pytest.param("the command alone", marks=pytest.mark.slow)])
def test_control_c_ends_the_processes_of_a_run_without_a_word(here, whom):
    """A terminal interrupts all of them; a script may interrupt only the one it started."""
    process = start(here, *LONG, "-j", "2")
    wait_for(lambda: len(children(process)) >= 2, process)
    if whom == "all":
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    interrupted(process, here)


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_run_that_is_told_to_end_tidies_up(here, processes):
    """As by a batch system, or by `timeout`."""
    process = start(here, *LONG, "-j", processes)
    wait_for(lambda: names(here), process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (143, "")
    assert err.rstrip().endswith("terminated")
    assert "Traceback" not in err
    assert names(here) == []


# --- Killed ---------------------------------------------------------------------------------------


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_run_takes_its_processes_along(here, number):
    """A kill reaches the command only, as from a batch system or for lack of memory."""
    process = start(here, *LONG, "-j", "2")
    wait_for(lambda: len(children(process)) >= 3, process)  # two workers and what tracks their semaphores
    time.sleep(1)
    workers = children(process)
    process.send_signal(number)
    process.communicate(timeout=30)
    until = time.monotonic() + 30
    while any(alive(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.1)
    assert [pid for pid in workers if alive(pid)] == []


@pytest.mark.parametrize("existing", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_killed_run_leaves_nothing_that_looks_whole(here, small, existing):
    if existing:
        (here / "run").mkdir()
        (here / "run" / "manifest.json").write_text('{"versions": {"hpc-capacity": "0"}}')
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, small], cwd=here, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "written\n"
        process.kill()
    assert (here / "run").exists() == existing
    if existing:
        assert names(here / "run") == ["manifest.json"], "the old run, as it was"
    (left,) = (name for name in names(here) if name != "run")
    assert left.startswith(".run.partial-")
    assert "manifest.json" not in names(here / left)


# --- A full disk ----------------------------------------------------------------------------------


def no_file_beyond(size_bytes):
    """Let no file of the process grow beyond a size, as a full disk does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


@pytest.mark.parametrize(
    ("until", "room"), [pytest.param("2021-03-10", 20_000, marks=pytest.mark.slow), ("2021-01-22", 12_000)]
)
def test_a_full_disk_leaves_nothing(here, small, until, room):
    """With no room for the jobs, and with room for these but not for the findings."""
    run = subprocess.run(
        [*CAPACITY, "simulate", small, "-o", "run", "--json", "--until", until],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=no_file_beyond(room),
    )
    assert run.returncode == 3
    assert run.stdout == ""
    assert "File too large" in run.stderr
    assert "Traceback" not in run.stderr
    assert names(here) == []


@pytest.mark.slow
def test_a_full_disk_is_noticed_in_a_worker(here, small):
    run = subprocess.run(
        [*CAPACITY, "simulate", small, "-o", "run", "-r", "2", "-j", "2"],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=no_file_beyond(20_000),
    )
    assert (run.returncode, run.stdout) == (3, "")
    assert "File too large" in run.stderr
    assert names(here) == []


# --- Nobody reads ---------------------------------------------------------------------------------


def test_a_reader_that_has_had_enough_is_no_failure(here, small):
    """As with ``| head``: the run is kept all the same."""
    process = start(here, "simulate", small, "--json", "-o", "run")
    process.stdout.close()
    process.stdout = None
    err = process.communicate()[1]
    assert process.returncode == 0
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert json.loads((here / "run" / "manifest.json").read_text())["scenario"] == "small"
