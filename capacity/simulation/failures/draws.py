"""Failures drawn: when nodes and groups would fail and for how long, whatever is simulated around them.

The numbers of a node depend on the seed, the replication, the pool and the number of the node alone: another
policy, more spares, more nodes or a longer horizon leave them as they are. Only numbers evenly spread over 0
to 1 are drawn; what they mean in seconds is worked out from them for all nodes of a pool at once.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.facility.failures import YEAR_S, between_failures_s, to_first_failure_s
from capacity.inputs.failures.nodes import Failures
from capacity.inputs.fields.run_time import RunTime
from capacity.inputs.outages import Outage
from capacity.inputs.scenario import Scenario
from capacity.scheduling.pools.pool import LONGEST_S, PoolSpec
from capacity.simulation.calendar import calendar_of
from capacity.simulation.failures.reliability import NO_HAZARDS, Failure, GroupOutages, Hazards, NodeFailures
from workloads.synthetic.streams import stream

Floats = npt.NDArray[np.float64]
FIRST_FAILURES: Final = 4
MOST_AT_ONCE: Final = 64
"""Drawn for every node at once, by the rate; a node that fails more often gets its next ones by itself."""
NUMBERS: Final = 4
"""For each failure: how long until then, how long the repair, whether returned, how long then."""
BEFORE: Final = 2
"""Whether it is a lemon, and how far it is on the way to its first failure."""


def hazards_of(scenario: Scenario, pools: list[PoolSpec], *, seed: int, replication: int) -> Hazards:
    """Return what takes nodes out of service in one replication; nothing with `simulate.failures` off."""
    if not scenario.simulate.failures:
        return NO_HAZARDS
    failures = []
    for index, spec in enumerate(pools):
        stated = scenario.site.pools[spec.name].failures
        if stated is not None:
            expected = calendar_of(scenario).horizon_s / stated.mtbf_s
            at_once = min(MOST_AT_ONCE, FIRST_FAILURES + round(1.5 * expected))
            draw = NodeDraws(
                stated, spec.name, spec.most_nodes, seed=seed, replication=replication, at_once=at_once
            )
            young = (stated.infant.factor, stated.infant.lasts) if stated.infant else (1.0, 1.0)
            failures.append(NodeFailures(index, draw, *young, stated.spares, round(stated.swap or 1)))
    return Hazards(tuple(failures), tuple(_groups(scenario, pools, (seed, replication))))


class NodeDraws:
    """The failures of each node of a pool, by its number.

    Parameters
    ----------
    failures, pool, nodes : Failures, str, int
        What the site says of the pool, its name, and how many nodes it will have.
    seed, replication : int
        The luck of the whole run.
    at_once : int
        Failures worked out for all nodes together; it changes the speed and nothing else.

    Notes
    -----
    What is renewed by a repair is the time to the next failure, the "clock" of its Weibull or lognormal
    distribution. Age since delivery goes on, and whether a node is a lemon belongs to its place and stays:
    a spare is as good as what it replaces. The first time is that of a node in the middle of its life
    (`to_first_failure_s`), so that failures come at the stated rate from the first day on.
    """

    def __init__(
        self,
        failures: Failures,
        pool: str,
        nodes: int,
        *,
        seed: int,
        replication: int,
        at_once: int = FIRST_FAILURES,
    ) -> None:
        self._failures, self._pool, self._luck = failures, pool, (seed, replication)
        self._at_once = at_once
        numbers = np.empty((nodes, BEFORE + NUMBERS * at_once))
        for node in range(nodes):
            numbers[node] = self._numbers(node, at_once)
        self._first = self._seconds(numbers)

    def __call__(self, node: int) -> Iterator[Failure]:
        """Yield the failures of a node, without end."""
        calm, repair, returned = (column[node].tolist() for column in self._first)
        count = seen = self._at_once
        while True:
            yield from map(Failure, calm, repair, returned)
            count *= 2
            more = self._seconds(self._numbers(node, count)[None, :])
            calm, repair, returned = (column[0, seen:].tolist() for column in more)
            seen = count

    def _numbers(self, node: int, failures: int) -> Floats:
        rng = stream(*self._luck, "failures", self._pool, str(node))
        return rng.random(BEFORE + NUMBERS * failures)

    def _seconds(self, numbers: Floats) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return for each node and failure the time until then, the time away, and whether returned."""
        stated, lemons, returns = self._failures, self._failures.lemons, self._failures.returns
        lemon, started = numbers[:, 0], numbers[:, 1]
        until, repair, goes, after = (numbers[:, BEFORE + n :: NUMBERS] for n in range(NUMBERS))
        shape, spread, mean_s = stated.shape, stated.spread, stated.mtbf_s
        calm = between_failures_s(mean_s, until, shape=shape, spread=spread)
        calm[:, 0] = to_first_failure_s(mean_s, until[:, 0], started, shape=shape, spread=spread)
        if lemons is not None:
            calm[lemon < lemons.share] /= lemons.factor
        away = _whole(stated.repair, repair)
        returned = np.zeros(away.shape, np.bool_)
        if returns is not None:
            returned = goes < returns.share
            away = np.where(returned, _whole(returns.after, after), away)
        return calm, away, returned


def _whole(lasting: RunTime, p_frac: Floats) -> npt.NDArray[np.int64]:
    """Return whole seconds, at least one and no more than the batch system's clock holds [s]."""
    seconds = lasting.to_distribution().quantile(p_frac)
    return np.rint(np.clip(seconds, 1, LONGEST_S)).astype(np.int64)


def _groups(scenario: Scenario, pools: list[PoolSpec], luck: tuple[int, int]) -> Iterator[GroupOutages]:
    """Yield the groups of each outage: all its nodes at once, or so many at a time within each pool."""
    numbers = {spec.name: number for number, spec in enumerate(pools)}
    for name, outage in scenario.site.outages.items():
        struck = [pools[numbers[pool]] for pool in outage.pools_of(scenario.site.pools)]
        if outage.nodes is None:
            whole = tuple((numbers[spec.name], 0, spec.most_nodes) for spec in struck)
            yield GroupOutages(name, whole, partial(_outages, outage, luck, name, "all"))
            continue
        for spec in struck:
            for group, first in enumerate(range(0, spec.most_nodes, outage.nodes)):
                piece = (numbers[spec.name], first, min(outage.nodes, spec.most_nodes - first))
                draw = partial(_outages, outage, luck, name, spec.name, str(group))
                yield GroupOutages(name, (piece,), draw)


def _outages(outage: Outage, luck: tuple[int, int], *names: str) -> Iterator[tuple[int, int]]:
    """Yield the outages of one group: exponential times between them, and how long each lasts [s]."""
    rng = stream(*luck, "outages", *names)
    while True:
        until, lasts = rng.random((FIRST_FAILURES, 2)).T
        calm_s = between_failures_s(YEAR_S / outage.per_year, until)
        calm = np.rint(np.clip(calm_s, 1, LONGEST_S)).astype(int).tolist()
        yield from zip(calm, _whole(outage.repair, lasts).tolist(), strict=True)
