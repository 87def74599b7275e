"""Options of a policy that contradict each other or have no effect, said in the words of the command line."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from capacity.errors import UsageError
from capacity.registry import CHANGING, MULTIFACTOR, SHORTEST_FIRST

if TYPE_CHECKING:
    from capacity.scheduling.rules import Rules


def check_sense(rules: "Rules", given: Collection[str], *, nodes: bool) -> None:
    """Refuse options that would be ignored, and rules that cannot go together.

    Parameters
    ----------
    rules : Rules
        What the options amount to.
    given : collection of str
        Options that stand on the command line, by the name of their parameter.
    nodes : bool
        Whether the machine has nodes.

    Raises
    ------
    UsageError
        With the first of them and what would make sense.
    """
    for wrong, text in (*_ignored(rules, given), *_impossible(rules, nodes=nodes)):
        if wrong:
            raise UsageError(text)


def _ignored(rules: "Rules", given: Collection[str]) -> list[tuple[bool, str]]:
    easy = rules.backfill == "easy" or rules.backfill in SHORTEST_FIRST
    conservative = rules.backfill == "conservative"
    changes = {rules.order, rules.backfill_order} & {*CHANGING, MULTIFACTOR}
    return [
        (
            "backfill_depth" in given and not easy and not conservative,
            f"--backfill-depth has no effect on a policy that does not backfill: {rules.order}+easy does",
        ),
        (
            "reservations" in given and not easy,
            f"--reservations belongs to a policy with easy: {rules.order}+easy",
        ),
        (
            "backfill_order" in given and not easy,
            f"--backfill-order belongs to a policy with easy: {rules.order}+easy",
        ),
        (
            "conservative" in given and not conservative,
            f"--conservative belongs to a policy with conservative: {rules.order}+conservative",
        ),
        (
            "recompute" in given and not changes,
            f"--recompute has no effect: the order {rules.order} does not change while jobs wait",
        ),
    ]


def _impossible(rules: "Rules", *, nodes: bool) -> list[tuple[bool, str]]:
    not_instant = rules.ties != "instant"
    predicts = rules.backfill == "easy++"
    site = rules.reservations > 1 or rules.order == MULTIFACTOR
    return [
        (
            rules.cycle_s > 0 and not_instant,
            f"--cycle goes with --ties instant, not with --ties {rules.ties}",
        ),
        (
            rules.reservations > 1 and not_instant,
            f"--reservations {rules.reservations} goes with --ties instant, not with --ties {rules.ties}",
        ),
        (
            rules.order == MULTIFACTOR and not_instant,
            f"--policy multifactor goes with --ties instant, not with --ties {rules.ties}",
        ),
        (
            rules.backfill_order == MULTIFACTOR or (site and rules.backfill_order in CHANGING),
            f"--backfill-order {rules.backfill_order}: give an order whose keys stay, such as sjf",
        ),
        (
            rules.backfill in SHORTEST_FIRST and rules.backfill_order not in ("queue", "sjf"),
            f"{rules.backfill} tries jobs by time: for --backfill-order {rules.backfill_order} take "
            f"--policy {rules.order}+easy",
        ),
        (
            predicts and (site or rules.overrun == "allow" or rules.estimates == "exact"),
            "easy++ predicts run times up to the request: it goes with neither --reservations, "
            "--overrun allow, --estimates exact nor --policy multifactor+easy++",
        ),
        (
            rules.overrun == "allow" and rules.ties == "pyss",
            "--overrun allow goes with --ties instant or event: under pyss a late job shares its slots",
        ),
        (
            nodes and rules.backfill == "conservative" and rules.conservative == "sticky",
            "on nodes conservative reservations are made again at every event: --conservative replan",
        ),
        (
            nodes and rules.backfill == "conservative" and not_instant,
            f"conservative on nodes goes with --ties instant, not with --ties {rules.ties}",
        ),
    ]
