"""The same kernel source run as plain Python gives what the compiled core gives, look by look."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.cases import MACHINES, TIES, stops
from tests.support.more_rules import drawn
from tests.support.random_cases import random_case
from tests.support.run_plain import story

ROOT = Path(__file__).resolve().parents[2]
CUTS = [0, 7, 40, 41, 90, 200]


def mixed_cases(jobs):
    """Every tie dialect, counted machine and placement, with orders and backfilling taken in turn."""
    orders = ["fcfs", "sjf", "largest", "saf", "f1", "f4", "ljf", "smallest", "f2", "f3"]
    found = []
    for ties in TIES:
        for machine in ("counted", "best-fit", "worst-fit", "first-fit", "random", "counted"):
            number = len(found)
            base = random_case(
                number, jobs, nodes=6, slots_per_node=4, load=2.5, longest=60, deliveries=((30, 1), (80, 2))
            )
            case = base.with_rules(orders[number % 10], "none" if number % 7 == 6 else "easy", ties, machine)
            found.append(replace(case, seed=number))
    return found


def cases_of_more_rules(jobs, count):
    """Changing orders, cycles, depth, candidate orders, predictions and overruns in random combinations."""
    found = []
    for number in range(count):
        base = random_case(
            number, jobs, nodes=5, slots_per_node=4, load=2.5, longest=300, deliveries=((30, 1), (80, 2))
        )
        case = drawn(np.random.default_rng(number), MACHINES[number % len(MACHINES)], base)
        found.append(replace(case, seed=number // len(MACHINES)))
    return found


def plain_stories(cases, folder, cuts=CUTS):
    """What a process without numba's compiler finds; every warning there is an error."""
    origin, target = folder / "cases.json", folder / "found.json"
    origin.write_text(json.dumps([[asdict(case), cuts] for case in cases]))
    path = os.pathsep.join([str(ROOT), *sys.path])
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path}
    command = [sys.executable, "-W", "error", "-m", "tests.support.run_plain", str(origin), str(target)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(target.read_text())


def test_plain_python_and_machine_code_agree(tmp_path):
    cases = mixed_cases(120)
    for case, plain in zip(cases, plain_stories(cases, tmp_path), strict=True):
        assert json.loads(json.dumps(story(case, CUTS))) == plain, case


def test_plain_python_and_machine_code_agree_under_more_rules(tmp_path):
    cases = cases_of_more_rules(80, 24)
    for case, plain in zip(cases, plain_stories(cases, tmp_path), strict=True):
        assert json.loads(json.dumps(story(case, CUTS))) == plain, case


def test_many_running_jobs_agree(tmp_path):
    """Enough at once for blocks of expected ends to split and merge."""
    case = random_case(4, 700, nodes=300, slots_per_node=2, load=20, longest=40, wide=0)
    assert max(pool.state().running_jobs for pool, _ in stops(case, [3])) > 256
    assert json.loads(json.dumps(story(case, [3, 20]))) == plain_stories([case], tmp_path, [3, 20])[0]


@pytest.mark.slow
def test_thousands_of_jobs_agree(tmp_path):
    cases = mixed_cases(2_000) + cases_of_more_rules(1_000, 24)
    for case, plain in zip(cases, plain_stories(cases, tmp_path), strict=True):
        assert json.loads(json.dumps(story(case, CUTS))) == plain, case
