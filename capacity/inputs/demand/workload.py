"""Demand as a planner writes it: tenants that grow, the kinds of work they do, the data they bring."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from capacity.facility.hardware.compute import can_compute
from capacity.inputs.demand.growth import Admission, Growth, GrowthPerYear, Level, Rhythm
from capacity.inputs.demand.job_class import WorkClass
from capacity.inputs.demand.target import Target
from capacity.inputs.fields.complaints import Complaint, below, one_alone, refusal, two_ways, unknown
from capacity.inputs.fields.names import MetricKey
from capacity.inputs.fields.numbers import YEAR_S, Bounds, PlainNumber, Quantity
from capacity.inputs.fields.quantities import (
    FIRST_DAY,
    Bytes,
    BytesPerSecond,
    Factor,
    Fraction,
    Name,
    PositiveFactor,
    Text,
    UsableBytes,
)
from capacity.inputs.fields.record import SourcedPart, SourcedRecord
from capacity.inputs.fields.run_time import shares_complaints
from capacity.inputs.hardware.parts import Node
from capacity.inputs.storage.tiers import DataLife
from capacity.inputs.uncertainty.stated import Uncertainties
from workloads.errors import LogError
from workloads.synthetic import model
from workloads.synthetic.calendar import Profile, Ramp
from workloads.synthetic.users import sigma_of_top
from workloads.zone_names import zone_called

JobsPerMemberDay = Annotated[float, Quantity("jobs_per_user_day", "1.4 job/user/day")]
BytesPerUser = Annotated[float, Quantity("bytes_per_user", "50 GB/user")]
BytesPerUserTime = Annotated[float, Quantity("bytes_per_user_s", "5 GB/user/month")]
ReadRate = Annotated[float, Quantity("bytes_per_slot_s", "2 GB/s/slot", bounds=Bounds(above=True))]


def _known_zone(name: str) -> str:
    try:
        zone_called(name)
    except LogError as error:
        raise refusal(Complaint(error.problems[0].what, error.problems[0].fix)) from None
    return name


PeopleZone = Annotated[str, AfterValidator(_known_zone)]
Unequal = Annotated[float, PlainNumber("1.2", bounds=Bounds(high=5.0))]
TopShare = Annotated[float, Quantity("fraction", "50 %", bounds=Bounds(low=0.05, high=0.95))]


class Ingest(DataLife):
    """Data that comes to the site without a job: test cars, meters, scanners."""

    title: Text
    """One line that says what it is."""
    tier: Name
    """The storage tier it goes to."""
    sources: Level
    """How many sources there are: cars, hospitals, networks of meters."""
    per_source: BytesPerSecond
    """What one source produces."""
    kept: Fraction = 1.0
    """Share that is stored after selection."""
    brought: Bytes | None = None
    """Stored at once, on the first date of the sources; nothing if not given."""


class Holding(DataLife):
    """Data that people have: their homes, the spaces of their projects."""

    title: Text
    """One line that says what it is."""
    tier: Name
    """The storage tier it lies on."""
    per_member: BytesPerUser | None = None
    """What each member brings along; nothing if not given."""
    grows: BytesPerUserTime | None = None
    """What each member adds as time goes by; nothing if not given."""
    purged: bool = False
    """Whether the purge rules of tiers apply to it: not to homes, as a rule."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [*super()._complaints()]
        if not found and self.per_member is None and self.grows is None:
            fix = "add 'per_member: 50 GB/user' or 'grows: 5 GB/user/month'"
            found.append(Complaint("how much is it?", fix))
        return found


class Tenant(SourcedPart):
    """A group of users who grow together."""

    title: Text
    """One line that says who they are."""
    members: Level | None = None
    """How many active people there are, or would be if all were let in."""
    projects: Level | None = None
    """Instead of members: how many projects are approved."""
    members_per_project: PositiveFactor | None = None
    """With projects: active people in each."""
    jobs_per_member: JobsPerMemberDay
    """Jobs per member and day, averaged over a year and over all members."""
    works_on: Annotated[Mapping[Name, Fraction], Field(min_length=1)]
    """Which classes of work the jobs belong to, with the share of the jobs."""
    unequal: Unequal | None = None
    """How unequal members are: standard deviation of the logarithm of their activity; 0 is equal; else 1."""
    top_5_percent: TopShare | None = None
    """Instead of unequal: share of the activity of many members that the most active 5 % have."""
    scale: Factor = 1.0
    """How many times as many people as stated it has: 1.3 is 30 % more."""
    growth: GrowthPerYear = 0.0
    """How much more people it has each year after the last date of the demand, or from the first day on where
    nothing is dated."""
    account: Name | None = None
    """The account for fair-share and limits that it shares with other tenants; its own if not given."""
    group: Name | None = None
    """The account above its own, where the policy does not say; directly below the root if not given."""
    uneven_weeks: Factor = 0.0
    """How uneven the weeks are (deadlines, quiet spells): standard deviation of a week over its mean."""
    brings: Mapping[Name, Ingest] = Field(default_factory=dict)
    """Data that comes in without a job."""
    holds: Mapping[Name, Holding] = Field(default_factory=dict)
    """Data that its members have, as far as they are let in."""
    quotas: Mapping[Name, UsableBytes] = Field(default_factory=dict)
    """What it may fill of which storage tier; as much as there is if not given."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [*self._member_complaints(), *two_ways(self, "unequal", "top_5_percent")]
        if self.account is not None and self.account == self.group:
            found.append(Complaint(f"the account '{self.account}' cannot be above itself", at=("group",)))
        return found

    def _member_complaints(self) -> Iterator[Complaint]:
        if self.members is None and self.projects is None:
            yield Complaint("how many are they?", "give 'members', or 'projects' and 'members_per_project'")
        elif self.members is not None and self.projects is not None:
            yield from two_ways(self, "members", "projects")
        else:
            yield from one_alone(self, "projects", "members_per_project")

    @property
    def ramp(self) -> Ramp:
        """How many active people there are over time."""
        if self.projects is not None and self.members_per_project is not None:
            return self.projects.to_ramp().times(self.members_per_project)
        assert self.members is not None
        return self.members.to_ramp()

    @property
    def activity_sigma(self) -> float:
        """Standard deviation of the logarithm of the activity of its members."""
        if self.top_5_percent is not None:
            return sigma_of_top(self.top_5_percent)
        return 1.0 if self.unequal is None else self.unequal

    def to_tenant(self, name: str, *, people: Ramp | None = None, scale: float = 1.0) -> model.TenantNumbers:
        """Return it as the demand model holds it, with so many times as many people as it is scaled to."""
        return model.TenantNumbers(
            name=name,
            title=self.title,
            members=people or self.ramp,
            jobs_per_member_day=self.jobs_per_member,
            class_mix=dict(self.works_on),
            activity_sigma=self.activity_sigma,
            weekly_cv=self.uneven_weeks,
            scale=scale * self.scale,
        )


class Workload(SourcedRecord):
    """Who submits what, and when."""

    kind: Literal["workload"] = "workload"
    """What sort of record this is."""
    reference: Node | None = None
    """The node that run times hold for; on others they follow the rates that bind each class."""
    reference_storage: ReadRate | None = None
    """What a slot read from shared storage where run times hold; without it, such reading takes as long
    anywhere."""
    pool: Name | None = None
    """The pool of classes that name none; the only one of the site if not given."""
    rhythm: Rhythm = Field(default_factory=Rhythm)
    """When people submit, by the clock of `timezone`, and the calendar of the site."""
    timezone: PeopleZone | None = None
    """By whose clock people live, as Asia/Seoul or +09:00: that of the log a model was fitted to. That of the
    site if not given."""
    admitted: Admission | None = None
    """The share of the members that the centre lets in; everyone if not given."""
    scale: Factor = 1.0
    """How many times as much all people together ask for: 1.3 is 30 % more of them, or of the target."""
    growth: GrowthPerYear = 0.0
    """How much more people there are each year after the last date of the demand, or from the first day on
    where nothing is dated: 30 %/year."""
    target: Target | None = None
    """What all jobs are to add up to, instead of the level of the rates; those hold if not given."""
    classes: Annotated[Mapping[Name, WorkClass], Field(min_length=1, max_length=120)]
    """The kinds of work."""
    tenants: Annotated[Mapping[Name, Tenant], Field(min_length=1, max_length=120)]
    """The groups of users."""
    uncertain: Uncertainties
    """What is uncertain beside single numbers: factors on many of them, delays, choices; by name."""
    departs: Mapping[MetricKey, Text] = Field(default_factory=dict)
    """Numbers of `capacity workload describe` that differ from published ones on purpose, with the reason."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [*self._mix_complaints(), *self._hardware_complaints(), *self._account_complaints()]
        if self.target is not None and self.growth:
            fix = "leave one of them out: a target holds for all of its time"
            found.append(Complaint("growth beside a target", fix, ("growth",)))
        return found

    def _mix_complaints(self) -> Iterator[Complaint]:
        for name, tenant in self.tenants.items():
            for work in tenant.works_on:
                yield from unknown("there is no class", work, self.classes, "tenants", name, "works_on", work)
            yield from shares_complaints(tenant.works_on.values(), "tenants", name, "works_on")

    def _hardware_complaints(self) -> Iterator[Complaint]:
        for name, work in self.classes.items():
            if work.precision is None:
                continue
            at = ("classes", name, "precision")
            if self.reference is None:
                what = "run times that follow the hardware need the node they hold for"
                fix = "add 'reference: …' to the workload, or leave out 'precision' and 'bound'"
                yield Complaint(what, fix, at)
            elif not can_compute(self.reference.peaks, work.precision):
                has = ", ".join(self.reference.peaks)
                what = f"{self.reference.name}, for which run times hold, cannot compute at {work.precision}"
                yield Complaint(what, f"it has {has}", at)

    def _account_complaints(self) -> Iterator[Complaint]:
        """Check that tenants with one account have it in one group, and that no account is above itself."""
        above: dict[str, str | None] = {}
        for name, tenant in self.tenants.items():
            account = tenant.account or name
            if above.setdefault(account, tenant.group) != tenant.group:
                what = f"account '{account}' is in group '{above[account]}' for another tenant"
                yield Complaint(what, "", ("tenants", name, "group"))
        for name, tenant in self.tenants.items():
            if tenant.group in above:
                what = f"'{tenant.group}' is the account of a tenant, not a group of accounts"
                yield Complaint(what, "name one that no tenant has", ("tenants", name, "group"))

    @property
    def profile(self) -> Profile:
        """When people submit, by their own clock where they have one."""
        zone = None if self.timezone is None else zone_called(self.timezone)
        return replace(self.rhythm.to_profile(), zone=zone)

    def account_of(self, tenant: str) -> str:
        """Return the account of a tenant for fair-share and limits."""
        return self.tenants[tenant].account or tenant

    def accounts(self) -> list[str]:
        """Return the account of each tenant, each once."""
        return list(dict.fromkeys(self.account_of(name) for name in self.tenants))

    def groups(self) -> dict[str, str]:
        """Return the group of each account that has one by the word of a tenant."""
        return {self.account_of(name): tenant.group for name, tenant in self.tenants.items() if tenant.group}

    def pools_of(self, work: WorkClass) -> tuple[str, ...]:
        """Return the pools that a class may run in, the preferred one first; empty if nobody named one."""
        return work.named_pools or (() if self.pool is None else (self.pool,))

    @property
    def pools(self) -> frozenset[str]:
        """The pools that jobs go to, as far as they are named."""
        return frozenset(pool for work in self.classes.values() for pool in self.pools_of(work))

    @property
    def tiers(self) -> frozenset[str]:
        """The storage tiers that jobs and tenants write to."""
        outputs = (output.tier for work in self.classes.values() for output in work.writes.values())
        ingests = (ingest.tier for tenant in self.tenants.values() for ingest in tenant.brings.values())
        holdings = (held.tier for tenant in self.tenants.values() for held in tenant.holds.values())
        return frozenset((*outputs, *ingests, *holdings))

    @property
    def demand_ends(self) -> date | None:
        """The last date of any curve of the demand, after which all hold their last value; None without one.

        A plain number holds for ever and is no curve.
        """
        curves: list[Growth | None] = [self.admitted]
        for tenant in self.tenants.values():
            curves += [tenant.members, tenant.projects, *(data.sources for data in tenant.brings.values())]
        dates = [max(curve.points) for curve in curves if curve is not None]
        return max((day for day in dates if day > FIRST_DAY), default=None)

    def people(self, first: date) -> dict[str, Ramp]:
        """Return how many active people each tenant has over time, were all let in.

        After the last date of the demand, or from `first` on where nothing is dated, they grow on.
        """
        return {
            name: ramp.times(self._scale * self.tenants[name].scale)
            for name, ramp in self._unscaled(first).items()
        }

    @property
    def _scale(self) -> float:
        """How many times as many people there are; of a target, it is that which is scaled."""
        return 1.0 if self.target is not None else self.scale

    def _unscaled(self, first: date) -> dict[str, Ramp]:
        since = self.demand_ends or first
        return {
            name: replace(
                tenant.ramp,
                per_year=(1 + self.growth * YEAR_S) * (1 + tenant.growth * YEAR_S) - 1,
                since=since,
            )
            for name, tenant in self.tenants.items()
        }

    def target_complaints(self, first: date, last: date, slots: Mapping[date, int]) -> Iterator[Complaint]:
        """Say why the target, if there is one, cannot be met; see `Target.complaints`."""
        people = self.people(first)
        members = {name: people[name] for name, one in self.tenants.items() if one.jobs_per_member}
        if self.target is not None:
            yield from below(("target",), self.target.complaints(members, self.admitted, first, last, slots))

    def warnings(self) -> tuple[str, ...]:
        """Say which classes nobody works on, and what a target makes of the jobs."""
        used = {work for tenant in self.tenants.values() for work in tenant.works_on}
        said = [f"nobody works on class '{name}'" for name in self.classes if name not in used]
        said += [] if self.target is None else [self.target.sentence]
        return tuple(f"workload {self.name}: {text}" for text in said)

    def to_model(
        self, *, first: date = FIRST_DAY, pools: Mapping[str, str] | None = None,
        slots_by_day: Mapping[date, int] | None = None,
    ) -> model.DemandModel:  # fmt: skip
        """Return the demand model that jobs are generated from.

        From the day `first` on people grow where nothing is dated. `pools` are those of each class on a site,
        what the classes name if not given; `slots_by_day` are in service there from which day on, for an
        admission that follows them.
        """
        preferred = {name: (*self.pools_of(work), "")[0] for name, work in self.classes.items()}
        preferred |= pools or {}
        people = self._unscaled(first)
        return model.DemandModel(
            name=self.name,
            reference=self.reference.name if self.reference else "",
            tenants=tuple(
                tenant.to_tenant(name, people=people[name], scale=self._scale)
                for name, tenant in self.tenants.items()
            ),
            classes=tuple(
                work.to_job_class(name, pool=preferred[name], reference=self.reference)
                for name, work in self.classes.items()
            ),
            profile=self.profile,
            admitted=self.admitted.on_site(slots_by_day or {}) if self.admitted else None,
            target=self.target.to_target(self.scale) if self.target else None,
        )
