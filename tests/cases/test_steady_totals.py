"""Totals of a steady site are rates times the length of the horizon, whatever a replication leaves out."""

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import Lookup
from capacity.measure.metrics import METRICS
from capacity.study.run import run
from tests.spec_files import write

SCENARIO = """
kind: scenario
title: Ten slots under an even load
question: What does a year take?
start: 2024-01-01
until: 2024-12-31
regime: steady
site:
  name: ten
  title: Ten slots, nothing fails
  source: assumption
  as_of: 2024
  why: made up
  timezone: UTC
  pools: {gpu: {node: epyc-7742-2s, nodes: 10}}
  storage: {disk: {product: object-ceph, capacity: {usable: 10 PB}, fill_limit: 85 %}}
  pue: 1.3
  currency: KRW
  exchange_rates: {USD: 1000 KRW/USD}
  electricity_price: 100 KRW/kWh
workload:
  name: even
  title: Jobs that come evenly
  source: assumption
  as_of: 2024
  why: made up
  tenants:
    all: {title: All, members: 100, jobs_per_member: 0.96 job/user/day, works_on: {job: 100 %}, unequal: 0}
  classes:
    job:
      title: Job
      slots: {1: 100 %}
      run: {mean: 2 h, cv: 1}
      limit: 10 day
      requested: {longest: 0 %, too_short: 0 %}
      rhythm: 0 %
      writes: {results: {tier: disk, per_job: 1 GB/job, keep: 30 day}}
seed: 1
"""
HORIZON_S = 366 * 86_400


@pytest.fixture(scope="module")
def regimes(tmp_path_factory):
    """Findings of the same four replications, steady and transient."""
    path = write(tmp_path_factory.mktemp("steady"), "even.yaml", SCENARIO)
    loaded = [load_scenario(path, overrides=[f"regime={regime}"]) for regime in ("steady", "transient")]
    return [run(one, replications=4) for one in loaded]


def test_the_warm_ups_differ(regimes):
    steady, _ = regimes
    assert len({one.values["warm_up_s", (("month", "all"),)] for one in steady.runs}) > 1


def test_a_constant_load_takes_its_power_times_the_year(regimes):
    steady, transient = (Lookup(result.findings) for result in regimes)
    energy = steady("site_energy_j", month="all")
    assert energy.value == pytest.approx(steady.value("mean_power_w", month="all") * HORIZON_S, rel=1e-9)
    assert energy.value / 3.6e9 == pytest.approx(155, rel=0.01)
    assert energy.high - energy.low < 0.02 * energy.value
    assert energy.value == pytest.approx(transient.value("site_energy_j", month="all"), rel=0.005)
    cost = steady.value("electricity_cost", month="all")
    assert cost == pytest.approx(energy.value / 3.6e6 * 100, rel=1e-9)


def test_every_total_of_all_is_that_of_the_same_time_in_both_regimes(regimes):
    steady, transient = (Lookup(result.findings) for result in regimes)
    compared = []
    for name, metric in METRICS.items():
        for found in steady.of(name) if metric.reducer == "total" and metric.section != "waits" else ():
            where = dict(found.labels)
            if where.get("month", "all") == "all" and found.value > 1000:
                other = transient.value(name, **where)
                assert found.value == pytest.approx(other, rel=0.02), (name, where)
                compared.append(name)
    assert {"jobs_submitted", "jobs_ended", "delivered_slot_hours", "it_energy_j", "electricity_cost",
            "storage_arrived_bytes", "slot_hours"} <= {*compared}  # fmt: skip
