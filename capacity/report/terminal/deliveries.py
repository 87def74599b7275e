"""By when to order what is planned: every part of every delivery, and what speaks against it."""

from collections.abc import Sequence
from typing import Any

from capacity.inputs.deliveries import Availability
from capacity.inputs.scenario import Scenario
from capacity.quantities.writing import format_bytes
from capacity.report.language import Language
from capacity.report.terminal.table import Col, Form, titled


def orders(scenario: Scenario) -> list[dict[str, Any]]:
    """Return by when to order what is planned, the first to order first.

    One row per delivery and pool or tier that it enlarges. ``more`` are nodes of a pool or usable bytes of a
    tier; ``order_by`` is None where nobody said how long delivery takes; ``fault`` is
    ``not_yet_sold``, ``no_longer_sold``, ``before_start`` or None.
    """
    planned = sorted(scenario.site.availability(), key=lambda one: one.order_by or one.day)
    return [
        {
            "delivery": one.delivery, "place": one.place, "part": one.part, "more": one.more,
            "unit": "B" if one.place in scenario.site.storage else "node", "in_service_on": one.day,
            "lead_time_s": one.bought.lead_time_s, "order_by": one.order_by,
            "available_from": one.available_from,
            "sold_until": one.bought.sold_until, "fault": _fault(scenario, one),
        }
        for one in planned
    ]  # fmt: skip


def _fault(scenario: Scenario, one: Availability) -> str | None:
    if not one.ok:
        return "not_yet_sold"
    if one.sold_out:
        return "no_longer_sold"
    return "before_start" if one.order_by is not None and one.order_by < scenario.start else None


def order_rows(rows: Sequence[dict[str, Any]], say: Language) -> list[dict[str, Any]]:
    """Return the rows of `orders` as a table has them, amounts and faults as texts."""
    return [
        {
            **row,
            "amount": format_bytes(row["more"])
            if row["unit"] == "B"
            else say.text("orders.nodes", n=round(row["more"])),
            "remark": None if row["fault"] is None else say.text(f"orders.faults.{row['fault']}"),
        }
        for row in rows
    ]


def order_columns(say: Language) -> list[Col]:
    """Return the columns of by when to order what is planned."""
    forms: dict[str, Form | None] = {
        "order_by": say.day, "place": None, "part": None, "amount": str, "in_service_on": say.day,
        "lead_time_s": lambda v: f"{v / 86_400:.0f}", "sold_until": say.day, "remark": None,
    }  # fmt: skip
    return titled(say, "orders", forms)
