"""What is said of storage tiers: when they fill, and what keeps one below its limit."""

import math
from datetime import date

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import Finding, labels
from capacity.measure.metrics import UNITS
from capacity.report.language import LANGUAGES, Language
from capacity.report.sections.common import Source
from capacity.report.sections.storage import fill_words
from capacity.report.terminal.storage import fill_date, fill_row, fill_sentence, fills, room_again
from tests.support.small_site import write_small
from tests.support.told import told

DAY = 86_400
TB = 1e12
SAY = Language("en")
PURGE = "site.storage.lake.purge={when_full: 10 day}"


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return load_scenario(write_small(tmp_path_factory.mktemp("small"))).scenario


@pytest.fixture(scope="module")
def purging(tmp_path_factory):
    return load_scenario(write_small(tmp_path_factory.mktemp("small")), overrides=[PURGE]).scenario


def measured(
    *, full=math.nan, again=math.nan, wanted=10 * TB, limit=17 * TB, refused=0.0, over=0.0, ahead=None
):
    at_end = {"storage_wanted_bytes": wanted, "storage_limit_bytes": limit}
    at_end |= {"storage_refused_bytes": refused, "storage_over_quota_bytes": over}
    moments = {"storage_full_s": full, "storage_relieved_s": again}
    if ahead is not None:
        moments |= {"storage_ahead_full_s": ahead, "storage_ahead_used_frac": 0.67}
        moments |= {"storage_ahead_year_bytes": TB, "storage_ahead_over_quota_bytes": 0.0}
    found = [(name, labels(tier="lake", month="all"), value) for name, value in at_end.items()]
    found += [(name, labels(tier="lake"), value) for name, value in moments.items()]
    if ahead is not None:
        rule = {"storage_ahead_s": 3650.0 * DAY, "storage_ahead_growth_frac": 0.0}
        found += [(name, labels(month="all"), value) for name, value in rule.items()]
    return [Finding(name, where, value, value, value, UNITS[name], 1) for name, where, value in found]


def sentence(scenario, *replications):
    return fill_sentence(scenario, fill_row(told(scenario, *replications), "lake"), SAY)


def test_each_tier_has_a_row(scenario):
    assert [row["tier"] for row in fills(told(scenario, measured()))] == ["fast", "lake"]


def test_one_day_is_said_as_one_and_several_as_a_span_with_a_median(scenario):
    assert sentence(scenario, measured(full=5.0 * DAY)).startswith(
        "reaches its fill limit of 85 % on 2021-01-25;"
    )
    more = sentence(scenario, measured(full=5.0 * DAY, wanted=20 * TB))
    assert more.endswith("has room for 17 TB: 3 TB too little")
    four = [measured(full=day * DAY) for day in (9.0, 3.0, 8.0, 5.0)]
    said = "between 2021-01-23 and 2021-01-29, half of the times by 2021-01-25;"
    assert sentence(scenario, *four).startswith(f"reaches its fill limit of 85 % {said}")
    some = sentence(scenario, *four, measured())
    assert "half of the times by 2021-01-25 in 4 of 5 replications" in some


def test_a_table_has_the_median_alone(scenario):
    row = fill_row(
        told(scenario, *[measured(full=day * DAY, again=20.0 * DAY) for day in (9.0, 3.0)]), "lake"
    )
    assert fill_date(scenario, row, SAY, brief=True) == "reaches its fill limit of 85 % on 2021-01-23"
    assert room_again(row, SAY) == ", and has room again from 2021-02-09"


HELD = (
    "not at its fill limit of 85 % before 2021-03-11; at the end of the horizon 10 TB of data are meant for "
    "it, and up to its fill limit it has room for 17 TB"
)
DEMAND = "with demand as planned to 2021-03-10, then unchanged"


def test_what_does_not_fill_and_was_not_followed_has_no_date(scenario):
    assert sentence(scenario, measured()) == HELD


def test_what_fills_beyond_the_horizon_has_its_days_beside_the_demand_that_is_assumed(scenario):
    one = sentence(scenario, measured(ahead=100.0 * DAY))
    assert one == f"{HELD}; {DEMAND}, it is full on 2021-04-30"
    three = [measured(ahead=day * DAY) for day in (100.0, 90.0, math.nan)]
    assert sentence(scenario, *three) == (
        f"{HELD}; {DEMAND}, it is full between 2021-04-20 and 2021-04-30, half of the times by 2021-04-20 in "
        "2 of 3 replications"
    )


def test_what_levels_off_says_so_of_every_replication(scenario):
    two = [measured(ahead=math.nan)] * 2
    said = "it is not full by 2031-01-17 either in any of 2 replications: at most 67 % of it is used"
    assert sentence(scenario, *two) == f"{HELD}; {DEMAND}, {said}"


@pytest.mark.parametrize(
    ("with_purge", "found", "kept_by"),
    [
        (True, {}, ["purge"]),
        (False, {"refused": 3 * TB}, ["missing"]),
        (True, {"refused": 3 * TB}, ["purge", "missing"]),
        (False, {"refused": 3 * TB, "over": 3 * TB}, ["elsewhere"]),
    ],
)
def test_more_than_may_be_filled_is_not_why_a_tier_is_not_full(scenario, purging, with_purge, found, kept_by):
    """What keeps it below is the reason; what it would hold without that comes after."""
    asked = purging if with_purge else scenario
    result = told(asked, measured(wanted=20 * TB, **found))
    row = fill_row(result, "lake")
    assert row["kept_by"] == kept_by
    why = " and ".join(SAY.text(f"storage.kept_by.{name}") for name in kept_by)
    assert fill_sentence(asked, row, SAY) == (
        f"never above its fill limit of 85 % before 2021-03-11, because {why}; at the end of the horizon "
        "20 TB of data are meant for it, those turned away or deleted for want of room included, and up to "
        "its fill limit it has room for 17 TB: 3 TB too little"
    )
    for lang in LANGUAGES:
        say = Language(lang)
        words = fill_words(Source(result, say), row)
        assert "20 TB" in words and "17 TB" in words and "3 TB" in words
        assert all(say.text(f"storage.kept_by.{name}") in words for name in kept_by)
        line = fill_sentence(asked, row, say)
        assert "20 TB" in line and "17 TB" in line
        assert all(say.text(f"storage.kept_by.{name}") in line for name in kept_by)


def test_a_tier_that_fills_is_kept_by_nothing(purging):
    row = fill_row(told(purging, measured(wanted=20 * TB, full=1.0 * DAY)), "lake")
    assert row["kept_by"] == []
    assert row["median"] == date(2021, 1, 21)
