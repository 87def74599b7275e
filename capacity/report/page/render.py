"""Writes a report: one HTML file that needs nothing else, the findings as Markdown, and a CSV per figure."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import capacity
from capacity.report.charts import style
from capacity.report.charts.text import printable
from capacity.report.language import Language
from capacity.report.page.model import Figure, Heading, Page, Section, Table

_UNIT = re.compile(
    r"(?<=\d) (?=(?:%|[kMGTPE]?i?B|[kMGT]?Wh?|s|min|h|d|bn|trn|million|KRW|USD|EUR|slots?)(?:\W|$))"
)
_NO_BREAK = "\u00a0"
WORDS = ("as_table", "skip", "kicker", "question", "answer", "binds", "warnings", "contents")


def html(page: Page) -> str:
    """Return the page as one HTML document, every text in it escaped."""
    say = Language(page.lang)
    environment = Environment(
        loader=PackageLoader("capacity.report", "page"), autoescape=True, undefined=StrictUndefined,
        finalize=_written,
    )  # fmt: skip
    css = style() + "\n" + files("capacity.report").joinpath("page").joinpath("report.css").read_text("utf-8")
    environment.filters["breakable"] = _breakable
    environment.filters["name"] = _plain_name
    return environment.get_template("report.html.j2").render(
        page=page,
        words={name: say.text(f"page.{name}") for name in WORDS},
        css=css,
        as_table=lambda figure: data_table(figure, say),
        generator=f"capacity {capacity.__version__}",
    )


def _written(value: Any) -> Any:  # noqa: ANN401 - whatever a template prints
    """Take characters out that no document may hold, and keep numbers and their units on one line."""
    return _UNIT.sub(_NO_BREAK, printable(value)) if type(value) is str else value


def _breakable(text: str) -> Markup:
    """Return a path such as ``site.pools.gpu.nodes`` that may be broken after its dots."""
    safe = escape(_written(text))
    return safe if " " in text else safe.replace(".", Markup(".<wbr>"))


def data_table(figure: Figure, say: Language) -> Table:
    """Return the numbers behind a figure as a table of text."""
    if not figure.data:
        return Table(figure.name, figure.caption, (), ())
    keys = list(figure.data[0])
    columns = [
        Heading(key, say.text(f"column.{key}") if say.has(f"column.{key}") else key,
               number=any(isinstance(row[key], float | int) for row in figure.data))
        for key in keys
    ]  # fmt: skip
    rows = [{key: _plain(row[key]) for key in keys} for row in figure.data]
    return Table(figure.name, figure.caption, columns, rows)


def _plain(value: Any) -> str:  # noqa: ANN401 - a number, a text or nothing
    if value is None:
        return "–"
    if isinstance(value, float):
        return "–" if value != value else f"{value:,.6g}"  # noqa: PLR0124 - NaN
    return str(value)


def csv_files(page: Page) -> Iterator[tuple[str, str]]:
    """Yield name and text of a CSV for each figure; numbers in SI units, nothing where there is none."""
    for section in page.sections:
        for block in (*section.blocks, *section.folded):
            if isinstance(block, Figure) and block.data:
                yield file_name(section, block), _csv(block.data)


def file_name(section: Section, figure: Figure) -> str:
    """Return the name of a figure's CSV, safe whatever pools and cases are called."""
    return f"{section.name}-{_plain_name(figure.name)}.csv"


def _plain_name(text: str) -> str:
    """Return a name as an id or a file name; names that had to be changed stay apart by a hash."""
    kept = re.sub(r"[^\w.-]+", "-", text, flags=re.ASCII).strip(".-")[:60]
    if kept == text:
        return text
    return f"{kept or 'x'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _csv(rows: Sequence[Any]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "" if v is None or v != v else v for k, v in row.items()})  # noqa: PLR0124 - NaN
    return text.getvalue()


def markdown(page: Page) -> str:
    """Return answer, assumptions and tables as Markdown, for those who paste it into their own document."""
    say = Language(page.lang)
    lines = [f"# {_md(page.title)}", "", f"**{say.text('page.question')}** {_md(page.question)}", ""]
    lines += [f"{_md(sentence)}\n" for sentence in page.answer]
    lines += [f"- {_md(card.label)}: **{_md(card.value)}** {_md(card.note)}".rstrip() for card in page.cards]
    if page.binds:
        lines += ["", f"**{say.text('page.binds')}** {_md(page.binds)}"]
    if page.assumptions:
        lines += ["", *_md_table(page.assumptions)]
    if page.warnings:
        lines += ["", f"**{say.text('page.warnings')}**", "", *(f"- {_md(text)}" for text in page.warnings)]
    for section in page.sections:
        lines += ["", f"## {_md(section.title)}", ""]
        lines += [f"{_md(paragraph)}\n" for paragraph in section.paragraphs]
        for block in section.blocks:
            if isinstance(block, Table):
                lines += [*_md_table(block), ""]
            elif isinstance(block, Figure):
                lines += [f"{_md(block.caption)}: figures/{file_name(section, block)}", ""]
    lines += ["", "---", "", *(f"- {_md(name)}: {_md(value)}" for name, value in page.facts)]
    return printable("\n".join(lines)).rstrip() + "\n"


def _md_table(table: Table) -> list[str]:
    heads = [_md(column.heading) for column in table.columns]
    marks = ["---:" if column.number else "---" for column in table.columns]
    rows = [[_md(row.get(column.key, "")) for column in table.columns] for row in table.rows]
    return [
        f"{_md(table.caption)}", "",
        *(f"| {' | '.join(cells)} |" for cells in (heads, marks, *rows)),
    ]  # fmt: skip


def _md(text: str) -> str:
    """Return a text that Markdown takes as it stands, in one line."""
    one_line = " ".join(str(text).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in one_line)
