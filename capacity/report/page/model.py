"""What a report is made of, before it is HTML, Markdown or CSV: text, cards, figures and tables in sections.

Everything here is plain text that may come from a file of the user: whoever writes it out escapes it. The one
exception is `Figure.svg`, which the charts have escaped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Card:
    """One number of the first screen: what it is, the number, and its interval or what it means."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table."""

    key: str
    heading: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under headings, the first column naming the row.

    Attributes
    ----------
    name : str
        Short name within the page, and of its CSV file if it stands for itself.
    caption : str
        What it shows.
    columns : sequence of Heading
        In order.
    rows : sequence of mapping
        Text by key of the column.
    """

    name: str
    caption: str
    columns: Sequence[Heading]
    rows: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture, what it shows in words, and the numbers behind it.

    Attributes
    ----------
    name : str
        Short name within the page, and of its CSV file.
    caption : str
        What it shows.
    note : str
        How to read it; empty if that is plain.
    svg : str
        The picture, every text in it escaped.
    data : sequence of mapping
        Its numbers in SI units, one row for each; the same keys in each row.
    """

    name: str
    caption: str
    note: str
    svg: str
    data: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Listing:
    """A long text that is folded away: a resolved scenario."""

    name: str
    caption: str
    text: str


Block: TypeAlias = Figure | Table | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under one heading."""

    name: str
    title: str
    paragraphs: Sequence[str] = ()
    blocks: Sequence[Block] = ()
    folded: Sequence[Block] = field(default_factory=tuple)
    """Blocks for those who want to know more: closed until they are opened."""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report.

    Attributes
    ----------
    lang : str
        Language of its words.
    title : str
        What it is about.
    question : str
        What was asked.
    answer : sequence of str
        The answer, a sentence each, the most important first.
    cards : sequence of Card
        The numbers of the answer.
    binds : str
        What keeps it from being better or smaller.
    assumptions : Table
        The main assumptions with their sources.
    warnings : sequence of str
        What should not pass unread.
    sections : sequence of Section
        The rest.
    facts : sequence of (str, str)
        What identifies the run: scenario, hash, seed, versions.
    """

    lang: str
    title: str
    question: str
    answer: Sequence[str]
    cards: Sequence[Card]
    binds: str
    assumptions: Table | None
    warnings: Sequence[str]
    sections: Sequence[Section]
    facts: Sequence[tuple[str, str]]
