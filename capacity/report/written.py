"""A finding as one reads it: value and unit, with its interval where there is one."""

import math

from capacity.measure.findings import Finding
from capacity.report.language import Language
from capacity.report.words import between


def written(found: Finding | None, say: Language) -> str:
    """Return a finding with its unit and, where there is one, its interval; a lower bound says so itself."""
    if found is None or math.isnan(found.value):
        return "–"
    value = say.value(found.metric, found.unit, found.value)
    if found.n < 2 or found.censored or math.isnan(found.low) or found.low == found.high:
        return value
    return f"{value} ({interval(found, say)})"


def interval(found: Finding, say: Language) -> str:
    """Return the interval of a finding; of a low end alone also how many replications would give both.

    Of futures it says so: what a tenth of them lie below and above is no confidence interval.
    """
    own = between(found.low, found.high, lambda value: say.value(found.metric, found.unit, value))
    if own and found.covers == "futures":
        return say.text("futures.interval", ends=own)
    wanting = own and math.isnan(found.high) and found.n < found.enough
    return say.text("ends_enough", ends=own, enough=found.enough) if wanting else own
