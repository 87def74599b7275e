"""The report as a file: no text becomes markup, nothing comes from the network, all is labelled."""

import csv
import io
import math
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.inputs.scenario import Scenario
from capacity.quantities.writing import format_amount, format_money
from capacity.report.charts.style import DARK, LIGHT
from capacity.report.language import FORMS, Language, catalogue
from capacity.report.page.build import page_of
from capacity.report.page.render import csv_files, html, markdown
from capacity.report.words import LANGUAGES
from capacity.statistics.bounds import AtLeast
from capacity.study.compare.comparison import Comparison, write_comparison
from capacity.study.files.run_directory import staged
from capacity.study.files.saved import Saved, read_saved
from capacity.study.run import run, write_run
from tests.support.small_site import write_small

EVIL = (
    """</title></style></script><script>alert("1")</script>"""
    """<img src=x onerror='alert(2)'> "quoted" & 'single' {{ 7*7 }}"""
)
VOID = {
    "meta",
    "br",
    "wbr",
    "hr",
    "link",
    "img",
    "input",
    "line",
    "path",
    "rect",
    "circle",
    "polygon",
    "polyline",
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    loaded = load_scenario(write_small(folder))
    with staged(folder / "run", force=False) as stage:
        write_run(stage, run(loaded, replications=3, stage=stage))
    return read_saved(folder / "run")


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    path = write_small(folder)
    cases = [load_scenario(path), load_scenario(path, overrides=["site.pools.gpu.nodes=8"])]
    cases[1] = replace(cases[1], record=cases[1].scenario.model_copy(update={"name": "larger"}))
    results = [run(case, replications=3) for case in cases]
    with staged(folder / "run", force=False) as stage:
        write_comparison(stage, Comparison.of(results))
    return read_saved(folder / "run")


class Reader(HTMLParser):
    """Reads a document strictly: every element that opens closes, in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.tags, self.attributes, self.ids, self.texts = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.stack.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def hostile(saved: Saved) -> Saved:
    """Put markup into every text of the scenario, also where a specification would refuse it."""

    def spoilt(value):
        if isinstance(value, dict):
            return {
                key: (EVIL if key in {"title", "question", "why", "source"} else spoilt(item))
                for key, item in value.items()
            }
        return [spoilt(item) for item in value] if isinstance(value, list) else value

    results = []
    for result in saved.results:
        data = spoilt(result.loaded.data)
        scenario = Scenario.model_validate(data).model_copy(update={"name": EVIL})
        pools = {f"{EVIL}{name}": pool for name, pool in scenario.site.pools.items()}
        scenario = scenario.model_copy(update={"site": scenario.site.model_copy(update={"pools": pools})})
        runs = tuple(
            replace(
                one,
                values={
                    (m, tuple((k, f"{EVIL}{v}" if k == "pool" else v) for k, v in w)): x
                    for (m, w), x in one.values.items()
                },
            )
            for one in result.runs
        )
        findings = tuple(
            replace(f, labels=tuple((k, f"{EVIL}{v}" if k == "pool" else v) for k, v in f.labels))
            for f in result.findings
        )
        loaded = replace(result.loaded, record=scenario, data=data, warnings=(EVIL,))
        results.append(replace(result, loaded=loaded, findings=findings, runs=runs))
    return replace(saved, results=tuple(results))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_of_a_scenario_becomes_markup(saved, lang):
    good, evil = Reader(html(page_of(saved, lang))), Reader(html(page_of(hostile(saved), lang)))
    for document in (good, evil):
        assert "script" not in document.tags
        assert "img" not in document.tags
        assert not [name for _, name, _ in document.attributes if name.startswith("on")]
    assert set(evil.tags) <= {*good.tags, "aside", "ul", "li"}
    assert any(EVIL.split(" ", maxsplit=1)[0] in text for text in evil.texts), "it is shown as it was written"
    assert not any(text.strip() == "49" for text in evil.texts), "nor is it a template"


def test_the_markdown_takes_texts_as_they_stand(saved):
    text = markdown(page_of(hostile(saved), "en"))
    assert "<script" not in text.replace("\\<", "")
    assert "<img" not in text.replace("\\<", "")


def test_nothing_comes_from_the_network_and_nothing_runs(saved):
    text = html(page_of(saved, "en"))
    document = Reader(text)
    assert not [
        a
        for a in document.attributes
        if a[1] in {"src", "srcset", "data", "action", "formaction", "background"}
    ]
    assert all(
        value.startswith("#") for tag, name, value in document.attributes if name in {"href", "xlink:href"}
    )
    assert "@import" not in text
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", text)
    assert "default-src 'none'" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_can_be_heard_as_well_as_seen(saved, lang):
    document = Reader(html(page_of(saved, lang)))
    assert ("html", "lang", lang) in document.attributes
    assert len(document.ids) == len(set(document.ids))
    assert document.tags.count("h1") == 1
    assert document.tags.count("main") == 1
    headings = [int(tag[1]) for tag in document.tags if re.fullmatch("h[1-6]", tag)]
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))
    scopes = [value for tag, name, value in document.attributes if (tag, name) == ("th", "scope")]
    assert len(scopes) == document.tags.count("th")
    labelled = [
        value for tag, name, value in document.attributes if (tag, name) == ("svg", "aria-labelledby")
    ]
    assert len(labelled) == document.tags.count("svg") > 5
    for value in labelled:
        assert set(value.split()) <= set(document.ids)
    for tag, name, value in document.attributes:
        if name == "aria-labelledby" and tag != "svg":
            assert value in document.ids


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["--ink", "--ink-soft", "--series-1"])
def test_text_stands_out_from_the_page(theme, ink):
    """WCAG 2.2, 1.4.3: 4.5 to 1; the first series colour is that of links."""
    high, low = sorted((luminance(theme[ink]), luminance(theme["--surface"])), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_the_same_run_gives_the_same_report(saved):
    assert html(page_of(saved, "ko")) == html(page_of(saved, "ko"))


def test_each_figure_has_its_numbers_as_csv(saved):
    files = dict(csv_files(page_of(saved, "en")))
    assert {
        "use-by-month.csv",
        "waits-gpu-by-month.csv",
        "storage-lake.csv",
        "storage-by-kind.csv",
        "storage-by-tenant.csv",
        "goodput-slot-hours.csv",
    } <= set(files)
    rows = list(csv.DictReader(io.StringIO(files["use-by-month.csv"])))
    known = {(f.labels): f.value for f in saved.results[0].findings if f.metric == "utilization"}
    for row in rows:
        if row["value"]:
            assert float(row["value"]) == known[("pool", row["place"]), ("month", row["month"])]
    assert {row["unit"] for row in rows} == {"1"}


def test_the_first_screen_answers(saved):
    page = page_of(saved, "en")
    assert page.question == saved.results[0].loaded.scenario.question
    assert len(page.answer) >= 3
    assert all("{" not in sentence and "nan" not in sentence for sentence in page.answer)
    assert {"whole horizon" in card.note for card in page.cards} == {True, False}
    assert page.assumptions is not None
    assert [name for name, _ in page.facts][:2] == ["scenario", "hash of the scenario"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_comparison_ends_in_verdicts(compared, lang):
    page = page_of(compared, lang)
    document = Reader(html(page))
    assert "script" not in document.tags
    assert [section.name for section in page.sections][:4] == ["verdicts", "pareto", "side-by-side", "months"]
    assert any("larger" in sentence for sentence in page.answer)


# --- Languages ------------------------------------------------------------------------------------


def places(text):
    """Return what is filled in and in which form, without the word for so many, which Korean has not."""
    return {(name, form) for _, name, form, _ in Formatter().parse(text) if name and "|" not in (form or "")}


def test_the_catalogues_say_the_same():
    english, korean = catalogue("en"), catalogue("ko")
    steps = ("billion", "million", "hundred_million", "ten_thousand")
    only_one = {f"money.{step}" for step in steps}  # counted in other steps
    assert set(english) ^ set(korean) == only_one
    for key in set(english) & set(korean):
        if key not in {"date.day", "date.month"}:  # one counts in ISO 8601
            assert places(english[key]) == places(korean[key]), key
    for key, text in korean.items():
        latin = re.fullmatch(r"[\x00-\x7f–≥≤…—]*", re.sub(r"\{[^}]+\}", "", text))
        assert (
            not latin
            or key
            in {
                "size.curve_caption",
                "card.interval",
                "energy.pue",
                "storage.axis",
                "energy.axis",
                "verdict.item",
                "goodput.total",
                "by_size.note",
            }
            or not text.strip("{}").isalpha()
        ), key


def test_every_message_that_is_asked_for_is_there():
    root = Path(__file__).parents[3] / "capacity"
    asked = set()
    for path in root.rglob("*.py"):
        asked |= set(re.findall(r"""(?:say|self)\.text\(\s*"([a-z0-9_.]+)\"""", path.read_text("utf-8")))
    assert len(asked) > 100
    assert asked <= set(catalogue("en"))


def test_no_message_is_left_over():
    """What is not asked for by its name is asked for by a pattern."""
    root = Path(__file__).parents[3] / "capacity"
    code = "".join(path.read_text("utf-8") for path in root.rglob("*.py"))
    patterns = [
        re.compile(re.sub(r"\\\{[^}]*\\\}", ".+", re.escape(found)))
        for found in (
            *re.findall(r"""f["']([a-z_.]+\.\{[^"']+\}[a-z_.]*)["']""", code),
            *(f"{table}.{{}}" for table in re.findall(r"""titled\(\s*say,\s*f?"([a-z_.{}]+)\"""", code)),
        )
    ]
    for key in catalogue("en"):
        named = f'"{key}"' in code or f"'{key}'" in code
        assert named or any(pattern.fullmatch(key) for pattern in patterns), key


@pytest.mark.parametrize(
    ("lang", "value", "text"),
    [
        ("en", 59, "59 s"),
        ("en", 93_600, "1.1 d"),
        ("ko", 59, "59초"),
        ("ko", 93_600, "1.1일"),
        ("ko", float("nan"), "–"),
    ],
)
def test_times_are_written_in_the_language(lang, value, text):
    assert Language(lang).duration(value) == text


def test_won_are_counted_as_one_counts_them():
    english, korean = Language("en"), Language("ko")
    assert english.money(140.4e9, "KRW") == "140 bn KRW"
    assert korean.money(140.4e9, "KRW") == "1,404억 원"
    assert korean.money(2.5e12, "KRW") == "2.5조 원"
    assert english.money(950, "KRW") == "950 KRW"
    assert english.money(84e6, "KRW") == "84 million KRW"
    assert korean.money(84e6, "KRW") == "8,400만 원"


def test_any_currency_is_written():
    english, korean = Language("en"), Language("ko")
    assert english.value("electricity_cost", "EUR", 2.5e6) == "2.5 million EUR"
    assert korean.money(2.5e6, "EUR") == "250만 유로"
    assert korean.money(2.5e6, "CHF") == "250만 CHF", "by its code where there is no word"
    assert english.price(None, None) == "not known"


@pytest.mark.parametrize(
    "amount", [2.5, 950.0, 199_000.0, 999_999.0, 1e6, 92.3e9, 999.6e9, 2.5e12, 0.0, -3e9]
)
def test_an_amount_is_written_as_in_english_without_a_catalogue(amount):
    """The currency may stand beside it, in a column of its own."""
    assert Language("en").money(amount, "KRW") == format_money(amount, "KRW")
    assert Language("en").money(amount) == format_amount(amount)


def test_a_place_of_a_message_names_the_form_of_its_number():
    english, korean = Language("en"), Language("ko")
    last = {"pool": "gpu", "month": "2022-12", "utilization": 0.5, "queue_length": 12.3, "half": 60.4}
    last |= {"late": AtLeast(3 * 86_400 + 3 * 3600)}
    assert english.text("simulation.last", **last) == (
        "gpu, 2022-12: 50 % used, 12 jobs waiting on average, wait of all jobs, short trials included, 1 min "
        "at the median and ≥ 3 d 3 h at the 95th percentile."
    )
    assert "1 min at the median and – at" in english.text("simulation.last", **(last | {"late": math.nan}))
    assert "2022년 12월: 사용률 50%" in korean.text("simulation.last", **last)
    node = dict.fromkeys(("half", "late", "half_last", "late_last", "half_all", "late_all"), "1 s")
    node |= {"pool": "gpu", "slots": "1", "worst": "2022-01", "month": "2022-12"}
    node |= {"half_every": "2 s", "late_every": "3 s"}
    assert "waits longest when submitted in 2022-01: 1 s at" in english.text("simulation.node", **node)
    assert "2022년 12월에는 1 s, 1 s" in korean.text("simulation.node", **node)
    assert english.text("fills.not_full", limit=0.85, last=date(2023, 1, 1)) == (
        "not at its fill limit of 85 % before 2023-01-01"
    )
    assert "2023년 1월 1일 전에는 사용 한도 85%에" in korean.text(
        "fills.not_full", limit=0.85, last=date(2023, 1, 1)
    )
    spells = [("2021-08", "2021-08"), ("2021-10", "2022-01")]
    assert english.spells(spells) == "2021-08 and 2021-10 to 2022-01"
    assert korean.spells(spells) == "2021년 8월, 2021년 10월–2022년 1월"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_form_that_a_message_asks_for_is_known(lang):
    forms = {form for text in catalogue(lang).values() for _, _, form, _ in Formatter().parse(text) if form}
    plain = {".0f", ".1f", ".2f", ".3f", ".1e", ",.0f", ".0%", ".1%"}
    assert {form for form in forms if "|" not in form} - plain <= set(FORMS)


@pytest.mark.parametrize(
    ("relative", "text"),
    [(0.024, "+2.4 %"), (-0.5, "−50 %"), (1.99, "+199 %"), (2.0, "× 3.0"), (8.94, "× 9.9"), (8.96, "× 10"),
     (float("nan"), "–")],
)  # fmt: skip
def test_a_large_difference_is_a_multiple(relative, text):
    assert Language("en").change(relative) == text
