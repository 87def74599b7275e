"""The files of a run: fixed columns and types, the same after reading back, written to the same bytes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capacity.measure import outcomes
from capacity.measure.measure import job_outcomes
from capacity.simulation.calendar import calendar_of
from capacity.study.files import tables
from tests.support.small_site import simulate_small

COLUMNS = {
    "job_id": "int64",
    "submit_s": "int64",
    "start_s": "int64",
    "end_s": "int64",
    "wait_s": "int64",
    "run_s": "int64",
    "requested_s": "int64",
    "slots": "int32",
    "nodes": "int32",
    "pool": "label",
    "tenant": "label",
    "user": "label",
    "job_class": "label",
    "state": "label",
    "attempts": "int16",
    "lost_s": "int32",
}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return simulate_small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def jobs(one):
    table = tables.jobs_table(job_outcomes(one.scenario, one.built, one.record))
    return table, table.to_pandas()


def kind(column):
    return "label" if pa.types.is_dictionary(column.type) else str(column.type)


# --- Jobs -----------------------------------------------------------------------------------------


def test_columns_and_types_are_those_of_the_interface(jobs):
    assert {field.name: kind(field) for field in jobs[0].schema} == COLUMNS
    assert tuple(COLUMNS) == tables.JOB_COLUMNS


def test_no_value_is_missing(jobs):
    assert sum(column.null_count for column in jobs[0].columns) == 0


def test_states_are_words_of_the_interface(jobs):
    words = ("completed", "failed", "cancelled", "timeout", "node_fail", "unfinished", "rejected")
    assert words == outcomes.STATES
    assert set(jobs[1]["state"].unique()) == set(words) - {"node_fail"}


def test_times_of_a_job_fit_together(one, jobs):
    frame = jobs[1]
    assert frame["submit_s"].is_monotonic_increasing
    ended = frame[frame["end_s"] >= 0]
    assert (ended["end_s"] == ended["start_s"] + ended["run_s"]).all()
    assert (ended["run_s"] <= ended["requested_s"]).all()
    assert (ended["end_s"] <= calendar_of(one.scenario).horizon_s).all()
    started = frame[frame["start_s"] >= 0]
    assert (started["start_s"] == started["submit_s"] + started["wait_s"]).all()
    assert (started["wait_s"] >= 0).all()
    assert (started["attempts"] == 1).all()
    never = frame[frame["start_s"] < 0]
    assert (never[["start_s", "end_s", "wait_s", "run_s"]] == -1).all(axis=None)
    assert (never["attempts"] == 0).all()
    assert (frame["lost_s"] == 0).all()


def test_unfinished_jobs_wait_or_run_and_rejected_ones_never_fit(one, jobs):
    frame = jobs[1]
    unfinished = frame["state"] == "unfinished"
    rejected = frame["state"] == "rejected"
    assert (frame.loc[unfinished | rejected, "end_s"] == -1).all()
    assert (frame.loc[~(unfinished | rejected), "end_s"] >= 0).all()
    assert frame.loc[unfinished, "start_s"].max() >= 0, "some run at the end"
    assert (rejected == ((frame["pool"] == "hpc") & (frame["slots"] == 40))).all()
    only_later = (frame["pool"] == "hpc") & (frame["slots"] == 32)
    assert only_later.any()
    assert (frame.loc[only_later, "state"] == "unfinished").all()
    assert (frame.loc[only_later, "start_s"] == -1).all()


def test_a_wide_job_holds_whole_nodes(jobs):
    frame = jobs[1]
    assert (frame["nodes"] == -(-frame["slots"] // 8)).all()


def test_labels_are_those_of_the_demand(one, jobs):
    for name in ("tenant", "user", "job_class"):
        assert (jobs[1][name].astype(str) == one.built.table.frame[name].astype(str)).all()
    assert (jobs[1]["pool"].astype(str) == one.built.table.frame["pool"].astype(str)).all()


def test_a_job_past_its_request_is_a_timeout(one):
    killed = one.record.outcome
    marked = np.zeros(len(killed.start_s), np.bool_)
    marked[np.flatnonzero(killed.end_s >= 0)[:3]] = True
    outcome = replace(killed, killed=marked)
    codes = outcomes.JobOutcomes(one.built.table, one.built.site.batch, outcome, 0).state
    assert (codes[marked] == outcomes.STATES.index("timeout")).all()


# --- Files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["jobs", "series", "events"])
def test_files_read_back_as_they_were_written(one, jobs, tmp_path, name):
    table = {
        "jobs": jobs[0],
        "series": tables.series_table(one.record),
        "events": tables.events_table(one.record),
    }[name]
    tables.write(table, tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").equals(table)
    frame = pd.read_parquet(tmp_path / "x.parquet")
    assert list(frame.columns) == table.column_names
    assert len(frame) == table.num_rows
    tables.write(table, tmp_path / "again.parquet")
    assert (tmp_path / "x.parquet").read_bytes() == (tmp_path / "again.parquet").read_bytes()


def test_series_are_long_and_hold_every_reading(one):
    frame = tables.series_table(one.record).to_pandas()
    assert list(frame.columns) == ["time_s", "metric", "labels", "value"]
    assert set(frame["labels"]) == {"gpu", "hpc", "fast", "lake"}
    assert sorted(frame["time_s"].unique()) == [86_400 * n for n in range(51)]
    assert not frame.duplicated(["time_s", "metric", "labels"]).any()
    wide = frame.pivot_table(index="time_s", columns=["labels", "metric"], values="value", observed=True)
    last = one.record.readings[-1]
    assert wide["gpu", "ended_jobs"].iloc[-1] == last.pools["gpu"].ended_jobs
    assert wide["lake", "used_bytes"].iloc[-1] == last.tiers["lake"].used_bytes
    for tier in ("fast", "lake"):
        flows = wide[tier]
        assert (
            flows["arrived_bytes"] - flows["deleted_bytes"] - flows["refused_bytes"] == flows["used_bytes"]
        ).all()


def test_a_pool_and_a_tier_of_one_name_both_have_their_series(tmp_path):
    renamed = {"lake": "gpu"}
    record = simulate_small(tmp_path, "until=2021-01-21", renamed=renamed).record
    frame = tables.series_table(record).to_pandas()
    metrics = set(frame.loc[frame["labels"] == "gpu", "metric"])
    assert {"used_bytes", "busy_slot_s"} <= metrics


def test_events_are_in_order_of_time(one):
    frame = tables.events_table(one.record).to_pandas()
    assert list(frame.columns) == ["time_s", "kind", "place", "amount", "text"]
    assert frame["time_s"].is_monotonic_increasing
    assert frame["kind"].tolist() == ["delivery"] * 2 + ["storage_delivery"] * 2


def test_a_run_without_jobs_has_empty_files(tmp_path):
    none = ["workload.tenants.lab.members.points={2022-01-01: 1}"]
    none += ["workload.tenants.firm.members.points={2022-01-01: 1}"]
    one = simulate_small(tmp_path, *none, "until=2021-01-21")
    table = tables.jobs_table(job_outcomes(one.scenario, one.built, one.record))
    assert table.num_rows == 0
    assert {field.name: kind(field) for field in table.schema} == COLUMNS
    tables.write(table, tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").num_rows == 0


def test_more_than_127_users_keep_their_names(one):
    names = one.built.table.labels("user")[1]
    codes = np.arange(300) % 200
    column = tables._labels(codes, [f"user-{n}" for n in range(200)])
    assert column.to_pylist() == [f"user-{n}" for n in codes]
    assert len(names) == len(set(names))
