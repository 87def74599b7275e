"""Workloads of the Batsim simulator: the schema, what is refused, what cannot be held."""

import io
import json
from typing import Any

import numpy as np
import pytest

from workloads.errors import LogError
from workloads.jobtable import STATES, JobTable, label_column, table_from
from workloads.readers.batsim.reader import read_batsim
from workloads.readers.batsim.writer import fit_batsim, write_batsim

JOB = {"id": "1", "subtime": 5, "walltime": 100, "res": 2, "profile": "d60"}
PROFILES = {"d60": {"type": "delay", "delay": 60}}


def read(
    jobs: list[Any], profiles: dict[str, Any] | None = None, *, lenient: bool = False, **top: Any
) -> JobTable:
    workload = {"nb_res": 8, **top, "jobs": jobs, "profiles": PROFILES if profiles is None else profiles}
    return read_batsim(io.BytesIO(json.dumps(workload).encode()), lenient=lenient)


def written(table: JobTable) -> dict[str, Any]:
    stream = io.BytesIO()
    write_batsim(table, stream)
    return json.loads(stream.getvalue())


def table(**changes: Any) -> JobTable:
    columns = {
        "job_id": [1, 2],
        "submit_s": [0, 5],
        "run_s": [60, 60],
        "requested_s": [100, -1],
        "slots": [1, 2],
    }
    return table_from(columns | changes, max_slots=8)


def test_the_schema_of_batsim() -> None:
    workload = written(table())
    assert workload["nb_res"] == 8
    assert workload["jobs"] == [
        {"id": "1", "subtime": 0, "res": 1, "profile": "d60", "walltime": 100},
        {"id": "2", "subtime": 5, "res": 2, "profile": "d60"},
    ]
    assert workload["profiles"] == {"d60": {"type": "delay", "delay": 60}}


def test_what_batsim_does_not_use_is_kept_for_its_scheduler() -> None:
    states = label_column(np.array([1, 0]), STATES)
    workload = written(
        table(user=label_column(np.array([1, 0]), ["", 'k"im']), state=states, array_id=[7, -1])
    )
    assert workload["jobs"][0]["user"] == 'k"im'
    assert workload["jobs"][0]["state"] == "completed"
    assert workload["jobs"][0]["array_id"] == 7
    assert set(workload["jobs"][1]) == {"id", "subtime", "res", "profile"}


def test_jobs_that_batsim_cannot_run() -> None:
    bad = table(
        job_id=[1, 2, 3, 4],
        submit_s=[-1, 0, 0, 0],
        run_s=[1, -1, 1, 1],
        slots=[1, 1, 0, 1],
        requested_s=[1, 1, 1, 0],
    )
    with pytest.raises(LogError, match="no run time"):
        write_batsim(bad, io.BytesIO())
    fit, lost = fit_batsim(bad)
    assert fit.numbers("job_id").tolist() == [4]
    assert [tally.count for tally in lost] == [1, 1, 1, 1]
    assert "walltime" not in written(fit)["jobs"][0]


def test_a_workload_of_somebody_else() -> None:
    jobs = read(
        [JOB, {"id": "w0!7", "subtime": 2.5, "res": 1, "profile": "p"}],
        PROFILES | {"p": {"type": "parallel_homogeneous", "cpu": 1e9, "com": 0}},
        description="made by hand",
    )
    assert jobs.numbers("job_id").tolist() == [7, 1]
    assert jobs.numbers("submit_s").tolist() == [3, 5]
    assert jobs.numbers("run_s").tolist() == [-1, 60]
    assert jobs.numbers("requested_s").tolist() == [-1, 100]
    assert jobs.max_slots == 8
    assert [str(tally) for tally in jobs.remarks] == [
        "1 × profile is no delay: run time unknown (job w0!7)",
        "1 × submit_s rounded to whole numbers",
    ]


def test_job_ids_that_are_no_numbers_and_exit_codes() -> None:
    jobs = read(
        [JOB | {"id": "a"}, JOB | {"id": "b", "profile": "bad"}],
        PROFILES | {"bad": {"type": "delay", "delay": 1, "ret": 1}},
    )
    assert jobs.numbers("job_id").tolist() == [1, 2]
    assert jobs.frame["state"].tolist() == ["completed", "failed"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"subtime": -1}, "subtime is -1"),
        ({"subtime": float("nan")}, "subtime is nan"),
        ({"subtime": "soon"}, "subtime is 'soon'"),
        ({"res": 0}, "res is 0"),
        ({"res": True}, "res is True"),
        ({"walltime": 0}, "walltime is 0"),
        ({"walltime": float("inf")}, "walltime is inf"),
        ({"profile": "none"}, "profile 'none' is not among"),
        ({"profile": ["d60"]}, "profile .* is not among"),
        ({"id": None}, "id is neither"),
    ],
)
def test_a_malformed_job_is_an_error_or_counted(change: dict[str, Any], what: str) -> None:
    jobs = [JOB, JOB | {"id": "2"} | change]
    with pytest.raises(LogError, match=r"jobs\[1\]: " + what):
        read(jobs)
    kept = read(jobs, lenient=True)
    assert len(kept) == 1
    assert kept.dropped[0].count == 1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "1:1: not JSON"),
        ('{"jobs": [\n{"id": 1},\n]}', "3:1: not JSON"),
        ("[]", "no workload of Batsim"),
        ('{"jobs": {}, "profiles": {}}', "no workload of Batsim"),
        ('{"jobs": [], "profiles": {}}', "no job"),
        ('{"nb_res": -1, "jobs": [], "profiles": {}}', "nb_res is -1"),
        ('{"jobtable": 3, "jobs": [], "profiles": {}}', "no object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"jobs": [7], "profiles": {}}', r"jobs\[0\]: not an object"),
    ],
)
def test_what_is_no_workload_is_refused(text: str, what: str) -> None:
    with pytest.raises(LogError, match=what):
        read_batsim(io.BytesIO(text.encode()), lenient=True)


def test_repeated_ids() -> None:
    with pytest.raises(LogError, match="repeat the id"):
        read([JOB, JOB])
    assert len(read([JOB, JOB], lenient=True)) == 2
