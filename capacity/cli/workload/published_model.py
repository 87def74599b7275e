"""The options of ``capacity workload generate --model``: a published model instead of a demand of ours."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from capacity.cli.options.log_input import find_log, format_of_log_option, lenient_option, slots_are_option
from capacity.cli.options.policy import Duration
from capacity.errors import InputError, UsageError

if TYPE_CHECKING:
    from workloads.jobtable import JobTable
    from workloads.published.make import Requests

Command = TypeVar("Command", bound=Callable[..., Any])

DAYS = 365.0
"""How long, where neither the user nor a log says it. [d]"""
SEED = 1
REQUESTS = ("model", "exact", "tsafrir")


class Positive(click.ParamType[float]):
    """A finite number above 0."""

    name = "number"

    def __init__(self, most: float) -> None:
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401, ARG002
        """Read a number; anything else is an invalid input."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if 0 < number <= self.most:
            return number
        place = param.opts[0] if param else ""
        fix = f"a number above 0, at most {self.most:,g}"
        raise InputError(f"'{value}' is not possible here", where=place, fix=fix)


@dataclass(frozen=True, slots=True)
class ModelWish:
    """What the user said about a model; None, or not at all, where nothing was said."""

    model: str | None
    log: str | None
    format_of_log: str | None
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
        names = [entry.name for entry in fields(self) if getattr(self, entry.name) not in (None, False)]
        return ["--" + name.replace("_", "-") for name in names]


_OPTIONS = (
    click.option(
        "--model", metavar="NAME", help="Instead of a workload: a published model (`capacity list models`)."
    ),
    click.option(
        "--log",
        type=click.Path(allow_dash=True, readable=False),
        metavar="FILE",
        help="Recorded log that the model draws from: poisson, poisson-independent, resample.",
    ),
    format_of_log_option(),
    slots_are_option,
    lenient_option,
    click.option(
        "--days",
        type=Positive(50 * 365),
        metavar="N",
        help="How long jobs are submitted.  [default: as long as in the log; 365 without one]",
    ),
    click.option(
        "--slots",
        type=click.IntRange(1, 2**31 - 1),
        metavar="N",
        help="Size of the machine.  [default: the log's; 128 for lublin]",
    ),
    click.option(
        "--requests",
        type=click.Choice(REQUESTS),
        help="What jobs ask for: as the model has it, the exact run time, or round times after Tsafrir and "
        "others 2005.  [default: model; exact for lublin]",
    ),
    click.option(
        "--longest-request",
        type=Duration(),
        metavar="TIME",
        help="Under tsafrir, the longest and most frequent request: '36 h'.  [default: the log's, or a round "
        "time that is enough]",
    ),
    click.option(
        "--offered-load",
        type=Positive(100),
        metavar="FRAC",
        help="Stretch the submissions so that slots × run time is this part of the machine: 0.8.",
    ),
)


def model_options(command: Command) -> Command:
    """Give a command the options of a model; it gets them as one argument, `wish`."""

    @wraps(command)
    def packed(**given: Any) -> Any:  # noqa: ANN401 - a click callback
        values = {entry.name: given.pop(entry.name) for entry in fields(ModelWish)}
        return command(**given, wish=ModelWish(**values))

    found: Callable[..., Any] = packed
    for option in reversed(_OPTIONS):
        found = option(found)
    return cast(Command, found)


def draw_model(wish: ModelWish, *, seed: int | None, replication: int) -> "tuple[JobTable, tuple[str, str]]":
    """Return the jobs, and words about them: where they come from, and what else there is to say.

    Raises
    ------
    UsageError
        The options do not go together.
    LogError
        The log cannot be read, or the model cannot draw what is wanted.
    """
    from dataclasses import replace

    import capacity
    from workloads.published.make import make
    from workloads.published.models import MODELS
    from workloads.published.request import Request

    assert wish.model is not None
    model = MODELS[wish.model]
    if wish.longest_request is not None and wish.requests != "tsafrir":
        raise UsageError("--longest-request belongs to --requests tsafrir")
    if wish.log is not None and not model.needs_log:
        raise UsageError(f"the model {model.name} draws from no log: leave --log out")
    log = _log(wish)
    begun = SEED if seed is None else seed
    request = Request(_days(wish, log), begun, replication, wish.slots, log)
    table = make(
        model.name,
        request,
        requests=cast("Requests", wish.requests or "model"),
        longest_s=wish.longest_request,
        load_frac=wish.offered_load,
    )
    note = _note(wish, request.days, begun, replication)
    header = {"Conversion": f"capacity {capacity.__version__} workload generate", "Note": note}
    table = replace(table, source=model.name, header=header)
    return table, (f"of {model.name}", f", seed {begun}")


def _log(wish: ModelWish) -> "JobTable | None":
    if wish.log is None:
        if wish.format_of_log is not None or wish.slots_are is not None or wish.lenient:
            raise UsageError("--format-of-log, --slots-are and --lenient belong to --log")
        return None
    return find_log(wish.log, wish.format_of_log, slots_are=wish.slots_are).read(lenient=wish.lenient)


def _days(wish: ModelWish, log: "JobTable | None") -> float:
    if wish.days is not None:
        return wish.days
    if log is None or not len(log):
        return DAYS
    submit_s = log.numbers("submit_s")
    return max(float(submit_s[-1] - submit_s[0] + 1) / 86_400, 1.0)


def _note(wish: ModelWish, days: float, seed: int, replication: int) -> str:
    """Say that nobody recorded these jobs, and how to make them again."""
    parts = [f"synthetic demand, not a recorded log: model {wish.model}", f"{days:.10g} days"]
    if wish.slots is not None:
        parts.append(f"{wish.slots} slots")
    if wish.log is not None:
        parts.append(f"drawn from {wish.log}")
    if wish.requests is not None:
        parts.append(f"requests {wish.requests}")
    if wish.longest_request is not None:
        parts.append(f"longest request {wish.longest_request} s")
    if wish.offered_load is not None:
        parts.append(f"stretched to an offered load of {wish.offered_load:g}")
    return ", ".join([*parts, f"seed {seed}", f"replication {replication}"])
