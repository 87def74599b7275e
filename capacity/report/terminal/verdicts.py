"""Comparisons in words: what is better and worse, by how much, how sure; and which sites stay in the race."""

import math
from collections.abc import Sequence
from typing import Final

from capacity.quantities.currencies import CURRENCIES
from capacity.report.charts.intervals import SIGNS, OpenTo
from capacity.report.language import Language
from capacity.report.words import count
from capacity.statistics.bounds import AtLeast
from capacity.study.compare.differences import Difference
from capacity.study.compare.pareto import Standing

ORDER: Final = ("better", "worse", "more", "less", "none", "censored")
SAID: Final = ("s", "1", "B", "J", "W", *CURRENCIES)
"""Units that stand beside each value."""
MOST_WORTH_SAYING: Final = 1000
"""Replications beyond which nobody will go."""


def verdict_rows(found: Sequence[Difference], say: Language) -> list[dict[str, str]]:
    """Return one row per difference, as text: ``what before after change interval better_in standing``."""
    return [
        {
            "what": what(one, say) + ("" if one.values_unit in SAID else f" [{one.values_unit}]"),
            "before": say.value(verdict.metric, one.values_unit, one.before),
            "after": say.value(verdict.metric, one.values_unit, one.after),
            "change": SIGNS[open_to(one)] + say.change(verdict.found),
            "interval": f"{say.change(verdict.low)} … {say.change(verdict.high)}"
            if verdict.n > 1 and not one.censored
            else "–",
            "better_in": say.percent(one.better_in),
            "standing": say.text(f"verdict.{which_way(one)}"),
        }
        for one in found
        for verdict in (one.verdict,)
    ]


def open_to(one: Difference) -> OpenTo:
    """Return whether a difference may be more or less than it was found, for want of ends of waits."""
    less, more = isinstance(one.before, AtLeast), isinstance(one.after, AtLeast)
    return "both" if less and more else "less" if less else "more" if more else "neither"


def what(one: Difference, say: Language) -> str:
    """Return what is compared, and what for."""
    return say.metric_at(one.verdict.metric, dict(one.verdict.labels))


def which_way(one: Difference) -> str:
    """Return the message that says which way a difference goes, if one is shown."""
    if math.isnan(one.p_value):
        return "censored" if one.censored else "unknown"
    return one.direction or "none"


def verdict_sentence(found: Sequence[Difference], say: Language, *, brief: bool = False) -> str:
    """Return in one sentence in what one case differs from the baseline, and in what that was not shown.

    A `brief` one leaves out what is neither good nor bad in itself.
    """
    parts = []
    for way in (one for one in ORDER if not brief or one not in {"more", "less"}):
        items = [_item(one, say) for one in found if which_way(one) == way]
        if items:
            parts.append(say.text(f"verdict.in_{way}", items=say.listed(items)))
    said = say.text("verdict.sentence", case=found[0].case, parts="; ".join(parts))
    return f"{said} {_would_show([one for one in found if which_way(one) == 'none'], say)}".strip()


def _item(one: Difference, say: Language) -> str:
    """Return what is compared with how far it is apart, where that was shown."""
    if one.direction is None or not math.isfinite(one.verdict.found):
        return what(one, say)
    return say.text("verdict.item", what=what(one, say), change=say.change(one.verdict.found))


def _would_show(none: Sequence[Difference], say: Language) -> str:
    """Say how many replications would show a difference of 10 % where none was shown."""
    known = [(one.would_show, one) for one in none if one.would_show is not None]
    if not known:
        return ""
    most, one = max(known, key=lambda pair: pair[0])
    if most > MOST_WORTH_SAYING:
        return say.text("verdict.too_many", what=what(one, say), n=f"{MOST_WORTH_SAYING:,}")
    return say.text("verdict.would_show", n=f"{most:,}")


MOSTLY_IN_SERVICE: Final = 0.9
"""A site whose parts are in service for less of the horizon cannot be charged with all of them in silence."""


def standing_lines(found: Sequence[Standing], say: Language) -> list[str]:
    """Return which sites no other one beats, and who beats the rest."""
    lines = [say.text("pareto.heading")]
    for one in found:
        if one.on_front:
            part = say.percent(one.front_share)
            share = "" if one.front_share == 1 else say.text("pareto.share", share=part)
            lines.append("  " + say.text("pareto.on_front", case=one.case, share=share, **_amounts(one, say)))
    for one in found:
        if one.late:
            parts = say.listed(one.late)
            lines.append("  " + say.text("pareto.late", case=one.case, parts=parts, **_amounts(one, say)))
        elif not one.on_front:
            lines.append("  " + say.text("pareto.beaten", case=one.case, others=say.listed(one.beaten_by)))
    for one in found:
        if one.written_off or one.in_service_frac < MOSTLY_IN_SERVICE:
            how = "written_off" if one.written_off else "in_full"
            lines.append("  " + say.text(f"pareto.{how}", case=one.case, part=one.in_service_frac))
    return lines


def _amounts(one: Standing, say: Language) -> dict[str, str]:
    return {
        "cost": say.value("cost", one.currency, one.values["cost"]),
        "wait": say.duration(one.values["p95_wait_s"]),
        "energy": say.value("site_energy_j", "J", one.values["site_energy_j"]),
        "work": count(one.values["work_reference_slot_hours"]),
    }
