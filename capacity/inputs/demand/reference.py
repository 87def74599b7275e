"""Published figures that a demand is held against: which number, between what, who says so, how surely."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo

from capacity.inputs.fields.complaints import Complaint, describe, refusal
from capacity.inputs.fields.names import MetricKey
from capacity.inputs.fields.numbers import Bounds, ReadBy, si_value, written_number
from capacity.inputs.fields.quantities import Name, Text
from capacity.inputs.fields.record import AsOf, Record, SourcedRecord
from capacity.inputs.fields.sourced import source_complaints
from workloads.describe.measures import METRICS

Confidence = Literal["high", "medium", "low"]


def unit_of(key: str) -> str:
    """Return the unit of a metric, with or without its label."""
    return METRICS[key.partition(".")[0]].unit


def _read_figure(raw: object, info: ValidationInfo) -> float | None:
    """Read a bound in the unit of its metric: a time needs its unit, a share may be in per cent."""
    if raw is None:
        return None
    key = info.data.get("metric")
    if key is None:  # refused already; without it nothing is known about the unit
        return 0.0
    unit = unit_of(key)
    if unit == "":
        raise refusal(Complaint(f"{key} is a date and has no range", "choose a metric that is a number"))
    written = written_number(raw, "10 min" if unit == "s" else "0.5")
    if unit == "s":
        return Bounds().check(si_value(written, "seconds"), written)
    return Bounds(low=-1e300).check(si_value(written, "fraction"), written)


Figure = Annotated[float, BeforeValidator(_read_figure, json_schema_input_type=float | str)]


def _last_spell(raw: object) -> float:
    """Return the length of a time at the end of what is described, ``last 60 day`` [s]."""
    words = raw.split(maxsplit=1) if isinstance(raw, str) else []
    if len(words) != 2 or words[0] != "last":
        raise refusal(Complaint(f"{describe(raw)} is no spell", "write it as: last 60 day"))
    return Bounds(above=True).check(si_value(words[1], "seconds"), raw)


LastSpell = Annotated[float, ReadBy(_last_spell, {"type": "string", "examples": ["last 60 day"]})]


class Fact(Record):
    """One published figure, as a range that another demand of the kind should lie in."""

    title: Text
    """What it says, in a few words."""
    metric: MetricKey
    """The number of `capacity workload describe` it is about, such as run_p50_s or state_jobs_frac.failed."""
    low: Figure | None = None
    """The least it should be, in the unit of the metric; open if not given."""
    high: Figure | None = None
    """The most it should be."""
    during: LastSpell | None = None
    """The part of the demand it holds for, such as last 60 day; all of it if not given."""
    source: Text
    """Where the figure was published; 'assumption' needs 'why'."""
    as_of: AsOf
    """The time the figure is about: 2020, 2020-05 or 2020-05-14."""
    confidence: Confidence
    """How sure it is: high if the data were seen, medium or low if it is recalled or inferred."""
    why: Text
    """How the range follows from the figures."""

    def _complaints(self) -> Iterable[Complaint]:
        found = source_complaints(self.source, self.as_of, self.why)
        if self.low is None and self.high is None:
            found.append(Complaint("neither 'low' nor 'high'", "give one of them, or both"))
        elif self.low is not None and self.high is not None and self.low > self.high:
            found.append(Complaint("'low' is above 'high'", "exchange them", ("low",)))
        return found


class Reference(SourcedRecord):
    """Figures of machines of one kind, as published."""

    kind: Literal["reference"] = "reference"
    """What sort of record this is."""
    facts: Annotated[Mapping[Name, Fact], Field(min_length=1)]
    """The figures, by a name of their own."""
