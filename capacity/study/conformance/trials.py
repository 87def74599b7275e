"""Random jobs full of ties on a small machine under some rules: trials of the laws of every schedule."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.registry import MULTIFACTOR, ORDERS, PLACEMENTS, TIES
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules

NODES: Final = 6
SLOTS_PER_NODE: Final = 4
DELIVERIES: Final = ((30, 1), (80, 2))
USERS: Final = 5
FINER: Final = ("backfill_order", "backfill_depth", "cycle_s", "estimates", "overrun")
"""Settings that messages name where they are not the usual ones."""
OVERSTATED: Final = (0, 0, 0, 1, 5, 10, -3)
"""Request minus run time: exact, generous, or short, so that the job is killed. [s]"""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RandomTrial:
    """Jobs, a machine and rules."""

    spec: PoolSpec
    rules: Rules
    jobs: Jobs

    @property
    def words(self) -> str:
        """The rules and the machine, as messages name them."""
        kind = "counted" if self.spec.counted else f"nodes, {self.rules.placement}"
        return f"{words_of(self.rules)}, {kind}"

    @property
    def effective_run_s(self) -> Ints:
        """Run time after the kill at the request, if there is one [s]."""
        run_s = np.asarray(self.jobs.run_s, np.int64)
        return run_s if self.rules.overrun == "allow" else np.minimum(run_s, self.jobs.requested_s)

    def run(self) -> Outcome:
        """Return what becomes of the jobs."""
        system = batch_system([self.spec], self.rules, self.jobs)
        system.run()
        return system.outcome()


def words_of(rules: Rules) -> str:
    """Return rules as the command line has them."""
    kind = f" {rules.conservative}" if rules.backfill == "conservative" else ""
    backfill = "" if rules.backfill == "none" else f"+{rules.backfill}"
    plain = Rules(rules.order, rules.backfill, rules.ties, rules.placement, rules.seed)
    finer = [
        f", {name} {getattr(rules, name)}" for name in FINER if getattr(rules, name) != getattr(plain, name)
    ]
    return f"{rules.order}{backfill}{kind}, {rules.ties}{''.join(finer)}"


def plain_rules() -> list[Rules]:
    """Return every queue order in turn with every tie dialect, with and without backfilling."""
    orders = [name for name in ORDERS.own if name != MULTIFACTOR]  # which needs the accounts of a site
    return [
        Rules(order, backfill, ties)
        for number, order in enumerate(orders)
        for ties in TIES
        for backfill in (("easy", "none") if number < 2 else ("easy",))
    ]


def counted_rules() -> list[Rules]:
    """Return what is tried on counted machines only: rules that plan ahead, and each finer setting once."""
    return [
        Rules("fcfs", "easy", backfill_order="saf"), Rules("sjf", "easy", backfill_depth=3),
        Rules("fcfs", "easy", cycle_s=7), Rules("fcfs", "easy", estimates="exact"),
        Rules("fcfs", "easy", overrun="allow"), *(Rules("fcfs", "easy-sjbf", ties) for ties in TIES),
        Rules("fcfs", "easy++", "pyss"), Rules("fcfs", "conservative", "instant"),
        Rules("fcfs", "conservative", "pyss"), Rules("fcfs", "conservative", "event", conservative="replan"),
    ]  # fmt: skip


def random_columns(
    seed: int, jobs: int, *, nodes: int, slots_per_node: int, load: float = 1.2, longest: int = 200,
    wide: float = 0.1,
) -> tuple[Ints, Ints, Ints, Ints]:  # fmt: skip
    """Return submissions, run times and requests [s] and slots of jobs that load a machine.

    The same seed gives the same jobs. `load` is what they ask for while they arrive, over what the machine
    has; `longest` the longest run time [s]; `wide` the share of the jobs that may span nodes.
    """
    rng = np.random.default_rng(seed)
    most = nodes * slots_per_node
    run = rng.integers(0, longest + 1, jobs)
    requested = np.maximum(1, run + rng.choice([*OVERSTATED, 50, 50, longest], jobs))
    narrow = rng.integers(1, slots_per_node + 1, jobs)
    slots = np.where(rng.random(jobs) < wide, rng.integers(1, most + 1, jobs), narrow)
    span = int((np.minimum(run, requested) * slots).sum() / (load * most))
    submit = np.sort(rng.integers(0, span + 1, jobs))
    bursts = rng.random(jobs) < 0.3  # a third arrives together with the job before it
    submit[1:][bursts[1:]] = submit[:-1][bursts[1:]]
    return np.maximum.accumulate(submit), run, requested, slots


def trial(number: int, rules: Rules, *, jobs: int, counted: bool, placement: str = "best-fit") -> RandomTrial:
    """Return trial `number`: the same number, the same jobs (and the same random placement).

    On a counted machine any free slots will do; otherwise jobs are placed on nodes, as `placement` says.
    """
    columns = random_columns(number, jobs, nodes=NODES, slots_per_node=SLOTS_PER_NODE, load=2.5, longest=60)
    users = np.random.default_rng(number).integers(0, USERS, jobs).astype(np.int32)
    spec = PoolSpec("p", NODES, SLOTS_PER_NODE, counted, DELIVERIES)
    return RandomTrial(spec, replace(rules, placement=placement, seed=number), Jobs(*columns, user=users))


def trials(*, jobs: int, rounds: int = 1) -> list[RandomTrial]:
    """Return trials of all rules, on a counted machine and, for those without a plan ahead, on nodes."""
    placements = list(PLACEMENTS)
    found: list[RandomTrial] = []
    for turn in range(rounds):
        for rules in (*plain_rules(), *counted_rules()):
            found.append(trial(1_000 * turn + len(found), rules, jobs=jobs, counted=True))
        for rules in plain_rules():
            number = 1_000 * turn + len(found)
            placement = placements[number % len(placements)]
            found.append(trial(number, rules, jobs=jobs, counted=False, placement=placement))
    return found
