"""What is described, on which machine, and the verdict on published figures."""

from datetime import date

import pytest

from capacity.errors import InputError
from capacity.inputs.demand.reference import Fact
from capacity.study.demand.described import Machine, Subject, of_demand, of_log
from capacity.study.demand.published_figures import hold_against, needless_departures
from tests.unit.workloads.test_describe_numbers import table

DAYS = {"slots": None, "site": None, "clean": False}


def fact(metric, low=None, high=None, during=None):
    about = {"title": "t", "source": "a page", "as_of": "2020", "confidence": "low", "why": "so"}
    return Fact(metric=metric, low=low, high=high, during=during, **about)


def verdicts(subject, **facts):
    held = {one.name: (one, one.verdict) for one in hold_against(subject, facts)}
    return {
        name: ("departs" if one.departs else verdict.standing, verdict.found if verdict.n else None)
        for name, (one, verdict) in held.items()
    }


def test_the_mean_machine_is_weighed_by_time():
    machine = Machine(((0, 10.0), (100, 30.0), (300, 50.0)))
    assert machine.mean_slots(0, 100) == 10
    assert machine.mean_slots(50, 150) == 20
    assert machine.mean_slots(0, 400) == pytest.approx((1000 + 6000 + 5000) / 400)
    assert machine.mean_slots(350, 400) == 50
    assert machine.mean_slots(-100, 100) == 5
    assert machine.mean_slots(-100, -50) is None
    assert machine.mean_slots(120, 120) == 30
    assert machine.mean_slots(-5, -5) is None
    assert Machine.of_size(7).mean_slots(3, 9) == 7


def test_inside_outside_departs_and_unknown():
    subject = Subject(
        "x", table([0, 10], [100, 300]), None, departs={"run_mean_s": "a reason", "gap_cv": "no need"}
    )
    found = verdicts(
        subject,
        a=fact("run_p50_s", "100 s", "100 s"),
        b=fact("run_max_s", "301 s"),
        c=fact("run_mean_s", None, "199 s"),
        d=fact("offered_load_frac", "10 %"),
        e=fact("top_work_frac.5", "10 %"),
        f=fact("gap_cv", 0),
        g=fact("class_jobs.notebook", 1),
    )
    assert found == {
        "a": ("shown", 100),
        "b": ("shown not", 300),
        "c": ("departs", 200),
        "d": ("not shown", None),
        "e": ("not shown", None),
        "f": ("shown", 0),
        "g": ("not shown", None),
    }
    held = hold_against(subject, {"f": fact("gap_cv", 0), "c": fact("run_mean_s", None, "199 s")})
    assert needless_departures(subject, held) == ["gap_cv"]
    assert [(one.verdict.limit, one.verdict.by, one.verdict.by_unit) for one in held] == [
        (0, 0, "1"),
        (199, 1, "s"),
    ]
    assert [one.fails for one in held] == [False, False], "what departs with a reason does not fail"


def test_a_fact_may_look_at_the_end_only():
    subject = Subject("x", table([0, 50, 100], [10, 20, 30]), Machine(((0, 1.0), (50, 3.0))))
    assert verdicts(subject, a=fact("run_p50_s", "25 s"))["a"] == ("shown not", 20)
    assert verdicts(subject, a=fact("run_p50_s", "25 s", during="last 20 s"))["a"] == ("shown", 30)
    assert verdicts(subject, a=fact("run_p50_s", "1 s", during="last 999 s"))["a"] == ("shown", 20)
    assert verdicts(subject, a=fact("machine_slots", 1))["a"] == ("shown", 2)


def test_a_log_has_the_size_it_says_unless_told_otherwise():
    log = table([0, 86_400], max_slots=4)

    def size(**options):
        return of_log("x", log, **{**DAYS, **options}).describe().find("machine_slots").value

    assert (size(), size(slots=9), size(site="gwangju-h100")) == (4, 9, 1328)


def test_a_workload_meets_the_machine_in_service_at_the_time():
    subject = of_demand(
        "workload", "gwangju-research", **DAYS, start=date(2021, 6, 1), until=date(2021, 6, 2)
    )
    assert subject.describe().find("machine_slots").value == 456
    assert "gwangju-a100" in subject.notes[1]
    assert "gwangju-plan" in subject.notes[1]
    scenario = of_demand("scenario", "gwangju-h100", **DAYS, start=date(2022, 12, 1), until=date(2022, 12, 2))
    other = of_demand("scenario", "gwangju-a100", **DAYS, start=date(2022, 12, 1), until=date(2022, 12, 2))
    assert len(scenario.table) == len(other.table)
    assert scenario.table.numbers("run_s").sum() < other.table.numbers("run_s").sum()


def test_a_time_without_jobs_is_refused():
    with pytest.raises(InputError, match="no job is submitted in this time"):
        of_demand("workload", "gwangju-research", **DAYS, start=date(2020, 8, 1), until=date(2020, 8, 2))
