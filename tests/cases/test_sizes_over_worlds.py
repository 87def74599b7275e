"""The size of least regret over worlds, on a small site whose demand is uncertain."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmarks.regret import REQUIRED, at_ratio, question, write_site
from capacity.cli.main import entry
from capacity.errors import InputError, UsageError
from capacity.face.least_regret import least_regret
from capacity.inputs.fields.money import Money
from capacity.inputs.reading.loader import load_scenario
from capacity.report.language import Language
from capacity.report.terminal.regret import regret_lines
from capacity.study.executors.local import local_executor
from capacity.study.requirements import read_requirement
from capacity.study.size.axes import read_axis
from capacity.study.size.regret.answer import least_regret as weigh
from capacity.study.size.regret.costs import cost_table
from capacity.study.size.regret.excuses import KINDS
from capacity.study.size.regret.families import families, seek, with_backlog
from capacity.study.size.regret.one_world import sized_from
from capacity.study.size.regret.phases import DEARER, LATE_DAYS, YEAR_DAYS, paths_of, phased_plan
from capacity.study.size.regret.prices import TooLittle, read_too_little
from capacity.study.task import Task, perform
from capacity.study.uncertainty.draws import world_of
from tests.support.needs import newsvendor
from tests.support.small_site import write_small

WORLDS = 24
NODES = "site.pools.main.nodes"
RENT = TooLittle("rent", Money(4000.0, "KRW"))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_site(tmp_path_factory.mktemp("chosen"))


def sought_of(asked):
    with local_executor(1) as executor:
        return seek(families(asked), executor)


@pytest.fixture(scope="module")
def sought(path):
    return sought_of(question(path, RENT, WORLDS))


@pytest.fixture(scope="module")
def answer(path, sought):
    return weigh(question(path, RENT, WORLDS), sought)


def test_what_is_found_in_a_world_is_what_a_whole_simulation_finds(path, sought):
    """Jobs drawn once, storage and energy left out, the run cut after the month: the same numbers."""
    (one,) = sought
    for number in (0, 3):
        found = one.worlds[number]
        size = next(tried for tried in found.tried if tried.place == found.least)
        values = one.family.values_at(size.place)
        loaded = load_scenario(path, overrides=[f"{NODES}={values[NODES]}", "until=2022-05-20"])
        world = world_of(loaded, one.family.draws, number)
        run = perform(Task(world.scenario, world.sha256, 5, 2 * number))
        month = (("pool", "main"), ("month", "2022-04"))
        assert size.found == (run.values["p95_wait_s", month], run.values["backlog_s", month])
        assert size.enough


def test_the_size_found_is_enough_and_the_next_smaller_is_not(sought):
    for one in sought[0].worlds:
        by_place = {tried.place: tried.enough for tried in one.tried}
        assert one.pruned <= one.least
        if 0 < one.least < len(sought[0].family.numbers):
            assert by_place[one.least]
            assert one.least == one.pruned or not by_place[one.least - 1]


def test_what_came_of_a_world_survives_its_file(sought):
    one = sought[0].worlds[0]
    assert sized_from(json.loads(json.dumps(asdict(one)))) == one


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.45, 9.0])
def test_with_prices_by_the_unit_the_least_mean_cost_is_a_quantile_of_the_needs(sought, ratio):
    table = cost_table(at_ratio(sought[0], ratio))
    assert table.too_little / table.too_much == pytest.approx(ratio)
    assert table.bought_for == pytest.approx(ratio / (1 + ratio))
    least = table.family.numbers[int(np.argmin(table.costs.mean(axis=1)))]
    step = table.family.numbers[1] - table.family.numbers[0]
    assert abs(least - newsvendor(table.needed, table.bought_for)) <= step


def test_demand_is_what_decides(answer):
    """Work is jobs times run time; the unevenness of weeks is little beside them."""
    assert {answer.worth[0][0]} <= {"workload.demand", "workload.run-times"}
    assert all(0 < value <= answer.everything for _, value in answer.worth)


def test_every_other_candidate_has_one_reason(answer):
    places = len(answer.table.family.numbers)
    assert len(answer.excuses) == places - 1
    chosen = float(answer.chosen[NODES])
    for one in answer.excuses:
        assert one.kind in KINDS
        assert 0 < one.worlds <= one.of == WORLDS
        assert one.kind == "cost" or float(one.values[NODES]) < chosen
        assert one.unit and (not one.by < 0)


def test_at_least_three_options_of_different_kind(answer):
    assert len({one.kind for one in answer.options}) >= 3
    first = answer.options[0]
    assert first.kind == "one order"
    assert 0 <= first.met.low <= first.met.value <= first.met.high <= 1
    assert first.regret.mean <= first.regret.worst_tenth <= first.regret.worst
    assert len(first.regret.worst_worlds) == 5


def test_two_orders_cost_what_their_parts_do(answer):
    table, places = answer.table, np.array([3, 8])
    paths = paths_of(table, places)
    waits = LATE_DAYS / YEAR_DAYS
    more = DEARER * (table.own[8] - table.own[3])
    assert paths[0, 1] == pytest.approx(waits * table.costs[3] + (1 - waits) * (table.costs[8] + more))
    assert paths[0, 0] == pytest.approx(table.costs[3])
    assert np.isnan(paths[1, 0]).all()


def test_a_load_that_says_something_is_a_trigger_and_a_shuffled_one_is_not(answer):
    seen = np.array([one.seen_slots for one in answer.sought[0].worlds])
    assert answer.plan is not None
    assert answer.plan.decides_later
    assert answer.plan.gain > answer.plan.zero
    shuffled = phased_plan(answer.table, np.random.default_rng(1).permutation(seen))
    assert shuffled is not None
    assert not shuffled.decides_later
    assert phased_plan(answer.table, np.zeros(WORLDS)) is None  # nothing will have been seen


def test_a_range_that_binds_is_said(path, sought):
    family = sought[0].family
    last = 8
    short = replace(
        sought[0],
        family=replace(
            family, axis=replace(family.axis, values=family.axis.values[:last]),
            search=replace(family.search, numbers=family.numbers[:last], values=family.search.values[:last]),
        ),
        worlds=tuple(
            replace(
                one, least=min(one.least, last), own_ends=(one.own_ends[0], one.own_ends[0] * 1.5),
                tried=tuple(replace(t, place=min(t.place, last - 1)) for t in one.tried[:1]),
            )
            for one in sought[0].worlds
        ),
        centres={name: tuple(replace(w, least=min(w.least, last)) for w in those)
                 for name, those in sought[0].centres.items()},
    )  # fmt: skip
    found = weigh(question(path, RENT, WORLDS), [short])
    assert found.beyond == sum(one.least >= last for one in sought[0].worlds) > 0
    assert found.to_json()["worlds_beyond_range"] == found.beyond
    said = " ".join(regret_lines(found, Language("en")))
    assert f"In {found.beyond} of {WORLDS} worlds nothing up to" in said


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_answer_is_said_in_words(answer, lang):
    lines = regret_lines(answer, Language(lang))
    assert len(lines) >= 10
    part = round(100 * answer.table.bought_for)
    assert any(str(part) in line for line in lines)
    assert not any("nan" in line or "{" in line for line in lines)


def test_a_range_that_is_too_small_in_every_world_has_no_answer(path, capsys):
    ask = ["size", str(path), "--vary", f"{NODES}=10..12:2", "--require", REQUIRED, "-j", "1"]
    assert entry([*ask, "--worlds", "8"]) == 4
    assert "in none of 8 worlds is anything up to" in capsys.readouterr().err


def test_kinds_of_sites_are_weighed_beside_each_other(path):
    asked = question(path, RENT, 8)
    axes = (read_axis("policy.order=fcfs,sjf"), read_axis("site.pools.main.nodes=20..80:10"))
    asked = replace(asked, axes=axes)
    found = weigh(asked, sought_of(asked))
    assert len(found.tables) == 2
    assert len(found.excuses) == 2 * 7 - 1
    assert {one.values["policy.order"] for one in found.options} == {"fcfs", "sjf"}


def at_price(sought, price):
    """The same simulations at another price of too little."""
    search = replace(sought.family.search, too_little=read_too_little(price, None))
    return cost_table(replace(sought, family=replace(sought.family, search=search)))


def test_waiting_has_its_price(path):
    asked = question(path, read_too_little("10 KRW/(slot*h)", None), 8)
    (found,) = sought_of(replace(asked, axes=(read_axis("site.pools.main.nodes=20..80:10"),)))
    cheap, dear = (at_price(found, f"{price} KRW/(slot*h)") for price in (10, 1000))
    assert cheap.chosen < dear.chosen
    assert np.isnan(cheap.too_little)
    assert all(len(one.tried) >= 2 for one in found.worlds if one.least > 0)  # until less costs more


def test_a_month_missed_has_its_price(sought):
    cheap, dear = (at_price(sought[0], f"{price} KRW/month") for price in ("1e6", "1e9"))
    assert cheap.chosen < dear.chosen


def test_a_backlog_is_required_of_waits_unless_one_is_anyhow():
    (wait, added) = with_backlog([read_requirement("p95_wait_s[pool=gpu,slots=8,month=2022-12] <= 12 h")])
    assert added.text == "backlog_s[pool=gpu,month=2022-12] <= 1 d"
    own = read_requirement("backlog_s[pool=gpu] <= 2 d")
    assert with_backlog([wait, own]) == (wait, own)
    alone = read_requirement("utilization[pool=gpu] >= 50 %")
    assert with_backlog([alone]) == (alone,)


def test_processes_do_not_change_an_answer(path, monkeypatch):
    monkeypatch.setenv("CAPACITY_STORE", "off")
    asked = {
        "require": [REQUIRED],
        "vary": [f"{NODES}=20..60:20"],
        "worlds": 8,
        "rent_price": "4000 KRW/GPU/h",
    }
    one, two = (least_regret(path, jobs=jobs, **asked).to_json() for jobs in (1, 2))
    assert json.dumps(one) == json.dumps(two)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--too-little", "5 KRW/kWh"], 3, "is no price of too little"),
        (["--rent-price", "5 KRW/TB"], 3, "is no price of an hour of a slot"),
        (["--rent-price", "-5 KRW/GPU/h"], 3, "a price is more than 0"),
        (["--rent-price", "1 KRW/GPU/h"], 3, "renting costs less than owning"),
        (["--rent-price", "1 EUR/GPU/h"], 3, "no rate from EUR"),
        (["--refused-price", "5 KRW/h"], 3, "--refused-price"),
        (["--too-little", "3 KRW/(slot*h)", "--rent-price", "9 KRW/GPU/h"], 3, "goes with --too-little rent"),
        (["--minimize", "price"], 2, "--minimize does not go with --worlds"),
        (["--worlds", "4"], 3, "4 worlds say too little"),
        (["--vary", f"{NODES}=10..20"], 2, "the same path varies twice"),
    ],
)
def test_wrong_prices_and_options_are_told(path, capsys, options, code, said):
    ask = ["size", str(path), "--vary", "site.pools.main.nodes=30..50:10", "--require", REQUIRED, "-j", "1"]
    assert entry([*ask, "--worlds", "8", *options]) == code
    assert said in capsys.readouterr().err


def test_prices_need_worlds_and_worlds_need_ranges(path, tmp_path, capsys):
    ask = ["--vary", f"{NODES}=10..20", "--require", REQUIRED]
    assert entry(["size", str(path), *ask, "--rent-price", "9 KRW/GPU/h"]) == 2
    assert "goes with --worlds" in capsys.readouterr().err
    small = write_small(tmp_path)
    asked = {"require": ["p95_wait_s[pool=gpu] <= 1 h"], "rent_price": "9 USD/GPU/h"}
    with pytest.raises(InputError, match="nothing in this scenario is uncertain"):
        least_regret(small, vary=["site.pools.gpu.nodes=1..4"], **asked)
    with pytest.raises(UsageError, match="does not say how much is missing"):
        least_regret(path, require=[REQUIRED], vary=["policy.order=fcfs,sjf"])
