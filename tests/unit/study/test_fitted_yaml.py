"""A fitted model comes back from its YAML as it was, to the digits written, whatever the log is called."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from ruamel.yaml import YAML

from capacity.inputs.fields.run_time import RunTime
from capacity.study.demand.fitted_yaml import fitted_yaml
from capacity.study.demand.yaml_text import (
    distribution_text,
    duration_text,
    flow_text,
    number_text,
    shares_text,
    table_text,
)
from tests.support.logs_to_fit import MONDAY, random_log, table_of, through_yaml
from workloads.errors import LogError
from workloads.fitting import fit as fitting
from workloads.fitting.fit import Fitted, fit
from workloads.synthetic import distributions as d
from workloads.synthetic.generate import generate
from workloads.synthetic.model import DemandModel


@pytest.fixture(autouse=True)
def _no_restraint(monkeypatch):
    """Fitting the restraint draws years of jobs; the other tests of it do."""
    monkeypatch.setattr(fitting, "fit_restraint", lambda *_: 0.12)


def tree_of(text):
    return YAML(typ="safe").load(text)


def repeated(size, words):
    return [words[number % len(words)] for number in range(size)]


def many(letter, size):
    return [f"{letter}{number}" for number in range(size)]


def same_distribution(written, read):
    p = (np.arange(97) + 0.5) / 97
    off = np.abs(np.log(read.quantile(p) / written.quantile(p)))
    assert (off > 0.005).sum() <= 2, (written, read)


def same_profile(written, read):
    assert read.hours == pytest.approx(written.hours, abs=0.0051)
    assert read.weekend_hours == pytest.approx(written.weekend_hours, abs=0.0051)
    assert read.weekdays == pytest.approx(written.weekdays, abs=0.0051)


def same_class(written, read):
    assert (read.name, read.longest_s) == (written.name, written.longest_s)
    assert read.slots == pytest.approx(
        {s: v for s, v in written.slots.items() if s in read.slots}, abs=1.1e-5
    )
    assert {*written.fates} == {*read.fates}
    for name, fate in written.fates.items():
        assert read.fates[name].share == pytest.approx(fate.share, abs=1.1e-5)
        assert read.fates[name].run_factor == pytest.approx(fate.run_factor, rel=6e-4)
    same_distribution(written.run_s, read.run_s)
    ours, theirs = written.series, read.series
    assert np.array(theirs.jobs) == pytest.approx(np.array(ours.jobs), rel=6e-4)
    assert theirs.spread == pytest.approx(ours.spread, abs=6e-4)
    assert theirs.correlation == pytest.approx(np.array(ours.correlation), abs=1e-9)
    same_distribution(ours.apart_s, theirs.apart_s)
    asked = dict(ours.requested)
    assert dict(theirs.requested) == pytest.approx({s: asked[s] for s, _ in theirs.requested}, abs=1.1e-5)
    assert bool(ours.requested) == bool(theirs.requested)
    assert (ours.profile is None) == (theirs.profile is None)
    if ours.profile is not None:
        same_profile(ours.profile, theirs.profile)


def same_model(fitted: Fitted, read: DemandModel):
    written = fitted.model
    assert [kind.name for kind in read.classes] == [kind.name for kind in written.classes]
    for one, other in zip(written.classes, read.classes, strict=True):
        same_class(one, other)
    assert [one.name for one in read.tenants] == [one.name for one in written.tenants]
    for one, other in zip(written.tenants, read.tenants, strict=True):
        assert other.members.at(np.array([20000.0])) == one.members.at(np.array([20000.0]))
        assert other.jobs_per_member_day == pytest.approx(one.jobs_per_member_day, rel=6e-4)
        assert other.activity_sigma == pytest.approx(one.activity_sigma, abs=1e-9)
        shares = {name: share for name, share in one.class_mix.items() if name in other.class_mix}
        assert other.class_mix == pytest.approx(shares, abs=1.1e-5)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    same_profile(written.profile, read.profile)
    target = read.target
    assert target is not None
    assert target.slots == fitted.slots
    assert target.offered_load_frac == pytest.approx(fitted.weeks.load_frac, abs=6e-6)
    if len(fitted.weeks.levels) > 2:
        assert target.weeks is not None
        assert np.array(target.weeks.levels) == pytest.approx(
            np.array(fitted.weeks.levels), rel=6e-4, abs=1e-6
        )
        assert target.weeks.persistence == pytest.approx(fitted.weeks.persistence, abs=6e-4)
        assert target.weeks.restraint_frac == pytest.approx(fitted.restraint_frac)


EVENLY = np.arange(200) * 9000
LOGS = {
    "drawn": lambda: random_log(400),
    "many jobs": lambda: random_log(6000, 2, days=200),
    "exact requests": lambda: random_log(400, run_s=np.arange(1, 401), requested_s=np.arange(1, 401)),
    "no users, groups, queues": lambda: random_log(user=[""] * 300, tenant=[""] * 300, job_class=[""] * 300),
    "one tenant": lambda: random_log(tenant=["only"] * 300),
    "numbers for names": lambda: random_log(tenant=repeated(300, ["1", "2", "-1"])),
    "many tenants": lambda: random_log(3000, tenant=repeated(3000, many("t", 60)),
                                       user=repeated(3000, many("u", 421))),
    "200 equal tenants": lambda: random_log(
        2000, run_s=np.full(2000, 600), requested_s=np.full(2000, 900), slots=np.ones(2000, np.int64),
        tenant=repeated(2000, many("t", 200)), user=repeated(2000, many("u", 1999))),
    "a large tenant": lambda: random_log(
        2000, tenant=["big"] * 1900 + repeated(100, many("s", 50)), user=repeated(2000, many("u", 801))),
    "seconds": lambda: random_log(run_s=np.ones(300, np.int64), slots=np.full(300, 8)),
    "all equal": lambda: table_of(submit_s=EVENLY, run_s=[60] * 200, requested_s=[60] * 200, slots=[1] * 200),
    "a year long": lambda: random_log(run_s=np.full(300, 300 * 86_400), requested_s=np.full(300, 2**40),
                                      slots=np.full(300, 2**10)),
    "huge": lambda: random_log(slots=np.full(300, 2**31 - 1)),
    "ends unlike": lambda: random_log(run_s=np.where(np.arange(300) % 3, 9 * 10**5, 1),
                                      requested_s=np.full(300, 10**6),
                                      state=repeated(300, ["cancelled", "completed", "completed"])),
    "killed": lambda: random_log(state=["timeout"] * 300),
    "fifty": lambda: random_log(50),
    "ten thousand users": lambda: random_log(10_000, user=many("u", 10_000)),
    "a week": lambda: random_log(days=6.9),
    "a day and a bit": lambda: random_log(days=1.1),
    "no date": lambda: random_log(origin=None, submit_s=1_600_000_000 + np.arange(300) * 7919),
}  # fmt: skip
SLOTS = {"seconds": 16, "a year long": 2**24, "huge": 2**31 - 1}


def no_nan(text: str) -> None:
    words = text.replace(",", " ").replace("}", " ").replace("+", "").split()
    assert not {"nan", "inf", "-inf", ".nan", "none", "None"} & {word.strip("{}[]()") for word in words}


@pytest.mark.parametrize(
    ("name", "by"),
    [*((name, "size") for name in LOGS), *(("ends unlike", by) for by in ("job_class", "pool"))],
)
def test_a_model_comes_back_as_it_was(name, by, tmp_path):
    fitted = fit(LOGS[name](), slots=SLOTS.get(name, 640), by=by)
    text = fitted_yaml(fitted, began=MONDAY)
    model = through_yaml(fitted, tmp_path)
    same_model(fitted, model)
    assert max(map(len, text.splitlines())) <= 140
    no_nan(text)
    jobs = generate(model, start=MONDAY, horizon_s=28 * 86_400, seed=1)
    jobs.validate()
    # No job but the largest may be missing from the work of the target.
    work = jobs.numbers("slots").astype(np.float64) * jobs.numbers("run_s")
    missing = model.target.offered_load_frac * model.target.slots * 28 * 86_400 - work.sum()
    assert missing >= 0
    assert missing < work.max() if len(jobs) else True


ODD = [
    "학습",
    "추론",
    "a: b",
    "# c",
    "it's",
    '"q"',
    "x\ny",
    "null",
    "yes",
    "~",
    "{",
    "\x00",
    "\u2028",
    "*a",
    "1e3",
    "a",
]


@pytest.mark.parametrize("by", ["size", "job_class"])
def test_labels_of_any_kind(by, tmp_path):
    size = 1600
    table = random_log(size, tenant=repeated(size, ODD[:11]), job_class=repeated(size, ODD))
    fitted = fit(table, slots=64, by=by)
    model = through_yaml(fitted, tmp_path)
    same_model(fitted, model)
    assert {"학습", "a: b", "# c", "it's", '"q"'} <= {one.title for one in model.tenants}
    if by == "job_class":
        assert len(model.classes) == len(ODD)


@pytest.mark.parametrize(
    "source",
    ["plain.swf", "로그 2024.swf.gz", "a\nkind: site\n.swf", "x: {y} #z 'q' \"r\".swf", "\u2028\x85\x07.swf",
     "\udcff.swf", "a" * 300, "-", "", "\n"],
)  # fmt: skip
def test_files_of_any_name(source, tmp_path):
    fitted = replace(fit(random_log(), slots=64), source=f"/data/{source}")
    same_model(fitted, through_yaml(fitted, tmp_path))
    tree = tree_of(fitted_yaml(fitted, began=MONDAY))
    assert tree["kind"] == "workload"
    keys = {
        "kind",
        "title",
        "source",
        "as_of",
        "why",
        "target",
        "scale",
        "timezone",
        "rhythm",
        "tenants",
        "classes",
    }
    assert {*tree} <= keys


def test_the_date_is_that_of_the_log():
    fitted = fit(random_log(), slots=64)
    assert tree_of(fitted_yaml(fitted, began=MONDAY))["as_of"] == date(2024, 1, 1)
    assert "# of the fit: the log has none" in fitted_yaml(fitted, began=None)
    clockless = fitted_yaml(replace(fitted, has_clock=False), began=None)
    assert "Monday" in clockless


@pytest.mark.parametrize(
    ("table", "slots", "what"),
    [
        (lambda: random_log(49), 64, "49 jobs in .* too few"),
        (lambda: random_log(50).take(np.arange(0)), 64, "0 jobs"),
        (lambda: random_log(submit_s=np.zeros(300, np.int64)), 64, "300 jobs in 0 s"),
        (lambda: random_log(submit_s=np.arange(300) * 10), 64, "at least a day"),
        (lambda: random_log(run_s=np.full(300, 10**7), requested_s=np.full(300, 10**7)), 64, "--slots"),
        (lambda: random_log(run_s=np.ones(300, np.int64)), 10**9, "--slots"),
        (lambda: random_log(submit_s=np.arange(300) * 10**9), 64, "whole seconds"),
    ],
)  # fmt: skip
def test_logs_from_which_nothing_can_be_learned(table, slots, what):
    with pytest.raises(LogError, match=what):
        fit(table(), slots=slots)


def test_shares_add_up_exactly():
    rng = np.random.default_rng(1)
    for size in (1, 2, 3, 7, 60, 255):
        texts = shares_text([*rng.dirichlet(np.full(size, 0.3))])
        thousandths = [round(float(text.removesuffix(" %")) * 1000) for text in texts]
        assert sum(thousandths) == 100_000
        assert min(thousandths) >= 0


def test_shares_too_small_to_be_seen_are_left_out():
    assert table_text({"1": 0.9999999, "2": 0.0000001}) == {"1": "100 %"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 s"), (60, "1 min"), (90, "90 s"), (3600, "1 h"), (86_400, "1 day"), (36 * 3600, "36 h"),
     (0.5, "0.5 s"), (119.96, "120 s"), (7201.7, "2 h"), (2**31 - 1, "2147483647 s"), (1e-3, "0.001 s")],
)  # fmt: skip
def test_durations(seconds, text):
    assert duration_text(seconds) == text


def test_small_and_large_numbers_are_written_without_powers():
    assert [number_text(x) for x in (1e-7, 1e7, 123_456.0, 99_999.5)] == [
        "0.0000001",
        "10000000",
        "123456",
        "99999.5",
    ]


KINDS = [
    d.Constant(7.0),
    d.Lognormal.of(6.0, 1.5),
    d.Weibull(1000.0, 0.6),
    d.Pareto(60.0, 1.5),
    d.Gamma.of(500.0, 2.0),
    d.LogUniform(1.0, 1e5),
    d.LogGamma(4.0, 1.4),
    d.Empirical(((0.0, 1.0), (0.5, 100_003.4), (0.9, 100_004.0), (1.0, 100_004.0))),
    d.Empirical(((0.0, 1002.95), (0.5, 1003.0), (1.0, 1003.1))),
    d.Mixture(((0.3, d.Lognormal.of(3.0, 1.0)), (0.7, d.Lognormal.of(8.0, 0.5)))),
    d.Mixture(tuple((0.25, d.Constant(10.0**n)) for n in range(4))),
    d.Tailed(d.Lognormal.of(6.0, 1.0), 5000.0, 1.2, 0.05),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_distributions_come_back(kind):
    text = tree_of(flow_text(distribution_text(kind)))
    same_distribution(kind, RunTime.model_validate(text).to_distribution())
