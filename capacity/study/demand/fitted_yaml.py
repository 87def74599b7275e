"""A fitted demand model as YAML that a person can read, with what each choice rests on beside it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from math import exp
from pathlib import Path

import capacity
from capacity.inputs.demand.growth import WEEKDAYS
from capacity.study.demand.yaml_text import (
    Text,
    distribution_text,
    duration_text,
    flow_text,
    number_text,
    percent_text,
    shares_text,
    table_text,
)
from workloads.fitting.classes import FittedClass
from workloads.fitting.fit import Fitted
from workloads.fitting.likelihood import FamilyChoice
from workloads.synthetic.calendar import Profile
from workloads.synthetic.model import JobClass, TenantNumbers
from workloads.synthetic.series import TOGETHER, SeriesNumbers

WIDTH = 110
LONGEST_TITLE = 200
STARTS_ONLY = (
    "Every job of the log fits when it comes: it tells starts, not submissions, and no queue either."
)
"""Said of a log from which nothing can be learned about waits."""
AHEAD_WEEKS = 26
"""So far after the end of the log the level of a fitted model is told."""
ALSO = 2
"""How many of the candidates that were not chosen are named."""


def fitted_yaml(fitted: Fitted, *, began: datetime | None) -> str:
    """Return a fitted model as a workload specification; as of when the log began, if it says so."""
    return "\n".join((*_head(fitted, began), *_level(fitted), *_people(fitted), *_classes(fitted), ""))


def _head(fitted: Fitted, began: datetime | None) -> Iterator[str]:
    name = _printable(Path(fitted.source).name)
    days = fitted.span_s / 86400
    requests = "no requested times" if fitted.exact else "requested times"
    people = f"by {fitted.users:,} users" if fitted.users > 1 else "by users it does not name"
    counts = f"{fitted.jobs:,} jobs in {fitted.series:,} series {people}"
    yield f"# Jobs like those of {name}: {counts}"
    yield f"# in {days:,.1f} days, with {requests}. A series is what one person submits in a row, at most"
    yield "# 20 minutes apart, with one size and one request."
    if fitted.starts_only:
        yield "#"
        yield f"# {STARTS_ONLY}"
    yield "#"
    yield '# Beside each "run" stands how well it fits: KS is the largest difference between the shares of'
    yield "# series below any length, in log and distribution. Of the families with a KS of about 0.05 or"
    yield "# less the one with the smallest AIC is taken, else quantiles; what came near stands beside it."
    yield f"# Written by capacity {capacity.__version__} workload fit."
    yield "kind: workload"
    yield f"title: {_quoted(f'Jobs like those of {name}')}"
    yield f"source: {_quoted(f'fitted to {name}')}"
    said = "" if began else "   # of the fit: the log has none"
    yield f"as_of: {began or datetime.now(UTC):%Y-%m-%d}{said}"
    yield "why: >-"
    yield "  Classes by size and length or as the log names them, distributions by maximum likelihood with"
    yield "  quantiles where no family is near, level and differences of weeks as in the log. Nothing is"
    yield "  known about hardware: run times are those of the log's machine."
    yield ""


def _printable(text: str) -> str:
    """Return a name of a file or a label on one line, without what YAML cannot hold."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return kept.strip()[:LONGEST_TITLE] or "unnamed"


def _quoted(text: str) -> str:
    return json.dumps(_printable(text), ensure_ascii=False)


def _level(fitted: Fitted) -> Iterator[str]:
    weeks = fitted.weeks
    yield "target:"
    yield f"  offered_load: {percent_text(round(weeks.load_frac, 5))}   # of the slots below, as in the log"
    yield f"  slots: {fitted.slots}"
    if len(weeks.levels) > 2 or fitted.restraint_frac:
        levels: Text = {percent_text(p): number_text(level) for p, level in weeks.levels}
        yield "  weeks:   # work of a week over that of the mean week by quantiles, and their likeness"
        yield from _flow("    levels: ", levels)
        yield f"    persistence: {number_text(round(weeks.persistence, 3))}"
        restraint = percent_text(fitted.restraint_frac)
        yield f"    restraint: {restraint}   # less is submitted for each day of queued work"
    yield from _scale(fitted)
    yield ""


def _scale(fitted: Fitted) -> Iterator[str]:
    """Say between what and what the level may lie half a year after the log: worlds are drawn from that."""
    level = fitted.level
    if level is None:
        return
    low, middle, high = (number_text(round(one, 3)) for one in level.ahead(AHEAD_WEEKS))
    yield "scale:   # 1 is the mean level of the log; --worlds draws from the quantiles"
    yield "  value: 1"
    yield f"  quantiles: {{10 %: {low}, 50 %: {middle}, 90 %: {high}}}"
    yield f"  source: {_quoted(f'fitted to {_printable(Path(fitted.source).name)}')}"
    yield "  why: >-"
    yield "    The level of the last quarter, half way back to the mean, and where it may drift in"
    yield f"    {AHEAD_WEEKS} weeks: {100 * level.step_sd:.1f} % a week, told from {level.weeks} weeks."
    yield "    `workload fit --backtest` says how well such forecasts held on this log."


def _people(fitted: Fitted) -> Iterator[str]:
    if not fitted.has_clock:
        yield "# The log does not say when it began: its second 0 is taken for a Monday at midnight."
    if fitted.zone:
        assumed = "   # assumed: the log does not say" if fitted.zone_from == "assumed" else ""
        yield "# The hours and weekdays below are those of this zone, also on a site in another. Leave it out"
        yield "# for people who live by the clock of the site."
        yield f"timezone: {_quoted(fitted.zone)}{assumed}"
    yield "rhythm:"
    yield from _profile(fitted.model.profile, "  ")
    yield ""
    yield "tenants:"
    for tenant in fitted.model.tenants:
        yield from _tenant(tenant)
    yield ""


def _profile(profile: Profile, indent: str) -> Iterator[str]:
    for name, weights in (("hours", profile.hours), ("weekend_hours", profile.weekend_hours)):
        if weights:
            yield from _wrapped(f"{indent}{name}: [", [f"{weight:.2f}" for weight in weights], "]")
    days = {day: f"{weight:.2f}" for day, weight in zip(WEEKDAYS, profile.weekdays, strict=True)}
    yield f"{indent}weekdays: {flow_text(days)}"


def _tenant(tenant: TenantNumbers) -> Iterator[str]:
    yield f"  {tenant.name}:"
    yield f"    title: {_quoted(tenant.title)}"
    yield f"    members: {tenant.members.points[0][1]:.0f}"
    yield f"    jobs_per_member: {number_text(tenant.jobs_per_member_day)} job/user/day"
    yield f"    unequal: {number_text(tenant.activity_sigma)}"
    yield from _flow("    works_on: ", table_text(tenant.class_mix))


def _classes(fitted: Fitted) -> Iterator[str]:
    yield "classes:"
    for one in fitted.classes:
        yield from _class(one)


def _class(one: FittedClass) -> Iterator[str]:
    kind = one.job_class
    about = f"{one.series:,} series, {one.jobs:,} jobs, {percent_text(round(one.work_frac, 4))} of the work"
    yield f"  {kind.name}:   # {about}"
    yield f"    title: {_quoted(kind.title)}"
    yield from _flow(
        "    slots: ", table_text({str(size): share for size, share in sorted(kind.slots.items())})
    )
    yield f"    # {_choice(one.run_choice)}"
    yield from _flow("    run: ", distribution_text(kind.run_s))
    yield f"    limit: {duration_text(kind.longest_s)}"
    yield f"    fates: {flow_text(_fates(kind))}"
    assert kind.series is not None
    yield from _series(kind.series)


def _choice(choice: FamilyChoice) -> str:
    best = choice.best
    text = f"{best.family}, KS {best.ks:.3f}"
    others = [fit for fit in choice.candidates if fit.family != best.family][:ALSO]
    if best.family == "empirical":
        return f"{text}; not near: " + ", ".join(f"{fit.family} (KS {fit.ks:.3f})" for fit in others)
    words = (f"{fit.family} (AIC {fit.aic - best.aic:+.0f}, KS {fit.ks:.3f})" for fit in others)
    return f"{text}; beside it: {', '.join(words)}" if others else text


def _fates(kind: JobClass) -> dict[str, Text]:
    shares = shares_text([fate.share for fate in kind.fates.values()])
    texts: dict[str, Text] = {}
    for (name, fate), share in zip(kind.fates.items(), shares, strict=True):
        factor = {} if fate.run_factor == 1.0 else {"run_factor": number_text(fate.run_factor)}
        texts[name] = {"share": share, **factor}
    return texts


def _series(series: SeriesNumbers) -> Iterator[str]:
    yield "    series:"
    counts: Text = {percent_text(p): number_text(count) for p, count in series.jobs}
    yield from _flow("      jobs: ", counts)
    yield from _flow("      apart: ", distribution_text(series.apart_s))
    yield f"      spread: {number_text(exp(series.spread))}"
    if series.requested:
        asked = {duration_text(seconds): share for seconds, share in series.requested}
        yield from _flow("      requested: ", table_text(asked))
    together: dict[str, Text] = {
        f"{TOGETHER[i]}-{TOGETHER[j]}": number_text(series.correlation[i][j])
        for i in range(4)
        for j in range(i + 1, 4)
        if series.correlation[i][j]
    }
    if together:
        yield f"      together: {flow_text(together)}"
    if series.profile is not None:
        yield "      submitted:"
        yield from _profile(series.profile, "        ")


def _flow(head: str, value: Text) -> Iterator[str]:
    """Yield a mapping in braces, over several lines where one is too short."""
    inner = flow_text(value).removeprefix("{").removesuffix("}")
    yield from _wrapped(head + "{", inner.split(", ") if inner else [], "}")


def _wrapped(head: str, parts: list[str], close: str) -> Iterator[str]:
    """Yield `head`, the parts with commas between, and `close`, in lines of at most `WIDTH`."""
    line, indent = head, " " * len(head)
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        piece = part + (close if last else ", ")
        if len(line) + len(piece.rstrip()) > WIDTH and line.strip() != head.strip():
            yield line.rstrip()
            line = indent
        line += piece
    yield line if parts else head + close
