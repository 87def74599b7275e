"""Jobs that can never start are named with their class and the reason, before a run and after it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.cli.main import entry
from capacity.inputs.reading.loader import load_scenario
from capacity.simulation import build as building
from capacity.simulation.build import build, never_starts
from capacity.simulation.world import World
from tests.spec_files import write
from tests.support.small_site import write_small

TWO_TYPES = """
kind: scenario
title: Two kinds of nodes, one demand
question: Which pool do jobs get?
start: 2024-01-01
until: 2024-02-29
site:
  name: two
  title: Two kinds of nodes
  source: assumption
  as_of: 2024
  why: made up
  timezone: UTC
  pools:
    a100: {node: dgx-a100, nodes: 8}
    h100: {node: hgx-h100, nodes: 4}
workload:
  name: mixed
  title: Mixed
  source: assumption
  as_of: 2024
  why: made up
  tenants:
    lab:
      title: A laboratory
      members: 10
      jobs_per_member: 4 job/user/day
      works_on: {train: 90 %, gang: 10 %}
  classes:
    train:
      title: Training
      pools: [h100, a100]
      slots: {1: 50 %, 8: 40 %, 16: 10 %}
      run: {median: 2 h, mean: 5 h}
      limit: 4 day
    gang:
      title: Ninety-six at once
      pools: [h100, a100]
      slots: {96: 100 %}
      run: {median: 2 h, mean: 5 h}
      limit: 4 day
policy: {order: fcfs, backfill: easy, route: earliest}
seed: 1
"""


def said(capsys, *words):
    """Return what a command says on both streams."""
    code = entry([*map(str, words)])
    out, err = capsys.readouterr()
    assert code == 0, err
    return out, err


@pytest.fixture
def two_types(tmp_path):
    return write(tmp_path, "two.yaml", TWO_TYPES)


def test_compare_names_the_class_of_which_all_jobs_are_rejected(two_types, capsys):
    out, _ = said(capsys, "compare", two_types, "--policy", "fcfs", "--policy", "easy", "-r", 1)
    rows = {line.strip().split("  ")[0]: line.split()[-2:] for line in out.splitlines() if line.strip()}
    assert rows["classes with jobs that can never start"] == ["gang", "gang"]
    assert "cannot run here" in next(line for line in out.splitlines() if "h100: gang" in line)
    assert "those of 96 slots (h100 has 32 slots; a100 has 64 slots)" in out


def test_validate_and_the_result_say_which_class_how_many_and_why(two_types, capsys):
    _, warned = said(capsys, "validate", two_types)
    assert (
        "class gang: h100 has 32 slots; a100 has 64 slots: its jobs of 96 slots (100 %) are rejected"
        in warned
    )
    out, _ = said(capsys, "simulate", two_types, "--json")
    found = {
        one["labels"].get("job_class"): one["value"]
        for one in json.loads(out)["findings"]
        if one["metric"] == "jobs_never_start"
    }
    assert list(found) == ["gang"]
    assert found["gang"] > 100
    out, _ = said(capsys, "simulate", two_types)
    assert f"gang: {found['gang']:.0f} jobs can never start: those of 96 slots" in out


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("policy.user_limits.running_slots=12", "a user may run 12 slots at once"),
        ("policy.accounts={lab: {limits: {running_slots: 12}}}", "account lab may run 12 slots at once"),
        ("policy.qos={q: {limits: {running_slots: 12}}}", "QOS q may run 12 slots at once"),
        ("policy.qos={q: {user_limits: {running_slots: 12}}}", "a user of QOS q may run 12 slots at once"),
    ],
)
def test_a_job_larger_than_a_limit_is_said_to_wait_in_vain(two_types, rule, why):
    told = load_scenario(two_types, overrides=[rule]).warnings
    assert f"class train: {why}: its jobs of 16 slots (10 %) are never started" in told


def test_a_machine_that_comes_after_the_horizon_starts_nothing(two_types):
    deliveries = "site.deliveries={late: {date: 2024-06-01, share: 100 %}}"
    told = load_scenario(two_types, overrides=[deliveries]).warnings
    assert any(text.startswith("class train: h100 has 0 slots within the horizon") for text in told)


SLOTS = st.sampled_from([None, 1, 4, 8, 12, 16, 24])


@settings(max_examples=30, deadline=None)
@given(
    nodes=st.tuples(st.integers(1, 6), st.integers(1, 6)), counted=st.booleans(), user=SLOTS, lab=SLOTS,
    qos=SLOTS, share=st.sampled_from(["0 %", "25 %", "100 %"]), removed=st.integers(0, 2),
)  # fmt: skip
def test_a_job_alone_on_the_site_starts_unless_its_class_is_named(
    tmp_path_factory, nodes, counted, user, lab, qos, share, removed
):
    """One short job of each class, tenant and size has fifty days for itself: it starts, or is named."""
    limits = {"policy.user_limits": user, "policy.accounts.lab.limits": lab, "policy.qos.q.limits": qos}
    overrides = [f"site.pools.{pool}.nodes={n}" for pool, n in zip(("gpu", "hpc"), nodes, strict=True)]
    overrides += [f"site.pools.gpu.counted={str(counted).lower()}", "simulate.storage=false"]
    overrides += [f"site.deliveries={{all: {{date: 2021-01-25, share: {share}}}}}"]
    overrides += ["policy.accounts={lab: {}}", "policy.qos={q: {}}"]
    overrides += [f"{at}={{running_slots: {most}}}" for at, most in limits.items() if most]
    if removed and removed <= min(nodes):
        window = f"{{pool: hpc, nodes: {removed}, start: 2021-01-10}}"
        overrides += [f"site.maintenance={{gone: {window}}}"]
    scenario = load_scenario(write_small(tmp_path_factory.mktemp("s")), overrides=overrides).scenario
    drawn = building.generated
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(building, "generated", lambda *given: one_of_each(drawn(*given)))
        built = build(scenario, seed=1, replication=0)
    outcome = World(built.site).run().outcome
    never = never_starts(scenario, built.table)
    np.testing.assert_array_equal(outcome.start_s < 0, never)
    assert {one.job_class for one in scenario.never_start()} >= {
        built.table.frame["job_class"].iloc[row] for row in np.flatnonzero(outcome.start_s < 0)
    }


def one_of_each(table):
    """Return the first job of each class, tenant and size, submitted at the start, a minute long."""
    few = table.take(~table.frame.duplicated(["job_class", "tenant", "slots"]).to_numpy())
    zero, minute = np.zeros(len(few), np.int64), np.full(len(few), 60, np.int64)
    return replace(few, frame=few.frame.assign(submit_s=zero, run_s=minute, requested_s=minute))
