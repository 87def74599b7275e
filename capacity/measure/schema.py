"""The JSON Schema of findings, as ``simulate --json`` and ``findings.json`` have them."""

from typing import Any, Final, get_args

from capacity.measure.metrics import CURRENCY, METRICS, WAIT_LABELS, Metric
from capacity.statistics.intervals import Covers
from capacity.statistics.kinds import WAYS

_NUMBER: Final = {"type": ["number", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_FIELDS: Final[dict[str, Any]] = {
    "value": _NUMBER | {
        "description": "a mean over the replications or the median of theirs, as the metric says; null where "
        "nothing was measured, and where in most it does not happen within the horizon"
    },
    "low": _NUMBER | {"description": "lower end, see covers; null where it is not known"},
    "high": _NUMBER | {"description": "upper end, see covers; null where it is not known"},
    "n": _COUNT | {"description": "replications in which there was something to measure"},
    "censored": {
        "type": "boolean",
        "description": "a lower bound: jobs that still wait or gave up could move it",
    },
    "method": {"type": "string", "description": "how the interval is made"},
    "covers": {
        "enum": list(get_args(Covers)),
        "description": "both: two ends of the 95 % interval; at least: the low one alone, for want of "
        "replications; range: the least and the most of any replication; futures: of worlds drawn, what a "
        "tenth lies below and what a tenth lies above; none",
    },
    "enough": _COUNT | {"description": "replications with which there are two ends; 0 if no number would do"},
    "share": _NUMBER | {
        "description": "part of the replications in which it happens, of what need not happen; else null"
    },
}  # fmt: skip
_OF_FUTURES: Final[dict[str, Any]] = {
    f"{part}_{end}": _NUMBER | {"description": f"eight of ten futures by {what} alone"}
    for part, what in (("luck", "luck"), ("world", "assumptions")) for end in ("low", "high")
} | {"luck_share": _NUMBER | {"description": "part of luck in the variance over futures"}}  # fmt: skip


def findings_schema() -> dict[str, Any]:
    """Return the schema: which metrics there are, in which unit, with which sets of labels."""
    finding = {
        "type": "object",
        "required": ["metric", "labels", "unit", *_FIELDS],
        "properties": _FIELDS | _OF_FUTURES,
        "oneOf": [_row(name, metric) for name, metric in METRICS.items()],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Findings of a simulation",
        "type": "object",
        "required": ["schema_version", "scenario", "hash", "replications", "load_state", "findings"],
        "properties": {
            "schema_version": {"const": 1},
            "scenario": {"type": "string"},
            "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "replications": {"type": "integer", "minimum": 1},
            "worlds": {
                "type": ["integer", "null"],
                "description": "worlds that were drawn, some of them run twice; null if none were",
            },
            "load_state": {
                "type": "object",
                "description": "how the run left each pool; only of a settled one is there a steady state",
                "additionalProperties": {"enum": ["settled", "backlogged", "overloaded"]},
            },
            "findings": {"type": "array", "items": finding},
        },
    }


def _row(name: str, metric: Metric) -> dict[str, Any]:
    """Return what a finding of one metric may be."""
    sets = [[label.partition("=")[0] for label in names.split()] for names in metric.by]
    any_of = {"type": "object", "propertyNames": {"enum": [*WAIT_LABELS]}, "required": ["month"]}
    labels = [
        {
            "required": names,
            "properties": {label: {"type": "string"} for label in names},
            "additionalProperties": False,
        }
        for names in sets
    ]
    way = WAYS[metric.kind]
    return {
        "description": f"{metric.definition} ({way.means})",
        "properties": {
            "metric": {"const": name},
            "unit": {"pattern": "^[A-Z]{3}$"} if metric.unit == CURRENCY else {"const": metric.unit},
            "labels": any_of if metric.section == "waits" else {"type": "object", "anyOf": labels},
        },
    }
