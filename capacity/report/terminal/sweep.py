"""What the terminal says of a sweep: between which cases figures lie, and what it will take."""

from collections.abc import Mapping, Sequence
from typing import Any

from capacity.quantities.writing import format_bytes
from capacity.report.language import Language
from capacity.report.terminal.table import Col, Row, right
from capacity.study.sweep.files import Lost
from capacity.study.sweep.forecast import SweepForecast
from capacity.study.sweep.spans import Span


def heading(title: str, manifest: Mapping[str, Any], say: Language) -> str:
    """Say what was run."""
    known = {name: manifest[name] for name in ("cases", "runs", "scenario")}
    said = say.text("sweep.heading", title=title, **known)
    shard = manifest["shard"]
    return said if shard is None else say.text("sweep.shard", heading=said, **shard)


def span_columns(say: Language, *, plain: bool = False) -> list[Col]:
    """Return the columns of `span_rows`; with `plain` those of a machine: names and numbers in SI."""
    if plain:
        names = ("metric", "labels", "unit", "low", "low_case", "high", "high_case")
        return [Col(name, name) for name in names]
    named = {
        key: say.text(f"sweep.columns.{key}") for key in ("what", "low", "low_case", "high", "high_case")
    }
    shown = {"low": "low_text", "high": "high_text"}
    titled = [right(shown.get(key, key), title) for key, title in named.items() if key != "what"]
    return [Col("what", named["what"]), *titled]


def span_rows(found: Sequence[Span], say: Language) -> list[Row]:
    """Return a row per figure: its lowest and highest case."""

    def text(one: Span, value: float, *, is_least: bool) -> str:
        return f"{'≥ ' if is_least else ''}{say.value(one.metric, one.unit, value)}"

    return [
        {
            **one.to_json(), "what": say.metric_at(one.metric, dict(one.labels)),
            "low_text": text(one, one.low, is_least=one.low_is_least),
            "high_text": text(one, one.high, is_least=one.high_is_least),
        }
        for one in found
    ]  # fmt: skip


def forecast_columns(say: Language) -> list[Col]:
    """Return the columns of `forecast_rows`."""
    return [Col("what", say.text("sweep.forecast.what")), right("text", say.text("sweep.forecast.value"))]


def forecast_rows(found: SweepForecast, say: Language) -> list[Row]:
    """Return a row per thing that a sweep takes."""
    unknown = say.text("sweep.unknown")

    def held(amount_bytes: int | None) -> str:
        return unknown if amount_bytes is None else format_bytes(amount_bytes)

    texts = {
        "cases": f"{found.cases:,}", "runs": f"{found.runs:,}", "stored": f"{found.stored:,}",
        "values": f"{found.values:,}", "run": say.exact_duration(found.run_s, whole=False),
        "left": say.duration(found.left_s), "memory_each": held(found.peak_bytes),
        "memory": held(found.memory_bytes),
    }  # fmt: skip
    return [
        {"what": say.text(f"sweep.{key}", width=found.width), "text": text} for key, text in texts.items()
    ]


def lost_sentences(found: Sequence[Lost], say: Language) -> list[str]:
    """Say which runs are missing."""
    return [say.text("sweep.lost", case=one.case, what=one.what) for one in found]
