"""Every slot-second delivered is used once: counted from the jobs, against the integrals of the pools."""

import numpy as np
import pytest

from capacity.facility.energy import busy_energy_j, site_power_w
from capacity.facility.money import electricity_cost
from capacity.measure.findings import labels
from capacity.measure.measure import job_outcomes, measure
from capacity.measure.use import USES, installed_slot_s, uses
from capacity.scheduling.pools.pool import PoolSpec
from capacity.simulation.calendar import calendar_of
from tests.support.small_site import simulate_small

FAILURES = "{per_1000_node_days: 400, repair: {median: 6 h, mean: 9 h}}"
OUTAGE = "site.outages={cooling: {per_year: 40, repair: 3 h}}"
SAVES = "{every: 30 min, size: 20 GB/slot, tier: fast, restart: 4 min}"
FAILING = [f"site.pools.{pool}.failures={FAILURES}" for pool in ("gpu", "hpc")]
SAVING = [f"workload.classes.{name}.checkpoint={SAVES}" for name in ("small", "large")]
CASES = {
    "plain": [],
    "failing": FAILING,
    "saving": SAVING,
    "both": [*FAILING, *SAVING, OUTAGE],
    "cut short": [*FAILING, *SAVING, "until=2021-02-11"],
    "under fair shares": [*FAILING, *SAVING, OUTAGE, "policy.order=multifactor"],
    "two pools": [
        *FAILING,
        *SAVING,
        "workload.classes.small.pool=null",
        "workload.classes.small.pools=[gpu, hpc]",
    ],
    "maintained": [
        *FAILING,
        "site.maintenance={day: {pool: hpc, start: 2021-02-01T08:00, duration: 12 h, drain: requeue}}",
    ],
}


@pytest.fixture(scope="module", params=CASES)
def one(request, tmp_path_factory):
    found = simulate_small(tmp_path_factory.mktemp("goodput"), *CASES[request.param])
    found.case = request.param
    found.jobs = job_outcomes(found.scenario, found.built, found.record)
    found.time = found.jobs.spent
    found.values = measure(
        found.scenario, job_outcomes(found.scenario, found.built, found.record), found.record
    )
    return found


def test_jobs_account_for_every_slot_second_held(one):
    """No remainder: what jobs did with their time is what pools were held, to the slot-second."""
    pool, held = one.record.outcome.pool, one.record.outcome.held_slots
    columns = [one.time.useful_s, one.time.checkpoint_s, one.time.lost_s, one.time.restart_s]
    assert all(int(column.min()) >= 0 for column in columns)
    slot_s = sum(columns) * held.astype(np.int64)
    states = one.record.readings[-1].pools
    busy = [states[spec.name].busy_slot_s for spec in one.built.site.batch.specs]
    if one.case == "two pools":  # a job that moved counts where it ran last
        assert int(slot_s.sum()) == sum(busy)
    else:
        assert [int(slot_s[pool == number].sum()) for number in range(len(busy))] == busy


def test_uses_add_up_to_what_was_installed(one):
    found = dict(uses(one.jobs, one.record))
    for spec in one.built.site.batch.specs:
        installed = installed_slot_s(spec, calendar_of(one.scenario).horizon_s)
        assert all(isinstance(amount, int) and amount >= 0 for amount in found[spec.name].values())
        assert sum(found[spec.name].values()) == installed > 0
        hours = [one.values["slot_hours", labels(pool=spec.name, use=use)] for use in USES]
        assert sum(hours) == pytest.approx(installed / 3600, rel=1e-12)


def test_failures_and_checkpoints_take_what_they_should(one):
    found = dict(uses(one.jobs, one.record))["hpc"]
    fails, saves = one.case not in {"plain", "saving"}, one.case not in {"plain", "failing", "maintained"}
    assert (found["lost"] > 0) == (found["down"] > 0) == fails
    assert (found["checkpoint"] > 0) == saves
    assert (found["restart"] > 0) == (saves and fails)


def test_energy_is_the_closed_form_of_what_was_held(one):
    """The mean load of a month, constant, takes the same energy."""
    site, horizon = one.scenario.site, calendar_of(one.scenario).horizon_s
    it_j = one.values["it_energy_j", labels(part="storage", month="all")]
    for name, pool in site.pools.items():
        state = one.record.readings[-1].pools[name]
        served_s, busy_s = state.capacity_slot_s / pool.node.slots, state.busy_slot_s / pool.node.slots
        idle_w, held_w = pool.node.power.idle, pool.node.power.held
        constant_w = idle_w + (held_w - idle_w) * busy_s / served_s
        found = one.values["it_energy_j", labels(pool=name, month="all")]
        assert found == pytest.approx(constant_w * served_s, rel=1e-12)
        it_j += found
    total = one.values["site_energy_j", labels(month="all")]
    assert total == pytest.approx(site_power_w(it_j, site.pue), rel=1e-12)
    assert one.values["mean_power_w", labels(month="all")] == pytest.approx(total / horizon)
    cost = electricity_cost(total, site.electricity_price.amount)
    assert one.values["electricity_cost", labels(month="all")] == pytest.approx(cost)


def test_months_of_energy_add_up(one):
    months = {dict(where)["month"] for metric, where in one.values if metric == "site_energy_j"} - {"all"}
    parts = sum(one.values["site_energy_j", labels(month=month)] for month in months)
    assert parts == pytest.approx(one.values["site_energy_j", labels(month="all")], rel=1e-12)


def test_installed_slot_seconds_follow_the_deliveries():
    spec = PoolSpec("gpu", 2, 8, deliveries=((10, 1), (25, 3)))
    assert [installed_slot_s(spec, until) for until in (0, 10, 20, 30)] == [
        0,
        8 * 2 * 10,
        8 * (2 * 20 + 10),
        8 * (2 * 30 + 20 + 3 * 5),
    ]


def test_a_node_out_of_service_draws_nothing_and_a_held_one_its_typical_power():
    assert busy_energy_j(100.0, 300.0, served_s=0.0, busy_s=0.0) == 0.0
    assert busy_energy_j(100.0, 300.0, served_s=50.0, busy_s=50.0) == 300.0 * 50.0


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    folder = tmp_path_factory.mktemp("delivered")
    found = simulate_small(
        folder, *FAILING, *SAVING, *(f"workload.classes.{c}.mfu=20 %" for c in ("small", "large"))
    )
    found.values = measure(
        found.scenario, job_outcomes(found.scenario, found.built, found.record), found.record
    )
    found.jobs = job_outcomes(found.scenario, found.built, found.record)
    found.time = found.jobs.spent
    return found


def test_only_useful_work_on_the_slots_asked_for_is_delivered(known):
    """On the reference itself every useful slot-second does mfu times its peak."""
    codes, names = known.built.table.labels("job_class")
    slots = known.built.table.numbers("slots").astype(np.int64)
    for name, pool, precision in (("small", "gpu", "tf32"), ("large", "hpc", "fp64_tensor")):
        mine = codes == names.index(name)
        slot_s = int(np.dot(known.time.useful_s[mine], slots[mine]))
        peak = known.scenario.site.pools[pool].node.slot_peaks[precision]
        where = labels(pool=pool, precision=precision, ran_at=precision)
        assert known.values["delivered_flop", where] == pytest.approx(0.2 * peak * slot_s, rel=1e-9)


def test_precisions_are_never_added(known):
    keys = [dict(where) for metric, where in known.values if metric == "delivered_flop"]
    assert [(k["pool"], k["precision"]) for k in keys] == [("gpu", "tf32"), ("hpc", "fp64_tensor")]
    assert all(k["ran_at"] for k in keys)
    for metric, where in known.values:
        if metric in {"delivered_flop", "peak_flop"}:
            assert "precision" in dict(where)


def test_nothing_is_delivered_beyond_the_peak(known):
    for (metric, where), amount in known.values.items():
        if metric == "delivered_flop":
            key = dict(where)
            peak = known.values["peak_flop", labels(pool=key["pool"], precision=key["ran_at"])]
            assert 0 < amount < 0.2 * peak
