"""One question, complete: which site, which demand, which policy, from when to when, and which luck."""

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from capacity.facility.hardware.compute import can_compute
from capacity.inputs.deliveries import order_sentences
from capacity.inputs.demand.job_class import WorkClass
from capacity.inputs.demand.timing import Timing
from capacity.inputs.demand.workload import Workload
from capacity.inputs.failures.checkpoint_plan import checkpoint_complaints, checkpoint_sentences
from capacity.inputs.fields.complaints import Complaint, below, unknown
from capacity.inputs.fields.quantities import Count, Day, Name, PositiveCount, Seconds, Text
from capacity.inputs.fields.record import Record
from capacity.inputs.policy.checks import policy_complaints
from capacity.inputs.policy.never_start import NeverStarts, never_start
from capacity.inputs.policy.policy import Policy
from capacity.inputs.site import Site
from capacity.inputs.uncertainty.stated import Uncertainties
from capacity.quantities.writing import format_bytes
from workloads.synthetic.calendar import midnight


class Switches(Record):
    """What a run takes into account; everything unless said otherwise."""

    hardware: bool = True
    """Run times follow the hardware of the pool; otherwise they are those of the reference everywhere."""
    failures: bool = True
    """Nodes fail, and groups of nodes have outages, where the site says how often."""
    checkpoints: bool = True
    """Jobs write checkpoints, and go on from them; otherwise they start again from nothing."""
    storage: bool = True
    """What jobs and tenants leave on the tiers is accounted for, day by day."""
    contention: bool = True
    """Jobs that want more of a storage tier than its bandwidth share it and wait longer; needs `storage`."""
    energy: bool = True
    """Energy is worked out from the slots in use."""


class Scenario(Record):
    """A site under a demand, over a horizon."""

    kind: Literal["scenario"] = "scenario"
    """What sort of record this is."""
    name: Name
    """The name to use in commands; the file's stem."""
    title: Text
    """One line that says what this is, for tables."""
    question: Text
    """What the simulation is to answer."""
    start: Day
    """The first day, local to the site."""
    until: Day
    """The last day, included."""
    site: Site
    """Where the jobs run."""
    workload: Workload
    """Who submits what, and when."""
    policy: Policy = Field(default_factory=Policy)
    """How the batch system decides."""
    seed: Count
    """Where the random numbers start; the same seed gives the same jobs."""
    replications: PositiveCount = 1
    """How many times it is run, each time with other luck."""
    regime: Literal["transient", "steady"] = "transient"
    """Whether the start belongs to the question, as in a plan, or is warm-up, left out of `all`."""
    drain: Seconds = 0.0
    """How much longer jobs that still wait at the end are followed, so that their waits are known whole."""
    uncertain: Uncertainties
    """What is uncertain beside single numbers: factors on many of them, delays, choices; by name."""
    simulate: Switches = Field(default_factory=Switches)
    """What is taken into account; everything if not given."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [*self._missing_places(), *policy_complaints(self.policy, self.site, self.workload)]
        if self.until < self.start:
            what = f"{self.until} is before the start, {self.start}"
            found.append(Complaint(what, "the horizon runs through the day 'until'", ("until",)))
        else:
            found += below(
                ("workload",), self.workload.target_complaints(self.start, self.until, self.slots_by_day())
            )
        return found

    def _missing_places(self) -> Iterator[Complaint]:
        """Say which pools and tiers the demand names and the site does not have."""
        no_pool, no_tier = "the site has no pool", "the site has no tier"
        pools, tiers = self.site.pools, self.site.storage
        if self.workload.pool is not None:
            yield from unknown(no_pool, self.workload.pool, pools, "workload", "pool")
        for name, work in self.workload.classes.items():
            at = ("workload", "classes", name)
            for place, pool in enumerate(work.named_pools):
                where = ("pool",) if work.pools is None else ("pools", place)
                yield from unknown(no_pool, pool, pools, *at, *where)
            if not self.workload.pools_of(work) and len(pools) > 1:
                has = f"the site has {', '.join(pools)}"
                fix = f"{has}: add 'pool: …' here, or to the workload for all classes"
                yield Complaint("in which pool does it run?", fix, at)
            yield from below(at, checkpoint_complaints(work, tiers))
            for word, flows in (("writes", work.writes), ("reads", work.reads)):
                for key, flow in flows.items():
                    yield from unknown(no_tier, flow.tier, tiers, *at, word, key, "tier")
        for name, tenant in self.workload.tenants.items():
            at = ("workload", "tenants", name)
            for word, data in (("brings", tenant.brings), ("holds", tenant.holds)):
                for key, held in data.items():
                    yield from unknown(no_tier, held.tier, tiers, *at, word, key, "tier")
            for tier in tenant.quotas:
                yield from unknown(no_tier, tier, tiers, *at, "quotas", tier)

    def slots_by_day(self) -> dict[date, int]:
        """Return how many slots of all pools are in service from which day on."""
        pools = self.site.pools
        steps = self.site.schedule(first_day=self.start)
        return {
            step.day: sum(nodes * pools[name].node.slots for name, nodes in step.nodes.items())
            for step in steps
        }

    @property
    def only_pool(self) -> str:
        """The pool of the site, if it has only one; empty otherwise."""
        return next(iter(self.site.pools)) if len(self.site.pools) == 1 else ""

    def _allowed_pools(self, work: WorkClass) -> tuple[str, ...]:
        return self.workload.pools_of(work) or ((self.only_pool,) if self.only_pool else ())

    def pools_of(self, work: WorkClass) -> tuple[str, ...]:
        """Return the pools that can run a class, the preferred one first."""
        pools = self.site.pools
        return tuple(
            pool for pool in self._allowed_pools(work) if pool in pools and not self._unfit(work, pool)
        )

    def _unfit(self, work: WorkClass, pool: str) -> str:
        """Say why a pool cannot run a class; empty if it can."""
        node = self.site.pools[pool].node
        if work.memory is not None and node.slot_memory_bytes < work.memory:
            has, needs = node.slot_memory_bytes / 1e9, work.memory / 1e9
            return f"a slot of {pool} has {has:.4g} GB of memory, and its jobs need {needs:.4g} GB"
        if work.precision is not None and not can_compute(node.peaks, work.precision):
            return f"{pool} computes neither at {work.precision} nor at what may stand in for it"
        return ""

    def has_memory_for(self, work: WorkClass) -> bool:
        """Whether a pool that a class may use has the memory for it, able to run it or not."""
        return any(
            self.site.pools[pool].node.slot_memory_bytes >= (work.memory or 0.0)
            for pool in self._allowed_pools(work)
            if pool in self.site.pools
        )

    def pool_by_class(self) -> dict[str, str]:
        """Return the preferred pool of each class; the one its jobs are rejected at where none can run it."""
        return {
            name: (*self.pools_of(work), *self._allowed_pools(work))[0]
            for name, work in self.workload.classes.items()
        }

    def unservable(self) -> dict[str, str]:
        """Return the classes that no pool of the site can run, and why."""
        return {
            name: "; ".join(self._unfit(work, pool) for pool in self._allowed_pools(work))
            for name, work in self.workload.classes.items()
            if not self.pools_of(work)
        }

    def never_start(self) -> tuple[NeverStarts, ...]:
        """Return the jobs that can never start: no pool can run or hold them, or a limit forbids it."""
        return tuple(
            never_start(
                self.site, self.workload, self.policy, first=self.start, last=self.until,
                pools_of={name: self.pools_of(work) for name, work in self.workload.classes.items()},
                unfit=self.unservable(),
            )
        )  # fmt: skip

    @property
    def drain_days(self) -> int:
        """How much longer waits are followed, in whole days."""
        return math.ceil(self.drain / 86_400)

    @property
    def timezone(self) -> ZoneInfo:
        """The calendar of the site."""
        return ZoneInfo(self.site.timezone)

    def warnings(self) -> tuple[str, ...]:
        """Say what is odd about the parts."""
        never = (jobs.sentence for jobs in self.never_start())
        orders = order_sentences(self.site.availability(), self.start)
        found = (*self.site.warnings(), *orders, *self.workload.warnings(), *never)
        more = (*self.timing().sentences(), *self._checkpoint_sentences(), *self._quota_sentences())
        return (*found, *self._zone_sentences(), *more)

    def timing(self) -> Timing:
        """Return the demand beside the dates of the site."""
        pools, tiers, steps = self.site.pools, self.site.storage, self.site.schedule(first_day=self.start)
        admitted = self.workload.admitted
        return Timing(
            self.workload,
            None if admitted is None else admitted.on_site(self.slots_by_day()),
            self.start,
            self.until,
            slots={
                name: {step.day: step.nodes[name] * pools[name].node.slots for step in steps}
                for name in pools
            },
            tiers={name: {step.day: step.usable_bytes[name] for step in steps} for name in tiers},
            pools_of={name: self.pools_of(work) for name, work in self.workload.classes.items()},
        )

    def _zone_sentences(self) -> Iterator[str]:
        """Say that the people of the workload live by another clock than that of the site."""
        people = self.workload.profile.zone
        if people is None:
            return
        half_years = (midnight(self.start + timedelta(days=182 * part), UTC) for part in (0, 1))
        if any(when.astimezone(people).utcoffset() != when.astimezone(self.timezone).utcoffset()
               for when in half_years):  # fmt: skip
            yield (
                f"workload {self.workload.name}: people live by the clock of {self.workload.timezone}, the "
                f"site by that of {self.site.timezone}: they submit at the hours of the former; without "
                "'timezone' of the workload, at those of the site"
            )

    def _quota_sentences(self) -> Iterator[str]:
        """Say which quotas are larger than their tier: they do not bind."""
        for name, tenant in self.workload.tenants.items():
            for tier, most in tenant.quotas.items():
                has = self.site.storage[tier].usable_bytes
                if most > has:
                    said = f"{format_bytes(most)} of {tier}, which has {format_bytes(has)} when complete"
                    yield f"tenant {name}: its quota is {said}: it does not bind"

    def _checkpoint_sentences(self) -> Iterator[str]:
        for name, work in self.workload.classes.items():
            for pool in self.pools_of(work)[:1]:
                yield from checkpoint_sentences(self.site, name, work, pool)
