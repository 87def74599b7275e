"""What is laid over a curve, a schedule or a calendar takes its place: no point of the parent stays."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, get_args, get_origin

import pytest

from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.inputs.reading.record_paths import Shape, _flatten, _is_of
from capacity.inputs.reading.resolver import RECORDS
from tests.spec_files import write
from tests.support.small_site import write_small

WORKLOAD = """
kind: workload
title: Parent
source: assumption
as_of: 2021
why: made up
admitted: {points: {2021-05-01: 9 %, 2022-03-31: 7 %, 2022-10-01: 26 %}}
rhythm:
  weekdays: {sat: 0.5, sun: 0.4}
  months: {jul: 0.5}
  holidays: {new year: [2021-01-01]}
  seasons: {spring: {start: 03-02, until: 06-20, weight: 2}}
classes:
  work:
    title: Work
    slots: {1: 60 %, 8: 40 %}
    run: {quantiles: {0 %: 1 min, 50 %: 1 h, 100 %: 5 h}}
    limit: 1 day
tenants:
  lab:
    title: A laboratory
    members: {growth: steps, points: {2021-05-01: 10, 2022-01-01: 20}}
    jobs_per_member: 2 job/user/day
    works_on: {work: 100 %}
"""


def child(folder, text):
    write(folder, "parent.yaml", WORKLOAD)
    path = write(folder, "child.yaml", f"kind: workload\nextends: ./parent.yaml\n{text}\n")
    return load_part("workload", path).record


def test_a_child_with_its_own_admission_has_none_of_the_parents_dates(tmp_path):
    found = child(tmp_path, "admitted: {points: {2023-01-01: 1 %, 2024-01-01: 2 %}}")
    assert found.admitted.points == {date(2023, 1, 1): 0.01, date(2024, 1, 1): 0.02}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("classes: {work: {slots: {4: 100 %}}}", lambda w: dict(w.classes["work"].slots) == {4: 1.0}),
        (
            "classes: {work: {run: {quantiles: {0 %: 2 s, 100 %: 4 s}}}}",
            lambda w: dict(w.classes["work"].run.quantiles) == {0.0: 2.0, 1.0: 4.0},
        ),
        (
            "rhythm: {weekdays: {mon: 3}}",
            lambda w: (w.rhythm.weekdays.mon, w.rhythm.weekdays.sun) == (3.0, 1.0),
        ),
        ("rhythm: {months: {jan: 3}}", lambda w: (w.rhythm.months.jan, w.rhythm.months.jul) == (3.0, 1.0)),
        ("rhythm: {holidays: {may: [2021-05-01]}}", lambda w: list(w.rhythm.holidays) == ["may"]),
        (
            "rhythm: {seasons: {fall: {start: 09-01, until: 12-20, weight: 2}}}",
            lambda w: list(w.rhythm.seasons) == ["fall"],
        ),
        ("rhythm: {country: KR}", lambda w: list(w.rhythm.seasons) == ["spring"]),
        (
            "tenants: {lab: {members: {points: {2030-01-01: 7}}}}",
            lambda w: (w.tenants["lab"].members.growth, len(w.tenants["lab"].members.points)) == ("steps", 1),
        ),
    ],
)
def test_tables_and_calendars_are_replaced_whole_and_what_stands_beside_them_stays(tmp_path, text, found):
    assert found(child(tmp_path, text))


def test_a_schedule_of_deliveries_is_replaced_whole(tmp_path):
    write_small(tmp_path)
    later = "kind: site\nextends: ./site.yaml\ndeliveries: {once: {date: 2021-02-01, share: 100 %}}\n"
    write(tmp_path, "later.yaml", later)
    once = "site: {deliveries: {once: {date: 2021-02-01, share: 100 %}}}"
    inline = f"kind: scenario\nextends: ./small.yaml\n{once}\n"
    write(tmp_path, "inline.yaml", inline)
    assert list(load_part("site", tmp_path / "later.yaml").record.deliveries) == ["once"]
    assert list(load_scenario(tmp_path / "inline.yaml").scenario.site.deliveries) == ["once"]


def test_set_reaches_one_point_and_a_new_one_stands_where_its_day_belongs(tmp_path):
    path = write(tmp_path, "parent.yaml", WORKLOAD)
    sets = ["admitted.points.2022-03-31=8 %", "admitted.points.2021-12-01=5 %"]
    points = load_part("workload", path, overrides=sets).record.admitted.points
    assert list(points.values()) == [0.09, 0.05, 0.08, 0.26]
    whole = load_part("workload", path, overrides=["admitted.points={2023-01-01: 1 %}"]).record
    assert list(whole.admitted.points) == [date(2023, 1, 1)]


def mappings(shape, path, seen):
    """Yield every place below a shape where a mapping may stand, with the type of its keys."""
    for option in shape.options:
        if _is_of(Mapping, option):
            keys, values = get_args(option)
            yield path, shape, [*_flatten(keys)]
            yield from mappings(Shape.of(values), (*path, "*"), seen)
        elif isinstance(option, type) and hasattr(option, "model_fields") and option not in seen:
            for name in option.model_fields:
                yield from mappings(shape.step(name), (*path, name), seen | {option})


def test_no_mapping_from_something_other_than_names_is_ever_merged():
    """Days, times, sizes and parts are points: whatever record they stand in, now or later."""
    found = [
        (kind, ".".join(path), shape.is_whole, keys)
        for kind, record in RECORDS.items()
        for path, shape, keys in mappings(Shape.of(record), (), frozenset())
    ]
    points = [one for one in found if not all(key is str or get_origin(key) is Literal for key in one[3])]
    assert {path for _, path, _, _ in points} >= {"admitted.points", "classes.*.slots", "target.weeks.levels"}
    assert all(whole for _, _, whole, _ in points)
    named = {path.split(".")[-1] for _, path, whole, _ in found if whole} - {
        p.split(".")[-1] for _, p, _, _ in points
    }
    assert named == {"deliveries", "holidays", "seasons"}
