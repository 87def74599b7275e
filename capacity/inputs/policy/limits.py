"""What may be in the batch system at once: of a user, a tenant, a quality of service."""

from capacity.inputs.fields.record import PositiveCount, Record


class Limits(Record):
    """A job beyond a running limit is passed over and blocks nobody; one beyond the last is rejected."""

    running_slots: PositiveCount | None = None
    """Slots in use at once; without limit if not given."""
    running_jobs: PositiveCount | None = None
    """Jobs running at once; without limit if not given."""
    submitted_jobs: PositiveCount | None = None
    """Jobs waiting or running at once; without limit if not given."""
