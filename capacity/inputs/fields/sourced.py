"""Where a number comes from: the form ``{value: 700 W, source: …, as_of: 2020-05, why: …}``.

Any number may be written plainly, and then its record's source holds, or in this form with its own.
"""

import re
from collections.abc import Mapping
from typing import Any, get_args

from capacity.facility.uncertainty import Shape
from capacity.inputs.fields.complaints import UNKNOWN_KEY, Complaint, describe, refusal, unknown_key_remedy
from capacity.inputs.fields.ranges import RANGE_KEYS, has_range

SOURCED_KEYS = ("value", "source", "as_of", "why")
NUMBER_KEYS = (*SOURCED_KEYS, *RANGE_KEYS, "title")
ASSUMPTION = "assumption"
SOURCED_FORM = {
    "type": "object",
    "description": "A number with a source of its own, or with what else it may be.",
    "properties": {
        "value": {"description": "The number, with its unit."},
        "source": {"type": "string", "description": f"A page, or '{ASSUMPTION}'."},
        "as_of": {"type": ["string", "integer"], "description": "2020, 2020-05 or 2020-05-14."},
        "why": {"type": "string", "description": "Why it was assumed, or how it was worked out."},
        "title": {"type": "string", "description": "One line that says what is uncertain, with a range."},
        "range": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "description": "Between what and what it lies in eight of ten futures.",
        },
        "low": {"description": "Instead of range: what it lies below in one of ten futures."},
        "likely": {"description": "Instead of value: what it exceeds as often as not."},
        "high": {"description": "What it exceeds in one of ten futures."},
        "confidence": {
            "type": ["string", "number"],
            "description": "Part of the futures within the range: 80 %; 100 % for hard ends.",
        },
        "shape": {"enum": [*get_args(Shape)], "description": "A certain distribution."},
        "stretch": {
            "type": "number",
            "description": "How much wider than stated: 1.25 for ranges of people.",
        },
        "quantiles": {"type": "object", "description": "Instead: two to nine, {5 %: …, 50 %: …, 95 %: …}."},
        "choices": {
            "type": ["object", "array"],
            "description": "Instead: values with shares, {2022-04-01: 60 %, …}, or a list of {value, share}.",
        },
        "follows": {"type": "string", "description": "A cause that it shares with others: demand-level."},
        "strength": {
            "type": "number",
            "description": "How closely it follows, from -1 to 1; 1 if not given.",
        },
        "fixed": {"type": "boolean", "description": "A law, a contract, a decision: it has no range."},
    },
    "anyOf": [{"required": ["value"]}, {"required": ["likely"]}],
    "additionalProperties": False,
}
_AS_OF = re.compile(r"(19|20|21)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def source_complaints(source: object, as_of: object, why: object) -> list[Complaint]:
    """Check where a number comes from: a source, a date it held on, and a reason if it is assumed."""
    found = []
    if not isinstance(source, str) or not source.strip():
        fix = f"name a page, or write 'source: {ASSUMPTION}' with 'why: …'"
        found.append(Complaint("needs a source", fix))
    elif source == ASSUMPTION and not (isinstance(why, str) and why.strip()):
        found.append(Complaint(f"'source: {ASSUMPTION}' needs a reason", "add 'why: …'", ("source",)))
    if as_of is not None and not _AS_OF.fullmatch(str(as_of)):
        what = f"{describe(as_of)} is no date"
        found.append(Complaint(what, "write 2020, 2020-05 or 2020-05-14", ("as_of",)))
    return found


def unwrap(raw: object) -> object:
    """Take the value out of the sourced form; hand on anything that is not a mapping."""
    if not isinstance(raw, Mapping):
        return raw
    unknown = [str(key) for key in raw if key not in NUMBER_KEYS]
    found = [Complaint(UNKNOWN_KEY, unknown_key_remedy(key, NUMBER_KEYS), (key,)) for key in unknown]
    given = [key for key in ("value", "likely") if key in raw]
    if not given and not unknown:
        found.append(Complaint("a mapping without 'value'", "write the number, or {value: …, source: …}"))
    if len(given) > 1:
        fix = "give one of them: it is what is exceeded as often as not"
        found.append(Complaint("'value' and 'likely' are two ways to say one thing", fix, ("likely",)))
    if given == ["likely"] and not has_range(raw):
        found.append(Complaint("'likely' without a range", "add 'low' and 'high'", ("likely",)))
    if "source" in raw or not (has_range(raw) or "fixed" in raw):  # a range alone: its record's source holds
        found += source_complaints(raw.get("source"), raw.get("as_of"), raw.get("why"))
    if found:
        raise refusal(*found)
    value: object = raw[given[0]]
    return value


def sourced_schema(plain: dict[str, Any]) -> dict[str, Any]:
    """Allow the plain form and the sourced form in the JSON Schema."""
    return {"anyOf": [plain, SOURCED_FORM]}
