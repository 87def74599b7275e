"""Random small sites from a seed: every rule on or off by chance, many ties, more work than can be done.

All run times, requests and checkpoints are multiples of eight where pools differ in speed, so that nobody has
to round.
"""

from dataclasses import dataclass

import numpy as np

from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import (
    FOREVER_S,
    UNLIMITED,
    AccountNumbers,
    LimitNumbers,
    MultifactorNumbers,
    QosNumbers,
    Restarts,
    SiteRules,
    WindowNumbers,
)
from tests.support.random_cases import OVERSTATED
from tests.support.site_case import SiteCase

FEATURES = (
    "pools", "deliveries", "windows", "reserved", "commands", "qos", "preemption", "limits", "arrays",
    "dependencies", "singleton", "patience", "deadline", "checkpoints", "attempts", "multifactor", "orders",
    "backfill_order", "depth", "reservations", "cycle", "exact", "overrun", "speeds", "later", "unservable",
)  # fmt: skip

STATIC_ORDERS = ("fcfs", "sjf", "ljf", "smallest", "largest", "saf", "f1", "f2", "f3", "f4")
VARYING_ORDERS = ("wfp3", "unicef", "expansion")
LONGEST = 24


@dataclass
class Maker:
    """Draws the parts of a case; `on` are the features that are in play."""

    rng: np.random.Generator
    on: frozenset[str]
    jobs: int

    def pick(self, values):
        return values[int(self.rng.integers(len(values)))]

    def chance(self, p):
        return bool(self.rng.random() < p)

    def whole(self, low, high, count=None):
        """Whole numbers from low to high, both included."""
        drawn = self.rng.integers(low, high + 1, count)
        return int(drawn) if count is None else tuple(drawn.tolist())

    def some(self, p, low, high, otherwise=-1):
        """A column that has a number in a share p of its rows."""
        values = self.rng.integers(low, high + 1, self.jobs)
        return tuple(np.where(self.rng.random(self.jobs) < p, values, otherwise).tolist())

    # the machine

    def pools(self):
        number = self.whole(2, 3) if "pools" in self.on else 1
        counted, whole = self.chance(0.4), self.pick((1, 2, 3, 4))
        mixed = number > 1 and "limits" not in self.on and self.chance(0.5)
        made = []
        for index in range(number):
            deliveries = ()
            if "deliveries" in self.on and self.chance(0.7):
                times = sorted(self.rng.choice(60, self.whole(1, 2), replace=False).tolist())
                deliveries = tuple((at, self.whole(1, 2)) for at in times)
            if mixed:
                counted, whole = self.chance(0.4), self.pick((1, 2, 3, 4))
            made.append(PoolSpec(f"p{index}", self.whole(1, 5), whole, counted, deliveries))
        return tuple(made)

    def windows(self, pools):
        made = []
        for _ in range(self.whole(1, 2)):
            pool = self.whole(0, len(pools) - 1)
            nodes = self.whole(1, pools[pool].nodes)
            first = self.whole(0, pools[pool].nodes - nodes)
            start = self.whole(3, 70)
            end = start + self.whole(3, 30)
            end = FOREVER_S if self.chance(0.1) and "cycle" not in self.on else end
            reserved = "reserved" in self.on and ("windows" not in self.on or self.chance(0.5))
            account = self.whole(0, 1) if reserved else -1
            overlap = any(w.pool == pool and w.start_s < end and start < w.end_s for w in made)
            if not overlap:
                requeue = account < 0 and self.chance(0.4)
                made.append(WindowNumbers(pool, start, end, first, nodes, account, requeue))
        return tuple(made)

    def commands(self, pools, windows):
        made, busy = [], {w.start_s for w in windows} | {w.end_s for w in windows}
        for _ in range(self.whole(1, 6)):
            name = self.pick(("fail", "fail", "drain", "cancel", "preempt"))
            at = self.whole(1, 80)
            if name in ("cancel", "preempt"):
                made.append((at, name, (self.whole(0, self.jobs - 1),)))
                continue
            p = self.whole(0, len(pools) - 1)
            node = self.whole(0, pools[p].nodes - 1)
            taken = any(args == (p, node) for _, _, args in made) or at in busy
            if taken or (name == "drain" and pools[p].counted):
                continue
            made.append((at, name, (p, node)))
            back = at + self.whole(1, 25)
            if back not in busy and (self.chance(0.8) or "cycle" in self.on):
                made.append((back, {"fail": "repair", "drain": "resume"}[name], (p, node)))
        return tuple(sorted(made, key=lambda command: command[0]))

    # the rules

    def limits(self, p):
        def one(low, high):
            return self.whole(low, high) if self.chance(p) else UNLIMITED

        return LimitNumbers(one(1, 8), one(1, 4), one(3, 8))

    def maybe_limits(self, p=0.4):
        return self.limits(p) if "limits" in self.on else LimitNumbers()

    def qos(self):
        first = QosNumbers("low", 0.0, limits=self.maybe_limits(), user_limits=self.maybe_limits())
        if not {"qos", "preemption"} & self.on:
            return (first,) if "limits" in self.on else ()
        made = []
        for index, name in enumerate(("low", "normal", "high")):
            preempts = tuple(range(index)) if "preemption" in self.on else ()
            made.append(
                QosNumbers(
                    name,
                    self.pick((0.0, 0.5, 1.0)),
                    preempts if self.chance(0.8) else (),
                    self.pick(("requeue", "requeue", "cancel")),
                    self.pick((0, 0, 3, 7)),
                    self.pick((0, 0, 4)),
                    self.maybe_limits(0.2),
                    self.maybe_limits(0.2),
                )
            )
        return tuple(made)

    def accounts(self):
        number = self.whole(2, 4)
        return tuple(
            AccountNumbers(
                f"a{index}",
                self.pick((0.0, 1.0, 1.0, 2.0, 5.0)),
                self.whole(-1, index - 1) if index else -1,
                self.maybe_limits(0.3),
            )
            for index in range(number)
        )

    def multifactor(self, pools):
        def weight():
            return self.pick((0.0, 0.0, 100.0, 1000.0, 777.7))

        return MultifactorNumbers(
            weight(), weight(), weight(), weight(), self.pick((0.0, 1000.0, 5000.0)),
            self.pick((20, 100)), self.pick((10, 50)), self.pick((1.0, 2.0)),
            self.pick(("classic", "fair-tree")), self.chance(0.5),
            tuple(self.pick((0.0, 0.5, 1.0)) for _ in pools) if self.chance(0.5) else (),
        )  # fmt: skip

    def restarts(self):
        again, delay = self.chance(0.8), self.pick((0, 1, 5))
        if "attempts" not in self.on:
            return Restarts(again, delay)
        most = self.whole(1, 3) if self.chance(0.7) else UNLIMITED
        return Restarts(again, delay, most, self.whole(1, 3) if self.chance(0.7) else 10)

    def rules(self):
        order = self.pick(STATIC_ORDERS + VARYING_ORDERS) if "orders" in self.on else "fcfs"
        order = "multifactor" if "multifactor" in self.on else order
        backfill = self.pick(("none", "easy", "easy", "easy-sjbf", "conservative"))
        free = backfill == "easy"
        return Rules(
            order=order,
            backfill=backfill,
            placement=self.pick(("best-fit", "worst-fit", "first-fit")),
            backfill_order=self.pick(STATIC_ORDERS) if "backfill_order" in self.on and free else "queue",
            backfill_depth=self.whole(1, 5) if "depth" in self.on and backfill != "none" else 0,
            reservations=self.whole(2, 4) if "reservations" in self.on else 1,
            conservative="replan",
            cycle_s=self.pick((3, 10)) if "cycle" in self.on else 0,
            recompute_s=self.pick((0, 7, 30)),
            estimates="exact" if "exact" in self.on else "requested",
            overrun="allow" if "overrun" in self.on else "kill",
        )

    # the jobs

    def columns(self, pools):
        step = 8 if "speeds" in self.on else 1
        run = self.rng.integers(0, LONGEST // step + 1, self.jobs) * step
        requested = np.maximum(1, run // step + self.rng.choice(OVERSTATED, self.jobs)) * step
        whole = max(pool.slots_per_node for pool in pools)
        most = max(pool.most_nodes * pool.slots_per_node for pool in pools)
        wide = self.rng.random(self.jobs) < self.pick((0.0, 0.2, 0.5))
        slots = np.where(
            wide,
            self.rng.integers(1, most + 2, self.jobs),
            self.rng.integers(1, whole + 1, self.jobs),
        )
        submit = np.sort(self.rng.integers(0, self.pick((0, 10, 60)) + 1, self.jobs))
        return {
            "submit": tuple(submit.tolist()),
            "run": tuple(run.tolist()),
            "requested": tuple(requested.tolist()),
            "slots": tuple(slots.tolist()),
        }

    def optional(self, pools, accounts, qos):
        number, on = self.jobs, self.on
        given = {"user": self.whole(0, 2, number)}
        if accounts:
            given["account"] = self.whole(0, len(accounts) - 1, number)
        if qos:
            given["qos"] = self.whole(0, len(qos) - 1, number)
        if "arrays" in on:
            given |= {"array": self.some(0.6, 0, 1), "array_limit": self.whole(1, 3, 2)}
        if "dependencies" in on:
            given["after"] = tuple(
                self.whole(0, row - 1) if row and self.chance(0.4) else -1 for row in range(number)
            )
            given["after_ok"] = tuple(self.chance(0.6) for _ in range(number))
        if "singleton" in on:
            given["singleton"] = self.some(0.5, 0, 1)
        if "patience" in on:
            given["patience"] = self.some(0.5, 0, 40)
        if "deadline" in on:
            given["deadline"] = self.some(0.5, 0, 40)
        if "checkpoints" in on:
            step = 8 if "speeds" in on else 1
            given["checkpoint"] = tuple(step * c for c in self.some(0.7, 1, 8 // step, 0))
            given["restart"] = self.some(0.5, 1, 6, 0) if self.chance(0.7) else ()
        if "unservable" in on:
            given["unservable"] = tuple(self.chance(0.2) for _ in range(number))
        if len(pools) > 1:
            sets = {tuple(self.rng.permutation(len(pools))[: self.whole(1, len(pools))].tolist()): 0
                    for _ in range(3)}  # fmt: skip
            given["pool_sets"] = tuple(sets)
            given["pool_set"] = self.whole(0, len(sets) - 1, number)
        if "speeds" in on:
            given["pool_factor"] = tuple(
                tuple(self.pick((0.5, 1.0, 2.0)) for _ in pools) for _ in range(number)
            )
        return given

    def later(self, columns, commands, given):
        """Some of the last jobs are unknown until shortly before they are submitted."""
        first = self.whole(1, self.jobs - 1)
        at = self.whole(max(0, columns["submit"][first] - 5), columns["submit"][first])
        commands = [c for c in commands if c[1] not in ("cancel", "preempt") or c[2][0] < first or c[0] > at]
        commands.append((at, "submit", (first, self.jobs)))
        if "after" in given:
            given["after"] = tuple(a if row < first else -1 for row, a in enumerate(given["after"]))
        return first, tuple(sorted(commands, key=lambda command: command[0]))


def random_site_case(seed: int, *, features: tuple[str, ...] | None = None) -> SiteCase:
    """A site and its jobs; `features` are in play, by default some of all by chance."""
    rng = np.random.default_rng(seed)
    share = rng.choice([0.08, 0.25, 0.5])
    drawn = [name for name in FEATURES if rng.random() < share]
    on = frozenset(drawn if features is None else features)
    if "multifactor" in on:
        on -= {"later"}  # all users are known from the start
    make = Maker(rng, on, int(rng.integers(5, 41)))
    pools = make.pools()
    windows = make.windows(pools) if {"windows", "reserved"} & on else ()
    qos = make.qos()
    accounts = make.accounts() if {"multifactor", "limits", "reserved"} & on else ()
    columns = make.columns(pools)
    commands = make.commands(pools, windows) if "commands" in on else ()
    given = make.optional(pools, accounts, qos)
    later = None
    if "later" in on:
        later, commands = make.later(columns, commands, given)
    site = SiteRules(
        accounts, qos, make.maybe_limits(0.3), make.multifactor(pools), windows,
        make.pick(("preferred", "earliest")), make.restarts(),
    )  # fmt: skip
    return SiteCase(pools, **columns, rules=make.rules(), site=site, commands=commands, later=later, **given)
