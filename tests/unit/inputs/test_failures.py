"""What is wrong with failures, outages and checkpoints is said with its place; what is odd is warned of."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.errors import InputError
from capacity.inputs.failures.checkpoint_plan import Plan, mtbf_s, plan_of
from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.build import build
from tests.support.small_site import write_small

FAIL = "site.pools.gpu.failures="
SMALL = "workload.classes.small.checkpoint="


def said(folder, *overrides):
    with pytest.raises(InputError) as caught:
        load_scenario(write_small(folder), overrides=overrides)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (FAIL + "{per_1000_node_days: -1, repair: 1 h}", ["per_1000_node_days", "negative"]),
        (FAIL + "{per_1000_node_days: 2, repair: 0 h}", ["failures.repair", "'0 h' is too small"]),
        (FAIL + "{per_1000_node_days: 2, repair: -3 h}", ["failures.repair", "negative"]),
        (FAIL + "{per_1000_node_days: 2, repair: 3}", ["failures.repair", "unit"]),
        (FAIL + "{per_1000_node_days: 2, repair: {median: 0 h, mean: 2 h}}", ["repair.median", "too small"]),
        (
            FAIL + "{per_1000_node_days: 2, repair: {median: 3 h, mean: 2 h}}",
            ["repair.mean", "not more than"],
        ),
        (FAIL + "{per_1000_node_days: 2, repair: 1 h, shape: 0.1}", ["shape", "at least 0.3"]),
        (FAIL + "{per_1000_node_days: 2, repair: 1 h, shape: 11}", ["shape", "at most 10"]),
        (FAIL + "{per_1000_node_days: 2, repair: 1 h, spread: 1}", ["spread", "more than 1"]),
        (FAIL + "{per_1000_node_days: 2, repair: 1 h, spread: 3, shape: 2}", ["spread", "two distributions"]),
        (FAIL + "{per_1000_node_days: 2, repair: 1 h, spares: 4}", ["spares", "without 'swap'", "add 'swap"]),
        (FAIL + "{per_1000_node_days: 2, repair: 1 h, swap: 2 h}", ["swap", "without 'spares'"]),
        (FAIL + "{per_1000_node_days: 2, repair: 1 h, spares: -4, swap: 1 h}", ["spares", "negative"]),
        (
            FAIL + "{per_1000_node_days: 2, repair: 1 h, infant: {factor: 0.5, lasts: 3 day}}",
            ["infant.factor", "at least 1"],
        ),
        (
            FAIL + "{per_1000_node_days: 2, repair: 1 h, infant: {factor: 3, lasts: 0 day}}",
            ["infant.lasts", "too small"],
        ),
        (
            FAIL + "{per_1000_node_days: 2, repair: 1 h, lemons: {share: 120 %, factor: 3}}",
            ["lemons.share", "too large"],
        ),
        (
            FAIL + "{per_1000_node_days: 2, repair: 1 h, returns: {share: 110 %, after: 3 week}}",
            ["returns.share", "too large"],
        ),
        ("site.outages={r: {pools: [gup], per_year: 1, repair: 1 h}}", ["outages.r.pools.0", "'gpu'"]),
        ("site.outages={r: {pools: [gpu, gpu], per_year: 1, repair: 1 h}}", ["named twice"]),
        ("site.outages={r: {nodes: 0, per_year: 1, repair: 1 h}}", ["outages.r.nodes", "at least 1"]),
        ("site.outages={r: {per_year: 0, repair: 1 h}}", ["outages.r.per_year", "more than 0"]),
        ("site.outages={r: {per_year: 1, repair: 0 s}}", ["outages.r.repair", "too small"]),
        (SMALL + "0 h", ["small.checkpoint", "too small"]),
        (SMALL + "dally", ["small.checkpoint", "no rule 'dally'", "daly"]),
        (SMALL + "daly", ["small.checkpoint", "time that a checkpoint takes", "add 'size"]),
        (SMALL + "{every: young, size: 0 GB/slot}", ["checkpoint.size", "too small"]),
        (SMALL + "{every: 1 h, size: 1 GB/slot, tier: flahs}", ["checkpoint.tier", "no tier 'flahs'"]),
        (SMALL + "{every: 1 h, tier: fast}", ["checkpoint.tier", "without 'size'"]),
        (SMALL + "{every: 1 h, restart: -1 min}", ["checkpoint.restart", "negative"]),
    ],
)
def test_what_is_wrong_is_said_where_it_is(tmp_path, override, words):
    lines = said(tmp_path, override)
    assert any(all(word in line for word in words) for line in lines), lines


def test_a_file_is_named_with_line_and_column(tmp_path):
    path = write_small(tmp_path)
    site = tmp_path / "site.yaml"
    wrong = "gpu: {node: dgx-a100, nodes: 4, failures: {per_1000_node_days: 2, repair: 0 h}}"
    site.write_text(re.sub(r"gpu: \{.*\}", wrong, site.read_text()))
    with pytest.raises(InputError, match=r"site\.yaml:7:\d+: .*repair: '0 h' is too small"):
        load_scenario(path)


def test_a_checkpoint_longer_than_the_mtbf_is_warned_of(tmp_path):
    loaded = load_scenario(
        write_small(tmp_path),
        overrides=[
            "site.pools.hpc.failures={per_1000_node_days: 50000, repair: 1 h}",
            "workload.classes.large.checkpoint={every: 1 h, size: 100 TB/slot, tier: fast}",
        ],
    )
    (line,) = (line for line in loaded.warnings if "to write" in line)
    assert "class large" in line
    assert "max_futile_attempts" in line


def test_intervals_that_never_come_are_warned_of(tmp_path):
    rare = "site.pools.gpu.failures={per_1000_node_days: 0.001, repair: 1 h}"
    overrides = [rare, SMALL + "{every: young, size: 10 GB/slot}"]
    warnings = load_scenario(write_small(tmp_path), overrides=overrides).warnings
    assert any("class small" in line and "they write none" in line for line in warnings)
    warnings = load_scenario(write_small(tmp_path), overrides=overrides[1:]).warnings
    assert any("class small" in line and "nothing fails" in line for line in warnings)


def test_the_mtbf_of_a_job_counts_nodes_lemons_and_groups(tmp_path):
    site = load_scenario(
        write_small(tmp_path),
        overrides=[
            FAIL + "{per_1000_node_days: 10, repair: 1 h, lemons: {share: 10 %, factor: 11}}",
            "site.outages={rack: {pools: [gpu], nodes: 2, per_year: 3.65, repair: 1 h}, "
            "hall: {per_year: 7.3, repair: 1 h}}",
        ],
    ).scenario.site
    per_day = 86_400 / mtbf_s(site, "gpu", 3 * 8)
    assert per_day == pytest.approx(3 * 0.010 * 2 + 2 * 0.01 + 0.02)
    assert 86_400 / mtbf_s(site, "hpc", 1) == pytest.approx(0.02)


def test_checkpoints_lengthen_runs_and_requests(tmp_path):
    write = "{every: 10 min, size: 2 TB/slot, tier: fast, restart: 1 min}"
    plain = build(load_scenario(write_small(tmp_path)).scenario, seed=7, replication=0)
    scenario = load_scenario(write_small(tmp_path), overrides=[SMALL + write]).scenario
    built = build(scenario, seed=7, replication=0)
    plan = plan_of(scenario.site, "gpu", scenario.workload.classes["small"].checkpoint, 1)
    assert plan.every_s == 600
    assert plan.write_s > 0
    codes, names = built.table.labels("job_class")
    small = codes == names.index("small")
    before, after = (b.table.numbers("run_s").astype(np.int64) for b in (plain, built))
    assert (after[~small] == before[~small]).all()
    assert (after[small] == before[small] + (np.ceil(before[small] / 600) - 1) * plan.write_s).all()
    assert (built.table.numbers("requested_s")[small] % 60 == 0).all()
    ratio = built.table.numbers("requested_s") / plain.table.numbers("requested_s")
    assert (ratio[small] >= (after / before)[small] - 1e-9).all()
    assert set(built.checkpoints.cycle_s[small]) == {600 + plan.write_s}
    assert set(built.checkpoints.restart_s[small]) == {plan.restart_s}
    assert not built.checkpoints.cycle_s[~small].any()
    off = load_scenario(
        write_small(tmp_path), overrides=[SMALL + write, "simulate.checkpoints=false"]
    ).scenario
    assert build(off, seed=7, replication=0).checkpoints is None


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.integers(0, 10**6))
def test_no_checkpoint_is_written_at_the_end(work, every, write):
    plan = Plan(every, write, 0, 1.0)
    found = plan.writing_s(np.array([max(work, 1)]))[0]
    assert found == -(-max(work, 1) // every) * write - write
