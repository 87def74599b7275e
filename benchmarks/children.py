"""Running commands in processes of their own and taking their times."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Child:
    """A process that ended well.

    Attributes
    ----------
    wall_s, cpu_s : float
        From start to end by the clock; CPU time of the process and of its own children. [s]
    said : str
        Its standard output.
    """

    wall_s: float
    cpu_s: float
    said: str


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    within_s: float | None = None,
) -> Child:
    """Run a command to its end, which must come within `within_s` [s] if that is given.

    Raises
    ------
    RuntimeError
        It did not end in time, or not with 0; the message ends with the last line it said on stderr.
    """
    before, begun = os.times(), time.perf_counter()
    environment = {**os.environ, **(env or {})}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=environment,
            timeout=within_s,
        )
    except subprocess.TimeoutExpired:
        message = f"{' '.join(command[-4:])} took longer than {within_s} s"
        raise RuntimeError(message) from None
    wall, after = time.perf_counter() - begun, os.times()
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        message = f"{' '.join(command[-4:])} ended with {done.returncode}: {last}"
        raise RuntimeError(message)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Child(wall, cpu, done.stdout)


def python(*arguments: str) -> list[str]:
    """Command that runs this Python."""
    return [sys.executable, *arguments]


def capacity(*arguments: str) -> list[str]:
    """Command that runs the installed tool of this environment."""
    return [str(Path(sys.executable).parent / "capacity"), *arguments]


def typical(children: Sequence[Child]) -> tuple[float, float]:
    """Median wall and CPU time of several runs [s]."""
    return median(child.wall_s for child in children), median(child.cpu_s for child in children)
