"""The numbers at the top of a description: what it takes to trust the rest, then load and size."""

from typing import Final

OVERVIEW: Final[dict[str, tuple[str, str, str, str]]] = {
    "period_first": (
        "",
        "period from",
        "from when on the log is complete: stated, or told from what it has",
        "",
    ),
    "period_last": ("", "period until", "until when it is complete", ""),
    "period_s": ("s", "period", "how long that is; the note says who says so", ""),
    "zone": ("", "time zone", "by whose clock dates, hours and weekdays are told; the note: who said so", ""),
    "resource": ("", "a slot is", "what is counted: gpus, cpus or nodes", ""),
    "jobs": ("job", "jobs", "rows of the table", ""),
    "before_period_jobs": (
        "job",
        "submitted before the period",
        "jobs submitted before the period began",
        "",
    ),
    "after_period_jobs": (
        "job",
        "ended after the period",
        "jobs submitted before the period ended that ended after it",
        "",
    ),
    "slot_hours": (
        "slot h",
        "work",
        "sum of slots times run time, over the jobs that give both, and of other attempts",
        "",
    ),
    "slot_hours_per_job": ("slot h", "work per job", "`slot_hours` over the jobs that give both", ""),
    "attempts_slot_hours": (
        "slot h",
        "work of other attempts",
        "slot-time of earlier attempts and of jobs that still ran; part of `slot_hours`",
        "",
    ),
    "left_out_frac": (
        "1",
        "work left out",
        "slot-time of rows that are not in the table, over that of all rows",
        "",
    ),
    "users": ("user", "users", "different names in the column user", ""),
    "tenants": ("tenant", "tenants", "different names in the column tenant", ""),
    "first_submission": (
        "",
        "first submission",
        "when the first job was submitted, where the log says what its clock means",
        "",
    ),
    "last_submission": ("", "last submission", "when the last job was submitted", ""),
    "span_s": ("s", "span of submissions", "from the first submission to the last", ""),
    "machine_slots": (
        "slot",
        "machine",
        "slots the work is held against: `--slots`, else those of the site, or of the log",
        "",
    ),
    "offered_load_frac": (
        "1",
        "offered load",
        "work submitted in the period, or done in it if that was more, over `machine_slots` times `period_s`",
        "",
    ),
    "used_frac": (
        "1",
        "in use",
        "slot-time held within the period over `machine_slots` times `period_s`",
        "",
    ),
    "jobs_per_slot_day": (
        "job/slot/day",
        "jobs per slot and day",
        "jobs submitted in the period over `machine_slots` times `period_s`",
        "",
    ),
    "dropped_rows": ("row", "rows left out", "rows of the log that are not in the table", "reason"),
    "dropped_slot_hours": (
        "slot h",
        "their work",
        "slot-time of those rows, as far as the log says",
        "reason",
    ),
    "remarked_rows": (
        "row",
        "rows not as they stood",
        "rows in the table that differ from the log",
        "reason",
    ),
}
"""By name: unit, title, definition, and what the label says, empty where there is none."""
