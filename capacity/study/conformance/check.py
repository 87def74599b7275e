"""A check and what it found: the record that all groups of checks share, and the loop that runs them."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from capacity.errors import InputError
from capacity.study.verdict import Verdict, shown_if
from workloads.errors import LogError

DIFFERING: Final = "jobs_differing"
"""The metric of a verdict on jobs that are compared one by one."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Attributes
    ----------
    verdict : Verdict
        Whether what was asked holds; not shown where there was nothing to check, because a file is not there.
    got : str
        What was found, in the words of what was asked.
    numbers : mapping of str to number
        What else was found, in SI, for JSON.
    """

    verdict: Verdict
    got: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def jobs(self) -> int | None:
        """Jobs compared one by one; None where jobs are not compared."""
        return self.verdict.n if self.verdict.metric == DIFFERING else None


def job_by_job(asked: str, differing: int, compared: int, *, wrong: Sequence[str] = ()) -> Verdict:
    """Return the verdict on jobs compared one by one: none may differ.

    `differing` of `compared` jobs differ [job]; `wrong` are figures of all of them that are not as they must
    be.
    """
    return Verdict(
        asked=asked, standing=shown_if(differing == 0 < compared and not wrong), metric=DIFFERING,
        found=differing, low=differing, high=differing, limit=0, unit="job", by=differing, by_unit="job",
        n=compared, method="every job", binds=tuple(wrong),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """Something to check.

    Attributes
    ----------
    name, source, rules : str
        ``group/what``, unique; where the truth comes from; the rules under which it runs, in words.
    run : callable
        Does it; an unreadable input may be raised as InputError or LogError.
    """

    name: str
    source: str
    run: Callable[[], CheckResult]
    rules: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A check that has run, and how long it took [s]."""

    check: Check
    result: CheckResult
    elapsed_s: float


BROKEN: Final = Verdict(asked="", standing="shown not")
"""Of a check that could not be done."""


def run_checks(checks: Iterable[Check], *, trusting: bool = True) -> Iterator[Done]:
    """Run checks one by one and give each as soon as it has run; one that breaks fails, the others still run.

    Without `trusting`, what is no mistake in an input goes on up, so that its traceback can be seen.
    """
    for check in checks:
        begun = time.perf_counter()
        try:
            result = check.run()
        except (InputError, LogError) as error:
            result = CheckResult(BROKEN, _one_line(error))
        except Exception as error:  # the table of the others is worth more than this one's traceback
            if not trusting:
                raise
            result = CheckResult(BROKEN, f"broke off: {type(error).__name__}: {_one_line(error)}")
        yield Done(check, result, time.perf_counter() - begun)


def _one_line(error: Exception) -> str:
    first = str(error).strip().split("\n")
    return "; ".join(part.strip() for part in first[:2]) or type(error).__name__


def to_row(done: Done) -> dict[str, Any]:
    """Return a finished check as one row of plain values."""
    result = done.result
    return {
        "check": done.check.name, "source": done.check.source, "rules": done.check.rules,
        **result.verdict.to_json(), "got": result.got, "jobs": result.jobs,
        "jobs_differing": None if result.jobs is None else int(result.verdict.found),
        "elapsed_s": round(done.elapsed_s, 3), "numbers": dict(result.numbers),
    }  # fmt: skip
