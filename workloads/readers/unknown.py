"""What a file is that no log format takes for its own, in words that say what to do."""

import json
import re

from workloads.readers.text import decode

MOST_NAMES = 12
_DELIMITERS = {"|": "bars", "\t": "tabs", ";": "semicolons", ",": "commas"}
_KEY = re.compile(r'"([A-Za-z][\w./-]{0,40})"\s*:')
_NAME = re.compile(r"[A-Za-z_][\w .()/%-]{0,40}")


def json_of_no_kind(head: bytes) -> str:
    """Return what the JSON value is that begins so; nothing if it is none, or may be a workload of Batsim.

    Examples
    --------
    >>> json_of_no_kind(b'{"kind": "List", "items": []}')
    'this is JSON of no kind that we know: an object with kind, items'
    """
    text = decode(head).lstrip()
    if not text.startswith(("{", "[")) or not (_KEY.search(text) or text.startswith(("[", "{}"))):
        return ""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        names = [*dict.fromkeys(_KEY.findall(text))]
    else:
        first = value[0] if isinstance(value, list) and value else value
        names = [*first] if isinstance(first, dict) else []
    if "profiles" in names or "nb_res" in names or ("jobs" in names and '"subtime"' in text):
        return ""
    what = "a list of objects" if text.startswith("[") else "an object"
    return f"this is JSON of no kind that we know: {what} with {_listed(names)}"


def table_of_no_kind(head: bytes) -> str:
    r"""Return what the table is that begins so; nothing if the first line is no row of names.

    Examples
    --------
    >>> table_of_no_kind(b"user;when;cores\n1;2;3\n")
    'this is a table, cut at semicolons, with the columns user, when, cores'
    """
    lines = [line for line in decode(head).splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) < 2:
        return ""
    mark = max(_DELIMITERS, key=lines[0].count)
    names = [cell.strip().strip('"') for cell in lines[0].split(mark)]
    if len(names) < 2 or not all(_NAME.fullmatch(name) for name in names if name):
        return ""
    if abs(lines[1].count(mark) - lines[0].count(mark)) > 1:
        return ""
    return f"this is a table, cut at {_DELIMITERS[mark]}, with the columns {_listed(names)}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "") if names else "no keys"
