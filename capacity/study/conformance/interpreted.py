"""The same kernel source run as plain Python and as machine code must give the same starts.

Run as a program, this file writes the starts of the trials as its process has them; the check starts such a
process with the compiler switched the other way and compares. Everything is in the package, so an installed
wheel can check itself.
"""

import json
import os
import subprocess
import sys
from functools import partial
from typing import Final

from capacity.errors import InputError
from capacity.scheduling.core.machine.native import INTERPRETED
from capacity.study.conformance.check import Check, CheckResult, job_by_job
from capacity.study.conformance.trials import RandomTrial, trials

JOBS: Final = 150
QUICK_JOBS: Final = 40
LONGEST_S: Final = 300
"""A process that has not answered by then is stuck. [s]"""
SWITCH: Final = "NUMBA_DISABLE_JIT"


def starts(tried: list[RandomTrial]) -> list[list[int]]:
    """Return the starts of the jobs of each trial [s]."""
    return [one.run().start_s.tolist() for one in tried]


def starts_elsewhere(jobs: int) -> list[list[int]]:
    """Return what a process finds in which the kernel is plain Python, or machine code if it is plain here.

    Raises
    ------
    InputError
        That process fails.
    """
    path = os.pathsep.join(part for part in sys.path if part)
    environment = {**os.environ, SWITCH: "0" if INTERPRETED else "1", "PYTHONPATH": path}
    command = [sys.executable, "-m", __name__, str(jobs)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own module
            command, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired:
        message = f"the other process did not answer within {LONGEST_S} s"
        raise InputError(message) from None
    if done.returncode != 0:
        last = done.stderr.strip().rsplit("\n", 1)[-1]
        message = f"the other process failed with {done.returncode}: {last}"
        raise InputError(message)
    found = json.loads(done.stdout)
    if found["interpreted"] is INTERPRETED:
        message = f"the other process is compiled as this one is: {SWITCH} has no effect"
        raise InputError(message)
    there: list[list[int]] = found["start_s"]
    return there


def check_interpreted(jobs: int) -> CheckResult:
    """Compare the starts of all trials in two processes, one of them without the compiler."""
    tried = trials(jobs=jobs)
    here, there = starts(tried), starts_elsewhere(jobs)
    differing = [sum(a != b for a, b in zip(*both, strict=True)) for both in zip(here, there, strict=True)]
    first = next((one for one, n in zip(tried, differing, strict=True) if n), None)
    where = f"; first under {first.words}, seed {first.rules.seed}" if first else ""
    total, count = sum(differing), sum(map(len, here))
    got = f"{total:,} of {count:,} starts differ in {len(tried)} schedules{where}"
    return CheckResult(job_by_job("the same starts", total, count), got)


def checks(*, quick: bool = False) -> list[Check]:
    """Return the one check."""
    run = partial(check_interpreted, QUICK_JOBS if quick else JOBS)
    return [Check("interpreted/all-rules", "the same source without its compiler", run)]


if __name__ == "__main__":
    found = {"interpreted": INTERPRETED, "start_s": starts(trials(jobs=int(sys.argv[1])))}
    sys.stdout.write(json.dumps(found))
