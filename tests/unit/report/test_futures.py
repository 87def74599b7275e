"""What reports and storage say of many worlds, and that a directory of them is read back as it was."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from capacity.errors import InputError
from capacity.measure.findings import labels
from capacity.report.charts import Curve, line_chart
from capacity.report.language import LANGUAGES, Language
from capacity.report.page.build import page_of
from capacity.report.page.model import Figure
from capacity.report.page.render import csv_files, html, markdown
from capacity.report.sections.common import Source, ends
from capacity.report.sections.futures import fan_curves, fan_data
from capacity.report.terminal.months import month_columns, monthly
from capacity.report.terminal.uncertainty import futures
from capacity.report.terminal.uncertainty.futures import answers
from capacity.report.terminal.uncertainty.storage import fill_sentence, tier_rows
from capacity.statistics.bounds import AtLeast
from capacity.study.files.saved import read_saved
from capacity.study.uncertainty.answers import usual_answers
from capacity.study.uncertainty.fans import PARTS, fan_of, worlds_at
from capacity.study.uncertainty.files import WORLDS
from tests.support.uncertain_site import WORLDS as COUNT
from tests.support.uncertain_site import run_worlds_of_the_small_site

EN = Language("en")
MONTHS = ["2021-01", "2021-02", "2021-03"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_worlds_of_the_small_site(tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="module")
def saved(run):
    return read_saved(run.folder)


@pytest.fixture
def copied(run, tmp_path):
    """A directory with the files that reading needs, to break."""
    for name in ("manifest.json", "replications.parquet", WORLDS):
        (tmp_path / name).write_bytes((run.folder / name).read_bytes())
    return tmp_path


def own_values(result, metric, **where):
    return [one.values.get((metric, labels(**where)), math.nan) for one in result.futures_of_their_own]


def test_a_directory_of_worlds_is_read_back_as_it_was(run, saved):
    (found,), here = saved.results, run.result
    assert [one.to_json() for one in found.findings] == [one.to_json() for one in here.findings]
    drawn, was = found.futures.draws, here.futures.draws
    assert found.futures.places == here.futures.places
    assert drawn.inputs == was.inputs
    np.testing.assert_array_equal(drawn.uniforms, was.uniforms)
    for name, values in was.values.items():
        np.testing.assert_array_equal(drawn.values[name], values)
        np.testing.assert_array_equal(drawn.parts[name], was.parts[name])
    assert [*answers(found, EN)] == [*answers(here, EN)]


def test_what_was_drawn_is_read_not_drawn_again(copied):
    frame = pd.read_parquet(copied / WORLDS)
    is_pue = frame["name"] == "site.pue"
    frame.loc[is_pue, "value"] = 1.25 + frame.loc[is_pue, "world"] / 100
    frame.to_parquet(copied / WORLDS)
    draws = read_saved(copied).results[0].futures.draws
    assert draws.values["site.pue"] == pytest.approx([1.25 + world / 100 for world in range(COUNT)])


def test_what_a_person_reads_of_a_world_stands_beside_the_number(run):
    frame = pd.read_parquet(run.folder / WORLDS)
    assert len(frame) == COUNT * 5  # four assumptions, and a cause that two of them share
    assert frame.loc[frame["name"] == "energy", ["part", "value", "text"]].isna().all(axis=None)
    row = frame[frame["name"].str.endswith("jobs_per_member")].iloc[0]
    assert row["text"].endswith(" job/user/day")
    assert row["value"] == pytest.approx(float(row["text"].split()[0]), rel=0.01)


@pytest.mark.parametrize(
    "breaking, says",
    [
        (lambda run: (run / WORLDS).unlink(), f"no {WORLDS}"),
        (lambda run: (run / WORLDS).write_bytes(b"PAR1"), "broken"),
        (lambda run: keep(run, lambda frame: frame[frame["name"] != "site.pue"]), "not of this scenario"),
        (lambda run: keep(run, lambda frame: frame[frame["world"] < 7]), "different worlds"),
    ],
)
def test_worlds_that_are_missing_or_others_are_an_error(copied, breaking, says):
    breaking(copied)
    with pytest.raises(InputError, match=says):
        read_saved(copied)


def keep(folder, rows):
    rows(pd.read_parquet(folder / WORLDS)).to_parquet(folder / WORLDS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_of_worlds_says_what_the_answer_hangs_on(saved, lang):
    page, say = page_of(saved, lang), Language(lang)
    terminal = [*answers(saved.results[0], say)]
    assert [*page.answer] == terminal[1:]  # what worlds are is said with the method
    assert page.sections[0].title == say.text("futures.title")
    assert len(page.cards) == len([*usual_answers(saved.results[0].loaded.scenario)])
    assert all(say.text("futures.interval", ends="").strip() in card.note for card in page.cards)
    text = html(page) + markdown(page)
    assert "nan" not in text.lower().replace("finance", "").split()
    assert "inf" not in re.split(r"\W+", "".join(csv for _, csv in csv_files(page)))
    assert "95 % intervals over" not in text


def test_with_worlds_enough_there_is_a_picture_of_what_moves_each_answer(saved, monkeypatch):
    few = [one.name for one in page_of(saved, "en").sections[0].blocks]
    assert not any(name.startswith("influence") for name in few)
    monkeypatch.setattr(futures, "FEWEST_TO_TELL", COUNT)
    page = page_of(saved, "en")
    tornados = [one for one in page.sections[0].blocks if one.name.startswith("influence")]
    assert len(tornados) == sum("It hangs on '" in sentence for sentence in page.answer) > 0
    assert any("jobs_per_member" in row["name"] for one in tornados for row in one.data)


def test_waits_and_use_have_fans_and_three_worlds_that_can_be_opened(saved):
    figures = [one for one in page_of(saved, "en").sections[0].blocks if isinstance(one, Figure)]
    fans = [one for one in figures if one.name.startswith("fan")]
    assert len(fans) == 4  # use and waits of two pools
    for one in fans:
        worlds = [key for key in one.data[0] if key.startswith("world_")]
        assert 1 <= len(worlds) <= 3
        assert [row["month"] for row in one.data] == MONTHS
        for row in one.data:
            parts = [row[f"p{100 * part:02.0f}"] for part in PARTS if row[f"p{100 * part:02.0f}"] is not None]
            assert parts == sorted(parts)
        assert all(f"world {key.removeprefix('world_')}" in one.svg for key in worlds)


def test_a_fan_holds_the_worlds_and_its_worlds_are_real(saved):
    result = saved.results[0]
    answer = next(usual_answers(result.loaded.scenario))
    fan = fan_of(result, answer, MONTHS)
    for place, month in enumerate(MONTHS):
        mine = own_values(result, "utilization", pool="gpu", month=month)
        assert fan.parts[0.5][place] == pytest.approx(np.median(mine))
        assert fan.known[place] == COUNT
        for world, values in fan.worlds.items():
            assert values[place] == mine[world]
    assert [*fan.worlds] == [*worlds_at(answer.values([one.values for one in result.futures_of_their_own]))]


def test_where_only_the_least_is_known_a_fan_is_open_upwards(saved):
    result = saved.results[0]
    answer = next(one for one in usual_answers(result.loaded.scenario) if one.unit == "s")
    key = (answer.metric, answer.labels)
    values = [60.0, 600.0, 3600.0, AtLeast(7200.0), 9000.0, 9000.0, 9000.0, 9000.0]
    runs = [replace(run, values={**run.values, key: value})
            for run, value in zip(result.futures_of_their_own, values, strict=True)]  # fmt: skip
    fan = fan_of(replace(result, runs=(*runs, *result.runs[COUNT:])), answer, ["2021-03"])
    assert fan.parts[0.05][0] < 7200
    assert isinstance(fan.parts[0.5][0], AtLeast)
    assert fan.parts[0.95] == (math.inf,)
    (row,) = fan_data(fan)
    assert row["p95"] is None
    middle, *single = fan_curves(fan, EN)
    assert middle.high == [math.inf]
    assert all(one.thin for one in single)


def test_a_band_without_an_upper_end_goes_to_the_top_of_the_plot():
    def drawn(high):
        curves = [Curve("waits", [1.0, 2.0], [0.5, 1.0], high)]
        return line_chart("c", "t", "d", ["a", "b"], curves, "", y_format=str, empty="-")

    grid = [float(y) for y in re.findall(r'class="(?:grid|zero)"[^>]*y1="([\d.]+)"', drawn([2.0, math.inf]))]
    band = re.search(r'class="band" d="([^"]+)"', drawn([2.0, math.inf]))[1]
    assert min(float(y) for y in re.findall(r" ([\d.]+)", band)) == min(grid)
    assert "inf" not in drawn([2.0, math.inf])


def test_only_futures_are_open_where_no_upper_end_is_known(saved):
    one = next(f for f in saved.results[0].findings if f.metric == "utilization" and not math.isnan(f.low))
    open_one = replace(one, high=math.nan)
    assert ends([open_one])[1] == [math.inf]
    assert ends([replace(open_one, covers="at least")])[1] == [None]


def test_what_must_add_up_is_of_one_world_and_says_so(saved):
    source = Source(saved.results[0], EN)
    number, middle = source.middle
    use = own_values(saved.results[0], "utilization", pool="gpu", month="2021-03")
    assert number == worlds_at(np.array(use), (0.5,))[0]
    assert middle.result.runs == (saved.results[0].runs[number],)
    page = page_of(saved, "en")
    for name in ("storage", "energy", "goodput"):
        section = next(one for one in page.sections if one.name == name)
        assert any(f"--world {number} " in paragraph for paragraph in section.paragraphs), name
    goodput = next(one for one in page.sections if one.name == "goodput").blocks[0]
    for pool in ("gpu", "hpc"):
        rows = {row["use"]: row["slot_hours"] for row in goodput.data if row["pool"] == pool}
        for use, hours in rows.items():
            where = ("slot_hours", labels(pool=pool, use=use))
            assert hours == saved.results[0].runs[number].values.get(where, 0.0)


def test_the_months_say_what_the_ends_are_and_totals_are_those_of_futures(run):
    runs = [one.values for one in run.result.futures_of_their_own]
    months = monthly(run.result.look, ["gpu", "hpc"], ["fast", "lake"], "fp64_tensor", runs=runs)
    headings = [one.heading for one in month_columns(months, EN)]
    assert headings.count("a tenth below") == headings.count("a tenth above") == 4
    assert not any("95 %" in one for one in headings)
    both = [
        sum(one["storage_used_bytes", labels(tier=tier, month="2021-03")] for tier in ("fast", "lake"))
        for one in runs
    ]
    assert months.rows[-1]["storage_used_bytes"] == pytest.approx(np.median(both))


def test_tiers_are_full_in_so_many_futures_and_ordered_for_a_tenth_of_them(run):
    rows = {row["tier"]: row for row in tier_rows(run.result)}
    lake = rows["lake"]
    within = own_values(run.result, "storage_full_s", tier="lake")
    assert lake["n"] == COUNT
    assert lake["fills_n"] == sum(map(math.isfinite, within)) > 0
    beyond = own_values(run.result, "storage_ahead_full_s", tier="lake")
    firsts = sorted(np.fmin(within, beyond))
    start = pd.Timestamp("2021-01-20").date()
    assert (lake["tenth_full"] - start).days == int(firsts[0] // 86_400)
    assert (lake["half_full"] - start).days == int(firsts[3] // 86_400)
    assert (lake["tenth_full"] - lake["order_tenth"]).days == 30
    assert f"in {lake['fills_n']} of {COUNT} futures" in fill_sentence(
        run.result.loaded.scenario.until, lake, EN
    )
    assert rows["fast"]["order_tenth"] is None  # nobody said how long an order takes


def test_the_document_of_storage_names_the_world_whose_numbers_add_up(run):
    document = json.loads(json.dumps(run.to_json(), default=str))
    assert (document["worlds"], document["replications"]) == (COUNT, COUNT + 2)
    world = document["middle_world"]
    held = sum(row["held_bytes"] for row in document["held"])
    values = run.result.runs[world].values
    mine = [value for (metric, where), value in values.items()
            if metric == "storage_held_bytes" and dict(where)["month"] == "all"]  # fmt: skip
    assert held == pytest.approx(math.fsum(mine))
    assert sum(row["share_frac"] for row in document["held"]) == pytest.approx(1)
