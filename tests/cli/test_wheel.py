"""The wheel as a stranger installs it: away from the repository, with its own scenarios inside.

The dependencies are those of the environment of the tests; nothing is downloaded.
"""

import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("build", "hatchling", "pip")),
    reason="needs build, hatchling and pip",
)


def run(*command, cwd, **kwargs):
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False, **kwargs
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    run(*build, cwd=REPOSITORY)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel alone; its dependencies come after it on the path, the repository does not."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    where = ("-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    packages = Path(run(python, *where, cwd=home).stdout.strip())
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install")
    run(*pip, "--quiet", "--no-deps", "--no-index", wheel, cwd=home)
    dependencies = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (packages / "dependencies.pth").write_text("\n".join(dependencies))
    return home / "bin" / "capacity"


@pytest.fixture
def empty(tmp_path):
    return tmp_path


def test_the_wheel_holds_both_packages_the_catalogue_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"capacity", "workloads"}
    written = {
        f"capacity/{path.relative_to(REPOSITORY)}"
        for path in (REPOSITORY / "configs").rglob("*")
        if path.is_file()
    }
    assert written <= set(names)
    assert {"capacity/quantities/units.txt", "capacity/py.typed", "workloads/py.typed"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]
    sources = {
        str(path.relative_to(REPOSITORY))
        for package in ("capacity", "workloads")
        for path in (REPOSITORY / package).rglob("*.py")
    }
    assert {name for name in names if name.endswith(".py")} == sources


def simulate(installed, empty, until, **environment):
    """Simulate the plan and check that all of it came from the wheel."""
    command = (installed, "simulate", "--until", until, "--json", "-o", "run")
    done = run(*command, cwd=empty, env={**os.environ, **environment})
    assert json.loads(done.stdout)["scenario"] == "gwangju-plan"
    manifest = json.loads((empty / "run" / "manifest.json").read_text("utf-8"))
    assert manifest["resolved"]["until"] == until
    assert [path.name for path in empty.iterdir()] == ["run"]
    return done


def test_it_simulates_in_an_empty_directory(installed, empty):
    """Interpreted, because compiling in a new place takes half a minute."""
    simulate(installed, empty, "2021-05-02", NUMBA_DISABLE_JIT="1")


@pytest.mark.slow
def test_it_compiles_its_core_where_it_is_new(installed, empty, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    done = simulate(installed, empty, "2021-06-15", CAPACITY_CACHE_DIR=str(cache))
    assert "compiling" in done.stderr
    assert list(cache.iterdir())


def test_it_runs_from_where_it_was_installed(installed, empty):
    python = installed.with_name("python")
    code = "import capacity, workloads; print(capacity.__file__); print(workloads.__file__)"
    for line in run(python, "-c", code, cwd=empty).stdout.splitlines():
        assert Path(line).is_relative_to(installed.parents[1]), line


def test_its_catalogue_is_there(installed, empty):
    listed = run(installed, "list", "sites", "--format", "csv", "-n", cwd=empty).stdout.splitlines()
    assert [line.split(",")[0] for line in listed] == sorted(
        path.stem for path in (REPOSITORY / "configs" / "sites").glob("*.yaml")
    )
    assert str(REPOSITORY) not in run(installed, "show", "gwangju-plan", cwd=empty).stdout


@pytest.mark.slow
def test_it_can_check_itself(installed, empty, tmp_path_factory):
    """Compiled against interpreted in another process, closed forms and laws: no test is in the wheel."""
    places = {"CAPACITY_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}
    done = run(installed, "verify", "--quick", "--json", cwd=empty, env={**os.environ, **places})
    document = json.loads(done.stdout)
    assert (document["failed"], document["not_checked"]) == (0, 0)
    assert document["passed"] == len(document["checks"]) > 20
