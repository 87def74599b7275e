"""A log made with a published model, as a planner asks for it: with requests, and at a given offered load."""

from dataclasses import replace
from typing import Literal

import numpy as np

from workloads.errors import LogError
from workloads.jobtable import JobTable, slot_seconds
from workloads.published import tsafrir
from workloads.published.models import model
from workloads.published.request import Request

Requests = Literal["model", "exact", "tsafrir"]
ROUND_HOURS = (1, 2, 4, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 336, 504, 672)
"""What sites allow at most. The longest request is the first of these that no job exceeds. [h]"""
FARTHEST = 100.0
"""How many times longer or shorter a log may be drawn to meet a load."""


def make(
    name: str,
    request: Request,
    *,
    requests: Requests = "model",
    longest_s: int | None = None,
    load_frac: float | None = None,
) -> JobTable:
    """Return the jobs of a model.

    Parameters
    ----------
    name : str
        Name of the model.
    request : Request
        How long, for which machine, from which log.
    requests : {"model", "exact", "tsafrir"}
        What jobs ask for: what the model gives them, their run time, or the model of `tsafrir`.
    longest_s : int, optional
        The longest request under ``"tsafrir"``. [s] Default: the longest of the log; without one, and where
        jobs run longer, a round time that is long enough.
    load_frac : float, optional
        Offered load: slots × run time of all jobs, over the slots of the machine, from the first submission
        to the last. Jobs are drawn for a longer or shorter time until there are about enough, and the
        submissions are then stretched so that the load is exactly this, but for the last second.

    Raises
    ------
    LogError
        There is no such model, it cannot draw what is wanted, or no size of the machine is known.
    """
    table = model(name)(request)
    if load_frac is not None and len(table):
        table = _at_load(name, request, table, load_frac)
    if requests == "exact":
        table = replace(table, frame=table.frame.assign(requested_s=table.frame["run_s"]))
    elif requests == "tsafrir" and len(table):
        table = _with_requests(request, table, longest_s)
    return table


def _at_load(name: str, request: Request, table: JobTable, load_frac: float) -> JobTable:
    size = table.max_slots
    if size is None:
        raise LogError.whole_file("", "an offered load needs a machine", "the log names none: say --slots")
    there = slot_seconds(table).sum() / (size * request.horizon_s)
    if not there or not 1 / FARTHEST <= load_frac / there <= FARTHEST:
        fix = f"the model offers {there:.3g} of this machine by itself"
        raise LogError.whole_file("", f"an offered load of {load_frac:g} is out of reach", fix)
    table = model(name)(replace(request, days=request.days * load_frac / there))
    submit_s = table.numbers("submit_s")
    span_s = int(submit_s[-1] - submit_s[0]) if len(table) else 0
    wanted_s = round(slot_seconds(table).sum() / (size * load_frac))
    if not span_s or wanted_s < 1:
        raise LogError.whole_file("", "too few jobs for an offered load", "ask for more days")
    # In whole numbers, so that the last submission falls on the very second. Spans are below 2**31 s.
    moved = ((submit_s - submit_s[0]) * wanted_s + span_s // 2) // span_s
    return replace(table, frame=table.frame.assign(submit_s=submit_s[0] + moved))


def _with_requests(request: Request, table: JobTable, longest_s: int | None) -> JobTable:
    run_s = table.numbers("run_s")
    longest = _longest(request.log, int(run_s.max())) if longest_s is None else longest_s
    try:
        asked_s = tsafrir.draw_requests(request.stream("requests"), run_s, longest)
    except ValueError as error:
        raise LogError.whole_file("", str(error), "--longest-request says how long") from None
    return replace(table, frame=table.frame.assign(requested_s=asked_s))


def _longest(log: JobTable | None, run_s: int) -> int:
    """Return the longest request: that of the log, or the first round time that is enough for every job."""
    there = 0 if log is None or not len(log) else int(log.numbers("requested_s").max())
    if there >= max(run_s, tsafrir.HOUR):
        return there
    hours = next((hours for hours in ROUND_HOURS if hours * tsafrir.HOUR >= run_s), None)
    return hours * tsafrir.HOUR if hours is not None else int(np.ceil(run_s / 86_400)) * 86_400
