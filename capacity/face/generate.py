"""A job log drawn from a demand model, or from a published model, as ``capacity workload generate`` does."""

from dataclasses import dataclass, fields, replace
from typing import Final, cast

import capacity
from capacity.errors import InputError, UsageError
from capacity.face.log import find_log
from capacity.simulation.demand import Demand, demand_of, draw
from workloads.jobtable import JobTable
from workloads.left_out import check_kept
from workloads.period import period_of
from workloads.published.make import Requests, make
from workloads.published.models import MODELS
from workloads.published.request import Request

__all__ = ["ModelWish", "demand_of", "draw_demand", "draw_model"]

DAYS: Final = 365.0
"""How long, where neither the user nor a log says it. [d]"""
SEED: Final = 1


@dataclass(frozen=True, slots=True)
class ModelWish:
    """What the user said about a model; None, or not at all, where nothing was said."""

    model: str | None
    log: str | None
    format_of_log: str | None
    columns: tuple[str, ...]
    slots_are: str | None
    lenient: bool
    days: float | None
    slots: int | None
    requests: str | None
    longest_request: int | None
    offered_load: float | None

    @property
    def given(self) -> list[str]:
        """The options that were given, as they are written."""
        names = [entry.name for entry in fields(self) if getattr(self, entry.name) not in (None, False, ())]
        return ["--" + name.replace("_", "-") for name in names]


def draw_demand(demand: Demand, replication: int) -> JobTable:
    """Return the jobs of a demand.

    Raises
    ------
    InputError
        Nobody submits anything.
    """
    table = draw(demand, replication=replication)
    if not len(table):
        raise InputError(
            f"no job is submitted from {demand.start} through {demand.until}",
            where=demand.workload.name,
            fix="`capacity show` says when the tenants begin: their members",
        )
    return table


def draw_model(wish: ModelWish, *, seed: int = SEED, replication: int = 0) -> JobTable:
    """Return the jobs of a published model, whose name is the source of the table.

    Raises
    ------
    UsageError
        The options do not go together.
    LogError
        The log cannot be read, or the model cannot draw what is wanted.
    """
    assert wish.model is not None
    model = MODELS[wish.model]
    if wish.longest_request is not None and wish.requests != "tsafrir":
        raise UsageError("--longest-request belongs to --requests tsafrir")
    if wish.log is not None and not model.needs_log:
        raise UsageError(f"the model {model.name} draws from no log: leave --log out")
    log, days = None, wish.days
    if wish.log is not None:
        found = find_log(wish.log, wish.format_of_log, slots_are=wish.slots_are, columns=wish.columns)
        log = found.read(lenient=wish.lenient)
        check_kept(log, allowed=wish.lenient)
    elif wish.format_of_log is not None or wish.columns or wish.slots_are is not None or wish.lenient:
        raise UsageError("--format-of-log, --column, --slots-are and --lenient belong to --log")
    if days is None and log is not None and len(log):
        period = period_of(log)
        days = max(float(period.length_s + period.is_span) / 86_400, 1.0)
    request = Request(DAYS if days is None else days, seed, replication, wish.slots, log)
    wanted, longest_s = cast(Requests, wish.requests or "model"), wish.longest_request
    table = make(model.name, request, requests=wanted, longest_s=longest_s, load_frac=wish.offered_load)
    note = _note(wish, request.days, seed, replication)
    header = {"Conversion": f"capacity {capacity.__version__} workload generate", "Note": note}
    return replace(table, source=model.name, header=header)


def _note(wish: ModelWish, days: float, seed: int, replication: int) -> str:
    """Say that nobody recorded these jobs, and how to make them again."""
    parts = [f"synthetic demand, not a recorded log: model {wish.model}", f"{days:.10g} days"]
    forms = {"slots": "{} slots", "log": "drawn from {}", "requests": "requests {}",
             "longest_request": "longest request {} s",
             "offered_load": "stretched to an offered load of {:g}"}  # fmt: skip
    said = {name: getattr(wish, name) for name in forms}
    parts += [forms[name].format(value) for name, value in said.items() if value is not None]
    return ", ".join([*parts, f"seed {seed}", f"replication {replication}"])
