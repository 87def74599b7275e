"""When nodes fail and when they are repaired, drawn before the run so that no schedule can change it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from capacity.scheduling.pool import PoolSpec
from capacity.simulation.record import Outage
from capacity.spec.failures import Failures
from capacity.spec.scenario import Scenario
from workloads.synthetic.streams import stream

DAY_S = 86_400


def draw_outages(
    scenario: Scenario, pools: Sequence[PoolSpec], *, seed: int, replication: int
) -> tuple[Outage, ...]:
    """Return every outage of a node that begins within the horizon, in order of time.

    Each node of each pool has random numbers of its own, counted from the day on which it comes into
    service: neither other nodes nor a longer horizon move its failures.
    """
    found: list[Outage] = []
    for index, spec in enumerate(pools):
        failures = scenario.site.pools[spec.name].failures
        if failures is None:
            continue
        for node, begin_s in enumerate(_in_service_s(spec)):
            rng = stream(seed, replication, "failures", spec.name, str(node))
            for failed, repaired in _of_node(rng, failures, begin_s, scenario.horizon_s):
                found.append(Outage(index, node, int(failed), int(repaired)))
    return tuple(sorted(found, key=lambda outage: (outage.failed_s, outage.pool, outage.node)))


def _in_service_s(spec: PoolSpec) -> list[int]:
    """Return when each node comes into service, in order of their numbers [s]."""
    return [0] * spec.nodes + [time for time, count in spec.deliveries for _ in range(count)]


def _of_node(
    rng: np.random.Generator, failures: Failures, begin_s: int, end_s: int
) -> list[tuple[np.int64, np.int64]]:
    """Return when a node fails and is repaired, again and again: both times exponential, at least 1 s."""
    up_s = 1000 * DAY_S / failures.per_1000_node_days
    found: list[tuple[np.int64, np.int64]] = []
    now = np.int64(begin_s)
    while now < end_s:
        steps = np.rint(rng.standard_exponential((8, 2)) * (up_s, failures.repair)).astype(np.int64)
        times: npt.NDArray[np.int64] = now + np.cumsum(np.maximum(steps, 1)).reshape(8, 2)
        found += [(failed, repaired) for failed, repaired in times if failed < end_s]
        now = times[-1, -1]
    return found
