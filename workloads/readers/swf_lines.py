"""Job lines of an SWF file to numbers: blocks at full speed, and line by line where a block is not clean.

A block that holds nothing but digits and blanks goes through numpy's reader in one call. Only when that
fails (comments, blank lines, a wrong token) are its lines looked at one by one, so that the message names
the line and the character, and a good file never pays for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError, LogProblem

FIELDS = (
    "job number", "submit time", "wait time", "run time", "allocated processors", "average CPU time",
    "used memory", "requested processors", "requested time", "requested memory", "status", "user",
    "group", "application", "queue", "partition", "preceding job", "think time",
)  # fmt: skip
USED = (0, 1, 2, 3, 4, 7, 8, 10, 11, 12, 14, 15)
"""Positions of the fields that become columns of the JobTable."""
PROCESSORS = (4, 5)
"""Where the two processor counts stand within `USED`."""
LARGEST = 2**53
"""Whole numbers beyond this are not exact as floats, and no time or count of a log is that large."""
MOST_SLOTS = 2**31 - 1

_PLAIN = b"0123456789.+- \t\r\n"
_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_TOKEN = re.compile(rb"\S+")
_ONE = re.compile(_NUMBER)


@dataclass(slots=True)
class Parsed:
    """What was found in some lines.

    Attributes
    ----------
    values : array of int64, shape (n_jobs, len(USED))
        The used fields, rounded to whole numbers.
    fractions : int
        Rows in which rounding changed something.
    wider : int
        Rows with more than 18 fields; the further ones are left out.
    comments : list of bytes
        Comment lines, in order.
    problems : list of LogProblem
        One per line that is no job.
    """

    values: NDArray[np.int64]
    fractions: int = 0
    wider: int = 0
    comments: list[bytes] = field(default_factory=list)
    problems: list[LogProblem] = field(default_factory=list)


def parse_block(lines: Sequence[bytes], first: int, path: str) -> Parsed:
    """Return the jobs of some consecutive lines.

    Parameters
    ----------
    lines : sequence of bytes
        Whole lines with their ends.
    first : int
        Number of the first of them in the file, from 1.
    path : str
        Name of the file, for messages.
    """
    tokens = _count_plain_tokens(lines)
    if tokens:
        try:
            raw = _to_floats(lines)
        except ValueError:
            raw = None
        if raw is not None and len(raw) == len(lines) and (np.abs(raw) < LARGEST).all():
            wider = 0 if tokens == len(lines) * len(FIELDS) else _count_wider(lines)
            return _whole(raw, wider, range(first, first + len(lines)), path)
    return _parse_one_by_one(lines, first, path)


def _count_plain_tokens(lines: Sequence[bytes]) -> int | None:
    """Return how many tokens the lines hold, or None if they hold anything but numbers and blanks."""
    block = b"".join(lines)
    if block.translate(None, _PLAIN):
        return None
    ink = np.frombuffer(block, dtype=np.uint8) > ord(" ")
    return int(np.count_nonzero(ink[1:] & ~ink[:-1])) + int(ink[0])


def _to_floats(lines: Sequence[bytes]) -> NDArray[np.float64]:
    """Return the used fields; a line with fewer than 18 fields, or no number in one, raises ValueError."""
    if not lines:
        return np.empty((0, len(USED)))
    fields = np.loadtxt(lines, dtype=np.float64, comments=None, usecols=range(len(FIELDS)), ndmin=2)
    return fields[:, USED]


def _count_wider(lines: Sequence[bytes]) -> int:
    return sum(len(line.split()) > len(FIELDS) for line in lines)


def _whole(raw: NDArray[np.float64], wider: int, numbers: Sequence[int], path: str) -> Parsed:
    """Round to whole numbers, and take out rows whose processor counts no machine can have."""
    rounded = np.floor(raw + 0.5)
    huge = (rounded[:, PROCESSORS] > MOST_SLOTS).any(axis=1)
    what = f"more than {MOST_SLOTS} processors"
    return Parsed(
        values=rounded[~huge].astype(np.int64),
        fractions=int((rounded != raw).any(axis=1).sum()),
        wider=wider,
        problems=[LogProblem(path, numbers[int(row)], None, what) for row in np.flatnonzero(huge)],
    )


def _parse_one_by_one(lines: Sequence[bytes], first: int, path: str) -> Parsed:
    comments: list[bytes] = []
    problems: list[LogProblem] = []
    jobs: dict[int, bytes] = {}
    for number, line in enumerate(lines, first):
        if b"\0" in line:
            raise LogError([LogProblem(path, number, line.index(b"\0") + 1, "a zero byte: this is not text")])
        tokens = line.split(None, len(FIELDS))
        if not tokens or tokens[0].startswith(b";"):
            comments += [line] if tokens else []
        elif len(tokens) < len(FIELDS):
            problems.append(_explain(line, number, path))
        else:
            jobs[number] = b" ".join(tokens[: len(FIELDS)])
    raw, bad = _convert(jobs)
    problems += [_explain(lines[number - first], number, path) for number in bad]
    parsed = _whole(raw, _count_wider([lines[number - first] for number in jobs]), [*jobs], path)
    parsed.comments = comments
    parsed.problems = sorted([*parsed.problems, *problems], key=lambda problem: problem.line or 0)
    return parsed


def _convert(jobs: dict[int, bytes]) -> tuple[NDArray[np.float64], list[int]]:
    """Return the used fields of lines of 18 tokens; lines with a bad number leave `jobs` and are told."""
    bad = _take_out(jobs, [bool(job.translate(None, _PLAIN)) and _has_words(job) for job in jobs.values()])
    try:
        raw = _to_floats([*jobs.values()])
    except ValueError:
        bad += _take_out(jobs, [_has_words(job) for job in jobs.values()])
        raw = _to_floats([*jobs.values()])
    fits = np.abs(raw).max(axis=1, initial=0.0) < LARGEST
    return raw[fits], bad + _take_out(jobs, [not whole for whole in fits])


def _has_words(job: bytes) -> bool:
    return not all(map(_ONE.fullmatch, job.split()))


def _take_out(jobs: dict[int, bytes], bad: Sequence[bool]) -> list[int]:
    numbers = [number for number, is_bad in zip(jobs, bad, strict=True) if is_bad]
    for number in numbers:
        del jobs[number]
    return numbers


def is_job(line: bytes) -> bool:
    """Whether a line begins with 18 numbers."""
    tokens = line.split(None, len(FIELDS))[: len(FIELDS)]
    return len(tokens) == len(FIELDS) and all(map(_ONE.fullmatch, tokens))


def _explain(line: bytes, number: int, path: str) -> LogProblem:
    """Return what is wrong with a line that is neither a job nor a comment."""
    tokens = list(_TOKEN.finditer(line))
    for position, token in enumerate(tokens[: len(FIELDS)]):
        reason = ""
        if not _ONE.fullmatch(token[0]):
            reason = "not a number"
        elif position in USED and not abs(float(token[0])) < LARGEST:
            reason = "too large"
        if reason:
            what = f"field {position + 1} ({FIELDS[position]}) is {_show(token[0])}, {reason}"
            return LogProblem(path, number, token.start() + 1, what)
    missing = len(tokens)
    what = f"{missing} fields, not {len(FIELDS)}; field {missing + 1} ({FIELDS[missing]}) is missing"
    return LogProblem(path, number, len(line.rstrip()) + 1, what)


def _show(token: bytes) -> str:
    text = token.decode("ascii", "backslashreplace")
    return repr(text if len(text) <= 24 else text[:24] + "…")
