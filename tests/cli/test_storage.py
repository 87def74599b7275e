"""``capacity storage``: what each tier holds month by month, when it fills, and what makes it grow."""

import csv
import io
import json
import re

import pytest

from capacity.cli.main import entry
from tests.support.small_site import write_small

MONTHS = ["2021-01", "2021-02", "2021-03"]
SMALL_LAKE = ("--set", "site.storage.lake.capacity.usable=40 TB")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return str(write_small(tmp_path_factory.mktemp("small")))


@pytest.fixture
def storage(capsys, small):
    def call(*args):
        code = entry(["storage", small, *args])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return captured.out

    return call


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_shows_every_tier_in_every_month(storage):
    out = storage()
    assert "\x1b" not in out
    assert not re.search("[\u2500-\u257f]", out)
    found = [line.split()[:2] for line in out.splitlines() if line[:7] in MONTHS]
    assert found == [[month, tier] for month in MONTHS for tier in ("fast", "lake")]
    assert "TiB" in out, "both decimal and binary"


def test_csv_carries_bytes_and_nothing_else(storage):
    rows = rows_of(storage("--format", "csv"))
    assert [(row["month"], row["tier"]) for row in rows] == [
        (month, tier) for month in MONTHS for tier in ("fast", "lake")
    ]
    for row in rows:
        used, capacity = float(row["storage_used_bytes"]), float(row["storage_capacity_bytes"])
        assert float(row["storage_used_frac"]) == used / capacity
        assert float(row["storage_limit_bytes"]) == pytest.approx(0.85 * capacity)
        assert float(row["storage_refused_bytes"]) == 0.0
    assert {row["storage_capacity_bytes"] for row in rows if row["tier"] == "lake"} == {
        "8e+13",
        "1.2e+14",
    } or {float(row["storage_capacity_bytes"]) for row in rows if row["tier"] == "lake"} == {80e12, 120e12}


def test_json_has_the_fill_dates_and_only_storage(storage):
    document = json.loads(storage("--json"))
    first = ["schema_version", "scenario", "hash", "replications", "worlds", "middle_world"]
    assert list(document) == [
        *first,
        "fill_dates",
        "procurement",
        "orders",
        "raw_to_fillable",
        "held",
        "saved",
        "findings",
    ]
    assert [fill["tier"] for fill in document["fill_dates"]] == ["fast", "lake"]
    assert all(row["raw_bytes"] > 0 for row in document["procurement"])
    assert {f["metric"].split("_")[0] for f in document["findings"]} == {"storage"}
    metrics = {f["metric"] for f in document["findings"]}
    assert {"storage_used_bytes", "storage_capacity_bytes", "storage_growth_bytes"} <= metrics


def test_a_tier_that_fills_has_its_date(storage):
    out = storage(*SMALL_LAKE)
    (day,) = re.findall(r"lake: reaches its fill limit of 85 % on (\S+);", out)
    assert "2021-01-20" < day < "2021-02-10"
    assert re.search(r"lake: [\d,]+ jobs failed for want of room; they had held [\d,]+ slot-hours", out)
    assert re.search(r"(?m)^lake .* [1-9][\d.]* TB .* " + day, out), (
        "what is missing at the end, and full when"
    )
    rows = rows_of(storage("--format", "csv", *SMALL_LAKE))
    assert sum(float(row["storage_refused_bytes"]) for row in rows if row["tier"] == "lake") > 0
    assert all(float(row["storage_used_frac"]) <= 0.85 for row in rows if row["tier"] == "lake")


def test_simulate_storage_and_the_report_say_the_same_day(capsys, small, tmp_path):
    """A day of a replication that exists, not the mean of days of one and the next of another."""
    out, page = tmp_path / "run", tmp_path / "page.html"
    for command in (["simulate", small, "-o", str(out)], ["storage", small]):
        assert entry([*command, "-r", "4", *SMALL_LAKE]) == 0
    said = capsys.readouterr().out
    spans = re.findall(r"lake: reaches .* between (\S+) and (\S+), half of the times by ([\d-]+)", said)
    assert len(spans) == 2 and spans[0] == spans[1]
    first, last, median = spans[0]
    assert first <= median <= last and first < last
    assert re.search(rf"(?m)^lake .* {median} ", said), "what to buy by when"
    assert entry(["report", str(out), "-o", str(page)]) == 0
    assert f"between {first} and {last}, half of the times by {median}" in page.read_text()
    assert f"full {median}" in page.read_text(), "the line in the picture"


def test_it_is_drawn_with_what_the_report_shows(storage, tmp_path):
    plot = tmp_path / "storage.svg"
    storage("--plot", str(plot), *SMALL_LAKE)
    drawn = plot.read_text()
    (day,) = re.findall(r">full ([\d-]+)<", drawn)
    assert f"lake: reaches its fill limit of 85 % on {day};" in storage(*SMALL_LAKE)
    for said in ("Fifty days", "Held on fast", "Held on lake", "What it is", "Whose it is", "datasets"):
        assert said in drawn
    ids = re.findall(r' id="([^"]+)"', drawn)
    assert len(set(ids)) == len(ids) > 0


def test_who_holds_what_adds_up(storage):
    out = storage()
    table = out[out.index("Who holds what at the end") :].split("\n\n")[1].splitlines()
    assert table[0].split() == ["tier", "tenant", "kind", "holds", "share"]
    shares = [float(line.split()[-2]) for line in table[1:] if line]
    assert sum(shares) == pytest.approx(100, abs=1.5)
    assert any("datasets" in line for line in table)


def test_each_rule_says_what_it_saved(storage):
    rules = ("--set", "site.storage.fast.purge={unread: 20 day}")
    rules += ("--set", "site.storage.lake.migrate={to: fast, unread: 9 day}")
    document = json.loads(storage("--json", *rules))
    saved = {(row["tier"], row["rule"]): row["saved_bytes"] for row in document["saved"]}
    assert saved["fast", "purge"] > 0
    assert {rule for _, rule in saved} >= {"purge", "migrate"}
    held = {
        f["labels"]["tier"]: f["value"]
        for f in document["findings"]
        if f["metric"] == "storage_wanted_bytes" and f["labels"]["month"] == "all"
    }
    without = json.loads(storage("--json", *rules[2:]))
    wanted = next(
        f["value"]
        for f in without["findings"]
        if f["metric"] == "storage_wanted_bytes" and f["labels"] == {"tier": "fast", "month": "all"}
    )
    assert wanted - held["fast"] == saved["fast", "purge"]


def test_replications_show_an_interval(storage):
    rows = rows_of(storage("--format", "csv", "-r", "2", "-j", "1"))
    assert all(float(row["low"]) <= float(row["storage_used_bytes"]) <= float(row["high"]) for row in rows)
    assert "low" not in rows_of(storage("--format", "csv"))[0]


def test_months_before_the_first_delivery_are_left_out_of_the_table(storage):
    late = [f"site.deliveries.{name}=null" for name in ("before", "early")]
    out = storage(*(part for text in late for part in ("--set", text)))
    assert not re.search(r"(?m)^2021-01 ", out)
    assert "2021-02" in out


def test_a_run_is_kept(storage, tmp_path):
    storage("-o", str(tmp_path / "run"))
    assert (tmp_path / "run" / "manifest.json").exists()


def test_a_site_without_storage_has_an_empty_table(capsys, tmp_path):
    path = write_small(tmp_path)
    for name in ("site.yaml", "workload.yaml"):
        text = (tmp_path / name).read_text()
        text = re.sub(r"(?ms)^storage:\n(  .*?\n)+", "", text)
        text = re.sub(r"(?m)^    (?:writes|reads):\n(      .*\n)+", "", text)
        text = re.sub(r"(?m)^    brings:\n(      .*\n)+", "", text)
        (tmp_path / name).write_text(text)
    assert entry(["storage", str(path)]) == 0
    assert "all tiers: 0 B of 0 B" in capsys.readouterr().out


@pytest.mark.parametrize("args", [["nowhere"], ["gwangju-plan", "--until", "2019-01-01"]])
def test_bad_input_is_refused(capsys, args):
    assert entry(["storage", *args]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
