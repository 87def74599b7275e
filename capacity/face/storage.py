"""``capacity.storage``: what storage tiers hold and when they fill, simulated, or projected without jobs."""

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Unpack, overload

import pandas as pd

from capacity.errors import InputError, UsageError
from capacity.face.document import document
from capacity.face.frames import html
from capacity.face.load import DEFAULT, Question, Set, loaded
from capacity.face.simulate import Run, RunOptions, run_loaded
from capacity.report.terminal import deliveries, purchases
from capacity.report.terminal import storage as report
from capacity.report.terminal.uncertainty import storage as many_worlds
from capacity.study.run import Result
from capacity.study.storage.site import Projection, by_history, by_rate, look_ahead_of

MONTHLY: Final = tuple(
    f"storage_{name}"
    for name in (
        "used_bytes", "capacity_bytes", "limit_bytes", "used_frac", "purged_bytes", "migrated_out_bytes",
        "refused_bytes",
    )
)  # fmt: skip
"""What is told of each month."""
ONLY_SIMULATED: Final = ("output", "replications", "look-ahead")


@dataclass(frozen=True)
class StorageRun(Run):
    """A scenario that was run to see what its storage holds: a `Run` with what is said of tiers."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row per month and tier with what it holds, may hold, purged, moved on and turned away [B]."""
        look = self.result.look
        rows = []
        for used in look.of("storage_used_bytes"):
            where = dict(used.labels)
            if where["month"] == "all":
                continue
            row: dict[str, Any] = {"month": where["month"], "tier": where["tier"]}
            for metric in MONTHLY:
                found = look(metric, tier=where["tier"], month=where["month"])
                row[metric] = None if found is None or math.isnan(found.value) else found.value
            if used.n > 1:
                row |= {"low": used.low, "high": used.high}
            rows.append(row)
        tiers = list(dict.fromkeys(row["tier"] for row in rows))
        return sorted(rows, key=lambda row: (row["month"], tiers.index(row["tier"])))

    @cached_property
    def months(self) -> pd.DataFrame:
        """The rows as a frame."""
        return pd.DataFrame(self.rows)

    @cached_property
    def fill_dates(self) -> pd.DataFrame:
        """One row per tier: in how many replications it fills and between which days."""
        return pd.DataFrame(report.fills(self.result))

    @cached_property
    def buy(self) -> list[dict[str, Any]]:
        """The rows of `procurement`; of worlds when it is full in a tenth and in half of them."""
        if self.result.futures is None:
            return purchases.procurement(self.result)
        return many_worlds.tier_rows(self.result)

    @cached_property
    def procurement(self) -> pd.DataFrame:
        """One row per tier: what raw capacity is missing [B], when it is needed and when to order it.

        Of worlds when it is needed in a tenth and in half of them.
        """
        return pd.DataFrame(self.buy)

    @cached_property
    def adding_up(self) -> tuple[int | None, Result]:
        """What has numbers that add up: the result, or the world in the middle and its number."""
        if self.result.futures is None:
            return None, self.result
        return many_worlds.middle(self.result)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``storage --json`` prints."""
        result, (world, one) = self.result, self.adding_up
        whole = {
            "scenario": self.loaded.scenario.name, "hash": self.loaded.sha256,
            "replications": len(result.runs),
            "worlds": result.futures.draws.count if result.futures else None, "middle_world": world,
            "fill_dates": report.fills(result),
            "procurement": self.buy, "orders": deliveries.orders(self.loaded.scenario),
            "raw_to_fillable": report.chain(self.loaded.scenario), "held": report.holders(one),
            "saved": report.saved(one),
            "findings": [f.to_json() for f in result.findings if f.metric.startswith("storage_")],
        }  # fmt: skip
        return document(whole)

    def _repr_html_(self) -> str:
        fills = html(f"{self.loaded.scenario.title}: when tiers fill", self.fill_dates)
        return fills + html("What to buy, raw, and by when", self.procurement, self.warnings)


@dataclass(frozen=True)
class StorageProjection:
    """Storage that grows at a rate or goes on as in the past; no job was simulated.

    Attributes
    ----------
    projection : Projection
        Months or trends, and the days on which storage is full.
    """

    projection: Projection

    @property
    def frame(self) -> pd.DataFrame:
        """One row per month, or per trend through the history; amounts in bytes."""
        return pd.DataFrame(self.projection.rows)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``storage --json`` prints."""
        return document(self.projection.to_json())

    def _repr_html_(self) -> str:
        remarks = [f"{what}: full on {day}" for what, day in self.projection.full.items()]
        return html(self.projection.scenario.title, self.frame, [*remarks, *self.projection.warnings])


@overload
def storage(
    scenario: Question = ..., *, growth: str, start_used: str, set: Set = ..., site: str | Path | None = ...,
    until: date | str | None = ...,
) -> StorageProjection: ...  # fmt: skip


@overload
def storage(
    scenario: Question = ..., *, history: str | Path, set: Set = ..., site: str | Path | None = ...,
    until: date | str | None = ...,
) -> StorageProjection: ...  # fmt: skip


@overload
def storage(
    scenario: Question = ..., *, growth: str | None = ..., look_ahead: str | None = ..., set: Set = ...,
    site: str | Path | None = ..., until: date | str | None = ..., **options: Unpack[RunOptions],
) -> StorageRun: ...  # fmt: skip


def storage(
    scenario: Question = DEFAULT, *, growth: str | None = None, start_used: str | None = None,
    history: str | Path | None = None, look_ahead: str | None = None, set: Set = (),
    site: str | Path | None = None, until: date | str | None = None, **options: Unpack[RunOptions],
) -> StorageRun | StorageProjection:  # fmt: skip
    """Find out what the storage of a site holds and when it fills.

    Parameters
    ----------
    scenario : LoadedScenario, str or Path
        What `load` returned, or a name or path.
    growth : str, optional
        By how much demand grows a year, ``"30 %/year"``, once the plan and the horizon end; it keeps its last
        value if not given. With `start_used` the rate of the bytes themselves.
    start_used : str, optional
        Instead of simulating jobs: storage grows from so much on the first delivery, ``"5 PB"``.
    history : str or Path, optional
        Instead of simulating jobs: go on as this past, CSV (``date,used_PB``) or JSON of Open XDMoD.
    look_ahead : str, optional
        How far storage is followed beyond the horizon to find when it is full, ``"10 year"``.
    set, site, until
        As for `load`.
    **options
        ``seed``, ``replications``, ``precision``, ``worlds``, ``world``, ``jobs``, ``cluster``, ``fresh``,
        ``require``, ``output``, ``force`` and ``progress``, as for `simulate`.

    Returns
    -------
    StorageRun or StorageProjection
        A projection if what is used at the start, or a history, is given.

    Raises
    ------
    InputError
        The scenario, an amount or the history is wrong, or the scenario leaves storage out.
    UsageError
        The options do not go together.
    """
    if growth is not None and history is not None:
        raise UsageError("--growth and --history are two ways to go on: give one of them")
    if growth is None and start_used is not None:
        raise UsageError("--start-used needs --growth: how fast does it grow?")
    for name, value in {**options, "look-ahead": look_ahead}.items():
        if (start_used is not None or history is not None) and name in ONLY_SIMULATED and value is not None:
            raise UsageError(f"--{name} is for simulated storage, not with --start-used or --history")
    asked = loaded(scenario, set, site, until)
    if growth is not None and start_used is not None:
        return StorageProjection(by_rate(asked.scenario, growth, start_used))
    if history is not None:
        return StorageProjection(by_history(asked.scenario, Path(history)))
    if not asked.scenario.simulate.storage:
        what = "storage is left out of the simulation: there is nothing to say about it"
        raise InputError(what, where="simulate.storage", fix="true, or ask with --start-used or --history")
    return run_loaded(StorageRun, asked, ahead=look_ahead_of(growth, look_ahead), **options)
