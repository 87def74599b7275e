"""AccaSim 1.1.3 in an environment of its own: install it, give it a log, take its time and its plan."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.children import run
from capacity.scheduling.jobs import Jobs

VERSION = "accasim==1.1.3"
CHILD = Path(__file__).with_name("accasim_run.py")
INSTALL_S = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What AccaSim made of a log.

    Attributes
    ----------
    cpu_s : float
        CPU time from the first line of the log to the last line of the plan. [s]
    start_s : ndarray of int64, shape (n_jobs,)
        Start of each job. [s]
    """

    cpu_s: float
    start_s: npt.NDArray[np.int64]


def install(folder: Path) -> Path:
    """Make an environment with AccaSim and return its Python.

    Raises
    ------
    RuntimeError
        It cannot be made, or AccaSim cannot be had.
    """
    run([sys.executable, "-m", "venv", str(folder)])
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--retries", "1", VERSION]
    run(command, within_s=INSTALL_S)
    return python


def write_log(jobs: Jobs, path: Path) -> None:
    """Write jobs in the Standard Workload Format, one user, one queue."""
    columns = (jobs.submit_s.tolist(), jobs.run_s.tolist(), jobs.requested_s.tolist(), jobs.slots.tolist())
    with path.open("w") as file:
        for number, (submit, ran, asked, slots) in enumerate(zip(*columns, strict=True), 1):
            file.write(f"{number} {submit} -1 {ran} {slots} -1 -1 {slots} {asked} -1 1 1 1 1 1 1 -1 -1\n")


def write_machine(slots: int, path: Path) -> None:
    """Write a machine of one large node, which is how AccaSim counts slots fastest."""
    machine = {
        "groups": {"all": {"core": slots}},
        "resources": {"all": 1},
        "equivalence": {"processor": {"core": 1}},
        "start_time": 0,
    }
    path.write_text(json.dumps(machine))


def simulate(python: Path, policy: str, jobs: int, log: Path, machine: Path) -> Answer:
    """Run AccaSim once.

    Raises
    ------
    RuntimeError
        It does not import here, or ended with an error.
    """
    command = [str(python), str(CHILD), policy, str(log), str(machine), str(log.parent)]
    said = json.loads(run(command, env={"TZ": "UTC"}, folder=log.parent).said.splitlines()[-1])
    start = np.full(jobs, -1, np.int64)
    for number, at in said["starts"].items():
        start[int(number) - 1] = at
    return Answer(said["cpu_s"], start)
