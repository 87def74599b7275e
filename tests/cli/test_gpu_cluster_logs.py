"""Logs of GPU clusters as a user meets them: replayed and converted without a word about their format."""

import json

import pytest

from capacity.cli.main import entry
from workloads.logs import read_log

PHILLY = """timestamp,duration,num_gpus,gpu_time,cluster
2017-10-02 00:00:00,100,4,400,v1
2017-10-02 00:00:10,50,2,100,v1
2017-10-02 00:00:20,70,0,0,v2
"""
OPENB = """name,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
a,1,460,,LS,Failed,0,500,10
b,8,1000,T4|P100,BE,Failed,10,400,20
c,1,1000,,BE,Pending,12,300,
"""


def test_a_replay_tells_the_layout_and_counts_every_row(tmp_path, capsys):
    log = tmp_path / "jobs.csv"
    log.write_text(PHILLY)
    assert entry(["replay", str(log), "--slots", "4", "--policy", "easy", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["jobs"] == 2
    assert found["mean_wait_s"] == (0 + 90) / 2
    assert [(tally["reason"], tally["count"]) for tally in found["dropped"]] == [("no GPU", 1)]
    assert entry(["replay", str(log), "--slots", "4", "--strict"]) == 3


@pytest.mark.parametrize("target", ["pods.swf.gz", "pods.parquet", "pods.csv", "pods.json"])
def test_a_converted_log_says_the_same(tmp_path, capsys, target):
    log = tmp_path / "pods.txt"
    log.write_text(OPENB)
    assert entry(["workload", "convert", str(log), str(tmp_path / target)]) == 0
    said = capsys.readouterr().err
    assert "2 jobs read as alibaba-openb" in said
    assert "1 × no start: never started (line 4)" in said
    assert "50.0% of the jobs, 8.46 GPUs become 9 slots" in said
    jobs = read_log(tmp_path / target)
    assert jobs.numbers("slots").tolist() == [1, 8]
    assert jobs.numbers("run_s").tolist() == [490, 380]
    assert jobs.frame["job_class"].tolist() == ["LS", "BE"]
