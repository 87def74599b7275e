"""A site of ten slots under Poisson arrivals of exponential jobs: its waits are known in closed form."""

from pathlib import Path

SITE = """\
kind: site
title: Ten slots, nothing fails
source: assumption
as_of: 2024
why: Test case.
timezone: UTC
pools:
  gpu: {title: Slots, node: epyc-7742-2s, nodes: 10}
storage:
  disk: {title: Disk, product: object-ceph, capacity: {usable: 10 PB}, fill_limit: 85 %}
pue: 1.3
electricity_price: 100 KRW/kWh
exchange_rate: 1000 KRW/USD
"""
WORKLOAD = """\
kind: workload
title: Poisson arrivals of exponential jobs, 8 erlang
source: assumption
as_of: 2024
why: Test case.
rhythm:
  hours: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]
tenants:
  all:
    {title: All, members: 100, jobs_per_member: 0.96 job/user/day, works_on: {job: 100 %}, unequal: 0}
classes:
  job:
    title: Job
    pool: gpu
    slots: {1: 100 %}
    run: {mean: 2 h, cv: 1}
    limit: 10 day
    requested: {longest: 0 %, too_short: 0 %}
    rhythm: 0 %
"""
SCENARIO = """\
kind: scenario
title: M/M/c
question: Does it match Erlang C?
start: 2024-01-01
until: 2024-03-31
site: site.yaml
workload: work.yaml
seed: 1
"""


def write_erlang(folder: Path) -> Path:
    """Write the three files into a folder; returns the scenario's."""
    for name, text in (("site", SITE), ("work", WORKLOAD), ("erlang", SCENARIO)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder / "erlang.yaml"
