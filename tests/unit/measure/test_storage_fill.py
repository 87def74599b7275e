"""When a tier is full, over replications: days of replications that exist."""

import math
from datetime import date
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from capacity.measure.findings import labels
from capacity.measure.storage.fill import Fill, fill_of

DAY = 86_400
START = SimpleNamespace(start=date(2021, 1, 1), until=date(2021, 12, 31), timezone=ZoneInfo("UTC"))


def runs(*days, relieved=()):
    """One replication for each day on which the lake fills, None where it does not."""
    again = [*relieved, *[None] * (len(days) - len(relieved))]
    found = []
    for full, room in zip(days, again, strict=True):
        values = {("storage_full_s", labels(tier="lake")): math.nan if full is None else full * DAY + 3600.0}
        if room is not None:
            values["storage_relieved_s", labels(tier="lake")] = room * DAY
        found.append(values)
    return found


def test_the_median_is_a_day_on_which_it_happened():
    found = fill_of(START, runs(15, 9, 14, 12), "lake")
    assert (found.fills_n, found.n) == (4, 4)
    assert (found.earliest, found.latest) == (date(2021, 1, 10), date(2021, 1, 16))
    assert found.median == date(2021, 1, 13), "the second of four: at least half are not later"


def test_replications_in_which_it_does_not_fill_are_counted_and_left_out():
    found = fill_of(START, runs(None, 4, None, 2, 3), "lake")
    assert (found.fills_n, found.n) == (3, 5)
    assert (found.earliest, found.median, found.latest) == (
        date(2021, 1, 3), date(2021, 1, 4), date(2021, 1, 5),
    )  # fmt: skip
    assert found.median_interval is None


def test_the_interval_of_the_median_counts_never_as_late():
    assert fill_of(START, runs(*range(1, 21)), "lake").median_interval == (
        date(2021, 1, 7),
        date(2021, 1, 16),
    )
    assert fill_of(START, runs(*range(1, 17), *[None] * 4), "lake").median_interval is not None
    assert fill_of(START, runs(*range(1, 12), *[None] * 9), "lake").median_interval is None


def test_room_comes_back_on_a_day_of_its_own():
    assert fill_of(START, runs(1, 2, 3, relieved=(9, 5)), "lake").room_again == date(2021, 1, 6)


@pytest.mark.parametrize("known", [runs(None, None), [{}, {}]])
def test_what_never_fills_has_no_day(known):
    assert fill_of(START, known, "lake") == Fill(0, 2, None, None, None, None, None)
