"""The rules of a pool as the kernel's numbers, and the combinations that have no meaning."""

from collections.abc import Iterable
from typing import Final

from capacity.errors import InputError, Problem
from capacity.registry import BACKFILLING, CHANGING, PLACEMENTS, SHORTEST_FIRST, TIES
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.rules import Rules

PREDICTING: Final = "easy++"


def candidates(rules: Rules) -> str:
    """Name of the order in which backfilling tries jobs; ``queue`` for that of the queue."""
    return "sjf" if rules.backfill in SHORTEST_FIRST else rules.backfill_order


def jobs_may_return(rules: Rules) -> bool:
    """Whether the queue core can let jobs join the queue after their submission; the site core always can.

    Jobs do when a node fails under them, and when they were held.
    """
    return (
        rules.backfill in ("none", "easy", "easy-sjbf")
        and rules.ties == "instant"
        and rules.cycle_s == 0
        and rules.backfill_depth == 0
        and not {rules.order, rules.backfill_order} & {*CHANGING, "multifactor"}
    )


def refuse(checks: Iterable[tuple[bool, str, str]]) -> None:
    """Refuse everything that is wrong at once: whether it is, what is wrong, and what is allowed instead.

    Raises
    ------
    InputError
        Naming all that is wrong.
    """
    if found := [Problem(what, fix=fix) for wrong, what, fix in checks if wrong]:
        raise InputError(found)


def check(rules: Rules, *, counted: bool) -> None:
    """Refuse what the cores of one pool, `counted` or of nodes, cannot mean.

    Raises
    ------
    InputError
        Naming every contradiction.
    """
    predicts, overruns = rules.backfill == PREDICTING, rules.overrun == "allow"
    checks = [
        ("multifactor" in (rules.order, rules.backfill_order),
         "the order multifactor needs the rules of a site", "give the jobs users and the site its weights"),
        (rules.backfill in SHORTEST_FIRST and rules.backfill_order not in ("queue", "sjf"),
         f"{rules.backfill} tries candidates by time, not in the order {rules.backfill_order}",
         f"backfill easy with backfill_order {rules.backfill_order}"),
        (rules.cycle_s > 0 and rules.ties != "instant",
         "passes on a grid know no order of ties", "ties instant"),
        (overruns and rules.ties == "pyss",
         "under ties pyss a job that outruns its request would share its slots", "ties instant or event"),
        (overruns and predicts,
         "easy++ corrects predictions up to the request, where jobs must end", "overrun kill"),
    ]  # fmt: skip
    if rules.backfill == "conservative":  # on one machine
        checks += [
            (not counted, "conservative backfilling on nodes needs the rules of a site",
             "a counted machine (counted: true, or --slots)"),
            (rules.order in CHANGING,
             f"conservative backfilling makes promises, which the order {rules.order} would not keep",
             "an order whose keys stay, such as fcfs, sjf or f1"),
            (rules.backfill_order != "queue",
             f"conservative backfilling has no candidates to try in the order {rules.backfill_order}",
             f"backfill_order queue, and order {rules.backfill_order} if reservations shall be made so"),
            (rules.reservations != 1,
             "under conservative backfilling every waiting job holds a reservation",
             f"backfill_depth {rules.reservations} for the first {rules.reservations} only"),
        ]  # fmt: skip
    refuse(checks)


def _kind(order: str, neutral: str) -> int:
    """Tell an order by number: 0 for the one without a key, 1 for a key known at submission, or its own."""
    return k.IN_ORDER_OF_SUBMIT if order == neutral else CHANGING.get(order, k.BY_KEY)


def kernel_numbers(rules: Rules) -> dict[int, int]:
    """Scalars of the kernel by index, for rules that `check` lets pass."""
    order, backfill_order = _kind(rules.order, "fcfs"), _kind(candidates(rules), "queue")
    changing = order >= k.CHANGING or backfill_order >= k.CHANGING
    predict, overrun = rules.backfill == PREDICTING, rules.overrun == "allow"
    # Where time alone, a correction or the last pass itself may let a job start, every pass is a whole one.
    restless = predict or overrun or rules.backfill_depth > 0
    at_every_pass = restless or (changing and rules.recompute_s == 0)
    tries = k.TRY_SOME if rules.backfill_depth else k.TRY_ALL
    return {
        k.ORDER_KIND: order,
        k.BACKFILL: BACKFILLING[rules.backfill].number,
        k.TIES: TIES[rules.ties].number,
        k.PLACEMENT: PLACEMENTS[rules.placement].number,
        k.BACKFILL_ORDER: backfill_order,
        k.TRY: tries if candidates(rules) == "queue" else k.TRY_BY_KEY,
        k.DEPTH: rules.backfill_depth,
        k.CYCLE: rules.cycle_s,
        k.RECOMPUTE: rules.recompute_s,
        k.REKEY_AT: 0 if changing else k.FOREVER,
        k.LOOK_AGAIN: 0 if at_every_pass else 1 if changing else k.FOREVER,
        k.OVERRUN: overrun,
        k.PREDICT: predict,
        k.PREPARE: predict or changing,
        k.TOGETHER: order != k.IN_ORDER_OF_SUBMIT or backfill_order != k.IN_ORDER_OF_SUBMIT,
        k.RESTLESS: restless,
        k.PASSED_AT: -1,
        k.PLAIN: rules.ties == "instant" and not (order or backfill_order or restless or rules.cycle_s),
    }
