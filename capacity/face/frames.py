"""Results as pandas frames, with real times beside seconds, and as HTML for a notebook."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from capacity.measure.findings import Finding

MOST_ROWS = 60
"""Of a table in a notebook; the frames have all."""


def findings_frame(found: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a frame.

    Returns
    -------
    DataFrame
        ``metric``; a column for each label (``pool``, ``month``, …), missing where a finding has none;
        ``value``, ``low`` and ``high`` [in ``unit``], NaN where nothing is known; ``unit``; ``n``, the
        replications in which there was something to measure; ``censored``, whether only the least it can be
        is known; and ``covers``, what the ends of the interval are.
    """
    rows = [*found]
    names = list(dict.fromkeys(name for one in rows for name, _ in one.labels))
    places = [dict(one.labels) for one in rows]
    columns: dict[str, list[Any]] = {"metric": [one.metric for one in rows]}
    columns |= {name: [place.get(name) for place in places] for name in names}
    columns |= {key: [getattr(one, key) for one in rows] for key in ("value", "low", "high", "unit", "n")}
    columns |= {"value": [float(one.value) for one in rows], "censored": [one.censored for one in rows]}
    columns["covers"] = [one.covers for one in rows]
    return pd.DataFrame(columns)


def dated(frame: pd.DataFrame, start: datetime | None) -> pd.DataFrame:
    """Return a frame with a real time beside each column of seconds since the start.

    Parameters
    ----------
    frame : DataFrame
        With ``submit_s``, ``start_s``, ``end_s`` or ``time_s``; less than 0 for what did not happen. [s]
    start : datetime or None
        Second 0, in the time zone the times are to have; None where nobody knows it.

    Returns
    -------
    DataFrame
        Before each of these a column of the same name without ``_s``; NaT for what did not happen.
    """
    for name in ("submit_s", "start_s", "end_s", "time_s"):
        if name in frame:
            times = pd.Series(pd.NaT, frame.index)
            if start is not None:
                passed = pd.to_timedelta(frame[name].where(frame[name] >= 0), unit="s")
                times = (pd.Timestamp(start).tz_convert("UTC") + passed).dt.tz_convert(start.tzinfo)
            frame.insert([*frame.columns].index(name), name.removesuffix("_s"), times)
    return frame


def read_frame(source: Path | bytes, start: datetime | None) -> pd.DataFrame:
    """Return a table of a run directory as a frame with real times."""
    table = pq.read_table(BytesIO(source) if isinstance(source, bytes) else source)
    return dated(table.to_pandas(), start)


def joined(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put frames of several scenarios below each other, with a first column that says which."""
    parts = [frame.assign(scenario=name) for name, frame in frames.items()]
    found = pd.concat(parts, ignore_index=True)
    return found[["scenario", *(column for column in found if column != "scenario")]]


def html(title: str, frame: pd.DataFrame, remarks: Sequence[str] = ()) -> str:
    """Return a frame as an HTML table below a title, remarks after it; no cell is taken as HTML."""
    shown = frame.dropna(axis="columns", how="all").to_html(
        index=False, border=0, max_rows=MOST_ROWS, na_rep="–", float_format=lambda value: f"{value:,.6g}"
    )
    after = "".join(f"<p>{escape(remark)}</p>" for remark in remarks)
    return f"<h4>{escape(title)}</h4>{shown}{after}"


def of_the_whole_time(found: Iterable[Finding]) -> pd.DataFrame:
    """Return the findings over the whole horizon of the site, its pools and its tiers, for people to read."""
    rows = []
    for one in found:
        where = dict(one.labels)
        if where.pop("month", "all") == "all" and where.keys() <= {"pool", "tier"}:
            of = ", ".join(where.values()) or "site"
            row = {"metric": one.metric, "of": of, "value": one.value, "low": one.low, "high": one.high}
            rows.append({**row, "unit": one.unit})
    return pd.DataFrame(rows).dropna(subset="value")
