"""What the terminal shows: columns of a table, and tables between lines of text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from capacity.report.language import Language

Row: TypeAlias = Mapping[str, Any]
Form: TypeAlias = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Col:
    """A column of a table.

    Attributes
    ----------
    key : str
        Key in the rows, and name in CSV and JSON; ends in the SI unit (``p95_wait_s``).
    title : str
        Heading of a table.
    unit : str
        Unit in the heading of a table, when the cells do not carry theirs.
    align : {"left", "right"}
        Where the cells of a table stand.
    format : callable, optional
        Turns a value into the text of a table's cell; a missing value (None) never gets there.
    """

    key: str
    title: str
    unit: str = ""
    align: Literal["left", "right"] = "left"
    format: Form = str

    @property
    def heading(self) -> str:
        """Title with its unit."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title

    def cell(self, row: Row) -> str:
        """Text of this column in one row of a table."""
        value = row.get(self.key)
        return "–" if value is None else self.format(value)


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table for a person; values by the columns' keys, in SI units."""

    columns: Sequence[Col]
    rows: Sequence[Row]


Block: TypeAlias = str | TextTable
"""A line of text, or a table."""


def right(key: str, title: str, form: Form = str) -> Col:
    """Return a column of numbers."""
    return Col(key, title, align="right", format=form)


def titled(say: "Language", place: str, forms: Mapping[str, Form | None]) -> list[Col]:
    """Return columns headed by the messages under `place`.

    Those with a form stand to the right, all but texts that are translated.
    """
    texts: dict[str, Form] = {"month": say.month}
    titles = {key: say.text(f"{place}.{key}") for key in forms}
    return [
        Col(key, titles[key], format=form or texts.get(key, str))
        if form in (None, say.translated)
        else right(key, titles[key], form)
        for key, form in forms.items()
    ]
