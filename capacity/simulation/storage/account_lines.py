"""The lines of the storage account: whose data of which sort lie on which tier, with one life.

Every line is a column of the account. Lines that migration can reach are made in advance, so that what moves
keeps its owner, its source and its day of arrival.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from capacity.simulation.storage.numbers import Kind, Life, TierPlan


class Line(NamedTuple):
    """Data that are treated alike; `moved` once a rule has taken them to this tier."""

    tier: str
    tenant: str
    source: str
    kind: Kind
    life: Life
    moved: bool = False


def with_reachable(arriving: Iterable[Line], tiers: Mapping[str, TierPlan]) -> tuple[Line, ...]:
    """Return the lines and those that migration turns them into, each once, in order of first mention."""
    found = dict.fromkeys(arriving)
    todo = list(found)
    while todo:
        target = moved_to(todo.pop(0), tiers)
        if target is not None and target not in found:
            found[target] = None
            todo.append(target)
    return tuple(found)


def moved_to(line: Line, tiers: Mapping[str, TierPlan]) -> Line | None:
    """Return the line that data of this one migrate to, if its tier has a rule for it."""
    rule = tiers[line.tier].migrate
    return None if rule is None else line._replace(tier=rule.to, moved=True)


def downstream_first(tiers: Iterable[TierPlan]) -> tuple[str, ...]:
    """Return the tiers so that each comes after the one it migrates to, which then has made room.

    Raises
    ------
    ValueError
        The rules go round in a circle.
    """
    by_name = {tier.name: tier for tier in tiers}
    order: list[str] = []
    for name in by_name:
        path: list[str] = []
        here: str | None = name
        while here is not None and here not in order:
            if here in path:
                raise ValueError(f"migration goes round in a circle: {' to '.join([*path, here])}")
            path.append(here)
            rule = by_name[here].migrate
            here = None if rule is None else rule.to
        order += reversed(path)
    return tuple(order)
