"""Logs of GPU clusters: what each column becomes; every row is a job or counted. All values are made up."""

import copy
import io
import json
import tarfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from workloads.errors import LogError
from workloads.readers.gpu.acme import looks_like_acme, read_acme
from workloads.readers.gpu.alibaba_openb import looks_like_openb, read_openb
from workloads.readers.gpu.alibaba_pai import looks_like_pai, read_pai
from workloads.readers.gpu.alibaba_pai_jobs import looks_like_pai_jobs, read_pai_jobs
from workloads.readers.gpu.helios import looks_like_helios, read_helios
from workloads.readers.gpu.philly import looks_like_philly, read_philly
from workloads.readers.gpu.philly_json import looks_like_philly_json, read_philly_json

CHINA = ZoneInfo("Asia/Shanghai")

PHILLY = """timestamp,duration,num_gpus,gpu_time,cluster
2017-10-05 00:01:40,30.0,2,60.0,aa11
2017-10-02 00:00:00,7.0,1,7.0,bb22
2017-10-03 10:00:00,9.0,0,0.0,bb22
2017-10-04 10:00:00,,4,,bb22
"""
HELIOS = """job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue
70,uAA,vc1,8,64,1,COMPLETED,2020-05-02 08:00:00,2020-05-02 08:00:10,2020-05-02 09:00:10,3600,10
71,uBB,vc1,1,4,1,CANCELLED,2020-05-02 08:00:05,2020-05-02 08:00:05,2020-05-02 08:00:06,1,0
72,uAA,vc2,0,4,1,COMPLETED,2020-05-02 08:00:06,2020-05-02 08:00:06,2020-05-02 08:00:07,1,0
73,uAA,vc2,16,4,2,CANCELLED,2020-05-02 08:00:07,,,,
74,uAA,vc2,2,4,1,TIMEOUT,2020-05-02 08:00:08,2020-05-02 08:00:09,,,1
75,uAA,vc2,2,4,1,NODE_FAIL,2020-05-02 08:00:09,2020-05-02 08:01:00,2020-05-02 08:00:59,-1,51
76,uAA,,4,4,1,MARTIAN,2020-05-02 08:00:10,2020-05-02 08:00:00,2020-05-02 08:00:20,20,-10
77,uCC,vc1,1,4,1,FAILED,1970-01-02 00:00:00,2020-05-02 08:00:00,2020-05-02 08:00:20,20,0
"""
# ruff: noqa: E501 - lines of logs are as long as they are
SEREN = """job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration,queue,gpu_time
9,u1,1,8,128,Pretrain,COMPLETED,2023-03-02 00:00:00+08:00,2023-03-02 00:00:30+08:00,2023-03-02 00:10:30+08:00,600,30,4800.0
8,u2,1,1,16,Debug,TIMEOUT,2023-03-02 00:00:01+08:00,2023-03-02 00:00:01+08:00,2023-03-02 01:00:01+08:00,3600,0,3600.0
"""
KALOS = """job_id,user,node_num,gpu_num,cpu_num,mem_per_pod_GB,shared_mem_per_pod,type,state,submit_time,start_time,end_time,fail_time,stop_time,duration,queue,gpu_time
dlc1,uf1,8,64,960,1000,100.0,Other,FAILED,2023-05-17 10:00:00+00:00,2023-05-17 10:00:10+00:00,2023-05-17 10:00:15+00:00,2023-05-17 10:00:15+00:00,,15,10.0,960.0
dlc2,uf1,1,8,96,1000,100.0,Other,RUNNING,2023-05-17 10:00:00+00:00,2023-05-17 10:00:10+00:00,,,,,10.0,
"""
TASKS = """job1,worker,4.0,Terminated,1000.0,1600.0,600.0,29.3,50.0,T4
job1,ps,2.0,Terminated,1000.0,1600.0,600.0,29.3,,CPU
job2,tensorflow,1.0,Failed,2000.0,2005.0,600.0,29.3,25.0,MISC
job3,worker,2.0,Running,3000.0,,600.0,29.3,100.0,V100
job4,worker,,Terminated,4000.0,4001.0,600.0,29.3,800.0,V100
job5,worker,1.0,Waiting,0.0,0.0,600.0,29.3,100.0,V100
"""
JOBS = """job1,i1,alice,Terminated,940.0,1600.0
job2,i2,bob,Failed,0.0,2005.0
job4,i4,,Terminated,4000.0,4001.0
"""
SAMPLE = """job_id,num_inst,submit_time,num_cpu,num_gpu,gpu_type,duration,user,wait_time
3,1,100,6.0,0.5,T4,60,u1,4.5
1,2,90,6.0,2.0,V100,10,u2,
2,1,95,6.0,0,CPU,10,u2,1
"""
OPENB = """name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
pod-0,4000,1,1,460,,LS,Running,0,500,10
pod-1,4000,1,8,1000,V100M16|V100M32,BE,Failed,10,400,20
pod-2,4000,1,0,0,,BE,Succeeded,10,400,20
pod-3,4000,1,1,1000,,Burstable,Pending,11,450,
pod-4,4000,1,1,1000,,BE,Running,12,300,12
"""


def read(reader, text, **options):
    return reader(io.BytesIO(text.encode()), **options)


def said(tallies):
    return {tally.reason.split(" (")[0]: tally.count for tally in tallies}


def column(jobs, name):
    return jobs.frame[name].tolist()


def test_philly():
    jobs = read(read_philly, PHILLY)
    assert jobs.origin == datetime(2017, 10, 1, tzinfo=UTC)
    assert column(jobs, "job_id") == [2, 1]
    assert column(jobs, "submit_s") == [86400, 4 * 86400 + 100]
    assert column(jobs, "run_s") == [7, 30]
    assert column(jobs, "slots") == [1, 2]
    assert column(jobs, "tenant") == ["bb22", "aa11"]
    assert column(jobs, "requested_s") == column(jobs, "wait_s") == [-1, -1]
    assert said(jobs.dropped) == {"no GPU": 1, "no run time: never started, or still running": 1}
    assert said(jobs.remarks) == {"times without a zone: taken as UTC, for want of better": 2}


def test_helios():
    jobs = read(read_helios, HELIOS)
    assert jobs.origin == datetime(2020, 5, 1, tzinfo=CHINA)
    assert column(jobs, "job_id") == [70, 71, 76]
    assert column(jobs, "submit_s") == [86400 + 8 * 3600 + second for second in (0, 5, 10)]
    assert column(jobs, "run_s") == [3600, 1, 20]
    assert column(jobs, "wait_s") == [10, 0, -1]
    assert column(jobs, "slots") == [8, 1, 4]
    assert column(jobs, "user") == ["uAA", "uBB", "uAA"]
    assert column(jobs, "tenant") == ["vc1", "vc1", ""]
    assert column(jobs, "state") == ["completed", "cancelled", "unknown"]
    assert said(jobs.dropped) == {
        "no GPU": 1,
        "cancelled while it waited: never started": 1,
        "ended, but the log does not say when": 1,
        "ends before it starts": 1,
        "submitted more than ten years from the median: a wrong clock": 1,
    }
    assert said(jobs.remarks) == {
        "times without a zone: taken as Asia/Shanghai": 3,
        "starts before it is submitted: the wait is unknown": 1,
        "state is no word we know": 1,
    }


def test_acme_seren():
    jobs = read(read_acme, SEREN)
    assert jobs.origin == datetime(2023, 3, 1, tzinfo=CHINA)
    assert column(jobs, "job_id") == [9, 8]
    assert column(jobs, "submit_s") == [86400, 86401]
    assert column(jobs, "run_s") == [600, 3600]
    assert column(jobs, "wait_s") == [30, 0]
    assert column(jobs, "job_class") == ["Pretrain", "Debug"]
    assert column(jobs, "state") == ["completed", "timeout"]
    assert (jobs.dropped, jobs.remarks) == ((), ())


def test_acme_kalos_runs_from_start_to_end_whatever_its_duration_says():
    jobs = read(read_acme, KALOS)
    assert jobs.origin == datetime(2023, 5, 1, tzinfo=CHINA)
    assert column(jobs, "submit_s") == [16 * 86400 + 18 * 3600]
    assert column(jobs, "run_s") == [5]
    assert column(jobs, "slots") == [64]
    assert said(jobs.dropped) == {"no end: still running when the log was taken": 1}
    assert said(jobs.remarks) == {"the id is a word: the job has the number of its row": 1}


def test_pai_without_its_table_of_jobs():
    jobs = read(read_pai, TASKS)
    assert jobs.origin.isoformat() == "1970-01-01T08:00:00+08:00"
    assert column(jobs, "job_id") == [1, 3, 5]
    assert column(jobs, "submit_s") == [1000, 2000, 4000]
    assert column(jobs, "run_s") == [600, 5, 1]
    assert column(jobs, "slots") == [2, 1, 8]
    assert column(jobs, "wait_s") == [-1, -1, -1]
    assert column(jobs, "pool") == ["T4", "MISC", "V100"]
    assert column(jobs, "job_class") == ["worker", "tensorflow", "worker"]
    assert column(jobs, "state") == ["completed", "failed", "completed"]
    assert said(jobs.dropped) == {
        "no GPU": 1,
        "no start: never started": 1,
        "no end: still running when the log was taken": 1,
    }
    assert said(jobs.remarks) == {
        "no table of jobs beside it: submission is the start, users are unknown": 6,
        "number of instances is missing: taken as 1": 1,
        "part of a GPU rounded up to whole slots": 1,
    }


@pytest.mark.parametrize("header", ["", "job_name,inst_id,user,status,start_time,end_time\n"])
def test_pai_with_its_table_of_jobs(tmp_path, header):
    (tmp_path / "pai_task_table.csv").write_text(TASKS)
    (tmp_path / "pai_job_table.csv").write_text(header + JOBS)
    jobs = read_pai(tmp_path / "pai_task_table.csv")
    assert column(jobs, "submit_s") == [940, 2000, 4000]
    assert column(jobs, "wait_s") == [60, -1, 0]
    assert column(jobs, "user") == ["alice", "bob", ""]
    assert said(jobs.remarks)["the table of jobs has no submission: it is the start"] == 1
    (tmp_path / "pai_job_table.csv").write_text(header + JOBS.split("\n", 1)[1])
    again = read_pai(tmp_path / "pai_task_table.csv")
    assert column(again, "user") == ["", "bob", ""]
    assert said(again.remarks)["not in the table of jobs: submission is the start, the user is unknown"] == 1


def test_a_part_of_a_gpu_is_told_with_its_share():
    (tally,) = (t for t in read(read_pai, TASKS).remarks if t.reason.startswith("part of a GPU"))
    assert "(33.3% of the jobs, 10.25 GPUs become 11 slots)" in tally.reason
    assert tally.examples == ("line 3",)


def test_pai_sample_of_the_simulator():
    jobs = read(read_pai_jobs, SAMPLE)
    assert jobs.origin is None
    assert column(jobs, "job_id") == [1, 3]
    assert column(jobs, "submit_s") == [90, 100]
    assert column(jobs, "run_s") == [10, 60]
    assert column(jobs, "slots") == [2, 1]
    assert column(jobs, "wait_s") == [-1, 5]
    assert column(jobs, "user") == ["u2", "u1"]
    assert said(jobs.dropped) == {"no GPU": 1}


def test_openb():
    jobs = read(read_openb, OPENB)
    assert jobs.origin is None
    assert column(jobs, "job_id") == [1, 2, 5]
    assert column(jobs, "slots") == [1, 8, 1]
    assert column(jobs, "run_s") == [490, 380, 288]
    assert column(jobs, "wait_s") == [10, 10, 0]
    assert column(jobs, "state") == ["unknown", "failed", "cancelled"]
    assert column(jobs, "pool") == ["", "V100M16|V100M32", ""]
    assert column(jobs, "job_class") == ["LS", "BE", "BE"]
    assert said(jobs.dropped) == {"no GPU": 1, "no start: never started": 1}
    assert said(jobs.remarks) == {
        "part of a GPU rounded up to whole slots": 1,
        "still there when the trace ends: run for the time seen, state unknown": 1,
    }


LOGS = {
    "philly": (read_philly, PHILLY, 4),
    "helios": (read_helios, HELIOS, 8),
    "seren": (read_acme, SEREN, 2),
    "kalos": (read_acme, KALOS, 2),
    "pai": (read_pai, TASKS, 6),
    "pai sample": (read_pai_jobs, SAMPLE, 3),
    "openb": (read_openb, OPENB, 5),
}


@pytest.mark.parametrize(("reader", "text", "rows"), LOGS.values(), ids=LOGS)
def test_every_row_is_a_job_or_counted(reader, text, rows):
    jobs = read(reader, text)
    assert len(jobs) + sum(tally.count for tally in jobs.dropped) == rows
    with pytest.raises(LogError, match="<stream>:3: "):
        read(reader, _with_broken_third_line(text))
    lenient = read(reader, _with_broken_third_line(text), lenient=True)
    assert len(lenient) + sum(tally.count for tally in lenient.dropped) == rows + 1
    assert said(lenient.dropped)["malformed line"] == 1


def _with_broken_third_line(text):
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:2], "what is this\n", *lines[2:]])


@pytest.mark.parametrize(
    ("reader", "text", "old", "new", "what"),
    [
        (read_philly, PHILLY, "30.0,2", "30.0,two", r":2: column num_gpus is 'two', not a number"),
        (read_philly, PHILLY, "30.0,2", "-30.0,2", r":2: column duration is '-30.0', below 0"),
        (read_philly, PHILLY, "2017-10-05 00:01:40", "", r":2: no time of submission"),
        (read_philly, PHILLY, "30.0,2", "30.0,3000000000", r":2: more than 2147483647 GPUs"),
        (read_philly, PHILLY, "num_gpus", "gpus", r":1: column num_gpus is missing"),
        (read_helios, HELIOS, "2020-05-02 09:00:10", "2020-02-30 09:00:10", r":2: column end_time is .*, not a time"),
        (read_helios, HELIOS, "71,uBB", "70,uBB", r"1 rows repeat the id of another job: job 70"),
        (read_pai, TASKS, "job1,ps", "job1,worker", None),
        (read_pai, TASKS, "job2,tensorflow", "job1,worker", r"1 rows repeat the id of another job: job job1/worker"),
        (read_openb, OPENB, "0,500,10", "0,500,-10", r":2: column scheduled_time is '-10', below 0"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_an_error_or_counted(reader, text, old, new, what):
    bent = text.replace(old, new, 1)
    if what is None:  # the other row of that name has no GPU and is out
        assert len(read(reader, bent)) == 3
        return
    with pytest.raises(LogError, match=what):
        read(reader, bent)
    if "is missing" not in what:
        jobs = read(reader, bent, lenient=True)
        assert sum(tally.count for tally in (*jobs.dropped, *jobs.remarks))


def test_times_with_and_without_zone_in_one_column_are_refused():
    mixed = SEREN.replace("00:00:01+08:00", "00:00:01", 1)
    with pytest.raises(LogError, match="column submit_time holds times with and without a zone"):
        read(read_acme, mixed, lenient=True)


def test_a_tar_archive_is_named(tmp_path):
    (tmp_path / "pai_task_table.csv").write_text(TASKS)
    for name, mode in (("tasks.tar.gz", "w:gz"), ("tasks.tar", "w")):
        with tarfile.open(tmp_path / name, mode) as archive:
            archive.add(tmp_path / "pai_task_table.csv", "pai_task_table.csv")
        with pytest.raises(LogError, match="this is a tar archive"):
            read_pai(tmp_path / name)


def test_a_log_without_gpu_jobs_is_refused_with_the_reasons():
    with pytest.raises(LogError, match=r"no GPU job in this log\n.*2 × no GPU \(line 2, line 3\)"):
        read(read_acme, SEREN.replace(",8,128", ",0,128").replace(",1,16", ",0,16"))


def test_a_layout_is_known_by_its_header():
    looks = {
        "philly": looks_like_philly,
        "helios": looks_like_helios,
        "seren": looks_like_acme,
        "kalos": looks_like_acme,
        "pai": looks_like_pai,
        "pai sample": looks_like_pai_jobs,
        "openb": looks_like_openb,
    }
    for name, (_, text, _) in LOGS.items():
        fitting = {like for like in looks.values() if like(text.encode())}
        assert fitting == {looks[name]}, name
    header = "job_name,task_name,inst_num,status,start_time,end_time,plan_cpu,plan_mem,plan_gpu,gpu_type\n"
    assert looks_like_pai(b"# tasks\n" + header.encode())
    assert column(read(read_pai, header + TASKS), "slots") == [2, 1, 8]
    assert not any(like(b"job_id,submit_s,run_s,slots\n1,0,60,4\n") for like in looks.values())
    assert not any(like(b"") for like in looks.values())


def attempt(start, end, *gpus):
    detail = [
        {"ip": f"m{node}", "gpus": [f"gpu{gpu}" for gpu in range(count)]} for node, count in enumerate(gpus)
    ]
    return {"start_time": start, "end_time": end, "detail": detail}


def philly_job(number, submitted, *attempts, status="Pass"):
    name = f"application_77_{number}"
    return {
        "status": status,
        "vc": "v1",
        "jobid": name,
        "attempts": [*attempts],
        "submitted_time": submitted,
        "user": "u1",
    }


PUBLISHED = [
    philly_job(
        1,
        "2017-10-02 00:00:00",
        attempt("2017-10-02 00:00:40", "2017-10-02 00:01:40", 2),
        attempt("2017-10-02 00:05:00", "2017-10-02 00:05:07", 2, 1),
        status="Killed",
    ),
    philly_job(2, "2017-10-02 00:00:01"),
    philly_job(3, "2017-10-02 00:00:02", attempt("2017-10-02 00:00:40", "None", 1)),
    philly_job(
        4,
        "2017-10-02 00:00:03",
        attempt("2017-10-02 00:00:05", None, 1),
        attempt("2017-10-02 00:00:09", "2017-10-02 00:00:19", 1),
        status="Failed",
    ),
    philly_job(5, "2017-10-02 00:00:03", attempt("2017-10-02 00:00:05", "2017-10-02 00:00:04", 1)),
]


def test_philly_as_published():
    jobs = read(read_philly_json, json.dumps(PUBLISHED))
    assert jobs.origin == datetime(2017, 10, 1, tzinfo=UTC)
    assert column(jobs, "job_id") == [1, 4]
    assert column(jobs, "submit_s") == [86400, 86403]
    assert column(jobs, "run_s") == [60 + 7, 10]
    assert column(jobs, "slots") == column(jobs, "allocated_slots") == [3, 1]
    assert column(jobs, "wait_s") == [40, 2]
    assert column(jobs, "state") == ["cancelled", "failed"]
    assert column(jobs, "tenant") == ["v1", "v1"]
    assert said(jobs.dropped) == {
        "no start: never started": 1,
        "ended, but the log does not say when": 1,
        "ends before it starts": 1,
    }
    assert said(jobs.remarks) == {
        "times without a zone: taken as UTC, for want of better": 2,
        "the id is a word: the job has the number of its row": 2,
        "an attempt without start or end is not counted": 1,
    }


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("attempts", None, "entry 2: not a job of a Philly log"),
        ("attempts", [{"detail": [{"gpus": 3}]}], "entry 2: not a job of a Philly log"),
        ("submitted_time", "yesterday", "entry 2: submitted_time is not a time"),
        ("attempts", [attempt("2017-10-02 25:00:00", "", 1)], "entry 2: start_time is not a time"),
    ],
)
def test_philly_as_published_with_an_entry_that_makes_no_sense(key, value, what):
    bent = copy.deepcopy(PUBLISHED)
    bent[1][key] = value
    with pytest.raises(LogError, match=what):
        read(read_philly_json, json.dumps(bent))
    jobs = read(read_philly_json, json.dumps(bent), lenient=True)
    assert len(jobs) + sum(tally.count for tally in jobs.dropped) == 5


def test_philly_as_published_is_known_by_its_begin():
    assert looks_like_philly_json(json.dumps(PUBLISHED, indent=4).encode())
    assert not looks_like_philly_json(b'{"jobs": [{"id": 1, "vc": 2}]}')
    with pytest.raises(LogError, match=r"<stream>:1:\d+: not JSON"):
        read(read_philly_json, json.dumps(PUBLISHED)[:-9])
