"""Weights of the order multifactor, as Slurm's priority plugin of that name has them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from capacity.inputs.fields.names import NameIn
from capacity.inputs.fields.numbers import Bounds, Quantity
from capacity.inputs.fields.quantities import Factor, Fraction, Name, PositiveFactor
from capacity.inputs.fields.record import SourcedPart
from capacity.registry import FAIR_SHARE

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
    fair_share_rule: Annotated[str, NameIn(FAIR_SHARE)] = "classic"
    """How fair-share is worked out from the account tree."""
    favor_small: bool = False
    """Whether small jobs have the large size factor."""
    pool_factors: Mapping[Name, Fraction] = Field(default_factory=dict)
    """Factor of each pool, 0 to 100 %; 0 for those not given."""
