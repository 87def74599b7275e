"""What reports say of findings: months, sentences, fill dates. Made of hand-written findings."""

import math
from dataclasses import replace

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import Finding, Lookup, labels
from capacity.measure.metrics import UNITS
from capacity.report.language import Language
from capacity.report.terminal.months import monthly, without_idle_start
from capacity.report.terminal.simulation import summary
from capacity.report.terminal.storage import fill_date, fill_row
from capacity.report.words import count, percent, short_duration, size, spells
from capacity.statistics.bounds import AtLeast
from tests.support.small_site import write_small
from tests.support.told import told

NAN = math.nan
DAY = 86_400
MONTHS = ("2021-01", "2021-02", "2021-03")
TB = 1e12
SAY = Language("en")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return load_scenario(write_small(tmp_path_factory.mktemp("small"))).scenario


def finding(metric, value, *, half=NAN, n=1, **where):
    return Finding(metric, labels(**where), value, value - half, value + half, UNITS[metric], n)


def of_pool(
    pool, *, used=(NAN,) * 3, p95=(0,) * 3, p50=(0,) * 3, queue=(0,) * 3, peak=(1e15,) * 3, half=NAN, n=1
):
    found = []
    for month, *values in zip(MONTHS, used, p50, p95, queue, strict=True):
        for metric, value in zip(
            ("utilization", "p50_wait_s", "p95_wait_s", "queue_length"), values, strict=True
        ):
            found.append(finding(metric, value, half=half, n=n, pool=pool, month=month))
        found.append(finding("p95_wait_by_work_s", values[2], pool=pool, month=month))
    found += [
        finding("peak_flops", value, pool=pool, month=month, precision="fp64_tensor")
        for month, value in zip(MONTHS, peak, strict=True)
    ]
    counts = {
        "jobs_submitted": 880,
        "jobs_ended": 869,
        "jobs_completed": 800,
        "jobs_timeout": 30,
        "jobs_rejected": 2,
        "jobs_unfinished": 9,
    }
    return found + [finding(metric, value, pool=pool, month="all") for metric, value in counts.items()]


def of_tier(tier, *, used=10 * TB, usable=20 * TB, limit=17 * TB, refused=0.0, full=NAN):
    found = []
    for month in (*MONTHS, "all"):
        for metric, value in (
            ("storage_used_bytes", used),
            ("storage_capacity_bytes", usable),
            ("storage_limit_bytes", limit),
            ("storage_refused_bytes", refused),
        ):
            found.append(finding(metric, value, tier=tier, month=month))
    return [
        *found,
        finding("storage_full_s", full, tier=tier),
    ]


def said(scenario, *parts):
    found = [f for part in parts for f in part]
    months = monthly(Lookup(found), ["gpu"], ["lake"], "fp64_tensor")
    return " ".join(summary(told(scenario, found), months, SAY))


# --- Months ---------------------------------------------------------------------------------------


def test_rows_are_in_order_and_hold_each_pool_and_the_sum_of_the_tiers():
    found = [
        *of_pool("gpu", used=(0.5, 0.6, 0.7), queue=(1, 2, 3)),
        *of_pool("hpc"),
        *of_tier("a"),
        *of_tier("b"),
    ]
    months = monthly(Lookup(found), ["gpu", "hpc"], ["a", "b"], "fp64_tensor")
    assert [row["month"] for row in months.rows] == list(MONTHS)
    assert [row["utilization.gpu"] for row in months.rows] == [0.5, 0.6, 0.7]
    assert [row["queue_length.gpu"] for row in months.rows] == [1, 2, 3]
    assert {row["utilization.hpc"] for row in months.rows} == {None}
    assert {row["peak_flops"] for row in months.rows} == {2e15}
    assert {row["storage_used_bytes"] for row in months.rows} == {20 * TB}
    assert {row["storage_capacity_bytes"] for row in months.rows} == {40 * TB}


def test_months_before_anything_is_in_service_are_joined():
    rows = monthly(Lookup(of_pool("gpu", peak=(0, 0, 1e15))), ["gpu"], [], "fp64_tensor").rows
    joined = without_idle_start(rows, SAY)
    assert [row["month"] for row in joined] == ["2021-01 to 2021-02", "2021-03"]
    assert joined[0]["queue_length.gpu"] is None


@pytest.mark.parametrize("peak", [(1, 1, 1), (0, 1, 1), (0, 0, 0)])
def test_other_months_stay_as_they_are(peak):
    rows = monthly(Lookup(of_pool("gpu", peak=peak)), ["gpu"], [], "fp64_tensor").rows
    assert without_idle_start(rows, SAY) == list(rows)


# --- Sentences ------------------------------------------------------------------------------------


def test_a_pool_is_saturated_when_it_is_used_and_people_wait(scenario):
    text = said(
        scenario, of_pool("gpu", used=(0.9, 0.95, 0.95), p95=(DAY - 1, DAY, 3 * DAY)), of_tier("lake")
    )
    assert "a twentieth of the work, in slot-hours, waits a day or more) in 2021-02 to 2021-03." in text


@pytest.mark.parametrize(("used", "p95"), [((0.84, 0.5, 0.1), (9 * DAY,) * 3), ((0.99,) * 3, (DAY - 1,) * 3)])
def test_neither_use_nor_waits_alone_are_saturation(scenario, used, p95):
    assert "in no month" in said(scenario, of_pool("gpu", used=used, p95=p95), of_tier("lake"))


def test_a_pool_that_idles_is_named(scenario):
    text = said(scenario, of_pool("gpu", used=(0.2, 0.6, 0.3)), of_tier("lake"))
    assert "gpu: less than half used in 2021-01 and 2021-03." in text


def test_a_pool_that_never_came_is_named(scenario):
    assert "gpu: nothing in service within the horizon." in said(scenario, of_pool("gpu"), of_tier("lake"))


def test_the_last_month_is_told_in_numbers(scenario):
    parts = of_pool("gpu", used=(0.5,) * 3, p50=(0, 0, 90), p95=(0, 0, 7200), queue=(0, 0, 12.3))
    text = said(scenario, parts, of_tier("lake"))
    assert (
        "gpu, 2021-03: 50 % used, 12 jobs waiting on average, wait of all jobs, short trials included, "
        "1 min 30 s at the median and 2 h at" in text
    )


def test_jobs_are_counted(scenario):
    text = said(scenario, of_pool("gpu", used=(0.5,) * 3), of_tier("lake"))
    assert (
        "880 submitted: 800 completed, 39 failed by themselves or were cancelled while they ran, 30 killed"
        in text
    )
    assert "2 rejected at submission or at their deadline and 9 still waiting or running at the end" in text


def node_waits(late_by_month, *, of=finding, **size):
    return [
        of(metric, part * late, pool="gpu", month=month, **size)
        for month, late in zip((*MONTHS, "all"), late_by_month, strict=True)
        for metric, part in (("p50_wait_s", 0.5), ("p95_wait_s", 1.0))
    ]


def test_a_job_of_one_node_is_told_by_its_worst_month_and_without_trials(scenario):
    long = node_waits((3600, 9 * DAY, 60, 2 * DAY), slots="8", length=">=1h")
    every = node_waits((0, 0, 0, 600), slots="8")
    text = said(scenario, of_pool("gpu", used=(0.5,) * 3), long, every, of_tier("lake"))
    assert (
        "gpu: a job of 8 slots that runs an hour or more waits longest when submitted in 2021-02: 4.5 d "
        "at the median and 9.0 d at the 95th percentile; in 2021-03 30 s and 1.0 min; over the horizon 1.0 d "
        "and 2.0 d (all jobs of 8 slots, short trials included: 5.0 min and 10 min)." in text
    )


def test_waits_that_are_cut_off_are_marked_and_explained(scenario):
    def at_least(metric, value, **where):
        return replace(finding(metric, value, **where), value=AtLeast(value))

    long = node_waits((3600, 9 * DAY, 60, 2 * DAY), of=at_least, slots="8", length=">=1h")
    text = said(scenario, of_pool("gpu", used=(0.5,) * 3), long, of_tier("lake"))
    assert "≥ 4.5 d at the median and ≥ 9.0 d at the 95th percentile" in text
    assert "≥ marks waits of 2021-01 to 2021-03 that are known as lower bounds only" in text


@pytest.mark.parametrize(
    ("backlog_s", "offered", "word"),
    [(DAY - 1, 1.4, ""), (DAY, 1.01, "overloaded at the end"), (9 * DAY, 1.0, "backlogged at the end")],
)
def test_a_run_that_has_not_settled_says_so(scenario, backlog_s, offered, word):
    load = [
        finding(metric, value, pool="gpu", month=month)
        for month in MONTHS
        for metric, value in (("backlog_s", backlog_s), ("offered_load", offered))
    ]
    text = said(scenario, of_pool("gpu", used=(0.5,) * 3), load, of_tier("lake"))
    assert ("at the end of the horizon" in text) == bool(word)
    assert word in text


# --- Storage --------------------------------------------------------------------------------------


def test_a_tier_that_fills_has_its_date_and_its_losses(scenario):
    tier = of_tier("lake", used=17 * TB, refused=3 * TB, full=10 * DAY)
    text = said(scenario, of_pool("gpu", used=(0.5,) * 3), tier)
    assert (
        "lake: reaches its fill limit of 85 % on 2021-01-30; at the end it holds 17 TB of 20 TB usable (85 %)"
        in text
    )
    assert "3 TB were turned away" in text


def test_a_tier_that_does_not_fill_says_until_when_it_did_not(scenario):
    for known in (of_tier("lake"), []):
        row = fill_row(told(scenario, known), "lake")
        assert fill_date(scenario, row, SAY) == "not at its fill limit of 85 % before 2021-03-11"


def test_a_tier_that_is_not_there_is_a_dash(scenario):
    text = said(scenario, of_pool("gpu", used=(0.5,) * 3), of_tier("lake", used=0.0, usable=0.0, limit=0.0))
    assert "it holds 0 B of 0 B usable (–)" in text


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1.0 min"), (3599, "60 min"), (3600, "1.0 h"), (36_000, "10 h"),
     (86_400, "1.0 d"), (864_000, "10 d"), (NAN, "–")],
)  # fmt: skip
def test_short_durations(seconds, text):
    assert short_duration(seconds) == text


def test_what_was_not_measured_is_a_dash():
    assert {percent(NAN), SAY.exact_duration(NAN), size(NAN), count(NAN), short_duration(NAN)} == {"–"}


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.0, "0 %"), (0.0004, "0.0 %"), (0.0994, "9.9 %"), (0.0995, "10 %"), (1.0, "100 %")],
)
def test_percents(fraction, text):
    assert percent(fraction) == text


def test_spells_of_months():
    months = [("a", True), ("b", False), ("c", True), ("d", True), ("e", True)]
    assert spells(months) == [("a", "a"), ("c", "e")]
    assert spells([]) == []
