"""The sections of a sizing: how each requirement changes along what varied, and every candidate tried."""

import math

from capacity.report.charts import Curve, ReferenceLine, VerticalMarker, line_chart
from capacity.report.language import Language
from capacity.report.page.model import Block, Card, Figure, Heading, Section, Table
from capacity.report.sections.common import SHORTEST_WAIT_S
from capacity.report.terminal.size import (
    SMALLEST,
    amount,
    reason,
    refusals,
    requirement_texts,
    sureness,
    trial_rows,
    values_of,
)
from capacity.report.words import between
from capacity.study.requirements import Judgement
from capacity.study.size.answer import AxisAnswer, Sizing
from capacity.study.size.axes import number_at
from capacity.study.size.trial import Trial


def question(found: Sizing, say: Language) -> str:
    """Return what was asked."""
    asked = {
        "axes": say.listed([f"{axis.path} ({axis.values[0]} … {axis.values[-1]})" for axis in found.axes]),
        "requirements": say.listed(requirement_texts(found)),
    }
    if found.objective == SMALLEST:
        return say.text("size.page_question", **asked)
    asked["objective"] = say.text(f"size.objective.{found.objective}")
    return say.text("size.page_question_cheapest", **asked)


def cards(found: Sizing, say: Language) -> list[Card]:
    """Return the answer, and each requirement at it."""
    best = found.best
    if best is None:
        return []
    made: list[Card] = []
    between = {one.axis.path: one.interval for one in found.by_axis if one.interval[0] != one.interval[1]}
    for path, value in best.values.items():
        ends = between.get(path) if best.replications > 1 else None
        note = "" if ends is None else say.text("size.card_between", low=ends[0], high=ends[1])
        made.append(Card(path, value, note))
    if found.objective != SMALLEST:
        made.append(Card(say.text(f"size.objective.{found.objective}"), amount(found, best, say)))
    made += [_card(one, say) for one in best.judgements]
    return made


def _card(one: Judgement, say: Language) -> Card:
    got = one.verdict

    def write(value: float) -> str:
        return say.value(got.metric, got.unit, value)

    label = say.metric_at(got.metric, dict(got.labels))
    sign = "≤" if one.requirement.at_most else "≥"
    note = say.text("size.card_limit", sign=sign, limit=write(got.limit))
    if not math.isnan(one.share):
        share = say.percent(one.share)
        note = f"{note}; {say.text('size.card_within', within=one.within, n=got.n, share=share)}"
    ends = between(got.low, got.high, write)
    return Card(label, write(got.found), note if got.low == got.high or not ends else f"{ends}; {note}")


def curves(found: Sizing, say: Language) -> list[Section]:
    """Return each requirement along each ordered axis on which more than one candidate was tried."""
    return [_curve(found, line, say) for line in found.by_axis if len(line.curve) > 1]


def _curve(found: Sizing, line: AxisAnswer, say: Language) -> Section:
    trials = [trial for trial in line.curve if trial.judgements]
    path = line.axis.path
    others = {other: value for other, value in line.curve[0].values.items() if other != path}
    intro = [say.text("size.curve_intro", path=path)]
    if others:
        intro.append(say.text("size.curve_others", others=values_of(others, say)))
    turned_away = [f"{one.values[path]}: {refusals(one, say)}" for one in line.curve if one.refused]
    if turned_away:
        intro.append(say.text("size.curve_refused", refused=", ".join(turned_away)))
    blocks: list[Block] = [
        _requirement(found, line, number, trials, say) for number in range(len(requirement_texts(found)))
    ]
    return Section(f"curve-{line.place + 1}", say.text("size.curve_title", path=path), intro, blocks)


def _requirement(found: Sizing, line: AxisAnswer, number: int, trials: list[Trial], say: Language) -> Figure:
    judged = [trial.judgements[number].verdict for trial in trials]
    one = trials[0].judgements[number].requirement
    axis, place = line.axis, line.place
    x = [number_at(axis, trial.point[place]) for trial in trials]
    is_wait = one.unit == "s"
    floor = SHORTEST_WAIT_S if is_wait else -math.inf
    series = Curve(
        say.text("size.line"),
        [_at_least(verdict.found, floor) for verdict in judged],
        [_at_least(verdict.low, floor) for verdict in judged],
        [_at_least(verdict.high, floor) for verdict in judged],
    )
    caption = say.text("size.curve_caption", requirement=one.text)
    markers = []
    if found.best is not None:
        at = found.best.point[place]
        words = say.text("size.answer_mark", value=axis.values[at])
        markers.append(VerticalMarker(number_at(axis, at), words))
    log = is_wait and one.limit >= SHORTEST_WAIT_S
    spread = max(x) / max(min(x), 1e-9) if x else 1.0
    svg = line_chart(
        f"requirement-{place + 1}-{number + 1}",
        caption,
        "; ".join(f"{axis.values[t.point[place]]}: {reason(t.judgements[number], say)}" for t in trials),
        None,
        [series],
        f"{say.metric(one.metric)} {say.place(dict(one.where))}".strip(),
        y_format=lambda value: say.value(one.metric, one.unit, value) if value else "0",
        empty=say.text("chart.empty"),
        x_values=x,
        x_format=lambda value: f"{value:,.6g}",
        x_label=axis.path,
        x_log=spread >= 5,
        reference_lines=[
            ReferenceLine(one.limit, say.text("size.limit", limit=say.value(one.metric, one.unit, one.limit)))
        ],
        markers=markers,
        log=log,
        y_kind="seconds" if is_wait else "number",
        height=300,
    )
    data = [
        {axis.path: axis.values[t.point[place]], "mean": v.found, "low": v.low, "high": v.high, "n": v.n,
         "standing": v.standing}
        for t, v in zip(trials, judged, strict=True)
    ]  # fmt: skip
    return Figure(f"requirement-{place + 1}-{number + 1}", caption, say.text("size.curve_note"), svg, data)


def _at_least(value: float, floor: float) -> float | None:
    return None if math.isnan(value) else max(floor, value)


def trials_table(found: Sizing, say: Language) -> Section:
    """Return every candidate that was tried."""
    columns = [Heading(axis.path, axis.path) for axis in found.axes]
    columns += [
        Heading(f"requirement.{number}", text, number=True)
        for number, text in enumerate(requirement_texts(found))
    ]
    if found.objective != SMALLEST:
        columns.append(Heading("objective", say.text(f"size.objective.{found.objective}"), number=True))
    columns += [
        Heading("replications", say.text("facts.replications"), number=True),
        Heading("standing", say.text("verdict.columns.standing")),
    ]
    count, sure = len(found.trials), sureness(found, say)
    intro = [say.text("size.trials_intro" if sure else "size.trials_intro_log", n=count, **sure)]
    table = Table("trials", say.text("size.trials"), columns, trial_rows(found, say))
    return Section("trials", say.text("size.trials_title"), intro, [table])
