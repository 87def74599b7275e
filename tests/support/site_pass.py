"""One scheduling pass of a site by definition: limits, pools, reservations, preemption."""

import math

from capacity.scheduling.site.rules import UNLIMITED
from tests.support.site_machine import Take
from tests.support.site_shares import STATIC, VARYING

PASSED, STARTED, BLOCKED = "passed over", "started", "blocked"


class SitePass:
    """What `SiteDefinition` does in a pass; the state is there."""

    # limits

    def limits_of(self, row):
        """Every limit a job counts towards, with the question whether another job counts there, too."""
        user, account, qos = self.user[row], self.account[row], self.qos[row]
        yield self.site.user_limits, lambda other: self.user[other] == user
        if self.site.accounts:
            yield self.site.accounts[account].limits, lambda other: self.account[other] == account
        if self.site.qos:
            mine = self.site.qos[qos]
            yield mine.limits, lambda other: self.qos[other] == qos
            yield mine.user_limits, lambda other: (self.qos[other], self.user[other]) == (qos, user)

    def within_limits(self, row, p):
        running = [r for pool in self.pools for r in pool.running]
        need = self.pools[p].need(self.case.slots[row])
        for limits, same in self.limits_of(row):
            ours = [r for r in running if same(r.row)]
            if limits.running_jobs != UNLIMITED and len(ours) + 1 > limits.running_jobs:
                return False
            if limits.running_slots != UNLIMITED and sum(r.slots for r in ours) + need > limits.running_slots:
                return False
        array = self.array[row]
        tasks = sum(self.array[r.row] == array for r in running)
        return array < 0 or tasks < self.case.array_limit[array]

    def its_turn(self, row):
        """No job of its singleton submitted before it is still there."""
        number = self.singleton[row]
        me = (self.case.submit[row], row)
        others = self.rows("held", "waiting", "away", "runs")
        return number < 0 or all(
            (self.case.submit[o], o) >= me for o in others if self.singleton[o] == number
        )

    # the walk

    def scheduling_pass(self):
        self.closed = set()
        self.held = [0] * len(self.pools)
        for pool in self.pools:
            pool.takes = []
        self.backfilling = self.rules.backfill != "none"
        conservative = self.rules.backfill == "conservative"
        self.reservations = math.inf if conservative else self.rules.reservations
        order = "sjf" if self.rules.backfill == "easy-sjbf" else self.rules.backfill_order
        in_turn = order == "queue" or not self.backfilling
        waiting, self.looked, blocked = self.queue(), 0, 0
        while waiting and not self.deep_enough():
            self.looked += blocked > 0
            blocked += self.consider(waiting.pop(0), may_reserve=True) == BLOCKED
            if not in_turn and blocked >= self.reservations:
                break
        for row in sorted(waiting, key=lambda row: self.candidate_key(order, row)):
            if self.deep_enough():
                break
            self.looked += 1
            self.consider(row, may_reserve=False)

    def deep_enough(self):
        return self.backfilling and 0 < self.rules.backfill_depth <= self.looked

    def candidate_key(self, order, row):
        """Key of the backfilling order; ties stay in queue order, as sorting leaves them."""
        submit, slots = self.case.submit[row], self.case.slots[row]
        asked = self.asked(row, self.eligible[row][0])
        if order in STATIC:
            return STATIC[order](submit, self.seen(row), slots)
        return VARYING[order](self.now - submit, asked, slots) if order in VARYING else 0.0

    def consider(self, row, *, may_reserve):
        pools = [p for p in self.eligible[row] if self.within_limits(row, p)]
        if not pools or not self.its_turn(row):
            return PASSED
        usable = [p for p in pools if p not in self.closed]
        options = [(p, self.pools[p].place(self.want(row, p))) for p in usable]
        options = [(p, places) for p, places in options if places]
        if options and self.site.route == "earliest":
            options.sort(key=lambda option: self.asked(row, option[0]))
        if options:
            self.start(row, *options[0])
            return STARTED
        if may_reserve and self.preempt(row, usable):
            return STARTED
        if not self.backfilling:
            self.closed |= set(pools)
        elif may_reserve:
            self.reserve(row, pools)
        return BLOCKED

    # reservations

    def reservation(self, row, pools):
        """Pool, time and place a blocked job would be given; its time is None for never."""
        found = [(p, *self.pools[p].earliest(self.want(row, p))) for p in pools]
        if self.site.route == "earliest":
            found.sort(key=lambda f: math.inf if f[1] is None else f[1])
        return found[0]

    def reserve(self, row, pools):
        p, time, places = self.reservation(row, pools)
        if time is not None and self.held[p] < self.reservations:
            self.held[p] += 1
            self.pools[p].takes.append(Take(time, time + self.want(row, p).length, places, self.account[row]))

    # preemption

    def preempt(self, row, pools):
        """Make others go; whether the job has started at once."""
        preempts = self.site.qos[self.qos[row]].preempts if self.site.qos else ()
        if not preempts or self.now < self.quiet_until[row] or not pools:
            return False
        if self.backfilling and self.held[self.reservation(row, pools)[0]] >= self.reservations:
            return False
        for p in pools:
            pool = self.pools[p]
            candidates = sorted(
                (r for r in pool.running if self.may_be_preempted(r, preempts)),
                key=lambda r: (self.site.qos[self.qos[r.row]].priority, -r.start, -r.row),
            )
            victims, places = pool.victims(self.want(row, p), candidates)
            if victims:
                return self.tell_to_go(row, p, victims, places)
        return False

    def may_be_preempted(self, r, preempts):
        qos = self.qos[r.row]
        long_enough = self.now - r.start >= self.site.qos[qos].min_run_s
        return qos in preempts and r.grace_end is None and long_enough

    def tell_to_go(self, row, p, victims, places):
        pool = self.pools[p]
        graces = [self.site.qos[self.qos[r.row]].grace_s for r in victims]
        for r, grace in zip(victims, graces, strict=True):
            if grace:
                r.grace_end = self.now + grace
                r.expected = min(r.expected, r.grace_end)
                self.tell(r.row, f"is told by job {row} to go by {r.grace_end}")
            else:
                self.preempt_now(pool, r)
        if max(graces):
            self.quiet_until[row] = self.now + max(graces)
            self.made_way_for.add(row)
            return False
        self.start(row, p, places)
        return True
