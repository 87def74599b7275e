"""The numbers of a description as a reader wants them: units in words, one cell each."""

from capacity.quantities.writing import format_number
from workloads.describe.measures import METRICS

_LONGEST = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"))
_SAID_BY_TITLE = frozenset(("1", "", "job", "user", "tenant", "row"))


def number_text(value: float, unit: str, *, is_share: bool = False) -> str:
    """Return a number with its unit, to three digits; a time in its largest unit, a share in per cent.

    Examples
    --------
    >>> number_text(6652, "s"), number_text(0.6178, "1", is_share=True), number_text(13.69, "slot h")
    ('1.85 h', '61.8 %', '13.7 slot h')
    >>> number_text(4552.0, "slot"), number_text(2.4567, "1")
    ('4,552 slot', '2.46')
    """
    if unit == "s":
        return _time_text(value)
    if is_share:
        return f"{format_number(100 * value)} %"
    digits = f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else format_number(value)
    return digits if unit in _SAID_BY_TITLE else f"{digits} {unit}"


def _time_text(seconds: float) -> str:
    for unit_s, unit in _LONGEST:
        if abs(seconds) >= unit_s:
            return f"{format_number(seconds / unit_s)} {unit}"
    return f"{format_number(seconds)} s"


def value_text(name: str, value: float | str | None) -> str:
    """Return the value of a metric as text; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return number_text(value, METRICS[name].unit, is_share=name.endswith("_frac"))


def range_text(name: str, low: float | None, high: float | None) -> str:
    """Return a range of a metric as text.

    Examples
    --------
    >>> range_text("run_p50_s", 122.0, 874.0), range_text("serial_frac", None, 0.9)
    ('2.03 min … 14.6 min', 'up to 90 %')
    """
    ends = [value_text(name, end) for end in (low, high)]
    if low is None:
        return f"up to {ends[1]}"
    return f"{ends[0]} or more" if high is None else f"{ends[0]} … {ends[1]}"
