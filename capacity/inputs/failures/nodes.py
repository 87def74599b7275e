"""How often nodes of a pool fail, how long they are away, and what stands ready to replace them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from capacity.facility.failures import DAY_S, node_failure_rate
from capacity.inputs.fields.complaints import Complaint, one_alone
from capacity.inputs.fields.numbers import AlsoRead, Bounds, PlainNumber, Quantity
from capacity.inputs.fields.quantities import (
    LONGEST_S,
    Count,
    Fraction,
    PositiveSeconds,
    PositiveWholeSeconds,
)
from capacity.inputs.fields.record import Record, SourcedPart
from capacity.inputs.fields.run_time import LARGEST_SPREAD, RunTime

PerThousandNodeDays = Annotated[float, PlainNumber("2.34", bounds=Bounds(high=1e5, above=True))]
Shape = Annotated[float, PlainNumber("0.7", bounds=Bounds(low=0.3, high=10.0))]
Spread = Annotated[float, PlainNumber("3", bounds=Bounds(low=1.0, high=LARGEST_SPREAD, above=True))]
TimesAsOften = Annotated[float, PlainNumber("3", bounds=Bounds(low=1.0, high=1e3))]

_MEAN = Quantity("seconds", "12 h", bounds=Bounds(low=1.0, high=LONGEST_S))


def _exponential_if_plain(raw: Any, handler: ValidatorFunctionWrapHandler) -> RunTime:  # noqa: ANN401
    """Read a duration alone, with or without a source, as the mean of exponential times."""
    if isinstance(raw, RunTime) or (isinstance(raw, Mapping) and not {"value", "likely"} & {*raw}):
        found: RunTime = handler(raw)
        return found
    return RunTime.model_construct(mean=_MEAN.checked(raw), cv=1.0)


Lasting = Annotated[
    RunTime,
    WrapValidator(_exponential_if_plain, json_schema_input_type=PositiveWholeSeconds | RunTime),
    AlsoRead(_MEAN),
]
"""How long something lasts: a duration is the mean of exponential times; others as run times of jobs."""


class Infant(Record):
    """New nodes fail more often."""

    factor: TimesAsOften
    """How many times as often on the day of delivery as later."""
    lasts: PositiveSeconds
    """The age at which 37 % of the excess is left; it falls exponentially."""


class Lemons(Record):
    """Some nodes fail again and again."""

    share: Fraction
    """Share of the nodes."""
    factor: TimesAsOften
    """How many times as often as an ordinary node they fail."""


class Returns(Record):
    """Some failed nodes go back to the maker (RMA) instead of being repaired on site."""

    share: Fraction
    """Share of the failures."""
    after: Lasting
    """How long until the node is back."""


class Failures(SourcedPart):
    """Nodes fail independently of each other and of their load, in service or idle."""

    per_1000_node_days: PerThousandNodeDays
    """Failures in a thousand days of service of one ordinary node, or in one day of a thousand of them."""
    repair: Lasting
    """How long a repair takes; a duration alone is the mean of exponential times."""
    shape: Shape | None = None
    """Weibull shape of the times between failures of a node: below 1, failures come in clusters; above, from
    wear. The rate stays. Exponential if neither this nor spread is given."""
    spread: Spread | None = None
    """Instead of shape: lognormal, two thirds of the times lie within this factor of the median."""
    infant: Infant | None = None
    """How much more often new nodes fail; no more often if not given."""
    lemons: Lemons | None = None
    """Nodes that fail much more often; none if not given."""
    spares: Count | None = None
    """Nodes beyond those of the pool that take the place of failed ones; each is repaired where it stands if
    not given."""
    swap: PositiveWholeSeconds | None = None
    """With spares: how long it takes to put one in the place of another."""
    returns: Returns | None = None
    """Failures that take much longer; none if not given."""

    def _complaints(self) -> Iterator[Complaint]:
        if self.shape is not None and self.spread is not None:
            what = "'shape' (Weibull) and 'spread' (lognormal) are two distributions"
            yield Complaint(what, "remove one, with 'spread: null' where another file gives it", ("spread",))
        yield from one_alone(self, "spares", "swap", spares="how many", swap="how long an exchange takes")

    @property
    def node_rate(self) -> float:
        """How often a node fails once the pool is mature, lemons among the nodes [1/s]."""
        lemons = self.lemons
        share, factor = (lemons.share, lemons.factor) if lemons else (0.0, 1.0)
        return node_failure_rate(self.per_1000_node_days, share, factor)

    @property
    def mtbf_s(self) -> float:
        """Mean time in service between failures of an ordinary mature node [s]."""
        return 1000 * DAY_S / self.per_1000_node_days
