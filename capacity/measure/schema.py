"""The JSON Schema of findings, as ``simulate --json`` and ``findings.json`` have them."""

from typing import Any

from capacity.measure.metrics import CURRENCY, METRICS, WAIT_LABELS, Metric


def findings_schema() -> dict[str, Any]:
    """Return the schema: which metrics there are, in which unit, with which sets of labels."""
    number = {"type": ["number", "null"], "description": "null where it is not known"}
    finding = {
        "type": "object",
        "required": ["metric", "labels", "value", "low", "high", "unit", "n", "censored"],
        "properties": {
            "value": number | {"description": "mean over the replications; null where nothing was measured"},
            "low": number | {"description": "lower end of the interval; null with one replication"},
            "high": number | {"description": "upper end of the interval; null with one replication"},
            "n": {"type": "integer", "minimum": 0, "description": "replications in which it was measured"},
            "censored": {
                "type": "boolean",
                "description": "a lower bound: jobs that still wait or gave up could move it",
            },
        },
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
    return {
        "description": metric.definition,
        "properties": {
            "metric": {"const": name},
            "unit": {"pattern": "^[A-Z]{3}$"} if metric.unit == CURRENCY else {"const": metric.unit},
            "labels": any_of if metric.section == "waits" else {"type": "object", "anyOf": labels},
        },
    }
