"""Sweeps: cases as ``--set`` would have them, the same bytes however they were run, nothing by halves."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import capacity
from capacity.errors import InputError, UsageError
from capacity.face import sweep as face
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.measure.findings import labels
from capacity.study.executors.interface import RunsLost
from capacity.study.store import key_of
from capacity.study.sweep import files
from capacity.study.sweep.asked import figures, keeps
from capacity.study.sweep.cases import Cases, value_at
from capacity.study.sweep.run import tasks_of_case
from capacity.study.sweep.shards import read_shard
from capacity.study.task import perform
from tests.support.small_site import write_small

FILES = ("runs.parquet", "cases.parquet", "manifest.json")
HEAD = "kind: experiment\ntitle: A try\nscenario: small.yaml\n"
TEXT = f"""{HEAD}
axes:
  site.pools.gpu.nodes: [2, 3]
  until: [2021-01-21, 2021-01-22]
samples:
  method: latin-hypercube
  count: 3
  ranges:
    site.storage.fast.capacity.usable: [40 TB, 80 TB]
    site.pools.hpc.nodes: [4, 9]
replications: 2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("specification")
    write_small(found)
    (found / "try.yaml").write_text(TEXT)
    return found


@pytest.fixture(scope="module")
def path(folder):
    return folder / "try.yaml"


@pytest.fixture(scope="module")
def few(folder):
    """Three cases of one run each."""
    path = folder / "few.yaml"
    path.write_text(f"{HEAD}axes: {{site.pools.gpu.nodes: [2, 3, 5]}}\nmetrics: [utilization, jobs_ended]\n")
    return path


@pytest.fixture(scope="module")
def few_whole(few, tmp_path_factory):
    return capacity.sweep(few, output=tmp_path_factory.mktemp("few") / "out")


@pytest.fixture(scope="module")
def cases(path):
    return Cases(load_part("experiment", path))


@pytest.fixture(scope="module")
def whole(path, tmp_path_factory):
    """The sweep in one go."""
    return capacity.sweep(path, output=tmp_path_factory.mktemp("whole") / "out")


def write(folder, text):
    path = folder / "other.yaml"
    path.write_text(HEAD + text)
    return path


def same_bytes(one, other):
    return {name: (one / name).read_bytes() == (other / name).read_bytes() for name in FILES}


ALL_THE_SAME = dict.fromkeys(FILES, True)


# --- Cases ----------------------------------------------------------------------------------------


def test_a_case_is_the_scenario_as_set_would_have_it(folder, cases):
    assert len(cases) == 12
    for number in (0, 5, 11):
        case = cases[number]
        texts = [f"{name}={value}" for name, value in case.values.items()]
        assert cases.load(number).sha256 == load_scenario(folder / "small.yaml", overrides=texts).sha256


def test_the_last_axis_changes_fastest_and_points_faster(cases):
    def column(name):
        return [cases[number].values[name] for number in range(12)]

    assert column("site.pools.gpu.nodes") == ["2"] * 6 + ["3"] * 6
    assert column("until") == (["2021-01-21"] * 3 + ["2021-01-22"] * 3) * 2
    sizes = column("site.storage.fast.capacity.usable")
    assert sizes == sizes[:3] * 4
    assert len({*sizes}) == 3
    with pytest.raises(IndexError):
        cases[12]


def test_axes_share_their_luck_and_points_have_their_own(cases):
    assert [[*cases[number].replications] for number in range(4)] == [[0, 1], [2, 3], [4, 5], [0, 1]]


def test_points_are_spread_between_the_ends_and_counts_are_whole(cases):
    values = [cases[number].values for number in range(3)]
    sizes = sorted(float(one["site.storage.fast.capacity.usable"].split()[0]) for one in values)
    third = 40 / 3
    assert [int((size - 40) / third) for size in sizes] == [0, 1, 2], "one in each third"
    assert all(one["site.pools.hpc.nodes"] in "456789" for one in values)


def test_the_scenario_lies_where_the_experiment_says(folder, tmp_path, monkeypatch):
    """Its path starts from the experiment, not from where one stands."""
    monkeypatch.chdir(tmp_path)
    assert Cases(load_part("experiment", folder / "try.yaml")).base.scenario.name == "small"


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("axes: {site.pools.gpu.nodez: [2]}", "other.yaml:4:", "nodez"),
        ("axes: {site.pue: [1.2, 0.5]}", "other.yaml:4:24", "too small"),
        ("samples: {count: 4, ranges: {site.pue: [0.5, 1.2]}}", "other.yaml:4:", "too small"),
        (
            "samples: {count: 4, ranges: {site.storage.fast.capacity.usable: [1, 2]}}",
            "other.yaml:4:",
            "no unit",
        ),
        ("axes: {site.storage.fast.capacity.usable: {from: 1 GPU, to: 2 GPU}}", "other.yaml:4:", "GPU"),
        (
            "axes: {until: [2021-02-01, 2021-01-22], start: [2021-01-20, 2021-01-25]}",
            "other.yaml:4:",
            "case 3",
        ),
    ],
)
def test_what_cannot_be_is_said_before_the_first_run(folder, tmp_path, monkeypatch, text, where, said):
    monkeypatch.setattr(face, "run_prepared", lambda *_args, **_more: pytest.fail("it was run"))
    with pytest.raises(InputError) as caught:
        capacity.sweep(write(folder, text), output=tmp_path / "out")
    first = caught.value.problems[0]
    assert where in first.where
    assert said in str(caught.value)
    assert not any(tmp_path.iterdir()), "nothing is left"


def test_all_values_that_are_wrong_are_said_at_once(folder):
    path = write(folder, "axes: {site.pue: [0.5, 0.6], nobody: [1], site.pools.gpu.nodes: [x, 3]}")
    with pytest.raises(InputError) as caught:
        capacity.sweep(path, output=folder / "never")
    assert {problem.where.rpartition(":")[2] for problem in caught.value.problems} == {"19", "24", "39", "66"}


def test_a_value_in_si_is_found_where_it_stands(cases):
    scenario = cases.base.scenario
    assert value_at(scenario, "site.pools.gpu.nodes") == scenario.site.pools["gpu"].nodes
    assert value_at(scenario, "site.storage.fast.capacity.usable") > 1e12
    assert value_at(scenario, "until") is None
    assert value_at(scenario, "site.nobody.at.all") is None


# --- What is kept ---------------------------------------------------------------------------------


def test_rows_are_what_the_runs_measured(whole, cases):
    found = pq.read_table(whole.folder / "runs.parquet").to_pylist()
    number = 7
    loaded = cases.load(number)
    for task in capacity.study.run.tasks_of(loaded, seed=cases.seed, numbers=[2, 3]):
        measured = perform(task).values
        mine = [row for row in found if (row["case"], row["replication"]) == (number, task.replication)]
        few = figures(cases.base.scenario)
        assert [(row["metric"], tuple(json.loads(row["labels"]).items())) for row in mine] == [
            key for key in measured if key in few
        ]
        assert all(
            row["value"] == measured[row["metric"], tuple(json.loads(row["labels"]).items())] for row in mine
        )
    assert [row["case"] for row in found] == sorted(row["case"] for row in found)


def test_cases_have_a_column_for_each_path_in_si(whole):
    table = pq.read_table(whole.folder / "cases.parquet")
    assert table.column_names == [
        *("case", "site.pools.gpu.nodes", "until", "site.storage.fast.capacity.usable"),
        *("site.pools.hpc.nodes", "hash"),
    ]
    sizes = table["site.storage.fast.capacity.usable"].to_numpy()
    assert np.all((sizes >= 40e12) & (sizes <= 80e12))
    assert table["until"].to_pylist()[:4] == ["2021-01-21"] * 3 + ["2021-01-22"]


def test_metrics_can_be_asked_for(cases):
    values = {
        ("utilization", labels(pool="gpu", month="all")): 1.0,
        ("utilization", labels(pool="hpc", month="all")): 2.0,
        ("p95_wait_s", labels(month="all")): 3.0,
    }

    def kept(*asked):
        keep = keeps(asked, cases.base.scenario, "here")
        return [value for key, value in values.items() if keep(*key)]

    assert kept("all") == [1, 2, 3]
    assert kept("utilization") == [1, 2]
    assert kept("utilization[pool=hpc]", "p95_wait_s[month=all]") == [2, 3]
    assert kept() == [1, 2], "headlines are those of pools"
    with pytest.raises(InputError, match="utilization") as caught:
        kept("utilisation", "p95_wait_s[tier=x]", "a b", "utilization[pool]")
    assert len(caught.value.problems) == 4


def test_figures_lie_between_their_lowest_and_highest_case(whole):
    frame = whole.runs
    (one,) = [
        one
        for one in whole.spans
        if (one.metric, one.labels) == ("utilization", labels(pool="gpu", month="all"))
    ]
    words = json.dumps(dict(one.labels))
    means = frame[(frame.metric == "utilization") & (frame["labels"] == words)].groupby("case").value.mean()
    assert (one.low, one.high) == pytest.approx((means.min(), means.max()), rel=1e-12)
    assert (means[one.low_case], means[one.high_case]) == pytest.approx((one.low, one.high), rel=1e-12)
    assert one.to_json()["labels"] == dict(one.labels)


# --- The same bytes -------------------------------------------------------------------------------


def test_shards_put_together_are_the_whole(path, whole, tmp_path):
    out = tmp_path / "out"
    for index in range(3):
        capacity.sweep(path, output=out, shard=f"{index}/3")
    assert not out.exists()
    merged = capacity.sweep(path, output=out, merge=True)
    assert same_bytes(out, whole.folder) == ALL_THE_SAME
    assert merged.manifest["runs"] == 24


def test_more_shards_than_cases_are_the_whole_too(few, few_whole, tmp_path):
    for index in range(4):
        capacity.sweep(few, output=tmp_path / "out", shard=f"{index}/4")
    capacity.sweep(few, output=tmp_path / "out", merge=True)
    assert same_bytes(tmp_path / "out", few_whole.folder) == ALL_THE_SAME


@pytest.mark.parametrize("group", [1, 2])
def test_groups_of_a_file_do_not_depend_on_shards(few, tmp_path, monkeypatch, group):
    monkeypatch.setattr(files, "GROUP", group)
    one = capacity.sweep(few, output=tmp_path / "one")
    for index in range(2):
        capacity.sweep(few, output=tmp_path / "two", shard=f"{index}/2")
    capacity.sweep(few, output=tmp_path / "two", merge=True)
    assert same_bytes(tmp_path / "two", one.folder) == ALL_THE_SAME
    with pq.ParquetFile(one.folder / "runs.parquet") as file:
        assert file.num_row_groups == -(-3 // group)


def test_a_sweep_that_was_broken_off_goes_on_to_the_same_bytes(path, whole, tmp_path, monkeypatch):
    """What had ended is not run again, and until it is whole nothing lies where it will."""
    monkeypatch.setenv("CAPACITY_STORE", str(tmp_path / "store"))
    out = tmp_path / "out"
    begun = []

    def broken(task, progress=None):
        begun.append((task.sha256, task.replication))
        if len(begun) == 9:
            raise KeyboardInterrupt
        return perform(task, progress)

    monkeypatch.setattr("capacity.study.executors.local.perform", broken)
    with pytest.raises(KeyboardInterrupt):
        capacity.sweep(path, output=out)
    assert [place.name for place in tmp_path.iterdir()] == ["store"]
    assert len(begun) == 9
    capacity.sweep(path, output=out)
    assert len(begun) == 8 + 1 + 24 - 8
    assert begun[8] == begun[9]
    assert same_bytes(out, whole.folder) == ALL_THE_SAME


def test_a_shard_that_is_done_is_not_run_again(few, tmp_path, monkeypatch):
    first = capacity.sweep(few, output=tmp_path / "out", shard="1/4")
    monkeypatch.setattr(face, "write_runs", lambda *_args: pytest.fail("it was run"))
    again = capacity.sweep(few, output=tmp_path / "out", shard="1/4")
    assert again.folder == first.folder
    assert again.manifest == first.manifest


def test_a_shard_of_another_experiment_is_not_taken_for_this(folder, few, tmp_path):
    other = write(folder, "axes: {site.pools.gpu.nodes: [2], until: [2021-01-21]}")
    capacity.sweep(other, output=tmp_path / "out", shard="0/1")
    with pytest.raises(InputError, match="exists already"):
        capacity.sweep(few, output=tmp_path / "out", shard="0/1")
    with pytest.raises(InputError, match="a shard of another experiment"):
        capacity.sweep(few, output=tmp_path / "out", merge=True)


def test_what_is_missing_is_named(few, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(InputError, match="there are no shards"):
        capacity.sweep(few, output=out, merge=True)
    capacity.sweep(few, output=out, shard="1/5")
    with pytest.raises(InputError, match=r"shards 0, 2-4 of 5 are missing") as caught:
        capacity.sweep(few, output=out, merge=True)
    assert "--shard 0/5" in caught.value.problems[0].fix
    assert not out.exists()
    (out.parent / "out.shards" / "1-of-5").rename(out.parent / "out.shards" / "1-of-6")
    (out.parent / "out.shards" / "0-of-5").mkdir()
    with pytest.raises(InputError, match="shards of 5 and of 6"):
        capacity.sweep(few, output=out, merge=True)


def test_shards_of_two_versions_are_not_mixed(few, tmp_path):
    out = tmp_path / "out"
    for index in range(2):
        capacity.sweep(few, output=out, shard=f"{index}/2")
    place = tmp_path / "out.shards" / "1-of-2" / "manifest.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), "code": "0" * 16}))
    with pytest.raises(InputError, match="another version"):
        capacity.sweep(few, output=out, merge=True)


@pytest.mark.parametrize("text", ["1", "4/4", "-1/4", "1/0", "1/4/2", "a/b", "", "1/1000001"])
def test_a_shard_is_one_of_so_many(text):
    with pytest.raises(UsageError, match="--shard"):
        read_shard(text)


# --- What is lost ---------------------------------------------------------------------------------


class Losing:
    """Loses one replication of each case, as a cluster does whose workers it ends."""

    width = 1

    def completed(self, tasks, progress=None):
        gone = {}
        for place, task in enumerate(tasks):
            if task.replication == 3:
                gone[place] = "replication 3 of small was lost"
            else:
                yield place, perform(task)
        if gone:
            raise RunsLost(gone)


def test_a_run_that_is_lost_is_recorded_and_no_other(path, whole, tmp_path):
    prepared = face.prepare(path)
    lost = face.write_runs(tmp_path, prepared.cases, prepared.checked, prepared.keep, Losing())
    assert [(one.case, one.replication) for one in lost] == [(1, 3), (4, 3), (7, 3), (10, 3)]
    table = pq.read_table(tmp_path / "runs.parquet")
    expected = whole.runs[whole.runs.replication != 3].reset_index(drop=True)
    assert table.equals(
        pa.Table.from_pandas(expected, schema=table.schema, preserve_index=False).cast(table.schema)
    )


# --- What it will take ----------------------------------------------------------------------------


def test_a_dry_run_measures_one_run_and_leaves_none(path, tmp_path, monkeypatch):
    monkeypatch.setenv("CAPACITY_STORE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    prepared = face.prepare(path)
    found = face.dry_run(prepared, jobs=4)
    assert (found.cases, found.runs, found.stored, found.width) == (12, 24, 0, 4)
    assert found.run_s > 0
    assert found.left_s == 6 * found.run_s
    assert found.values == len(figures(prepared.cases.base.scenario))
    assert found.peak_bytes is None or 50e6 < found.peak_bytes < 4e9
    kept = [path.name for path in (tmp_path / "store").rglob("*.gz")]
    (one,) = (key_of(task) for task in tasks_of_case(prepared.cases, 6)[:1])
    assert kept == [f"{one}.json.gz"], "what was measured is kept"
    assert [place.name for place in Path().iterdir()] == ["store"]
