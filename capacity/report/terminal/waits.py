"""What is said of waits: by size, in the worst month, of jobs that run for an hour or more, beside all jobs.

Trials of minutes fit into any gap, and are most of the jobs: in a quantile over all jobs they hide how long
those wait that do the work.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from capacity.measure.findings import Finding, Lookup
from capacity.measure.outcomes import LONG, WIDTHS
from capacity.report.language import Language
from capacity.report.terminal.table import Block, Col, TextTable, right
from capacity.report.words import spells

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LongJobs:
    """Waits of the jobs of a size that run for an hour or more.

    Attributes
    ----------
    worst, last : str
        The month of submission with the longest wait at the 95th percentile, and the last one.
    found : dict of str to Finding
        ``p50_wait_s`` and ``p95_wait_s`` of that month, of the last one and of ``all`` months: by metric and
        month. Beside them ``p95_wait_s every``, of all jobs of the size over the horizon, the short ones
        included.
    """

    worst: str
    last: str
    found: dict[tuple[str, str], Finding]

    def __call__(self, metric: str, month: str) -> Finding | None:
        """Return a finding by metric and month, ``all`` or ``every``."""
        return self.found.get((metric, month))

    def written(self, form: Callable[[Finding | None], T]) -> dict[str, T]:
        """Return all of them in a form, by the names of the places of messages."""
        months = {"": self.worst, "_last": self.last, "_all": "all", "_every": "every"}
        return {
            name + end: form(self(metric, month))
            for end, month in months.items()
            for name, metric in (("half", "p50_wait_s"), ("late", "p95_wait_s"))
        }

    def values(self) -> dict[str, float]:
        """Return all of them as numbers, NaN where there is none [s]."""
        return self.written(lambda one: math.nan if one is None else one.value)


def long_jobs(look: Lookup, pool: str, months: Sequence[str], **size: str) -> LongJobs | None:
    """Return the waits of a pool's jobs of an hour and more, of one width or ``slots``; None without any."""

    def of(metric: str, month: str) -> Finding | None:
        return look(metric, pool=pool, month=month, **size, length=LONG)

    late_s = {month: one.value for month in months if (one := of("p95_wait_s", month)) is not None}
    late_s = {month: value for month, value in late_s.items() if not math.isnan(value)}
    if not late_s:
        return None
    worst = max(late_s, key=lambda month: late_s[month])
    found = {
        (metric, month): one
        for metric in ("p50_wait_s", "p95_wait_s")
        for month in (worst, months[-1], "all")
        if (one := of(metric, month)) is not None
    }
    for metric in ("p50_wait_s", "p95_wait_s"):
        if (every := look(metric, pool=pool, month="all", **size)) is not None:
            found[metric, "every"] = every
    return LongJobs(worst, months[-1], found)


def of_a_node(look: Lookup, pool: str, slots: int, months: Sequence[str]) -> LongJobs | None:
    """Return the waits of jobs of one whole node, "eight GPUs"; of all jobs where a slot is a node."""
    return long_jobs(look, pool, months, **({"slots": str(slots)} if slots > 1 else {}))


def by_size(look: Lookup, pools: Sequence[str], months: Sequence[str], say: Language) -> Iterator[Block]:
    """Yield a table of the waits by width of jobs of an hour and more, worst month first, beside all jobs."""
    rows: list[dict[str, Any]] = []
    for pool in pools:
        for _, width in WIDTHS:
            found = long_jobs(look, pool, months, width=width)
            if found is not None:
                rows.append({"pool": pool, "width": width, "worst": found.worst, **found.values()})
    if not rows:
        return
    columns = [
        Col("pool", say.text("waits_table.pool")), right("width", say.text("waits_table.width")),
        Col("worst", say.text("waits_table.worst"), format=say.month),
    ]  # fmt: skip
    columns += [
        right(key, say.text(f"waits_table.{key}", month=months[-1]), say.duration)
        for key in ("half", "late", "half_last", "late_last", "late_all", "late_every")
    ]
    yield say.text("waits_table.title")
    yield TextTable(columns, rows)


def open_ended(look: Lookup, pools: Sequence[str], months: Sequence[str], say: Language) -> Iterator[str]:
    """Say in which months waits are known as lower bounds only, and why."""
    places = [dict(one.labels) for one in look.of("p95_wait_s") if one.censored]
    named = [month for month in months if any(place.get("month") == month for place in places)]
    where = [pool for pool in pools if any(place.get("pool") == pool for place in places)]
    if named and where:
        yield say.text(
            "waits_table.open", pools=where, months=spells((month, month in named) for month in months)
        )
