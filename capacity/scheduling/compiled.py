"""Loading the compiled cores from a cache that is keyed by their sources.

There is one core per family of rules, each a package of ``core`` with an ``entry``, so that nobody compiles,
or pays the branches of, rules that a run does not use; all share the files of ``core/machine`` and
``core/queue``.

numba's own file cache does not notice that a *called* function in another file changed and would silently
run the old code. So the cache directory's name is a hash of all kernel sources, of numba's version and of
the processor: a changed kernel finds an empty directory. A lock lets two processes that start at once
compile once. A directory that cannot be written is replaced by one that can, or by none.
"""

import gc
import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

from capacity.scheduling.core.machine.native import INTERPRETED, OPTIONS

Core = Callable[[npt.NDArray[np.int64]], int]

_CORE = Path(__file__).parent / "core"
_READY, _LOCK = "ready", "lock"

CORES: Final = ("queue", "conservative", "site")
"""The cores, each a package of this name."""

_SHARED: Final = ("machine", "queue")


def source_hash(folder: Path = _CORE / CORES[0]) -> str:
    """Hash of everything the machine code of the core in `folder` depends on, 16 hex digits.

    The place and age of the entry point are part of it because numba's index asks for them too: another
    installation of the same sources must not find a directory that is marked as ready and yet compile.
    """
    digest = hashlib.sha256()
    entry = folder / "entry.py"
    digest.update(f"{entry.resolve()} {entry.stat().st_mtime_ns} ".encode())
    shared = [folder.parent / name for name in _SHARED if name != folder.name]
    for path in (path for package in (*shared, folder) for path in sorted(package.glob("*.py"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    cpu = _processor()
    digest.update(f"{numba.__version__} {sys.version_info[:3]} {cpu}".encode())
    return digest.hexdigest()[:16]


def _processor() -> str:
    from llvmlite import binding  # noqa: PLC0415 - only needed on this path

    return f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}"


def _candidates() -> Iterator[Path]:
    """Where the cache may live, best first."""
    if chosen := os.environ.get("CAPACITY_CACHE_DIR"):
        yield Path(chosen)
    if home := os.environ.get("XDG_CACHE_HOME"):
        yield Path(home) / "hpc-capacity"
    with suppress(RuntimeError):  # a user that is only a number has no home
        yield Path("~/.cache").expanduser() / "hpc-capacity"
    owner = os.getuid() if hasattr(os, "getuid") else "user"
    shared = Path(tempfile.gettempdir()) / f"hpc-capacity-{owner}"
    if _private(shared):
        yield shared


def _private(folder: Path) -> bool:
    """Make a directory that only we can write: in a place open to all, others could plant code there."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True)
    try:
        found = folder.lstat()
    except OSError:
        return False
    ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    open_to_others = hasattr(os, "getuid") and bool(found.st_mode & 0o022)
    return stat.S_ISDIR(found.st_mode) and ours and not open_to_others


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _places(core: str) -> tuple[Path | None, Path | None]:
    """Return the first directory that can be written, and a complete one before it that cannot, if any."""
    key = source_hash() if core == CORES[0] else source_hash(_CORE / core)
    finished: Path | None = None
    for candidate in _candidates():
        folder = candidate / key
        if _writable(folder):
            return folder, finished
        if finished is None and (folder / _READY).exists():
            finished = folder
    return None, finished


def _copy(finished: Path, folder: Path) -> bool:
    """Seed a cache from a read-only one, all but the mark; a copy that breaks off leaves nothing behind."""
    try:
        shutil.copytree(finished, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(_READY, _LOCK))
    except OSError:  # shutil.Error is one: no space left, a file that cannot be read
        for left in folder.iterdir():
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            elif left.name != _LOCK:
                left.unlink(missing_ok=True)
        return False
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock where the system has one; without it both processes compile, which is safe."""
    try:
        import fcntl  # noqa: PLC0415 - absent on Windows
    except ImportError:
        yield
        return
    with (folder / _LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            yield
            return
        yield


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Compiling makes millions of objects that live on; collecting in between takes an eighth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _numba_cache_at(folder: Path) -> Iterator[None]:
    """Point numba's file cache at `folder` while our entry point is declared, and only then."""
    config: Any = numba.config  # its settings are set at run time and have no types
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


def _declare(core: str, *, cache: bool) -> Core:
    """Compile the entry point of a core, or take it from numba's file cache."""
    function: Core = import_module(f"capacity.scheduling.core.{core}.entry").core
    if INTERPRETED:
        return function
    with _without_garbage_collection():
        declared: Core = numba.njit(numba.int64(numba.int64[::1]), cache=cache, **OPTIONS)(function)
    return declared


@lru_cache(maxsize=len(CORES))
def load_core(core: str) -> Core:
    """Return the event loop of one family of rules, compiled or loaded from the cache.

    The first process after an installation or a change compiles for some seconds and says so on stderr.

    Parameters
    ----------
    core : str
        One of `CORES`.
    """
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        return _declare(core, cache=False)
    folder, finished = _places(core)
    name = "scheduling core" if core == "queue" else f"{core} scheduling core"
    if folder is None:
        sys.stderr.write(
            f"capacity: compiling the {name} (no writable cache directory: this happens every time)\n"
        )
        return _declare(core, cache=False)
    if (folder / _READY).exists():
        with _numba_cache_at(folder):
            return _declare(core, cache=True)
    with _locked(folder), _numba_cache_at(folder):
        there = (folder / _READY).exists() or (finished is not None and _copy(finished, folder))
        if not there:
            sys.stderr.write(f"capacity: compiling the {name}, once per version (some seconds)\n")
        declared = _declare(core, cache=True)
        part = folder / f"{_READY}.{os.getpid()}"
        part.write_text("compiled\n")
        part.replace(folder / _READY)
        return declared
