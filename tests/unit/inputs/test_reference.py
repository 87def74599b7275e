"""References: published figures with range, source and confidence; and demands that depart from them."""

import pytest

from capacity.inputs.reading.loader import load_part
from tests.spec_files import load, problems
from workloads.describe.measures import METRICS

HEAD = """
    kind: reference
    title: Figures
    source: a page of the centre
    as_of: 2020
    facts:
"""
FACT = """
      one:
        title: One
        metric: {metric}
        {range}
        source: a page of the centre
        as_of: 2020
        confidence: high
        why: As the page says.
"""


def fact(metric="run_p50_s", bounds="low: 1 min"):
    return HEAD + FACT.format(metric=metric, range=bounds).lstrip("\n")


def test_a_range_is_read_in_the_unit_of_its_number(tmp_path):
    facts = load("reference", tmp_path, fact(bounds="low: 2 min\n        high: 1 h")).record.facts
    assert (facts["one"].low, facts["one"].high) == (120, 3600)
    share = load("reference", tmp_path, fact("serial_frac", "high: 93.2 %")).record.facts["one"]
    assert (share.low, share.high) == (None, pytest.approx(0.932))
    plain = load("reference", tmp_path, fact("slot_hours_per_job", "low: 9.0")).record.facts["one"]
    assert (plain.low, plain.during) == (9, None)


def test_a_fact_may_hold_at_the_end_only(tmp_path):
    bounds = "low: 1\n        during: last 60 day"
    assert (
        load("reference", tmp_path, fact("jobs_per_slot_day", bounds)).record.facts["one"].during
        == 60 * 86_400
    )


@pytest.mark.parametrize(
    ("metric", "bounds", "where", "what"),
    [
        ("run_p55_s", "low: 1 s", "x.yaml:8:13", "no metric is called 'run_p55_s'\n    did you mean 'run_p"),
        ("state_jobs_frac", "low: 0.5", "x.yaml:8:13", "needs a state: state_jobs_frac.completed"),
        ("state_jobs_frac.lost", "low: 0.5", "x.yaml:8:13", "there is no state 'lost'"),
        ("run_p50_s", "low: 60", "x.yaml:9:10", "60"),
        ("run_p50_s", "low: 60 GB", "x.yaml:9:10", "GB"),
        ("run_p50_s", "low: .nan", "x.yaml:9:10", "nan"),
        ("first_submission", "low: 1", "x.yaml:9:10", "is a date and has no range"),
        ("run_p50_s", "during: last 60 day", "x.yaml:7:5", "neither 'low' nor 'high'"),
        ("run_p50_s", "{low: 2 h, high: 1 h}", "", ""),
        ("run_p50_s", "low: 1 h\n        during: 60 day", "x.yaml:10:13", "write it as: last 60 day"),
        ("run_p50_s", "low: 1 h\n        during: last 0 day", "x.yaml:10:13", "0"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, metric, bounds, where, what):
    if bounds.startswith("{"):
        bounds, where, what = "low: 2 h\n        high: 1 h", "x.yaml:9:10", "'low' is above 'high'"
    found = problems("reference", tmp_path, fact(metric, bounds))
    assert len(found) == 1, found
    assert found[0].startswith(where + ":"), found[0]
    assert what in found[0]


def test_a_workload_departs_only_in_numbers_there_are(tmp_path):
    text = """
        kind: workload
        extends: gwangju-research
        departs: {gap_cvs: because}
    """
    (found,) = problems("workload", tmp_path, text)
    assert found.startswith("x.yaml:3:")
    assert "no metric is called 'gap_cvs'\n    did you mean 'gap_cv'?" in found
    right = load("workload", tmp_path, text.replace("gap_cvs", "state_jobs_frac.failed"))
    assert right.record.departs["state_jobs_frac.failed"] == "because"


def test_the_shipped_facts_name_pages_and_ranges():
    facts = load_part("reference", "facts").record.facts
    assert len(facts) > 20
    for name, one in facts.items():
        assert "facts.md" not in one.source, name
        assert len(one.source) > 20, name
        assert METRICS[one.metric.partition(".")[0]].unit, name
        if "recalled" in one.why:
            assert one.confidence != "high", name
