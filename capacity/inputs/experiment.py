"""What a sweep runs: a scenario, values for some of its paths, points between others, what to keep.

Paths are those of ``--set``, and so are values: what they mean, and whether they can be, is for the scenario
to say that they are set in (`capacity.study.sweep.cases`). Here stands what can be wrong without it.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from capacity.errors import InputError
from capacity.inputs.fields.complaints import Complaint, below, describe, refusal
from capacity.inputs.fields.numbers import ReadBy
from capacity.inputs.fields.quantities import Count, Name, PositiveCount, Text
from capacity.inputs.fields.record import Record
from capacity.inputs.fields.steps import Amount, amount_of, check_range, stepped

MOST_RUNS: Final = 1_000_000
"""Of one experiment: a thousand cores are busy with so many for hours."""
ALL: Final = "all"
_STEP_KEYS: Final = {"from", "to", "step", "count"}
_NUMBERS: Final = {"type": ["string", "number"], "examples": ["20 PB", 300]}
_AXIS: Final = {
    "anyOf": [
        {"type": "array", "minItems": 1, "description": "The values themselves."},
        {
            "type": "object", "required": ["from", "to"], "additionalProperties": False,
            "properties": {
                "from": {**_NUMBERS, "description": "The first value."},
                "to": {**_NUMBERS, "description": "The last value, included."},
                "step": {**_NUMBERS, "description": "From one to the next; 1 without it, of whole numbers."},
                "count": {"type": "integer", "minimum": 1, "description": "How many, instead of a step."},
            },
        },
    ]
}  # fmt: skip


def _reader(read: Callable[[Any], Any], schema: dict[str, Any]) -> ReadBy:
    """Return a reader whose errors without a place are those of the field."""

    def reading(raw: object) -> Any:  # noqa: ANN401 - as the field says
        try:
            return read(raw)
        except InputError as error:
            raise refusal(*(Complaint(one.what, one.fix) for one in error.problems)) from None

    return ReadBy(reading, schema)


def _axis(raw: Any) -> tuple[Any, ...] | dict[str, Any]:  # noqa: ANN401 - plain data
    """Return the values of an axis, or the keys of a range that has been looked at."""
    if isinstance(raw, list | tuple):
        if not raw:
            raise InputError("no value is given", fix="write a list: [300, 400]")
        texts = [str(value) for value in raw]
        if len({*texts}) < len(texts):
            raise InputError("a value is given twice")
        return tuple(raw)
    if not isinstance(raw, Mapping) or not {"from", "to"} <= {*raw} <= _STEP_KEYS:
        raise InputError(
            f"{describe(raw)} is no axis",
            fix="write a list, or {from: 100, to: 500, step: 100} (or count: 5)",
        )
    if {"step", "count"} <= {*raw}:
        raise InputError("'step' and 'count' are two ways to say one thing", fix="remove one")
    count = raw.get("count")
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise InputError(f"count is {describe(count)}", fix="a whole number, 1 or more")
    values_between(raw)
    return {str(key): value for key, value in raw.items()}


def values_between(keys: Mapping[str, Any], *, whole: bool = False) -> tuple[str, ...]:
    """Return the values of a range from ``from`` to ``to``; `whole` if they must be whole numbers.

    Raises
    ------
    InputError
        It falls, mixes units, has too many values, or a step that leads nowhere.
    """
    step = amount_of(str(keys["step"])) if keys.get("step") is not None else None
    return stepped(*_ends((keys["from"], keys["to"])), step, count=keys.get("count"), whole=whole)


def _ends(raw: Any) -> tuple[Amount, Amount]:  # noqa: ANN401 - plain data
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise InputError(f"{describe(raw)} is no range", fix="write [low, high]: [1.2, 1.5]")
    low, high = (amount_of(str(end)) for end in raw)
    check_range(low, high)
    return low, high


def _range(raw: Any) -> tuple[Amount, Amount]:  # noqa: ANN401 - plain data
    low, high = _ends(raw)
    if low.number == high.number:
        raise InputError("the range is empty: both ends are the same", fix="write [low, high]")
    return low, high


def _metrics(raw: Any) -> tuple[str, ...]:  # noqa: ANN401 - plain data
    if raw == ALL:
        return (ALL,)
    if isinstance(raw, list | tuple) and raw and all(isinstance(one, str) for one in raw):
        return tuple(raw)
    raise InputError(f"{describe(raw)} names no metrics", fix="a list: [utilization, p95_wait_s], or all")


PathText = Annotated[str, StringConstraints(pattern=r"^[^\s=.]+(\.[^\s=.]+)*$")]
Axis = Annotated[tuple[Any, ...] | dict[str, Any], _reader(_axis, _AXIS)]
_RANGE: Final = {"type": "array", "items": _NUMBERS, "minItems": 2, "maxItems": 2, "examples": [[1.2, 1.5]]}
Range = Annotated[tuple[Amount, Amount], _reader(_range, _RANGE)]
_METRICS: Final = {"anyOf": [{"const": ALL}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
Metrics = Annotated[tuple[str, ...], _reader(_metrics, _METRICS)]


class Samples(Record):
    """Points between the ends of several ranges at once, the same for every choice of the axes."""

    method: Literal["grid", "latin-hypercube", "sobol"] = "latin-hypercube"
    """How points are spread; all but grid are drawn, each of the ranges evenly."""
    count: PositiveCount
    """How many points; of a grid, how many values of each range. Best for sobol: 64, 128, …"""
    seed: Count = 1
    """Where the random numbers of the points start; those of the runs have a seed of their own."""
    ranges: Annotated[Mapping[PathText, Range], Field(min_length=1)]
    """The ends of each range, [low, high], by its path; units as in the scenario."""

    @property
    def points(self) -> int:
        """Number of points."""
        return self.count ** len(self.ranges) if self.method == "grid" else self.count

    def _complaints(self) -> Iterable[Complaint]:
        if self.method == "grid" and self.count < 2:
            yield Complaint("a grid of one value has no ends", "2 or more", ("count",))


class Experiment(Record):
    """A scenario under many values of some of its parts."""

    kind: Literal["experiment"] = "experiment"
    """What sort of record this is."""
    name: Name
    """The name to use in commands; the file's stem."""
    title: Text
    """One line that says what this is, for tables."""
    scenario: Text
    """What is run: a name, or the path of a file, from where this file lies."""
    axes: Mapping[PathText, Axis] = Field(default_factory=dict)
    """Values by path, as in --set: a list, or from, to and step or count. Every choice of them is a case."""
    samples: Samples | None = None
    """Points between ranges, beside the axes: every choice of the axes is a case at every point."""
    replications: PositiveCount = 1
    """Runs of each case with other luck. All choices of the axes see the same luck; each point its own."""
    seed: Count | None = None
    """Where the random numbers start; that of the scenario if not given."""
    metrics: Metrics | None = None
    """What to keep: metrics (capacity list metrics), METRIC[LABEL=VALUE], or all; a few figures otherwise."""

    @property
    def cases(self) -> int:
        """Number of cases: choices of the axes times points."""
        lengths = (
            len(values_between(axis)) if isinstance(axis, Mapping) else len(axis)
            for axis in self.axes.values()
        )
        return math.prod(lengths) * (self.samples.points if self.samples else 1)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.cases * self.replications

    def _complaints(self) -> Iterable[Complaint]:
        if not self.axes and self.samples is None:
            yield Complaint("nothing varies", "give 'axes', 'samples', or both")
        ranges = self.samples.ranges if self.samples else {}
        for path in self.axes:
            if path in ranges:
                yield from below(("axes", path), [Complaint("varies twice: it is a range of samples, too")])
        if self.runs > MOST_RUNS:
            fix = f"at most {MOST_RUNS:,}: fewer values or points, or several experiments"
            yield Complaint(f"{self.cases:,} cases × {self.replications:,} are {self.runs:,} runs", fix)

    def warnings(self) -> tuple[str, ...]:
        """Say what is odd about the points."""
        of = self.samples
        if of is None or of.method != "sobol" or of.count & (of.count - 1) == 0:
            return ()
        even = 2 ** of.count.bit_length()
        said = f"{of.count} Sobol points are not spread evenly; {even // 2} or {even} are"
        return (f"experiment {self.name}: {said}",)
