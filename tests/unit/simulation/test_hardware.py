"""Hardware of a site beside its reference: bounds of MFU, work in FLOP, rates of nodes and shared storage."""

import numpy as np
import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.report.terminal.site import site_facts
from capacity.simulation.build import build
from capacity.simulation.hardware import Hardware, slot_rates
from tests.spec_files import write
from tests.support.plain_demand import changed, write_plain

REFERENCE = ("kind: workload", "kind: workload\nreference: dgx-a100")
SLOTS = "    slots: {1: 50 %, 4: 30 %, 16: 20 %}\n"
PEAK = 312e12
POOLS = {"a100": "dgx-a100", "h100": "hgx-h100", "v100": "dgx-2", "cpu": "epyc-7742-2s"}


def scenario_of(folder, *lines, overrides=()):
    """Return a scenario with a class of these lines, that may run on an A100, H100, V100 and CPU pool."""
    text = changed(
        REFERENCE,
        ("    slots: {1: 75 %, 8: 25 %}\n", SLOTS),
        ("    limit: 1 day\n", "".join((f"    pools: [{', '.join(POOLS)}]\n    limit: 30 day\n", *lines))),
    )
    pools = "".join(f"  {name}: {{node: {node}, nodes: 8}}\n" for name, node in POOLS.items())
    return load_scenario(write_plain(folder, text, pools=pools), overrides=overrides).scenario


def lines(**fields):
    return [f"    {key}: {value}\n" for key, value in fields.items()]


BOUND = {"precision": "bf16", "bound": "{compute: 60 %, memory: 40 %}"}


def peak(scenario, pool, precision):
    return scenario.site.pools[pool].node.slot_peaks[precision]


def test_each_pool_has_the_rates_of_its_node(tmp_path):
    site = scenario_of(tmp_path).site
    node = site.pools["h100"].node
    rates = slot_rates(node, storage=1e9)
    assert rates.slots_per_node == 8
    assert rates.peaks["bf16"] == 989.4e12
    assert rates.memory == node.accelerator.memory_bandwidth
    whole = slot_rates(site.pools["cpu"].node)
    assert (whole.slots_per_node, whole.link, whole.storage) == (1, None, None)


def test_without_a_precision_or_the_switch_hardware_changes_nothing(tmp_path):
    plain = Hardware(scenario_of(tmp_path))
    assert set(plain.factor("work", "h100", [1, 16])) == {1.0}
    off = scenario_of(tmp_path, *lines(**BOUND), overrides=["simulate.hardware=false"])
    assert set(Hardware(off).factor("work", "h100", [1, 16])) == {1.0}
    on = Hardware(scenario_of(tmp_path, *lines(**BOUND)))
    assert (on.factor("work", "h100", [1, 16]) < 0.7).all()
    assert on.factor("work", "a100", [1, 16]) == pytest.approx([1, 1])


def test_the_mean_factor_is_that_of_the_jobs(tmp_path):
    hardware = Hardware(scenario_of(tmp_path, *lines(**BOUND, scaling="{serial: 5 %}")))
    by_size = hardware.factor("work", "h100", [1, 4, 16])
    assert hardware.mean_factor("work", "h100") == pytest.approx(by_size @ [0.5, 0.3, 0.2])
    assert hardware.factors()["work"] == pytest.approx({1: 1, 4: 1, 16: 1})  # a100 is the preferred pool
    assert len(set(by_size)) == 3  # the serial part follows the host, and weighs more on many slots


def test_no_hardware_reaches_more_of_its_peak_than_the_class_allows(tmp_path):
    """FLOP per second over the peak of the pool is the bound, where the rates alone would give more."""
    given = {**BOUND, "mfu": "40 %", "bound": "{memory: 100 %}"}
    free = Hardware(scenario_of(tmp_path, *lines(**given)))
    bound = Hardware(scenario_of(tmp_path, *lines(**given, mfu_at_most="42 %")))
    for pool, used in (("a100", "bf16"), ("h100", "bf16"), ("v100", "fp16"), ("cpu", "fp32")):
        here = peak(bound.scenario, pool, used)
        assert bound.precision_used("work", pool) == used
        rates = [one.flop_per_slot_s("work", pool, [4])[0] for one in (free, bound)]
        assert rates[1] == pytest.approx(min(rates[0], 0.42 * here))
        assert bound.factor("work", pool, [4])[0] >= 0.4 * PEAK / (here * 0.42) * (1 - 1e-12)
    assert rates[1] < rates[0]  # a node of processors would have to exceed its peak


def test_operations_are_the_same_wherever_a_job_runs(tmp_path):
    """FLOP per second and slot times the run time is what the job needs, on every pool and for all sizes."""
    given = lines(**BOUND, mfu="30 %", scaling="{serial: 1 %, communication: 3 %, at: 4}")
    hardware = Hardware(scenario_of(tmp_path, *given))
    sizes = np.array([1, 4, 16])
    needs = hardware.flop_per_slot_s("work", "a100", sizes)
    assert needs[1] == pytest.approx(0.3 * PEAK)
    for pool in POOLS:
        there = hardware.flop_per_slot_s("work", pool, sizes) * hardware.factor("work", pool, sizes)
        assert there == pytest.approx(needs)
    # the same problem on any number of slots: run time goes with tau, operations stay
    tau = 0.01 + 0.99 / sizes + 0.03 * (1 - 1 / sizes)
    assert needs * sizes * tau == pytest.approx([needs[0]] * 3)


def test_without_mfu_nobody_knows_the_operations(tmp_path):
    hardware = Hardware(scenario_of(tmp_path, *lines(**BOUND)))
    assert np.isnan(hardware.flop_per_slot_s("work", "h100", [1, 4])).all()


# --- Work instead of run times ---------------------------------------------------------------------


def work_of(folder, work, *, run="null", **fields):
    text = lines(**BOUND, mfu="25 %", **fields)
    return scenario_of(folder, *text, overrides=[f"workload.classes.work.{word}" for word in (
        f"run={run}", f"work={work}")])  # fmt: skip


def runs(scenario):
    table = build(scenario, seed=3, replication=0).table
    return table.numbers("run_s"), table.numbers("slots")


def test_work_is_the_run_time_that_does_it(tmp_path):
    """W = n · P · mfu · T: 25 % of 312 TFLOPS for 1000 s on one slot are 78 PFLOP_bf16."""
    stated = work_of(tmp_path, "{always: 78 PFLOP_bf16}")
    run_s, slots = runs(stated)
    assert len(run_s) > 500
    full = stated.workload.classes["work"].limit
    assert full > 1000
    completed = run_s > 0
    assert np.unique(run_s[completed & (slots == 1)]).max() == 1000
    assert np.unique(run_s[slots == 4]).max() == 250
    assert np.unique(run_s[slots == 16]).max() == 62


def test_work_and_run_time_are_two_ways_to_say_one_thing(tmp_path):
    """On one size of job, the same jobs come out, to the second."""
    one = ["workload.classes.work.slots={4: 100 %}"]
    flop = "workload.classes.work.work={median: 93.6 PFLOP, mean: 312 PFLOP}"
    work = ["workload.classes.work.run=null", flop]
    run = ["workload.classes.work.run={median: 300 s, mean: 1000 s}"]
    drawn = []
    for overrides in (work, run):
        scenario = scenario_of(tmp_path, *lines(**BOUND, mfu="25 %"), overrides=[*one, *overrides])
        drawn.append(build(scenario, seed=3, replication=0).table)
    for column in ("submit_s", "slots"):
        assert np.array_equal(*(table.numbers(column) for table in drawn))
    for column in ("run_s", "requested_s"):
        same = np.isclose(*(table.numbers(column) for table in drawn), rtol=1e-6, atol=1)
        assert same.mean() > 0.999


def test_scaling_stretches_work_by_its_slots(tmp_path):
    scenario = work_of(tmp_path, "{always: 780 PFLOP}", scaling="{serial: 2 %, communication: 8 %, at: 4}")
    run_s, slots = runs(scenario)
    sizes = np.array([1, 4, 16])
    tau = 0.02 + 0.98 / sizes + 0.08 * (1 - 1 / sizes)
    expected = 10_000 * tau / (tau[1] * 4)
    assert [run_s[slots == n].max() for n in sizes] == pytest.approx(expected, abs=0.51)


def test_work_is_drawn_for_series_too(tmp_path):
    series = "{jobs: {0 %: 1, 50 %: 2, 100 %: 9}, apart: {always: 1 min}, spread: 1.2}"
    scenario = work_of(tmp_path, "{median: 78 PFLOP, spread: 2}", series=series)
    run_s, slots = runs(scenario)
    by_size = [np.median(run_s[slots == n]) for n in (1, 16)]
    assert by_size[0] / by_size[1] == pytest.approx(16, rel=0.5)


# --- Shared storage ---------------------------------------------------------------------------------


def test_reading_from_shared_storage_follows_what_is_left_for_a_slot(tmp_path):
    given = lines(precision="bf16", bound="{storage: 100 %}")
    none = scenario_of(tmp_path, *given)
    assert none.site.storage
    assert Hardware(none).factor("work", "h100", [1])[0] == 1.0  # nothing to compare it with
    rate = max(t.usable_bytes * t.product.read_bandwidth for t in none.site.storage.values())
    share = rate / none.site.slots
    some = scenario_of(tmp_path, *given, overrides=["workload.reference_storage=1 MB/s/slot"])
    assert Hardware(some).factor("work", "h100", [1])[0] == pytest.approx(1e6 / share)
    node = "site.pools.h100.node.network_bandwidth"
    thin = scenario_of(
        tmp_path, *given, overrides=["workload.reference_storage=1 MB/s/slot", f"{node}=8 kB/s"]
    )
    assert Hardware(thin).factor("work", "h100", [1])[0] == pytest.approx(1000)


NARROW = """
kind: accelerator
title: Half precision only
source: a page
as_of: 2021
launched: 2020-01-01
available_from: 2020-06-01
peak: {fp16: 100 TFLOPS}
memory: 40 GB
memory_bandwidth: 1 TB/s
power: {idle: 80 W, max: 400 W}
"""


def test_a_class_runs_only_where_its_precision_or_a_stand_in_is(tmp_path):
    write(tmp_path, "narrow.yaml", NARROW)
    narrow = "site.pools.{}.node={{extends: dgx-a100, accelerator: " + str(tmp_path / "narrow.yaml") + "}}"
    given = lines(precision="fp64_tensor", bound="{compute: 100 %}")
    scenario = scenario_of(tmp_path, *given, overrides=[narrow.format("a100")])
    assert scenario.pools_of(scenario.workload.classes["work"]) == ("h100", "v100", "cpu")
    hardware = Hardware(scenario)
    assert [hardware.precision_used("work", pool) for pool in ("h100", "v100")] == ["fp64_tensor", "fp64"]
    assert scenario.unservable() == {}
    alone = [narrow.format("a100"), "workload.classes.work.pools=[a100]"]
    scenario = scenario_of(tmp_path, *given, overrides=alone)
    (why,) = scenario.unservable().values()
    assert why == "a100 computes neither at fp64_tensor nor at what may stand in for it"
    built = build(scenario, seed=3, replication=0)
    assert built.site.batch.jobs.unservable.all()
    assert f"class work: {why}: its jobs are rejected" in scenario.warnings()


def test_show_prints_what_a_slot_gets(tmp_path):
    given = site_facts(scenario_of(tmp_path).site)
    rates = {row["place"]: row for row in given["slot_rates"]}
    assert rates["a100"]["memory_bytes_per_s"] == 1.555e12
    assert rates["cpu"]["link_bytes_per_s"] is None
    assert rates["h100"]["storage_bytes_per_s"] == rates["v100"]["storage_bytes_per_s"] > 0
    parts = {row["place"]: row for row in given["parts"]}
    assert all(parts[pool]["power_held_w"] <= parts[pool]["power_max_w"] for pool in POOLS)
