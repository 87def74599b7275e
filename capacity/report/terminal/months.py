"""The table a director reads: month by month what is in service, how full it is, how long one waits."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from capacity.measure.findings import Lookup
from capacity.measure.metrics import shown
from capacity.report.language import Language
from capacity.report.terminal.table import Col, right
from capacity.report.words import count

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MonthTable:
    """Rows of the monthly table and what they are about.

    Attributes
    ----------
    pools, tiers : tuple of str
        Names, in the order of the site.
    precision : str
        Precision of the peak in service.
    rows : tuple of dict
        One per month: ``month``, ``peak_flops``, ``storage_used_bytes``, ``storage_capacity_bytes`` and, by
        pool, ``utilization.POOL``, ``p50_wait_s.POOL``, ``p95_wait_s.POOL``, ``queue_length.POOL``; None
        where nothing was measured.
    """

    pools: tuple[str, ...]
    tiers: tuple[str, ...]
    precision: str
    rows: tuple[Row, ...]


def monthly(look: Lookup, pools: Sequence[str], tiers: Sequence[str], precision: str) -> MonthTable:
    """Arrange findings by month."""
    months = dict.fromkeys(
        where["month"] for f in look if (where := dict(f.labels)).get("month", "all") != "all"
    )
    rows = tuple(_row(look, month, pools, tiers, precision) for month in months)
    return MonthTable(tuple(pools), tuple(tiers), precision, rows)


def _row(look: Lookup, month: str, pools: Sequence[str], tiers: Sequence[str], precision: str) -> Row:
    row: Row = {"month": month}
    peaks = [look.value("peak_flops", pool=pool, month=month, precision=precision) for pool in pools]
    row["peak_flops"] = _known(math.fsum(peaks))  # unknown as a whole when one pool lacks the precision
    for metric in shown("months"):
        for pool in pools:
            found = look(metric, pool=pool, month=month)
            row[f"{metric}.{pool}"] = None if found is None else _known(found.value)
            if found is not None and found.n > 1:
                row[f"{metric}.{pool}.low"] = _known(found.low)
                row[f"{metric}.{pool}.high"] = _known(found.high)
    for metric in ("storage_used_bytes", "storage_capacity_bytes"):
        row[metric] = math.fsum(look.value(metric, tier=tier, month=month) for tier in tiers)
    return row


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _in_service(row: Row) -> bool:
    """Whether anything computes in a month; where the peak is unknown, whether anything was measured."""
    if row["peak_flops"] is not None:
        return bool(row["peak_flops"])
    return any(value is not None for key, value in row.items() if key.startswith("utilization"))


def without_idle_start(rows: Sequence[Row], say: Language) -> list[Row]:
    """Join the months before anything is in service into one row."""
    served = [_in_service(row) for row in rows]
    first = served.index(True) if True in served else 0
    if first < 2:
        return list(rows)
    joined = {**rows[first - 1], "month": say.span(rows[0]["month"], rows[first - 1]["month"])}
    for key in joined:
        if key.startswith("queue_length"):
            joined[key] = None
    return [joined, *rows[first:]]


def month_columns(months: MonthTable, say: Language) -> list[Col]:
    """Return the columns of the monthly table: the site, then each pool, then storage."""

    def ends(key: str, form: Callable[[Any], str]) -> list[Col]:
        """Return the columns of the ends of the 95 % interval, where replications give one."""
        if not any(f"{key}.low" in row for row in months.rows):
            return []
        return [right(f"{key}.{end}", say.text(f"months.{end}"), form) for end in ("low", "high")]

    found = [
        Col("month", say.text("column.month"), format=say.month),
        right("peak_flops", say.text("months.peak", precision=months.precision), lambda v: f"{v / 1e15:.2f}"),
    ]
    for pool in months.pools:
        used, half, late, queue = (
            say.text(f"months.{name}", pool=pool) for name in ("used", "half", "late", "queue")
        )
        found += [
            right(f"utilization.{pool}", used, say.percent),
            *ends(f"utilization.{pool}", say.percent),
            right(f"p50_wait_s.{pool}", half, say.duration),
            right(f"p95_wait_s.{pool}", late, say.duration),
            *ends(f"p95_wait_s.{pool}", say.duration),
            right(f"queue_length.{pool}", queue, count),
        ]
    if months.tiers:
        found.append(right("storage_used_bytes", say.text("months.stored"), lambda v: f"{v / 1e15:.2f}"))
        found.append(right("storage_capacity_bytes", say.text("months.of"), lambda v: f"{v / 1e15:.1f}"))
    return found
