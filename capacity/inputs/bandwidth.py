"""What one slot of a pool gets of the storage that all share, if all slots of the site use it at once."""

from collections.abc import Iterable
from math import inf

from capacity.inputs.site import Site
from capacity.inputs.storage.tiers import Tier


def fastest_written(tiers: Iterable[Tier]) -> Tier:
    """Return the tier with the largest write bandwidth when complete."""
    return max(tiers, key=lambda tier: tier.usable_bytes * tier.product.write_bandwidth)


def read_rate(site: Site, pool: str) -> float | None:
    """Return the rate at which a slot reads from the fastest tier; None without storage [B/s]."""
    rates = [tier.usable_bytes * tier.product.read_bandwidth for tier in site.storage.values()]
    return _per_slot(site, pool, max(rates)) if rates else None


def tier_rates(site: Site, pool: str, tier: Tier) -> tuple[float, float]:
    """Return the rates at which a slot writes to and reads from one tier [B/s]."""
    product = tier.product
    write, read = product.write_bandwidth, product.read_bandwidth
    return _per_slot(site, pool, tier.usable_bytes * write), _per_slot(site, pool, tier.usable_bytes * read)


def _per_slot(site: Site, pool: str, rate: float) -> float:
    """Share a rate of the whole site evenly; the network of the node may allow less [B/s]."""
    node = site.pools[pool].node
    network = inf if node.network_bandwidth is None else node.network_bandwidth / node.slots
    return min(rate / site.slots, network)
