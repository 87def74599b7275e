"""How the batch system decides who runs next; with the weights of Slurm's priority plugin multifactor."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Field

from capacity import registry
from capacity.inputs.fields.complaints import Complaint, unknown
from capacity.inputs.fields.names import NameIn
from capacity.inputs.fields.numbers import Bounds, Quantity
from capacity.inputs.fields.quantities import (
    Count,
    Factor,
    Fraction,
    Name,
    PositiveCount,
    PositiveFactor,
    WholeSeconds,
)
from capacity.inputs.fields.record import SourcedPart
from capacity.inputs.policy.accounts import Account, circle_complaints
from capacity.inputs.policy.limits import Limits, Qos
from capacity.inputs.windows import AdvanceReservation

_SpanOfTime = Annotated[float, Quantity("seconds", "7 day", bounds=Bounds(low=1.0, high=2**31 - 2))]


class Multifactor(SourcedPart):
    """The priority is the sum of weight × factor, the largest first; every factor is between 0 and 1."""

    age: Factor = 1000.0
    """Weight of the wait since submission."""
    size: Factor = 0.0
    """Weight of the slots a job asks for beside the largest pool."""
    qos: Factor = 0.0
    """Weight of the priority of its QOS."""
    pool: Factor = 0.0
    """Weight of the factor of its pool."""
    fair_share: Factor = 0.0
    """Weight of fair-share: what its user and tenant may use beside what they have used."""
    max_age: _SpanOfTime = 7 * 86_400.0
    """The wait at which the age factor is 1."""
    half_life: _SpanOfTime = 7 * 86_400.0
    """The time in which past usage loses half its weight."""
    damping: PositiveFactor = 1.0
    """Divisor of the exponent of the classic fair-share factor; larger forgives more."""
    fair_share_rule: Annotated[str, NameIn(registry.FAIR_SHARE)] = "classic"
    """How fair-share is worked out from the account tree."""
    favor_small: bool = False
    """Whether small jobs have the large size factor."""
    pool_factors: Mapping[Name, Fraction] = Field(default_factory=dict)
    """Factor of each pool, 0 to 100 %; 0 for those not given."""


class Policy(SourcedPart):
    """Queue order, backfilling and what goes with them; `capacity list orders` and so on name the words."""

    order: Annotated[str, NameIn(registry.ORDERS)] = "fcfs"
    """Which waiting job is first: by arrival, by requested time, by slots, by a score, or by shares."""
    backfill: Annotated[str, NameIn(registry.BACKFILLING)] = "easy"
    """Whether a job may overtake if it does not delay those that hold a reservation."""
    ties: Annotated[str, NameIn(registry.TIES)] = "instant"
    """What is decided together when several things happen in the same second."""
    placement: Annotated[str, NameIn(registry.PLACEMENTS)] = "best-fit"
    """Which nodes a job gets when several would do."""
    backfill_order: Annotated[
        str, NameIn(registry.ORDERS, also=(registry.IN_QUEUE_ORDER,), without=(registry.MULTIFACTOR,))
    ] = "queue"
    """In which order waiting jobs are tried for backfilling."""
    backfill_depth: Count = 0
    """How many jobs behind the first blocked one are looked at in a pass; 0 for all."""
    reservations: PositiveCount = 1
    """How many blocked jobs hold a reservation that nobody may delay."""
    conservative: Annotated[str, NameIn(registry.CONSERVATIVE)] = "sticky"
    """Whether conservative reservations only move forward, or are made anew at every event."""
    cycle: WholeSeconds = 0.0
    """Passes happen at multiples of this time; 0 s for whenever something changed."""
    recompute: WholeSeconds = 300.0
    """How often an order that changes with the wait is worked out again; 0 s for before every pass."""
    estimates: Annotated[str, NameIn(registry.ESTIMATES)] = "requested"
    """What the batch system believes about run times."""
    overrun: Annotated[str, NameIn(registry.OVERRUN)] = "kill"
    """What happens to a job that runs longer than it asked for."""
    route: Annotated[str, NameIn(registry.ROUTES)] = "preferred"
    """Which of its pools a job gets that may use several."""
    multifactor: Multifactor | None = None
    """Weights of the order multifactor, which alone uses them; the defaults of the record if not given."""
    qos: Annotated[Mapping[Name, Qos], Field(max_length=60)] = Field(default_factory=dict)
    """Qualities of service; jobs of classes that name none have the first."""
    accounts: Mapping[Name, Account] = Field(default_factory=dict)
    """Shares and limits of tenants, and groups of them; tenants not given have 1 share and no limits."""
    user_limits: Limits = Field(default_factory=Limits)
    """Of each user."""
    advance_reservations: Mapping[Name, AdvanceReservation] = Field(default_factory=dict)
    """Nodes held for a tenant at times known in advance."""
    requeue: bool = True
    """Whether a job runs again whose node failed."""
    requeue_delay: WholeSeconds = 1.0
    """How long after that it is back in the queue, at least a second."""
    max_attempts: PositiveCount | None = None
    """A job whose node fails in this attempt is not requeued; without limit if not given."""
    max_futile_attempts: PositiveCount = 10
    """Nor is one whose node failed in so many attempts in a row of which nothing was saved."""

    def _complaints(self) -> Iterable[Complaint]:
        return [*self._contradictions(), *self._preemption(), *circle_complaints(self.accounts)]

    def _contradictions(self) -> Iterator[Complaint]:
        """Say which rules have no meaning together; the batch system would refuse them, too."""
        if self.cycle > 0 and self.ties != "instant":
            what = f"passes on a grid know no order of ties {self.ties}"
            yield Complaint(what, "ties: instant, or cycle: 0 s", ("cycle",))
        in_order = self.backfill_order in (registry.IN_QUEUE_ORDER, "sjf")
        if self.backfill in registry.SHORTEST_FIRST and not in_order:
            what = f"{self.backfill} tries the shortest first, not in the order {self.backfill_order}"
            fix = f"backfill: easy with backfill_order: {self.backfill_order}"
            yield Complaint(what, fix, ("backfill_order",))
        if self.overrun == "allow" and self.ties == "pyss":
            what = "under ties pyss a job that outruns its request would share its slots"
            yield Complaint(what, "ties: instant or event", ("overrun",))
        if self.overrun == "allow" and self.backfill == "easy++":
            what = "easy++ corrects predictions up to the request, where jobs must end"
            yield Complaint(what, "overrun: kill", ("overrun",))

    def _preemption(self) -> Iterator[Complaint]:
        for name, qos in self.qos.items():
            for place, victim in enumerate(qos.preempts):
                at = ("qos", name, "preempts", place)
                if victim == name:
                    yield Complaint(f"'{name}' preempts itself", "name QOS that give way to it", at)
                else:
                    yield from unknown("there is no QOS", victim, self.qos, *at)
