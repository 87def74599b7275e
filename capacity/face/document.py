"""Results as JSON documents: plain values only, with the version of their form; nothing heavy is imported."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

SCHEMA_VERSION: Final = 1


def document(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result as ``--json`` prints it; NaN and infinity, which JSON lacks, become None."""
    found: dict[str, Any] = json_values({"schema_version": SCHEMA_VERSION, **payload})
    return found


def json_values(value: Any) -> Any:  # noqa: ANN401  # anything JSON can carry, after this
    """Return `value` with mappings, sequences, dates and array scalars as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): json_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_values(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):  # a NumPy scalar, told without importing NumPy
        return json_values(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
