"""The error tree: every mistake of a user ends here, with a place, a reason and a remedy.

::

    CapacityError (exit 1: the run failed)
    ├── UsageError        (exit 2: the command line is wrong)
    ├── InputError        (exit 3: a file, a value or a log is wrong; carries all problems at once)
    │   └── UnitError     (exit 3: a quantity that cannot be what it is said to be)
    └── RequirementNotMet (exit 4: done, but a stated requirement does not hold)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the input.

    Attributes
    ----------
    what : str
        What is wrong, in one sentence.
    where : str
        ``file:line:col`` or a dotted path; empty when there is no place to point at.
    fix : str
        What is allowed instead; empty when there is nothing to add.
    """

    what: str
    where: str = ""
    fix: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n    {self.fix}" if self.fix else head


class CapacityError(Exception):
    """Anything this tool says went wrong; `exit_code` is what the process returns."""

    exit_code: ClassVar[int] = 1


class UsageError(CapacityError):
    """The command line asks for something that does not exist or does not go together."""

    exit_code = 2


class InputError(CapacityError):
    """A file, a value or a log is wrong. Carries every problem found, not only the first."""

    exit_code = 3

    def __init__(
        self, problems: str | Problem | Iterable[Problem], *, where: str = "", fix: str = ""
    ) -> None:
        if isinstance(problems, str):
            problems = [Problem(problems, where, fix)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type["InputError"], tuple[tuple[Problem, ...]]]:
        """Survive the trip back from a worker process with all problems."""
        return type(self), (self.problems,)


class UnitError(InputError):
    """A quantity whose unit is missing, unknown, or of the wrong dimension."""


class RequirementNotMet(CapacityError):  # noqa: N818 - a verdict, not a mistake
    """The run is complete, but a requirement stated with it does not hold."""

    exit_code = 4


def nearest(name: str, allowed: Sequence[str], *, limit: int = 12) -> str:
    """Say which name was probably meant, or list what is allowed.

    Examples
    --------
    >>> nearest("eazy", ["none", "easy"])
    "did you mean 'easy'?"
    >>> nearest("xyz", ["none", "easy"])
    'allowed: easy, none'
    """
    close = get_close_matches(name, allowed, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = sorted(allowed)
    more = f", … ({len(shown)} in all)" if len(shown) > limit else ""
    return f"allowed: {', '.join(shown[:limit])}{more}" if shown else "nothing is allowed here"
