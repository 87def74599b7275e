"""A description as one figure of small multiples: what the numbers say, to look at, and two to compare.

The same jobs give the same file: no date, no random names inside. Colours are those of Okabe and Ito, which
people who do not see red and green alike can tell apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from workloads.describe.arrivals import LONGEST_S, by_weekday
from workloads.describe.jobs import DAY_S, Jobs, jobs_of
from workloads.describe.measures import WEEKDAYS
from workloads.jobtable import JobTable

COLOURS: Final = ("#0072B2", "#D55E00")
GREY: Final = "#666666"
SETTINGS: Final[Any] = {
    "svg.hashsalt": "capacity",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
}
TIMES: Final = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 86_400: "1 d"}
LONG_TIMES: Final = {864_000: "10 d", 8_640_000: "100 d"}
POINTS: Final = 2000
"""Steps of a curve; more cannot be seen, and a million make a file nobody can open."""
HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """One set of jobs with its name and colour."""

    name: str
    jobs: Jobs
    colour: str
    alone: bool


def draw_figure(tables: Sequence[tuple[str, JobTable]], path: Path) -> None:
    """Draw one set of jobs, or two over each other, into a file whose ending says how.

    Parameters
    ----------
    tables : sequence of (str, JobTable)
        One or two names and tables with at least one job each.
    path : Path
        Ends in ``.svg``, ``.png`` or ``.pdf``.
    """
    series = [
        _Series(name, jobs_of(table), colour, len(tables) == 1)
        for (name, table), colour in zip(tables, COLOURS, strict=False)
    ]
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(13.0, 9.6), layout="constrained")
        axes = figure.subplots(3, 3).ravel()
        for panel, axis in zip(_PANELS, axes, strict=True):
            panel(axis, series)
        _head(figure, series)
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        if path.suffix.lower() == ".pdf":
            metadata = {"CreationDate": None}
        figure.savefig(path, dpi=120, metadata=metadata)


def _head(figure: Figure, series: Sequence[_Series]) -> None:
    """Name the jobs above the panels, in their colours when there are two."""
    texts = [f"{Path(one.name).name}: {len(one.jobs):,} jobs" for one in series]
    if len(series) == 1:
        figure.suptitle(texts[0], fontsize=12, fontweight="bold")
        return
    handles = [Line2D([], [], color=one.colour, linewidth=3) for one in series]
    figure.legend(handles, texts, loc="outside upper center", ncols=2, fontsize=11)


def _empty(axis: Axes, why: str) -> None:
    """Say that there is nothing to draw."""
    axis.set_axis_off()
    axis.text(0.5, 0.5, why, transform=axis.transAxes, ha="center", va="center", color=GREY)


def _curve(values: np.ndarray, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return a cumulative distribution in no more than `POINTS` points."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    part = np.ones(len(values)) if weights is None else weights[order]
    total = np.cumsum(part)
    if total[-1] <= 0:
        return ordered[:0], total[:0]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    if len(last) > POINTS:
        last = last[
            np.unique(
                np.searchsorted(total[last] / total[-1], np.linspace(0, 1, POINTS)).clip(0, len(last) - 1)
            )
        ]
    return ordered[last], total[last] / total[-1]


def _step(axis: Axes, x: np.ndarray, y: np.ndarray, one: _Series, **how: Any) -> None:  # noqa: ANN401 - matplotlib
    if len(x):
        axis.step(np.append(x[:1], x), np.append([0.0], y), where="post", color=one.colour, **how)


def _share_axis(axis: Axes, label: str) -> None:
    axis.set_ylim(0, 1.02)
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.set_ylabel(label)


def _time_axis(axis: Axes, label: str, longest_s: float) -> None:
    """Show a logarithmic axis of time with marks that people use."""
    marks = TIMES | {at: text for at, text in LONG_TIMES.items() if at <= longest_s}
    axis.set_xscale("log")
    axis.set_xlim(0.9, max(longest_s, 100.0) * 1.1)
    axis.xaxis.set_major_locator(FixedLocator(list(marks)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda at, _: marks.get(round(at), "")))
    axis.tick_params(axis="x", labelsize=8)
    axis.set_xlabel(label)


def _run_times(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("Run time")
    known = [one for one in series if one.jobs.has_run.any()]
    if not known:
        _empty(axis, "no run times in the log")
        return
    longest = 1.0
    for one in known:
        run_s = np.maximum(one.jobs.run_s[one.jobs.has_run], 1)
        work = one.jobs.work[one.jobs.has_run]
        longest = max(longest, float(run_s.max()))
        _step(axis, *_curve(run_s), one, label="jobs")
        _step(axis, *_curve(run_s, work), one, linestyle="--", label="slot-time")
    _share_axis(axis, "share below")
    _time_axis(axis, "run time (under 1 s as 1 s)", longest)
    _solid_and_dashed(axis, known, place="upper left")


def _solid_and_dashed(
    axis: Axes, series: Sequence[_Series], *, place: Literal["upper left", "lower right"] = "lower right"
) -> None:
    """Explain the two kinds of line once, in grey when there are two colours."""
    colour = series[0].colour if series[0].alone else GREY
    lines = [Line2D([], [], color=colour, linestyle=style) for style in ("-", "--")]
    axis.legend(lines, ["of jobs", "of slot-time"], loc=place)


def _sizes(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("Size")
    known = [one for one in series if one.jobs.has_slots.any()]
    if not known:
        _empty(axis, "no sizes in the log")
        return
    largest = 1
    for one in known:
        slots, work = one.jobs.slots[one.jobs.has_slots], one.jobs.work[one.jobs.has_slots]
        largest = max(largest, int(slots.max()))
        _step(axis, *_curve(slots), one)
        _step(axis, *_curve(slots, work), one, linestyle="--")
    axis.set_xscale("log", base=2)
    axis.set_xlim(0.9, max(largest, 2) * 1.15)
    marks = 2 ** np.arange(0, int(np.log2(largest)) + 2, 1 + int(np.log2(largest)) // 9)
    axis.xaxis.set_major_locator(FixedLocator(marks.tolist()))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{at:,.0f}"))
    axis.set_xlabel("slots of the job")
    _share_axis(axis, "share up to")
    _solid_and_dashed(axis, known)


def _requests(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("Run time over requested time")
    known = [one for one in series if (one.jobs.has_request & one.jobs.has_run).any()]
    if not known:
        _empty(axis, "no requested times in the log")
        return
    edges = np.linspace(0.0, 1.05, 22)
    for one in known:
        both = one.jobs.has_request & one.jobs.has_run
        used = np.minimum(one.jobs.run_s[both] / one.jobs.requested_s[both], 1.04)
        counts = np.histogram(used, edges)[0] / len(used)
        axis.stairs(counts, edges, color=one.colour, fill=one.alone, alpha=0.75 if one.alone else 1.0)
        if not one.alone:
            axis.stairs(counts, edges, color=one.colour, fill=True, alpha=0.2)
    axis.set_xlim(0, 1.05)
    axis.set_ylim(bottom=0)
    axis.xaxis.set_major_locator(FixedLocator([0.0, 0.25, 0.5, 0.75, 1.0]))
    axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.set_xlabel("part of the request used (last bar: all of it and more)")
    axis.set_ylabel("share of the jobs")


def _hours(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("Hour of the day")
    known = [one for one in series if one.jobs.hour is not None]
    for one in known:
        assert one.jobs.hour is not None
        factor = np.bincount(one.jobs.hour, minlength=24) * 24 / len(one.jobs)
        axis.stairs(factor, np.arange(25), color=one.colour, linewidth=1.6, baseline=None)
        if one.alone:
            axis.stairs(factor, np.arange(25), color=one.colour, fill=True, alpha=0.2)
    if not known:
        _empty(axis, "the log does not say what its clock means")
        return
    axis.axhline(1.0, color=GREY, linewidth=0.8, linestyle=":")
    axis.set_xlim(0, 24)
    axis.set_ylim(bottom=0)
    axis.xaxis.set_major_locator(FixedLocator(list(range(0, 25, 3))))
    axis.set_xlabel("hour of submission, clock of the log")
    axis.set_ylabel("submissions, mean hour = 1")


def _weekdays(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("Day of the week")
    known = [(one, _per_weekday(one.jobs)) for one in series]
    drawn = [(one, factors) for one, factors in known if factors is not None]
    if not drawn:
        _empty(axis, "less than a week, or the log\ndoes not say what its clock means")
        return
    width = 0.8 / len(drawn)
    for place, (one, factors) in enumerate(drawn):
        at = np.arange(7) + (place - (len(drawn) - 1) / 2) * width
        axis.bar(at, factors, width * 0.95, color=one.colour, alpha=0.85)
    axis.axhline(1.0, color=GREY, linewidth=0.8, linestyle=":")
    axis.set_xticks(range(7), [day.capitalize() for day in WEEKDAYS])
    axis.grid(visible=False, axis="x")
    axis.set_xlabel("day of submission")
    axis.set_ylabel("submissions, mean day = 1")


def _per_weekday(jobs: Jobs) -> np.ndarray | None:
    return None if jobs.weekday is None or jobs.day is None else by_weekday(jobs.weekday, jobs.day)


def _gaps(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("Gaps between submissions")
    known = [one for one in series if len(one.jobs) > 1]
    if not known:
        _empty(axis, "there is one job only")
        return
    longest = 1.0
    for one in known:
        gaps = np.maximum(np.diff(one.jobs.submit_s), 1)
        longest = max(longest, float(gaps.max()))
        _step(axis, *_curve(gaps), one)
        if one.alone:
            mean = one.jobs.span_s / (len(one.jobs) - 1)
            x = np.geomspace(1.0, longest, 200)
            axis.plot(x, 1 - np.exp(-x / max(mean, 1e-9)), color=GREY, linewidth=1, linestyle=":")
            axis.legend(["of these jobs", "Poisson, same mean"], loc="lower right")
    _share_axis(axis, "share up to")
    _time_axis(axis, "gap (under 1 s as 1 s)", longest)


def _weeks(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("Work submitted per week")
    week_s = 7 * DAY_S
    drawn = [one for one in series if 2 * week_s <= one.jobs.span_s <= LONGEST_S and one.jobs.work.any()]
    if not drawn:
        _empty(axis, "fewer than two whole weeks, or no work")
        return
    for one in drawn:
        since = (one.jobs.submit_s - one.jobs.submit_s[0]) // week_s
        weeks = (one.jobs.span_s + 1) // week_s
        work = np.bincount(since, one.jobs.work / HOUR_S)[:weeks]
        axis.stairs(work, np.arange(weeks + 1), color=one.colour, linewidth=1.4)
        if one.alone:
            axis.stairs(work, np.arange(weeks + 1), color=one.colour, fill=True, alpha=0.2)
    axis.set_xlim(0, max(one.jobs.span_s + 1 for one in drawn) // week_s)
    axis.set_ylim(bottom=0)
    axis.yaxis.set_major_formatter(FuncFormatter(_count_text))
    axis.set_xlabel("week since the first submission")
    axis.set_ylabel("slot-hours")


def _count_text(value: float, _place: int | None) -> str:
    """Return a large count in thousands or millions."""
    for step, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= step:
            return f"{value / step:g} {letter}"
    return f"{value:g}"


def _users(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("Busiest users")
    drawn = [one for one in series if one.jobs.users.words and one.jobs.work.any()]
    if not drawn:
        _empty(axis, "no users in the log")
        return
    for one in drawn:
        known, n = one.jobs.users.known, len(one.jobs.users.words)
        codes = one.jobs.users.codes[known]
        for weights, style in ((None, "-"), (one.jobs.work[known], "--")):
            held = np.sort(np.bincount(codes, weights, n))[::-1]
            share = np.concatenate(([0.0], np.cumsum(held) / held.sum()))
            axis.plot(np.arange(n + 1) / n, share, color=one.colour, linestyle=style)
    axis.set_xlim(0, 1)
    axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    axis.set_xlabel("part of the users, busiest first")
    _share_axis(axis, "share held by them")
    _solid_and_dashed(axis, drawn)


def _fates(axis: Axes, series: Sequence[_Series]) -> None:
    axis.set_title("How jobs end")
    drawn = [one for one in series if one.jobs.states.words]
    if not drawn:
        _empty(axis, "no states in the log")
        return
    words = list(dict.fromkeys(word for one in drawn for word in one.jobs.states.words))
    bars = 2 * len(drawn)
    width = 0.8 / bars
    for place, one in enumerate(drawn):
        known = one.jobs.states.known
        codes = one.jobs.states.codes[known]
        at = np.array([words.index(word) for word in one.jobs.states.words])
        for inner, weights in enumerate((None, one.jobs.work[known])):
            held = np.bincount(codes, weights, len(at))
            y = at + (2 * place + inner - (bars - 1) / 2) * width
            face, hatch = (one.colour, "") if inner == 0 else ("white", "////")
            part = held / max(held.sum(), 1e-300)
            axis.barh(y, part, width * 0.9, color=face, edgecolor=one.colour, hatch=hatch, linewidth=0.8)
    axis.set_yticks(range(len(words)), words)
    axis.invert_yaxis()
    axis.grid(visible=False, axis="y")
    axis.set_xlim(left=0)
    axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    axis.set_xlabel("share (full bars: of jobs, hatched: of slot-time)")


_PANELS: Final[tuple[Callable[[Axes, Sequence[_Series]], None], ...]] = (
    *(_run_times, _sizes, _requests),
    *(_hours, _weekdays, _gaps),
    *(_weeks, _users, _fates),
)
