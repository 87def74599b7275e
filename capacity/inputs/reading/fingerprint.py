"""What makes two specifications the same: their content in SI, however it was written."""

import hashlib
import json
from typing import Any

from capacity.inputs.fields.record import Record


def fingerprint(record: Record) -> str:
    """Return the SHA-256 of the canonical JSON of a record in SI, floats to 12 digits.

    Twelve digits are more than any input has and fewer than the noise of unit conversion touches, so that
    ``1 TB`` and ``1000 GB`` are the same.
    """
    canonical = json.dumps(_canonical(record.model_dump(mode="json")), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, dict):
        return {str(key): _canonical(item) for key, item in value.items()}
    return [_canonical(item) for item in value] if isinstance(value, list) else value
