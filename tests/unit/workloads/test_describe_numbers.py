"""Every section of a description against small tables worked out by hand."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from workloads.describe import numbers
from workloads.describe.describe import describe
from workloads.describe.measures import METRICS, SECTIONS
from workloads.jobtable import STATES, Tally, label_column, table_from

MONDAY = datetime(2024, 1, 1, tzinfo=ZoneInfo("Asia/Seoul"))


def words(*values):
    known = list(dict.fromkeys(values))
    return label_column(np.array([known.index(value) for value in values]), known)


def states(*values):
    return label_column(np.array([STATES.index(value) for value in values]), STATES)


def table(submit_s, run_s=None, slots=None, **more):
    n = len(submit_s)
    about = {key: more.pop(key) for key in ("origin", "max_slots", "dropped", "remarks") if key in more}
    columns = {
        "job_id": np.arange(1, n + 1),
        "submit_s": submit_s,
        "run_s": [60] * n if run_s is None else run_s,
        "slots": [1] * n if slots is None else slots,
        **more,
    }
    return table_from(columns, **about)


def values(found):
    return {measure.key: measure.value for measure in found.measures}


def of(*args, machine=None, **more):
    return values(describe(table(*args, **more), slots=machine))


# Overview


def test_load_is_work_over_what_the_machine_could_do():
    found = of([0, 86_400], [3600, 7200], [2, 1], max_slots=4)
    assert found["jobs"] == 2
    assert found["span_s"] == 86_400
    assert found["slot_hours"] == 4
    assert found["slot_hours_per_job"] == 2
    assert found["machine_slots"] == 4
    assert found["offered_load_frac"] == pytest.approx(4 / 96)
    assert found["jobs_per_slot_day"] == 0.5
    assert of([0, 86_400], [3600, 7200], [2, 1], max_slots=4, machine=8)["jobs_per_slot_day"] == 0.25


def test_work_per_job_counts_only_jobs_that_have_work():
    found = of([0, 10, 20], [3600, -1, 7200], [1, 5, -1])
    assert found["slot_hours_per_job"] == 1
    assert found["run_unknown_frac"] == found["size_unknown_frac"] == pytest.approx(1 / 3)


def test_first_and_last_submission_have_the_offset_of_their_day():
    berlin = datetime(2024, 3, 30, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    found = of([0, 86_400], origin=berlin)
    assert found["first_submission"] == "2024-03-30T12:00:00+01:00"
    assert found["last_submission"] == "2024-03-31T13:00:00+02:00"


def test_what_the_reader_did_is_told_with_its_reason():
    found = of([0, 1], dropped=(Tally("no GPU", 7),), remarks=(Tally("rounded up", 2),))
    assert found["dropped_rows.no GPU"] == 7
    assert found["remarked_rows.rounded up"] == 2


# Sizes and run times


def test_sizes():
    found = of([0, 1, 2, 3], [100, 100, 100, 200], [1, 3, 8, 100])
    assert [found[f"size_p{part}"] for part in (25, 50, 75, 99)] == [1, 3, 8, 100]
    assert found["size_mean"] == 28
    assert (found["serial_frac"], found["power_of_two_frac"]) == (0.25, 0.5)
    bands = [found[f"size_jobs_frac.{band}"] for band in ("1", "2-4", "5-8", "9-16", "17-64", "65+")]
    assert bands == [0.25, 0.25, 0.25, 0, 0, 0.25]
    assert found["size_work_frac.65+"] == pytest.approx(20_000 / 21_200)
    assert found["at_least_jobs_frac.8"] == 0.5
    assert found["at_least_work_frac.8"] == pytest.approx(20_800 / 21_200)
    assert (found["size_run_p50_s.65+"], found["size_run_mean_s.1"]) == (200, 100)
    assert found["common_size_frac.1"] == 0.25


def test_run_times():
    run_s = [1, 10, 100, 1000]
    found = of([0, 1, 2, 3], run_s, [1, 2, 4, 8])
    assert (found["run_p5_s"], found["run_p50_s"], found["run_p75_s"], found["run_max_s"]) == (
        1,
        10,
        100,
        1000,
    )
    assert found["run_mean_s"] == 277.75
    assert found["run_mean_over_median"] == 27.775
    assert found["run_lognormal_sigma"] == pytest.approx(math.sqrt(2 * math.log(27.775)))
    logs = np.log(run_s)
    assert found["run_ln_mean"] == pytest.approx(logs.mean())
    assert found["run_ln_sd"] == pytest.approx(logs.std())
    assert found["run_ln_skew"] == pytest.approx(0, abs=1e-12)
    assert found["size_run_correlation"] == pytest.approx(1)


def test_a_mean_below_the_median_has_no_lognormal():
    found = describe(table([0, 1, 2], [1, 10, 10]))
    measure = found.find("run_lognormal_sigma")
    assert measure.value is None
    assert "below the median" in measure.note


def test_run_times_may_follow_the_hour():
    found = of([0, 3600, 7200], [10, 20, 30], origin=MONDAY)
    assert found["hour_run_correlation"] == pytest.approx(1)


# Requests and fates


def test_requests():
    found = of([0, 1, 2, 3], [50, 100, 95, 300], requested_s=[100, 100, 100, 200])
    assert [found[f"used_p{part}_frac"] for part in (25, 50, 75)] == [0.5, 0.95, 1.0]
    assert found["used_mean_frac"] == pytest.approx((0.5 + 1 + 0.95 + 1.5) / 4)
    assert found["used_sum_frac"] == 545 / 500
    assert found["nearly_all_used_frac"] == 0.75
    assert (found["at_limit_frac"], found["over_limit_frac"]) == (0.5, 0.25)
    assert found["longest_request_frac"] == 0.25
    assert found["round_requests_frac"] == 1
    assert found["common_request_frac.100"] == 0.75


def test_only_the_twenty_most_used_requests_are_round():
    requested_s = [*range(1, 31), *range(1, 21)]
    assert of(range(50), requested_s=requested_s)["round_requests_frac"] == 40 / 50


def test_a_job_that_timed_out_was_ended_at_its_limit_even_a_little_early():
    found = of([0, 1], [99, 50], requested_s=[100, 100], state=states("timeout", "completed"))
    assert found["at_limit_frac"] == 0.5


def test_fates():
    ends = states("completed", "failed", "timeout", "unknown")
    found = of([0, 1, 2, 3], [100, 200, 300, 400], state=ends)
    assert found["state_jobs_frac.failed"] == 0.25
    assert found["state_work_frac.unknown"] == 0.4
    assert found["unsuccessful_jobs_frac"] == 0.5
    assert found["unsuccessful_work_frac"] == 0.5
    assert found["state_run_p50_s.timeout"] == 300
    assert found["state_run_p50_s.cancelled"] is None


# Arrivals


def test_gaps():
    found = of([0, 10, 20, 60])
    mean, spread = 20, math.sqrt(200)
    assert (found["gap_mean_s"], found["gap_p50_s"]) == (20, 10)
    assert found["gap_cv"] == pytest.approx(spread / mean)
    assert found["gap_burstiness"] == pytest.approx((spread - mean) / (spread + mean))


def test_a_regular_log_is_not_bursty():
    assert of([0, 10, 20, 30])["gap_burstiness"] == -1


def test_what_the_same_user_did_before():
    found = of(
        [0, 10, 20, 30, 70],
        slots=[1, 4, 1, 2, 4],
        requested_s=[60, 60, 90, 60, 60],
        user=words("a", "b", "a", "a", "b"),
    )
    assert found["same_user_gap_p50_s"] == 20  # 20, 10, 60
    assert found["repeat_size_frac"] == pytest.approx(2 / 3)
    assert found["repeat_request_frac"] == pytest.approx(1 / 3)


def test_jobs_without_a_user_follow_nobody():
    found = of([0, 10, 20], user=words("a", "", "a"))
    assert found["same_user_gap_p50_s"] == 20
    assert found["user_unknown_frac"] == pytest.approx(1 / 3)
    assert found["users"] == 1


def test_hours_are_those_of_the_zone():
    submit_s = [12 * 3600 + day * 86_400 for day in range(7)] + [7 * 86_400 - 1]
    found = of(submit_s, origin=MONDAY)
    assert found["hour_jobs_factor.12"] == 7 * 24 / 8
    assert found["hour_jobs_factor.23"] == 24 / 8
    assert found["weekday_jobs_factor.sun"] == 2 * 7 / 8
    assert found["weekday_jobs_factor.mon"] == 7 / 8
    assert found["weekend_jobs_factor"] == 1.5 * 7 / 8
    assert found["night_jobs_factor"] == 0
    assert of(submit_s, origin=MONDAY.astimezone(UTC))["hour_jobs_factor.03"] == 7 * 24 / 8


def test_a_weekday_counts_per_day_of_its_kind():
    one_a_day = [day * 86_400 + 60 for day in range(9)]  # two Mondays, two Tuesdays
    found = of(one_a_day, origin=MONDAY)
    assert {found[f"weekday_jobs_factor.{day}"] for day in ("mon", "wed", "sun")} == {1.0}


def test_a_dip_is_told_from_its_neighbours():
    hours = [11] * 4 + [12] * 2 + [13] * 4
    found = of([hour * 3600 for hour in hours], origin=MONDAY)
    assert found["hour_dip_factor.12"] == 0.5


def test_counts_in_windows():
    hours = [0] * 3 + [1] * 1 + [2] * 2
    submit_s = [hour * 3600 + 5 * n for n, hour in enumerate(hours)]
    found = of([*submit_s, 3 * 3600 - 1 + submit_s[0]], [3600] * 7, [2] * 7)
    # Counts 3, 1, 3: variance 8/9, mean 7/3; each job is two slot-hours.
    assert found["count_dispersion.hour"] == pytest.approx(8 / 21)
    assert found["work_dispersion.hour"] == pytest.approx(2 * 8 / 21)
    assert found["count_autocorrelation.1-hour"] == pytest.approx(-2 / 3)
    assert found["count_dispersion.day"] is None


def test_a_weekly_rhythm_shows_after_seven_days():
    submit_s = [day * 86_400 for day in range(29) if day % 7 < 5]
    found = of(sorted([*submit_s, *submit_s, 29 * 86_400]))
    assert found["count_autocorrelation.7-days"] > 0.7
    assert found["count_autocorrelation.1-day"] < found["count_autocorrelation.7-days"]


# Users, classes, tenants


def test_users():
    users = words(*(f"u{n}" for n in range(20)), "u0", "u0")
    found = of(range(22), [100] * 20 + [1000] * 2, user=users)
    assert found["users"] == 20
    assert found["top_jobs_frac.5"] == 3 / 22
    assert found["top_work_frac.5"] == 2100 / 4000
    assert found["top_work_frac.10"] == 2200 / 4000
    assert found["jobs_gini"] == pytest.approx(numbers.gini(np.array([1] * 19 + [3])))


def test_classes_and_tenants_come_with_the_most_work_first():
    found = describe(
        table(
            [0, 1, 2, 3],
            [10, 10, 30, 50],
            [1, 1, 2, 8],
            job_class=words("small", "small", "", "large"),
            tenant=words("x", "y", "x", "x"),
            state=states("completed", "failed", "completed", "unknown"),
        )
    )
    shown = [m.label for m in found.measures if m.name == "class_jobs"]
    assert shown == ["large", "small"]
    assert found.find("class_work_frac.large").value == 400 / 480
    assert found.find("class_run_p50_s.small").value == 10
    assert found.find("class_completed_frac.small").value == 0.5
    assert found.find("class_completed_frac.large").value is None
    assert found.find("tenant_jobs.x").value == 3


# The helpers


def test_quantiles_take_a_value_that_is_there():
    assert numbers.quantiles(np.arange(1, 11), [0.1, 0.2, 0.25, 1.0]) == [1, 2, 3, 10]


def test_medians_of_groups_agree_with_each_group_alone():
    draw = np.random.default_rng(3)
    codes, found = draw.integers(0, 7, 500), draw.integers(0, 1000, 500)
    alone = [numbers.quantiles(found[codes == group], [0.5])[0] for group in range(8)]
    assert numbers.group_medians(codes, found, 8) == alone
    huge = found.astype(np.int64) << 52
    assert numbers.group_medians(codes, huge, 7) == [float(int(value) << 52) for value in alone[:7]]


def test_ranks_are_the_same_counted_and_sorted():
    draw = np.random.default_rng(4).integers(0, 20, 300)
    assert np.array_equal(numbers.ranks(draw), numbers.ranks(draw * 10_000_000))


def test_every_number_belongs_to_a_section_that_is_printed():
    assert {metric.section for metric in METRICS.values()} == set(SECTIONS)
    for name, metric in METRICS.items():
        assert name.isidentifier()
        assert metric.title
        assert not (name.endswith("_s") and metric.unit != "s"), name
        assert not (name.endswith("_frac") and metric.unit != "1"), name
