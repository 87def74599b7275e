"""Texts in charts: made safe for XML, measured, and shortened where there is no room.

SVG does not wrap or shorten text, and the writer cannot ask the browser how wide a word is; so widths are
estimated here, on the generous side (DejaVu Sans and Verdana, the widest of the usual sans serifs), and a
shortened text keeps its full wording in a ``<title>``.
"""

import hashlib
import html
import re
import unicodedata

_UNSAFE = re.compile(
    "[^\\x09\\x0a\\x0d\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"  # not allowed in XML 1.0
    "|[\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]"  # controls; overrides of the direction of writing
)
_THIN = frozenset("ijl.,:;'|!()[]{}·`Itfr -/\\")
_BROAD = frozenset("mwMW%@—…ÆŒ&+−=<>±×~#")
ELLIPSIS = "…"


def clean(text: str) -> str:
    r"""Return the text on one line, without characters that XML forbids or that reorder what follows.

    >>> clean("a\x00b\n  c")
    'ab c'
    """
    return " ".join(_UNSAFE.sub("", text).split())


def printable(text: str) -> str:
    r"""Return the text with its lines and blanks, without characters that no document may hold.

    >>> printable("a\x00b\n  c")
    'ab\n  c'
    """
    return "\n".join(_UNSAFE.sub("", line.replace("\t", "    ")) for line in text.split("\n"))


def escape(text: str) -> str:
    """Return the text ready to stand in SVG, as content or inside quotes.

    >>> escape('<b> & "c"')
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    return html.escape(clean(text), quote=True)


def slug(chart_id: str) -> str:
    """Return an XML id for a chart; ids that had to be changed get a hash, so that two never become one.

    >>> slug("use-2021")
    'chart-use-2021'
    """
    kept = re.sub(r"[^A-Za-z0-9_-]+", "-", chart_id)[:60]
    if kept == chart_id and kept:
        return f"chart-{kept}"
    mark = hashlib.sha256(chart_id.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"chart-{kept.strip('-') or 'x'}-{mark}"


def _ems(char: str) -> float:
    """Return the width of one character [em]."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.15
    if char in _THIN:
        return 0.41
    if char in _BROAD:
        return 0.96
    return 0.74 if char.isupper() else 0.64


def width_px(text: str, size: float = 12.0) -> float:
    """Estimate the width of a text [px] at a font size [px]; wide characters (Korean) count about double.

    >>> width_px("가나") > 1.7 * width_px("ab")
    True
    """
    return size * sum(_ems(char) for char in clean(text))


def shorten(text: str, room_px: float, size: float = 12.0) -> str:
    """Return the cleaned text, or as much of its beginning as fits the room [px] with an ellipsis.

    >>> shorten("utilisation", 1000), shorten("utilisation", 50)
    ('utilisation', 'utilis…')
    """
    whole = clean(text)
    if width_px(whole, size) <= room_px:
        return whole
    used = size * _ems(ELLIPSIS)
    kept = 0
    for char in whole:
        used += size * _ems(char)
        if used > room_px:
            break
        kept += 1
    return whole[:kept].rstrip() + ELLIPSIS


def wrapped(text: str, room_px: float, size: float = 12.0) -> tuple[str, str]:
    """Return the text on one or two lines, broken at a space; the second may still be too long.

    >>> wrapped("failures per month", 80), wrapped("failures", 80)
    (('failures per', 'month'), ('failures', ''))
    """
    whole = clean(text)
    if width_px(whole, size) <= room_px:
        return whole, ""
    words = whole[:400].split(" ")
    for count in range(len(words) - 1, 0, -1):
        first = " ".join(words[:count])
        if width_px(first, size) <= room_px:
            return first, whole[len(first) + 1 :]
    return whole, ""


def clip(text: str, characters: int = 80) -> str:
    """Return a name for a tooltip; a chart repeats it at every point, so it must not be endless."""
    whole = clean(text)
    return whole if len(whole) <= characters else whole[: characters - 1].rstrip() + ELLIPSIS


def with_interval(value: str, low: str | None, high: str | None) -> str:
    """Return a value with its interval, in signs that need no translation.

    >>> with_interval("3", "1", "5"), with_interval("3", None, None)
    ('3 (1 … 5)', '3')
    """
    if low is None and high is None:
        return value
    return f"{value} ({low if low is not None else ''} … {high if high is not None else ''})"
