"""Executors: whoever carries the tasks out, and however many at once, the runs are the same and in order."""

import pickle
from contextlib import ExitStack
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from capacity.errors import InputError
from capacity.measure.findings import labels
from capacity.simulation.calendar import calendar_of
from capacity.study.compare import scenarios as cases
from capacity.study.compare.scenarios import FEWEST, imprecise, run_scenarios
from capacity.study.executors import local
from capacity.study.executors.interface import run_all
from capacity.study.executors.local import LocalExecutor, local_executor, longest_first
from capacity.study.requirements import read_requirement
from capacity.study.run import run
from capacity.study.size.axes import read_axis
from capacity.study.size.search import Search
from capacity.study.size.sites import SMALLEST, Question, SiteJudge
from capacity.study.task import OneRun, Task, perform
from tests.support.short_runs import Elsewhere, load_short, same_run, same_value, short_tasks


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("specification")


@pytest.fixture
def no_workers(monkeypatch):
    """Let no process be started."""

    def refuse(_count):
        pytest.fail("a process was started")

    monkeypatch.setattr(local, "worker_processes", refuse)


def same_runs(ours, theirs):
    return len(ours) == len(theirs) and all(map(same_run, ours, theirs))


def same_results(ours, theirs):
    """Whether results of `run_scenarios` say the same."""
    return all(
        same_runs(a.runs, b.runs)
        and [(one.metric, one.labels, one.n) for one in a.findings]
        == [(one.metric, one.labels, one.n) for one in b.findings]
        and all(same_value(x.value, y.value) for x, y in zip(a.findings, b.findings, strict=True))
        for a, b in zip(ours, theirs, strict=True)
    )


# --- Local processes ------------------------------------------------------------------------------


@pytest.mark.parametrize("processes", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_the_number_of_processes_changes_no_result(folder, processes):
    """And the processes serve more than one study, and are gone at the end."""
    tasks = short_tasks(folder, 5)
    alone = [perform(task) for task in tasks]
    told = []
    with local_executor(processes) as executor:
        assert executor.width == processes
        given = list(executor.completed(tasks, lambda *said: told.append(said)))
        assert same_runs([found for _, found in sorted(given, key=lambda pair: pair[0])], alone)
        assert sorted(place for place, _ in given) == list(range(5)), "each once, in whatever order"
        workers = executor._workers
        assert same_runs(run_all(executor, tasks[::-1]), alone[::-1]), "in the order of the tasks"
        assert executor._workers is workers
    assert [done for done, _, _ in told] == [1, 2, 3, 4, 5]
    assert told[-1][2] == sum(found.jobs for found in alone)


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_error_of_a_task_arrives_whole(folder, processes):
    crowd = short_tasks(folder, 1, "workload.tenants.lab.members=1e12")
    with (
        local_executor(processes) as executor,
        pytest.raises(InputError, match="more than can be held") as caught,
    ):
        run_all(executor, [*short_tasks(folder, 1), *crowd])
    assert caught.value.problems[0].where


def test_one_process_starts_no_other(folder, no_workers):
    with local_executor(1) as executor:
        assert executor.width == 1
        assert len(run_all(executor, short_tasks(folder, 3))) == 3


def test_one_task_starts_no_process(folder, no_workers):
    with local_executor(4) as executor:
        (found,) = run_all(executor, short_tasks(folder, 1))
        assert same_run(found, perform(*short_tasks(folder, 1)))
        assert run_all(executor, []) == []


def test_one_by_one_tells_parts_that_rise_to_all(folder):
    told = []
    tasks = short_tasks(folder, 3)
    with ExitStack() as stack:
        runs = run_all(LocalExecutor(1, stack), tasks, lambda *said: told.append(said))
    parts = [part for part, _, _ in told]
    assert parts == sorted(parts)
    assert parts[0] >= 0
    assert parts[-1] == 3
    jobs = [ended for _, _, ended in told]
    assert jobs == sorted(jobs)
    assert jobs[-1] <= sum(one.jobs for one in runs)
    assert all(0 <= now <= calendar_of(tasks[0].scenario).horizon_s for _, now, _ in told)


# --- A task is plain data -------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [False, True])
def test_tasks_and_runs_travel_and_name_no_path(folder, keep):
    (task,) = short_tasks(folder, 1, keep=keep)
    parcel = pickle.dumps(task)
    assert str(folder).encode() not in parcel
    assert b"pathlib" not in parcel
    unpacked = pickle.loads(parcel)
    assert unpacked == task
    assert {field.name for field in fields(Task)} == {
        *("scenario", "sha256", "seed", "replication", "ahead", "keep_tables", "waits_by", "sizes"),
    }
    found = perform(unpacked)
    assert same_run(found, perform(task))
    parcel = pickle.dumps(found)
    assert str(folder).encode() not in parcel
    assert same_run(pickle.loads(parcel), found)
    assert bool(found.tables) == keep
    assert all(isinstance(data, bytes) for data in found.tables.values())


def test_a_run_does_not_look_at_files(folder, tmp_path, monkeypatch):
    """What the scenario was read from may be gone when the task is carried out."""
    (task,) = short_tasks(tmp_path, 1)
    before = perform(task)
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert same_run(perform(pickle.loads(pickle.dumps(task))), before)
    assert list(Path().iterdir()) == []


# --- Studies over any executor --------------------------------------------------------------------


@pytest.fixture(scope="module")
def two(folder):
    return [load_short(folder), load_short(folder, "site.pools.gpu.nodes=2")]


def test_cases_do_not_depend_on_who_carries_them_out(two):
    told = []
    with local_executor(1) as here:
        ours = run_scenarios(two, here, seed=3, replications=3)
    there = Elsewhere()
    theirs = run_scenarios(two, there, seed=3, replications=3, progress=lambda *said: told.append(said))
    assert same_results(ours, theirs)
    assert [len(result.runs) for result in theirs] == [3, 3]
    assert [task.replication for task in there.asked] == [2, 1, 0, 2, 1, 0]
    assert [done for done, _, _ in told] == [1, 2, 3, 4, 5, 6]
    for result, case in zip(theirs, two, strict=True):
        assert result.loaded is case
        assert result.seed == 3
        assert same_run(result.runs[1], perform(Task(case.scenario, case.sha256, 3, 1)))


def test_a_run_does_not_depend_on_who_carries_it_out(folder, two, tmp_path):
    there, here = tmp_path / "there", tmp_path / "here"
    for stage in (there, here):
        stage.mkdir()
    theirs = run(two[0], replications=3, executor=Elsewhere(), stage=there)
    ours = run(two[0], replications=3, stage=here)
    assert same_results([ours], [theirs])
    names = [path.name for path in sorted(here.iterdir())]
    assert names == ["events.parquet", "jobs.parquet", "series.parquet"]
    assert all((here / name).read_bytes() == (there / name).read_bytes() for name in names)


def test_a_sizing_does_not_depend_on_who_carries_it_out(folder, two):
    """Also not how many replications a candidate gets, as one that stays open gets all."""
    nodes = "site.pools.gpu.nodes"
    axes = (read_axis(f"{nodes}=2..6"),)
    require = (read_requirement("p95_wait_s[pool=gpu] <= 3 h"),)
    until = {"until": date(2021, 2, 12)}
    question = Question(folder / "small.yaml", (), until, axes, require, SMALLEST, 0.5, 0.95, 12)
    wide = Elsewhere()
    wide.width = 7
    with local_executor(1) as here:
        ours = Search(axes, SiteJudge(question, here)).run()
    assert Search(axes, SiteJudge(question, wide)).run() == ours
    assert max(trial.replications for trial in ours.trials) > 4, "one was looked at again"


class Invented:
    """Gives runs whose p95 wait is what a list says, without simulating; others are as in `run`."""

    width = 1

    def __init__(self, loaded, waits):
        self.pool = next(iter(loaded.scenario.site.pools))
        self.waits = waits
        self.asked = []

    def completed(self, tasks, progress=None):
        where = labels(pool=self.pool, month="all")
        for place, task in enumerate(tasks):
            self.asked.append((task.scenario.site.pools[self.pool].nodes, task.replication))
            values = {("p95_wait_s", where): self.waits[task.replication % len(self.waits)]}
            yield place, OneRun(values, (), 1, {}, {})


def test_precision_stops_when_it_is_known_well_enough(two):
    exact = Invented(two[0], [100.0, 101.0])
    (result,) = run_scenarios(two[:1], exact, seed=1, replications=50, precision=0.05)
    assert len(result.runs) == FEWEST
    assert imprecise(two[0], result.runs, 0.05) == []


def test_precision_adds_replications_and_gives_up_at_the_most(two):
    rough = Invented(two[0], [1.0, 500.0])
    (result,) = run_scenarios(two[:1], rough, seed=1, replications=33, precision=0.001)
    assert [number for _, number in rough.asked] == list(range(33)), "each replication once"
    assert len(result.runs) == 33
    (missed,) = imprecise(two[0], result.runs, 0.001)
    assert (missed.case, missed.metric) == ("small", "p95_wait_s")
    assert missed.half_width_frac > 0.001


def test_precision_gives_all_cases_the_same_replications(two):
    """A pair is compared replication by replication."""
    rough = Invented(two[0], [1.0, 500.0])
    results = run_scenarios(two, rough, seed=1, replications=12, precision=0.01)
    assert [len(result.runs) for result in results] == [12, 12]
    assert len(rough.asked) == len(set(rough.asked)) == 24


def test_fewer_replications_than_a_look_takes_are_all_there_are(two):
    (result,) = run_scenarios(two[:1], Invented(two[0], [1.0, 9.0]), seed=1, replications=3, precision=0.01)
    assert len(result.runs) == 3


def test_the_headline_figures_are_measured(folder, two):
    (task,) = short_tasks(folder, 1)
    measured = perform(task).values
    wanted = cases.headline(two[0].scenario)
    assert {metric for metric, _ in wanted} == {"utilization", "p95_wait_s", "storage_used_frac"}
    assert [key for key in wanted if key not in measured] == []


def test_tasks_with_more_jobs_come_first_and_equal_ones_in_their_order(folder):
    few, many = (load_short(folder, f"workload.scale={scale}") for scale in (0.5, 2))
    tasks = [
        Task(one.scenario, one.sha256, 1, number) for number, one in enumerate([few, many, few, many, few])
    ]
    assert longest_first(tasks) == [1, 3, 0, 2, 4]
    assert longest_first(tasks[::2]) == [0, 1, 2]
