"""Where a number comes from: the form ``{value: 700 W, source: …, as_of: 2020-05, why: …}``.

Any number may be written plainly, and then its record's source holds, or in this form with its own.
"""

import re
from collections.abc import Mapping
from typing import Any

from capacity.inputs.fields.complaints import UNKNOWN_KEY, Complaint, describe, refusal, unknown_key_remedy

SOURCED_KEYS = ("value", "source", "as_of", "why")
ASSUMPTION = "assumption"
SOURCED_FORM = {
    "type": "object",
    "description": "A number with a source of its own.",
    "properties": {
        "value": {"description": "The number, with its unit."},
        "source": {"type": "string", "description": f"A page, or '{ASSUMPTION}'."},
        "as_of": {"type": ["string", "integer"], "description": "2020, 2020-05 or 2020-05-14."},
        "why": {"type": "string", "description": "Why it was assumed, or how it was worked out."},
    },
    "required": ["value", "source"],
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
    unknown = [str(key) for key in raw if key not in SOURCED_KEYS]
    found = [Complaint(UNKNOWN_KEY, unknown_key_remedy(key, SOURCED_KEYS), (key,)) for key in unknown]
    if "value" not in raw and not unknown:
        found.append(Complaint("a mapping without 'value'", "write the number, or {value: …, source: …}"))
    found += source_complaints(raw.get("source"), raw.get("as_of"), raw.get("why"))
    if found:
        raise refusal(*found)
    value: object = raw["value"]
    return value


def sourced_schema(plain: dict[str, Any]) -> dict[str, Any]:
    """Allow the plain form and the sourced form in the JSON Schema."""
    return {"anyOf": [plain, SOURCED_FORM]}
