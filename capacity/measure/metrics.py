"""The one table of metrics: what each is called, its unit, what it means, how it is made and what it is for.

Everything that knows metrics by name is a view of this table: which labels a run measures, what a comparison
tests, what a precision is asked of, which way is better, docs/metrics.md, the JSON Schema of findings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from capacity.statistics.kinds import Kind

Better = Literal["less", "more", ""]
Reducer = Literal["level", "total", "mean", "ratio", "p50", "p95", "max", "first time"]
Section = Literal[
    "site", "use", "waits", "operations", "slot_hours", "energy", "jobs", "storage", "run", "replay"
]

CURRENCY: Final = "currency"
"""The unit of metrics of money: each scenario has its own, see `units_in`."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table.

    Attributes
    ----------
    unit : str
        SI unit, or what is counted; ``1`` for fractions and ratios.
    definition : str
        What it means, in words.
    by : tuple of str
        The sets of labels it is measured for, each as names in their order; ``month=all`` is only measured
        over the whole horizon, ``month`` for it and for each month.
    reducer : str
        What one value is made of: a level at the end, a total, a mean, a ratio of totals, a quantile, the
        largest, or the first time of something that need not happen.
    section : str
        The subject under which reports show it.
    better : str
        Which way is better, where there is one; a high utilization is good for the owner and bad for waits.
    varies : str
        How it varies from one future to the next, which decides its interval (`capacity.statistics.kinds`);
        empty where `kind` tells it by the reducer.
    larger_site_has : str
        Whether a larger site for the same demand has less or more of it by itself.
    only : str
        When it is measured, where that is not always.
    headline : str
        Labels for which a precision can be asked of it; empty if it is no headline figure.
    compared : tuple of str
        Sets of labels for which scenarios are compared by it; ``month=last`` is the last month.
    decides : bool
        Whether a choice between sites weighs it.
    shown : str
        Names of the tables and charts of reports that show it.
    """

    unit: str
    definition: str
    by: tuple[str, ...]
    reducer: Reducer
    section: Section
    better: Better = ""
    varies: Kind | Literal[""] = ""
    larger_site_has: Better = ""
    only: str = ""
    headline: str = ""
    compared: tuple[str, ...] = ()
    decides: bool = False
    shown: str = ""

    @property
    def kind(self) -> Kind:
        """How it varies from one future to the next."""
        return self.varies or _KINDS.get(self.reducer, "symmetric")

    @property
    def labels_text(self) -> str:
        """What it holds for, as a page says it."""
        sets = [
            ", ".join(names.replace("month=all", "month").split())
            + (" (`all` only)" if "month=all" in names else "")
            for names in self.by
        ]
        return "; ".join([*sets, *([self.only] if self.only else [])]) or "–"


_KINDS: Final[Mapping[Reducer, Kind]] = {
    "ratio": "share", "p50": "quantile", "p95": "quantile", "max": "quantile", "first time": "first time",
}  # fmt: skip
"""How metrics vary, where their reducer tells."""
_POOL, _POOL_ALL = "pool month", "pool month=all"
_TIER = "tier month"
_STORAGE = "by `capacity storage` only"
_IO = "where jobs wait for storage"
_WAITS = (
    "month=all", _POOL, "pool month length=>=1h", "pool month=all width", "pool month slots",
    "pool month slots length=>=1h", "pool month width length=>=1h", "pool month width length",
    "job_class month", "tenant month", "tenant month length=>=1h", "tenant month width length=>=1h",
    "user month=all", "account month=all", "month qos",
)  # fmt: skip
"""Sets of labels of waits; a requirement may ask for any other of the labels in them, see `label_set`."""

WAIT_LABELS: Final = (
    "pool", "month", "tenant", "account", "user", "job_class", "qos", "slots", "width", "length",
)  # fmt: skip
"""By what waits can be told apart, in any combination that a requirement asks for."""

METRICS: Final[Mapping[str, Metric]] = {
    "capacity_slots": Metric("slot", "slots in service at the end of the month",
        (_POOL,), "level", "site", larger_site_has="more"),
    "peak_flops": Metric("FLOP/s", "dense peak of what is delivered by the end of the month, at that "
        "precision",
        ("pool month precision",), "level", "site"),
    "utilization": Metric("1", "slot-seconds in use over slot-seconds in service",
        (_POOL,), "ratio", "use", larger_site_has="less", headline=_POOL_ALL, compared=(_POOL_ALL,),
        shown="months"),
    "delivered_slot_hours": Metric("slot h", "slot-hours in use; a wide job holds whole nodes",
        (_POOL,), "total", "use"),
    "queue_length": Metric("job", "jobs waiting, mean over time",
        (_POOL,), "mean", "use", "less", shown="months", varies="skewed"),
    "offered_load": Metric("1", "work of the jobs submitted in the month over the slot-seconds in service: "
        "above 1 more arrives than can be done",
        (_POOL,), "ratio", "use", "less", larger_site_has="less", varies="symmetric"),
    "backlog_s": Metric("s", "how long the jobs that wait at the end of the month would keep all slots in "
        "service busy",
        (_POOL,), "level", "use", "less", larger_site_has="less", varies="skewed"),
    "p50_wait_s": Metric("s", "median wait of the jobs submitted in the month; those still waiting at the end"
        " of the run count with their wait so far, those that gave up with their wait until then",
        _WAITS, "p50", "waits", "less", only="`slots` is one whole node, `length` >=1h every job of an hour "
        "or more", shown="months wait-chart"),
    "p95_wait_s": Metric("s", "95th percentile of the same waits",
        _WAITS, "p95", "waits", "less", headline=_POOL_ALL, compared=(_POOL_ALL,
        "pool month=last"), decides=True, shown="months wait-chart"),
    "p95_wait_by_work_s": Metric("s", "wait within which the jobs started that bring 95 % of the month's "
        "slot-hours: small jobs that fit into any gap do not hide what large ones wait",
        (_POOL,), "p95", "waits", "less"),
    "waits_counted": Metric("job", "jobs whose waits count",
        tuple(of for of in _WAITS if "width" in of or "slots" in of or "user" in of), "total", "waits"),
    "mean_wait_s": Metric("s", "mean of the same waits; a few very long ones carry it",
        ("month=all", _POOL), "mean", "waits", "less", shown="wait-chart", varies="skewed"),
    "warm_up_s": Metric("s", "time at the start that `month: all` leaves out because the site was still "
        "filling up; only with `regime: steady`, found by MSER-5",
        ("month=all",), "level", "jobs", varies="skewed"),
    "jobs_submitted": Metric("job", "jobs submitted in the month, those rejected included",
        (_POOL,), "total", "jobs", shown="compared-jobs"),
    "jobs_ended": Metric("job", "jobs that ended in the month, completed or not",
        (_POOL,), "total", "jobs", shown="compared-jobs"),
    "jobs_completed": Metric("job", "jobs that ended in the month with their work done",
        (_POOL,), "total", "jobs", "more", shown="compared-jobs"),
    "jobs_timeout": Metric("job", "jobs killed at their requested time, over the horizon",
        (_POOL_ALL,), "total", "jobs", varies="skewed"),
    "jobs_rejected": Metric("job", "jobs that their pools will never hold, beyond a limit on submitted jobs, "
        "or not started by their deadline, over the horizon",
        (_POOL_ALL,), "total", "jobs", "less", shown="compared-jobs", varies="skewed"),
    "jobs_cancelled": Metric("job", "jobs that never started: their users gave up, or a job they depended on "
        "did not complete, over the horizon",
        (_POOL_ALL,), "total", "jobs", varies="skewed"),
    "jobs_never_start": Metric("job", "jobs of a class that can never start, whoever waits how long: "
        "larger than every pool they may use, or than a limit; part of those rejected or unfinished",
        ("job_class month=all",), "total", "jobs", "less", only="of classes that have any"),
    "jobs_node_fail": Metric("job", "jobs that a failed node ended for good, over the horizon",
        (_POOL_ALL,), "total", "jobs", varies="skewed"),
    "slot_hours": Metric("slot h", "slot-hours installed, by what became of them: useful, checkpoint, lost, "
        "restart, idle or down; they add up to all slots delivered, over time",
        ("pool use",), "total", "slot_hours"),
    "goodput_frac": Metric("1", "useful part of the slot-hours installed: work of jobs that was not undone, "
        "however its user fared with it",
        (_POOL_ALL,), "ratio", "slot_hours", "more", larger_site_has="less", shown="failures"),
    "available_frac": Metric("1", "slot-seconds in service over slot-seconds installed: the rest has failed "
        "or is being maintained",
        (_POOL,), "ratio", "slot_hours", larger_site_has="less", shown="failures"),
    "node_failures": Metric("1", "failures of single nodes, over the horizon",
        (_POOL_ALL,), "total", "slot_hours", larger_site_has="more", only="where nodes can fail",
        shown="failures", varies="skewed"),
    "group_outages": Metric("1", "outages of groups of nodes that struck the pool, over the horizon",
        ("outage month=all",), "total", "slot_hours", only="where there are any", varies="rare"),
    "requeues": Metric("1", "attempts of jobs after their first, over the horizon",
        (_POOL_ALL,), "total", "jobs", shown="failures", varies="skewed"),
    "delivered_flop": Metric("FLOP", "operations of useful work, counted at the precision asked for and done "
        "at `ran_at`, over the horizon",
        ("pool precision ran_at",), "total", "operations", only="of classes with `mfu` only"),
    "peak_flop": Metric("FLOP", "operations that all slots installed could do at their dense peak at that "
        "precision, over the horizon",
        ("pool precision",), "total", "operations", larger_site_has="more"),
    "it_energy_j": Metric("J", "energy of nodes or storage at their plugs: nodes in service draw their idle "
        "power, and slots in use their part of what is typical beyond that",
        (_POOL, "part month"), "total", "energy", "less", larger_site_has="more"),
    "site_energy_j": Metric("J", "energy of the site at the meter: that of its IT times its PUE",
        ("month",), "total", "energy", "less", larger_site_has="more", compared=("month=all",),
        decides=True),
    "mean_power_w": Metric("W", "mean power of the site at the meter",
        ("month",), "mean", "energy", "less", larger_site_has="more"),
    "electricity_cost": Metric(CURRENCY, "price of that energy at the site's mean price",
        ("month",), "total", "energy", "less", larger_site_has="more"),
    "lost_slot_hours": Metric("slot h", "slot-hours of work that failures and preemption undid, back to the "
        "last checkpoint, over the horizon",
        (_POOL_ALL, "job_class month=all"), "total", "slot_hours", "less",
        only="by job class where nodes can fail or rules of a site hold", shown="failures", varies="skewed"),
    "work_skewness": Metric("1", "how far single jobs can carry the work submitted: skewness of the sum of "
        "slots times run time, from the distributions of the classes; beyond 0.65 means of waits need more "
        "replications",
        ("month=all",), "level", "jobs"),
    "tenant_share": Metric("1", "part of the slot-hours of jobs over the horizon that a tenant's jobs held",
        ("tenant month=all",), "ratio", "use"),
    "work_reference_slot_hours": Metric("slot h", "what the jobs that ended in the horizon would hold on the "
        "reference",
        (_POOL_ALL,), "total", "jobs", "more", compared=(_POOL_ALL,), decides=True),
    "jobs_unfinished": Metric("job", "jobs waiting or running at the end of the horizon",
        (_POOL_ALL,), "level", "jobs", "less", varies="skewed"),
    "storage_used_bytes": Metric("B", "held on the tier at the end of the month",
        (_TIER,), "level", "storage", shown="tier-months tier-chart"),
    "storage_capacity_bytes": Metric("B", "usable capacity in service at the end of the month",
        (_TIER,), "level", "storage", shown="tier-months tier-chart"),
    "storage_limit_bytes": Metric("B", "what may be filled of it: usable capacity times fill limit",
        (_TIER,), "level", "storage", shown="tier-months tier-chart"),
    "storage_used_frac": Metric("1", "used over usable capacity in service",
        (_TIER,), "level", "storage", larger_site_has="less", headline="tier month=all",
        shown="tier-months", varies="share"),
    "storage_growth_bytes": Metric("B", "stored over the horizon by source, deletions not subtracted",
        ("tier tenant source",), "total", "storage"),
    "storage_wanted_bytes": Metric("B", "what would be used at the end of the month if every tier were large "
        "enough: nothing turned away, nothing purged for want of room",
        (_TIER,), "level", "storage", shown="tier-chart"),
    "storage_shortfall_bytes": Metric("B", "the most by which the tier is too small on a day of the month: "
        "what it turned away since it was full, or how much more is wanted than may be filled once any tier "
        "turned data away; what a purge at the limit deletes is not missed",
        (_TIER,), "max", "storage", "less", varies="rare"),
    "storage_held_bytes": Metric("B", "logical bytes of a tenant's data of a kind on the tier at the end of "
        "the month, snapshots not included",
        ("tier tenant kind month",), "level", "storage"),
    "storage_arrived_bytes": Metric("B", "written and brought in the month, before anything was turned away",
        (_TIER,), "total", "storage"),
    "storage_expired_bytes": Metric("B", "deleted in the month after their time was over, and released by "
        "running jobs",
        (_TIER,), "total", "storage"),
    "storage_user_deleted_bytes": Metric("B", "deleted in the month by their owners before",
        (_TIER,), "total", "storage"),
    "storage_purged_bytes": Metric("B", "deleted in the month by the site's purge rules",
        (_TIER,), "total", "storage", shown="tier-months", varies="skewed"),
    "storage_migrated_in_bytes": Metric("B", "moved here in the month from other tiers",
        (_TIER,), "total", "storage"),
    "storage_migrated_out_bytes": Metric("B", "moved from here in the month to another tier",
        (_TIER,), "total", "storage", shown="tier-months"),
    "storage_snapshot_bytes": Metric("B", "deleted, and still held by snapshots at the end of the month",
        (_TIER,), "level", "storage"),
    "storage_saved_bytes": Metric("B", "how much more the tier would hold at the end without the rule, if it "
        "were large enough; less than 0 where the rule brings data here",
        ("tier rule",), "level", "storage", only=_STORAGE, varies="signed"),
    "storage_failed_jobs": Metric("job", "jobs that ended and whose output did not fit: they have failed",
        ("tier",), "total", "storage", "less", varies="rare"),
    "storage_lost_slot_hours": Metric("slot h", "what those jobs had held",
        ("tier",), "total", "storage", varies="rare"),
    "storage_held_jobs": Metric("job", "jobs held back at their submission because the tier was full",
        ("tier",), "total", "storage", varies="rare"),
    "storage_held_slot_hours": Metric("slot h", "slots of those jobs times their wait",
        ("tier",), "total", "storage", varies="rare"),
    "storage_over_quota_bytes": Metric("B", "turned away in the month because the tenant's quota was full",
        (_TIER,), "total", "storage", varies="rare"),
    "storage_refused_bytes": Metric("B", "turned away in the month: the tier at its limit, or not there yet, "
        "or the tenant's quota full",
        (_TIER,), "total", "storage", "less", shown="tier-months", varies="rare"),
    "storage_read_load_frac": Metric("1", "read in the month by jobs and to migrate data, over what the read "
        "bandwidth in service could have moved",
        (_TIER,), "ratio", "storage", only=_IO),
    "storage_write_load_frac": Metric("1", "written in the month by jobs, with checkpoints, brought in and "
        "migrated here, over what the write bandwidth could have moved",
        (_TIER,), "ratio", "storage", only=_IO),
    "storage_peak_load_frac": Metric("1", "the most that running jobs and incoming data wanted at a midnight "
        "of the month, over the bandwidth in service, read or write",
        (_TIER,), "max", "storage", only=_IO),
    "storage_stretch": Metric("1", "how much longer the parts of run times that wait for the tier take "
        "because jobs contend for it; mean over waiting slots and midnights",
        (_TIER,), "ratio", "storage", only=_IO, varies="skewed"),
    "storage_read_bytes": Metric("B", "read from the tier by the jobs that started in the month; a job that "
        "ran again counts in the month of its last start",
        (_TIER,), "total", "storage", only="only tiers that a class `reads` from"),
    "storage_relieved_s": Metric("s", "time from the start until the tier first has room again after it was "
        "full; not measured when it was never full, or stays so",
        ("tier",), "first time", "storage"),
    "storage_full_s": Metric("s", "time from the start until the tier first reaches its fill limit; not "
        "measured when it does not within the horizon",
        ("tier",), "first time", "storage"),
    "storage_ahead_full_s": Metric("s", "time from the start until the tier first reaches its fill limit, "
        "followed beyond the horizon; not measured when it does not by the end of the look-ahead",
        ("tier",), "first time", "storage", only=_STORAGE),
    "storage_ahead_used_frac": Metric("1", "used over usable capacity at its highest beyond the horizon",
        ("tier",), "max", "storage", only=_STORAGE),
    "storage_ahead_year_bytes": Metric("B", "what the tier would hold more a year after the horizon than at "
        "its end, net of what is deleted, if every tier were large enough",
        ("tier",), "total", "storage", only=_STORAGE),
    "storage_ahead_over_quota_bytes": Metric("B", "turned away by quotas of tenants beyond the horizon, as "
        "far as it is followed",
        ("tier",), "total", "storage", only=_STORAGE, varies="rare"),
    "storage_ahead_s": Metric("s", "time from the start to the end of the look-ahead",
        ("month=all",), "level", "storage", only=_STORAGE),
    "storage_ahead_growth_frac": Metric("1", "growth of demand a year once the plan and the horizon end, as "
        "it was asked for",
        ("month=all",), "level", "storage", only=_STORAGE),
}  # fmt: skip
"""Metrics of a simulation, in the order in which pages and lists show them."""

REPLAYED: Final[Mapping[str, Metric]] = {
    "submission_utilization": Metric("1", "slot-seconds in use over those there were between the first and "
        "the last submission",
        ("",), "ratio", "replay", compared=("",)),
    "jobs": Metric("job", "jobs that ran; for the recorded past, those of them whose wait the log gives",
        ("",), "total", "replay"),
    "mean_wait_s": Metric("s", "mean of start minus submission", ("",), "mean", "replay", "less",
        shown="published", varies="skewed"),
    "p50_wait_s": Metric("s", "median of the same", ("",), "p50", "replay", "less", compared=("",)),
    "p95_wait_s": Metric("s", "95th percentile of the same", ("",), "p95", "replay", "less", compared=("",)),
    "mean_bounded_slowdown": Metric("1", "mean of max(1, (wait + run) / max(run, 10 s))",
        ("",), "mean", "replay", "less", compared=("",), shown="published", varies="skewed"),
    "max_bounded_slowdown": Metric("1", "largest of the same", ("",), "max", "replay", "less"),
    "utilization": Metric("1", "slot-seconds in use over slot-seconds in service: slots × makespan",
        ("",), "ratio", "replay", larger_site_has="less", shown="published"),
    "makespan_s": Metric("s", "last end minus first submission", ("",), "level", "replay", "less",
        shown="published"),
}  # fmt: skip
"""Numbers of one schedule of a log, simulated or recorded: one machine, from the first job to the last."""

EVERY: Final[Mapping[str, Metric]] = {**REPLAYED, **METRICS}
UNITS: Final = {name: metric.unit for name, metric in EVERY.items()}


def units_in(currency: str | None) -> dict[str, str]:
    """Return the unit of each metric where money is counted in a currency: findings carry its code."""
    return {name: (currency or unit) if unit == CURRENCY else unit for name, unit in UNITS.items()}


def shown(table: str, of: Mapping[str, Metric] = METRICS) -> list[str]:
    """Return the metrics that a table or chart of the reports shows, in the order of the table of metrics."""
    return [name for name, metric in of.items() if table in metric.shown.split()]
