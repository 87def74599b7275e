"""PBS, Grid Engine, LSF, ``sacct --json`` and Kubernetes: what a planner who exports one of them must get."""

import csv
import io
import json

import pytest

from tests.data import need_data
from workloads.errors import LogError
from workloads.formats import reader_with
from workloads.logs import recognised

PBS = """\
05/06/2024 08:00:00;Q;101.pbs01;queue=workq
05/06/2024 08:01:00;S;101.pbs01;user=u01 group=g1 project=p queue=workq ctime=1714982400 qtime=1714982400 \
etime=1714982400 start=1714982460 exec_host=n1/0*32+n2/0*32 Resource_List.ncpus=64 Resource_List.ngpus=8
05/06/2024 09:01:00;E;101.pbs01;user=u01 group=g1 project=p queue=workq ctime=1714982400 qtime=1714982400 \
etime=1714982400 start=1714982460 exec_host=n1/0*32+n2/0*32 Resource_List.ncpus=64 Resource_List.ngpus=8 \
Resource_List.nodect=2 Resource_List.walltime=02:00:00 end=1714986060 Exit_status=0
05/06/2024 08:05:00;D;102.pbs01;requestor=u02@login1
"""
USE = "0:0:3600:1.0:2.0:648376:0:0:0:0:30239:0:0:0:0:0:0:0:12:34"
GRID_ENGINE = f"""\
gpu.q:n01:g1:u01:fit:101:sge:0:1714982400:1714982460:1714986060:{USE}:NONE:dep:mpi:16:0:1.0:1.0:0.0:\
-l h_rt=7200,gpu=2 -pe mpi 16:0.0:NONE:1.8e8:0:0
gpu.q:n02:g1:u02:fit:102:sge:0:1714982400000:1714982460000:1714986060000:{USE}:NONE:dep:mpi:8:0:1.0:1.0:0.0:\
-l h_rt=7200 -pe mpi 8:0.0:NONE:1.8e8:0:0
"""
# ruff: noqa: E501 - lines of logs are as long as they are
LSF = (
    '"JOB_FINISH" "10.1" 1714986060 101 1001 33816602 16 1714982400 0 0 1714982460 "u01" "normal" "" "" "" "l1" '
    '"/home/u01" "" "out" "" "x" 0 1 "n01" 64 60.0 "a" "run.sh" 1.0 0.5 100 0 -1 0 0 0 0 0 0 0 -1 0 0 0 0 0 -1 "" '
    '"default" 0 16\n'
)
SACCT = (
    '{"jobs":[{"job_id":1,"user":"a","partition":"cpu","state":{"current":["COMPLETED"]},"time":{"submission":'
    '1714982400,"start":1714982460,"end":1714986060,"limit":{"set":true,"infinite":false,"number":120}},"tres":'
    '{"allocated":[{"type":"cpu","name":"","count":16},{"type":"gres","name":"gpu","count":2}]}}]}'
)
KUBERNETES = (
    '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"t",'
    '"namespace":"team-a","creationTimestamp":"2024-05-06T08:00:00Z"},"spec":{"parallelism":2,"template":{"spec":'
    '{"containers":[{"resources":{"requests":{"nvidia.com/gpu":"4"}}}]}}},"status":{"startTime":'
    '"2024-05-06T08:05:00Z","completionTime":"2024-05-06T10:05:00Z","succeeded":2}}]}'
)
TRACE = "job_id,num_gpu,submit_time,model_name,duration\n0,1,0,vgg19,160\n1,8,30,vgg11,150\n"


def read(text, **options):
    """Return the jobs of a log that nobody said the format of."""
    name = recognised(io.BytesIO(text.encode()))
    return reader_with(name, options)(io.BytesIO(text.encode()))


@pytest.mark.parametrize(
    ("text", "slots", "wait_s", "run_s"),
    [
        (PBS, [8], [60], [3600]),
        (GRID_ENGINE, [16, 8], [60, 60], [3600, 3600]),
        (LSF, [16], [60], [3600]),
        (SACCT, [2], [60], [3600]),
        (KUBERNETES, [8], [300], [7200]),
    ],
    ids=["29", "30", "31", "32", "33"],
)
def test_jobs_of_the_other_schedulers(text, slots, wait_s, run_s):
    jobs = read(text)
    assert jobs.numbers("slots").tolist() == slots
    assert jobs.numbers("wait_s").tolist() == wait_s
    assert jobs.numbers("run_s").tolist() == run_s


def test_pbs_as_processors_with_the_deleted_job_counted():
    jobs = read(PBS, slots="cpus")
    assert jobs.numbers("slots").tolist() == [64]
    assert [(tally.reason, tally.count) for tally in jobs.dropped] == [
        ("deleted before it started: size unknown", 1)
    ]


MIXED = (60, 16, 2), (60, 144, 0)
"""Run time [s], processors and GPUs of two jobs, of which that with GPUs has a tenth of the processor time."""


@pytest.mark.parametrize(("longer_s", "unit"), [(0, "cpus"), (60, ""), (60 * 79, ""), (60 * 80, "gpus")])
def test_every_log_tells_by_one_rule_what_a_slot_is(longer_s, unit):
    """The same two jobs in three formats, that with GPUs ever longer: the same answer, or refusal."""
    jobs = [(run_s + longer_s if gpus else run_s, cpus, gpus) for run_s, cpus, gpus in MIXED]
    texts = [as_sacct(jobs), as_sacct_json(jobs), as_pbs(jobs)]
    for text in texts:
        if unit:
            assert read(text).header["SlotsAre"] == unit
            continue
        with pytest.raises(
            LogError, match=r"hold .* of the processor time, 1 have none and hold .*: what is a"
        ):
            read(text)


def as_sacct(jobs):
    rows = (
        f"{place}|c|COMPLETED|2024-05-06T08:00:00|2024-05-06T08:00:00|{run_s // 3600:02}:{run_s // 60 % 60:02}:00|"
        f"{cpus}|cpu={cpus}{f',gres/gpu={gpus}' if gpus else ''}"
        for place, (run_s, cpus, gpus) in enumerate(jobs, 1)
    )
    return "\n".join(["JobIDRaw|Cluster|State|Submit|Start|Elapsed|NCPUS|AllocTRES", *rows, ""])


def as_sacct_json(jobs):
    return json.dumps(
        {
            "jobs": [
                {
                    "job_id": place,
                    "state": ["COMPLETED"],
                    "time": {"submission": 1714982400, "start": 1714982400, "end": 1714982400 + run_s},
                    "tres": {
                        "allocated": [
                            {"type": "cpu", "name": "", "count": cpus},
                            {"type": "gres", "name": "gpu", "count": gpus},
                        ]
                    },
                }
                for place, (run_s, cpus, gpus) in enumerate(jobs, 1)
            ]
        }
    )


def as_pbs(jobs):
    return "".join(
        f"05/06/2024 09:01:00;E;{place}.s;user=u ctime=1714982400 etime=1714982400 start=1714982400 "
        f"Resource_List.ncpus={cpus} Resource_List.ngpus={gpus} end={1714982400 + run_s} Exit_status=0\n"
        for place, (run_s, cpus, gpus) in enumerate(jobs, 1)
    )


def test_a_trace_whose_columns_are_named():
    columns = {"id": "job_id", "submit": "submit_time", "run": "duration", "slots": "num_gpu"}
    jobs = reader_with("table", {"columns": columns})(io.BytesIO(TRACE.encode()))
    assert jobs.frame[["job_id", "submit_s", "run_s", "slots"]].to_numpy().tolist() == [
        [0, 0, 160, 1],
        [1, 30, 150, 8],
    ]
    with pytest.raises(LogError, match="did you mean 'submit'"):
        reader_with("table", {"columns": {**columns, "sumbit": "x"}})(io.BytesIO(TRACE.encode()))


FILES = {
    "sacct.json": "sacct-json", "pbs-accounting.txt": "pbs", "sge-accounting.txt": "grid-engine",
    "uge-accounting.txt": "grid-engine", "lsb.acct": "lsf", "k8s-jobs.json": "kubernetes",
    "kueue-workloads.json": "kubernetes", "volcano-jobs.json": "kubernetes",
}  # fmt: skip
KIND = {"cpus": "cpus", "gpus": "gpus"}


def expected(file):
    with need_data("accounting/expected.csv").open() as stream:
        return [row for row in csv.DictReader(stream) if row["file"] == file]


@pytest.mark.parametrize("file", FILES)
def test_a_sample_is_told_from_its_content(file):
    assert recognised(need_data(f"accounting/{file}")) == FILES[file]


@pytest.mark.parametrize("slots", ["cpus", "gpus"])
@pytest.mark.parametrize("file", FILES)
def test_the_work_of_each_sample(file, slots):
    """Slots times time held, of jobs, attempts and what still runs, is that of the rows written by hand."""
    rows = [row for row in expected(file) if row["state"] not in ("left out", "pending")]
    held = {row["job_id"]: float(row[slots] or 0) * float(row["held_s"] or 0) for row in rows}
    work = sum(float(row[slots] or 0) * float(row["held_s"] or 0) for row in rows)
    read_as = reader_with(FILES[file], {"slots": slots})
    if not work:
        with pytest.raises(LogError, match="no job of this log"):
            read_as(need_data(f"accounting/{file}"))
        return
    jobs = read_as(need_data(f"accounting/{file}"))
    parts = {row["job_id"]: -(-float(row[slots] or 0) // 1) * float(row["held_s"] or 0) for row in rows}
    rounded = sum(parts[job] - held[job] for job in held)  # 0.75 of a processor is a slot
    assert jobs.kept_slot_s == work + rounded


@pytest.mark.parametrize("file", FILES)
def test_each_job_of_a_sample(file):
    jobs = reader_with(FILES[file], {"slots": "cpus"})(need_data(f"accounting/{file}"))
    words = jobs.frame["word_id"].tolist() if "word_id" in jobs.frame else [""] * len(jobs)
    found = {
        word or str(number): row
        for word, number, row in zip(
            words, jobs.numbers("job_id"), jobs.frame.to_dict("records"), strict=True
        )
    }
    gone = ("pending", "running", "requeued", "left out")
    rows = [row for row in expected(file) if row["state"] not in gone and row["cpus"]]
    assert set(found) == {row["job_id"] for row in rows}
    for row in rows:
        job = found[row["job_id"]]
        told = {"user": "user", "tenant": "account", "pool": "queue", "state": "state"}
        assert {ours: job[ours] for ours in told} == {ours: row[theirs] for ours, theirs in told.items()}
        assert job["slots"] == -(-float(row["cpus"]) // 1)
        assert job["wait_s"] == (int(row["wait_s"]) if row["wait_s"] else -1)
        if job["requested_s"] < 1 << 40:
            assert job["requested_s"] == (int(row["requested_s"]) if row["requested_s"] else -1)
        if row["held_s"] and "volcano" not in file:  # its attempts are apart
            assert job["run_s"] == int(row["held_s"])
        if row["exit"].isdigit() and "exit_code" in job:
            assert job["exit_code"] == int(row["exit"])
