"""Which sections the report of one site has, in which order; other packages may add theirs."""

from typing import Final

from capacity.registry import Registry
from capacity.report.page.model import Section
from capacity.report.sections.common import Source

SECTIONS: Final[Registry[object]] = Registry("report section", "capacity.report_sections")
"""Each is a function that takes a `Source` and returns a `Section`, or None if it has nothing to say."""

_HERE = "capacity.report.sections"
for _name, _target, _summary in (
    ("use", "use:utilization", "how full each pool is, month by month"),
    ("waits", "waits:queue_and_waits", "queue and waits, month by month, with bands"),
    ("wait-by-size", "waits:wait_by_size", "waits by how wide and how long jobs are"),
    ("storage", "storage:storage", "growth of each tier, and when it fills"),
    ("energy", "energy:energy_and_cost", "power, energy, and what parts and electricity cost"),
    ("goodput", "energy:failures_and_goodput", "what became of the slot-hours, and what failures took"),
):
    SECTIONS.add(_name, f"{_HERE}.{_target}", _summary)


def sections_of(source: Source) -> list[Section]:
    """Return all sections that have something to say of a result."""
    made = [SECTIONS.get(name)(source) for name in SECTIONS.names()]  # type: ignore[operator]
    return [section for section in made if section is not None]
