"""Decisions by date: by when to order what is planned, and what speaks against it."""

from capacity.report.page.model import Heading, Section, Table
from capacity.report.sections.common import Source
from capacity.report.terminal.deliveries import order_columns, order_rows, orders


def decisions(source: Source) -> Section | None:
    """Return the section, or None if no delivery is planned."""
    say, planned = source.say, orders(source.scenario)
    if not planned:
        return None
    columns = order_columns(say)
    rows = [{one.key: one.cell(row) for one in columns} for row in order_rows(planned, say)]
    headings = [Heading(one.key, one.heading, number=one.align == "right") for one in columns]
    table = Table("orders", say.text("orders.heading"), headings, rows)
    return Section("decisions", say.text("orders.title"), [say.text("orders.intro")], [table])
