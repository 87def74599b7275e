"""Runs on a Dask cluster: the same as at home to the byte, whoever dies while they are done."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import capacity
from capacity.cli.main import entry
from capacity.errors import CapacityError, InputError
from capacity.study.executors import dask as dask_module
from capacity.study.executors import under_way
from capacity.study.executors.bundle import carry_out, packed, unpacked, without_scenario
from capacity.study.executors.dask import dask_executor
from capacity.study.executors.interface import RunsLost, run_all
from capacity.study.store import ResultStore, StoredExecutor, code_version
from capacity.study.task import Task, perform
from tests.support.short_runs import same_run, short_tasks

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

# Ends the worker that begins replication 3, each time, as for lack of memory.
CULPRIT = """
import os
from capacity.study.executors import bundle
from capacity.study.task import perform
bundle.perform = lambda task: os._exit(1) if task.replication == 3 else perform(task)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("specification")


@pytest.fixture(scope="module")
def tasks(folder):
    return short_tasks(folder, 24)


@pytest.fixture(scope="module")
def alone(tasks):
    return [perform(task) for task in tasks]


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as found:
        yield found


def same_runs(ours, theirs):
    return len(ours) == len(theirs) and all(map(same_run, ours, theirs))


def to_the_bit(run):
    return [(key, type(value), float(value).hex()) for key, value in run.values.items()]


# --- What is the same -----------------------------------------------------------------------------


def test_runs_are_those_of_this_machine_to_the_byte(cluster, tasks, alone):
    told = []
    with dask_executor(cluster.scheduler_address) as executor:
        assert executor.width == 2
        runs = run_all(executor, tasks, lambda *said: told.append(said))
        assert run_all(executor, []) == []
    assert same_runs(runs, alone)
    assert [*map(to_the_bit, runs)] == [*map(to_the_bit, alone)]
    assert [done for done, _, _ in told] == list(range(1, 25)), "progress over all runs"
    assert told[-1][2] == sum(run.jobs for run in alone)


def test_scenarios_of_few_runs_and_of_many_go_together(cluster, folder, tasks, alone):
    """One that many share is sent once, others with their bundle; nothing stays behind."""
    other = short_tasks(folder, 3, "site.pools.gpu.nodes=2")
    kept = short_tasks(folder, 1, keep=True)
    mixed = [*other[:2], *tasks[:8], *other[2:], *kept]
    with dask_executor(cluster.scheduler_address) as executor:
        runs = run_all(executor, mixed)
    expected = [*map(perform, other[:2]), *alone[:8], *map(perform, other[2:]), *map(perform, kept)]
    assert same_runs(runs, expected)
    assert runs[-1].tables, "tables travel, too"
    deadline = time.monotonic() + 10
    while cluster.scheduler.tasks and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [str(key) for key in cluster.scheduler.tasks if "capacity" in str(key)] == []


def test_a_command_prints_the_same(cluster, folder, capsys):
    line = ["simulate", str(folder / "small.yaml"), "--until", "2021-01-22", "-r", "3", "--fresh", "--json"]
    assert entry([*line, "-j", "1"]) == 0
    here = capsys.readouterr().out
    assert entry([*line, "--cluster", cluster.scheduler_address]) == 0
    assert capsys.readouterr().out == here


def test_a_sweep_leaves_the_same_bytes(cluster, folder, tmp_path):
    path = write(folder).with_name("few.yaml")
    path.write_text(
        "kind: experiment\ntitle: A try\nscenario: small.yaml\nmetrics: all\nreplications: 2\n"
        "axes: {site.pools.gpu.nodes: [2, 3, 4], until: [2021-01-22]}\n"
    )
    here = capacity.sweep(path, output=tmp_path / "here").folder
    there = capacity.sweep(
        path, output=tmp_path / "there", cluster=cluster.scheduler_address, fresh=True
    ).folder
    names = sorted(one.name for one in here.iterdir())
    assert names == ["cases.parquet", "manifest.json", "runs.parquet"]
    assert all((here / name).read_bytes() == (there / name).read_bytes() for name in names)


def test_the_error_of_a_run_arrives_whole(cluster, folder, tasks):
    crowd = short_tasks(folder, 1, "workload.tenants.lab.members=1e12")
    with (
        dask_executor(cluster.scheduler_address) as executor,
        pytest.raises(InputError, match="more than can be held") as caught,
    ):
        run_all(executor, [*tasks[:2], *crowd])
    assert caught.value.problems[0].where


# --- A bundle -------------------------------------------------------------------------------------


def test_what_had_ended_in_a_bundle_comes_with_its_error(folder, tasks, alone):
    crowd = short_tasks(folder, 1, "workload.tenants.lab.members=1e12")
    wanted = [
        (0, without_scenario(tasks[0])),
        (1, without_scenario(crowd[0])),
        (0, without_scenario(tasks[1])),
    ]
    carried = carry_out(code_version(), [tasks[0].scenario, packed(crowd[0].scenario)], wanted)
    assert same_runs([unpacked(parcel) for parcel in carried.runs], alone[:1])
    assert isinstance(unpacked(carried.error), InputError)


def test_a_worker_with_other_code_does_nothing(tasks):
    with pytest.raises(InputError, match="another version"):
        carry_out("0" * 16, [tasks[0].scenario], [(0, without_scenario(tasks[0]))])


def test_a_task_without_its_scenario_is_small(tasks):
    assert len(pickle.dumps(without_scenario(tasks[0]))) < 400
    assert Task(scenario=tasks[0].scenario, **without_scenario(tasks[0])) == tasks[0]


# --- What dies ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_no_run(cluster, tasks, alone):
    with dask_executor(cluster.scheduler_address) as executor:
        pids = list(executor._client.run(os.getpid).values())
        coming = executor.completed([*tasks, *tasks])
        found = [next(coming)]
        os.kill(pids[0], signal.SIGKILL)
        found += coming
    assert sorted(place for place, _ in found) == list(range(48)), "each once"
    assert same_runs([run for _, run in sorted(found, key=lambda pair: pair[0])], [*alone, *alone])


@pytest.mark.slow
def test_a_run_that_ends_its_workers_is_lost_and_no_other(tasks, alone, tmp_path):
    """It is named; all others are given, and kept; the number that is there after the store is its own."""
    (tmp_path / "culprit.py").write_text(CULPRIT)
    store = ResultStore(tmp_path / "store")
    store.put(tasks[0], alone[0])
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", preload=[str(tmp_path / "culprit.py")]
        ) as cluster,
        dask_executor(cluster.scheduler_address) as executor,
    ):
        found = []
        with pytest.raises(RunsLost, match="replication 3 of small") as caught:
            found.extend(StoredExecutor(executor, store).completed(tasks[:8]))
        found = found or [(n, store.get(task)) for n, task in enumerate(tasks[:8]) if store.get(task)]
    assert list(caught.value.lost) == [3]
    assert sorted(place for place, _ in found) == [0, 1, 2, 4, 5, 6, 7]
    assert all(same_run(run, alone[place]) for place, run in found)


def start(*words, folder):
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_said_and_what_had_ended_is_kept(tasks, alone, tmp_path):
    where = tmp_path / "scheduler.json"
    store = ResultStore(tmp_path / "store")
    at = ("--scheduler-file", str(where), "--no-dashboard")
    processes = [start("distributed.cli.dask_scheduler", *at, "--port", "0", folder=tmp_path)]
    try:
        worker = (
            "distributed.cli.dask_worker",
            *at,
            "--nthreads",
            "1",
            "--no-nanny",
            "--death-timeout",
            "20",
        )
        processes.append(start(*worker, folder=tmp_path))
        deadline = time.monotonic() + 60
        while not where.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads(where.read_text())["address"]
        many = [*tasks, *(short_tasks(tmp_path, 200)[24:])]
        with dask_executor(address) as executor:
            coming = StoredExecutor(executor, store).completed(many)
            next(coming)
            processes[0].kill()
            with pytest.raises(CapacityError, match=r"the scheduler at tcp.* is gone.*goes on from there"):
                list(coming)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    ended = [number for number, task in enumerate(many) if store.get(task)]
    assert 1 <= len(ended) < len(many)
    here = StoredExecutor(Counting(), store)
    assert same_runs(run_all(here, tasks), alone)
    assert here.found == len([number for number in ended if number < len(tasks)])


class Counting:
    """This process."""

    width = 1

    def completed(self, tasks, progress=None):
        return ((place, perform(task)) for place, task in enumerate(tasks))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tcp://127.0.0.1", "nobody", "smoke://x:1", ""])
def test_a_cluster_that_cannot_be_reached_is_said_within_seconds(address, folder, capsys, monkeypatch):
    monkeypatch.setattr(dask_module, "CONNECT_S", 0.5)
    begun = time.monotonic()
    assert entry(["simulate", str(write(folder)), "--cluster", address]) == 3
    assert time.monotonic() - begun < 3 * dask_module.CONNECT_S
    said = capsys.readouterr().err
    assert f"--cluster {address}: " in said
    assert "tcp://host:8786" in said
    assert "Traceback" not in said


def write(folder):
    short_tasks(folder, 0)
    return folder / "small.yaml"


def test_a_cluster_without_workers_is_no_cluster(monkeypatch, folder):
    monkeypatch.setattr(dask_module, "NO_WORKER_S", 0.5)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty,
        pytest.raises(InputError, match="no worker has joined") as caught,
        dask_executor(empty.scheduler_address),
    ):
        pass
    assert "dask worker" in caught.value.problems[0].fix


def test_workers_that_never_come_back_are_not_waited_for(monkeypatch, cluster, tasks):
    with dask_executor(cluster.scheduler_address) as executor:
        monkeypatch.setattr(dask_module, "NO_WORKER_S", 0.0)
        monkeypatch.setattr(dask_module, "LOOK_S", 0.0)
        monkeypatch.setattr(executor._client, "nthreads", dict)
        with pytest.raises(CapacityError, match="all workers of the cluster are gone"):
            executor.check_workers()


# --- How much at once -----------------------------------------------------------------------------


class Slow:
    """A cluster of two that is never done, and notes what it is asked for."""

    width = 2

    def __init__(self):
        self.asked = []

    def submit(self, function, *args, **how):
        self.asked.append(args)
        return Unfinished()

    def cancel(self, futures):
        self.cancelled = futures


class Unfinished:
    def add_done_callback(self, function):
        pass


class Forgotten:
    """Ended, and its worker before anybody fetched what came of it; it is done again."""

    def __init__(self, carried):
        self.carried, self.status, self.asked = carried, "finished", 0

    def add_done_callback(self, function):
        function(self)

    def result(self, timeout):
        self.asked += 1
        if self.asked == 1:
            self.status = "lost"
            raise OSError
        return self.carried

    def __hash__(self):
        return 1


class Forgetful(Slow):
    """A cluster whose workers end after their bundles."""

    def submit(self, function, *args, **how):
        self.asked.append(args)
        return Forgotten(carry_out(*args)) if len(args) == 3 else Unfinished()

    def check_workers(self):
        pass


def test_what_ended_on_a_worker_that_is_gone_is_waited_for_again(tasks, alone):
    study = under_way.UnderWay(Forgetful(), tasks[:1])
    fetched = study._fetched
    found = []

    def fetching(future):
        carried = fetched(future)
        found.append(carried)
        future.status = "finished"
        return carried

    study._fetched = fetching
    assert same_runs([run for _, run in study.runs()], alone[:1])
    assert [carried is None for carried in found] == [True, False]


def test_no_more_is_under_way_than_workers_can_begin(tasks):
    cluster = Slow()
    study = under_way.UnderWay(cluster, tasks * 100)
    study._send()
    bundles = [args for args in cluster.asked if len(args) == 3]
    assert len(bundles) == under_way.IN_FLIGHT * cluster.width
    study._send()
    assert len([args for args in cluster.asked if len(args) == 3]) == len(bundles)
    study.drop()
    assert len(cluster.cancelled) == len(bundles)


def test_bundles_grow_when_runs_are_short_and_never_leave_a_worker_idle(tasks):
    study = under_way.UnderWay(Slow(), tasks * 100)
    assert study._in_good_time() == 1, "nothing is known yet"
    study._ended, study._spent_s = 10, 20.0
    assert study._in_good_time() == under_way.BUNDLE_S / 2
    study._send()
    sizes = [len(args[2]) for args in study._cluster.asked if len(args) == 3]
    assert sizes == [10] * 6
    few = under_way.UnderWay(Slow(), tasks[:8])
    few._ended, few._spent_s = 10, 0.01
    few._send()
    assert [len(args[2]) for args in few._cluster.asked if len(args) == 3] == [2, 1, 1, 1, 1, 1]
