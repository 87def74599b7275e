"""Commands in any order leave a batch system that adds up: a machine that does to it whatever can be done."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import (
    AccountNumbers,
    LimitNumbers,
    QosNumbers,
    Restarts,
    SiteRules,
    WindowNumbers,
)

POOLS = (
    PoolSpec("nodes", 3, 2, counted=False, deliveries=((40, 1), (90, 2))),
    PoolSpec("slots", 4, 2, counted=True, deliveries=((60, 2),)),
)
SETS = ((0,), (1,), (0, 1), (1, 0))
QOS = (
    QosNumbers("low", mode="requeue", grace_s=2),
    QosNumbers("middle", preempts=(0,), mode="cancel", min_run_s=3),
    QosNumbers("high", preempts=(0, 1), limits=LimitNumbers(running_jobs=3)),
)
SITE = SiteRules(
    accounts=(
        AccountNumbers("a"),
        AccountNumbers("b", limits=LimitNumbers(running_slots=5, submitted_jobs=25)),
    ),
    qos=QOS,
    windows=(
        WindowNumbers(0, 25, 35, 0, 2),
        WindowNumbers(1, 50, 70, 0, 2, account=1),
        WindowNumbers(0, 80, 95, 1, 1, requeue=True),
        WindowNumbers(1, 100, 110, 0, 3),
    ),
    restarts=Restarts(max_attempts=3),
)
RULES = st.builds(
    Rules,
    order=st.sampled_from(["fcfs", "saf", "wfp3", "multifactor"]),
    backfill=st.sampled_from(["none", "easy", "easy-sjbf", "conservative"]),
    conservative=st.just("replan"),
    reservations=st.sampled_from([1, 3]),
    cycle_s=st.sampled_from([0, 0, 5]),
    recompute_s=st.sampled_from([0, 20]),
)
ROWS = st.lists(
    st.tuples(
        st.integers(0, 30), st.integers(0, 20), st.integers(1, 25), st.integers(1, 8), st.integers(0, 3),
        st.integers(0, 1), st.integers(0, 2), st.sampled_from([-1, -1, 10]), st.sampled_from([0, 4]),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip
"""Submission after now, run, request, slots, set of pools, account, QOS, patience, checkpoint."""

INTEGRALS = ("busy_slot_s", "capacity_slot_s", "waiting_job_s", "waiting_slot_s", "started_jobs")


def jobs_of(rows, now):
    """Rows as `Jobs` submitted from now on."""
    columns = np.array(sorted(rows), np.int64).T
    submit, run, requested, slots, pools, account, qos, patience, checkpoint = columns
    small = (column.astype(np.int32) for column in (pools, account, qos, patience, checkpoint))
    names = ("pool_set", "account", "qos", "patience_s", "checkpoint_s")
    return Jobs(
        submit + now, run, requested, slots, pool_sets=SETS, user=account.astype(np.int32),
        **dict(zip(names, small, strict=True)),
    )  # fmt: skip


class Site(RuleBasedStateMachine):
    """A small site; every command is followed by a look at all that must add up."""

    @initialize(rules=RULES, rows=ROWS)
    def begin(self, rules, rows):
        self.system = batch_system(POOLS, rules, jobs_of(rows, 0), site=SITE)
        self.submit = [row[0] for row in sorted(rows)]
        self.limit = [row[2] for row in sorted(rows)]
        self.now = 0
        self.last = None
        self.delivered = [0, 0]

    @rule(seconds=st.integers(0, 30))
    def advance(self, seconds):
        self.now += seconds
        self.system.advance(self.now)

    @rule(rows=ROWS)
    def more_jobs(self, rows):
        self.system.submit(jobs_of(rows, self.now))
        self.submit += [self.now + row[0] for row in sorted(rows)]
        self.limit += [row[2] for row in sorted(rows)]

    @rule(pool=st.integers(0, 1), node=st.integers(0, 2))
    def fail(self, pool, node):
        self.system.fail(pool, node)

    @rule(pool=st.integers(0, 1), node=st.integers(0, 2))
    def repair(self, pool, node):
        self.system.repair(pool, node)

    @rule(node=st.integers(0, 2))
    def drain(self, node):
        self.system.drain(0, node)

    @rule(node=st.integers(0, 2))
    def resume(self, node):
        self.system.resume(0, node)

    @rule(pool=st.integers(0, 1))
    def deliver(self, pool):
        coming = POOLS[pool].deliveries[self.delivered[pool] :]
        if coming and coming[0][0] <= self.now + 30:  # early, late or in time
            self.system.deliver(pool)
            self.delivered[pool] += 1

    @rule(data=st.data())
    def cancel(self, data):
        self.system.cancel(data.draw(st.integers(0, len(self.submit) - 1)))

    @rule(data=st.data())
    def preempt(self, data):
        self.system.preempt(data.draw(st.integers(0, len(self.submit) - 1)))

    @invariant()
    def machine_adds_up(self):
        for spec, state in zip(POOLS, self.system.states().values(), strict=True):
            assert 0 <= state.free_slots <= state.capacity_slots <= spec.most_nodes * spec.slots_per_node
            assert state.now_s == self.now
            assert (state.running_jobs == 0) <= (state.free_slots == state.capacity_slots)

    @invariant()
    def busy_is_what_runs(self):
        """Slots in use are those of the jobs that have started and are neither ended nor waiting again."""
        outcome, states = self.system.outcome(), list(self.system.states().values())
        started = (outcome.start_s >= 0) & (outcome.end_s < 0)
        running = sum(state.running_jobs for state in states)
        assert running <= int(started.sum())
        busy = sum(state.capacity_slots - state.free_slots for state in states)
        held = np.sort(outcome.held_slots[started])
        assert held[:running].sum() <= busy <= held[len(held) - running :].sum()

    @invariant()
    def jobs_are_conserved(self):
        """Everybody is in one place: to come, waiting for something, running, or gone for a reason."""
        outcome = self.system.outcome()
        submit = np.array(self.submit)
        gone = (outcome.end_s >= 0) | outcome.rejected | outcome.cancelled | outcome.node_fail
        to_come = (submit >= self.now) & (outcome.start_s < 0) & ~gone
        states = self.system.states().values()
        running = sum(state.running_jobs for state in states)
        waiting = sum(state.waiting_jobs for state in states)
        away = len(submit) - int(gone.sum()) - int(to_come.sum()) - running - waiting
        started = int(((outcome.start_s >= 0) & ~gone).sum())
        assert 0 <= away <= started - running  # requeued, and not back yet
        reasons = outcome.rejected.astype(int) + outcome.cancelled + outcome.node_fail + outcome.killed
        assert reasons.max() <= 1

    @invariant()
    def nobody_exceeds_the_limit(self):
        outcome = self.system.outcome()
        attempts = outcome.attempts.astype(np.int64)
        assert (outcome.ran_s <= attempts * np.array(self.limit)).all()
        assert (outcome.lost_s >= 0).all()
        assert (outcome.lost_s <= outcome.ran_s).all()
        started = outcome.start_s >= 0
        assert ((attempts > 0) == started).all()
        assert (outcome.start_s >= np.array(self.submit))[started].all()
        ended = started & (outcome.end_s >= 0)
        assert (outcome.end_s - outcome.start_s >= outcome.ran_s)[ended].all()
        assert (outcome.end_s <= self.now)[ended].all()

    @invariant()
    def what_has_happened_stays(self):
        states = self.system.states()
        integrals = [getattr(state, name) for state in states.values() for name in INTEGRALS]
        outcome = self.system.outcome()
        if self.last is not None:
            before, start, end = self.last
            assert all(new >= old for new, old in zip(integrals, before, strict=True))
            count = len(start)
            assert (outcome.start_s[:count] == start)[start >= 0].all()
            assert (outcome.end_s[:count] == end)[end >= 0].all()
        self.last = (integrals, outcome.start_s, outcome.end_s)

    def teardown(self):
        """In the end, with every node repaired, nobody is left but those who cannot run."""
        if not hasattr(self, "system"):
            return
        for node in range(3):
            self.system.repair(0, node)
            self.system.repair(1, node)
            self.system.resume(0, node)
        for pool, spec in enumerate(POOLS):
            for at, _ in spec.deliveries[self.delivered[pool] :]:
                if at < self.now:  # overdue: nobody has brought it in
                    self.system.deliver(pool)
        self.system.run()
        outcome = self.system.outcome()
        gone = (outcome.end_s >= 0) | outcome.rejected | outcome.cancelled | outcome.node_fail
        held_back = np.asarray(self.system.jobs.slots) >= 5  # three whole nodes: more than account b may use
        assert (gone | held_back).all()


def settings_of(examples, steps):
    return settings(
        max_examples=examples, stateful_step_count=steps, deadline=None,
        phases=[phase for phase in Phase if phase is not Phase.explain],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )  # fmt: skip


def test_any_commands():
    run_state_machine_as_test(Site, settings=settings_of(60, 25))


@pytest.mark.slow
def test_many_more_commands():
    run_state_machine_as_test(Site, settings=settings_of(1_500, 60))
