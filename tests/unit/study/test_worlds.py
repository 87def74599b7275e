"""Worlds: they stay what they are, luck and assumptions are told apart, what decides is named first."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import capacity
from capacity.errors import InputError, UsageError
from capacity.face.sensitivity import sensitivity
from capacity.face.simulate import Run, simulate
from capacity.inputs.reading.loader import LoadedScenario, load_scenario
from capacity.measure.findings import Lookup
from capacity.study.requirements import read_requirement
from capacity.study.uncertainty.answers import read_answer
from capacity.study.uncertainty.draws import draw_worlds, places_of, world_of
from capacity.study.uncertainty.experiments import design
from capacity.study.uncertainty.influence import of_worlds
from tests.support.erlang_site import write_erlang

WORLDS = 32
USE = "utilization[pool=gpu,month=all]"
RANGES = """\
uncertain:
  run-time: {title: How long jobs run, of: [classes.job.run], factor: [0.9, 1.1]}
  requests: {title: What they ask for, of: [classes.job.limit], factor: [0.8, 1.2]}
"""
SCALE = "scale: {likely: 0.8, range: [0.5, 1.1], follows: level, source: assumption, why: Nobody knows.}\n"


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks of ten slots whose load may be 32 to 70 %, and hardly anything else."""
    folder = tmp_path_factory.mktemp("worlds")
    path = write_erlang(folder)
    work = folder / "work.yaml"
    work.write_text(work.read_text("utf-8") + SCALE + RANGES, "utf-8")
    text = path.read_text("utf-8").replace("until: 2024-03-31", "until: 2024-01-14")
    path.write_text(text.replace("site: site.yaml", PUE), "utf-8")
    return path


PUE = (
    "site: {extends: site.yaml, pue: {value: 1.3, range: [1.2, 1.5], follows: level, strength: 0.5,"
    " source: assumption, why: Unknown.}}"
)


@pytest.fixture(scope="module")
def loaded(scenario: Path) -> LoadedScenario:
    return load_scenario(scenario)


@pytest.fixture(scope="module")
def run(loaded: LoadedScenario) -> Run:
    return simulate(loaded, worlds=WORLDS)


def test_a_world_stays_what_it_is_however_many_there_are_and_whatever_else_is_drawn(
    loaded: LoadedScenario,
) -> None:
    few, many = (draw_worlds(loaded.assumptions, count, 1) for count in (4, 64))
    fewer = draw_worlds([one for one in loaded.assumptions if one.name != "workload.requests"], 64, 1)
    assert few.world(3) == many.world(3)
    assert fewer.world(3) == {k: v for k, v in many.world(3).items() if k != "workload.requests"}
    assert many.world(3) != draw_worlds(loaded.assumptions, 64, 2).world(3)


def test_worlds_have_the_ranges_and_causes_that_were_stated(loaded: LoadedScenario) -> None:
    draws = draw_worlds(loaded.assumptions, 4096, 1)
    scale, pue = draws.values["workload.scale"], draws.values["site.pue"]
    assert np.quantile(scale, (0.1, 0.5, 0.9)) == pytest.approx([0.5, 0.8, 1.1], rel=0.01)
    assert pue.min() > 1
    ranks = [np.argsort(np.argsort(one)) for one in (scale, pue)]
    assert np.corrcoef(*ranks)[0, 1] == pytest.approx(6 / math.pi * math.asin(0.25), abs=0.03)


def test_a_world_is_the_scenario_that_its_values_make(loaded: LoadedScenario) -> None:
    draws = draw_worlds(loaded.assumptions, 8, 1)
    world = world_of(loaded, draws, 5)
    assert world.scenario.workload.scale == pytest.approx(draws.world(5)["workload.scale"])
    assert world.scenario.site.pue == pytest.approx(draws.world(5)["site.pue"])
    assert not world.assumptions


def test_luck_and_assumptions_are_told_apart(run: Run) -> None:
    use = Lookup(run.result.findings)("utilization", pool="gpu", month="all")
    assert use is not None
    assert use.covers == "futures"
    assert use.low < use.value < use.high
    assert use.world_high - use.world_low > 2 * (use.luck_high - use.luck_low)
    assert use.luck_share < 0.2
    said = use.to_json()
    assert (said["luck_low"], said["world_high"]) == (use.luck_low, use.world_high)


def test_one_world_alone_is_what_it_is_among_all(loaded: LoadedScenario, run: Run) -> None:
    alone = simulate(loaded, world=3)
    assert str(alone.result.runs[0].values) == str(run.result.runs[3].values)  # NaN is not itself


def test_more_processes_change_nothing(loaded: LoadedScenario) -> None:
    one, two = (simulate(loaded, worlds=8, jobs=jobs, fresh=True) for jobs in (1, 2))
    assert one.result.findings == two.result.findings


def test_requirements_count_futures_once_each(loaded: LoadedScenario) -> None:
    found = simulate(loaded, worlds=WORLDS, require=[f"{USE} <= 200 %"])
    assert (found.judgements[0].within, found.judgements[0].verdict.n) == (WORLDS, WORLDS)


def test_what_the_load_hangs_on_is_named_first(run: Run) -> None:
    answer = read_answer(USE, run.loaded.scenario)
    moved = of_worlds(run.result, answer)
    assert [one.name for one in moved.inputs[:2]] == ["level", "workload.run-time"]
    first = moved.inputs[0]
    assert first.shown
    assert first.part > 0.7
    assert first.at_low == pytest.approx(0.4, abs=0.06)
    assert first.at_high == pytest.approx(0.88, abs=0.06)
    assert first.leaves < 0.6
    by_name = {one.name: one for one in moved.inputs}
    assert not by_name["workload.requests"].shown
    assert not by_name["site.pue"].shown


def test_what_must_be_met_is_told_at_either_end(run: Run) -> None:
    answer = read_answer(USE, run.loaded.scenario)
    moved = of_worlds(run.result, answer, require=[read_requirement(f"{USE} <= 64 %")])
    first = moved.inputs[0]
    assert first.met_low > 0.9
    assert first.met_high < 0.2


def test_one_at_a_time_holds_each_end_against_the_likely_world(loaded: LoadedScenario) -> None:
    found = sensitivity(loaded, answers=[USE], method="one-at-a-time")
    moved = found.moved[0]
    assert moved.runs == 2 * (1 + 2 * 4)  # level, the rest of pue, run times, requests; scale is the level's
    assert moved.inputs[0].name == "level"
    assert moved.base == pytest.approx(0.64, abs=0.06)
    assert moved.inputs[0].at_low < moved.base < moved.inputs[0].at_high
    by_name = {one.name: one for one in moved.inputs}
    assert by_name["site.pue"].at_low == by_name["site.pue"].at_high == moved.base  # the same luck: exactly


def test_sobol_finds_what_does_nothing_to_do_nothing(loaded: LoadedScenario) -> None:
    found = sensitivity(loaded, answers=[USE], method="sobol", worlds=8)
    parts = {one.name: one.part for one in found.moved[0].inputs}
    assert parts["site.pue"] == 0
    assert max(parts, key=lambda name: parts[name]) == "level"


def test_morris_walks_with_the_same_luck(loaded: LoadedScenario) -> None:
    wanted = design(loaded.assumptions, "morris", rows=0, seed=1)
    assert wanted.runs == 10 * 5
    assert len({*wanted.replications}) == 10


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"worlds": 8, "replications": 3}, "leave out -r"),
        ({"worlds": 8, "precision": 0.1}, "leave out -r"),
    ],
)
def test_worlds_take_no_replications(loaded: LoadedScenario, options: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        simulate(loaded, **options)  # type: ignore[arg-type]


def test_a_world_beyond_the_last_is_refused(loaded: LoadedScenario) -> None:
    with pytest.raises(InputError, match="there is no world 8"):
        simulate(loaded, worlds=8, world=8)


def test_without_ranges_all_worlds_are_one(scenario: Path) -> None:
    certain = load_scenario(
        scenario, overrides=["workload.scale=1", "site.pue=1.3", "workload.uncertain=null"]
    )
    with pytest.raises(InputError, match="nothing in this scenario is uncertain"):
        simulate(certain, worlds=8)


def test_a_world_that_is_no_scenario_is_named_before_anything_runs(scenario: Path) -> None:
    wide = "site.uncertain={full: {of: [storage.disk.fill_limit], factor: [0.9, 1.3]}}"
    with pytest.raises(InputError, match=r"world \d+, with site.full = × 1") as stop:
        simulate(load_scenario(scenario, overrides=[wide]), worlds=64)
    assert "worlds" in str(stop.value.problems[-1].what)


def test_places_grow_with_the_worlds_and_keep_their_luck() -> None:
    assert set(places_of(8)) < set(places_of(64))
    assert len(places_of(64)) == 80


def test_compare_pairs_worlds(loaded: LoadedScenario, scenario: Path) -> None:
    small = load_scenario(scenario, overrides=["site.pools.gpu.nodes=8", "site.name=small"])
    found = capacity.compare(loaded, _named(small, "small"), worlds=8)
    assert found.comparison.replications == 8
    by_metric = {(one.verdict.metric, *one.verdict.labels): one for one in found.comparison.differences}
    wait = by_metric["p95_wait_s", ("pool", "gpu"), ("month", "all")]
    assert wait.better_in <= 0.5
    assert wait.after >= wait.before


def _named(loaded: LoadedScenario, name: str) -> LoadedScenario:
    return replace(loaded, record=loaded.scenario.model_copy(update={"name": name}))
