"""Policies as words on the command line: ``easy``, ``sjf``, ``sjf+easy``; and back to words for tables."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import click

from capacity.cli.options.policy_sense import check_sense
from capacity.errors import InputError, Problem, UsageError, nearest
from capacity.registry import BACKFILLING, MULTIFACTOR, ORDERS

if TYPE_CHECKING:
    from capacity.scheduling.rules import Rules
    from capacity.scheduling.site.rules import MultifactorNumbers

Command = TypeVar("Command", bound=Callable[..., Any])

Option: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]

FIRST_ORDER = "fcfs"
WEIGHTS: Final[Mapping[str, float]] = {"age": 1000.0, "size": 0.0, "fair_share": 10000.0}
"""What a log tells enough of, with the weights in a replay if none are given."""
NO_BACKFILLING = "none"


class Duration(click.ParamType[int]):
    """A whole number of seconds, written with a unit: ``30 s``, ``5 min``, ``0 s``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401, ARG002
        """Read a duration; anything else is an invalid input."""
        if isinstance(value, int):
            return value
        from capacity.errors import UnitError
        from capacity.quantities.units import to_si

        place = param.opts[0] if param else ""
        try:
            seconds = to_si(value, "seconds")
        except UnitError as error:
            raise InputError(Problem(p.what, place, p.fix) for p in error.problems) from None
        if not (0 <= seconds < 2**31 and seconds == round(seconds)):
            raise InputError(
                f"'{value}' is no length of time here", where=place, fix="whole seconds: 30 s, 5 min"
            )
        return round(seconds)


def _named(flag: str, default: str, text: str) -> Option:
    return click.option(flag, default=default, show_default=True, metavar="NAME", help=text)


_OPTIONS: tuple[Option, ...] = (
    click.option(
        "--policy",
        default="easy",
        show_default=True,
        metavar="ORDER[+BACKFILLING]",
        help="A queue order (capacity list orders), which alone does not backfill: fcfs, sjf. With one of "
        "capacity list backfilling it does: sjf+easy, fcfs+conservative. Short for fcfs+easy: easy.",
    ),
    _named(
        "--backfill-order",
        "queue",
        "Order in which jobs are tried for backfilling: queue, or a queue order.",
    ),
    click.option(
        "--backfill-depth",
        type=click.IntRange(0, 2**31 - 1),
        default=0,
        metavar="N",
        help="Jobs behind the first blocked one that a pass looks at.  [default: all]",
    ),
    click.option(
        "--reservations",
        type=click.IntRange(1, 2**31 - 1),
        default=1,
        show_default=True,
        metavar="N",
        help="Blocked jobs that hold a reservation nobody may delay.",
    ),
    _named(
        "--conservative",
        "sticky",
        "Conservative reservations: sticky, or replan at every event, the only kind on nodes.",
    ),
    _named(
        "--ties",
        "instant",
        "What is decided together in one second: instant (ends, arrivals, then one pass), event "
        "(a pass after each), pyss (as published schedules).",
    ),
    click.option(
        "--cycle",
        type=Duration(),
        default="0 s",
        metavar="TIME",
        help="Passes at multiples of this, as 30 s.  [default: whenever something changed]",
    ),
    click.option(
        "--recompute",
        type=Duration(),
        default="5 min",
        show_default=True,
        metavar="TIME",
        help="How often an order that changes with the wait is worked out again; 0 s for every pass.",
    ),
    _named("--estimates", "requested", "What is believed about run times: requested, exact."),
    _named("--overrun", "kill", "A job past its requested time: kill, allow."),
    click.option(
        "--weight",
        "weights",
        multiple=True,
        metavar="NAME=NUMBER",
        help="For --policy multifactor, repeatable: age, size, fair_share.  "
        "[default: age=1000, fair_share=10000]",
    ),
    _named(
        "--placement",
        "best-fit",
        "Which node a job gets that needs part of one: best-fit, worst-fit, first-fit, random.",
    ),
    click.option(
        "--placement-seed",
        type=click.IntRange(0, 2**63 - 1),
        default=1,
        show_default=True,
        metavar="N",
        help="Luck of --placement random.",
    ),
)


def policy_options(command: Command) -> Command:
    """Give a command ``--policy`` and all that goes with it; it gets ``rules`` and ``multifactor``."""

    @wraps(command)
    def collected(**given: Any) -> Any:  # noqa: ANN401
        names = ("ties", "placement", "conservative", "estimates", "overrun", "backfill_order")
        numbers = ("backfill_depth", "reservations")
        rules = rules_of(
            given.pop("policy"),
            seed=given.pop("placement_seed"),
            cycle_s=given.pop("cycle"),
            recompute_s=given.pop("recompute"),
            **{name: given.pop(name) for name in (*names, *numbers)},
        )
        multifactor = weights_of(rules.order, given.pop("weights"))
        stands = _standing(click.get_current_context())
        nodes = given.get("nodes") is not None
        if nodes and "conservative" not in stands:
            rules = replace(rules, conservative="replan")  # the only kind there is on nodes
        check_sense(rules, stands, nodes=nodes)
        return command(rules=rules, multifactor=multifactor, **given)

    with_rules: Callable[..., Any] = collected
    for option in reversed(_OPTIONS):
        with_rules = option(with_rules)
    return cast(Command, with_rules)


def _standing(context: click.Context) -> set[str]:
    """Names of the options that stand on the command line."""
    from_user = click.core.ParameterSource.COMMANDLINE
    return {name for name in context.params if context.get_parameter_source(name) == from_user}


def rules_of(policy: str, *, ties: str, placement: str, seed: int, **more: Any) -> "Rules":  # noqa: ANN401
    """Return the rules that the options name.

    Parameters
    ----------
    policy : str
        ``ORDER``, ``ORDER+BACKFILLING``, or the name of a backfilling rule, which goes with fcfs.
    ties, placement : str
        Names.
    seed : int
        Seed of random placement.
    **more
        Further fields of `capacity.scheduling.rules.Rules`.

    Raises
    ------
    UsageError
        There is no such name; the error carries the nearest one.
    """
    from capacity.scheduling.rules import Rules

    order, plus, backfill = policy.partition("+")
    if policy in BACKFILLING:
        order, backfill = FIRST_ORDER, policy
    elif not plus:
        backfill = NO_BACKFILLING
        if policy not in ORDERS:
            together = [f"{name}+{rule}" for rule in BACKFILLING if rule != NO_BACKFILLING for name in ORDERS]
            known = [*ORDERS, *BACKFILLING, *together]
            raise UsageError(f"unknown policy '{policy}': {nearest(policy.lower(), known, limit=len(known))}")
    try:
        return Rules(order, backfill, ties, placement, seed, **more)
    except InputError as error:
        problem = error.problems[0]
        raise UsageError(": ".join(filter(None, (problem.what, problem.fix)))) from None


def weights_of(order: str, given: Sequence[str]) -> "MultifactorNumbers | None":
    """Return the weights of the order multifactor, or None for any other order.

    Raises
    ------
    UsageError
        A weight is not of the form ``NAME=NUMBER``, has no effect in a replay, or under this order.
    """
    from capacity.scheduling.site.rules import MultifactorNumbers

    if order != MULTIFACTOR:
        if given:
            raise UsageError(f"--weight belongs to --policy {MULTIFACTOR}, not to {order}")
        return None
    weights = dict.fromkeys(WEIGHTS, 0.0) if given else WEIGHTS
    for text in given:
        name, is_given, number = text.partition("=")
        if not is_given:
            raise UsageError(f"--weight {text}: write NAME=NUMBER, as age=1000")
        if name not in WEIGHTS:
            raise UsageError(f"unknown weight '{name}': {nearest(name.lower(), list(WEIGHTS))}")
        try:
            weights = {**weights, name: float(number)}
        except ValueError:
            raise UsageError(f"--weight {text}: '{number}' is no number") from None
        if not 0 <= weights[name] < math.inf:
            raise UsageError(f"--weight {text}: a weight is 0 or more")
    return MultifactorNumbers(age=weights["age"], size=weights["size"], fair_share=weights["fair_share"])


def words_of(rules: "Rules") -> str:
    """Return a policy as it is written on the command line, the tie rule beside it.

    Examples
    --------
    >>> from capacity.scheduling.rules import Rules
    >>> words_of(Rules(order="sjf", backfill="none"))
    'sjf, ties instant'
    """
    backfill = "" if rules.backfill == NO_BACKFILLING else f"+{rules.backfill}"
    said = ("order", "backfill", "ties", "placement", "seed")
    changed = (f for f in fields(rules) if f.name not in said and getattr(rules, f.name) != f.default)
    more = "".join(f", {_words(f.name)} {_value(f.name, getattr(rules, f.name))}" for f in changed)
    return f"{rules.order}{backfill}, ties {rules.ties}{more}"


def _words(name: str) -> str:
    return name.removesuffix("_s").replace("_", " ")


def _value(name: str, value: object) -> str:
    if name.endswith("_s") and isinstance(value, int):
        from capacity.quantities.writing import format_duration

        return format_duration(value)
    return str(value)


def words_of_weights(multifactor: "MultifactorNumbers | None") -> str:
    """Return the weights of the order multifactor as they are given on the command line."""
    if multifactor is None:
        return ""
    return "".join(f", {name} {getattr(multifactor, name):g}" for name in WEIGHTS)
