"""What a class needs and does around its jobs: memory, data it reads, sessions, resubmission."""

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.measure.measure import job_outcomes, measure
from capacity.simulation.build import build
from capacity.simulation.policy import core_of
from capacity.simulation.world import World
from tests.support.plain_demand import MAIN, changed, write_plain
from workloads.synthetic.model import ResubmitNumbers, SessionNumbers

POOLS = f"{MAIN}  big: {{node: dgx-a100, nodes: 2}}\n"
FAILS = "    fates: {completed: {share: 70 %}, failed: {share: 30 %}}\n"


def with_class(*lines):
    return changed(
        ("    limit: 1 day\n", "".join(("    limit: 1 day\n", *(f"    {line}\n" for line in lines))))
    )


def problems(load, *args, **options):
    with pytest.raises(InputError) as caught:
        load(*args, **options)
    return str(caught.value)


def simulated(path, *overrides):
    scenario = load_scenario(path, overrides=overrides).scenario
    built = build(scenario, seed=scenario.seed, replication=0)
    record = World(built.site).run()
    return built, record.outcome, measure(scenario, job_outcomes(scenario, built, record), record)


def test_a_pool_with_too_little_memory_is_not_used(tmp_path):
    """A slot of main is a node with 512 GB, one of big an accelerator with 40 GB."""
    for need, expected in (("30 GB/slot", ("big", "main")), ("100 GB/slot", ("main",))):
        text = with_class("pools: [big, main]", f"memory: {need}")
        scenario = load_scenario(write_plain(tmp_path, text, pools=POOLS)).scenario
        assert scenario.pools_of(scenario.workload.classes["work"]) == expected
        assert set(build(scenario, seed=1, replication=0).table.frame["pool"]) == {expected[0]}


def test_jobs_run_only_where_the_memory_is_enough(tmp_path):
    text = with_class("pools: [big, main]", "memory: 100 GB/slot")
    built, outcome, _ = simulated(write_plain(tmp_path, text, pools=POOLS))
    assert len(built.table)
    assert set(outcome.pool) == {0}


@pytest.mark.parametrize("pool", ["pool: big", "pools: [big]"])
def test_memory_that_no_part_has_is_an_error(tmp_path, pool):
    path = write_plain(tmp_path, with_class(pool, "memory: 80 TB/slot"), pools=POOLS)
    message = problems(load_scenario, path)
    assert "plain.yaml:13:13" in message
    assert "no part has 8e+04 GB of memory for a slot" in message
    assert "the most in the catalogue is" in message


@pytest.mark.parametrize("pool", ["pool: big", "pools: [big]"])
def test_jobs_that_no_pool_here_can_run_are_rejected_and_said_so(tmp_path, pool):
    path = write_plain(tmp_path, with_class(pool, "memory: 80 GB/slot"), pools=POOLS)
    (warning,) = (one for one in load_scenario(path).scenario.warnings() if "rejected" in one)
    assert warning == (
        "class work: a slot of big has 40 GB of memory, and its jobs need 80 GB: its jobs are rejected"
    )
    built, outcome, _ = simulated(path)
    assert len(built.table)
    assert outcome.rejected.all()


def test_what_jobs_read_is_counted_when_they_start(tmp_path):
    text = with_class(
        "reads:",
        "  images: {tier: disk, per_job: 2 GB/job, per_slot: 1 GB/slot}",
        "  more: {tier: disk, per_job: 1 GB/job}",
    )
    built, outcome, values = simulated(write_plain(tmp_path, text))
    read = {
        dict(labels)["month"]: value
        for (name, labels), value in values.items()
        if name == "storage_read_bytes"
    }
    started = outcome.start_s >= 0
    expected = 1e9 * (3 + built.table.numbers("slots")[started]).sum()
    assert read["all"] == pytest.approx(expected)
    assert read["2021-02"] + read["2021-03"] == pytest.approx(read["all"])
    february = started & (outcome.start_s < 28 * 86_400)
    assert read["2021-02"] == pytest.approx(1e9 * (3 + built.table.numbers("slots")[february]).sum())


def test_attempts_after_the_first_read_again_unless_they_need_not(tmp_path):
    text = with_class(
        "reads:",
        "  images: {tier: disk, per_job: 2 GB/job}",
        "  cached: {tier: disk, per_job: 3 GB/job, again: false}",
    )
    fails = "site.pools.main.failures={per_1000_node_days: 200, repair: 1 h, source: a page, as_of: 2021}"
    _, outcome, values = simulated(write_plain(tmp_path, text), fails, "policy.requeue=true")
    started = outcome.start_s >= 0
    attempts = outcome.attempts[started]
    assert attempts.max() > 1
    (total,) = (
        value
        for (name, labels), value in values.items()
        if name == "storage_read_bytes" and dict(labels)["month"] == "all"
    )
    assert total == pytest.approx(1e9 * (2 * attempts + 3).sum())


def test_without_a_word_nothing_is_read(tmp_path):
    _, _, values = simulated(write_plain(tmp_path))
    assert not [name for name, _ in values if name == "storage_read_bytes"]


def test_sessions_and_resubmissions_become_those_of_the_model(tmp_path):
    write_plain(
        tmp_path,
        with_class(
            "sessions: {jobs: 4, think: 10 min}",
            "resubmit: {share: 60 %, after: 20 min, at_most: 2, linked: true}",
        ).replace("tenants:", f"{FAILS}tenants:"),
    )
    (work,) = load_part("workload", tmp_path / "plain.yaml").record.to_model().classes
    assert isinstance(work.sessions, SessionNumbers)
    assert isinstance(work.resubmit, ResubmitNumbers)
    assert dict(work.sessions) == {"jobs": 4.0, "think": 600.0, "linked": False}
    assert dict(work.resubmit) == {"share": 0.6, "after": 1200.0, "at_most": 2, "linked": True}
    assert work.link == "afterany"


@pytest.mark.parametrize("linked", [False, True])
def test_only_links_need_the_core_of_sites_and_hold_jobs_back(tmp_path, linked):
    """On few nodes jobs queue; a linked one starts when the one before has ended, not when it might have."""
    word = str(linked).lower()
    text = with_class(f"sessions: {{jobs: 5, think: 1 min, linked: {word}}}").replace(
        "members: 20", "members: 60"
    )
    path = write_plain(tmp_path, text.replace("slots: {1: 75 %, 8: 25 %}", "slots: {1: 100 %}"))
    nodes = "site.pools.main.nodes=8"
    scenario = load_scenario(path, overrides=[nodes]).scenario
    assert core_of(scenario) == ("site" if linked else "queue")
    built, outcome, _ = simulated(path, nodes)
    links = built.table.links("afterany_id")
    if not linked:
        assert (links < 0).all()
        return
    after = np.flatnonzero((links >= 0) & (outcome.start_s >= 0))
    before = links[after] - 1
    assert (outcome.end_s[before] >= 0).all()
    assert (outcome.start_s[after] >= outcome.end_s[before]).all()
    would_have = built.table.numbers("submit_s")[before] + built.table.numbers("run_s")[before]
    assert (outcome.end_s[before] > would_have).any()


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        ("memory: 30 GB", "12:13", "GB/slot"),
        ("memory: -3 GB/slot", "12:13", "negative"),
        ("reads: {x: {tier: disk, per_slot: 3 GB/slot/h}}", "12:39", "GB/slot"),
        ("reads: {x: {per_job: 3 GB/job}}", "12:13", "tier: missing"),
        ("sessions: {jobs: 0.5, think: 1 min}", "12:22", "too small"),
        ("sessions: {jobs: 5, think: -1 min}", "12:32", "negative"),
        ("sessions: {jobs: 5}", "12:5", "think: missing"),
        ("resubmit: {share: 60 %, after: 1 min}", "12:15", "no job of this class fails"),
        ("resubmit: {share: 160 %, after: 1 min}", "12:23", "too large"),
        ("resubmit: {share: 60 %, after: 1 min, at_most: 0}", "12:52", "too small"),
        ("resubmit: {share: 60 %, after: 1 min, at_most: 1000}", "12:52", "too large"),
        ("resubmit: {share: 60 %, after: 1 min, linked: maybe}", "12:51", "neither true nor false"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(tmp_path, line, where, what):
    write_plain(tmp_path, with_class(line))
    message = problems(load_part, "workload", tmp_path / "plain.yaml")
    assert f"plain.yaml:{where}" in message
    assert what in message


@pytest.mark.parametrize(
    "other", ["bursts: {jobs: 3, apart: 1 s}", "array: {tasks: 4}", "depends: {share: 10 %}"]
)
def test_sessions_say_alone_when_jobs_come(tmp_path, other):
    write_plain(tmp_path, with_class("sessions: {jobs: 4, think: 10 min}", other))
    message = problems(load_part, "workload", tmp_path / "plain.yaml")
    assert "plain.yaml:13:" in message
    assert f"sessions have no {other.split(':')[0]} beside them" in message


def test_a_tier_that_is_read_must_be_there(tmp_path):
    path = write_plain(tmp_path, with_class("reads: {x: {tier: dusk, per_job: 1 GB/job}}"))
    message = problems(load_scenario, path)
    assert "plain.yaml:12:23" in message
    assert "did you mean 'disk'" in message
