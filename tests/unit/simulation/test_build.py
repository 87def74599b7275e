"""From a scenario to a site to simulate: deliveries, run times on other hardware, the same luck."""

from datetime import date

import numpy as np
import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.build import build, pool_specs
from capacity.simulation.calendar import calendar_of
from tests.support.small_site import simulate_small, write_small

DAY = 86_400
V100 = ("site.pools.gpu.node=dgx-2", "site.pools.hpc.node=dgx-2")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_small(tmp_path_factory.mktemp("small"))


def built_of(path, *overrides, seed=7, replication=0):
    return build(load_scenario(path, overrides=overrides).scenario, seed=seed, replication=replication)


# --- Deliveries -----------------------------------------------------------------------------------


def test_what_came_before_the_start_is_in_service_and_what_comes_later_is_known(path):
    for spec in pool_specs(load_scenario(path).scenario):
        assert (spec.nodes, spec.deliveries) == (2, ((21 * DAY, 1), (71 * DAY, 1)))


def test_a_tier_begins_with_what_is_in_service_and_grows_by_steps(path):
    tiers = {tier.name: tier for tier in built_of(path).site.storage.tiers}
    terabyte = 10**12
    assert tiers["fast"].steps == ((0, 10 * terabyte), (21 * DAY, 15 * terabyte), (71 * DAY, 20 * terabyte))
    assert tiers["lake"].fill_limit_frac == 0.85


def test_a_delivery_on_the_first_day_is_there_from_the_start(path):
    scenario = load_scenario(path, overrides=["site.deliveries.early.date=2021-01-20"]).scenario
    assert [spec.nodes for spec in pool_specs(scenario)] == [2, 2]


def test_without_deliveries_everything_is_there(path):
    overrides = [f"site.deliveries.{name}=null" for name in ("before", "early", "within", "after")]
    scenario = load_scenario(path, overrides=overrides).scenario
    assert [(spec.nodes, spec.deliveries) for spec in pool_specs(scenario)] == [(4, ()), (4, ())]


def test_a_step_that_leaves_a_place_as_it_is_is_no_event(path):
    at = "site.deliveries.within"
    overrides = [f"{at}.pools={{hpc: 50 %}}", f"{at}.storage={{lake: 50 %}}"]
    built = built_of(path, *overrides)
    assert [len(spec.deliveries) for spec in built.site.batch.specs] == [2, 1]
    assert [len(tier.steps) for tier in built.site.storage.tiers] == [3, 2]


# --- Hardware -------------------------------------------------------------------------------------


def test_on_the_reference_nothing_changes(path):
    built = built_of(path)
    assert set(built.hardware.mean_factors().values()) == {1.0}


def reached(node, precision):
    return node.slot_peaks[precision] * node.achievable_fracs.get(precision, 1.0)


def test_other_hardware_stretches_run_times_by_the_factor_of_the_class(path):
    here, there = built_of(path), built_of(path, *V100)
    scenario = load_scenario(path, overrides=V100).scenario
    v100, a100 = scenario.site.pools["gpu"].node, scenario.workload.reference
    host = a100.host_speed / v100.host_speed
    expected = {
        "small": 0.5 * host + 0.5 * reached(a100, "tf32") / reached(v100, "fp32"),
        "large": 0.4 * host + 0.6 * reached(a100, "fp64_tensor") / reached(v100, "fp64"),
    }
    assert there.hardware.mean_factors() == pytest.approx(expected)
    assert all(factor > 1.2 for factor in expected.values())
    codes, names = there.table.labels("job_class")
    factor = np.array([expected[name] for name in names])[codes]
    run_s, asked_s = here.table.numbers("run_s"), here.table.numbers("requested_s")
    assert np.abs(there.table.numbers("run_s") - run_s * factor).max() <= 0.5 + 1e-6
    stretched = there.table.numbers("requested_s")
    assert (stretched % 60 == 0).all()
    assert (stretched - asked_s * factor > -1e-6).all()
    assert (stretched - asked_s * factor).max() <= 60 + 1e-6


@pytest.mark.parametrize("node", ["dgx-2", "hgx-h100", "xeon-6248-2s"])
def test_no_job_is_cut_by_other_hardware(path, node):
    """A request is stretched with its run time and rounded up, so that the same jobs are killed anywhere."""
    nodes = (f"site.pools.gpu.node={node}", f"site.pools.hpc.node={node}")
    here, there = built_of(path), built_of(path, *nodes)
    for built in (here, there):
        assert (built.table.numbers("run_s") <= built.table.numbers("requested_s")).all()
    assert here.table.labels("state")[0].tolist() == there.table.labels("state")[0].tolist()


def test_all_sites_see_the_same_submissions_sizes_and_people(path):
    here, there = built_of(path), built_of(path, *V100)
    same = ["job_id", "submit_s", "slots", "pool", "tenant", "user", "job_class", "state"]
    assert here.table.frame[same].equals(there.table.frame[same])
    assert not here.table.frame["run_s"].equals(there.table.frame["run_s"])


def test_what_jobs_write_does_not_depend_on_the_hardware(path):
    here, there = built_of(path).site.jobs, built_of(path, *V100).site.jobs
    for name in ("job_class", "tenant", "slots", "run_s", "completed"):
        assert np.array_equal(getattr(here, name), getattr(there, name))


def test_as_much_is_stored_on_slow_hardware_once_all_jobs_ended(tmp_path):
    """Demand ends weeks before the horizon, on machines with room: only the dates of the bytes differ."""
    members = "workload.tenants.{}.members.points={}".format
    overrides = [
        members("lab", "{2021-01-20: 12, 2021-01-25: 0}"),
        members("firm", "{2021-01-20: 10, 2021-01-25: 0}"),
        "workload.classes.large.slots={8: 60 %, 16: 40 %}",
        *(f"site.pools.{pool}.nodes=40" for pool in ("gpu", "hpc")),
        "site.storage.fast.capacity.usable=2 PB",
        "site.storage.lake.capacity.usable=2 PB",
    ]
    runs = [simulate_small(tmp_path, *overrides, *more) for more in ((), V100)]
    assert [(one.record.outcome.end_s >= 0).all() for one in runs] == [True, True]
    here, there = ({label: int(by_day.sum()) for label, by_day in one.record.growth.items()} for one in runs)
    assert len(here) == 7
    assert there == pytest.approx(here, abs=50)  # each flow of a day is rounded to whole bytes
    assert not np.array_equal(runs[0].record.outcome.end_s, runs[1].record.outcome.end_s)


# --- Luck -----------------------------------------------------------------------------------------


def test_seed_and_replication_decide_the_jobs(path):
    first, again, other_seed, other_run = (
        built_of(path, seed=seed, replication=replication).table.frame
        for seed, replication in ((7, 0), (7, 0), (8, 0), (7, 1))
    )
    assert first.equals(again)
    assert not first.equals(other_seed)
    assert not first.equals(other_run)


def test_the_site_does_not_decide_the_jobs_nor_the_policy(path):
    first = built_of(path)
    for override in ("policy.order=sjf", "site.pools.gpu.nodes=9", "site.pue=2"):
        assert built_of(path, override).table.frame.equals(first.table.frame)


def test_a_longer_horizon_leaves_the_first_jobs_as_they_are(path):
    short = load_scenario(path, until=date(2021, 2, 20)).scenario
    first, longer = build(short, seed=7, replication=0).table, built_of(path).table
    inside = longer.numbers("submit_s") < calendar_of(short).horizon_s
    for name in ("submit_s", "run_s", "requested_s", "slots"):
        assert np.array_equal(first.numbers(name), longer.numbers(name)[inside])
