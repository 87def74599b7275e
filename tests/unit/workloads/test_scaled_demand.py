"""Demand that is scaled: so many times the jobs, and those of the demand as stated stay to the second."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.demand import demand_in, generated
from capacity.simulation.hardware import Hardware
from tests.support.plain_demand import WORKLOAD, changed, write_plain

MORE = changed(("jobs_per_member: 2", "jobs_per_member: 20"), ("members: 20", "members: 60"))
SAME = ["submit_s", "slots", "run_s", "user"]


def demand(folder, *overrides, text=MORE):
    scenario = load_scenario(write_plain(folder, text), overrides=overrides).scenario
    return demand_in(scenario, Hardware(scenario), seed=scenario.seed)


def jobs(folder, *overrides, text=MORE):
    return generated(demand(folder, *overrides, text=text), 0, "").frame


def in_common(one, other, columns=SAME):
    """Return how many jobs two tables share, to the second and by the same person."""
    counts = [Counter(zip(*(table[name] for name in columns), strict=True)) for table in (one, other)]
    return sum((counts[0] & counts[1]).values())


@pytest.mark.parametrize("key", ["scale", "tenants.lab.scale", "classes.work.scale"])
@pytest.mark.parametrize("scale", [0.02, 0.5, 0.99, 1.01, 1.3, 5.7])
def test_jobs_are_so_many_times_as_many(tmp_path, key, scale):
    stated, scaled = jobs(tmp_path), jobs(tmp_path, f"workload.{key}={scale}")
    expected = scale * len(stated)
    assert (
        abs(len(scaled) - expected) < 6 * (expected + scale**2 * len(stated)) ** 0.5 * abs(scale - 1) ** 0.5
    )
    if scale > 0.05:
        assert in_common(stated, scaled) == min(len(stated), len(scaled))


def test_each_scale_holds_the_jobs_of_every_smaller_one(tmp_path):
    tables = [jobs(tmp_path, f"workload.scale={scale}") for scale in (0.3, 0.9, 1.2, 1.9, 2.1, 4.5)]
    for fewer, more in pairwise(tables):
        assert in_common(fewer, more, SAME[:3]) == len(fewer) < len(more)


def test_what_is_more_is_submitted_by_newcomers(tmp_path):
    stated, scaled = jobs(tmp_path), jobs(tmp_path, "workload.scale=1.5")
    people = set(stated["user"]), set(scaled["user"])
    assert len(people[0]) <= 60 < len(people[1]) <= 90
    per_person = len(scaled) / 90, len(stated) / 60
    assert per_person[0] == pytest.approx(per_person[1], rel=0.1)
    work = jobs(tmp_path, "workload.classes.work.scale=1.5")
    assert set(work["user"]) <= {f"lab-{number:04d}" for number in range(1, 61)}


def test_growth_goes_on_after_the_last_date(tmp_path):
    dated = MORE.replace("members: 60", "members: {points: {2021-01-01: 60, 2021-02-14: 60}}")
    stated = jobs(tmp_path, text=dated)
    grown = jobs(tmp_path, "workload.growth=300 %/year", text=dated)
    half_s = 13 * 86_400
    assert in_common(stated, grown) >= (stated["submit_s"] < half_s).sum() - 1
    last = (stated["submit_s"] > half_s).sum(), (grown["submit_s"] > half_s).sum()
    mean_days = np.arange(29) + 0.5
    assert last[1] / last[0] == pytest.approx(float((4.0 ** (mean_days / 365.25)).mean()), abs=0.05)


def test_a_target_is_scaled_as_a_whole(tmp_path):
    target = "target: {offered_load: 20 %, slots: 640}\nclasses:"
    text = MORE.replace("classes:", target)
    work = [
        float((table["slots"].astype(float) * table["run_s"]).sum())
        for table in (jobs(tmp_path, text=text), jobs(tmp_path, "workload.scale=1.3", text=text))
    ]
    assert work[1] / work[0] == pytest.approx(1.3, rel=0.02)


def test_other_tenants_are_left_alone(tmp_path):
    two = MORE + WORKLOAD[WORKLOAD.index("  lab:") :].replace("lab:", "other:")
    stated, scaled = jobs(tmp_path, text=two), jobs(tmp_path, "workload.tenants.other.scale=2", text=two)
    mine = [table[table["tenant"] == "lab"] for table in (stated, scaled)]
    assert in_common(*mine) == len(mine[0]) == len(mine[1])


def test_nobody_is_left_where_the_scale_is_nothing(tmp_path):
    assert len(jobs(tmp_path, "workload.scale=0")) == 0


def test_of_the_gwangju_plan_one_per_cent_more_demand_is_one_per_cent_of_the_jobs():
    tables = []
    for scale in (1, 1.01):
        scenario = load_scenario("gwangju-plan", overrides=[f"workload.scale={scale}"]).scenario
        whole = demand_in(scenario, Hardware(scenario), seed=scenario.seed)
        month = replace(whole, start=scenario.until.replace(day=1))
        tables.append(generated(month, 0, "").frame)
    stated, scaled = tables
    assert in_common(stated, scaled) == len(stated) > 100_000
    assert len(scaled) / len(stated) == pytest.approx(1.01, abs=0.005)
