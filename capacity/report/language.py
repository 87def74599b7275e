"""Every word that a reader of a verdict or a report sees, in the reader's language.

The words stand in ``messages/en.yaml`` and ``messages/ko.yaml``, by the same keys and with the same places to
fill in. Numbers are written here, so that no other file knows a language.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

from ruamel.yaml import YAML

from capacity.quantities.currencies import CURRENCIES
from capacity.quantities.writing import format_bytes, format_si
from capacity.report import words

LANGUAGES: Final = ("en", "ko")


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(lang: str) -> Mapping[str, str]:
    """Return all messages of a language by their dotted keys.

    Raises
    ------
    ValueError
        There is no such language.
    """
    if lang not in LANGUAGES:
        message = f"no language '{lang}': {', '.join(LANGUAGES)}"
        raise ValueError(message)
    text = files("capacity.report").joinpath("messages").joinpath(f"{lang}.yaml").read_text("utf-8")
    return dict(_flat(YAML(typ="safe").load(text), ""))


def _flat(tree: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, Mapping) else [(name, str(value).strip())]
    return found


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

    def text(self, key: str, /, **values: object) -> str:
        """Return a message with its places filled in.

        Raises
        ------
        KeyError
            There is no such message, or a place has no value.
        """
        return self._messages[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self._messages

    def duration(self, seconds: float) -> str:
        """Return a time in its largest unit, two digits; a dash for NaN."""
        if not math.isfinite(seconds):
            return "–"
        sign = "−" if seconds < 0 else ""
        number, _, unit = words.short_duration(abs(seconds)).partition(" ")
        return sign + self.text(f"time.{unit}", n=number)

    def exact(self, metric: str, unit: str, value: float) -> str:
        """Return a value more exactly than `value` does, to tell it from a limit close by."""
        if unit == "s" and math.isfinite(value):
            parts = words.duration(value).split()
            pairs = zip(parts[::2], parts[1::2], strict=False)
            return " ".join(self.text(f"time.{name}", n=number) for number, name in pairs)
        if unit == "1" and math.isfinite(value) and abs(value) < 10:
            return f"{100 * value:.1f} %"
        return self.value(metric, unit, value)

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
            countable = metric in {"requeues", "node_failures", "group_outages"} or "slowdown" in metric
            return words.count(value) if countable else words.percent(value)
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

    def money(self, amount: float, currency: str) -> str:
        """Return an amount of money in the large numbers of the language."""
        said = self.currency(currency)
        steps = (1e12, "trillion"), (1e9, "billion"), (1e8, "hundred_million"), (1e6, "million")
        for size, name in steps:
            key = f"money.{name}"
            if abs(amount) >= size and self.has(key):
                number = amount / size
                written = f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
                return self.text(key, n=written, currency=said)
        return self.text("money.one", n=f"{amount:,.0f}", currency=said)

    def signed_percent(self, fraction: float) -> str:
        """Return a difference in percent with its sign; a dash for NaN."""
        if not math.isfinite(fraction):
            return "–"
        digits = 1 if abs(fraction) < 0.0995 else 0
        number = f"{abs(100 * fraction):,.{digits}f}"
        if not float(number.replace(",", "")):
            return "±0 %"
        return f"{'−' if fraction < 0 else '+'}{number} %"

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
        return ", ".join([*parts, month] if month != "all" else parts)
