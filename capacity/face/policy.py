"""Policies in words: ``easy``, ``sjf``, ``sjf+easy``, and the weights of the order multifactor."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from capacity.errors import InputError, UsageError, nearest
from capacity.registry import BACKFILLING, MULTIFACTOR, ORDERS
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import MultifactorNumbers

WEIGHTS: Final[Mapping[str, float]] = {"age": 1000.0, "size": 0.0, "fair_share": 10000.0}
"""What a log tells enough of, with the weights in a replay if none are given."""
NO_BACKFILLING: Final = "none"


def rules_of(policy: str | Rules, **more: Any) -> Rules:  # noqa: ANN401 - further fields of `Rules`
    """Return the rules that a policy in words stands for, and rules as they are.

    Parameters
    ----------
    policy : str or Rules
        ``ORDER``, ``ORDER+BACKFILLING``, or the name of a backfilling rule, which goes with fcfs.
    **more
        Further fields of `capacity.scheduling.rules.Rules`.

    Raises
    ------
    UsageError
        There is no such name; the error carries the nearest one.

    Examples
    --------
    >>> [(one.order, one.backfill) for one in map(rules_of, ("easy", "sjf", "sjf+conservative"))]
    [('fcfs', 'easy'), ('sjf', 'none'), ('sjf', 'conservative')]
    """
    if isinstance(policy, Rules):
        return policy
    order, plus, backfill = policy.partition("+")
    if policy in BACKFILLING:
        order, backfill = "fcfs", policy
    elif not plus:
        backfill = NO_BACKFILLING
        if policy not in ORDERS:
            pairs = [f"{name}+{rule}" for rule in BACKFILLING if rule != NO_BACKFILLING for name in ORDERS]
            known = [*ORDERS, *BACKFILLING, *pairs]
            raise UsageError(f"unknown policy '{policy}': {nearest(policy.lower(), known, limit=len(known))}")
    try:
        return Rules(order, backfill, **more)
    except InputError as error:
        problem = error.problems[0]
        raise UsageError(": ".join(filter(None, (problem.what, problem.fix)))) from None


def weights_of(order: str, given: Sequence[str]) -> MultifactorNumbers | None:
    """Return the weights of the order multifactor, or None for any other order.

    Raises
    ------
    UsageError
        A weight is not of the form ``NAME=NUMBER``, has no effect in a replay, or under this order.
    """
    if order != MULTIFACTOR:
        if given:
            raise UsageError(f"--weight belongs to --policy {MULTIFACTOR}, not to {order}")
        return None
    weights = dict.fromkeys(WEIGHTS, 0.0) if given else {**WEIGHTS}
    for text in given:
        name, is_given, number = text.partition("=")
        if not is_given:
            raise UsageError(f"--weight {text}: write NAME=NUMBER, as age=1000")
        if name not in WEIGHTS:
            raise UsageError(f"unknown weight '{name}': {nearest(name.lower(), list(WEIGHTS))}")
        try:
            weights[name] = float(number)
        except ValueError:
            raise UsageError(f"--weight {text}: '{number}' is no number") from None
        if not 0 <= weights[name] < math.inf:
            raise UsageError(f"--weight {text}: a weight is 0 or more")
    return MultifactorNumbers(age=weights["age"], size=weights["size"], fair_share=weights["fair_share"])
