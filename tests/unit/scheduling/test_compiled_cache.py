"""The cache of compiled code: never stale, shared by processes, and optional."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import capacity
from capacity.scheduling import compiled

CORE = Path(compiled.__file__).parent / "core"
ROOT = Path(capacity.__file__).parents[1]

ENTRY = """
import numba
from helper import callee

def _core(table):
    return callee(table[0])

def declare(cache):
    return numba.njit(numba.int64(numba.int64[::1]), cache=cache)(_core)
"""
HELPER = """
import numba

@numba.njit
def callee(x):
    return x + {added}
"""
MAIN = """
import sys
import numpy as np
from capacity.scheduling import compiled
import entry

compiled.source_hash.__defaults__ = (compiled.Path(entry.__file__).parent,)
compiled._declare = lambda core, *, cache: entry.declare(cache)
{extra}
core = compiled.load_core("queue")
stats = getattr(core, "stats", None)  # none without compiling
print(core(np.array([40])), bool(stats and sum(stats.cache_hits.values())))
"""


class Small:
    """A kernel of two small files under `folder`, loaded by the real loader in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kernel = folder / "kernel"
        self.kernel.mkdir(parents=True)
        (self.kernel / "entry.py").write_text(ENTRY)
        self.add(2)

    def add(self, added: int) -> None:
        """Change the callee, not the file that numba looks at."""
        (self.kernel / "helper.py").write_text(HELPER.format(added=added))

    def start(self, cache: Path, *, extra: str = "", **environment: str) -> subprocess.Popen[str]:
        variables = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(self.kernel), str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CAPACITY_CACHE_DIR": str(cache),
            "XDG_CACHE_HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder),
            **environment,
        }
        variables.pop("NUMBA_DISABLE_JIT", None)
        command = [sys.executable, "-W", "error", "-c", MAIN.format(extra=extra)]
        return subprocess.Popen(
            command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, cache: Path, *, extra: str = "", **environment: str) -> tuple[str, str]:
        """What it printed, and what it said on stderr."""
        return finished(self.start(cache, extra=extra, **environment))


def finished(process: subprocess.Popen[str]) -> tuple[str, str]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip(), err


@pytest.fixture
def small(tmp_path) -> Small:
    return Small(tmp_path / "small")


@pytest.mark.parametrize("core", compiled.CORES)
def test_a_change_to_any_file_of_a_core_changes_its_key(tmp_path, core):
    copy = tmp_path / "core"
    shutil.copytree(CORE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in sorted(path for name in ("machine", "queue", core) for path in (copy / name).glob("*.py")):
        before = compiled.source_hash(copy / core)
        assert compiled.source_hash(copy / core) == before
        with path.open("a") as handle:
            handle.write("# changed\n")
        assert compiled.source_hash(copy / core) != before, path


def test_a_renamed_or_additional_file_changes_the_key(tmp_path):
    copy = tmp_path / "queue"
    shutil.copytree(CORE / "queue", copy, ignore=shutil.ignore_patterns("__pycache__"))
    keys = {compiled.source_hash(copy)}
    (copy / "extra.py").write_text("")
    keys.add(compiled.source_hash(copy))
    (copy / "extra.py").rename(copy / "other.py")
    keys.add(compiled.source_hash(copy))
    assert len(keys) == 3


def test_the_processor_and_versions_are_in_the_key(monkeypatch):
    before = compiled.source_hash()
    monkeypatch.setattr(compiled, "_processor", lambda: "another processor")
    other = compiled.source_hash()
    monkeypatch.setattr(compiled.numba, "__version__", "0.0.1")
    assert len({before, other, compiled.source_hash()}) == 3


def test_a_second_process_loads_and_a_changed_callee_compiles_again(small, tmp_path):
    cache = tmp_path / "cache"
    first, said = small.run(cache)
    assert first == "42 False"
    assert "compiling" in said
    second, said = small.run(cache)
    assert second == "42 True"
    assert said == ""
    small.add(5)
    changed, said = small.run(cache)
    assert changed == "45 False"  # numba's own cache would have answered 42
    assert "compiling" in said
    small.add(2)
    assert small.run(cache)[0] == "42 True"  # and the old version is still there


def test_the_same_sources_elsewhere_say_that_they_compile(small, tmp_path):
    """numba keeps one cache per path of the source: a second installation compiles once too, and says so."""
    cache = tmp_path / "cache"
    assert small.run(cache)[0] == "42 False"
    elsewhere = Small(tmp_path / "elsewhere")
    found, said = elsewhere.run(cache)
    assert found == "42 False"
    assert "compiling" in said
    assert elsewhere.run(cache) == ("42 True", "")
    assert small.run(cache) == ("42 True", "")


def test_sources_installed_anew_say_that_they_compile(small, tmp_path):
    """numba's index also asks for the age of the file with the entry point."""
    cache = tmp_path / "cache"
    assert small.run(cache)[0] == "42 False"
    os.utime(small.kernel / "entry.py", (1_000_000_000, 1_000_000_000))
    found, said = small.run(cache)
    assert found == "42 False"
    assert "compiling" in said


def test_two_processes_started_at_once_compile_once(small, tmp_path):
    cache = tmp_path / "cache"
    slow = (
        "import time, entry as e; real = e.declare\n"
        "def slowly(cache): time.sleep(1); return real(cache)\n"
        "e.declare = slowly"
    )
    together = [small.start(cache, extra=slow) for _ in range(2)]
    found = [finished(process) for process in together]
    assert sorted(out for out, _ in found) == ["42 False", "42 True"]
    assert sorted("compiling" in err for _, err in found) == [False, True]


def test_a_killed_compilation_leaves_nothing_in_the_way(small, tmp_path):
    cache = tmp_path / "cache"
    victim = small.start(cache, extra="import time, entry as e; e.declare = lambda cache: time.sleep(60)")
    deadline = time.monotonic() + 60
    while not list(cache.glob("*/lock")) and time.monotonic() < deadline:
        time.sleep(0.05)
    victim.kill()
    victim.communicate()
    assert small.run(cache)[0] == "42 False"
    assert small.run(cache)[0] == "42 True"


def test_without_any_directory_that_can_be_written_it_compiles_every_time(small):
    nowhere = "compiled._writable = lambda folder: False"
    for _ in range(2):
        found, said = small.run(small.folder / "cache", extra=nowhere)
        assert found == "42 False"
        assert "every time" in said


def test_a_directory_that_cannot_be_written_is_passed_over(small, tmp_path):
    """A path below a plain file cannot be made, not even by root."""
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    assert small.run(obstacle / "cache")[0] == "42 False"
    assert small.run(obstacle / "cache")[0] == "42 True"
    assert len(list((small.folder / "home" / "hpc-capacity").glob("*/ready"))) == 1


def test_a_finished_cache_that_is_read_only_is_copied_not_compiled(small, tmp_path):
    cache = tmp_path / "cache"
    assert small.run(cache)[0] == "42 False"
    read_only = f"""
real = compiled._writable
compiled._writable = lambda folder: not folder.is_relative_to({str(cache)!r}) and real(folder)
"""
    before = sorted(cache.rglob("*"))
    assert small.run(cache, extra=read_only) == ("42 True", "")
    assert sorted(cache.rglob("*")) == before
    assert len(list((small.folder / "home" / "hpc-capacity").glob("*/ready"))) == 1


def test_a_copy_that_fails_in_the_middle_is_not_used(small, tmp_path):
    """A full disk while the read-only cache is copied: compile instead, and the next process is well too."""
    cache = tmp_path / "cache"
    assert small.run(cache)[0] == "42 False"
    read_only = f"""
real = compiled._writable
compiled._writable = lambda folder: not folder.is_relative_to({str(cache)!r}) and real(folder)
"""
    failing = """
def half(origin, target, **options):
    for path in sorted(origin.rglob("*")):
        if path.is_file():
            there = target / path.relative_to(origin)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    raise compiled.shutil.Error([("a", "b", "no space left on device")])

compiled.shutil.copytree = half
"""
    assert small.run(cache, extra=read_only + failing)[0].startswith("42")
    assert small.run(cache, extra=read_only)[0].startswith("42")


def test_a_user_without_a_home_has_the_temporary_directory(monkeypatch, tmp_path):
    """As in a container whose user is a number only."""
    pwd = pytest.importorskip("pwd")

    def nobody(_):
        raise KeyError

    for name in ("HOME", "XDG_CACHE_HOME", "CAPACITY_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path))
    folder, _ = compiled._places("queue")
    assert folder is not None
    assert folder.is_relative_to(tmp_path)


def test_the_mark_is_not_copied_before_the_rest(small, tmp_path):
    """Copied under the lock, marked when all is there: a copy that stops half-way is not taken for whole."""
    cache = tmp_path / "cache"
    assert small.run(cache)[0] == "42 False"
    stopped = f"""
real = compiled._writable
compiled._writable = lambda folder: not folder.is_relative_to({str(cache)!r}) and real(folder)
compiled._declare = lambda core, *, cache: sys.exit("stopped after the copy")
"""
    process = small.start(cache, extra=stopped)
    assert "stopped after the copy" in process.communicate(timeout=120)[1]
    home = small.folder / "home" / "hpc-capacity"
    assert list(home.glob("*/lock"))
    assert list(home.rglob("*.nbi"))
    assert not list(home.glob("*/ready"))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no owners of files")
def test_a_directory_that_others_can_write_is_not_trusted(monkeypatch, tmp_path):
    """In the temporary directory anybody can make a directory of our name first, and put code into it."""
    mine = tmp_path / "mine"
    assert compiled._private(mine)
    assert mine.stat().st_mode & 0o777 == 0o700
    link = tmp_path / "link"
    link.symlink_to(mine)
    assert not compiled._private(link)
    for mode in (0o770, 0o702):
        mine.chmod(mode)
        assert not compiled._private(mine)
    mine.chmod(0o700)
    stranger = os.getuid() + 1
    monkeypatch.setattr(compiled.os, "getuid", lambda: stranger)
    assert not compiled._private(mine)
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / f"hpc-capacity-{stranger}").mkdir()
    assert all(not place.is_relative_to(tmp_path) for place in compiled._candidates())


def test_numbas_own_setting_is_left_as_it_was(tmp_path):
    before = compiled.numba.config.CACHE_DIR
    with compiled._numba_cache_at(tmp_path):
        assert str(tmp_path) == compiled.numba.config.CACHE_DIR
    assert before == compiled.numba.config.CACHE_DIR


def test_uncompiled_code_needs_no_cache(small, tmp_path):
    """Under NUMBA_DISABLE_JIT nothing is written and nothing is said."""
    quiet = "compiled.numba.config.DISABLE_JIT = True; entry.declare = lambda cache: entry._core"
    assert small.run(tmp_path / "cache", extra=quiet) == ("42 False", "")
    assert not (tmp_path / "cache").exists()


@pytest.mark.slow
def test_the_real_kernel_is_compiled_again_after_a_change_to_a_callee(tmp_path):
    """Two compilations of the whole core, about half a minute each."""
    shutil.copytree(ROOT / "capacity", tmp_path / "capacity", ignore=shutil.ignore_patterns("__pycache__"))
    program = """
import numpy as np
from capacity.scheduling import compiled
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
one = np.ones(5, np.int64)
system = batch_system([PoolSpec("p", 2)], Rules(), Jobs(0 * one, one, one, one))
system.run()
print(system.pools[0].state().started_jobs, bool(sum(compiled.load_core("queue").stats.cache_hits.values())))
"""

    def run() -> str:
        environment = {
            **os.environ,
            "PYTHONPATH": str(tmp_path),
            "CAPACITY_CACHE_DIR": str(tmp_path / "cache"),
        }
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert [run(), run()] == ["5 False", "5 True"]
    callee = tmp_path / "capacity" / "scheduling" / "core" / "machine" / "machine.py"
    text = callee.read_text()
    assert text.count("scalars[u(STARTED)] += 1") == 1
    callee.write_text(text.replace("scalars[u(STARTED)] += 1", "scalars[u(STARTED)] += 2"))
    assert [run(), run()] == ["10 False", "10 True"]
