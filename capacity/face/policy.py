"""A policy in words: ``easy``, ``sjf``, ``sjf+easy``."""

from capacity.registry import BACKFILLING


def split(policy: str) -> tuple[str, str]:
    """Return the queue order and the backfilling rule that a policy in words stands for.

    Examples
    --------
    >>> split("easy"), split("sjf"), split("sjf+conservative")
    (('fcfs', 'easy'), ('sjf', 'none'), ('sjf', 'conservative'))
    """
    if policy in BACKFILLING:
        return "fcfs", policy
    order, _, backfill = policy.partition("+")
    return order, backfill or "none"
