"""A sizing in words: the answer, how sure it is, what binds, and why the next smaller site is not enough."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from capacity.report.language import Language
from capacity.report.words import between
from capacity.study.requirements import ANY, Judgement
from capacity.study.size.answer import SERVES, AxisAnswer, Sizing
from capacity.study.size.trial import Trial

SMALLEST: Final = "size"


def values_of(values: Mapping[str, str], say: Language) -> str:
    """Return what varies as text: ``site.pools.gpu.nodes 412 and policy.order sjf``."""
    return say.listed([f"{path} {value}" for path, value in values.items()])


def amount(found: Sizing, trial: Trial, say: Language) -> str:
    """Return the objective of a trial with its unit."""
    return say.value(found.objective, found.unit, trial.objective)


def size_lines(found: Sizing, say: Language, *, binds: bool = True) -> list[str]:
    """Return the answer and its reasons, a sentence each; what binds only if it is not said elsewhere."""
    if found.best is None:
        return _none(found, say)
    lines = [_answer(found, found.best, say)]
    lines += _one_by_one(found.best, say)
    for one in found.by_axis:
        lines += _axis_lines(one, found.best, say, named=len(found.by_axis) > 1)
    if found.binds and binds and any(one.next_smaller is not None for one in found.by_axis):
        lines.append(say.text("size.binds", requirements=binding_words(found, say)))
    for small, large in found.not_monotone[:1]:
        pair = {"small": values_of(small.values, say), "large": values_of(large.values, say)}
        lines.append(say.text("size.not_monotone", **pair))
    return lines


def _answer(found: Sizing, best: Trial, say: Language) -> str:
    common = {"values": values_of(best.values, say), "n": best.replications}
    if _exact(best):
        return say.text("size.found_log", **common)
    common |= sureness(found, say)
    if found.objective == SMALLEST:
        return say.text("size.found", **common)
    name = say.text(f"size.objective.{found.objective}")
    return say.text("size.found_cheapest", **common, objective=name, amount=amount(found, best, say))


def sureness(found: Sizing, say: Language) -> dict[str, str]:
    """Return in which part of the futures the requirements are met, and how surely; nothing without luck."""
    if math.isnan(found.share):
        return {}
    return {"share": say.percent(found.share), "confidence": say.percent(found.confidence)}


def _exact(trial: Trial) -> bool:
    """Whether no luck is in the verdict, as in a replay of a log."""
    return trial.replications <= 1


def _one_by_one(best: Trial, say: Language) -> list[str]:
    """Say in how many replications the requirements hold: that is what shows them."""
    if _exact(best):
        return []
    judged = best.judgements
    if all(one.within == one.verdict.n == best.replications for one in judged):
        return [say.text("size.holds_in_all", n=best.replications, share=say.percent(judged[0].share))]
    return [
        say.text(
            "size.holds_in", requirement=requirement_name(one, say), within=one.within, n=one.verdict.n,
            share=say.percent(one.share),
        )
        for one in judged
    ]  # fmt: skip


def requirement_name(one: Judgement, say: Language) -> str:
    """Return a requirement as it was written, with the place that decided it if it speaks of several."""
    if ANY not in dict(one.requirement.where).values():
        return one.requirement.text
    return f"{one.requirement.text} ({say.place(dict(one.verdict.labels))})"


def binding_words(found: Sizing, say: Language) -> str:
    """Return what keeps the site from being smaller."""
    return say.listed([say.text("size.serves") if text == SERVES else text for text in found.binds])


def _axis_lines(one: AxisAnswer, best: Trial, say: Language, *, named: bool) -> list[str]:
    """Say between which values the answer lies along one axis, and why less is not enough."""
    if one.next_smaller is None:
        return [
            say.text("size.smallest_of", path=one.axis.path) if named else say.text("size.smallest_tried")
        ]
    less = {"value": values_of(one.next_smaller.values, say), "why": why(one.next_smaller, say)}
    if _exact(best):
        return [say.text("size.next_smaller", **less)]
    low, high = one.interval
    if one.too_small is not None and low == high:
        return [say.text("size.exact", **less)]
    words = [say.text("size.next_smaller", **less)]
    if one.too_small is None:
        return words
    ends = {"low": low, "high": high}
    if named:
        return [say.text("size.interval_of", path=one.axis.path, **ends), *words]
    return [say.text("size.interval", **ends), *words]


def why(trial: Trial, say: Language) -> str:
    """Say why a site is not enough."""
    if trial.refused:
        return refusals(trial, say)
    missed = [reason(one, say) for one in trial.judgements if one.verdict.standing != "shown"]
    return "; ".join(missed) or say.text("size.no_reason", n=trial.replications)


def refusals(trial: Trial, say: Language) -> str:
    """Say why a site is not enough whatever is required; an empty text if nothing speaks against it."""
    said = []
    for one in trial.refused:
        words = {
            "more": say.value(one.metric, one.unit, one.by) if one.unit == "B" else f"{one.by:,.4g}",
            "amount": f"{one.found:,.0f}",
            "limit": f"{one.limit:,.0f}",
        }
        said.append(say.text(f"size.refused.{one.metric}", **words))
    return "; ".join(said)


def reason(one: Judgement, say: Language) -> str:
    """Return a requirement beside what was found."""
    found = one.verdict

    def exact(value: float) -> str:
        return say.exact(found.metric, found.unit, value)

    values = {"requirement": found.asked, "mean": exact(found.found)}
    if math.isnan(one.share):
        return say.text("size.reason_exact", **values)
    values |= {"within": str(one.within), "n": str(found.n)}
    ends = between(found.low, found.high, exact)
    return say.text("size.reason" if ends else "size.reason_without_ends", ends=ends, **values)


def _none(found: Sizing, say: Language) -> list[str]:
    sure = sureness(found, say)
    lines = [say.text("size.none" if sure else "size.none_log", **sure)]
    large_enough = [one for one in found.trials if one.large_enough == "shown"]
    if large_enough:  # what fails there asks for less, so the largest would say nothing
        smallest = min(large_enough, key=lambda one: (one.objective, one.point))
        lines.append(say.text("size.conflict", value=values_of(smallest.values, say), why=why(smallest, say)))
    elif found.trials:
        last = found.trials[-1]
        lines.append(say.text("size.largest", value=values_of(last.values, say), why=why(last, say)))
    return lines


def trial_rows(found: Sizing, say: Language) -> list[dict[str, str]]:
    """Return one row per trial as text: the axes, each requirement, the objective, and the verdict."""
    rows = []
    for trial in found.trials:
        row = dict(trial.values)
        for number, one in enumerate(trial.judgements):
            row[f"requirement.{number}"] = _judged(one, say)
        if found.objective != SMALLEST:
            row["objective"] = amount(found, trial, say)
        row["replications"] = str(trial.replications)
        row["standing"] = refusals(trial, say) or say.text(f"size.{trial.standing}")
        rows.append(row)
    return rows


def _judged(one: Judgement, say: Language) -> str:
    found = one.verdict
    mean = say.value(found.metric, found.unit, found.found)
    ends = between(found.low, found.high, lambda value: say.value(found.metric, found.unit, value))
    return mean if found.low == found.high or not ends else f"{mean} ({ends})"


def requirement_texts(found: Sizing) -> Sequence[str]:
    """Return the requirements as they were written."""
    judged = next((trial.judgements for trial in found.trials if trial.judgements), ())
    return [one.requirement.text for one in judged]
