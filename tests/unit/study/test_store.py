"""The result store: what was run once is found again, and only that; whatever happens to its files."""

import gzip
import json
import math
import multiprocessing
import os
import random
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.calendar import calendar_of
from capacity.simulation.storage.ahead import LookAhead
from capacity.study import store as store_module
from capacity.study.executors.interface import run_all
from capacity.study.executors.local import LocalExecutor
from capacity.study.run import tasks_of
from capacity.study.store import FreshStore, ResultStore, StoredExecutor, code_version, default_place, key_of
from capacity.study.task import perform
from tests.support.short_runs import Elsewhere, same_run, short_tasks


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("specification")


@pytest.fixture(scope="module")
def task(folder):
    return short_tasks(folder, 1)[0]


@pytest.fixture(scope="module")
def done(task):
    return perform(task)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def filled(place, task, done):
    """Return a store with one run, and where that is."""
    store = ResultStore(place)
    store.put(task, done)
    (path,) = place.glob("*/*")
    return store, path


# --- Found, and only what was asked for -----------------------------------------------------------


def test_a_run_is_found_as_it_was(filled, task, done):
    store, _ = filled
    found = store.get(task)
    assert same_run(found, done)
    assert same_run(found, perform(task)), "and as it would be now"
    assert found.timings == done.timings
    assert any(math.isnan(value) for value in found.values.values()), "also what was not measured"


def test_what_happened_is_kept(place, folder, task):
    """Until after a delivery."""
    loaded = load_scenario(folder / "small.yaml", until=date(2021, 2, 11))
    (longer,) = tasks_of(loaded, seed=7, numbers=[3], ahead=LookAhead())
    run = perform(longer)
    assert {event.kind for event in run.events} >= {"delivery"}
    ResultStore(place).put(longer, run)
    assert same_run(ResultStore(place).get(longer), run)


def test_infinite_values_are_kept(place, task, done):
    key = next(iter(done.values))
    odd = replace(done, values={**done.values, key: math.inf})
    ResultStore(place).put(task, odd)
    assert same_run(ResultStore(place).get(task), odd)


def test_other_tasks_are_not_found(filled, folder, task):
    store, _ = filled
    others = [
        replace(task, seed=8),
        replace(task, replication=1),
        replace(task, ahead=LookAhead()),
        *short_tasks(folder, 1, "site.pue=1.4"),
        *short_tasks(folder, 1, "title=Another"),
    ]
    assert len({key_of(other) for other in [task, *others]}) == len(others) + 1
    assert [store.get(other) for other in others] == [None] * len(others)


def test_the_same_task_made_again_is_found(filled, folder):
    assert filled[0].get(*short_tasks(folder, 1)) is not None


def test_a_changed_program_finds_nothing(filled, task, monkeypatch):
    monkeypatch.setattr(store_module, "code_version", lambda: "0" * 16)
    assert filled[0].get(task) is None


def test_the_code_version_is_that_of_what_makes_numbers(monkeypatch, tmp_path):
    """A change of a model counts, also in the kernel; one of what only prints does not."""

    def version_of(root):
        code_version.cache_clear()
        monkeypatch.setattr(store_module.capacity, "__file__", str(root / "__init__.py"))
        return code_version()

    for name in ("study/a.py", "scheduling/core/b.py", "cli/c.py", "report/d.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one = 1\n")
    try:
        before = version_of(tmp_path)
        assert len(before) == 16
        for name in ("cli/c.py", "report/d.py"):
            (tmp_path / name).write_text("one = 2\n")
            assert version_of(tmp_path) == before
        (tmp_path / "scheduling/core/b.py").write_text("one = 2\n")
        changed = version_of(tmp_path)
        assert changed != before
        (tmp_path / "study/a.py").rename(tmp_path / "study/e.py")
        assert version_of(tmp_path) not in {before, changed}
    finally:
        code_version.cache_clear()


def test_tables_are_never_found(place, folder):
    (task,) = short_tasks(folder, 1, keep=True)
    run = perform(task)
    assert sorted(run.tables) == ["events.parquet", "jobs.parquet", "series.parquet"]
    store = ResultStore(place)
    store.put(task, run)
    assert store.get(task) is None
    plain = store.get(replace(task, keep_tables=False))
    assert same_run(plain, replace(run, tables={})), "the numbers serve those who want no tables"


def test_a_fresh_store_finds_nothing_and_replaces(filled, task, done, place):
    other = replace(done, jobs=done.jobs + 1)
    fresh = FreshStore(place)
    assert fresh.get(task) is None
    fresh.put(task, other)
    assert fresh.get(task) is None
    assert filled[0].get(task).jobs == other.jobs


# --- Files that are not what they were ------------------------------------------------------------


def test_a_cut_file_is_as_good_as_none(filled, task):
    store, path = filled
    whole = path.read_bytes()
    for size in [0, 1, 2, 9, 10, 11, 18, *range(19, len(whole), 97), len(whole) - 8, len(whole) - 1]:
        path.write_bytes(whole[:size])
        assert store.get(task) is None, size
    path.write_bytes(whole)
    assert store.get(task) is not None


def test_a_flipped_bit_never_changes_a_number(filled, task, done):
    store, path = filled
    whole = path.read_bytes()
    luck = random.Random(5)
    places = [
        *range(12 * 8),
        *luck.sample(range(len(whole) * 8), 300),
        *range(len(whole) * 8 - 64, len(whole) * 8),
    ]
    for bit in places:
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        found = store.get(task)
        assert found is None or same_run(found, done), bit


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "{}", "3", '"text"', "{", '{"values": 3}', '{"values": null}', "\x00\x01",
        '{"values": [], "events": [3], "jobs": 1, "factors": {}, "timings": {}}',
        '{"values": [], "events": [{"time": 3}], "jobs": 1, "factors": {}, "timings": {}}',
        '{"values": [], "events": [], "jobs": "many", "factors": {}, "timings": {}}',
        '{"values": [], "events": [], "jobs": Infinity, "factors": {}, "timings": {}}',
        '{"values": [], "events": [], "jobs": 1, "factors": "x", "timings": {}}',
        '{"values": [["a", [[[], 1]], 1]], "events": [], "jobs": 1, "factors": {}, "timings": {}}',
        '{"values": [["a", [["b", []]], 1]], "events": [], "jobs": 1, "factors": {}, "timings": {}}',
        '{"values": [["a", [], {}]], "events": [], "jobs": 1, "factors": {}, "timings": {}}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [True, False])
def test_garbage_is_as_good_as_none(filled, task, done, text, packed):
    store, path = filled
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert store.get(task) is None
    store.put(task, done)
    assert same_run(store.get(task), done), "and is replaced"


def test_a_directory_in_the_place_of_a_file_harms_nobody(filled, task, done):
    store, path = filled
    path.unlink()
    path.mkdir()
    assert store.get(task) is None
    store.put(task, done)
    assert store.get(task) is None
    assert [each.name for each in path.parent.iterdir()] == [path.name], "no part left"


def test_a_place_that_cannot_be_written_harms_nobody(tmp_path, task, done):
    """It is below a file: that stops root, too."""
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "store"):
        store = ResultStore(place)
        store.put(task, done)
        assert store.get(task) is None
        store.prune(0)
    assert (tmp_path / "file").read_text() == "mine"
    stored = StoredExecutor(Elsewhere(), ResultStore(tmp_path / "file"))
    assert same_run(run_all(stored, [task])[0], done)


def test_an_interrupted_write_leaves_nothing(place, task, done, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module.Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ResultStore(place).put(task, done)
    monkeypatch.undo()
    assert [path for path in place.rglob("*") if path.is_file()] == []


def test_what_is_filed_is_the_same_to_the_byte(filled, task, done, tmp_path):
    """So two processes that file the same run do not fight."""
    ResultStore(tmp_path / "other").put(task, done)
    (other,) = (tmp_path / "other").glob("*/*")
    assert other.read_bytes() == filled[1].read_bytes()
    said = json.loads(gzip.decompress(other.read_bytes()))
    assert (said["scenario"], said["hash"]) == ("small", task.sha256)


def _uses(place, tasks, run, number):
    """File, look up and forget as a process of its own; return what was found."""
    store, luck, seen = ResultStore(place), random.Random(number), []
    for _ in range(200):
        task = luck.choice(tasks)
        store.put(task, run)
        seen.append(store.get(luck.choice(tasks)))
        if luck.random() < 0.1:
            store.prune(luck.choice((0, 100_000)))
    return [found for found in seen if found is not None]


def test_several_processes_use_one_store(place, folder, done):
    """Three file, find and forget the same four runs at once: each finds whole runs or none."""
    tasks = short_tasks(folder, 4)
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(
            pool.map(_uses, *zip(*((place, tasks, done, number) for number in range(3)), strict=True))
        )
    assert all(found), "each found some"
    assert all(same_run(one, done) for of_process in found for one in of_process)
    ResultStore(place).put(tasks[0], done)
    assert same_run(ResultStore(place).get(tasks[0]), done), "and the store is as good as before"
    assert not list(place.rglob(".part-*")), "nothing half-written is left"


def test_the_store_is_nobody_elses(filled):
    _, path = filled
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


# --- Forgetting -----------------------------------------------------------------------------------


def test_what_was_used_longest_ago_is_forgotten(place, folder, done):
    tasks = short_tasks(folder, 4)
    store = ResultStore(place)
    for age, each in enumerate(tasks):
        store.put(each, done)
        path = place / key_of(each)[:2] / f"{key_of(each)}.json.gz"
        os.utime(path, (1000 + age, 1000 + age))
    assert store.get(tasks[0]) is not None, "used just now"
    each_bytes = path.stat().st_size
    store.prune(4 * each_bytes + 40)
    assert len(list(place.glob("*/*"))) == 4
    store.prune(2 * each_bytes + 20)
    assert [store.get(each) is not None for each in tasks] == [True, False, False, True]
    store.prune(0)
    assert [store.get(each) for each in tasks] == [None] * 4
    ResultStore(place / "nowhere").prune(0)


def test_the_default_place(monkeypatch, tmp_path):
    for chosen, expected in (("off", None), (str(tmp_path), tmp_path)):
        monkeypatch.setenv("CAPACITY_STORE", chosen)
        assert default_place() == expected
    for chosen in ("", None):
        if chosen is None:
            monkeypatch.delenv("CAPACITY_STORE")
        else:
            monkeypatch.setenv("CAPACITY_STORE", chosen)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        assert default_place() == tmp_path / "cache" / "hpc-capacity" / "results"
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert default_place() == tmp_path / ".cache" / "hpc-capacity" / "results"


# --- As an executor -------------------------------------------------------------------------------


@pytest.fixture
def alone():
    with ExitStack() as stack:
        yield LocalExecutor(1, stack)


@pytest.fixture(params=["here", "elsewhere"])
def executor(request, alone):
    return alone if request.param == "here" else Elsewhere()


def test_each_run_is_in_its_place(place, folder, executor):
    tasks = short_tasks(folder, 5)
    fresh = [perform(task) for task in tasks]
    store = ResultStore(place)
    for number in (1, 3):
        store.put(tasks[number], fresh[number])
    stored = StoredExecutor(executor, store)
    assert stored.width == executor.width
    told = []
    runs = run_all(stored, tasks, lambda done, now, jobs: told.append((done, now, jobs)))
    assert [same_run(a, b) for a, b in zip(runs, fresh, strict=True)] == [True] * 5
    assert (stored.found, stored.done) == (2, 3)
    parts = [done for done, _, _ in told]
    assert parts == sorted(parts)
    assert parts[-1] == len(tasks)
    assert told[-1][1] == calendar_of(tasks[0].scenario).horizon_s
    again = StoredExecutor(executor, store)
    told.clear()
    assert all(map(same_run, run_all(again, tasks, lambda *said: told.append(said)), fresh))
    assert (again.found, again.done) == (5, 0)
    assert [done for done, _, _ in told] == [1, 2, 3, 4, 5]
    assert told[-1][2] == sum(run.jobs for run in fresh)


def test_no_task_is_nothing(place, executor):
    stored = StoredExecutor(executor, ResultStore(place))
    assert run_all(stored, []) == []
    assert (stored.found, stored.done) == (0, 0)


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), MemoryError(), RuntimeError("lost")])
def test_what_was_finished_before_a_fault_is_kept(place, folder, fault):
    tasks = short_tasks(folder, 4)
    stored = StoredExecutor(Elsewhere(fault, after=2), ResultStore(place))
    with pytest.raises(type(fault)):
        run_all(stored, tasks)
    assert stored.done == 2
    other = Elsewhere()
    resumed = StoredExecutor(other, ResultStore(place))
    assert all(map(same_run, run_all(resumed, tasks), map(perform, tasks)))
    assert (resumed.found, resumed.done) == (2, 2)
    assert [task.replication for task in other.asked] == [1, 0], "only what was missing"


def test_what_was_finished_before_a_fault_in_this_process_is_kept(place, folder, alone, monkeypatch):
    tasks = short_tasks(folder, 4)
    stored = StoredExecutor(alone, ResultStore(place))

    def stop(done, _now_s, _jobs):
        if done > 2.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(stored, tasks, stop)
    assert stored.done == 2
    store = ResultStore(place)
    assert [store.get(task) is not None for task in tasks] == [True, True, False, False]


def test_a_consumer_that_stops_keeps_what_it_was_given(place, folder, alone):
    tasks = short_tasks(folder, 3)
    stored = StoredExecutor(alone, ResultStore(place))
    given = stored.completed(tasks)
    next(given)
    given.close()
    assert [ResultStore(place).get(task) is not None for task in tasks] == [True, False, False]
