"""How often nodes of a pool fail, and how long a repair takes."""

from typing import Annotated

from capacity.spec.base import PositiveWholeSeconds, SourcedPart
from capacity.spec.numbers import Bounds, PlainNumber

PerThousandNodeDays = Annotated[float, PlainNumber("2.34", bounds=Bounds(high=1e5, above=True))]


class Failures(SourcedPart):
    """Nodes fail independently of each other and of their load, in service or idle."""

    per_1000_node_days: PerThousandNodeDays
    """Failures in a thousand days of one node, or in one day of a thousand nodes."""
    repair: PositiveWholeSeconds
    """How long a repair takes on average; the times are exponential."""
