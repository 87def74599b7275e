"""A replay beside the past that its log recorded, group by group, and how well it tells that past."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from capacity.errors import InputError
from capacity.measure.findings import Finding, Labels, labels
from capacity.measure.metrics import REPLAYED, UNITS
from capacity.measure.schedule import TAU_S
from capacity.statistics.quantiles import quantiles
from capacity.study.replay.groups import Ints, Members, groups
from capacity.study.replay.replay import Replayed, recorded_slots
from workloads.jobtable import JobTable

STATISTICS: Final = tuple(name for name in REPLAYED if name.endswith("_wait_s"))
"""What is scored."""

SCORE: Final = (
    "score = 1 − Σ jobs · |simulated − recorded| / Σ jobs · |whole log − recorded|, over the groups, where "
    "'whole log' is the recorded value of all jobs together. 1: as recorded; 0: no better than that one "
    "number for every group; below 0: worse"
)


@dataclass(frozen=True, slots=True)
class Side:
    """What one schedule, recorded or simulated, did to the jobs of a group; the names are those of a replay.

    Attributes
    ----------
    mean_wait_s, p50_wait_s, p95_wait_s : float
        Start minus submission. [s]
    mean_bounded_slowdown : float
        max(1, (wait + run) / max(run, 10 s)).
    submission_utilization : float
        Slot-seconds in use over those there were, between the first and the last submission; NaN for a group
        that is no time.
    """

    mean_wait_s: float
    p50_wait_s: float
    p95_wait_s: float
    mean_bounded_slowdown: float
    submission_utilization: float


@dataclass(frozen=True, slots=True)
class Group:
    """A group of jobs under both schedules."""

    by: str
    name: str
    jobs: int
    recorded: Side
    simulated: Side


@dataclass(frozen=True, slots=True)
class Score:
    """How well the replay tells one of `STATISTICS` of one kind of groups; see `SCORE`.

    The errors are the mean distance, over the jobs, of the group's simulated value, and of the whole log's
    recorded one, from the group's recorded one [s]. NaN where the groups do not differ.
    """

    by: str
    statistic: str
    groups: int
    error_s: float
    baseline_error_s: float
    score: float


@dataclass(frozen=True, slots=True)
class RecordedComparison:
    """All groups, all jobs together as the group ``all``, and the scores."""

    groups: tuple[Group, ...]
    whole: Group
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class _Schedule:
    """The jobs of the comparison under one schedule."""

    submit_s: Ints
    wait_s: Ints
    run_s: Ints
    held_slots: Ints
    machine_slots: int

    def side(self, members: Members) -> Side:
        wait, run = self.wait_s[members.rows], self.run_s[members.rows]
        median, p95 = quantiles(wait)
        slowdown = np.maximum(1.0, (wait + run) / np.maximum(run, TAU_S))
        return Side(float(wait.mean()), median, p95, float(slowdown.mean()), self._used(members.span_s))

    def _used(self, span_s: tuple[int, int] | None) -> float:
        """Return the part of the machine that is in use between two times."""
        if span_s is None or span_s[1] <= span_s[0]:
            return math.nan
        start = self.submit_s + self.wait_s
        inside = np.minimum(start + self.run_s, span_s[1]) - np.maximum(start, span_s[0])
        used = float(np.dot(np.maximum(inside, 0).astype(np.float64), self.held_slots.astype(np.float64)))
        return used / (self.machine_slots * (span_s[1] - span_s[0]))


def check_recorded(table: JobTable) -> None:
    """Refuse a log that has no past to compare with, before anything is replayed.

    Raises
    ------
    InputError
        No job of it has a wait.
    """
    if not (table.numbers("wait_s") >= 0).any():
        fix = "replay it without --compare-recorded"
        raise InputError("the log does not say how long its jobs waited", where=table.source, fix=fix)


def compare(replayed: Replayed) -> RecordedComparison:
    """Return the jobs whose wait the log gives, recorded beside simulated.

    Raises
    ------
    InputError
        The log gives none.
    """
    table = replayed.table
    check_recorded(table)
    known = np.flatnonzero(table.numbers("wait_s") >= 0)
    recorded, simulated = _recorded(replayed, known), _simulated(replayed, known)

    def group(members: Members) -> Group:
        sides = recorded.side(members), simulated.side(members)
        return Group(members.by, members.name, len(members.rows), *sides)

    submit = recorded.submit_s
    found = groups(submit, table.numbers("slots")[known], recorded.run_s, table.origin)
    period = replayed.period
    span = (int(submit[0]), int(submit[-1])) if period.is_span else (period.first_s, period.last_s)
    everything = Members("all", "all", np.arange(len(known)), span)
    whole, parts = group(everything), tuple(map(group, found))
    kinds = tuple(dict.fromkeys(part.by for part in parts))
    scores = [_score(by, name, parts, whole) for by in kinds for name in STATISTICS]
    return RecordedComparison(parts, whole, tuple(scores))


def _recorded(replayed: Replayed, known: Ints) -> _Schedule:
    numbers: Callable[[str], Ints] = lambda name: replayed.table.numbers(name)[known]  # noqa: E731
    held = recorded_slots(replayed.table)[known]
    size = replayed.recorded_slots
    return _Schedule(numbers("submit_s"), numbers("wait_s"), numbers("run_s"), held, size)


def _simulated(replayed: Replayed, known: Ints) -> _Schedule:
    outcome = replayed.outcome
    submit, start, end = (
        replayed.table.numbers("submit_s")[known],
        outcome.start_s[known],
        outcome.end_s[known],
    )
    return _Schedule(submit, start - submit, end - start, outcome.held_slots[known], replayed.slots)


def _score(by: str, statistic: str, parts: Sequence[Group], whole: Group) -> Score:
    mine = [part for part in parts if part.by == by]
    jobs = np.array([part.jobs for part in mine], np.float64)
    recorded = np.array([getattr(part.recorded, statistic) for part in mine])
    simulated = np.array([getattr(part.simulated, statistic) for part in mine])
    error = float(np.average(np.abs(simulated - recorded), weights=jobs))
    baseline = float(np.average(np.abs(getattr(whole.recorded, statistic) - recorded), weights=jobs))
    return Score(by, statistic, len(mine), error, baseline, 1 - error / baseline if baseline else math.nan)


def rows(found: RecordedComparison) -> list[dict[str, Any]]:
    """Return one flat row per group, the whole log last; names as in a replay with the side before them."""
    names = [(side, name) for name in Side.__dataclass_fields__ for side in ("recorded", "simulated")]

    def row(group: Group) -> dict[str, Any]:
        values = {f"{side}_{name}": _or_none(getattr(getattr(group, side), name)) for side, name in names}
        return {"by": group.by, "group": group.name, "jobs": group.jobs, **values}

    return [*map(row, found.groups), row(found.whole)]


def score_rows(found: RecordedComparison) -> list[dict[str, Any]]:
    """Return one flat row per score."""
    return [{**asdict(score), "score": _or_none(score.score)} for score in found.scores]


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def csv_rows(found: RecordedComparison) -> list[dict[str, Any]]:
    """Return one flat row per group; each kind of groups ends with one of all jobs, which has the scores."""
    *parts, whole = rows(found)
    scores: dict[str, dict[str, float | None]] = {}
    for score in found.scores:
        scores.setdefault(score.by, {})[score_name(score.statistic)] = _or_none(score.score)
    return [
        row
        for by, named in scores.items()
        for row in (*(part for part in parts if part["by"] == by), {**whole, "by": by, **named})
    ]


def score_name(statistic: str) -> str:
    """Return what the score of a statistic is called.

    Examples
    --------
    >>> score_name("p95_wait_s")
    'p95_wait_score'
    """
    return statistic.removesuffix("_s") + "_score"


def to_json(found: RecordedComparison) -> dict[str, Any]:
    """Return the comparison as ``replay --compare-recorded --json`` has it below ``compared``."""
    return {"groups": rows(found), "scores": score_rows(found), "score_definition": SCORE}


def findings(found: RecordedComparison) -> list[Finding]:
    """Return every number of every group, and the scores, as findings."""

    def one(name: str, where: Labels, value: float, unit: str) -> Finding:
        return Finding(name, where, value, math.nan, math.nan, unit, 1)

    measured = [
        one(name, _labels(group, side), getattr(getattr(group, side), name), UNITS[name])
        for group in found.groups
        for side in ("recorded", "simulated")
        for name in Side.__dataclass_fields__
    ]
    scores = [one(score_name(each.statistic), labels(by=each.by), each.score, "1") for each in found.scores]
    return [*(finding for finding in measured if not math.isnan(finding.value)), *scores]


def _labels(group: Group, side: str) -> Labels:
    return labels(schedule=side, **{group.by.replace(" ", "_"): group.name})
