"""Published schedules: the input of each and the start of every job, read straight from the files."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from tests.data import need_data


@dataclass(frozen=True)
class Published:
    """Jobs in order of submission, and when each started."""

    jobs: Jobs
    start_s: np.ndarray
    slots: int


def read_oracle(relative: str, slots: int) -> Published:
    """Columns 1 id, 2 submit, 3 wait (the answer), 4 run, 5 processors, 9 requested, 12 user."""
    names = {0: "id", 1: "submit", 2: "wait", 3: "run", 4: "procs", 8: "requested", 11: "user"}
    rows = pd.read_csv(
        need_data(relative), sep=" ", comment=";", header=None, usecols=list(names), dtype=np.int64
    )
    rows = rows.rename(columns=names).sort_values(["submit", "id"])
    submit, wait, run, procs, requested, user = (
        rows[name].to_numpy() for name in ("submit", "wait", "run", "procs", "requested", "user")
    )
    return Published(Jobs(submit, run, requested, procs, user=user), submit + wait, slots)


@lru_cache(maxsize=1)
def read_input(path: Path) -> tuple[np.ndarray, Jobs]:
    rows = pd.read_csv(path)
    columns = (rows[name].to_numpy() for name in ("submit", "run", "requested", "procs"))
    return rows["job_id"].to_numpy(), Jobs(*columns)


def read_reference(log: str, file: str, slots: int) -> Published:
    """Inputs and starts are in separate files, both in order of arrival."""
    ids, jobs = read_input(need_data(f"reference/{log}.jobs.csv.gz"))
    rows = pd.read_csv(need_data(f"reference/{file}"))
    np.testing.assert_array_equal(rows["job_id"], ids)
    return Published(jobs, rows["start"].to_numpy(), slots)


def replay(published: Published, rules: Rules) -> np.ndarray:
    """Start of every job on a counted machine under our rules."""
    system = batch_system([PoolSpec("machine", published.slots)], rules, published.jobs)
    system.run()
    return system.outcome().start_s


def figures(jobs: Jobs, start_s: np.ndarray) -> tuple[float, float]:
    """Mean wait [s] and mean bounded slowdown with a floor of 10 s."""
    wait = start_s - jobs.submit_s
    run = np.minimum(jobs.run_s, jobs.requested_s)
    slowdown = np.maximum(1, (wait + run) / np.maximum(run, 10))
    return float(wait.mean()), float(slowdown.mean())


def assert_same_starts(found: np.ndarray, expected: np.ndarray) -> None:
    """Every job, and a message that says how many differ rather than which."""
    different = int((found != expected).sum())
    assert different == 0, f"{different} of {len(expected)} jobs start at another second"
