"""One line of the benchmark table, and the table."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = ("what", "measured", "unit", "ratio", "to what", "target", "met")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes
    ----------
    what : str
        What was measured.
    measured : float or None
        The figure; None when it was skipped.
    unit : str
        Its unit, or why it was skipped.
    ratio : float or None
        The figure over something measured in the same run.
    to : str
        What that something is.
    most, least : float or None
        Target: the figure, or the ratio if `on_ratio`, is at most or at least this.
    on_ratio : bool
        Whether the target is for the ratio.
    """

    what: str
    measured: float | None
    unit: str
    ratio: float | None = None
    to: str = ""
    most: float | None = None
    least: float | None = None
    on_ratio: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target or a figure."""
        value = self.ratio if self.on_ratio else self.measured
        if value is None or (self.most is None and self.least is None):
            return None
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    def cells(self) -> tuple[str, ...]:
        """Texts of the columns of `HEADINGS`."""
        if self.measured is None:
            return (self.what, "skipped", self.unit, "", "", "", "")
        target = ""
        if self.most is not None:
            target = f"≤ {self.most:g}"
        if self.least is not None:
            target = f"≥ {self.least:g}"
        unit = (" x" if self.on_ratio else f" {self.unit}") if target else ""
        return (
            self.what,
            f"{self.measured:,.3g}" if self.measured < 1000 else f"{self.measured:,.0f}",
            self.unit,
            "" if self.ratio is None else f"{self.ratio:.3g}",
            self.to,
            target + unit,
            {None: "", True: "yes", False: "MISSED"}[self.met],
        )


def skipped(what: str, reason: str) -> Row:
    """Line that says why a figure was not taken."""
    return Row(what, None, reason)


def table(rows: Sequence[Row]) -> str:
    """Set the rows as text, in columns."""
    texts = [HEADINGS, *(row.cells() for row in rows)]
    shown = [cells for cells in texts if cells[1] != "skipped"]
    widths = [max(len(cells[column]) for cells in shown) for column in range(len(HEADINGS))]
    widths[0] = max(len(cells[0]) for cells in texts)
    lines = []
    for cells in texts:
        parts = [
            text.rjust(width) if column in {1, 3} else text.ljust(width)
            for column, (text, width) in enumerate(zip(cells, widths, strict=True))
        ]
        lines.append("  ".join(parts).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)
