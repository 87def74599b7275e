"""How ``capacity workload describe`` prints: a table for each subject, or every number in one long form."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.printing.output import Col, Output
from capacity.report.terminal.description import number_text, range_text, value_text
from workloads.describe.distances import DISTRIBUTIONS, PROFILES
from workloads.describe.measures import METRICS, SECTIONS, Description, Measure

if TYPE_CHECKING:
    from capacity.study.demand.published_figures import Held
    from workloads.describe.distances import Distance

MOST_ROWS = 20
"""Classes and tenants in a table; the rest is counted there, and in full in CSV and JSON."""
REASON_WIDTH = 100
"""Of the reasons below the table of published figures. [character]"""
THIS, OTHER = "this", "other"
_HEADINGS = {
    "size": "size [slot]",
    "at_least": "at least [slot]",
    "slots": "most used size [slot]",
    "seconds": "most used request",
    "hour": "hour of the day",
    "percent": "busiest users [%]",
    "window": "variance over mean",
    "lag": "jobs submitted, so far apart",
    "reason": "rows left out or changed",
}
_OPEN_ENDED = ("class", "tenant")

Row = dict[str, Any]


def long_rows(description: Description) -> list[Row]:
    """Return every number in SI with its section, name, labels and unit, then the sections without any."""
    rows: list[Row] = []
    for measure in description.measures:
        metric = METRICS[measure.name]
        labels = {metric.label: measure.label} if metric.label and measure.label else {}
        rows.append(
            {
                "section": metric.section,
                "name": measure.name,
                "labels": labels,
                "value": measure.value,
                "unit": metric.unit,
                "note": measure.note,
            }
        )
    return rows


def emit_long(rows: Sequence[Row], output: Output, *, more: Sequence[str] = ()) -> None:
    """Print rows of `long_rows` as CSV; `more` names further columns of values."""
    keys = ("section", "name", "labels", "value", *more, "unit", "note")
    flat = [{**row, "labels": " ".join(f"{k}={v}" for k, v in row["labels"].items())} for row in rows]
    output.emit([Col(key, key) for key in keys], flat)


def absent_rows(description: Description) -> list[Row]:
    """Return a row for each section about which the jobs say nothing."""
    return [
        {"section": section, "name": "", "labels": {}, "value": None, "unit": "", "note": why}
        for section, why in description.absent.items()
    ]


def together(this: Sequence[Row], other: Sequence[Row]) -> list[Row]:
    """Return the rows of two descriptions side by side, in the order of the first."""
    found: dict[tuple[Any, ...], Row] = {}
    for key, rows in (("value", this), ("other", other)):
        for row in rows:
            labels = tuple(row["labels"].items())
            place = found.setdefault(
                (row["section"], row["name"], labels), {**row, "value": None, "other": None}
            )
            place[key] = row["value"]
            place["note"] = place["note"] or row["note"]
    order = {section: place for place, section in enumerate(SECTIONS)}
    return sorted(found.values(), key=lambda row: order[row["section"]])


def print_description(this: Description, other: Description | None, output: Output) -> None:
    """Print a table for each subject; with another description its numbers stand beside."""
    both = {THIS: this} if other is None else {THIS: this, OTHER: other}
    for place, (section, title) in enumerate(SECTIONS.items()):
        if place:
            click.echo()
        absent = {name: one.absent[section] for name, one in both.items() if section in one.absent}
        if len(absent) == len(both):
            click.echo(f"{title}: {absent[THIS]}")
            continue
        found = {
            name: [m for m in one.measures if METRICS[m.name].section == section]
            for name, one in both.items()
        }
        _print_section(title, found, output)


def _print_section(title: str, found: Mapping[str, Sequence[Measure]], output: Output) -> None:
    """Print the numbers without a label as one table, then a table for each sort of label."""
    plain = {name: {m.name: m for m in some if not m.label} for name, some in found.items()}
    names = list(dict.fromkeys(key for some in plain.values() for key in some))
    if names:
        rows = [_plain_row(key, plain) for key in names]
        columns = [Col("title", title), *_value_columns(plain, "value")]
        notes = [Col("note", "")] if any(row.get("note") for row in rows) else []
        output.emit([*columns, *notes], rows)
    labelled = [
        key for key in METRICS if any(m.name == key and m.label for some in found.values() for m in some)
    ]
    for place, (sort, keys) in enumerate(
        groupby(labelled, key=lambda k: (METRICS[k].label, METRICS[k].values))
    ):
        if names or place:
            click.echo()
        _print_pivot(title, sort[0], list(keys), found, output)


def _plain_row(key: str, plain: Mapping[str, Mapping[str, Measure]]) -> Row:
    row: Row = {"title": METRICS[key].title}
    for name, measures in plain.items():
        measure = measures.get(key)
        row[f"value {name}"] = value_text(key, measure.value if measure else None)
        if measure is not None and measure.note:
            row["note"] = measure.note
    return row


def _value_columns(found: Mapping[str, Any], key: str, title: str = "") -> list[Col]:
    """Return a column for each description; alone it needs no name."""
    if len(found) == 1:
        return [Col(f"{key} {THIS}", title, align="right")]
    return [Col(f"{key} {name}", f"{title}, {name}" if title else name, align="right") for name in found]


def _print_pivot(
    title: str, sort: str, keys: Sequence[str], found: Mapping[str, Sequence[Measure]], output: Output
) -> None:
    """Print a row for each label and a column for each metric."""
    values = {(name, m.name, m.label): m for name, some in found.items() for m in some if m.label}
    labels = list(dict.fromkeys(label for _, key, label in values if key in keys))
    shown = labels[:MOST_ROWS] if sort in _OPEN_ENDED else labels
    columns = [Col("label", _HEADINGS.get(sort, sort))]
    for key in keys:
        columns += _value_columns(found, key, METRICS[key].title)
    rows = []
    for label in shown:
        row: Row = {"label": value_text("run_p50_s", float(label)) if sort == "seconds" else label}
        for name in found:
            for key in keys:
                measure = values.get((name, key, label))
                row[f"{key} {name}"] = value_text(key, measure.value if measure else None)
        rows.append(row)
    output.emit(columns, rows)
    if len(shown) < len(labels):
        click.echo(f"and {len(labels) - len(shown)} more {title}; CSV and JSON have all")


def print_distances(found: "Sequence[Distance]", output: Output) -> None:
    """Print how far apart two tables are."""
    spread = {(d.of, d.kind): d for d in found if d.of in DISTRIBUTIONS}
    rows: list[Row] = [
        {
            "of": title,
            "ks": _distance_text(spread[of, "ks"].value),
            "w": _distance_text(spread[of, "wasserstein_ln"].value),
            "note": spread[of, "ks"].note,
        }
        for of, title in DISTRIBUTIONS.items()
    ]
    notes = [Col("note", "")] if any(row["note"] for row in rows) else []
    columns = [
        Col("of", "distance of distributions"),
        Col("ks", "Kolmogorov-Smirnov", align="right"),
        Col("w", "Wasserstein of ln", align="right"),
    ]
    click.echo()
    output.emit([*columns, *notes], rows)
    shares = [d for d in found if d.kind == "total_variation"]
    rows = [{"of": PROFILES[d.of], "tv": _distance_text(d.value), "note": d.note} for d in shares]
    notes = [Col("note", "")] if any(row["note"] for row in rows) else []
    click.echo()
    output.emit([Col("of", "distance of shares"), Col("tv", "total variation", align="right"), *notes], rows)
    _print_differences(found, output)


def _print_differences(found: "Sequence[Distance]", output: Output) -> None:
    differences = {(d.of, d.label): d.value for d in found if d.kind == "difference"}
    labels = list(dict.fromkeys(label for _, label in differences))[:MOST_ROWS]
    if not labels:
        return
    rows = [
        {
            "label": label,
            **{
                of: number_text(100 * (differences[of, label] or 0.0), "1")
                for of in ("class_jobs", "class_work")
            },
        }
        for label in labels
    ]
    columns = [
        Col("label", "class: this minus other"),
        Col("class_jobs", "jobs", "points", align="right"),
        Col("class_work", "work", "points", align="right"),
    ]
    click.echo()
    output.emit(columns, rows)


def _distance_text(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def distance_rows(found: "Sequence[Distance]") -> list[Row]:
    """Return distances in the long form, their section named so."""
    return [
        {
            "section": "distances",
            "name": f"{one.of}_{one.kind}",
            "labels": {"class": one.label} if one.label else {},
            "value": one.value,
            "unit": "1",
            "note": one.note,
        }
        for one in found
    ]


def held_rows(held: "Sequence[Held]") -> list[Row]:
    """Return what a demand has beside each published figure, in SI."""
    return [
        {
            "fact": one.name,
            "title": one.fact.title,
            "metric": one.fact.metric,
            "value": one.value,
            "low": one.fact.low,
            "high": one.fact.high,
            "unit": METRICS[one.fact.metric.partition(".")[0]].unit,
            "during_s": one.fact.during,
            "verdict": one.verdict,
            "because": one.because,
            "confidence": one.fact.confidence,
            "source": one.fact.source,
            "as_of": one.fact.as_of,
        }
        for one in held
    ]


HELD_KEYS = (
    *("fact", "metric", "value", "low", "high", "unit", "during_s", "verdict", "because", "confidence"),
    *("source", "as_of"),
)


def print_held(held: "Sequence[Held]", output: Output) -> None:
    """Print each published figure beside that of the demand."""
    columns = [
        Col("title", "fact"),
        Col("value", "this demand", align="right"),
        Col("range", "published"),
        Col("inside", "inside?"),
        Col("confidence", "confidence"),
        Col("source", "source"),
    ]
    rows = []
    for one in held:
        name = one.fact.metric.partition(".")[0]
        spell = f", last {number_text(one.fact.during, 's')}" if one.fact.during else ""
        rows.append(
            {
                "title": one.fact.title + spell,
                "value": value_text(name, one.value),
                "range": range_text(name, one.fact.low, one.fact.high),
                "inside": _verdict_text(one),
                "confidence": one.fact.confidence,
                "source": " ".join(one.fact.source.split()),
            }
        )
    output.emit(columns, rows)
    for one in held:
        if one.verdict == "departs":
            click.echo(f"\n{one.fact.title}:")
            reason = f"departs, because {one.because}"
            click.echo(fill(reason, REASON_WIDTH, initial_indent="  ", subsequent_indent="  "))


def _verdict_text(one: "Held") -> str:
    words = {"inside": "yes", "outside": "NO", "departs": "departs"}
    return words.get(one.verdict, one.because or "not in the log")
