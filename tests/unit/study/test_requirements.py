"""Requirements: reading them, what is wrong with the others, what they speak of, and judging runs by them."""

import json
import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from capacity.errors import InputError
from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import labels
from capacity.measure.metrics import CURRENCY, METRICS
from capacity.statistics.bounds import AtLeast
from capacity.statistics.kinds import interval_of
from capacity.statistics.sequential import bounds
from capacity.study.requirements import always_met, check_places, judge, places_of, read_requirement
from capacity.study.size.logs import UNITS as LOG_UNITS
from tests.support.small_site import write_small

# --- Reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "metric", "where", "at_most", "limit"),
    [
        ("p95_wait_s <= 4 h", "p95_wait_s", (), True, 14400.0),
        ("p95_wait_s<=4h", "p95_wait_s", (), True, 14400.0),
        ("  p95_wait_s\t<=\n4 h  ", "p95_wait_s", (), True, 14400.0),
        ("p95_wait_s <= 14400", "p95_wait_s", (), True, 14400.0),
        ("p95_wait_s <= 1.44e4", "p95_wait_s", (), True, 14400.0),
        ("p95_wait_s < 240 min", "p95_wait_s", (), True, 14400.0),
        ("utilization >= 70 %", "utilization", (), False, 0.7),
        ("utilization > .7", "utilization", (), False, 0.7),
        ("utilization <= 0.85", "utilization", (), True, 0.85),
        ("p95_wait_s[] <= 1 h", "p95_wait_s", (), True, 3600.0),
        ("p95_wait_s [ pool = gpu ] <= 1 h", "p95_wait_s", (("pool", "gpu"),), True, 3600.0),
        ("p95_wait_s[pool=*,month=*] <= 1 h", "p95_wait_s", (("pool", "*"), ("month", "*")), True, 3600.0),
        ("p95_wait_s[month=2021-02, pool=gpu] <= 0", "p95_wait_s",
         (("month", "2021-02"), ("pool", "gpu")), True, 0.0),
        ("storage_used_bytes[tier=lake] <= 40 PB", "storage_used_bytes", (("tier", "lake"),), True, 40e15),
        ("storage_used_bytes[tier=lake] <= 1 TiB", "storage_used_bytes", (("tier", "lake"),), True, 2.0**40),
        ("jobs_rejected[pool=gpu] <= 0", "jobs_rejected", (("pool", "gpu"),), True, 0.0),
        ("queue_length[pool=gpu] <= -1", "queue_length", (("pool", "gpu"),), True, -1.0),
        ("mean_power_w <= 2 MW", "mean_power_w", (), True, 2e6),
        ("site_energy_j <= 1 GWh", "site_energy_j", (), True, 3.6e12),
    ],
)  # fmt: skip
def test_requirements_are_read(text, metric, where, at_most, limit):
    found = read_requirement(text)
    assert (found.text, found.metric, found.where, found.at_most) == (text, metric, where, at_most)
    assert found.limit == pytest.approx(limit, rel=1e-12)
    assert found.unit == METRICS[metric].unit


def test_a_limit_of_money_says_its_currency():
    for text, limit, unit in (("3e9 KRW", 3e9, "KRW"), ("2 MEUR", 2e6, "EUR")):
        found = read_requirement(f"electricity_cost <= {text}")
        assert (found.limit, found.unit) == (limit, unit)
    with pytest.raises(InputError, match="'3e9' has no currency"):
        read_requirement("electricity_cost <= 3e9")
    with pytest.raises(InputError, match="not an amount of money"):
        read_requirement("electricity_cost <= 3 W")


def test_the_unit_is_that_of_the_metric_asked_of():
    assert read_requirement("mean_bounded_slowdown <= 3", metrics=LOG_UNITS).limit == 3.0
    with pytest.raises(InputError, match="there is no metric 'mean_bounded_slowdown'"):
        read_requirement("mean_bounded_slowdown <= 3")


FORM = "is not of the form METRIC[LABEL=VALUE] <= LIMIT"


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("", FORM, "p95_wait_s[pool=gpu] <= 4 h"),
        ("p95_wait_s", FORM, "p95_wait_s[pool=gpu] <= 4 h"),
        ("p95_wait_s <=", FORM, "write"),
        ("<= 4 h", FORM, "write"),
        ("p95_wait_s = 4 h", FORM, "write"),
        ("p95_wait_s == 4 h", FORM, "write"),
        ("p95_wait_s => 4 h", FORM, "write"),
        ("p95_wait_s =< 4 h", FORM, "write"),
        ("p95_wait_s != 4 h", FORM, "write"),
        ("p95_wait_s ≤ 4 h", FORM, "write"),
        ("p95 wait <= 4 h", FORM, "write"),
        ("p95_wait_s[pool=gpu <= 4 h", FORM, "write"),
        ("p95_wait_s]pool=gpu[ <= 4 h", FORM, "write"),
        ("p95_wait_s[pool=gpu]x <= 4 h", FORM, "write"),
        ("p95-wait <= 4 h", FORM, "write"),
        ("p95_wait <= 4 h", "there is no metric 'p95_wait'", "did you mean 'p95_wait_s'?"),
        ("warten <= 4 h", "there is no metric 'warten'", "allowed: "),
        ("대기 <= 4 h", "there is no metric '대기'", "allowed: "),
        ("p95_wait_s[pool] <= 4 h", "'pool' is not of the form LABEL=VALUE", "write"),
        ("p95_wait_s[=gpu] <= 4 h", "'=gpu' is not of the form LABEL=VALUE", "write"),
        ("p95_wait_s[pool=] <= 4 h", "'pool=' is not of the form LABEL=VALUE", "write"),
        ("p95_wait_s[pool=gpu,] <= 4 h", "'pool=gpu,' is not of the form LABEL=VALUE", "write"),
        ("p95_wait_s[pool=gpu,pool=cpu] <= 4 h", "'pool=gpu,pool=cpu' names a label twice", "or *"),
        ("p95_wait_s <= 4 parsec", "parsec", ""),
        ("p95_wait_s <= 4 GB", "GB", ""),
        ("p95_wait_s <= four hours", "four", ""),
        ("p95_wait_s <= inf", "'inf' is no limit", "a finite number"),
        ("p95_wait_s <= -Infinity", "'-Infinity' is no limit", "a finite number"),
        ("p95_wait_s <= 1e999", "'1e999' is no limit", "a finite number"),
        ("p95_wait_s <= nan", "'nan' is no limit", "a finite number"),
        ("p95_wait_s <= 4 h and utilization <= 1", "", ""),
        ("p95_wait_s <= <= 4 h", "<=", ""),
        ("p95_wait_s <== 4 h", FORM, "write"),
        ("p95_wait_s << 4 h", "<", ""),
        ("jobs_rejected[pool=gpu] <= few", "'few' is no number", "a number of [job]"),
        ("jobs_rejected[pool=gpu] <= 3 h", "'3 h' is no number", "a number of [job]"),
        ("utilization <= 70 h", "h", ""),
    ],
)  # fmt: skip
def test_other_forms_are_refused_with_a_sentence(text, what, fix):
    with pytest.raises(InputError) as caught:
        read_requirement(text)
    (problem,) = caught.value.problems
    assert problem.where == f"--require {text}"
    assert what in problem.what
    assert fix in problem.fix
    assert problem.what.strip()


@given(st.text(max_size=60) | st.from_regex(r"[a-z_\[\]=,*<>0-9 %h.-]{1,60}", fullmatch=True))
def test_any_text_is_read_or_refused(text):
    try:
        found = read_requirement(text)
    except InputError as error:
        assert str(error)
    else:
        assert math.isfinite(found.limit)


@given(
    st.sampled_from(sorted(name for name, metric in METRICS.items() if metric.unit != CURRENCY)),
    st.dictionaries(
        st.sampled_from(["pool", "tier", "month", "tenant"]), st.sampled_from(["a", "*", "2021-02"])
    ),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_what_is_written_is_read(metric, where, at_most, limit):
    inside = f"[{','.join(f'{name}={value}' for name, value in where.items())}]" if where else ""
    found = read_requirement(f"{metric}{inside} {'<=' if at_most else '>='} {limit!r}")
    assert (found.metric, dict(found.where), found.at_most, found.limit) == (metric, where, at_most, limit)


def test_every_metric_takes_a_bare_number_but_those_of_money():
    for units in ({name: metric.unit for name, metric in METRICS.items()}, LOG_UNITS):
        for metric, unit in units.items():
            if unit == CURRENCY:
                continue
            assert read_requirement(f"{metric} <= 2", metrics=units).unit == unit


# --- Places that the scenario has ------------------------------------------------------------------


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return load_scenario(write_small(tmp_path_factory.mktemp("small"))).scenario


@pytest.mark.parametrize(
    "inside",
    [
        "pool=gpu", "pool=*", "tier=lake", "job_class=large", "tenant=firm", "month=all", "month=*",
        "month=2021-01",        "month=2021-03", "pool=gpu,month=2021-02", "kind=anything",
    ],
)  # fmt: skip
def test_places_of_the_scenario_are_accepted(scenario, inside):
    check_places(read_requirement(f"p95_wait_s[{inside}] <= 1"), scenario)


@pytest.mark.parametrize(
    ("inside", "what", "fix"),
    [
        ("pool=gpus", "the scenario has no pool 'gpus'", "did you mean 'gpu'?"),
        ("pool=x", "the scenario has no pool 'x'", "allowed: gpu, hpc"),
        ("pool=GPU", "the scenario has no pool 'GPU'", "gpu"),
        ("tier=fats", "the scenario has no tier 'fats'", "did you mean 'fast'?"),
        ("job_class=larg", "the scenario has no job class 'larg'", "did you mean 'large'?"),
        ("tenant=labs", "the scenario has no tenant 'labs'", "did you mean 'lab'?"),
        ("month=2020-12", "'2020-12' is no month of the scenario", "a month from 2021-01 to 2021-03"),
        ("month=2021-04", "'2021-04' is no month of the scenario", "a month from 2021-01 to 2021-03"),
        ("month=2021-13", "'2021-13' is no month of the scenario", "all for the whole horizon, * for each"),
        ("month=2021-2", "'2021-2' is no month of the scenario", ""),
        ("month=February", "'February' is no month of the scenario", ""),
        ("month=2021-00", "'2021-00' is no month of the scenario", ""),
        ("month=２０２１-02", "is no month of the scenario", ""),
    ],
)
def test_places_that_are_not_there_are_refused(scenario, inside, what, fix):
    with pytest.raises(InputError) as caught:
        check_places(read_requirement(f"p95_wait_s[{inside}] <= 1"), scenario)
    (problem,) = caught.value.problems
    assert problem.where == f"--require p95_wait_s[{inside}] <= 1"
    assert what in problem.what
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("storage_used_frac[tier=fast] <= 85 %", "fast"),
        ("storage_used_frac[tier=lake] <= 0.9", "lake"),
        ("storage_used_frac[tier=*,month=*] <= 0.85", "fast and lake"),
        ("storage_used_frac[tier=fast] <= 84 %", ""),
        ("storage_used_frac[tier=fast] >= 85 %", ""),
        ("utilization[pool=gpu] <= 1", ""),
    ],
)
def test_that_a_tier_is_no_fuller_than_its_limit_is_no_question(scenario, text, names):
    warnings = always_met([read_requirement(text)], scenario)
    assert len(warnings) == bool(names)
    if names:
        assert f"met by any site: {names} turns data away from its fill_limit of 0.85 on" in warnings[0]


def test_a_month_in_the_middle_of_a_horizon_over_a_year(tmp_path):
    scenario = load_scenario(write_small(tmp_path), until=date(2022, 2, 1)).scenario
    check_places(read_requirement("p95_wait_s[month=2021-12] <= 1"), scenario)
    with pytest.raises(InputError, match="is no month"):
        check_places(read_requirement("p95_wait_s[month=2021-13] <= 1"), scenario)


# --- Which values it speaks of --------------------------------------------------------------------

MONTHS = ("2021-01", "2021-02", "all")
VALUES = {
    **{("p95_wait_s", labels(month=month)): 1.0 for month in MONTHS},
    **{("p95_wait_s", labels(pool=pool, month=month)): 1.0 for pool in ("gpu", "hpc") for month in MONTHS},
    **{("p95_wait_s", labels(pool=pool, month="all", slots="8")): 1.0 for pool in ("gpu", "hpc")},
    ("storage_full_s", labels(tier="fast")): 1.0,
    ("storage_full_s", labels(tier="lake")): 1.0,
    ("requeues", ()): 1.0,
}
UNITS = {"p95_wait_s": "s", "storage_full_s": "s", "requeues": "1", "mean_wait_s": "s"}


def asked(text):
    return read_requirement(text, metrics=UNITS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p95_wait_s", [labels(month="all")]),
        ("p95_wait_s[month=all]", [labels(month="all")]),
        ("p95_wait_s[month=2021-02]", [labels(month="2021-02")]),
        ("p95_wait_s[month=*]", [labels(month="2021-01"), labels(month="2021-02")]),
        ("p95_wait_s[pool=hpc]", [labels(pool="hpc", month="all")]),
        ("p95_wait_s[pool=*]", [labels(pool="gpu", month="all"), labels(pool="hpc", month="all")]),
        ("p95_wait_s[pool=*,month=2021-01]", [labels(pool=pool, month="2021-01") for pool in ("gpu", "hpc")]),
        ("p95_wait_s[month=*,pool=gpu]", [labels(pool="gpu", month=month) for month in MONTHS[:2]]),
        ("p95_wait_s[pool=*,month=*]",
         [labels(pool=pool, month=month) for pool in ("gpu", "hpc") for month in MONTHS[:2]]),
        ("p95_wait_s[pool=gpu,slots=*]", [labels(pool="gpu", month="all", slots="8")]),
        ("storage_full_s[tier=lake]", [labels(tier="lake")]),
        ("storage_full_s[tier=*]", [labels(tier="fast"), labels(tier="lake")]),
        ("requeues", [()]),
    ],
)  # fmt: skip
def test_a_requirement_speaks_of(text, expected):
    assert places_of(asked(f"{text} <= 1"), list(VALUES)) == expected


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        (
            "p95_wait_s[tier=lake]",
            "there are: p95_wait_s[month=…], p95_wait_s[pool=…,month=…], p95_wait_s[pool=…,month=…,slots=…]",
        ),
        ("p95_wait_s[pool=cpu]", "p95_wait_s[pool=…,month=…]"),
        ("p95_wait_s[month=2021-03]", "p95_wait_s[month=…]"),
        ("storage_full_s", "there are: storage_full_s[tier=…]"),
        ("storage_full_s[tier=lake,month=all]", "there are: storage_full_s[tier=…]"),
        ("mean_wait_s", "it is not measured here"),
    ],
)
def test_a_requirement_on_nothing_is_refused(text, fix):
    with pytest.raises(InputError) as caught:
        places_of(asked(f"{text} <= 1"), list(VALUES))
    (problem,) = caught.value.problems
    assert problem.what == "this is not measured"
    assert problem.where == f"--require {text} <= 1"
    assert fix in problem.fix


# --- Judging --------------------------------------------------------------------------------------

PLAIN = ("requeues", ())
NAN = math.nan


def judged(sign, limit, values, *, certain=False, share=0.8, confidence=0.95):
    runs = [{PLAIN: value} for value in values]
    if certain:
        return judge(asked(f"requeues {sign} {limit!r}"), runs)
    (look,) = bounds([len(runs)], share, confidence)
    return judge(asked(f"requeues {sign} {limit!r}"), runs, look, share=share, confidence=confidence)


@pytest.mark.parametrize(
    ("met", "missed", "standing"),
    [(14, 0, "shown"), (13, 1, "not shown"), (9, 5, "not shown"), (8, 6, "shown not"), (0, 3, "shown not"),
     (13, 0, "not shown"), (21, 1, "shown"), (28, 2, "shown"), (27, 3, "not shown"), (0, 1, "not shown"),
     (0, 2, "shown not")],
)  # fmt: skip
def test_so_many_of_so_many_show_eighty_percent(met, missed, standing):
    """P(14 of 14) = 0.8^14 = 4.4 %, P(21 or 22 of 22) = 4.8 %, P(28 to 30 of 30) = 4.4 %, P(0 of 2) = 4 %."""
    values = [1.0] * met + [9.0] * missed
    for sign, mirrored in (("<=", values), (">=", [10.0 - value for value in values])):
        found = judged(sign, 5.0, mirrored)
        assert (found.verdict.standing, found.within, found.verdict.n) == (standing, met, met + missed)
        assert (found.share, found.to_json()["share"], found.to_json()["within"]) == (0.8, 0.8, met)


@given(st.integers(2, 60), st.data(), st.sampled_from([0.5, 0.8, 0.95]), st.sampled_from([0.9, 0.95]))
def test_a_verdict_is_what_clopper_and_pearson_say(count, data, share, confidence):
    met = data.draw(st.integers(0, count))
    found = judged("<=", 5.0, [1.0] * met + [9.0] * (count - met), share=share, confidence=confidence)
    at_least = stats.binomtest(met, count, share, alternative="greater").pvalue <= 1 - confidence
    at_most = stats.binomtest(met, count, share, alternative="less").pvalue <= 1 - confidence
    assert found.verdict.standing == ("shown" if at_least else "shown not" if at_most else "not shown")


def test_a_mean_within_the_limit_shows_nothing():
    """Twelve futures at 1 and two at 40: the mean, 6.6, is within 10, and one future in seven is not."""
    found = judged("<=", 10.0, [1.0] * 12 + [40.0] * 2)
    assert (found.verdict.standing, found.within) == ("not shown", 12)
    assert found.verdict.found < 10.0


def test_what_was_found_is_what_findings_say():
    """Requeues are skewed: their mean, with a low end alone below ten replications."""
    found = judged("<=", 4.0, [1.0, 2.0, 6.0]).verdict
    own = interval_of("skewed", [1.0, 2.0, 6.0])
    assert (found.found, found.low, found.by) == (3.0, own.low, -1.0)
    assert math.isnan(found.high)
    assert (found.asked, found.metric, found.unit) == ("requeues <= 4.0", "requeues", "1")


def test_the_limit_itself_is_met():
    for sign in ("<=", ">="):
        assert judged(sign, 2.0, [2.0] * 14).verdict.standing == "shown"
        assert judged(sign, 2.0, [2.0], certain=True).verdict.standing == "shown"


def test_one_run_shows_nothing_but_of_a_log():
    for value in (1.0, 9.0):
        found = judged("<=", 5.0, [value]).verdict
        assert (found.standing, found.n, found.found) == ("not shown", 1, value)
        assert math.isnan(found.low)
        assert math.isnan(found.high)
    assert judged("<=", 5.0, [1.0], certain=True).verdict.standing == "shown"
    found = judged("<=", 5.0, [9.0], certain=True)
    assert (found.verdict.standing, found.verdict.low, found.verdict.high) == ("shown not", 9.0, 9.0)
    assert math.isnan(found.share)


def test_what_was_not_measured_is_open():
    for certain in (False, True):
        found = judged("<=", 5.0, [NAN, NAN], certain=certain)
        assert (found.verdict.standing, found.verdict.n) == ("not shown", 0)
        assert math.isnan(found.verdict.found)
        assert math.isnan(found.room)
        said = found.to_json()
        assert (said["found"], said["low"], said["high"], said["limit"]) == (None, None, None, 5.0)
        json.dumps(said, allow_nan=False)


def test_a_replication_without_a_value_speaks_for_neither_side():
    assert judged("<=", 5.0, [NAN, *[1.0] * 14]).verdict.standing == "not shown", "14 of 15 are too few"
    assert judged("<=", 5.0, [NAN, *[1.0] * 21]).verdict.standing == "shown", "21 of 22 are enough"
    assert judged("<=", 5.0, [9.0, 9.0]).verdict.standing == "shown not"
    assert judged("<=", 5.0, [NAN, 9.0, 9.0]).verdict.standing == "not shown"


def test_the_least_that_it_can_be_is_no_proof_of_a_limit_from_above():
    """Fourteen waits so far of an hour show nothing; of nine hours they are over five all the same."""
    short, long = [AtLeast(1.0)] * 14, [AtLeast(9.0)] * 14
    assert judged("<=", 5.0, short).verdict.standing == "not shown"
    assert judged("<=", 5.0, short).within == 0
    assert judged("<=", 5.0, long).verdict.standing == "shown not"
    assert judged(">=", 5.0, long).verdict.standing == "shown"
    assert judged(">=", 5.0, short).verdict.standing == "not shown"
    assert judged("<=", 5.0, short[:1], certain=True).verdict.standing == "not shown"
    assert judged("<=", 5.0, [*[1.0] * 21, AtLeast(1.0)]).verdict.standing == "shown", "21 of 22 are enough"


def test_infinite_values_of_a_log_fail():
    assert judged("<=", 5.0, [math.inf], certain=True).verdict.standing == "shown not"


def test_room_is_what_is_left_of_the_limit():
    assert judged("<=", 4.0, [1.0, 1.0]).room == pytest.approx(0.75)
    assert judged("<=", 4.0, [5.0, 5.0]).room == pytest.approx(-0.25)
    assert judged(">=", 4.0, [5.0, 5.0]).room == pytest.approx(0.25)
    assert judged(">=", 4.0, [3.0, 3.0]).room == pytest.approx(-0.25)
    assert judged("<=", 0.0, [2.0, 2.0]).room == pytest.approx(-2)


def of_pools(gpu, hpc):
    return [
        {
            ("p95_wait_s", labels(pool="gpu", month="all")): a,
            ("p95_wait_s", labels(pool="hpc", month="all")): b,
        }
        for a, b in zip(gpu, hpc, strict=True)
    ]


@pytest.mark.parametrize(
    ("gpu", "hpc", "pool", "standing"),
    [
        ([1.0, 1.1], [2.0, 2.1], "hpc", "shown"),
        ([2.0, 2.1], [1.0, 1.1], "gpu", "shown"),
        ([20.0, 20.1], [1.0, 1.1], "gpu", "shown not"),
        ([20.0, 20.1], [50.0, 50.1], "hpc", "shown not"),
        ([1.0, 1.1, 1.2, 30.0], [2.0, 2.1, 2.0, 2.1], "gpu", "not shown"),
        ([1.0, 30.0], [11.0, 11.1], "hpc", "shown not"),
        ([30.0, 1.0], [1.0, 30.0], "gpu", "shown not"),  # no future has both within the limit
        ([NAN, NAN], [2.0, 2.1], "hpc", "shown"),  # a pool that was never measured asks for nothing
        ([NAN, NAN], [NAN, NAN], "gpu", "not shown"),
        ([NAN, NAN], [12.0, 12.1], "hpc", "shown not"),
    ],
)
def test_the_worst_place_decides(gpu, hpc, pool, standing):
    (look,) = bounds([7 * len(gpu)], 0.8, 0.95)
    found = judge(asked("p95_wait_s[pool=*] <= 10"), of_pools(7 * gpu, 7 * hpc), look)
    assert dict(found.verdict.labels) == {"pool": pool, "month": "all"}
    assert found.verdict.standing == standing
    assert found.to_json()["labels"] == {"pool": pool, "month": "all"}


def test_what_only_some_runs_measured_is_judged_by_them():
    runs = of_pools([1.0, 1.1, 1.2], [2.0, 2.1, 2.2])
    del runs[0]["p95_wait_s", labels(pool="hpc", month="all")]
    assert judge(asked("p95_wait_s[pool=hpc] <= 10"), runs).verdict.n == 2


def test_how_many_replications_hold_by_themselves():
    """A mean of 3 h with one future of ten hours: met or not, one should know."""
    key = ("p95_wait_s", labels(pool="gpu", month="all"))
    runs = [{key: hours * 3600.0} for hours in (1, 1, 2, 4, 10, math.nan)]
    found = judge(read_requirement("p95_wait_s[pool=gpu] <= 4 h"), runs)
    assert (found.within, found.verdict.n) == (4, 5), "the limit itself is within"
    low = judge(read_requirement("p95_wait_s[pool=gpu] >= 4 h"), runs)
    assert (low.within, low.verdict.n) == (2, 5)
    assert found.to_json()["within"] == 4
