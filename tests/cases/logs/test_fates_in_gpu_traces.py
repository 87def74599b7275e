"""Why a row of a GPU trace is left out is true: what ended has ended, what was cancelled never started."""

import io

import pytest

from workloads.readers.gpu.alibaba_pai import read_pai
from workloads.readers.gpu.helios import read_helios

TASKS = """job_name,task_name,inst_num,status,start_time,end_time,plan_cpu,plan_mem,plan_gpu,gpu_type
j1,worker,4.0,Terminated,1000000.0,1003600.0,600,29,100,V100
j3,worker,3.0,Terminated,1000200.0,1003800.0,600,29,25,T4
j4,ps,1.0,Terminated,1000300.0,1003900.0,600,29,,
j4,worker,2.0,Failed,1000300.0,0,600,29,100,P100
j5,worker,1.0,Running,1000400.0,,600,29,200,P100
"""
HELIOS = "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue\n"


def test_a_failed_task_without_an_end_has_ended():
    jobs = read_pai(io.BytesIO(TASKS.encode()))
    assert [(tally.reason, tally.count) for tally in jobs.dropped] == [
        ("no GPU", 1),
        ("ended, but the log does not say when", 1),
        ("no end: still running when the log was taken", 1),
    ]
    assert jobs.numbers("slots").tolist() == [4, 1]
    assert jobs.links("share_slots").tolist() == [-1, 0.75]


@pytest.mark.parametrize(
    ("state", "start", "end", "reason"),
    [
        ("CANCELLED", "", "", "cancelled while it waited: never started"),
        ("CANCELLED by 1001", "", "2020-05-02 09:00:00", "cancelled while it waited: never started"),
        ("PENDING", "", "", "no start: never started"),
        ("RUNNING", "2020-05-02 08:00:09", "", "no end: still running when the log was taken"),
        ("OUT_OF_MEMORY", "2020-05-02 08:00:09", "", "ended, but the log does not say when"),
        ("FAILED", "", "", "ended, but the log does not say when it started"),
    ],
)
def test_the_reason_follows_the_state(state, start, end, reason):
    good = "1,uA,v1,8,1,1,COMPLETED,2020-05-02 08:00:00,2020-05-02 08:00:10,2020-05-02 09:00:10,1,1\n"
    other = f"2,uA,v1,2,1,1,{state},2020-05-02 08:00:05,{start},{end},1,1\n"
    jobs = read_helios(io.BytesIO((HELIOS + good + other).encode()))
    assert [tally.reason for tally in jobs.dropped] == [reason]
    assert not [tally for tally in jobs.remarks if "no word" in tally.reason]


def test_states_of_slurm_are_those_of_slurm():
    line = "{},uA,v1,8,1,1,{},2020-05-02 08:00:00,2020-05-02 08:00:10,2020-05-02 09:00:10,1,1\n"
    words = {
        "OUT_OF_MEMORY": "failed",
        "PREEMPTED": "cancelled",
        "BOOT_FAIL": "node_fail",
        "DEADLINE": "timeout",
    }
    text = HELIOS + "".join(line.format(number, word) for number, word in enumerate(words, 1))
    assert read_helios(io.BytesIO(text.encode())).frame["state"].tolist() == [*words.values()]


def test_the_zone_of_a_wall_clock_is_that_of_the_log_or_of_the_user():
    line = "1,uA,v1,8,1,1,COMPLETED,2020-05-02 08:00:00,2020-05-02 08:00:10,2020-05-02 09:00:10,1,1\n"
    here = read_helios(io.BytesIO((HELIOS + line).encode()))
    there = read_helios(io.BytesIO((HELIOS + line).encode()), zone="America/New_York")
    assert (here.zone, here.zone_from) == ("Asia/Shanghai", "assumed")
    assert (there.zone, there.zone_from) == ("America/New_York", "option")
    assert here.numbers("submit_s").tolist() == there.numbers("submit_s").tolist()
    assert (there.origin - here.origin).total_seconds() == 12 * 3600


def test_work_that_is_left_out_is_counted_in_slot_seconds():
    rows = [
        "1,uA,v1,8,1,1,COMPLETED,2020-05-02 08:00:00,2020-05-02 08:00:10,2020-05-02 09:00:10,1,1\n",
        "2,uA,v1,2,1,1,COMPLETED,1970-01-02 08:00:00,2020-05-02 08:00:10,2020-05-02 08:01:40,1,1\n",
        "3,uA,v1,2,1,1,COMPLETED,2020-05-02 08:00:00,2020-05-02 08:00:10,2020-05-02 08:01:40,1,1\n",
    ]
    jobs = read_helios(io.BytesIO((HELIOS + "".join(rows)).encode()))
    assert [(tally.count, tally.slot_s) for tally in jobs.dropped] == [(1, 180.0)]
    assert jobs.left_out_frac == pytest.approx(180 / (180 + 180 + 8 * 3600))
