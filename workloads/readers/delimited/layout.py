"""What a delimited log format has: its columns, what they may hold, and how lines are cut into them."""

import csv
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "label", "integer", "number", "time"]
"""Text as it stands (many different), label (few different), whole number, number, instant."""

STAND_IN = "\x1f"
"""The character that takes the place of a delimiter of several bytes, for the parser knows one byte only."""
MISSING_TIME = -(2**63)
"""What a "time" column holds where the log says nothing. [s]"""


@dataclass(frozen=True, slots=True)
class Field:
    """One column that a reader wants.

    Attributes
    ----------
    name : str
        What it is called in the result, and in the file. Case does not matter.
    kind : Kind
        What it holds. Times become whole seconds since 1970 in UTC.
    required : bool
        Whether a file with a header row must have it.
    least : float or None
        Lowest number it may hold.
    blank : bool
        Whether a row may leave it empty: then an integer is -1, a number NaN, a time `MISSING_TIME`.
    also : tuple of str
        Other names that files give it.
    whole : bool
        Whether a fraction in a whole number is an error; else it is rounded, and counted.
    pattern, sort : str
        Regular expression that every word of a label must match, and what it stands for, with an article.
    """

    name: str
    kind: Kind = "label"
    required: bool = True
    least: float | None = None
    blank: bool = False
    also: tuple[str, ...] = ()
    whole: bool = False
    pattern: str = ""
    sort: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All names, in lower case."""
        return tuple(name.lower() for name in (self.name, *self.also))


@dataclass(frozen=True, slots=True)
class Layout:
    """How a delimited log is laid out.

    Attributes
    ----------
    fields : tuple of Field
        The wanted columns, in any order.
    delimiter : str
        What stands between values; of any length if nothing is `quoted`.
    header : bool
        Whether the first line names the columns. If not, `names` does.
    names : tuple of str
        All columns of a file without header row, in order; without it the `fields` are all there are.
    quoted : bool
        Whether a value may stand in double quotes, with the delimiter inside. It must end in its line.
    comment : str
        What lines begin with that are to be skipped; empty for none.
    missing : tuple of str
        Words that mean that there is no value, beside nothing at all.
    known : tuple of str
        Further columns, in lower case, that are not worth a remark.
    open_end : bool
        Whether the last column may hold the delimiter (a job name in ``sacct``); not with `quoted`.
    """

    fields: tuple[Field, ...]
    delimiter: str = ","
    header: bool = True
    names: tuple[str, ...] = ()
    quoted: bool = True
    comment: str = "#"
    missing: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    open_end: bool = False

    @property
    def mark(self) -> str:
        """The one byte that stands between values when they are parsed."""
        return self.delimiter if len(self.delimiter.encode()) == 1 else STAND_IN

    def marked(self, data: bytes) -> bytes:
        """Return lines with `mark` between their values."""
        if self.mark == self.delimiter:
            return data
        return data.replace(self.mark.encode(), b" ").replace(self.delimiter.encode(), self.mark.encode())

    @property
    def quoting(self) -> Literal[0, 3]:
        """The same for the `csv` module."""
        return csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
