"""The package that CONTRIBUTING shows, installed: its names work wherever ours do, and are never confused."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.small_site import write_small

ROOT = Path(__file__).parents[2]
LOG = "0 100 2\n10 50 3\n20 500 4\n20 30 1\n30 80 2\n30 10 4\n40 70 1\n"
# Runs each command line of a JSON list in this one process, and prints what became of them as JSON.
PROGRAM = """
import contextlib, io, json, sys
from capacity.cli.main import entry

if __name__ == "__main__":
    done = []
    for args in json.loads(sys.argv[1]):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = entry(args)
        done.append([code, out.getvalue(), err.getvalue()])
    print(json.dumps(done))
"""


def shown(language):
    """Return the first block of a language on the page, after its heading about packages."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("**... a name from a package")[2]
    return re.search(rf"```{language}\n(.*?)```", page, re.DOTALL)[1]


def install(folder, module, points, *, name="our-site", version="0.1"):
    """Install a package of one module, as an installer leaves it."""
    stem = name.replace("-", "_")
    (folder / f"{stem}.py").write_text(module)
    info = folder / f"{stem}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = (
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in group_points.items())
        for group, group_points in points.items()
    )
    (info / "entry_points.txt").write_text("".join(groups))


@pytest.fixture
def folder(tmp_path):
    """Return where the package of the page is installed, beside a log and a scenario."""
    (tmp_path / "packages").mkdir()
    points = tomllib.loads(shown("toml"))["project"]["entry-points"]
    install(tmp_path / "packages", shown("python"), points)
    (tmp_path / "jobs.three").write_text(LOG)
    write_small(tmp_path)
    return tmp_path


def commands(folder, *lines, store="off"):
    """Run command lines one after the other and return exit code, stdout and stderr of each."""
    (folder / "program.py").write_text(PROGRAM)
    path = os.pathsep.join([str(folder / "packages"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-W", "error", "program.py", json.dumps([line.split() for line in lines])],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "CAPACITY_STORE": store},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def outputs(folder, *lines, **options):
    found = commands(folder, *lines, **options)
    for line, (code, _, err) in zip(lines, found, strict=True):
        assert code == 0, f"{line}: {err}"
    return [out for _, out, _ in found]


def test_names_of_a_package_are_listed_and_used_with_logs(folder):
    *lists, area, saf, fcfs, _, _, drawn = outputs(
        folder,
        *(f"list {kind} --format csv" for kind in ("orders", "readers", "models", "report-sections")),
        *(f"replay jobs.three --slots 4 --policy {order} --json" for order in ("area", "saf", "fcfs")),
        "replay jobs.three --slots 4 --json --backfill-order area",
        "workload generate --model daily --days 9 --slots 3 -o daily.swf",
        "workload describe daily.swf --json",
    )
    names = [out.splitlines()[-1].split(",")[0] for out in lists]
    assert names == ["area", "three", "daily", "notes"]
    assert "from our-site 0.1" in lists[0]
    waits = [json.loads(out)["mean_wait_s"] for out in (area, saf, fcfs)]
    assert waits[0] == waits[1] != waits[2], "requested time x slots, as saf has it"
    assert '"daily.swf"' in drawn


def test_an_order_of_a_package_is_simulated_in_worker_processes(folder):
    text = (folder / "small.yaml").read_text()
    (folder / "ours.yaml").write_text(text + "policy: {order: area}\n")
    until = "--until 2021-01-24 -r 2 --json"
    ours, area, saf, fcfs, compared = map(
        json.loads,
        outputs(
            folder,
            f"simulate ours.yaml {until} -j 2",
            *(
                f"simulate small.yaml --set policy.order={order} {until} -j 1"
                for order in ("area", "saf", "fcfs")
            ),
            f"compare small.yaml --policy area --policy saf {until} -j 1",
        ),
    )
    assert ours["findings"] == area["findings"] == saf["findings"] != fcfs["findings"]
    assert area["hash"] != saf["hash"]
    assert "area" in json.dumps(compared)


@pytest.mark.slow
def test_an_order_of_a_package_is_sized_and_reported(folder):
    wanted = "--vary policy.order=area,saf --minimize nodes --require utilization[pool=gpu]<=1 -j 1"
    sized, _, _, schema = outputs(
        folder,
        f"size small.yaml {wanted} --until 2021-01-24 -r 2 --json",
        "simulate small.yaml --set policy.order=area --until 2021-01-24 -o run",
        "report run --no-verify",
        "schema scenario",
    )
    assert "area" in sized
    assert "small was run by us." in (folder / "run" / "report.html").read_text()
    assert json.loads((folder / "run" / "manifest.json").read_text())["versions"]["our-site"] == "0.1"
    assert '"area"' in schema


def test_a_changed_package_gives_no_old_results(folder):
    line = "simulate small.yaml --set policy.order=area --until 2021-01-24 -r 1 --json"
    before, again = (json.loads(out) for out in outputs(folder, line, line, store=str(folder / "store")))
    assert before == again
    module = folder / "packages" / "our_site.py"
    module.write_text(module.read_text().replace("return requested_s.astype(float)", "return -requested_s"))
    lines = (line, f"{line} --fresh")
    after, fresh = (json.loads(out) for out in outputs(folder, *lines, store=str(folder / "store")))
    assert after["findings"] == fresh["findings"] != before["findings"]


def test_what_a_package_does_wrong_is_said_without_a_traceback(folder):
    points = {"capacity.orders": {"short": "wrong:short", "gone": "wrong:gone"}}
    module = "def short(submit_s, requested_s, slots):\n    return slots[1:] * 1.0\n"
    install(folder / "packages", module, points, name="wrong")
    short, gone, unknown = commands(
        folder,
        "replay jobs.three --slots 4 --policy short",
        "simulate small.yaml --set policy.order=gone --until 2021-01-22 -r 2 -j 2",
        "simulate small.yaml --set policy.order=arae",
    )
    assert short[0] == gone[0] == unknown[0] == 3
    assert "queue order 'short' from wrong 0.1 does not give a finite number for each job" in short[2]
    assert "queue order 'gone' from wrong 0.1 cannot be used" in gone[2]
    assert "did you mean 'area'?" in unknown[2]
    assert "Traceback" not in short[2] + gone[2] + unknown[2]
