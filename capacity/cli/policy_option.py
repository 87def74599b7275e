"""Policies as words on the command line: ``easy``, ``sjf``, ``sjf+easy``; and back to words for tables."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from capacity.errors import UsageError, nearest

if TYPE_CHECKING:
    from capacity.scheduling.rules import Rules

Command = TypeVar("Command", bound=Callable[..., Any])

FIRST_ORDER = "fcfs"
NO_BACKFILLING = "none"


def policy_options(command: Command) -> Command:
    """Give a command ``--policy --ties --placement --placement-seed``; `rules_of` makes rules of them."""
    for option in (
        click.option(
            "--placement-seed",
            type=click.IntRange(0, 2**63 - 1),
            default=1,
            show_default=True,
            metavar="N",
            help="Luck of --placement random.",
        ),
        click.option(
            "--placement",
            default="best-fit",
            show_default=True,
            metavar="NAME",
            help="Which node a job gets that needs part of one: best-fit, worst-fit, first-fit, random.",
        ),
        click.option(
            "--ties",
            default="instant",
            show_default=True,
            metavar="NAME",
            help="What is decided together in one second: instant (ends, arrivals, then one pass), event "
            "(a pass after each), pyss (as published schedules).",
        ),
        click.option(
            "--policy",
            default="easy",
            show_default=True,
            metavar="ORDER[+easy]",
            help="A queue order (capacity list orders), which alone does not backfill: fcfs, sjf. With "
            "+easy it does: sjf+easy, f1+easy. Short for fcfs+easy: easy.",
        ),
    ):
        command = option(command)
    return command


def rules_of(policy: str, *, ties: str, placement: str, seed: int) -> "Rules":
    """Return the rules that the options name.

    Parameters
    ----------
    policy : str
        ``ORDER``, ``ORDER+BACKFILLING``, or the name of a backfilling rule, which goes with fcfs.
    ties, placement : str
        Names.
    seed : int
        Seed of random placement.

    Raises
    ------
    UsageError
        There is no such name; the error carries the nearest one.
    """
    from capacity.scheduling.orders import ORDERS
    from capacity.scheduling.rules import BACKFILLING, PLACEMENTS, TIES, Rules

    orders = ORDERS.names()
    order, plus, backfill = policy.partition("+")
    if plus:
        _check("queue order", order, orders)
        _check("backfilling rule", backfill, list(BACKFILLING))
    elif policy in BACKFILLING:
        order, backfill = FIRST_ORDER, policy
    else:
        together = [f"{name}+{rule}" for rule in BACKFILLING if rule != NO_BACKFILLING for name in orders]
        _check("policy", policy, [*orders, *BACKFILLING, *together])
        backfill = NO_BACKFILLING
    _check("tie rule", ties, list(TIES))
    _check("placement", placement, list(PLACEMENTS))
    return Rules(order, backfill, ties, placement, seed)


def _check(kind: str, name: str, allowed: Sequence[str]) -> None:
    if name not in allowed:
        raise UsageError(f"unknown {kind} '{name}': {nearest(name.lower(), allowed, limit=len(allowed))}")


def words_of(rules: "Rules") -> str:
    """Return a policy as it is written on the command line, the tie rule beside it.

    Examples
    --------
    >>> from capacity.scheduling.rules import Rules
    >>> words_of(Rules(order="sjf", backfill="none"))
    'sjf, ties instant'
    """
    backfill = "" if rules.backfill == NO_BACKFILLING else f"+{rules.backfill}"
    return f"{rules.order}{backfill}, ties {rules.ties}"
