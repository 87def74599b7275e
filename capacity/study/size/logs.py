"""Trying machines by replaying a log on each: how small could it have been for these jobs.

Borg's engineers size a cell this way, by taking machines away until the work no longer fits (Verma et al.
2015, doi:10.1145/2741948.2741964). Here "fits" is what the requirements say. One log has one past and no
luck, so one replay decides; with replications the log is resampled by user and week
(`workloads.published.resample`), and a machine must do for what could have been as well.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from capacity.errors import InputError
from capacity.measure.findings import Values
from capacity.measure.metrics import REPLAYED
from capacity.measure.schedule import ScheduleMetrics
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import MultifactorNumbers
from capacity.statistics.sequential import Look, looks
from capacity.study.replay.replay import replay, too_large
from capacity.study.requirements import Requirement, judge
from capacity.study.size.axes import Axis, describe
from capacity.study.size.demand_served import WIDEST, refusal
from capacity.study.size.trial import Point, Trial, until_clear
from workloads.jobtable import JobTable
from workloads.period import period_of
from workloads.published.request import DAY_S, Request
from workloads.published.resample import resample

BELOW: Final = 32
"""Machines just below the answer that are tried: one more slot can make waits longer, for a few slots."""
UNITS: Final = {name: REPLAYED[name].unit for name in ScheduleMetrics.__dataclass_fields__}
"""Metrics of a replay that a requirement may speak of, and their units."""


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """What machine the jobs of a log need.

    Attributes
    ----------
    rules, multifactor : Rules, MultifactorNumbers or None
        How its jobs are ordered, started and placed; weights of the order of that name.
    axis, slots_per_node : Axis, int or None
        ``slots``, or ``nodes`` of so many slots; whole numbers.
    requirements, share, confidence : tuple of Requirement, float, float
        What must be met; in which part of the futures and how surely that must be shown, if the log is
        resampled [1].
    replications, seed : int
        1 for the log as it is, more for so many resampled ones; luck of the resampling.
    """

    table: JobTable
    rules: Rules
    multifactor: MultifactorNumbers | None
    axis: Axis
    slots_per_node: int | None
    requirements: tuple[Requirement, ...]
    share: float
    confidence: float
    replications: int = 1
    seed: int = 1


def sizes_of(table: JobTable, slots_per_node: int | None) -> str:
    """Return the range that is searched if none is given: from the widest job to the log's own machine.

    Raises
    ------
    InputError
        The log does not say how large its machine was.
    """
    if table.max_slots is None:
        what = "the log does not say how large its machine was: it has no MaxProcs"
        raise InputError(what, where=table.source, fix="give the range: --vary slots=100..1000")
    widest = widest_job(table)
    if slots_per_node is None:
        return f"slots={min(widest, table.max_slots)}..{table.max_slots}"
    least = -(-widest // slots_per_node)
    most = max(least, -(-table.max_slots // slots_per_node))
    return f"nodes={least}..{most}"


def widest_job(table: JobTable) -> int:
    """Return the slots of the widest job that can be replayed at all. [slot]."""
    runnable = (table.numbers("run_s") > 0) & (table.numbers("slots") > 0)
    slots = table.numbers("slots")[runnable]
    if table.max_slots is not None:
        slots = slots[slots <= table.max_slots]
    return int(slots.max()) if len(slots) else 1


class LogJudge:
    """Tries machines; see the module.

    `starts` is told the machine that is tried next and how many replays of it come.

    Raises
    ------
    InputError
        A size is no whole number of at least 1.
    LogError
        The log cannot be resampled.
    """

    def __init__(
        self, question: LogQuestion, *, starts: Callable[[dict[str, str], int], None] | None = None
    ) -> None:
        self._question = question
        self._starts = starts
        self._widest = widest_job(question.table)
        self._values: dict[Point, list[Values]] = {}
        self._tables: list[JobTable] = [question.table] if question.replications == 1 else []
        where = f"--vary {question.axis.path}"
        for text in question.axis.values:
            if not text.isdecimal() or not 1 <= int(text) < 2**31:
                what = f"'{text}' is no size of a machine"
                raise InputError(what, where=where, fix="whole numbers from 1 on")
            if question.slots_per_node and (wrong := too_large(int(text), question.slots_per_node)):
                raise InputError(wrong, where=where)

    @property
    def log_name(self) -> str:
        """The log as it was named."""
        return self._question.table.source

    @property
    def slots_per_node(self) -> int | None:
        """Slots of a node, if nodes vary."""
        return self._question.slots_per_node

    @property
    def policy(self) -> dict[str, Any]:
        """The rules of all replays."""
        return asdict(self._question.rules)

    def at_least(self, point: Point) -> float:
        """See `search.Judge`."""
        return float(self.size(point))

    def prepare(self, points: Sequence[Point]) -> None:
        """See `search.Judge`; a replay is too short to be worth it."""

    def size(self, point: Point) -> int:
        """Return the slots or nodes at a point."""
        return int(self._question.axis.values[point[0]])

    def trial(self, point: Point) -> Trial:
        """See `search.Judge`."""
        question, size = self._question, self.size(point)
        slots = size * (question.slots_per_node or 1)
        values = describe([question.axis], point)
        if slots < self._widest:
            refused = refusal(WIDEST, self._widest, slots, n=0)
            return Trial(point, values, (), (refused,), 0, float(size))
        certain = question.replications == 1

        def judged(look: Look) -> Trial:
            measured = self._replayed(point, look.count)
            asked = {} if certain else {"share": question.share, "confidence": question.confidence}
            judgements = tuple(
                judge(one, measured, None if certain else look, **asked) for one in question.requirements
            )
            return Trial(point, values, judgements, (), len(measured), float(size))

        return until_clear(looks(question.replications, question.share, question.confidence), judged)

    def _replayed(self, point: Point, count: int) -> list[Values]:
        done = self._values.setdefault(point, [])
        if self._starts is not None and len(done) < count:
            self._starts(describe([self._question.axis], point), count - len(done))
        while len(done) < count:
            done.append(self._replay(self.size(point), self._log(len(done))))
        return done[:count]

    def _replay(self, size: int, table: JobTable) -> Values:
        question = self._question
        per_node = 1 if question.slots_per_node is None else question.slots_per_node
        machine = PoolSpec("machine", size, per_node, counted=per_node == 1)
        found = asdict(replay(table, machine, question.rules, multifactor=question.multifactor).simulated)
        return {(name, ()): float(value) for name, value in found.items()}

    def _log(self, number: int) -> JobTable:
        log, seed = self._question.table, self._question.seed
        while len(self._tables) <= number:
            days = float(max(math.ceil(period_of(log).length_s / DAY_S), 1))
            self._tables.append(resample(Request(days, seed, len(self._tables), log=log)))
        return self._tables[number]
