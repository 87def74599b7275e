"""``capacity compare``: the same demand on several sites, side by side."""

import csv
import io
import json
import re

import pytest

from capacity.cli.main import entry
from tests.support.small_site import write_small


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A scenario, the same with fewer nodes, and the same with V100."""
    folder = tmp_path_factory.mktemp("cases")
    write_small(folder)
    scarce = (
        "kind: scenario\nextends: ./small.yaml\ntitle: Scarce\nseed: 99\nsite: {pools: {gpu: {nodes: 3}}}\n"
    )
    (folder / "scarce.yaml").write_text(scarce)
    write_small(folder / "v100", renamed={"dgx-a100": "dgx-2"})
    (folder / "v100" / "site.yaml").rename(folder / "old-site.yaml")
    write_small(folder / "twin")
    return folder


@pytest.fixture
def compare(capsys, folder, monkeypatch):
    monkeypatch.chdir(folder)

    def call(*args):
        code = entry(["compare", *args])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def submitted(case):
    return [
        f["value"]
        for f in case["findings"]
        if f["metric"] == "jobs_submitted" and f["labels"]["month"] == "all"
    ]


def test_scenarios_are_compared_in_json(compare):
    code, out, _ = compare("./small.yaml", "./scarce.yaml", "--json")
    assert code == 0
    document = json.loads(out)
    assert list(document) == ["schema_version", "seed", "baseline", "scenarios", "differences", "pareto"]
    assert document["seed"] == 7
    assert [case["scenario"] for case in document["scenarios"]] == ["small", "scarce"]
    assert list(document["scenarios"][0]) == [
        "scenario",
        "hash",
        "replications",
        "worlds",
        "load_state",
        "findings",
    ]
    first, second = document["scenarios"]
    assert submitted(first) == submitted(second)
    assert first["hash"] != second["hash"]


def test_sites_are_compared_on_one_demand(compare):
    code, out, _ = compare("./small.yaml", "--site", "./site.yaml", "--site", "./old-site.yaml", "--json")
    assert code == 0
    cases = json.loads(out)["scenarios"]
    assert [case["scenario"] for case in cases] == ["site", "old-site"]
    assert submitted(cases[0]) == submitted(cases[1])


def test_all_cases_see_the_seed_of_the_first_or_the_one_given(compare):
    for seed, args in ((7, []), (11, ["--seed", "11"])):
        document = json.loads(compare("./small.yaml", "./scarce.yaml", "--json", *args)[1])
        assert document["seed"] == seed
        assert submitted(document["scenarios"][0]) == submitted(document["scenarios"][1])


def test_the_table_has_a_column_for_each(compare):
    code, out, _ = compare("./small.yaml", "./scarce.yaml")
    assert code == 0
    assert "\x1b" not in out
    assert not re.search("[\u2500-\u257f]", out)
    assert out.splitlines()[0].split() == ["small", "scarce"]
    assert "small: run times as on the reference." in out
    assert "What became of the slot-hours delivered\n" in out
    assert compare("./small.yaml", "./scarce.yaml", "-n")[1].splitlines()[0] == "Site and parts"


def test_csv_carries_numbers(compare):
    code, out, _ = compare("./small.yaml", "./scarce.yaml", "--format", "csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert set(rows[0]) == {
        *("section", "metric", "labels", "unit"),
        *("small", "small_low", "small_high", "scarce", "scarce_low", "scarce_high"),
    }
    slots = next(
        row for row in rows if (row["metric"], row["labels"]) == ("capacity_slots", "pool=gpu month=all")
    )
    assert (float(slots["small"]), float(slots["scarce"])) == (24, 16)
    for row in rows:
        assert all(value == "" or float(value) is not None for value in (row["small"], row["scarce"]))


def test_two_files_of_one_name_are_told_apart(compare):
    code, out, _ = compare("./small.yaml", "./twin/small.yaml", "--json")
    assert code == 0
    assert [case["scenario"] for case in json.loads(out)["scenarios"]] == [
        "./small.yaml",
        "./twin/small.yaml",
    ]
    header = compare("./small.yaml", "./twin/small.yaml")[1].splitlines()[0]
    assert header.split() == ["./small.yaml", "./twin/small.yaml"]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        ([], 2, "SCENARIOS"),
        (["./small.yaml"], 2, "nothing to compare"),
        (["./small.yaml", "--site", "./site.yaml"], 2, "nothing to compare"),
        (["./small.yaml", "./small.yaml"], 2, "twice"),
        (["./small.yaml", "./scarce.yaml", "--site", "./site.yaml"], 2, "one scenario"),
        (["./small.yaml", "nowhere"], 3, "nowhere"),
        (["./small.yaml", "./scarce.yaml", "--until", "2020-01-01"], 3, "before the start"),
        (["./small.yaml", "--site", "./site.yaml", "--site", "gwangju-cpv"], 3, "gwangju-cpu"),
        (["./small.yaml", "--policy", "fcfs"], 2, "nothing to compare"),
        (["./small.yaml", "./scarce.yaml", "--policy", "fcfs", "--policy", "sjf"], 2, "one scenario"),
        (["./small.yaml", "--policy", "fcfs", "--policy", "sfj"], 2, "sjf"),
        (["./small.yaml", "--site", "./site.yaml", "--policy", "fcfs"], 2, "not both"),
        (["./small.yaml", "./scarce.yaml", "--precision", "5"], 3, "between 0 and 1"),
        (["./small.yaml", "./scarce.yaml", "--plot", "x.png"], 2, "the file ends in .svg"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(compare, args, code, says):
    got, out, err = compare(*args)
    assert (got, out) == (code, "")
    assert says in err
    assert "Traceback" not in err


# --- Verdicts -------------------------------------------------------------------------------------


def test_a_comparison_ends_in_verdicts_with_intervals(compare):
    code, out, _ = compare("./small.yaml", "./scarce.yaml", "-r", "4")
    assert code == 0
    assert "scarce against small, 4 paired replications" in out
    assert "Beaten by no other site" in out
    document = json.loads(compare("./small.yaml", "./scarce.yaml", "-r", "4", "--json")[1])
    assert document["baseline"] == "small"
    assert {one["case"] for one in document["differences"]} == {"scarce"}
    for one in document["differences"]:
        assert one["direction"] in {"better", "worse", "more", "less", None}
        known = one["low"] is not None
        assert known and one["low"] <= one["found"] <= one["high"]
        apart = not one["low"] <= 0 <= one["high"] and not one["censored"]
        assert apart == (one["standing"] == "shown") == (one["direction"] is not None), one
    use = next(one for one in document["differences"] if one["metric"] == "utilization")
    assert use["direction"] == "more", "three nodes are fuller than four"
    assert [one["case"] for one in document["pareto"]] == ["small", "scarce"]


def test_one_replication_gives_no_verdict(compare):
    code, out, _ = compare("./small.yaml", "./scarce.yaml", "-r", "1")
    assert code == 0
    assert "no verdict" in out
    document = json.loads(compare("./small.yaml", "./scarce.yaml", "-r", "1", "--json")[1])
    assert {one["standing"] for one in document["differences"]} == {"not shown"}


def test_policies_are_compared_on_one_scenario(compare):
    code, out, _ = compare("./small.yaml", "--policy", "fcfs", "--policy", "sjf+easy", "-r", "2", "--json")
    assert code == 0
    first, second = json.loads(out)["scenarios"]
    assert (first["scenario"], second["scenario"]) == ("fcfs", "sjf+easy")
    assert submitted(first) == submitted(second)
    assert first["hash"] != second["hash"]


def test_a_comparison_is_kept_and_drawn(compare, tmp_path):
    target, plot = tmp_path / "kept", tmp_path / "plot.svg"
    args = ("./small.yaml", "./scarce.yaml", "-r", "2", "-o", str(target), "--plot", str(plot))
    code, _, err = compare(*args)
    assert code == 0
    names = ["differences.csv", "findings.json", "manifest.json", "pareto.csv", "replications.parquet"]
    assert sorted(path.name for path in target.iterdir()) == names
    assert all(name in err for name in names)
    drawn = plot.read_text()
    assert drawn.startswith("<svg")
    assert "Every metric compared" in drawn and "scarce against small" in drawn
    rows = list(csv.DictReader(io.StringIO((target / "differences.csv").read_text())))
    assert {row["case"] for row in rows} == {"scarce"}
    assert compare(*args)[0] == 3, "not overwritten without --force"
    assert compare(*args, "--force")[0] == 0


def test_a_precision_is_reached_or_what_is_not_is_said(compare):
    code, _, err = compare("./small.yaml", "./scarce.yaml", "--precision", "90 %")
    assert code == 0
    assert "after 10 replications every headline figure is known to ±90 %" in err
    code, out, err = compare("./small.yaml", "./scarce.yaml", "--precision", "0.1%", "-r", "12", "--json")
    assert code == 0
    assert {case["replications"] for case in json.loads(out)["scenarios"]} == {12}
    assert "after 12 replications, not to ±0.1 %" in err


def test_what_a_full_tier_turns_away_is_said(compare, folder):
    """Both tiers would look alike by the share used: it cannot go beyond the limit."""
    text = (folder / "site.yaml").read_text("utf-8")
    (folder / "full-site.yaml").write_text(text.replace("usable: 160 TB", "usable: 30 TB"))
    sites = ["--site", "./site.yaml", "--site", "./full-site.yaml"]
    code, out, _ = compare("./small.yaml", *sites, "-r", "2", "-j", "1", "--until", "2021-02-05")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.strip().startswith("lake")]
    assert re.search(r"% used {2,}8\d % used, .*, [\d.]+ TB turned away$", line.rstrip())
