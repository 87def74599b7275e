"""What was right when the tool was tried, and stays so: priorities, outages and deliveries in closed form."""

import pytest

import capacity
from capacity.measure.findings import Lookup
from tests.support.erlang_site import write_erlang

HIGH = "{title: High, members: 100, jobs_per_member: 0.048 job/user/day, works_on: {high: 100 %}, unequal: 0}"
CLASS = (
    "{title: T, pool: gpu, slots: {1: 100 %}, run: {mean: 2 h, cv: 1}, limit: 10 day, "
    "requested: {longest: 0 %, too_short: 0 %}, rhythm: 0 %, qos: QOS}"
)


def look(path, *overrides, until="2024-03-31", **options):
    return Lookup(capacity.simulate(path, set=overrides, until=until, **options).result.findings)


@pytest.fixture(scope="module")
def erlang(tmp_path_factory):
    return write_erlang(tmp_path_factory.mktemp("erlang"))


def test_two_priorities_wait_as_cobham_says(erlang):
    """M/M/1 with 0.4 erlang each: 1.6 h of work left on average, over 1 - 0.4, and over 0.6 times 0.2."""
    sets = [
        "site.pools.gpu.nodes=1",
        f"workload.classes={{high: {CLASS.replace('QOS', 'hi')}, low: {CLASS.replace('QOS', 'lo')}}}",
        f"workload.tenants={{a: {HIGH}, b: {HIGH.replace('high', 'low').replace('High', 'Low')}}}",
        "policy={order: multifactor, backfill: none, multifactor: {age: 0, size: 0, fair_share: 0, pool: 0, "
        "qos: 1000}, qos: {hi: {priority: 100 %}, lo: {priority: 0 %}}}",
    ]
    found = look(erlang, *sets, until="2033-12-31", require=["mean_wait_s[qos=*] >= 0 s"])
    assert found.value("mean_wait_s", month="all", qos="hi") == pytest.approx(1.6 / 0.6 * 3600, rel=0.06)
    assert found.value("mean_wait_s", month="all", qos="lo") == pytest.approx(1.6 / 0.12 * 3600, rel=0.15)


def test_a_month_of_a_delivery_counts_what_was_in_service(erlang):
    """Five of ten slots from the 11th of January, all from the 16th of February on."""
    step = "source: assumption, as_of: 2024, why: Test."
    sets = [
        f"site.deliveries={{one: {{title: One, date: 2024-01-11, share: 50 %, {step}}}, "
        f"two: {{title: Two, date: 2024-02-16, share: 100 %, {step}}}}}"
    ]
    found = look(erlang, *sets)
    installed = sum(one.value for one in found.of("slot_hours"))
    assert installed == pytest.approx(24 * (5 * 36 + 10 * 45), rel=1e-12)
    used = found.value("delivered_slot_hours", pool="gpu", month="2024-01")
    assert found.value("utilization", pool="gpu", month="2024-01") == pytest.approx(used / (24 * 5 * 21))


def test_outages_take_what_their_rate_and_repair_say(erlang):
    """Twelve a year of six hours each, one after another: 1 of 122.75 parts of the time."""
    sets = [
        "site.outages={fs: {title: FS, per_year: 12, repair: 6 h, source: assumption, as_of: 2024, why: T.}}"
    ]
    found = look(erlang, *sets, until="2033-12-31")
    down = 12 * 6 / (365.25 * 24)
    assert 1 - found.value("available_frac", pool="gpu", month="all") == pytest.approx(
        down / (1 + down), rel=0.25
    )
