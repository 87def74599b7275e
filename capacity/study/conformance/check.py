"""A check and what it found: the record that all groups of checks share, and the loop that runs them."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from capacity.errors import InputError
from workloads.errors import LogError

PASS: Final = "pass"  # noqa: S105 - a verdict
FAIL: Final = "fail"
NOT_FOUND: Final = "not found"


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found.

    Attributes
    ----------
    passed : bool
        Whether it holds.
    got : str
        What was found, in the words of `expected`.
    expected : str
        What had to be found.
    jobs, differing : int or None
        Jobs compared one by one, and how many of them differ; None where jobs are not compared.
    numbers : mapping of str to number
        The same as numbers in SI, for JSON.
    missing : bool
        There was nothing to check: a file is not there.
    """

    passed: bool
    got: str
    expected: str = ""
    jobs: int | None = None
    differing: int | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    missing: bool = False

    @property
    def state(self) -> str:
        """One of `PASS`, `FAIL` and `NOT_FOUND`."""
        return NOT_FOUND if self.missing else PASS if self.passed else FAIL


@dataclass(frozen=True, slots=True)
class Check:
    """Something to check.

    Attributes
    ----------
    name : str
        ``group/what``, unique.
    source : str
        Where the truth comes from.
    run : callable
        Does it; an unreadable input may be raised as InputError or LogError.
    rules : str
        The rules under which it runs, in words.
    """

    name: str
    source: str
    run: Callable[[], Result]
    rules: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A check that has run, and how long it took [s]."""

    check: Check
    result: Result
    elapsed_s: float


def run_checks(checks: Iterable[Check], *, trusting: bool = True) -> Iterator[Done]:
    """Run checks one by one; one that breaks is one that fails, and the others still run.

    Parameters
    ----------
    checks : iterable of Check
        In the order in which they run.
    trusting : bool
        Take whatever a check raises as its failure. Without it, what is no mistake in an input goes on up, so
        that its traceback can be seen.

    Yields
    ------
    Done
        Each as soon as it has run.
    """
    for check in checks:
        begun = time.perf_counter()
        try:
            result = check.run()
        except (InputError, LogError) as error:
            result = Result(passed=False, got=_one_line(error))
        except Exception as error:  # the table of the others is worth more than this one's traceback
            if not trusting:
                raise
            result = Result(passed=False, got=f"broke off: {type(error).__name__}: {_one_line(error)}")
        yield Done(check, result, time.perf_counter() - begun)


def _one_line(error: Exception) -> str:
    first = str(error).strip().split("\n")
    return "; ".join(part.strip() for part in first[:2]) or type(error).__name__


def to_row(done: Done) -> dict[str, Any]:
    """Return a finished check as one row of plain values."""
    result = done.result
    return {
        "check": done.check.name,
        "source": done.check.source,
        "rules": done.check.rules,
        "expected": result.expected,
        "got": result.got,
        "jobs": result.jobs,
        "jobs_differing": result.differing,
        "state": result.state,
        "elapsed_s": round(done.elapsed_s, 3),
        "numbers": dict(result.numbers),
    }


def same_jobs(result: Result, differing: int, compared: int) -> Result:
    """Return `result` with a job-by-job comparison added, which must not find any job that differs."""
    passed = result.passed and differing == 0
    return replace(result, passed=passed, jobs=compared, differing=differing)
