"""The rules of a site as the numbers and arrays of the site core, and the combinations it does not have."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from capacity.errors import InputError
from capacity.registry import BACKFILLING, CHANGING, FAIR_SHARE, ROUTES
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.site import state as s
from capacity.scheduling.pools.rule_numbers import candidates, clashes, refuse
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.groups import Arrays
from capacity.scheduling.site.rules import FOREVER_S, QosNumbers, SiteRules, WindowNumbers

ALL: Final = 1 << 30
"""Depth and reservations without limit."""


def check(rules: Rules) -> None:
    """Refuse rules that the site core does not have.

    Raises
    ------
    InputError
        Naming each of them.
    """
    refuse(clashes(rules, beside="the rules of a site"))


def core_numbers(rules: Rules, site: SiteRules) -> dict[int, int]:
    """Scalars of the site core by index, for rules that `check` lets pass."""
    multifactor, preempts = rules.order == "multifactor", any(q.preempts for q in site.qos)
    time_varying = multifactor or rules.order in CHANGING
    restless = (
        time_varying
        or preempts
        or rules.overrun == "allow"
        or rules.backfill_depth > 0
        or site.route != "preferred"
        or rules.backfill == "none"
    )
    return {
        s.N_QOS: max(1, len(site.qos)),
        s.OVERRUN: rules.overrun == "allow",
        s.CYCLE: rules.cycle_s,
        s.ORDER_KIND: s.MULTIFACTOR if multifactor else CHANGING.get(rules.order, k.BY_KEY),
        s.TIME_VARYING: time_varying,
        s.RECOMPUTE: rules.recompute_s,
        s.LAST_RECOMPUTE: -1,
        s.BACKFILL: min(BACKFILLING[rules.backfill].number, s.EASY),
        s.OTHER_ORDER: candidates(rules) != "queue",
        s.DEPTH: (rules.backfill_depth if rules.backfill != "none" else 0) or ALL,
        s.RESERVATIONS: ALL if rules.backfill == "conservative" else min(rules.reservations, ALL),
        s.ROUTE: ROUTES[site.route].number,
        s.FAVOR_SMALL: site.multifactor.favor_small,
        s.FAIR_SHARE_RULE: FAIR_SHARE[site.multifactor.fair_share_rule].number,
        s.HAS_SHARES: multifactor and site.multifactor.fair_share != 0,
        s.HAS_PREEMPTION: preempts,
        s.RESTLESS: restless,
        s.REQUEUE_ON_FAIL: site.restarts.requeue,
        s.REQUEUE_DELAY: site.restarts.delay_s,
        s.MAX_ATTEMPTS: site.restarts.max_attempts,
        s.MAX_FUTILE: site.restarts.max_futile,
        s.EXACT: rules.estimates == "exact",
    }


def qos_arrays(qos: Sequence[QosNumbers], pools: int) -> Arrays:
    """Arrays of the qualities of service, of which there is always one."""
    return {
        s.QOS_RUNNING: np.zeros(pools * max(1, len(qos)), np.int64),
        s.QOS_PRIORITY: np.array([q.priority for q in qos] or [0.0]),
        s.QOS_PREEMPTS: np.array([sum(1 << n for n in set(q.preempts)) for q in qos] or [0], np.int64),
        s.QOS_MODE: np.array([int(q.mode == "cancel") for q in qos] or [0], np.int32),
        s.QOS_GRACE: np.array([q.grace_s for q in qos] or [0], np.int64),
        s.QOS_MIN_RUN: np.array([q.min_run_s for q in qos] or [0], np.int64),
    }


def window_arrays(windows: Sequence[WindowNumbers], pools: int) -> Arrays:
    """Arrays of the windows, which are in order of their starts, and of their edges in order of time.

    Raises
    ------
    InputError
        A window names a pool that is not there.
    """
    of_pool, gone = np.zeros(pools, np.int64), np.zeros(pools, np.int64)
    for window in windows:
        if not 0 <= window.pool < pools:
            message = f"a window names pool number {window.pool}"
            raise InputError(message)
        of_pool[window.pool] += 1
        gone[window.pool] += window.end_s >= FOREVER_S
    until = [w.end_s if w.end_s < FOREVER_S else k.FOREVER for w in windows]  # nobody plans on the latter
    ends = [(end, 0, n) for n, end in enumerate(until)]
    edges = sorted(ends + [(w.start_s, 1, n) for n, w in enumerate(windows)])
    return {
        s.POOL_WINDOWS: of_pool,
        s.POOL_GONE: gone,
        s.WINDOW_POOL: np.array([w.pool for w in windows], np.int32),
        s.WINDOW_START: np.array([w.start_s for w in windows], np.int64),
        s.WINDOW_END: np.array(until, np.int64),
        s.WINDOW_FIRST: np.array([w.first for w in windows], np.int64),
        s.WINDOW_NODES: np.array([w.nodes for w in windows], np.int64),
        s.WINDOW_ACCOUNT: np.array([w.account for w in windows], np.int32),
        s.WINDOW_REQUEUE: np.array([w.requeue for w in windows], np.int32),
        s.WINDOW_ON: np.zeros(len(windows), np.int64),
        s.EDGE_TIME: np.array([time for time, _, _ in edges], np.int64),
        s.EDGE_WINDOW: np.array([~n if is_start else n for _, is_start, n in edges], np.int32),
    }
