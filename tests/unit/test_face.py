"""What a notebook uses: its names, results as frames with real times, documents as commands print them."""

import json
import subprocess
import sys
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

import capacity
from capacity.cli.main import entry
from capacity.errors import InputError, UsageError
from capacity.simulation.calendar import calendar_of
from capacity.study.files.tables import JOB_COLUMNS
from tests.support.small_site import write_small
from workloads.fitting import fit as fitting

NAMES = [
    "compare", "describe", "fit", "least_regret", "load", "replay", "report", "sensitivity", "simulate",
    "size", "storage", "sweep", "verify",
]  # fmt: skip
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def run(small):
    return capacity.simulate(small, replications=2)


@pytest.fixture
def printed(capsys):
    """What a command line prints as JSON."""

    def call(*args, code=0):
        assert entry([*map(str, args), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


def test_the_names_are_these_and_each_is_documented():
    assert sorted(capacity.__all__) == NAMES
    for name in NAMES:
        verb = getattr(capacity, name)
        assert callable(verb)
        assert name in dir(capacity)
        described = verb.__call__ if name == "report" else verb
        assert "Parameters\n" in described.__doc__ or "capacity.report.page.leave.report" in described.__doc__


def test_there_are_no_other_names():
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        capacity.simulat  # noqa: B018


def test_importing_the_package_imports_nothing_heavy():
    heavy = [
        "numpy",
        "pandas",
        "pint",
        "simpy",
        "numba",
        "scipy",
        "pydantic",
        "pyarrow",
        "click",
        "capacity.face",
    ]
    code = f"import sys, capacity; dir(capacity); sys.exit(any(name in sys.modules for name in {heavy!r}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Loading


@pytest.mark.parametrize("given", [{"site.pools.gpu.nodes": 40}, ["site.pools.gpu.nodes=40"]])
def test_values_are_set_by_mapping_or_text(small, given):
    loaded = capacity.load(small, set=given, until="2021-02-14")
    assert loaded.scenario.site.pools["gpu"].nodes == 40
    assert str(loaded.scenario.until) == "2021-02-14"
    assert loaded.origins["site", "pools", "gpu", "nodes"] == "--set site.pools.gpu.nodes=40"


def test_nothing_is_a_value_too(small):
    assert (
        capacity.load(small, set={"site.storage.fast.purge": None}).scenario.site.storage["fast"].purge
        is None
    )


def test_what_is_loaded_is_not_changed(small):
    with pytest.raises(UsageError, match="loaded already"):
        capacity.simulate(capacity.load(small), until="2021-02-14")


def test_a_mistake_carries_its_place():
    with pytest.raises(InputError, match="gwangju-plan"):
        capacity.load("gwangju-plann")


# A run


def test_findings_are_a_frame_with_a_column_for_each_label(run):
    found = run.findings
    assert found.columns[0] == "metric"
    assert [*found.columns[-7:]] == ["value", "low", "high", "unit", "n", "censored", "covers"]
    assert {"pool", "tier", "month"} <= {*found.columns}
    use = found[(found.metric == "utilization") & (found.pool == "gpu") & (found.month == "all")]
    assert len(use) == 1
    assert use.low.item() < use.value.item() < use.high.item()
    assert (use.unit.item(), use.n.item()) == ("1", 2)
    assert len(found) == len(run.to_json()["findings"])


def test_jobs_have_real_times_beside_seconds(run):
    jobs = run.jobs
    assert {*JOB_COLUMNS, "submit", "start", "end"} == {*jobs.columns}
    first = calendar_of(run.loaded.scenario).start_time
    assert jobs.submit.dt.tz == SEOUL
    assert jobs.submit.iloc[0] == pd.Timestamp(first) + pd.Timedelta(seconds=int(jobs.submit_s.iloc[0]))
    assert jobs.start[jobs.start_s < 0].isna().all()
    assert ((jobs.start - jobs.submit).dt.total_seconds() == jobs.wait_s)[jobs.start_s >= 0].all()


def test_series_and_events_have_real_times(run):
    assert [*run.series.columns] == ["time", "time_s", "metric", "labels", "value"]
    assert [*run.events.columns] == ["time", "time_s", "kind", "place", "amount", "text"]
    assert run.series.time.iloc[0] == pd.Timestamp(calendar_of(run.loaded.scenario).start_time)
    assert (run.series.time.dt.hour == 0).all()


def test_the_document_is_what_the_command_prints(run, small, printed):
    assert run.to_json() == printed("simulate", small, "-r", "2", "-j", "1")


def test_a_run_that_is_saved_is_that_of_the_command(run, small, tmp_path, printed):
    run.save(tmp_path / "saved")
    printed("simulate", small, "-r", "2", "-j", "1", "-o", tmp_path / "left")
    names = sorted(path.name for path in (tmp_path / "left").iterdir())
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == names
    for name in names:
        if name != "manifest.json":  # which says when it was written
            assert (tmp_path / "saved" / name).read_bytes() == (tmp_path / "left" / name).read_bytes(), name
    with pytest.raises(InputError, match="exists already"):
        run.save(tmp_path / "saved")


def test_jobs_of_a_run_that_left_a_directory_are_read_from_there(run, small, tmp_path):
    left = capacity.simulate(small, replications=2, output=tmp_path / "run")
    pd.testing.assert_frame_equal(left.jobs, run.jobs)
    assert left.to_json() == run.to_json()


def test_a_notebook_shows_a_table_and_the_scenario_is_no_html(run, small):
    shown = run._repr_html_()
    assert "<table" in shown
    assert "utilization" in shown
    assert "2 replications, seed 7" in shown
    named = capacity.simulate(small, set={"title": "<b>Bold</b>"})
    assert "<b>" not in named._repr_html_()


def test_requirements_are_judged_and_nothing_is_raised(small):
    run = capacity.simulate(
        small, require=["p95_wait_s[pool=gpu] <= 1000 d", "utilization[pool=gpu] >= 100 %"]
    )
    assert [one.verdict.standing for one in run.judgements] == ["shown", "shown not"]


def test_a_requirement_that_cannot_hold_costs_no_run(small):
    with pytest.raises(InputError, match="no pool 'gpuu'"):
        capacity.simulate(small, require=["p95_wait_s[pool=gpuu] <= 4 h"])


def test_a_precision_is_reached_with_progress(small):
    told = []
    run = capacity.simulate(
        small, precision=0.9, replications=12, progress=lambda part, *_: told.append(part)
    )
    assert 10 <= len(run.result.runs) <= 12
    assert 0 < max(told) <= 12
    with pytest.raises(UsageError, match="2 or more"):
        capacity.simulate(small, precision=0.9, replications=1)


# Storage


def test_storage_says_what_the_command_says(small, printed):
    run = capacity.storage(small)
    assert run.to_json() == printed("storage", small)
    assert [*run.fill_dates.tier] == [*run.procurement.tier] == ["fast", "lake"]
    assert "<table" in run._repr_html_()


def test_storage_without_jobs_is_a_projection(small, printed):
    growing = {"growth": "30 %/year", "start_used": "1 PB"}
    found = capacity.storage(small, **growing)
    assert found.to_json() == printed("storage", small, "--growth", "30 %/year", "--start-used", "1 PB")
    assert [*found.frame.columns] == ["month", "used_bytes", "limit_bytes", "used_frac"]
    assert "<table" in found._repr_html_()
    with pytest.raises(UsageError, match="--output is for simulated storage"):
        capacity.storage(small, **growing, output="run")


# Several


def test_a_comparison_has_all_scenarios_in_its_frames(small, printed, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(f"kind: scenario\nextends: {small}\nsite: {{pools: {{gpu: {{nodes: 3}}}}}}\n")
    found = capacity.compare(small, other, replications=2)
    assert found.to_json() == printed("compare", small, other, "-r", "2", "-j", "1")
    for frame in (found.findings, found.jobs, found.series, found.events):
        assert frame.columns[0] == "scenario"
        assert {*frame.scenario} <= {"small", "other"}
    assert len(found.jobs) == sum(len(run.jobs) for run in found.runs.values())
    assert {"metric", "standing"} <= {*found.differences.columns}
    assert "<table" in found._repr_html_()
    assert sorted(path.name for path in found.save(tmp_path / "kept").iterdir()) == sorted(
        ["manifest.json", "findings.json", "replications.parquet", "differences.csv", "pareto.csv"]
    )


def test_policies_are_compared_by_their_words(small):
    found = capacity.compare(small, policies=["fcfs", "easy"], replications=2)
    assert [*found.runs] == ["fcfs", "easy"]
    backfill = [run.loaded.scenario.policy.backfill for run in found.runs.values()]
    assert backfill == ["none", "easy"]


@pytest.mark.parametrize(
    ("scenarios", "given", "why"),
    [
        (["a"], {}, "nothing to compare"),
        (["a", "a"], {}, "given twice"),
        (["a", "b"], {"sites": ["c"]}, "goes with"),
    ],
)
def test_what_cannot_be_compared(scenarios, given, why):
    with pytest.raises(UsageError, match=why):
        capacity.compare(*scenarios, **given)


# Sizing


def test_a_site_is_sized(small, printed, tmp_path):
    asked = {"vary": {"site.pools.gpu.nodes": "2..6"}, "require": ["utilization[pool=gpu] >= 1 %"]}
    found = capacity.size(small, **asked, in_futures=0.5, replications=5, output=tmp_path / "run")
    words = ["--vary", "site.pools.gpu.nodes=2..6", "--require", *asked["require"]]
    assert found.to_json() == printed("size", small, *words, "--in-futures", "50%", "-r", "5", "-j", "1")
    assert found.answer == {"site.pools.gpu.nodes": "2"}
    assert {"site.pools.gpu.nodes", "standing", "requirement_standing"} <= {*found.trials.columns}
    assert found.run.loaded.scenario.site.pools["gpu"].nodes == 2
    assert len(found.findings) > 100
    assert "Enough: site.pools.gpu.nodes=2" in found._repr_html_()
    assert (tmp_path / "run" / "sizing.json").is_file()
    assert (
        capacity.size(capacity.load(small), **asked, in_futures=0.5, replications=5).to_json()
        == found.to_json()
    )


def test_what_varies_must_be_said(small):
    with pytest.raises(UsageError, match="what may change"):
        capacity.size(small, require=["utilization[pool=gpu] >= 1 %"])


# Logs


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Three weeks of jobs as SWF."""
    path = tmp_path_factory.mktemp("log") / "jobs.swf"
    drawn = ["--model", "lublin", "--slots", "64", "--days", "20", "--seed", "3"]
    assert entry(["workload", "generate", *drawn, "-o", str(path)]) == 0
    return path


def without_times(document):
    return {key: value for key, value in document.items() if key != "engine_s"}


def test_a_log_is_replayed(log, printed, tmp_path):
    found = capacity.replay(log, policy="sjf+easy", slots=64, output=tmp_path / "run")
    document = printed("replay", log, "--policy", "sjf+easy", "--slots", "64")
    assert without_times(found.to_json()) == without_times(document)
    assert {*found.findings.schedule} == {"simulated"}
    assert len(found.jobs) == len(found.replayed.table)
    assert found.jobs.submit.isna().all()  # a model has no calendar
    assert "mean_wait_s" in found._repr_html_()
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "findings.json", "jobs.parquet", "manifest.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "ask",
    [
        lambda log, **asked: capacity.replay(log, slots=64, **asked),
        lambda log, **asked: capacity.size(log=log, vary=["slots=60..64"], require=["jobs >= 1"], **asked),
    ],
    ids=["replay", "size"],
)
def test_an_unknown_policy_is_told_the_nearest(log, ask):
    with pytest.raises(UsageError, match=r"unknown policy 'eazy': did you mean 'easy'"):
        ask(log, policy="eazy")


def test_compare_knows_the_policies_before_it_loads_anything():
    with pytest.raises(UsageError, match="did you mean 'easy'"):
        capacity.compare("no-such-scenario", policies=["easy", "sjf+eazy"])


def test_a_machine_for_a_log_is_sized(log):
    found = capacity.size(log=log, vary=["slots=60..64"], require=["mean_wait_s <= 1000 d"])
    assert set(found.answer) == {"slots"}
    with pytest.raises(UsageError, match="replay the log"):
        found.findings  # noqa: B018


def test_a_model_is_fitted_and_checked(log, printed, tmp_path, monkeypatch):
    monkeypatch.setattr(fitting, "fit_restraint", lambda *_: 0.0)  # which takes long
    found = capacity.fit(log, slots=64)
    assert found.yaml.startswith("# Jobs like those of jobs.swf")
    assert found.save(tmp_path / "model.yaml").read_text("utf-8") == found.yaml
    check = found.check(months=2)
    assert {"metric", "unit", "limit", "found", "low", "high", "standing"} <= {*check.findings.columns}
    code = 4 if "shown not" in {*check.findings.standing} else 0
    options = ["--slots", 64, "-o", tmp_path / "again.yaml", "--check", "--months", 2]
    assert check.to_json() == printed("workload", "fit", log, *options, code=code)
    assert "run times" in found._repr_html_()


def test_jobs_are_described(log, small, printed):
    found = capacity.describe(log, slots=64)
    assert found.to_json() == printed("workload", "describe", log, "--slots", "64")
    assert [*found.findings.columns] == ["section", "metric", "label", "value", "unit", "note"]
    assert "<table" in found._repr_html_()
    demand = capacity.describe(small, kind="scenario")
    assert demand.to_json() == printed("workload", "describe", small, "--kind", "scenario")
    assert {one.kind for one in found.distances(demand)} >= {"ks"}
    assert found.against().reference == "facts"


# Checks and reports


def test_checks_are_a_table(printed):
    told = []
    found = capacity.verify(
        only=["invariant/slots", "same-seed"], quick=True, told=lambda done, of: told.append(of)
    )
    assert told == [len(found.findings)] * len(found.findings)
    assert found.failed == []
    assert {*found.findings.standing} == {"shown"}
    assert found.to_json()["passed"] == len(found.findings)
    with pytest.raises(UsageError, match="--data"):
        capacity.verify("nowhere")


def test_a_result_or_its_directory_becomes_a_report(run, tmp_path):
    left = capacity.report(run, tmp_path / "plan.html", verify=False)
    assert left.html.read_text("utf-8").startswith("<!")
    assert left.markdown.is_file()
    assert any(left.figures.iterdir())
    folder = run.save(tmp_path / "run")
    assert capacity.report(folder, verify=False, lang="ko").html == folder / "report.ko.html"
    with pytest.raises(InputError, match="exists already"):
        capacity.report(run, tmp_path / "plan.html", verify=False)


def test_the_package_of_reports_is_a_package_too(run):
    import capacity.report.words as words  # noqa: PLC0415

    assert words.percent(0.5) == "50 %"
    assert capacity.report.words is words
