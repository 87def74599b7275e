"""``--policy sjf+easy`` and its options, those that contradict each other, and back to words for tables."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import fields, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from capacity.cli.options.option import Duration, count, seed, together, valued
from capacity.errors import UsageError
from capacity.face.policy import NO_BACKFILLING, WEIGHTS, rules_of, weights_of
from capacity.registry import CHANGING, MULTIFACTOR, SHORTEST_FIRST

if TYPE_CHECKING:
    from capacity.scheduling.rules import Rules
    from capacity.scheduling.site.rules import MultifactorNumbers

Command = TypeVar("Command", bound=Callable[..., Any])


def _named(name: str, default: str, text: str) -> Callable[[Command], Command]:
    return valued(name, "NAME", text, default=default, show_default=True)


_OPTIONS = together(
    valued("--policy", "ORDER[+BACKFILLING]",
           "A queue order (capacity list orders), which alone does not backfill: fcfs, sjf. With one of "
           "capacity list backfilling it does: sjf+easy, fcfs+conservative. Short for fcfs+easy: easy.",
           default="easy", show_default=True),
    _named("--backfill-order", "queue",
           "Order in which jobs are tried for backfilling: queue, or a queue order."),
    count("--backfill-depth", "Jobs behind the first blocked one that a pass looks at.  [default: all]",
          least=0, default=0),
    count("--reservations", "Blocked jobs that hold a reservation nobody may delay.",
          default=1, show_default=True),
    _named("--conservative", "sticky",
           "Conservative reservations: sticky, or replan at every event, the only kind on nodes."),
    _named("--ties", "instant", "What is decided together in one second: instant (ends, arrivals, then one "
           "pass), event (a pass after each), pyss (as published schedules)."),
    valued("--cycle", "TIME", "Passes at multiples of this, as 30 s.  [default: whenever something changed]",
           type=Duration(), default="0 s"),
    valued("--recompute", "TIME",
           "How often an order that changes with the wait is worked out again; 0 s for every pass.",
           type=Duration(), default="5 min", show_default=True),
    _named("--estimates", "requested", "What is believed about run times: requested, exact."),
    _named("--overrun", "kill", "A job past its requested time: kill, allow."),
    valued("--weight weights", "NAME=NUMBER", "For --policy multifactor, repeatable: age, size, fair_share.  "
           "[default: age=1000, fair_share=10000]", multiple=True),
    _named("--placement", "best-fit",
           "Which node a job gets that needs part of one: best-fit, worst-fit, first-fit, random."),
    seed("Luck of --placement random.", "--placement-seed", default=1, show_default=True),
)  # fmt: skip


def policy_options(command: Command) -> Command:
    """Give a command ``--policy`` and all that goes with it; it gets ``rules`` and ``multifactor``."""

    @wraps(command)
    def collected(**given: Any) -> Any:  # noqa: ANN401
        same = ("ties", "placement", "conservative", "estimates", "overrun", "backfill_order",
                "backfill_depth", "reservations")  # fmt: skip
        other = {"seed": "placement_seed", "cycle_s": "cycle", "recompute_s": "recompute"}
        names = {**{name: name for name in same}, **other}
        rules = rules_of(given.pop("policy"), **{field: given.pop(name) for field, name in names.items()})
        multifactor = weights_of(rules.order, given.pop("weights"))
        stands = on_the_command_line()
        nodes = given.get("nodes") is not None
        if nodes and "conservative" not in stands:
            rules = replace(rules, conservative="replan")  # the only kind there is on nodes
        for text in (*_ignored(rules, stands), *_impossible(rules, nodes=nodes)):
            raise UsageError(text)
        return command(rules=rules, multifactor=multifactor, **given)

    return cast(Command, _OPTIONS(collected))


def on_the_command_line() -> dict[str, str]:
    """Return the parameters that the user gave to the command that runs, and how they are written."""
    context, from_user = click.get_current_context(), click.core.ParameterSource.COMMANDLINE
    written = {str(one.name): max(one.opts, key=len) for one in context.command.params}
    return {name: text for name, text in written.items() if context.get_parameter_source(name) == from_user}


def _ignored(rules: "Rules", given: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with options on the command line that would have no effect."""
    order = rules.order
    easy = rules.backfill == "easy" or rules.backfill in SHORTEST_FIRST
    conservative = rules.backfill == "conservative"
    if "backfill_depth" in given and not easy and not conservative:
        yield f"--backfill-depth has no effect on a policy that does not backfill: {order}+easy does"
    for name in ("reservations", "backfill_order"):
        if name in given and not easy:
            yield f"--{name.replace('_', '-')} belongs to a policy with easy: {order}+easy"
    if "conservative" in given and not conservative:
        yield f"--conservative belongs to a policy with conservative: {order}+conservative"
    if "recompute" in given and not {order, rules.backfill_order} & {*CHANGING, MULTIFACTOR}:
        yield f"--recompute has no effect: the order {order} does not change while jobs wait"


def _impossible(rules: "Rules", *, nodes: bool) -> Iterator[str]:
    """Yield what is wrong with rules that cannot go together, on a machine with nodes or without."""
    site = rules.reservations > 1 or rules.order == MULTIFACTOR
    for wrong, what in (
        (rules.cycle_s > 0, "--cycle"),
        (rules.reservations > 1, f"--reservations {rules.reservations}"),
        (rules.order == MULTIFACTOR, "--policy multifactor"),
    ):
        if wrong and rules.ties != "instant":
            yield f"{what} goes with --ties instant, not with --ties {rules.ties}"
    if rules.backfill_order == MULTIFACTOR or (site and rules.backfill_order in CHANGING):
        yield f"--backfill-order {rules.backfill_order}: give an order whose keys stay, such as sjf"
    if rules.backfill in SHORTEST_FIRST and rules.backfill_order not in ("queue", "sjf"):
        take = f"for --backfill-order {rules.backfill_order} take --policy {rules.order}+easy"
        yield f"{rules.backfill} tries jobs by time: {take}"
    if rules.backfill == "easy++" and (site or rules.overrun == "allow"):
        neither = "--reservations, --overrun allow nor --policy multifactor+easy++"
        yield f"easy++ predicts run times up to the request: it goes with neither {neither}"
    if rules.overrun == "allow" and rules.ties == "pyss":
        yield "--overrun allow goes with --ties instant or event: under pyss a late job shares its slots"
    if nodes and rules.backfill == "conservative":
        if rules.conservative == "sticky":
            yield "on nodes conservative reservations are made again at every event: --conservative replan"
        if rules.ties != "instant":
            yield f"conservative on nodes goes with --ties instant, not with --ties {rules.ties}"


def words_of(rules: "Rules", multifactor: "MultifactorNumbers | None" = None) -> str:
    """Return a policy as it is written on the command line, the tie rule and weights beside it.

    Examples
    --------
    >>> from capacity.scheduling.rules import Rules
    >>> words_of(Rules(order="sjf", backfill="none"))
    'sjf, ties instant'
    """
    from capacity.quantities.writing import format_duration

    words = rules.order if rules.backfill == NO_BACKFILLING else f"{rules.order}+{rules.backfill}"
    words += f", ties {rules.ties}"
    for field in fields(rules):
        value, name = getattr(rules, field.name), field.name.removesuffix("_s")
        if field.name not in ("order", "backfill", "ties", "placement", "seed") and value != field.default:
            words += f", {name.replace('_', ' ')} {value if name == field.name else format_duration(value)}"
    if multifactor is not None:
        words += "".join(f", {name} {getattr(multifactor, name):g}" for name in WEIGHTS)
    return words
