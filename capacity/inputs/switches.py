"""Which parts of the world are simulated: each can be left out, to see what it does and what it costs."""

from capacity.inputs.fields.record import Record


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
