"""Workloads as planners write them: what is read, what is refused, and where the complaint points."""

from dataclasses import fields, is_dataclass
from datetime import date
from math import log
from pathlib import Path

import pytest

from capacity.errors import InputError
from capacity.inputs.demand import job_class
from capacity.inputs.demand.growth import Season
from capacity.inputs.reading.loader import load_part
from workloads.synthetic import distributions
from workloads.synthetic.model import ONE_BY_ONE

SMALL = """\
kind: workload
title: A small one
source: assumption
as_of: 2021
why: For this test.
reference: dgx-a100
classes:
  work:
    title: Work
    pool: gpu
    precision: bf16
    bound: {compute: 50 %, host: 50 %}
    slots: {1: 75 %, 8: 0.25}
    run: {median: 10 min, mean: 1 h}
    limit: 1-00:00:00
tenants:
  firm:
    title: A firm
    members: {points: {2021-05-01: 10}}
    jobs_per_member: 2 job/user/day
    works_on: {work: 100 %}
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return load_part("workload", path)


def problems(tmp_path: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        load(tmp_path, text)
    return str(caught.value)


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


def test_a_small_workload_becomes_a_model_in_si(tmp_path):
    model = load(tmp_path, SMALL).record.to_model()
    (work,), (firm,) = model.classes, model.tenants
    assert model.reference == "dgx-a100"
    assert work.slots == {1: 0.75, 8: 0.25}
    assert work.run_s == distributions.Lognormal(600, 3600)
    assert work.longest_s == 86400
    assert (work.requests.longest, work.requests.too_short) == (0.3, 0.01)
    assert work.bursts == ONE_BY_ONE
    assert firm.jobs_per_member_day == pytest.approx(2)
    assert firm.members.points == ((date(2021, 5, 1), 10.0),)


@pytest.mark.parametrize(
    ("record", "required"),
    [
        (job_class.Requested, set()),
        (job_class.Fate, {"share"}),
        (job_class.Bursts, {"jobs", "apart"}),
        (job_class.Array, {"tasks"}),
        (job_class.Depends, {"share"}),
        (job_class.Sessions, {"jobs", "think"}),
        (job_class.Resubmit, {"share", "after"}),
        (Season, {"start", "until", "weight"}),
    ],
)
def test_a_record_that_is_one_of_the_model_says_itself_what_must_be_given(record, required):
    """Pydantic takes a default of the plain class for one of the record, and the key could be left out."""
    assert {name for name, field in record.model_fields.items() if field.is_required()} == required
    (numbers,) = (base for base in record.__bases__ if is_dataclass(base))
    assert {field.name for field in fields(numbers)} <= set(record.model_fields)


def test_output_and_ingest_come_in_bytes_and_seconds(tmp_path):
    text = changed(
        "limit: 1-00:00:00",
        "limit: 1 day\n    writes: {out: {tier: disk, per_slot_hour: 3.6 GB/slot/h, keep: 1 h}}",
    )
    cars = "title: Cars, tier: tape, sources: {points: {2021-05-01: 2}}, per_source: 86.4 GB/day"
    text += f"    brings: {{cars: {{{cars}}}}}\n"
    workload = load(tmp_path, text).record
    assert workload.tiers == {"disk", "tape"}
    assert workload.pools == {"gpu"}
    output = workload.classes["work"].writes["out"]
    assert (output.per_slot_hour, output.per_job, output.keep) == (pytest.approx(1e6), None, 3600)
    ingest = workload.tenants["firm"].brings["cars"]
    assert (ingest.per_source, ingest.brought, ingest.keep) == (pytest.approx(1e6), None, None)


@pytest.mark.parametrize(
    ("run", "distribution"),
    [
        ("{always: 1 h}", distributions.Constant(3600)),
        ("{scale: 1 h, shape: 0.6}", distributions.Weibull(3600, 0.6)),
        ("{minimum: 1 min, exponent: 1.5}", distributions.Pareto(60, 1.5)),
        (
            "{quantiles: {0 %: 1 s, 50 %: 1 min, 100 %: 1 h}}",
            distributions.Empirical(((0, 1), (0.5, 60), (1, 3600))),
        ),
        (
            "{mixture: {quick: {share: 20 %, always: 1 s}, long: {share: 80 %, median: 1 h, mean: 2 h}}}",
            distributions.Mixture(
                ((0.2, distributions.Constant(1)), (0.8, distributions.Lognormal(3600, 7200)))
            ),
        ),
        ("{mean: 1 h, cv: 2.0}", distributions.Gamma(0.25, 14400)),
        ("{shortest: 1 min, longest: 1 h}", distributions.LogUniform(60, 3600)),
        ("{log_shape: 4.2, log_scale: 0.94}", distributions.LogGamma(4.2, 0.94)),
        ("{median: 1 h, spread: 3.0}", distributions.Lognormal.of(log(3600), log(3))),
        (
            "{median: 10 min, mean: 1 h, tail: {above: 1 d, exponent: 1.2, share: 2 %}}",
            distributions.Tailed(distributions.Lognormal(600, 3600), 86400, 1.2, 0.02),
        ),
    ],
)
def test_the_keys_say_which_distribution(tmp_path, run, distribution):
    text = changed("{median: 10 min, mean: 1 h}", run)
    assert load(tmp_path, text).record.to_model().classes[0].run_s == distribution


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("mean: 1 h", "mean: 5 min", "14:33", "mean (300 s) is not more than median (600 s)"),
        ("mean: 1 h", "shape: 2.0", "14:10", "median and shape is no distribution"),
        ("{median: 10 min, mean: 1 h}", "{}", "14:10", "nothing is no distribution"),
        ("{median: 10 min, mean: 1 h}", "{always: 3600}", "14:19", "has no unit"),
        (
            "{median: 10 min, mean: 1 h}",
            "{quantiles: {0 %: 1 s, 90 %: 1 h}}",
            "14:",
            "do not go from 0 % to 100 %",
        ),
        ("{median: 10 min, mean: 1 h}", "{quantiles: {0 %: 9 s, 100 %: 1 s}}", "14:", "not in order"),
        (
            "{median: 10 min, mean: 1 h}",
            "{mixture: {a: {share: 20 %, always: 1 s}}}",
            "14:",
            "add up to 20.0%",
        ),
        ("mean: 1 h", "spread: 0.5", "14:35", "a spread of 0.5 is not between 1 and 1000"),
        ("{median: 10 min, mean: 1 h}", "{mean: 1 h, cv: 1000.0}", "14:26", "variation of 1000 is not"),
        ("{median: 10 min, mean: 1 h}", "{shortest: 1 h, longest: 1 min}", "14:", "longest (60 s) is not"),
        ("1 h}", "1 h, tail: {above: 1 h, exponent: 1.0, share: 0 %}}", "14:79", "0% of the jobs is none"),
        ("1 h}", "1 h, tail: {above: 1 s, exponent: 1.0, share: 1 %}}", "14:", "hardly a job of the rest"),
        ("1 h}", "1 h, tail: {above: 1 s, share: 1 %}}", "14:", "exponent"),
        (
            "{median: 10 min, mean: 1 h}",
            "{always: 1 h, tail: {above: 1 d, exponent: 1.0, share: 1 %}}",
            "14:",
            "takes no tail",
        ),
        ("8: 0.25", "8: 35 %", "13:12", "the shares add up to 110.0%, not to 100 %"),
        ("8: 0.25", "0: 25 %", "13:", "slots"),
        ("8: 0.25", "many: 25 %", "13:", "slots"),
        ("bound: {compute: 50 %, host: 50 %}", "bound: {compute: 150 %}", "12:22", "too large"),
        ("limit: 1-00:00:00", "limit: 10 s", "15:12", "too small"),
        ("limit: 1-00:00:00", "fates: {done: {share: 100 %}}\n    limit: 1 h", "15:", "done"),
        ("precision: bf16", "precision: bf17", "11:16", "bf16"),
        ("{work: 100 %}", "{werk: 100 %}", "21:", "there is no class 'werk'"),
        ("{work: 100 %}", "{work: 90 %}", "21:15", "the shares add up to 90.0%"),
        ("{2021-05-01: 10}", "{2021-05-01: 10, 2021-04-01: 20}", "19:", "2021-04-01 is not after 2021-05-01"),
        ("{2021-05-01: 10}", "{2021-05-01: -3}", "19:", "negative"),
        ("{2021-05-01: 10}", "{may: 3}", "19:", "'may' is no day"),
        (
            "{points: {2021-05-01: 10}}",
            "{growth: exponential, points: {2021-05-01: 0}}",
            "19:",
            "start from or reach 0",
        ),
        ("2 job/user/day", "2", "20:22", "no unit"),
        ("reference: dgx-a100", "reference: dgx-a10", "6:12", "dgx-a100"),
        ("reference: dgx-a100", "reference: a100-sxm4-40", "6:12", "it is inside dgx-a100, dgx-a100-gist"),
        ("tenants:", "admitted: {points: {2021-05-01: 120 %}}\ntenants:", "16:", "too large"),
        ("tenants:", "rhythm: {hours: [1, 2]}\ntenants:", "16:", "hours"),
        ("tenants:", "rhythm: {weekdays: {monday: 1}}\ntenants:", "16:", "mon"),
        ("tenants:", "rhythm: {holidays: {X: [2021-02-30]}}\ntenants:", "16:", "no day"),
        ("    title: Work", "    titel: Work", "9:5", "did you mean 'title'"),
        ("    title: Work", "    title: Work\n    source: assumption", "10:", "needs a reason"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(tmp_path, old, new, where, what):
    message = problems(tmp_path, changed(old, new))
    assert f"small.yaml:{where}" in message
    assert what in message


def test_an_idle_class_is_a_warning(tmp_path):
    text = changed("tenants:", "  idle:\n    extends_not: 1\ntenants:").replace("    extends_not: 1\n", IDLE)
    assert load(tmp_path, text).warnings == ("workload small: nobody works on class 'idle'",)


IDLE = "".join(f"{line}\n" for line in SMALL.split("\n")[8:15])


@pytest.mark.parametrize("name", ["gwangju-research", "gwangju-research-as-built"])
def test_shipped_workloads_load_without_a_warning(name):
    loaded = load_part("workload", name)
    assert loaded.warnings == ()
    assert loaded.record.pools == {"gpu", "hpc"}
    assert loaded.record.tiers == {"flash", "disk", "tape"}


def test_as_built_differs_only_in_who_is_let_in():
    plan, built = (
        load_part("workload", name).record for name in ("gwangju-research", "gwangju-research-as-built")
    )
    assert plan.to_model().classes == built.to_model().classes
    assert plan.to_model().tenants == built.to_model().tenants
    assert plan.admitted != built.admitted
