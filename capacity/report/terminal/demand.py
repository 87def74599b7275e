"""What ``capacity workload describe`` says: a table for each subject, or every number in one long form."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

from capacity.quantities.writing import format_number
from capacity.report.language import Language
from capacity.report.terminal.table import Block, Col, Form, TextTable, right, titled
from workloads.describe.distances import DISTRIBUTIONS, PROFILES, Distance
from workloads.describe.measures import METRICS, SECTIONS, Description, Measure

if TYPE_CHECKING:
    from capacity.study.demand.published_figures import Held

MOST_ROWS = 20
"""Classes and tenants in a table; the rest is counted there, and in full in CSV and JSON."""
REASON_WIDTH = 100
"""Of the reasons below the table of published figures. [character]"""
LONG_KEYS: Final = ("section", "name", "labels", "value", "other", "unit", "note")
"""Columns of the long form as CSV; ``other`` only with a second description."""
_OPEN_ENDED = ("class", "tenant")
_LONGEST = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"))
_SAID_BY_TITLE = frozenset(("1", "", "job", "user", "tenant", "row"))

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


def flat(rows: Sequence[Row]) -> list[Row]:
    """Return rows of `long_rows` with their labels as one text, for CSV."""
    return [{**row, "labels": " ".join(f"{k}={v}" for k, v in row["labels"].items())} for row in rows]


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


def description_blocks(this: Description, other: Description | None, say: Language) -> Iterator[Block]:
    """Yield a table for each subject; with another description its numbers stand beside."""
    both = {"this": this} if other is None else {"this": this, "other": other}
    for place, (section, title) in enumerate(SECTIONS.items()):
        if place:
            yield ""
        absent = [one.absent[section] for one in both.values() if section in one.absent]
        if len(absent) == len(both):
            yield f"{say.translated(title)}: {say.translated(absent[0])}"
            continue
        found = {
            name: [m for m in one.measures if METRICS[m.name].section == section]
            for name, one in both.items()
        }
        yield from _section(say.translated(title), found, say)


def _section(title: str, found: Mapping[str, Sequence[Measure]], say: Language) -> Iterator[Block]:
    """Yield the numbers without a label as one table, then a table for each sort of label."""
    plain = {name: {m.name: m for m in some if not m.label} for name, some in found.items()}
    names = list(dict.fromkeys(key for some in plain.values() for key in some))
    if names:
        rows = [_plain_row(key, plain, say) for key in names]
        yield TextTable([Col("title", title), *_value_columns(plain, "value", say), *_notes(rows, say)], rows)
    labelled = [
        key for key in METRICS if any(m.name == key and m.label for some in found.values() for m in some)
    ]
    for place, (sort, keys) in enumerate(
        groupby(labelled, key=lambda k: (METRICS[k].label, METRICS[k].values))
    ):
        if names or place:
            yield ""
        yield from _pivot(title, sort[0], list(keys), found, say)


def _notes(rows: Sequence[Row], say: Language) -> list[Col]:
    """Return a column of remarks if there are any."""
    return [Col("note", "", format=say.translated)] if any(row.get("note") for row in rows) else []


def _plain_row(key: str, plain: Mapping[str, Mapping[str, Measure]], say: Language) -> Row:
    row: Row = {"title": say.translated(METRICS[key].title)}
    for name, measures in plain.items():
        measure = measures.get(key)
        row[f"value {name}"] = value_text(key, measure.value if measure else None, say)
        if measure is not None:
            row["note"] = row.get("note") or measure.note
    return row


def _value_columns(found: Mapping[str, Any], key: str, say: Language, title: str = "") -> list[Col]:
    """Return a column for each description; alone it needs no name."""
    if len(found) == 1:
        return [right(f"{key} this", title)]
    names = {name: say.text(f"demand.{name}") for name in found}
    return [
        right(f"{key} {name}", f"{title}, {called}" if title else called) for name, called in names.items()
    ]


def _pivot(
    title: str, sort: str, keys: Sequence[str], found: Mapping[str, Sequence[Measure]], say: Language
) -> Iterator[Block]:
    """Yield a row for each label and a column for each metric."""
    values = {(name, m.name, m.label): m for name, some in found.items() for m in some if m.label}
    labels = list(dict.fromkeys(label for _, key, label in values if key in keys))
    shown = labels[:MOST_ROWS] if sort in _OPEN_ENDED else labels
    columns = [Col("label", say.text(f"demand.by.{sort}"))]
    for key in keys:
        columns += _value_columns(found, key, say, say.translated(METRICS[key].title))
    rows = []
    for label in shown:
        row: Row = {"label": _label_text(sort, label, say)}
        for name in found:
            for key in keys:
                measure = values.get((name, key, label))
                row[f"{key} {name}"] = value_text(key, measure.value if measure else None, say)
        rows.append(row)
    yield TextTable(columns, rows)
    if len(shown) < len(labels):
        yield say.text("demand.more", n=len(labels) - len(shown), what=title)


def _label_text(sort: str, label: str, say: Language) -> str:
    """Return a label as one reads it; what a log or demand calls a state, class or tenant stays."""
    if sort == "seconds":
        return value_text("run_p50_s", float(label), say)
    return label if sort in (*_OPEN_ENDED, "state") else say.translated(label)


def distance_blocks(found: Sequence[Distance], say: Language) -> Iterator[Block]:
    """Yield how far apart two tables are."""
    spread = {(d.of, d.kind): d for d in found if d.of in DISTRIBUTIONS}
    rows: list[Row] = [
        {
            "of": say.translated(title),
            "ks": spread[of, "ks"].value,
            "wasserstein": spread[of, "wasserstein_ln"].value,
            "note": spread[of, "ks"].note,
        }
        for of, title in DISTRIBUTIONS.items()
    ]
    three = "{:.3f}".format
    yield ""
    columns = titled(say, "demand.distances", {"of": None, "ks": three, "wasserstein": three})
    yield TextTable([*columns, *_notes(rows, say)], rows)
    shares = [d for d in found if d.kind == "total_variation"]
    rows = [{"of": say.translated(PROFILES[d.of]), "variation": d.value, "note": d.note} for d in shares]
    yield ""
    yield TextTable(
        [*titled(say, "demand.shares", {"of": None, "variation": three}), *_notes(rows, say)], rows
    )
    differences = {(d.of, d.label): d.value for d in found if d.kind == "difference"}
    labels = list(dict.fromkeys(label for _, label in differences))[:MOST_ROWS]
    if labels:
        kinds = ("class_jobs", "class_work")
        rows = [
            {
                "label": label,
                **{of: number_text(100 * (differences[of, label] or 0.0), "1", say) for of in kinds},
            }
            for label in labels
        ]
        columns = [right(of, say.text(f"demand.differences.{of}")) for of in kinds]
        yield ""
        yield TextTable([Col("label", say.text("demand.differences.of")), *columns], rows)


def distance_rows(found: Sequence[Distance]) -> list[Row]:
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
            **one.verdict.to_json(),
            "published_low": one.fact.low,
            "published_high": one.fact.high,
            "during_s": one.fact.during,
            "because": one.because,
            "published_confidence": one.fact.confidence,
            "source": one.fact.source,
            "as_of": one.fact.as_of,
        }
        for one in held
    ]


HELD_KEYS = (
    *("fact", "metric", "found", "published_low", "published_high", "unit", "during_s", "standing", "by"),
    *("because", "published_confidence", "source", "as_of"),
)


def held_blocks(held: "Sequence[Held]", say: Language) -> Iterator[Block]:
    """Yield each published figure beside that of the demand."""
    rows = []
    for one in held:
        name = one.fact.metric.partition(".")[0]
        during = number_text(one.fact.during, "s", say) if one.fact.during else ""
        rows.append(
            {
                "title": one.fact.title + (say.text("demand.during", time=during) if during else ""),
                "value": value_text(name, one.verdict.found if one.verdict.n else None, say),
                "range": range_text(name, one.fact.low, one.fact.high, say),
                "inside": _inside(one, say),
                "confidence": one.fact.confidence,
                "source": " ".join(one.fact.source.split()),
            }
        )
    forms: dict[str, Form | None] = {
        "title": None,
        "value": str,
        "range": None,
        "inside": None,
        "confidence": None,
        "source": None,
    }
    yield TextTable(titled(say, "demand.held", forms), rows)
    for one in held:
        if one.departs:
            yield f"\n{one.fact.title}:"
            reason = say.text("demand.departs", why=one.because)
            yield fill(reason, REASON_WIDTH, initial_indent="  ", subsequent_indent="  ")


def _inside(one: "Held", say: Language) -> str:
    if one.verdict.standing == "not shown":
        return one.because or say.text("demand.no_value")
    return say.text(f"demand.verdict.{'departs' if one.departs else 'outside' if one.fails else 'inside'}")


def number_text(value: float, unit: str, say: Language, *, is_share: bool = False) -> str:
    """Return a number with its unit, to three digits; a time in its largest unit, a share in per cent.

    Examples
    --------
    >>> say = Language("en")
    >>> number_text(6652, "s", say), number_text(0.6178, "1", say, is_share=True)
    ('1.85 h', '61.8 %')
    >>> number_text(13.69, "slot h", say), number_text(4552.0, "slot", say), number_text(2.4567, "1", say)
    ('13.7 slot h', '4,552 slot', '2.46')
    """
    if unit == "s":
        return _time_text(value, say)
    if is_share:
        return say.text("percent", n=format_number(100 * value))
    digits = f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else format_number(value)
    return digits if unit in _SAID_BY_TITLE else f"{digits} {say.translated(unit)}"


def _time_text(seconds: float, say: Language) -> str:
    unit_s, unit = next((step for step in _LONGEST if abs(seconds) >= step[0]), (1.0, "s"))
    return say.text(f"time.{unit}", n=format_number(seconds / unit_s))


def value_text(name: str, value: float | str | None, say: Language) -> str:
    """Return the value of a metric as text; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return number_text(value, METRICS[name].unit, say, is_share=name.endswith("_frac"))


def range_text(name: str, low: float | None, high: float | None, say: Language) -> str:
    """Return a range of a metric as text: ``2.03 min … 14.6 min``, ``up to 90 %``, ``74 % or more``."""
    ends = {"low": value_text(name, low, say), "high": value_text(name, high, say)}
    return say.text(
        "demand.up_to" if low is None else "demand.or_more" if high is None else "demand.between", **ends
    )
