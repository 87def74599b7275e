"""What is wrong with a log, line by line: the one error every reader raises.

`workloads` stands alone, so it has its own error; the command line turns it into exit code 3.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogProblem:
    """One thing that is wrong in a log.

    Attributes
    ----------
    path : str
        The file, as the user named it.
    line : int or None
        Line number, from 1; None when the whole file is meant.
    column : int or None
        Character in that line, from 1; None when the whole line is meant.
    what : str
        What is wrong.
    fix : str
        What is allowed instead, or what to try; may be empty.
    """

    path: str
    line: int | None
    column: int | None
    what: str
    fix: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        head = f"{place}: {self.what}" if place else self.what
        return f"{head}\n    {self.fix}" if self.fix else head


class LogError(ValueError):
    """A log that cannot be read as it stands.

    Parameters
    ----------
    problems : iterable of LogProblem
        All that was found, in file order.
    more : int
        How many further problems of the same kind were counted but not kept.
    """

    def __init__(self, problems: Iterable[LogProblem], *, more: int = 0) -> None:
        self.problems: tuple[LogProblem, ...] = tuple(problems)
        self.more = more
        lines = [str(problem) for problem in self.problems]
        if more:
            lines.append(f"… and {more} more")
        super().__init__("\n".join(lines))

    @classmethod
    def whole_file(cls, path: str, what: str, fix: str = "") -> "LogError":
        """Return the error for something that concerns the file and no single line."""
        return cls([LogProblem(path, None, None, what, fix)])

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the trip back from a worker process with all problems."""
        return _rebuild, (self.problems, self.more)


def _rebuild(problems: tuple[LogProblem, ...], more: int) -> LogError:
    return LogError(problems, more=more)
