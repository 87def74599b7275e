"""The result store: what was simulated once is not simulated again.

A run is filed under a hash of everything it depends on: the scenario's content, the seed, the replication,
what was asked for, and the code (all sources that can change a number, those of plug-ins, too, and the
versions of the libraries below them). So there is nothing to invalidate: a changed scenario or program looks
in another place. A file is written beside its place and moved there whole, and carries a checksum: a killed
process leaves at most a file that nobody reads.
"""

import gzip
import hashlib
import json
import os
import platform
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import capacity
import workloads
from capacity.registry import SECTIONS, plug_ins
from capacity.simulation.calendar import calendar_of
from capacity.simulation.record import Event
from capacity.statistics.bounds import AtLeast
from capacity.study.executors.interface import Executor, RunsLost
from capacity.study.size.regret.one_world import sized_from
from capacity.study.task import OneRun, Progress, Task, after

FORMAT: Final = 3
MOST_BYTES: Final = 1 << 30
"""Beyond this the runs that were used longest ago are forgotten. [B]"""
NUMBERS_DEPEND_ON: Final = ("numpy", "pandas", "scipy", "simpy", "pint", "numba", "holidays", "tzdata")
CODE: Final = (".py", ".so", ".pyd")
"""Endings of files that a plug-in may consist of."""
ONLY_SHOWN: Final = ("cli", "face", "report")
"""Floors of the house that ask for results and show them, and do not make them."""


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a hash of all code that a result depends on, 16 hex digits."""
    digest = hashlib.sha256()
    for package in (capacity, workloads):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            place = path.relative_to(root)
            if place.parts[0] not in ONLY_SHOWN:
                digest.update(f"{package.__name__}/{place.as_posix()}\0".encode() + path.read_bytes())
    for name in NUMBERS_DEPEND_ON:
        digest.update(f"{name} {version(name)} ".encode())
    digest.update(platform.python_version().encode())
    for point in sorted(plug_ins()):
        if point.group != SECTIONS.group:
            dist = (point.dist.name, point.dist.version) if point.dist else ()
            said = (point.group, point.name, point.value, *dist)
            digest.update(f"{said}\0".encode())
            for path in _sources(point.module.partition(".")[0]):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _sources(package: str) -> list[Path]:
    """Return the files of a package or module, without importing it; none if it is not there."""
    spec = find_spec(package)
    if spec is None:
        return []
    if spec.submodule_search_locations is None:
        return [Path(spec.origin)] if spec.origin and spec.has_location else []
    files = (path for root in spec.submodule_search_locations for path in Path(root).rglob("*"))
    return sorted(path for path in files if path.suffix in CODE)


def key_of(task: Task) -> str:
    """Return the name under which a task's run is filed, 64 hex digits."""
    ahead = None if task.ahead is None else asdict(task.ahead)
    sizes = None if task.sizes is None else task.sizes.identity
    said = (FORMAT, code_version(), task.sha256, task.seed, task.replication, ahead, task.waits_by, sizes)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def default_place() -> Path | None:
    """Return where runs are kept: what ``CAPACITY_STORE`` says, else the user's cache; None for nowhere."""
    chosen = os.environ.get("CAPACITY_STORE")
    if chosen:
        return None if chosen == "off" else Path(chosen)
    with suppress(RuntimeError):  # a user that is only a number has no home
        home = os.environ.get("XDG_CACHE_HOME")
        return (Path(home) if home else Path("~/.cache").expanduser()) / "hpc-capacity" / "results"
    return None


class ResultStore:
    """Finished runs by what they depend on, in a directory that several processes may use at once."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def _path(self, key: str) -> Path:
        return self._place / key[:2] / f"{key}.json.gz"

    def get(self, task: Task) -> OneRun | None:
        """Return the run of a task, or None; one that cannot be read is as good as none."""
        if task.keep_tables:
            return None  # tables are large, quickly made again, and kept in run directories
        path = self._path(key_of(task))
        try:
            found = _decoded(json.loads(gzip.decompress(path.read_bytes())))
        except (OSError, EOFError, ValueError, KeyError, TypeError, OverflowError, zlib.error):
            return None
        with suppress(OSError):
            os.utime(path)  # used now: the last to be forgotten
        return found

    def has(self, task: Task) -> bool:
        """Whether a run of a task is filed; that it can be read is not looked at."""
        return not task.keep_tables and self._path(key_of(task)).is_file()

    def put(self, task: Task, run: OneRun) -> None:
        """File a run; a store that cannot be written keeps nothing and harms nobody."""
        path = self._path(key_of(task))
        data = gzip.compress(json.dumps(_encoded(task, run)).encode(), 1, mtime=0)
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(part).replace(path)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise

    def prune(self, most_bytes: int = MOST_BYTES) -> None:
        """Forget the runs used longest ago until the rest takes no more than `most_bytes`. [B]."""
        with suppress(OSError):
            stats = [(path, path.stat()) for path in self._place.glob("??/*")]
            total = sum(stat.st_size for _, stat in stats)
            for path, stat in sorted(stats, key=lambda found: found[1].st_mtime):
                if total <= most_bytes:
                    break
                path.unlink(missing_ok=True)
                total -= stat.st_size


class FreshStore(ResultStore):
    """A store in which nothing is found: everything is run anew and takes the place of what is there."""

    def get(self, task: Task) -> OneRun | None:  # noqa: ARG002 - of no task
        """Return None."""
        return None


def _encoded(task: Task, run: OneRun) -> dict[str, Any]:
    return {
        "scenario": task.scenario.name, "hash": task.sha256,
        "values": [
            [metric, list(map(list, where)), value, *([1] if isinstance(value, AtLeast) else [])]
            for (metric, where), value in run.values.items()
        ],
        "events": [asdict(event) for event in run.events], "jobs": run.jobs, "factors": run.factors,
        "timings": run.timings, "sized": None if run.sized is None else asdict(run.sized),
    }  # fmt: skip


def _decoded(found: dict[str, Any]) -> OneRun:
    values = {
        (metric, tuple((name, label) for name, label in where)): (AtLeast if least else float)(value)
        for metric, where, value, *least in found["values"]
    }
    events = tuple(Event(**event) for event in found["events"])
    sized = None if found["sized"] is None else sized_from(found["sized"])
    return OneRun(
        values, events, int(found["jobs"]), dict(found["factors"]), dict(found["timings"]), sized=sized
    )


class StoredExecutor:
    """An executor that looks in the store first, and files what it had to have done."""

    def __init__(self, executor: Executor, store: ResultStore) -> None:
        self._executor = executor
        self._store = store
        self.found = 0
        """Runs that were not simulated again."""
        self.done = 0
        """Runs that were simulated and filed."""

    @property
    def width(self) -> int:
        """As of the executor that does the work."""
        return self._executor.width

    def completed(
        self, tasks: Sequence[Task], progress: Progress | None = None
    ) -> Iterator[tuple[int, OneRun]]:
        """See `Executor`."""
        missing: list[int] = []
        jobs = 0
        for place, task in enumerate(tasks):
            run = self._store.get(task)
            if run is None:
                missing.append(place)
                continue
            self.found += 1
            jobs += run.jobs
            if progress:
                progress(place + 1 - len(missing), calendar_of(task.scenario).horizon_s, jobs)
            yield place, run
        if not missing:
            return
        seen = after(progress, len(tasks) - len(missing), jobs)
        try:
            for number, run in self._executor.completed([tasks[place] for place in missing], seen):
                self._store.put(tasks[missing[number]], run)
                self.done += 1
                yield missing[number], run
        except RunsLost as error:
            raise RunsLost({missing[number]: said for number, said in error.lost.items()}) from None
