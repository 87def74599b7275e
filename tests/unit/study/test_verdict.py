"""The one record of every judgement: several together, as JSON and back, the same names everywhere."""

import json
import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.measure.findings import labels
from capacity.report.language import Language
from capacity.study.conformance.check import Check, job_by_job, run_checks, to_row
from capacity.study.conformance.check import CheckResult as Found
from capacity.study.demand.likeness import alike
from capacity.study.requirements import judge, read_requirement
from capacity.study.size.demand_served import JOBS, refusal
from capacity.study.verdict import Verdict, shown_if, together

NAMES = {one.name for one in fields(Verdict)}
numbers = st.one_of(st.just(math.nan), st.floats(-1e9, 1e9))


@pytest.mark.parametrize(
    ("standings", "whole"),
    [
        ([], "not shown"),
        (["shown", "shown"], "shown"),
        (["shown", "not shown"], "not shown"),
        (["not shown", "shown not", "shown"], "shown not"),
    ],
)
def test_what_must_hold_together(standings, whole):
    assert together(standings) == whole


def test_what_is_certain_is_never_open():
    assert (shown_if(True), shown_if(False)) == ("shown", "shown not")


@given(st.sampled_from(["shown", "not shown", "shown not"]), numbers, numbers, st.integers(0, 99))
def test_json_says_all_of_it(standing, found, by, n):
    one = Verdict(
        asked="wait <= 4 h", standing=standing, metric="wait", labels=labels(pool="gpu", month="all"),
        found=found, low=found, high=found, limit=14_400.0, unit="s", by=by, by_unit="s", n=n,
        confidence=0.95, method="t", binds=("a", "b"),
    )  # fmt: skip
    document = json.loads(json.dumps(one.to_json(), allow_nan=False))
    assert set(document) == NAMES
    assert Verdict.from_json({**document, "within": 3}) == one


def test_what_is_infinite_is_null():
    assert Verdict(asked="", standing="shown not", found=math.inf).to_json()["found"] is None


def test_every_judgement_has_the_same_names():
    judged = judge(read_requirement("p95_wait_s <= 4 h"), [{("p95_wait_s", ()): 60.0}], confidence=0.95)
    (done,) = run_checks([Check("a/b", "", lambda: Found(job_by_job("all", 1, 9, wrong=["wait"]), "1"))])
    documents = (judged.to_json(), to_row(done), refusal(JOBS, 3, 2, n=6).to_json())
    documents += (alike("p50_wait_s", 10.0, 11.0, 5.0, 20.0).to_json(),)
    assert all(set(document) >= NAMES for document in documents)
    assert (documents[1]["standing"], documents[1]["by"], documents[1]["binds"]) == ("shown not", 1, ["wait"])


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("kind", ["size", "requirement", "check", "likeness"])
def test_each_kind_has_a_word_for_each_standing(lang, kind):
    said = {Language(lang).text(f"{kind}.{one}") for one in ("shown", "not shown", "shown not")}
    assert len(said) == 3
