"""What a schedule under the rules of a site must be, written from their text alone: slow, short, plain.

`schedule` acts the rules out: a list of who waits, lists of who runs where, and at every instant with
something to happen the steps in the order in which the text has them.
"""

import math
from dataclasses import dataclass, field, replace

from capacity.scheduling.site.rules import FOREVER_S, UNLIMITED
from tests.support.site_case import Fate, SiteCase
from tests.support.site_machine import Counted, Nodes, Request, Running
from tests.support.site_pass import SitePass
from tests.support.site_shares import STATIC, VARYING, FairShare

LONGEST_STORY = 5_000

FUTURE, HELD, WAITING, AWAY, RUNS, GONE = "future", "held", "waiting", "away", "runs", "gone"


class NeverEndsError(Exception):
    """The rules let two jobs make way for each other for ever."""


@dataclass
class Answer:
    """What became of every job, where each attempt ran, and what happened in order."""

    fates: list[Fate]
    places: list[list[dict[int, int]]]
    attempts: list[list[tuple[int, int, int, int]]]  # (pool, start, end, slots) of each attempt
    story: list[tuple[int, int, str]] = field(default_factory=list)


class SiteDefinition(SitePass):
    """The rules, acted out; the pass itself is in `SitePass`."""

    def __init__(self, case: SiteCase) -> None:
        count = len(case.submit)
        self.case, self.rules, self.site = case, case.rules, case.site
        kinds = [Counted if spec.counted else Nodes for spec in case.pools]
        self.pools = [
            kind(spec, [w for w in case.site.windows if w.pool == p], case.rules.placement)
            for p, (kind, spec) in enumerate(zip(kinds, case.pools, strict=True))
        ]
        for name in ("user", "account", "qos", "after", "singleton", "array", "patience", "deadline"):
            setattr(self, name, case.column(name))
        self.after_ok, self.checkpoint = case.column("after_ok"), case.column("checkpoint")
        self.restart, unservable = case.column("restart"), case.column("unservable")
        self.choices = [case.pool_sets[s] for s in case.column("pool_set")]
        self.requested = self.as_seen(case)
        self.eligible = [
            [p for p in self.choices[row] if self.ever_fits(row, p) and not unservable[row]]
            for row in range(count)
        ]
        self.left = [
            [self.scaled(run, row, p) for p in range(len(case.pools))] for row, run in enumerate(case.run)
        ]
        self.state = [FUTURE] * count
        self.completed = [False] * count
        self.again: dict[int, int] = {}  # when a requeued job is back
        self.parked: set[int] = set()  # jobs that are held from outside
        self.known: dict[int, list[int]] = {}  # exact estimates of an attempt after the first, by pool
        self.futile = [0] * count  # failed attempts in a row that saved nothing
        self.uncounted = [0] * count  # attempts that ended by preemption or for a window
        self.quiet_until = [0] * count
        self.made_way_for: set[int] = set()  # jobs that stand first from the next pass until they start
        self.key = [0.0] * count
        self.shares = FairShare(self.site, set(zip(self.user, self.account, strict=True)))
        self.recomputed = -1
        self.now, self.happened = 0, False
        fates = [Fate(pool=(self.eligible[row] or self.choices[row])[0]) for row in range(count)]
        self.answer = Answer(fates, [[] for _ in fates], [[] for _ in fates])

    # jobs

    @staticmethod
    def as_seen(case):
        """Requested times, or true ones; who needs longer is killed at the request all the same."""
        if case.rules.estimates == "requested":
            return case.requested
        if case.rules.overrun == "allow":
            return case.run
        return [min(pair) for pair in zip(case.run, case.requested, strict=True)]

    def ever_fits(self, row, p):
        spec = self.case.pools[p]
        return self.pools[p].need(self.case.slots[row]) <= spec.most_nodes * spec.slots_per_node

    def scaled(self, seconds, row, p):
        """Seconds of the columns as they are on a pool."""
        factors = self.case.pool_factor
        return math.ceil(seconds * factors[row][p]) if factors else seconds

    def asked(self, row, p):
        """Time a job asks for on a pool, at least one second: it needs its slots whatever its duration."""
        if row in self.known:
            return self.known[row][p]
        return max(1, self.scaled(self.requested[row], row, p))

    def getting_going(self, row):
        """What the running attempt of a job, or its next one, takes before it works."""
        state, attempts = self.state[row], self.answer.fates[row].attempts
        return self.restart[row] if attempts > (1 if state == RUNS else 0) else 0

    def attempt_known(self, row):
        """Under exact estimates, the scheduler knows how long the next attempt lasts on each pool."""
        if self.rules.estimates != "exact":
            return
        lasts = [self.restart[row] + left for left in self.left[row]]
        if self.rules.overrun == "kill":
            limits = [self.scaled(self.case.requested[row], row, p) for p in range(len(self.pools))]
            lasts = [min(pair) for pair in zip(lasts, limits, strict=True)]
        self.known[row] = [max(1, length) for length in lasts]

    def seen(self, row):
        """The request as orders that never change see it; a true run time as at least one second."""
        exact = self.rules.estimates == "exact"
        return max(1, self.requested[row]) if exact else self.requested[row]

    def want(self, row, p):
        slots = self.case.slots[row]
        return Request(self.account[row], slots, self.pools[p].need(slots), self.asked(row, p))

    def tell(self, row, what):
        self.answer.story.append((self.now, row, what))

    def rows(self, *states):
        return [row for row, state in enumerate(self.state) if state in states]

    def attempt(self, row):
        """A running job and its pool."""
        return next((pool, r) for pool in self.pools for r in pool.running if r.row == row)

    # keys

    def worked_out(self, row):
        submit, slots = self.case.submit[row], self.case.slots[row]
        first = self.eligible[row][0]
        requested, wait = self.asked(row, first), self.now - submit
        if self.rules.order in STATIC:
            return STATIC[self.rules.order](submit, self.seen(row), slots)
        if self.rules.order in VARYING:
            return VARYING[self.rules.order](wait, requested, slots)
        m = self.site.multifactor
        largest = max(spec.most_nodes * spec.slots_per_node for spec in self.case.pools)
        size = self.pools[first].need(slots) / largest
        size = 1.0 - size if m.favor_small else size
        qos = self.site.qos[self.qos[row]].priority if self.site.qos else 0.0
        factor = m.pool_factors[first] if m.pool_factors else 0.0
        share = self.shares.factors[self.user[row], self.account[row]]
        age = min(wait / m.max_age_s, 1.0)
        return -(m.age * age + m.size * size + m.qos * qos + m.pool * factor + m.fair_share * share)

    @property
    def varying(self):
        return self.rules.order not in STATIC

    def due_at(self, time):
        """Whether time-varying keys are to be worked out again before a pass then."""
        every = self.rules.recompute_s
        if not self.varying:
            return False
        return not every or self.recomputed < 0 or time // every > self.recomputed // every

    def recompute_if_due(self):
        if not self.due_at(self.now):
            return
        self.recomputed = self.now
        self.shares.recompute(self.now)
        for row in self.rows(WAITING):
            self.key[row] = self.worked_out(row)

    def queue(self):
        def place(row):
            first = row in self.made_way_for
            return (-math.inf if first else self.key[row], self.case.submit[row], row)

        return sorted(self.rows(WAITING), key=place)

    # starting and ending

    def start(self, row, p, places):
        run, limit = self.getting_going(row) + self.left[row][p], self.asked(row, p)
        killed = run > limit and self.rules.overrun == "kill"
        end = self.now + (limit if killed else run)
        account = self.account[row]
        self.pools[p].running.append(Running(row, account, self.now, end, killed, self.now + limit, places))
        self.state[row] = RUNS
        self.made_way_for.discard(row)
        fate = self.answer.fates[row]
        fate.start_s = self.now if fate.start_s < 0 else fate.start_s
        fate.last_start_s = self.now
        fate.attempts += 1
        fate.pool = p
        self.answer.places[row].append(places)
        self.tell(row, f"starts in pool {p} on {places}")

    def stop(self, pool, r):
        """Give the slots of a running job back."""
        pool.running.remove(r)
        fate = self.answer.fates[r.row]
        fate.ran_s += self.now - r.start
        fate.restart_s += min(self.now - r.start, self.getting_going(r.row))
        self.answer.attempts[r.row].append((fate.pool, r.start, self.now, r.slots))

    def run_shares(self, until):
        """Slot-seconds of everybody from now to then."""
        for pool in self.pools:
            for r in pool.running:
                self.shares.run((self.user[r.row], r.account), r.slots * (until - self.now))

    def gone(self, row, *, completed=False):
        """A job has ended, whichever way; those that depend on it follow with the arrivals."""
        self.state[row] = GONE
        self.completed[row] = completed
        fate = self.answer.fates[row]
        fate.end_s = self.now if fate.start_s >= 0 else -1
        self.again.pop(row, None)
        self.happened |= any(self.after[other] == row for other in self.rows(HELD))

    def after_end(self, row):
        """What a job waited for has ended."""
        if self.after_ok[row] and not self.completed[self.after[row]]:
            self.cancelled(row, "what it depends on did not complete")
        elif row in self.parked:
            self.state[row] = HELD
        else:
            self.enter(row)

    def enter(self, row):
        self.state[row] = WAITING
        self.key[row] = self.worked_out(row)
        self.tell(row, "is in the queue")

    def cancelled(self, row, why):
        self.answer.fates[row].cancelled = True
        self.tell(row, f"is cancelled: {why}")
        self.gone(row)

    def refused(self, row, why):
        self.answer.fates[row].rejected = True
        self.tell(row, f"is rejected: {why}")
        self.gone(row)

    def finish(self, pool, r):
        self.stop(pool, r)
        self.answer.fates[r.row].killed = r.killed
        self.tell(r.row, "is killed at its limit" if r.killed else "completes")
        self.gone(r.row, completed=not r.killed)

    def interrupt(self, pool, r):
        """Stop a job and keep what its last checkpoint has."""
        self.stop(pool, r)
        worked = max(0, self.now - r.start - self.getting_going(r.row))
        every = self.checkpoint[r.row]
        saved = worked // every * every if every > 0 else 0
        fate = self.answer.fates[r.row]
        fate.lost_s += worked - saved
        if saved:
            self.futile[r.row] = 0
        here = self.left[r.row][fate.pool]
        if saved:
            self.left[r.row] = [-(-run * (here - saved) // here) for run in self.left[r.row]]
        return saved

    def requeue(self, row, why):
        self.state[row] = AWAY
        self.attempt_known(row)
        self.again[row] = self.now + max(1, self.site.restarts.delay_s)
        self.tell(row, f"is requeued: {why}")

    def lose_node(self, pool, r):
        saved = self.interrupt(pool, r)
        self.futile[r.row] += saved == 0
        counted = self.answer.fates[r.row].attempts - self.uncounted[r.row]
        rules = self.site.restarts
        if rules.requeue and counted < rules.max_attempts and self.futile[r.row] < rules.max_futile:
            self.requeue(r.row, "its node failed")
            return
        self.answer.fates[r.row].node_fail = True
        self.tell(r.row, "ends with its node")
        self.gone(r.row)

    def make_way(self, pool, r, why):
        """Requeue a job that is not to blame."""
        self.interrupt(pool, r)
        self.uncounted[r.row] += 1
        self.requeue(r.row, why)

    def preempt_now(self, pool, r):
        mode = self.site.qos[self.qos[r.row]].mode if self.site.qos else "requeue"
        if mode == "requeue":
            self.make_way(pool, r, "preempted")
            return
        self.interrupt(pool, r)
        self.cancelled(r.row, "preempted")

    # commands

    def command_deliver(self, p):
        self.pools[p].delivered += self.pools[p].deliveries.pop(0)[1]

    def command_fail(self, p, node):
        pool = self.pools[p]
        pool.failed.add(node)
        for r in pool.on_node(node):
            self.lose_node(pool, r)

    def command_repair(self, p, node):
        self.pools[p].failed.discard(node)

    def command_drain(self, p, node):
        self.pools[p].drained.add(node)

    def command_resume(self, p, node):
        self.pools[p].drained.discard(node)

    def command_cancel(self, row):
        if self.state[row] in (GONE, FUTURE):
            return
        if self.state[row] == RUNS:
            self.interrupt(*self.attempt(row))
        self.cancelled(row, "by command")

    def command_preempt(self, row):
        if self.state[row] == RUNS:
            self.preempt_now(*self.attempt(row))

    def command_hold(self, *rows):
        """Nothing happens to who was submitted already."""
        self.parked |= {row for row in rows if self.state[row] == FUTURE}

    def command_release(self, *rows):
        self.parked -= set(rows)
        for row in rows:
            if self.state[row] == HELD and self.is_free(row):
                self.enter(row)

    def command_stretch(self, rows, runs, requests):
        """Other times for jobs of the future."""
        columns = {"run": list(self.case.run), "requested": list(self.case.requested)}
        for row, run, asked in zip(rows, runs, requests, strict=True):
            columns["run"][row], columns["requested"][row] = run, asked
            self.left[row] = [self.scaled(run, row, p) for p in range(len(self.pools))]
        self.case = replace(self.case, **{name: tuple(values) for name, values in columns.items()})
        self.requested = self.as_seen(self.case)

    def is_free(self, row):
        """Whether a job waits for no other."""
        return self.after[row] < 0 or self.state[self.after[row]] == GONE

    def what_is_there(self):
        """All that a command may change at once; jobs to come are no part of it."""
        machine = [(pool.delivered, set(pool.failed), set(pool.drained)) for pool in self.pools]
        return list(self.state), machine

    def command_submit(self, first, end):
        """Nothing: the rows arrive at their times."""

    # the instant

    def edges(self):
        """Ends of windows need no action; at its start maintenance takes its nodes."""
        for pool in self.pools:
            for w in pool.windows:
                self.happened |= self.now in (w.start_s, w.end_s)
                if w.start_s != self.now or w.account >= 0:
                    continue
                ending = [r for r in pool.running if self.end_of(r) == self.now]
                pool.running = [r for r in pool.running if r not in ending]
                for r in pool.on_nodes(w):
                    if w.requeue:
                        self.make_way(pool, r, "maintenance")
                    else:
                        self.lose_node(pool, r)
                pool.running += ending

    def end_of(self, r):
        return r.end if r.grace_end is None else min(r.end, r.grace_end)

    def ends(self):
        for pool in self.pools:
            for r in list(pool.running):
                if r.end == self.now:
                    self.finish(pool, r)
                elif r.grace_end == self.now:
                    self.preempt_now(pool, r)
                else:
                    continue
                self.happened = True

    def expiry(self, row):
        """When a job that never started leaves, and whether its user cancels or the site rejects it."""
        given_up, late = self.patience[row], self.deadline[row]
        times = [(self.case.submit[row] + s + 1, n) for n, s in enumerate((given_up, late)) if s >= 0]
        if self.state[row] in (HELD, WAITING) and self.answer.fates[row].attempts == 0:
            return min(times, default=None)
        return None

    def expiries(self):
        for row in self.rows(HELD, WAITING):
            due = self.expiry(row)
            if due and due[0] <= self.now:
                self.happened = True
                (self.refused if due[1] else self.cancelled)(row, "waited too long")

    def resubmissions(self):
        for row in [row for row, at in self.again.items() if at == self.now]:
            del self.again[row]
            self.enter(row)
            self.happened = True

    def released(self):
        """Jobs that wait for one that has ended; those cancelled for it may be waited for themselves."""
        while ready := [row for row in self.rows(HELD) if self.after[row] >= 0 and self.moves(row)]:
            for row in ready:
                self.after_end(row)

    def moves(self, row):
        """Whether the job another waits for has ended, and the other does something about it."""
        gone = self.state[self.after[row]] == GONE
        return gone and (
            row not in self.parked or (self.after_ok[row] and not self.completed[self.after[row]])
        )

    def arrivals(self):
        due = [row for row in self.rows(FUTURE) if self.case.submit[row] <= self.now]
        for row in sorted(due, key=lambda row: (self.case.submit[row], row)):
            self.happened = True
            if not self.eligible[row]:
                self.refused(row, "too large")
            elif self.too_many_submitted(row):
                self.refused(row, "too many submitted")
            elif self.after[row] < 0:
                self.state[row] = HELD
                if row not in self.parked:
                    self.enter(row)
            elif self.state[self.after[row]] == GONE:
                self.after_end(row)
            else:
                self.state[row] = HELD

    def too_many_submitted(self, row):
        system = self.rows(HELD, WAITING, AWAY, RUNS)
        return any(
            limits.submitted_jobs != UNLIMITED and sum(map(same, system)) >= limits.submitted_jobs
            for limits, same in self.limits_of(row)
        )

    def instant(self, commands):
        for pool in self.pools:
            pool.now = self.now
        before = self.what_is_there()
        for _, name, args in commands:
            getattr(self, "command_" + name)(*args)
            self.happened |= self.what_is_there() != before
        self.edges()
        while True:
            self.ends()
            self.expiries()
            self.resubmissions()
            self.released()
            self.arrivals()
            if not self.pass_due():
                return
            self.happened = False
            self.recompute_if_due()
            self.scheduling_pass()
            if not self.happened and all(self.end_of(r) > self.now for p in self.pools for r in p.running):
                return

    def pass_due(self):
        if self.rules.cycle_s and self.now % self.rules.cycle_s:
            return False
        return self.happened or bool(self.rules.cycle_s and self.due_at(self.now) and self.rows(WAITING))

    def next_time(self, commands):
        times = [at for at, _, _ in commands[:1]] + list(self.again.values())
        times += [self.end_of(r) for pool in self.pools for r in pool.running]
        times += [self.case.submit[row] for row in self.rows(FUTURE)]
        times += [due[0] for row in self.rows(HELD, WAITING) if (due := self.expiry(row))]
        times += [t for w in self.site.windows for t in (w.start_s, w.end_s) if self.now < t < FOREVER_S]
        cycle = self.rules.cycle_s
        restless = times and self.varying and self.rows(WAITING)
        if cycle and (self.happened or restless):
            grid = (self.now // cycle + 1) * cycle
            while not self.happened and not self.due_at(grid):
                grid += cycle
            times.append(grid)
        return min(times, default=None)

    def run_all(self):
        commands = self.case.timeline()
        while (time := self.next_time(commands)) is not None:
            self.run_shares(time)
            self.now = time
            due = [command for command in commands if command[0] == time]
            commands = commands[len(due) :]
            self.instant(due)
            if len(self.answer.story) > LONGEST_STORY:
                raise NeverEndsError
        return self.answer


def schedule(case: SiteCase) -> Answer:
    """What the rules demand."""
    return SiteDefinition(case).run_all()
