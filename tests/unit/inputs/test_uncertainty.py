"""Ranges as people write them: what each form stands for, what is wrong with one, a scenario in a world."""

from datetime import date

import pytest

from capacity.errors import InputError
from capacity.facility.uncertainty import BetaPert, Metalog, ShiftedLognormal, Triangle
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.inputs.uncertainty.applied import in_world
from capacity.inputs.uncertainty.corners import check_corners
from tests.spec_files import SITE, load, problems, write, write_site
from tests.support.plain_demand import SCENARIO, WORKLOAD, changed, write_plain

RANGED = "\nuncertain:\n  doubt: {{of: [{of}], {how}, source: assumption, why: Nobody knows.}}\n"


def site_with(pue):
    return SITE.replace("pue: 1.5", f"pue: {pue}")


def assumption(folder, pue):
    write_site(folder)
    (found,) = load("site", folder, site_with(pue)).assumptions
    return found


def in_world_of(path, *overrides, **drawn):
    """Load a scenario and put it into a world: as stated, but for what is named by its last word."""
    loaded = load_scenario(path, overrides=overrides)
    values = {one.name: drawn.get(one.name.split(".")[-1], one.likely) for one in loaded.assumptions}
    return loaded, in_world(loaded, loaded.assumptions, values, world="world 7")


def plain_with(folder, of, how, *pairs):
    return write_plain(folder, changed(*pairs) + RANGED.format(of=of, how=how))


def test_a_positive_number_with_its_middle_where_it_belongs_is_lognormal(tmp_path):
    write_site(tmp_path)
    price = "electricity_price: {value: 100 KRW/kWh, range: [80 KRW/kWh, 125 KRW/kWh]}"
    (found,) = load("site", tmp_path, SITE.replace("electricity_price: 100 KRW/kWh", price)).assumptions
    assert isinstance(found.what, ShiftedLognormal)
    assert found.what.quantile(0.5) == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("pue", "kind", "part", "value"),
    [
        ("{value: 1.35, range: [1.2, 1.55]}", Metalog, 0.9, 1.55),
        ("{low: 1.2, likely: 1.35, high: 1.55}", Metalog, 0.1, 1.2),
        ("{value: 1.35, range: [1.2, 1.55], confidence: 90 %}", Metalog, 0.95, 1.55),
        ("{value: 1.35, range: [1.2, 1.55], confidence: 100 %}", BetaPert, 1.0, 1.55),
        ("{value: 1.35, range: [1.2, 1.55], confidence: 100 %, shape: triangular}", Triangle, 0.0, 1.2),
        ("{value: 1.35, quantiles: {10 %: 1.25, 50 %: 1.4, 90 %: 1.6}}", Metalog, 0.5, 1.4),
        ("{value: 1.35, range: [1.2, 1.55], stretch: 1.25}", Metalog, 0.5, 1.35),
    ],
)
def test_each_form_is_the_distribution_it_says(tmp_path, pue, kind, part, value):
    found = assumption(tmp_path, pue)
    assert isinstance(found.what, kind)
    assert found.what.quantile(part) == pytest.approx(value, abs=1e-9)
    assert (found.name, found.source, found.likely) == (
        "pue",
        "a page",
        load("site", tmp_path, site_with(pue)).record.pue,
    )


@pytest.mark.parametrize(
    ("pue", "said"),
    [
        ("{value: 1.35, range: []}", "is no range"),
        ("{value: 1.35, range: [1.2]}", "is no range"),
        ("{value: 1.35, range: [1.4, 1.4]}", "the range is empty"),
        ("{value: 1.35, range: [1.5, 1.2]}", "the range is reversed"),
        ("{value: 1.35, range: [0.9, 1.5]}", "0.9 is too small"),
        ("{value: 1.35, range: [1.4, 1.5]}", "does not lie between"),
        ("{value: 1.35, range: [1.34, 2.5]}", "too near one end"),
        ("{value: 1.35, low: 1.2}", "'low' without 'high'"),
        ("{value: 1.35, high: 1.5}", "'high' without 'low'"),
        ("{value: 1.35, range: [1.2, 1.5], low: 1.1}", "two ways to say one thing"),
        ("{value: 1.35, likely: 1.35, low: 1.2, high: 1.5}", "two ways to say one thing"),
        ("{value: 1.35, range: [1.2, 1.5], confidence: 0 %}", "between 0 and 100 %"),
        ("{value: 1.35, range: [1.2, 1.5], confidence: often}", "is no share"),
        ("{value: 1.35, range: [1.2, 1.5], shape: round}", "unknown shape"),
        ("{value: 1.35, range: [1.2, 1.5], shape: triangular}", "need a confidence of 100 %"),
        ("{value: 1.35, range: [1.2, 1.5], confidence: 100 %, shape: metalog}", "below 100 %"),
        ("{value: 1.35, range: [1.2, 1.5], stretch: 9}", "is no factor on a range"),
        ("{value: 1.35, range: [1.2, 1.5], confidence: 100 %, stretch: 1.25}", "can be stretched"),
        ("{value: 1.35, range: [1.2, 1.5], fixed: true}", "'fixed' beside a range"),
        ("{value: 1.35, quantiles: {10 %: 1.4, 50 %: 1.3}}", "quantiles must rise"),
        ("{value: 1.35, quantiles: {50 %: 1.3}}", "two to nine quantiles"),
        ("{value: 1.35, quantiles: [1, 2]}", "are no quantiles"),
        ("{value: 1.35, choices: {1.3: 50 %, 1.4: 40 %}}", "add up to 90 %"),
        ("{value: 1.35, choices: {1.3: 100 %}}", "two or more"),
        ("{value: 1.35, choices: 1.3}", "is no choice"),
        ("{value: 1.35, range: [1.2, 1.5], strength: 0.5}", "'strength' without 'follows'"),
        ("{value: 1.35, range: [1.2, 1.5], follows: x, strength: 2}", "is no strength"),
        ("{value: 1.35, range: [1.2, 1e400]}", "not a finite number"),
    ],
)  # fmt: skip
def test_a_wrong_range_is_an_error_at_its_line(tmp_path, pue, said):
    write_site(tmp_path)
    (one,) = problems("site", tmp_path, site_with(pue))
    assert said in one
    assert one.startswith("x.yaml:13:")


@pytest.mark.parametrize(
    "written", ["2021-01-01", "{value: 2021-01-01, range: [2021-01-01, 2022-01-01], source: a}"]
)
def test_a_day_has_choices_and_no_range(tmp_path, written):
    write_site(tmp_path)
    text = SITE.replace("{date: 2021-01-01", f"{{date: {written}")
    if "range" in written:
        (one,) = problems("site", tmp_path, text)
        assert "has no range" in one and "choices" in one
    choice = "{value: 2021-01-01, choices: {2021-01-01: 60 %, 2021-07-01: 40 %}}"
    (found,) = load("site", tmp_path, SITE.replace("{date: 2021-01-01", f"{{date: {choice}")).assumptions
    assert [found.in_words(place) for place in (0.0, 1.0)] == ["2021-01-01", "2021-07-01"]


def test_a_range_is_inherited_and_a_plain_number_takes_it_away(tmp_path):
    write_site(tmp_path, site_with("{value: 1.35, range: [1.2, 1.55]}"))
    child = "kind: site\nextends: ./site.yaml\n"
    assert [one.name for one in load("site", tmp_path, child).assumptions] == ["pue"]
    assert load("site", tmp_path, f"{child}pue: 1.3\n").assumptions == ()
    assert load("site", tmp_path, child, "pue=1.3").assumptions == ()
    (other,) = load("site", tmp_path, child, "pue={value: 1.3, range: [1.1, 1.6]}").assumptions
    assert other.what.quantile(0.9) == pytest.approx(1.6)


def test_an_entry_is_inherited_and_null_takes_it_out(tmp_path):
    write_site(tmp_path, SITE + RANGED.format(of="pue", how="factor: [0.9, 1.1]"))
    child = "kind: site\nextends: ./site.yaml\n"
    assert [one.name for one in load("site", tmp_path, child).assumptions] == ["doubt"]
    assert load("site", tmp_path, child, "uncertain.doubt=null").assumptions == ()


def test_what_is_fixed_is_not_drawn(tmp_path):
    write_site(tmp_path)
    loaded = load("site", tmp_path, site_with("{value: 1.35, fixed: true}"))
    assert (loaded.assumptions, loaded.record.pue) == ((), 1.35)


@pytest.mark.parametrize("title", ["", "title: How much more the building draws, "])
def test_an_assumption_says_what_it_is_in_the_words_of_its_writer(tmp_path, title):
    write_site(tmp_path)
    price = f"{{value: 100 KRW/kWh, range: [80 KRW/kWh, 130 KRW/kWh], {title}follows: market}}"
    loaded = load(
        "site", tmp_path, SITE.replace("electricity_price: 100 KRW/kWh", f"electricity_price: {price}")
    )
    (one,) = loaded.assumptions
    assert one.in_words(one.what.quantile(0.9)) == "130 KRW/kWh"
    assert (one.title, one.cause) == (title[7:-2], "market")
    assert not any(
        "alone follows" in text for text in loaded.warnings
    )  # what else follows the market may stand in a workload


def test_money_of_a_range_is_that_of_its_value(tmp_path):
    write_site(tmp_path)
    price = "{value: 100 KRW/kWh, range: [0.08 USD/kWh, 0.13 USD/kWh]}"
    (one,) = problems(
        "site", tmp_path, SITE.replace("electricity_price: 100 KRW/kWh", f"electricity_price: {price}")
    )
    assert "in another currency than the value" in one


def test_the_stated_world_is_the_scenario(tmp_path):
    pairs = (
        ("members: 20", "members: {value: 20, range: [15, 30]}"),
        ("limit: 1 day", "limit: {value: 1 day, range: [12 h, 2 day]}"),
    )
    loaded, world = in_world_of(plain_with(tmp_path, "classes.work.run", "factor: [0.5, 2]", *pairs))
    assert len(loaded.assumptions) == 3
    assert in_world_of(tmp_path / "asked.yaml", members=30.0)[1].sha256 != loaded.sha256
    assert world.sha256 == loaded.sha256 == load_scenario(write_plain(tmp_path)).sha256


def test_run_times_are_longer_as_a_whole(tmp_path):
    path = plain_with(tmp_path, "classes.work.run", "factor: [0.5, 2]")
    run = in_world_of(path, doubt=1.5)[1].scenario.workload.classes["work"].run
    assert (run.median, run.mean, run.spread) == (900.0, 5_400.0, None)


def test_a_curve_is_higher_in_all_its_points(tmp_path):
    curve = ("members: 20", "members: {growth: linear, points: {2021-01-01: 10, 2021-03-01: 40}}")
    path = plain_with(tmp_path, "tenants.*.members", "factor: [0.5, 2]", curve)
    members = in_world_of(path, doubt=1.5)[1].scenario.workload.tenants["lab"].members
    assert members is not None
    assert {str(day): value for day, value in members.points.items()} == {
        "2021-01-01": 15.0,
        "2021-03-01": 60.0,
    }


def test_the_other_shares_of_a_whole_make_up_for_one(tmp_path):
    path = plain_with(tmp_path, "classes.work.slots.8", "factor: [0.5, 2]")
    slots = in_world_of(path, doubt=2.0)[1].scenario.workload.classes["work"].slots
    assert slots == pytest.approx({1: 0.5, 8: 0.5})
    with pytest.raises(InputError, match=r"world 7, with workload.doubt = × 5: 1.25 is too large"):
        in_world_of(path, doubt=5.0)


def test_days_come_later_together_and_never_out_of_order(tmp_path):
    write_plain(tmp_path)
    of, how = "deliveries.first.date, deliveries.rest.date", "later: [0 month, 12 month]"
    write_site(tmp_path, SITE + RANGED.format(of=of, how=how))
    site = in_world_of(tmp_path / "asked.yaml", doubt=59 * 86_400.0)[1].scenario.site
    assert [one.date for one in site.deliveries.values()] == [date(2021, 3, 1), date(2022, 3, 1)]
    write_site(tmp_path, SITE + RANGED.format(of="deliveries.first.date", how="later: [0 month, 36 month]"))
    with pytest.raises(
        InputError, match=r"site.doubt = .* month: site.deliveries.rest.date: .* is not after"
    ):
        check_corners(load_scenario(tmp_path / "asked.yaml"))


def test_rules_are_chosen_and_one_choice_leaves_what_stands(tmp_path):
    path = write_plain(tmp_path, scenario=SCENARIO + "policy: {order: sjf}\n" + RANGED.format(
        of="policy.order", how="choices: {fcfs: 30 %, as stated: 70 %}"))  # fmt: skip
    loaded, world = in_world_of(path, doubt=0.0)
    assert (loaded.scenario.policy.order, world.scenario.policy.order) == ("sjf", "fcfs")
    assert in_world_of(path)[1].sha256 == loaded.sha256
    (one,) = loaded.assumptions
    assert (one.what.quantile(0.29), one.what.quantile(0.31)) == (0.0, 1.0)


def test_a_choice_may_be_a_whole_record_with_a_title(tmp_path):
    other = "{value: {median: 2 h, mean: 3 h}, share: 50 %}"
    how = f"choices: [{{value: as stated, share: 50 %, title: small}}, {other}]"
    path = plain_with(tmp_path, "classes.work.run", how)
    loaded, world = in_world_of(path, doubt=1.0)
    assert world.scenario.workload.classes["work"].run.mean == 10_800.0
    assert loaded.assumptions[0].in_words(0.0) == "small"


def test_counts_and_whole_seconds_stay_whole_in_every_world(tmp_path):
    pairs = ("limit: 1 day", "limit: 1 day\n    patience: {value: 4 h, range: [2 h, 8 h]}")
    loaded = load_scenario(write_plain(tmp_path, changed(pairs)), overrides=[
        "site.pools.main.nodes={value: 100, range: [80, 125]}"])  # fmt: skip
    drawn = {one.name: one.what.quantile(0.3217) for one in loaded.assumptions}
    scenario = in_world(loaded, loaded.assumptions, drawn, world="world 1").scenario
    assert scenario.site.pools["main"].nodes == round(drawn["site.pools.main.nodes"])
    assert scenario.workload.classes["work"].patience == round(drawn["workload.classes.work.patience"])


@pytest.mark.parametrize(
    ("of", "how", "said"),
    [
        ("classes.wrk.run", "factor: [0.5, 2]", "there is no 'classes.wrk.run'"),
        ("tenants.lab.nothing", "factor: [0.5, 2]", "there is no 'tenants.lab.nothing'"),
        ("title", "factor: [0.5, 2]", "no number with a unit here to multiply"),
        ("classes.work.limit", "later: [0 month, 3 month]", "only a day can come later"),
        ("classes.work.run", "factor: [1.2, 2]", "does not lie between"),
        ("classes.work.run", "factor: [0, 2]", "too small"),
        ("classes.work.run", "factor: 2", "is no range"),
        ("classes.work.run", "follows: x", "what else may it be?"),
        ("classes.work.run", "factor: [0.5, 2], later: [0 day, 9 day]", "two assumptions"),
        ("classes.work.run", "factor: [0.5, 2], follows: workload.doubt", "follows itself"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_an_error_at_its_line(tmp_path, of, how, said):
    path = plain_with(tmp_path, of, how)
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    (one,) = caught.value.problems
    assert said in str(one)
    assert "plain.yaml:20:" in str(one)


def test_causes_that_follow_each_other_in_a_ring_are_refused(tmp_path):
    ring = "uncertain:\n" + "".join(
        f"  {a}: {{of: [classes.work.run], factor: [0.5, 2], follows: {b}}}\n" for a, b in ("ab", "bc", "ca")
    )
    path = write_plain(tmp_path, WORKLOAD + ring)
    with pytest.raises(InputError, match=r"workload.a follows itself: workload.a → workload.b → workload.c"):
        load_scenario(path)


def test_a_field_that_is_left_out_leaves_nothing_uncertain(tmp_path):
    text = changed(("classes:", "admitted: {points: {2021-01-01: 50 %}}\nclasses:"))
    path = write_plain(tmp_path, text + RANGED.format(of="admitted", how="factor: [0.5, 1.5]"))
    assert len(load_scenario(path).assumptions) == 1
    assert load_scenario(path, overrides=["workload.admitted=null"]).assumptions == ()


def test_a_cause_that_nothing_shares_is_a_warning_of_a_scenario(tmp_path):
    path = plain_with(tmp_path, "classes.work.run", "factor: [0.5, 2], follows: demnad-level")
    assert any("alone follows 'demnad-level'" in one for one in load_scenario(path).warnings)


def test_corners_that_are_no_scenario_name_assumption_value_and_line(tmp_path):
    write_site(tmp_path, SITE + RANGED.format(of="pue", how="factor: [0.6, 1.4]"))
    with pytest.raises(InputError) as caught:
        check_corners(load_part("site", tmp_path / "site.yaml"))
    (one,) = caught.value.problems
    assert one.what.startswith("at the low end (0.5 %), with doubt = × 0.278: ")
    assert "pue: " in one.what and "too small" in one.what
    assert one.where.endswith("site.yaml:19:16")


def test_corners_are_looked_at_alone_and_together(tmp_path):
    request = ("limit: 1 day", "limit: 1 day\n    requested: {longest: 40 %}")
    entry = (
        "{of: [classes.work.requested.longest], factor: {low: 0.5, likely: 1, high: 2, confidence: 100 %}}"
    )
    one = changed(request) + f"uncertain:\n  one: {entry}\n"
    check_corners(load_scenario(write_plain(tmp_path, one)))
    both = r"where all ranges are high, with workload.one = × 1.*, workload.two = × 1.*1\.\d+ is too large"
    with pytest.raises(InputError, match=both):
        check_corners(load_scenario(write_plain(tmp_path, f"{one}  two: {entry}\n")))


def test_a_thousand_choices_are_no_trouble(tmp_path):
    write_site(tmp_path)
    choices = ", ".join(f"{{value: {1 + place / 1000}, share: 0.1 %}}" for place in range(1000))
    found = assumption(tmp_path, f"{{value: 1.5, choices: [{choices}]}}")
    assert (len(found.spread.choices), found.likely) == (1000, 500.0)
    check_corners(load("site", tmp_path, site_with(f"{{value: 1.5, choices: [{choices}]}}")))


def test_huge_numbers_are_errors_of_a_world_and_no_tracebacks(tmp_path):
    path = plain_with(tmp_path, "tenants.lab.jobs_per_member", "factor: [1e-300, 1e300]")
    write_site(tmp_path, SITE + RANGED.format(of="pools.main.nodes", how="factor: [1e-300, 1e300]"))
    with pytest.raises(InputError, match="at the high end"):
        check_corners(load_scenario(path))
    write_site(tmp_path, SITE + RANGED.format(of="deliveries.rest.date", how="later: [0 day, 1e9 day]"))
    with pytest.raises(InputError, match="at the high end"):
        check_corners(load_scenario(path))


def test_the_file_is_written_once(tmp_path):
    """Ranges are read from plain YAML; nothing of them reaches what is hashed."""
    plain = load("workload", tmp_path, WORKLOAD)
    ranged = load(
        "workload", tmp_path, WORKLOAD + RANGED.format(of="classes.work.run", how="factor: [0.5, 2]")
    )
    assert plain.sha256 == ranged.sha256
    assert write(tmp_path, "y.yaml", "kind: x\n").exists()
