"""A job table in numbers: all sections of a description, and which of them the log says nothing about."""

from collections.abc import Iterator

from workloads.describe.arrivals import arrivals
from workloads.describe.fates import fates
from workloads.describe.groups import groups
from workloads.describe.jobs import Jobs, jobs_of, labels_of
from workloads.describe.measures import Description, Measure, Section
from workloads.describe.overview import overview
from workloads.describe.requests import requests
from workloads.describe.run_times import run_times
from workloads.describe.sizes import sizes
from workloads.describe.users import users
from workloads.errors import LogError
from workloads.jobtable import JobTable

NOT_THERE = "not in the log"


def describe(table: JobTable, *, slots: float | None = None) -> Description:
    """Return the numbers of a table.

    Parameters
    ----------
    table : JobTable
        The jobs.
    slots : float, optional
        Size of the machine that the work is held against, the mean over time where it grew. [slot] Default:
        what the log says.

    Raises
    ------
    LogError
        The table has no jobs.
    """
    if not len(table):
        raise LogError.whole_file(table.source, "there is no job to describe", "the log has no rows left")
    jobs = jobs_of(table)
    size = slots if slots is not None else table.max_slots
    absent: dict[Section, str] = {}
    measures = [*overview(jobs, None if size is None else float(size))]
    for section, found in _sections(jobs):
        if isinstance(found, str):
            absent[section] = found
        else:
            measures += found
    return Description(table.source, tuple(measures), absent, table.dropped, table.remarks)


def _sections(jobs: Jobs) -> Iterator[tuple[Section, Iterator[Measure] | str]]:
    """Yield the numbers of each section, or why there are none."""
    classes, tenants = labels_of(jobs.table, "job_class"), labels_of(jobs.table, "tenant")
    yield "sizes", sizes(jobs) if jobs.has_slots.any() else f"{NOT_THERE}: no job has slots"
    yield "run_times", run_times(jobs) if jobs.has_run.any() else f"{NOT_THERE}: no job has a run time"
    asked = jobs.has_request.any()
    yield "requests", requests(jobs) if asked else f"{NOT_THERE}: no job has a requested time"
    yield "fates", fates(jobs) if jobs.states.words else f"{NOT_THERE}: no job has a state"
    yield "arrivals", arrivals(jobs)
    yield "users", users(jobs) if jobs.users.words else f"{NOT_THERE}: no job has a user"
    yield "classes", groups(jobs, classes, "class") if classes.words else f"{NOT_THERE}: no job has a class"
    yield "tenants", groups(jobs, tenants, "tenant") if tenants.words else f"{NOT_THERE}: no job has a tenant"
