"""Limits of a user, a tenant, a quality of service; and such qualities: who goes first, and who gives way."""

from typing import Literal

from pydantic import Field

from capacity.inputs.fields.quantities import Fraction, Name, PositiveCount, WholeSeconds
from capacity.inputs.fields.record import Record, SourcedPart

Mode = Literal["requeue", "cancel"]


class Limits(Record):
    """A job beyond a running limit is passed over and blocks nobody; one beyond the last is rejected."""

    running_slots: PositiveCount | None = None
    """Slots in use at once; without limit if not given."""
    running_jobs: PositiveCount | None = None
    """Jobs running at once; without limit if not given."""
    submitted_jobs: PositiveCount | None = None
    """Jobs waiting or running at once; without limit if not given."""


class Qos(SourcedPart):
    """A quality of service; job classes name theirs."""

    priority: Fraction = 0.0
    """Its QOS factor in the order multifactor, 0 to 100 %."""
    preempts: tuple[Name, ...] = ()
    """Whose running jobs it may preempt when it does not fit otherwise."""
    mode: Mode = "requeue"
    """What happens to a job of this one that is preempted: it runs again later, or is cancelled."""
    grace: WholeSeconds = 0.0
    """How long such a job still runs after it was told."""
    min_run: WholeSeconds = 0.0
    """How long such a job runs before it may be preempted."""
    limits: Limits = Field(default_factory=Limits)
    """Of all its jobs together."""
    user_limits: Limits = Field(default_factory=Limits)
    """Of the jobs of each user in it."""
