"""A run's storage as one figure: each tier against what may be filled, and who and what fills it.

The same findings give the same file: no date, no random names inside. Colours are those of Okabe and Ito,
which people who do not see red and green alike can tell apart.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from capacity.measure.findings import Finding, Lookup
from capacity.report.figures.description import GREY, SETTINGS
from capacity.report.terminal.storage import Row, fills
from capacity.study.run import Result

COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
Floats = npt.NDArray[np.float64]
PB: Final = 1e15
MOST_LAYERS: Final = len(COLOURS)


def draw_storage(result: Result, path: Path) -> None:
    """Draw the storage of a run into a file whose ending says how.

    Parameters
    ----------
    result : Result
        A run with at least one tier.
    path : Path
        Ends in ``.svg``, ``.png`` or ``.pdf``.
    """
    look = Lookup(result.findings)
    tiers = list(result.loaded.scenario.site.storage)
    months = _months(look)
    days = np.array([_number(_month_end(month)) for month in months])
    rows = {row["tier"]: row for row in fills(result)}
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(4.4 * max(2, len(tiers)), 8.4), layout="constrained")
        parts = figure.subfigures(2, 1, squeeze=False).ravel()
        upper = parts[0].subplots(1, len(tiers), squeeze=False)[0]
        for axis, tier in zip(upper, tiers, strict=True):
            _tier(axis, tier, look, months, days, rows[tier])
        upper[0].set_ylabel("PB")
        left, right = parts[1].subplots(1, 2)
        _stack(left, "What it is", "kind", look, months, days)
        _stack(right, "Whose it is", "tenant", look, months, days)
        n = len(result.runs)
        runs = "one replication" if n == 1 else f"{n} replications, bands are 95 % intervals of the mean"
        figure.suptitle(f"{result.loaded.scenario.title}: storage ({runs})", fontsize=12, x=0.01, ha="left")
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, dpi=150, metadata=metadata)


def _months(look: Lookup) -> list[str]:
    """Return the months of the run from the first on in which anything is in service."""
    every = sorted({dict(f.labels)["month"] for f in look.of("storage_used_bytes")} - {"all"})
    served = [dict(f.labels)["month"] for f in look.of("storage_capacity_bytes") if f.value > 0]
    first = min(served, default=every[0] if every else "")
    return [month for month in every if month >= first]


def _number(day: date) -> float:
    """Return a day as matplotlib counts them."""
    return float(date2num(day))  # type: ignore[no-untyped-call]


def _month_end(month: str) -> date:
    """Return the first day after a month."""
    year, number = map(int, month.split("-"))
    return date(year + number // 12, number % 12 + 1, 1)


def _values(look: Lookup, metric: str, tier: str, months: Sequence[str]) -> list[Finding | None]:
    return [look(metric, tier=tier, month=month) for month in months]


def _petabytes(found: Sequence[Finding | None]) -> Floats:
    return np.array([np.nan if f is None else f.value / PB for f in found])


def _tier(axis: Axes, tier: str, look: Lookup, months: Sequence[str], days: Floats, row: Row) -> None:
    """Draw one tier: used, usable, what may be filled, and when that is reached."""
    used = _values(look, "storage_used_bytes", tier, months)
    usable = _petabytes(_values(look, "storage_capacity_bytes", tier, months))
    limit = _petabytes(_values(look, "storage_limit_bytes", tier, months))
    wanted = _petabytes(_values(look, "storage_wanted_bytes", tier, months))
    axis.step(days, usable, where="pre", color=GREY, label="usable")
    axis.step(days, limit, where="pre", color=GREY, linestyle="--", label="may be filled")
    level = _petabytes(used)
    if row["n"] > 1:
        low = np.array([np.nan if f is None or f.low is None else f.low / PB for f in used])
        high = np.array([np.nan if f is None or f.high is None else f.high / PB for f in used])
        axis.fill_between(days, low, high, color=COLOURS[0], alpha=0.25, linewidth=0)
    if np.nanmax(wanted - level, initial=0.0) > 0.01 * max(np.nanmax(usable, initial=0.0), 1e-9):
        axis.plot(days, wanted, color=COLOURS[5], linestyle=":", label="wanted, were it large enough")
    axis.plot(days, level, color=COLOURS[0], marker="o", markersize=3, label="used")
    if row["median"] is not None:
        axis.axvline(_number(row["median"]), color=COLOURS[5], linewidth=1)
        axis.annotate(
            f" full {row['median']}",
            (_number(row["median"]), 0.5),
            xycoords=("data", "axes fraction"),
            color=COLOURS[5],
            rotation=90,
            va="center",
            ha="right",
        )
        if row["earliest"] < row["latest"]:
            span = (_number(row["earliest"]), _number(row["latest"]))
            axis.axvspan(*span, color=COLOURS[5], alpha=0.15, linewidth=0)
    axis.set_title(tier)
    axis.set_ylim(bottom=0.0)
    _dates(axis)
    axis.legend(loc="upper left", fontsize=8)


def _stack(axis: Axes, title: str, label: str, look: Lookup, months: Sequence[str], days: Floats) -> None:
    """Stack what all tiers hold by one label, the largest at the bottom, the small rest on top."""
    place = {month: n for n, month in enumerate(months)}
    layers: dict[str, Floats] = {}
    for found in look.of("storage_held_bytes"):
        where = dict(found.labels)
        if where["month"] in place:
            layer = layers.setdefault(where[label], np.zeros(len(months)))
            layer[place[where["month"]]] += found.value / PB
    order = sorted(layers, key=lambda name: -layers[name][-1])
    shown, rest = order[: MOST_LAYERS - 1], order[MOST_LAYERS - 1 :]
    heights = [layers[name] for name in shown]
    if rest:
        shown, heights = (
            [*shown, f"{len(rest)} others"],
            [*heights, np.sum([layers[name] for name in rest], axis=0)],
        )
    if heights:
        axis.stackplot(days, heights, labels=shown, colors=COLOURS, linewidth=0)
        handles, names = axis.get_legend_handles_labels()
        axis.legend(handles[::-1], names[::-1], loc="upper left", fontsize=8)
    axis.set_title(f"{title}: held on all tiers, without snapshots and copies")
    axis.set_ylabel("PB")
    axis.set_ylim(bottom=0.0)
    _dates(axis)


def _dates(axis: Axes) -> None:
    locator: Any = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
