"""The rules of a site as a person writes them: what they become in SI, and what is said of wrong ones."""

from pathlib import Path

import pytest

from capacity.errors import InputError
from capacity.inputs.reading.loader import load_scenario
from capacity.inputs.scenario import Scenario
from tests.support.small_site import write_small

QOS = "policy.qos={normal: {}, high: {preempts: [low]}, low: {grace: 2 min}}"


def small(folder: Path, *overrides: str) -> Scenario:
    return load_scenario(write_small(folder), overrides=overrides).scenario


def said(folder: Path, *overrides: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        small(folder, *overrides)
    return [f"{problem.what} | {problem.fix}" for problem in caught.value.problems]


def test_times_are_whole_seconds(tmp_path: Path) -> None:
    policy = small(tmp_path, "policy.cycle=30 s", "policy.recompute=5 min", QOS).policy
    assert (policy.cycle, policy.recompute, policy.qos["low"].grace) == (30.0, 300.0, 120.0)
    (line,) = said(tmp_path, "policy.cycle=0.4 s")
    assert "policy.cycle: 0.4 s is not a whole number of seconds" in line


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["policy.cycle=30 s", "policy.ties=event"], ["policy.cycle", "ties: instant"]),
        (["policy.backfill=easy++", "policy.overrun=allow"], ["policy.overrun", "overrun: kill"]),
        (
            ["policy.backfill=easy-sjbf", "policy.backfill_order=saf"],
            ["policy.backfill_order", "backfill: easy"],
        ),
        (
            ["policy.backfill=conservative", "policy.conservative=replan", "policy.backfill_order=saf"],
            ["policy.backfill_order", "no candidates", "backfill_order: queue"],
        ),
        (["policy.backfill=conservative"], ["sticky", "gpu, hpc", "conservative: replan"]),
        (["policy.reservations=2", "policy.ties=pyss"], ["policy.ties", "several reservations", "instant"]),
        (["policy.order=multifactor", "policy.backfill=easy++"], ["policy.backfill", "order multifactor"]),
        (["policy.qos={a: {preempts: [a]}}"], ["policy.qos.a.preempts.0", "preempts itself"]),
        (["policy.qos={low: {}, b: {preempts: [lwo]}}"], ["no QOS 'lwo'", "did you mean 'low'"]),
        ([QOS, "workload.classes.small.qos=hihg"], ["workload.classes.small.qos", "did you mean 'high'"]),
        (["policy.accounts={lba: {shares: 2}}"], ["no tenant 'lba'", "did you mean 'lab'"]),
        (["policy.accounts={lab: {parent: uni}}"], ["policy.accounts.lab.parent", "no account 'uni'"]),
        (["policy.accounts={lab: {parent: firm}, firm: {parent: lab}}"], ["above itself: lab → firm → lab"]),
        (["policy.multifactor={pool_factors: {gup: 1}}"], ["no pool 'gup'", "did you mean 'gpu'"]),
        (["site.maintenance={m: {pool: gup, start: 2021-02-01}}"], ["no pool 'gup'", "did you mean 'gpu'"]),
        (["site.maintenance={m: {nodes: 2, start: 2021-02-01}}"], ["of which pool?"]),
        (["site.maintenance={m: {pool: gpu, nodes: 2-4, start: 2021-02-01}}"], ["4 nodes, not 2-4", "0-3"]),
        (["site.maintenance={m: {pool: gpu, nodes: 4-2, start: 2021-02-01}}"], ["'4-2' is empty"]),
        (["site.maintenance={m: {start: 2021-02-31}}"], ["'2021-02-31' is no time", "2021-05-01T09:00"]),
        (["site.maintenance={m: {start: 2021-02-01T08:00+09:00}}"], ["names a time zone"]),
        (["site.maintenance={m: {start: 2021-02-01, every: 7 day}}"], ["has not ended when it comes again"]),
        (
            ["policy.advance_reservations={r: {tenant: lba, pool: gpu, start: 2021-02-01}}"],
            ["policy.advance_reservations.r.tenant", "did you mean 'lab'"],
        ),
        (
            ["site.pools.gpu.failures={per_1000_node_days: 0, repair: 1 h}"],
            ["per_1000_node_days", "too small"],
        ),
        (["workload.classes.small.pools=[gpu, hpc]"], ["two ways to say one thing", "pool: null"]),
        (["workload.classes.small.pool=null", "workload.classes.small.pools=[gpu, hcp]"], ["pools.1", "hpc"]),
        (["workload.classes.small.pool=null"], ["in which pool does it run?"]),
        (
            ["workload.classes.small.array={tasks: 5}", "workload.classes.small.depends={share: 5 %}"],
            ["job arrays have no depends"],
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_a_remedy(
    tmp_path: Path, overrides: list[str], words: list[str]
) -> None:
    lines = said(tmp_path, *overrides)
    assert any(all(word in line for word in words) for line in lines), lines


def test_classes_may_name_a_qos_that_another_policy_has(tmp_path: Path) -> None:
    assert small(tmp_path, "workload.classes.small.qos=any").policy.qos == {}


def test_the_place_of_a_wrong_name_is_its_line(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    path.write_text(path.read_text() + "policy:\n  qos:\n    low: {}\n    high: {preempts: [lwo]}\n")
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    (problem,) = caught.value.problems
    assert problem.where == f"{path}:12:23"
