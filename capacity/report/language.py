"""Every word that a reader of a verdict or a report sees, in the reader's language.

The words stand in ``messages/en/*.yaml`` and ``messages/ko/*.yaml``, by the same keys and with the same
places to fill in. Numbers are written here, so that no other file knows a language: a place names the form of
its number, as in ``{used:percent} of {usable:size}`` (see `FORMS`); ``{n:job|jobs}`` is the word for so many.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

from capacity.measure.metrics import EVERY
from capacity.quantities.currencies import CURRENCIES
from capacity.quantities.writing import format_bytes, format_duration, format_number, format_si
from capacity.report import words
from capacity.report.translated import translated
from capacity.report.words import LANGUAGES
from capacity.statistics.bounds import AtLeast

if TYPE_CHECKING:
    from workloads.jobtable import Tally


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(lang: str) -> Mapping[str, str]:
    """Return all messages of a language by their dotted keys, from every file of its folder.

    Raises
    ------
    ValueError
        There is no such language, or two files have the same key.
    """
    if lang not in LANGUAGES:
        message = f"no language '{lang}': {', '.join(LANGUAGES)}"
        raise ValueError(message)
    folder = files("capacity.report").joinpath("messages").joinpath(lang)
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")]
    found = [pair for text in texts for pair in _flat(YAML(typ="safe").load(text), "")]
    if len(dict(found)) < len(found):
        message = f"a key of the messages in '{lang}' stands in two files"
        raise ValueError(message)
    return dict(found)


def _flat(tree: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, Mapping) else [(name, str(value))]
    return found


FORMS: Final[Mapping[str, Callable[["Language", Any], str]]] = {
    "percent": lambda say, value: say.percent(value),
    "count": lambda _, value: words.count(value),
    "number": lambda _, value: format_number(value),
    "size": lambda _, value: words.size(value),
    "time": lambda say, value: say.exact_duration(value),
    "short": lambda say, value: say.duration(value),
    "money": lambda say, value: say.money(*value),
    "day": lambda say, value: say.day(value),
    "month": lambda say, value: say.month(value),
    "list": lambda say, value: say.listed(value),
    "spells": lambda say, value: say.spells(value),
    "tally": lambda say, value: say.tally(value),
    "translated": lambda say, value: say.translated(value),
}
"""How a place of a message writes what it is filled with, by the name of the form."""


class _Filled(Formatter):
    """Fills the places of a message in the forms of a language."""

    def __init__(self, say: "Language") -> None:
        self.say = say

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - whatever fills a place
        if format_spec in FORMS:
            return FORMS[format_spec](self.say, value)
        if "|" in format_spec:
            one, _, several = format_spec.partition("|")
            return one if str(value) == "1" else several
        return str(super().format_field(value, format_spec))


class Language:
    """Writes messages and numbers.

    Parameters
    ----------
    lang : {"en", "ko"}
        The language.

    Raises
    ------
    ValueError
        There is no such language.

    Examples
    --------
    >>> Language("en").text("verdict.better")
    'better'
    >>> Language("en").duration(16_200), Language("ko").duration(16_200)
    ('4.5 h', '4.5시간')
    """

    def __init__(self, lang: str = "en") -> None:
        self.lang = lang
        self._messages = catalogue(lang)
        self._filled = _Filled(self)

    def text(self, key: str, /, **values: object) -> str:
        """Return a message with its places filled in.

        Raises
        ------
        KeyError
            There is no such message, or a place has no value.
        """
        return self._filled.vformat(self._messages[key], (), values)

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self._messages

    def translated(self, text: str) -> str:
        """Return what a floor below wrote in English; as it is if the language has no words for it."""
        return translated(text, self.lang)

    def tally(self, tally: "Tally") -> str:
        """Return how many rows something happened to, why, and the first of them."""
        examples = tuple(map(self.translated, tally.examples))
        return str(replace(tally, reason=self.translated(tally.reason), examples=examples))

    def duration(self, seconds: float) -> str:
        """Return a time in its largest unit, two digits, ``≥`` if it is at least that; a dash for NaN."""
        if not math.isfinite(seconds):
            return "–"
        sign = f"{'≥ ' * isinstance(seconds, AtLeast)}{'−' * (seconds < 0)}"
        number, _, unit = words.short_duration(abs(seconds)).partition(" ")
        return sign + self.text(f"time.{unit}", n=number)

    def exact_duration(self, seconds: float | None, *, whole: bool = True) -> str:
        """Return a time in its two largest units, rounded to a `whole` second first; a dash for NaN, None."""
        if seconds is None or not math.isfinite(seconds):
            return "–"
        parts = format_duration(round(seconds) if whole else float(seconds)).split()
        pairs = zip(parts[::2], parts[1::2], strict=True)
        written = " ".join(self.text(f"time.{name}", n=number) for number, name in pairs)
        return f"≥ {written}" if isinstance(seconds, AtLeast) else written

    def exact(self, metric: str, unit: str, value: float) -> str:
        """Return a value more exactly than `value` does, to tell it from a limit close by."""
        if unit == "s" and math.isfinite(value):
            return self.exact_duration(value)
        if unit == "1" and math.isfinite(value) and abs(value) < 10:
            return self.text("percent", n=f"{100 * value:.1f}")
        return self.value(metric, unit, value)

    def percent(self, fraction: float) -> str:
        """Return a fraction in percent, one decimal below ten; a dash for NaN."""
        number, _, sign = words.percent(fraction).partition(" ")
        return self.text("percent", n=number) if sign else number

    def month(self, month: str) -> str:
        """Return a month written ``2022-12`` as the language has it; other texts stay as they are."""
        year, dash, number = month.partition("-")
        if not dash or not (year + number).isdigit():
            return month
        return self.text("date.month", iso=month, year=year, month=int(number))

    def day(self, day: date) -> str:
        """Return a day as the language has it."""
        return self.text("date.day", iso=day.isoformat(), year=day.year, month=day.month, day=day.day)

    def spells(self, spells: Sequence[tuple[str, str]]) -> str:
        """Return spells of months as text: ``2021-08, 2021-10 to 2022-01 and 2022-03``."""
        return self.listed([self.span(first, last) for first, last in spells])

    def span(self, first: str, last: str) -> str:
        """Return the months from one to another."""
        if first == last:
            return self.month(first)
        return self.text("date.span", first=self.month(first), last=self.month(last))

    def tick(self, seconds: float) -> str:
        """Return a time for an axis, where `1.0 d` is `1 d`."""
        written = self.duration(seconds)
        return written.replace(".0", "", 1)

    def value(self, metric: str, unit: str, value: float) -> str:
        """Return a value of a metric with its unit, as one reads it; a dash for NaN."""
        if not math.isfinite(value):
            return "–"
        if unit == "s":
            return self.duration(value)
        if unit == "1":
            is_count = metric in EVERY and EVERY[metric].reducer == "total"
            return words.count(value) if is_count or "slowdown" in metric else self.percent(value)
        if unit == "B":
            return format_bytes(value)
        if unit in {"J", "W"}:
            return format_si(value, {"J": "joule", "W": "watt"}[unit])
        return self.money(value, unit) if unit in CURRENCIES else words.count(value)

    def price(self, amount: float | None, currency: str | None) -> str:
        """Return an amount of money, or that it is not known."""
        return self.text("energy.unknown") if amount is None else self.money(amount, currency or "")

    def currency(self, code: str) -> str:
        """Return what a currency is called; its code if the catalogue has no word for it."""
        return self.text(f"currency.{code}") if self.has(f"currency.{code}") else code

    def money(self, amount: float, currency: str = "") -> str:
        """Return an amount of money in the large numbers of the language, with its currency if it has one."""
        step, size = "one", 1.0
        names = ("trillion", 1e12), ("billion", 1e9), ("hundred_million", 1e8), ("million", 1e6)
        for name, least in (*names, ("ten_thousand", 1e4)):
            if round(abs(amount) / least, 2) >= 1 and self.has(f"money.{name}"):
                step, size = name, least
                break
        number = format_number(amount / size)
        return self.text(f"money.{step}", n=number, currency=self.currency(currency)).rstrip()

    def signed_percent(self, fraction: float) -> str:
        """Return a difference in percent with its sign; a dash for NaN."""
        if not math.isfinite(fraction):
            return "–"
        digits = 1 if abs(fraction) < 0.0995 else 0
        number = f"{abs(100 * fraction):,.{digits}f}"
        if not float(number.replace(",", "")):
            return self.text("percent", n="±0")
        return self.text("percent", n=f"{'−' if fraction < 0 else '+'}{number}")

    def change(self, fraction: float) -> str:
        """Return a relative difference in percent, a large one as a multiple: ``+12 %``, ``× 4.5``."""
        if math.isfinite(fraction) and fraction >= 1.9995:
            return f"× {1 + fraction:,.0f}" if fraction >= 8.95 else f"× {1 + fraction:.1f}"
        return self.signed_percent(fraction)

    def listed(self, items: Sequence[str]) -> str:
        """Join words as a sentence does."""
        if len(items) < 2:
            return "".join(items)
        return self.text("list.and", first=", ".join(items[:-1]), last=items[-1])

    def metric(self, name: str) -> str:
        """Return what a metric is called; its own name if the catalogue has none."""
        key = f"metric.{name}"
        return self.text(key) if self.has(key) else name

    def metric_at(self, name: str, labels: Mapping[str, str]) -> str:
        """Return what a metric is called and what it holds for: ``p95 wait (gpu, 2022-12)``."""
        place = self.place(labels)
        return f"{self.metric(name)} ({place})" if place else self.metric(name)

    def place(self, labels: Mapping[str, str]) -> str:
        """Return what a metric holds for: ``gpu, 2022-12``; empty for the whole site and horizon."""
        parts = [value for name, value in labels.items() if name != "month"]
        month = labels.get("month", "all")
        return ", ".join([*parts, self.month(month)] if month != "all" else parts)
