"""Random sites to which jobs come one by one, under rules by which nothing but that and ends lets one start.

Then most passes look at one newcomer and trust what the last pass has found of all others. Everything that
spoils that trust is here by chance: limits that a start exhausts, windows, lists of pools, failures.
"""

from dataclasses import replace

import numpy as np

from capacity.scheduling.site.rules import UNLIMITED, LimitNumbers
from tests.support.random_site_cases import STATIC_ORDERS, random_site_case
from tests.support.site_case import SiteCase

QUIET = (
    "pools", "deliveries", "windows", "reserved", "commands", "qos", "limits", "arrays", "dependencies",
    "singleton", "patience", "deadline", "checkpoints", "attempts", "backfill_order", "reservations", "exact",
    "speeds",
)  # fmt: skip
"""Features of a random site under which time alone changes nothing."""


def newcomer_case(seed: int, *, features: tuple[str, ...] | None = None) -> SiteCase:
    """A site and jobs that come one by one; `features` are in play, by default some of QUIET by chance."""
    rng = np.random.default_rng([seed, 11])
    share = rng.choice([0.0, 0.1, 0.3])
    drawn = (*(name for name in QUIET if rng.random() < share), *(["limits"] if rng.random() < 0.7 else []))
    on = drawn if features is None else features
    case = random_site_case(seed, features=on)
    jobs, longer = len(case.submit), int(rng.choice([1, 8]))
    most = max(spec.most_nodes * spec.slots_per_node for spec in case.pools)
    wide = rng.random(jobs) < 0.2
    slots = np.where(wide, rng.integers(most // 2, most, jobs) + 1, rng.integers(1, most // 8 + 2, jobs))
    backfill = str(rng.choice(["easy", "easy", "easy-sjbf", "conservative"]))
    rules = replace(
        case.rules,
        order=str(rng.choice(STATIC_ORDERS)) if rng.random() < 0.3 else "fcfs",
        backfill=backfill,
        backfill_order=case.rules.backfill_order if backfill == "easy" else "queue",
    )
    site = replace(case.site, route="preferred")
    if "limits" in on:
        site = replace(
            site,
            user_limits=_loose(rng, most),
            accounts=tuple(replace(account, limits=_loose(rng, most)) for account in site.accounts),
            qos=tuple(replace(qos, limits=LimitNumbers(), user_limits=LimitNumbers()) for qos in site.qos),
        )
    return replace(
        case,
        submit=tuple(np.cumsum(rng.integers(0, rng.choice([1, 2, 4]) + 1, jobs)).tolist()),
        run=tuple(longer * run for run in case.run),
        requested=tuple(longer * asked for asked in case.requested),
        slots=tuple(slots.tolist()),
        rules=rules,
        site=site,
    )


def _loose(rng: np.random.Generator, most: int) -> LimitNumbers:
    """Limits that let some of a group run, and are often reached by one more."""
    slots = int(rng.integers(max(1, most // 3), most + 1)) if rng.random() < 0.5 else UNLIMITED
    return LimitNumbers(slots, int(rng.integers(2, 7)) if rng.random() < 0.3 else UNLIMITED)
