"""Metrics of one run against the run's own jobs, counted again the plain way."""

import math
from dataclasses import replace

import numpy as np
import pytest

from capacity.measure.findings import combine, labels
from capacity.measure.measure import job_outcomes, measure
from capacity.measure.metrics import METRICS, UNITS, units_in
from capacity.measure.schema import findings_schema
from capacity.measure.storage.beyond import beyond
from capacity.simulation.calendar import calendar_of
from capacity.simulation.storage.ahead import LookAhead
from tests.support.small_site import simulate_small

MONTHS = ["2021-01", "2021-02", "2021-03"]
TOTALS = ("jobs_submitted", "jobs_ended", "jobs_completed", "delivered_slot_hours")


def measured(folder, *overrides, ahead=None):
    one = simulate_small(folder, *overrides)
    outcomes = job_outcomes(one.scenario, one.built, one.record)
    one.values = measure(one.scenario, outcomes, one.record, with_savings=ahead is not None)
    if ahead is not None:
        one.values.update(beyond(one.scenario, one.built, one.record, ahead, seed=7, replication=0))
    jobs, outcome = one.built.site.batch.jobs, one.record.outcome
    one.rows = [
        (int(submit), int(start), int(end), int(slots), int(pool), bool(rejected))
        for submit, start, end, slots, pool, rejected in zip(
            jobs.submit_s,
            outcome.start_s,
            outcome.end_s,
            jobs.slots,
            outcome.pool,
            outcome.rejected,
            strict=True,
        )
    ]
    one.months = dict(calendar_of(one.scenario).months())
    return one


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("small"))


def value(one, metric, **where):
    return one.values[metric, labels(**where)]


# --- Names and places -----------------------------------------------------------------------------


def test_every_metric_is_defined_and_every_definition_used(one, tmp_path):
    failing = (
        "site.pools.gpu.failures={per_1000_node_days: 100, repair: 12 h}",
        "site.outages={cooling: {per_year: 9, repair: 3 h}}",
        "workload.classes.small.mfu=20 %",
        "workload.classes.large.bound={compute: 50 %, storage: 50 %}",
        "until=2021-02-01",
    )
    failed = measured(
        tmp_path, *failing, "site.storage.lake.purge={unread: 9 day}", ahead=LookAhead(days=365)
    )
    steady = measured(tmp_path, "regime=steady", "until=2021-02-01")
    found = {metric for values in (one.values, failed.values, steady.values) for metric, _ in values}
    assert found == set(METRICS)
    assert all(metric.unit and metric.definition for metric in METRICS.values())
    for ending, unit in {
        "_wait_s": "s",
        "_full_s": "s",
        "_bytes": "B",
        "_frac": "1",
    }.items():
        assert {UNITS[name] for name in UNITS if name.endswith(ending)} == {unit}


def test_the_table_says_for_which_labels_each_metric_is_measured(one, tmp_path):
    operated = measured(tmp_path, "policy.qos={high: {priority: 1}}", "until=2021-02-01")
    for metric, where in [*one.values, *operated.values]:
        names = " ".join(name for name, _ in where)
        kinds = {names, names.replace("month", "month=all") if ("month", "all") in where else names}
        kinds |= {kind.replace("length", "length=>=1h") for kind in kinds if ("length", ">=1h") in where}
        assert kinds & set(METRICS[metric].by), (metric, where)


def test_the_schema_of_findings_knows_every_metric_its_unit_and_its_labels(one):
    rows = findings_schema()["properties"]["findings"]["items"]["oneOf"]
    known = {row["properties"]["metric"]["const"]: row["properties"] for row in rows}
    for found in combine([one.values], units_in("KRW")):
        row = known[found.metric]
        assert row["unit"] == ({"pattern": "^[A-Z]{3}$"} if found.unit == "KRW" else {"const": found.unit})
        names = [name for name, _ in found.labels]
        if METRICS[found.metric].section == "waits":
            assert {*names} <= {*row["labels"]["propertyNames"]["enum"]}
        else:
            assert names in [kind["required"] for kind in row["labels"]["anyOf"]]


@pytest.mark.parametrize("pool", ["gpu", "hpc"])
@pytest.mark.parametrize(
    "metric",
    ["utilization", "p50_wait_s", "p95_wait_s", "queue_length", "jobs_completed", "delivered_slot_hours"],
)
def test_what_the_interface_promises_is_there_for_every_pool_and_month(one, metric, pool):
    for month in (*MONTHS, "all"):
        assert math.isfinite(value(one, metric, pool=pool, month=month))


@pytest.mark.parametrize("tier", ["fast", "lake"])
@pytest.mark.parametrize("metric", ["storage_used_bytes", "storage_capacity_bytes"])
def test_what_the_interface_promises_is_there_for_every_tier_and_month(one, metric, tier):
    for month in (*MONTHS, "all"):
        assert math.isfinite(value(one, metric, tier=tier, month=month))


# --- Against the jobs -----------------------------------------------------------------------------


@pytest.mark.parametrize("pool", ["gpu", "hpc"])
def test_months_add_up_to_the_horizon(one, pool):
    for metric in TOTALS:
        parts = math.fsum(value(one, metric, pool=pool, month=month) for month in MONTHS)
        assert parts == pytest.approx(value(one, metric, pool=pool, month="all"), rel=1e-12)


@pytest.mark.parametrize(("number", "pool"), [(0, "gpu"), (1, "hpc")])
def test_every_submitted_job_ended_is_unfinished_or_was_rejected(one, number, pool):
    parts = ("jobs_ended", "jobs_unfinished", "jobs_rejected")
    total = value(one, "jobs_submitted", pool=pool, month="all")
    assert total == sum(value(one, part, pool=pool, month="all") for part in parts)
    assert total == sum(row[4] == number for row in one.rows)


@pytest.mark.parametrize(("number", "pool"), [(0, "gpu"), (1, "hpc")])
def test_waits_are_those_of_the_jobs_submitted_in_the_month(one, number, pool):
    """Jobs that still wait at the end count with their wait so far; rejected ones do not wait."""
    end_s = calendar_of(one.scenario).horizon_s
    still_waiting = 0
    for month, (first, last) in {**one.months, "all": (0, end_s)}.items():
        waits = []
        for submit, start, _, _, of_pool, rejected in one.rows:
            if of_pool == number and first <= submit < last and not rejected:
                still_waiting += start < 0
                waits.append((start if start >= 0 else end_s) - submit)
        waits.sort()
        for metric, part in (("p50_wait_s", 0.5), ("p95_wait_s", 0.95)):
            expected = waits[math.ceil(part * len(waits)) - 1]
            assert value(one, metric, pool=pool, month=month) == expected
    assert number == 0 or still_waiting > 100


def test_the_wait_of_one_node_is_that_of_jobs_of_its_size(one):
    waits = sorted(
        (start if start >= 0 else calendar_of(one.scenario).horizon_s) - submit
        for submit, start, _, slots, pool, rejected in one.rows
        if pool == 1 and slots == 8 and not rejected
    )
    expected = waits[math.ceil(0.95 * len(waits)) - 1]
    assert value(one, "p95_wait_s", pool="hpc", month="all", slots="8") == expected


@pytest.mark.parametrize(("number", "pool"), [(0, "gpu"), (1, "hpc")])
def test_jobs_count_in_the_month_in_which_they_end(one, number, pool):
    for month, (first, last) in one.months.items():
        ended = sum(first < end <= last for _, _, end, _, of_pool, _ in one.rows if of_pool == number)
        assert value(one, "jobs_ended", pool=pool, month=month) == ended


def test_a_job_that_ends_at_midnight_counts_in_the_old_month(tmp_path):
    one = simulate_small(tmp_path)
    outcome = one.record.outcome
    edge = calendar_of(one.scenario).months()["2021-01"][1]
    ends = {}
    for shift in (0, 1):
        row = int(np.flatnonzero((outcome.end_s > edge + 5) & (one.built.site.batch.jobs.pool == 0))[0])
        moved = outcome.end_s.copy()
        moved[row] = edge + shift
        changed = replace(outcome, end_s=moved)
        record = type(one.record)(changed, one.record.readings, one.record.events, one.record.growth)
        values = measure(one.scenario, job_outcomes(one.scenario, one.built, record), record)
        ends[shift] = values["jobs_ended", labels(pool="gpu", month="2021-01")]
    assert ends[0] == ends[1] + 1


def test_work_on_the_reference_is_what_the_jobs_held(one):
    """On the reference hardware itself it is the slot-hours of the jobs that ended."""
    held = one.record.outcome.held_slots
    for number, pool in enumerate(("gpu", "hpc")):
        slot_s = sum(
            (end - start) * int(held[row])
            for row, (_, start, end, _, of_pool, _) in enumerate(one.rows)
            if of_pool == number and end >= 0
        )
        found = value(one, "work_reference_slot_hours", pool=pool, month="all")
        assert found == pytest.approx(slot_s / 3600, rel=1e-12)


# --- Capacity and peak ----------------------------------------------------------------------------


def test_capacity_follows_the_deliveries(one):
    for pool in ("gpu", "hpc"):
        slots = [value(one, "capacity_slots", pool=pool, month=month) for month in (*MONTHS, "all")]
        assert slots == [16, 24, 24, 24]
        peak = value(one, "peak_flops", pool=pool, month="2021-02", precision="fp64_tensor")
        assert peak == pytest.approx(24 * 19.5e12)
    lake = [value(one, "storage_capacity_bytes", tier="lake", month=month) for month in MONTHS]
    assert lake == [80e12, 120e12, 120e12]


def test_before_anything_is_in_service_nothing_is_measured(tmp_path):
    late = [f"site.deliveries.{name}=null" for name in ("before", "early", "within")]
    one = measured(tmp_path, *late, "until=2021-02-01")
    for month in ("2021-01", "all"):
        assert value(one, "capacity_slots", pool="gpu", month=month) == 0
        assert math.isnan(value(one, "utilization", pool="gpu", month=month))
        assert math.isnan(value(one, "storage_used_frac", tier="lake", month=month))
        assert value(one, "delivered_slot_hours", pool="gpu", month=month) == 0
        assert value(one, "p50_wait_s", pool="gpu", month=month) > 0, "jobs wait"
    assert value(one, "storage_refused_bytes", tier="lake", month="all") == pytest.approx(
        5e12 + 13e12, rel=1e-6
    )
    assert math.isnan(value(one, "storage_full_s", tier="lake")), "a tier that is not there is not full"


def test_a_month_without_jobs_has_no_waits(tmp_path):
    one = measured(
        tmp_path, *(f"workload.tenants.{t}.members.points={{2021-02-10: 5}}" for t in ("lab", "firm"))
    )
    assert math.isnan(value(one, "p95_wait_s", pool="gpu", month="2021-01"))
    assert value(one, "jobs_submitted", pool="gpu", month="2021-01") == 0
    assert value(one, "utilization", pool="gpu", month="2021-01") == 0
    assert value(one, "p95_wait_s", pool="gpu", month="2021-02") >= 0


# --- Storage --------------------------------------------------------------------------------------


def test_a_full_tier_is_dated_and_what_it_refuses_counted(tmp_path):
    one = measured(tmp_path, "site.storage.lake.capacity.usable=40 TB")
    full = [event for event in one.record.events if (event.kind, event.place) == ("tier_full", "lake")]
    assert value(one, "storage_full_s", tier="lake") == full[0].time_s > 0
    used = value(one, "storage_used_bytes", tier="lake", month="all")
    assert used <= value(one, "storage_limit_bytes", tier="lake", month="all") == 0.85 * 30e12
    parts = [value(one, "storage_refused_bytes", tier="lake", month=month) for month in MONTHS]
    total = value(one, "storage_refused_bytes", tier="lake", month="all")
    assert total == sum(parts) == one.record.readings[-1].tiers["lake"].refused_bytes > 0


def test_growth_by_source_is_what_was_stored(one):
    for tier in ("fast", "lake"):
        found = [
            amount
            for (metric, where), amount in one.values.items()
            if metric == "storage_growth_bytes" and dict(where)["tier"] == tier
        ]
        last = one.record.readings[-1].tiers[tier]
        assert sum(found) == last.arrived_bytes - last.refused_bytes
    camera = value(one, "storage_growth_bytes", tier="lake", tenant="lab", source="camera")
    assert camera == pytest.approx(5e12 + 50e12, rel=1e-9)


@pytest.mark.parametrize("users", [1, 127, 128, 129, 400])
def test_jobs_are_split_by_any_number_of_names_each_in_order_of_submission(one, monkeypatch, users):
    names = [str(number) for number in range(users)]
    jobs = job_outcomes(one.scenario, one.built, one.record)
    code = np.random.default_rng(users).integers(0, users, len(jobs.submit_s)).astype(np.int16)
    monkeypatch.setattr(type(jobs), "codes", lambda _jobs, _label: (code, names))
    among = code != users - 2
    found = jobs.split((f"{users} users",), among)
    assert [values for values, _ in found] == [(name,) for name in names]
    for number, (_, rows) in enumerate(found):
        assert rows.tolist() == np.flatnonzero(among & (code == number)).tolist()
