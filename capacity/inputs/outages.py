"""What takes many nodes out of service at once: a rack, power, cooling, the network, the file system."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from capacity.facility.failures import YEAR_S, group_hits
from capacity.inputs.failures.nodes import Lasting
from capacity.inputs.fields.complaints import Complaint, unknown
from capacity.inputs.fields.numbers import Bounds, PlainNumber
from capacity.inputs.fields.quantities import Name, PositiveCount, Text
from capacity.inputs.fields.record import SourcedPart
from capacity.inputs.hardware.pool import Pool

PerYear = Annotated[float, PlainNumber("0.3", bounds=Bounds(high=1e5, above=True))]


class Outage(SourcedPart):
    """Nodes that fail together, because they share something; groups fail independently of each other."""

    title: Text | None = None
    """One line for tables."""
    pools: Annotated[tuple[Name, ...], Field(min_length=1, max_length=255)] | None = None
    """The pools it strikes; all if not given."""
    nodes: PositiveCount | None = None
    """Nodes of a group, numbered one after the other within a pool, of a smaller pool all; all nodes of its
    pools at once if not given."""
    per_year: PerYear
    """How often a group has an outage, in a year of 365 days."""
    repair: Lasting
    """How long it lasts; a duration alone is the mean of exponential times."""

    def complaints(self, pools: Mapping[str, Pool], at: tuple[str | int, ...]) -> Iterator[Complaint]:
        """Say what does not fit the site."""
        for place, name in enumerate(self.pools or ()):
            yield from unknown("the site has no pool", name, pools, *at, "pools", place)
            if name in pools and name in (self.pools or ())[:place]:
                yield Complaint(f"'{name}' is named twice", "", (*at, "pools", place))

    def pools_of(self, pools: Mapping[str, Pool]) -> list[str]:
        """Return the pools of a site that it strikes."""
        return [name for name in pools if self.pools is None or name in self.pools]

    def rate_for(self, nodes: int) -> float:
        """Return how often it hits a job on so many nodes of one of its pools [1/s]."""
        return self.per_year / YEAR_S * (1 if self.nodes is None else group_hits(nodes, self.nodes))
