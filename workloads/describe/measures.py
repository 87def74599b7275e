"""What a description is made of: every number by name, with unit, label and definition.

A name never changes its meaning, so that a script, a page and a published figure can all refer to it. Nothing
heavy is imported here: a specification only has to know which names there are.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from workloads.describe.overview_metrics import OVERVIEW
from workloads.jobtable import STATES, Tally

Section = Literal[
    "overview", "sizes", "run_times", "requests", "fates", "arrivals", "users", "classes", "tenants"
]
SECTIONS: Final[dict[Section, str]] = {
    "overview": "overview",
    "sizes": "sizes",
    "run_times": "run times",
    "requests": "requested times",
    "fates": "how jobs end",
    "arrivals": "arrivals",
    "users": "users",
    "classes": "classes of work",
    "tenants": "tenants",
}

SIZE_BANDS: Final = ("1", "2-4", "5-8", "9-16", "17-64", "65+")
"""Names of the ranges of sizes; one node of eight ends the third. [slot]"""
BAND_ENDS: Final = (1, 4, 8, 16, 64)
AT_LEAST: Final = (2, 5, 8, 9, 17, 65)
"""Sizes from which on the work is summed up. [slot]"""
HOURS: Final = tuple(f"{hour:02d}" for hour in range(24))
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WINDOWS_S: Final = {"hour": 3_600, "day": 86_400, "week": 604_800}
"""Windows in which submissions are counted. [s]"""
LAGS: Final = {
    "1-hour": ("hour", 1),
    "24-hours": ("hour", 24),
    "168-hours": ("hour", 168),
    "1-day": ("day", 1),
    "7-days": ("day", 7),
}
"""Lags of the autocorrelation: which counts, and how many windows apart."""
TOP_PARTS: Final = {"5": 0.05, "10": 0.10, "20": 0.20}
"""The busiest part of the users: per cent as label, and as fraction."""
MOST_USED: Final = 20
"""How many requests are "round numbers" together, as in Tsafrir, Etsion and Feitelson, 2005."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What one name of a description stands for.

    Attributes
    ----------
    section : str
        Where it belongs, a key of `SECTIONS`.
    unit : str
        SI unit, ``1`` for fractions and ratios, empty for a text.
    title : str
        What a table calls it, within its section.
    definition : str
        How it is worked out.
    label : str
        What its label says; empty when the number has none.
    values : tuple of str
        All labels there can be; empty when the log decides.
    """

    section: Section
    unit: str
    title: str
    definition: str
    label: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a description.

    Attributes
    ----------
    name : str
        A key of `METRICS`.
    value : float, str or None
        The number [unit of the metric]; None where the jobs do not give it.
    label : str
        Which one of several: the state, the hour, the tenant.
    note : str
        Why there is no number, or how it was had.
    """

    name: str
    value: float | str | None
    label: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """Name and label in one word, ``state_jobs_frac.failed``."""
        return f"{self.name}.{self.label}" if self.label else self.name


@dataclass(frozen=True, slots=True)
class Description:
    """A table of jobs in numbers.

    Attributes
    ----------
    source : str
        The log, or the model that made the jobs.
    measures : tuple of Measure
        In the order of `METRICS`.
    absent : mapping of str to str
        Sections about which the jobs say nothing, and why.
    dropped, remarks : tuple of Tally
        What the reader left out or changed.
    """

    source: str
    measures: tuple[Measure, ...]
    absent: dict[Section, str] = field(default_factory=dict)
    dropped: tuple[Tally, ...] = ()
    remarks: tuple[Tally, ...] = ()

    def find(self, key: str) -> Measure | None:
        """Return the measure of a key such as ``run_p50_s`` or ``state_jobs_frac.failed``, if any."""
        return next((measure for measure in self.measures if measure.key == key), None)


def why_unknown(key: str) -> str | None:
    """Say what is wrong with a key; None when a description can have such a number.

    Examples
    --------
    >>> why_unknown("run_p50_s"), why_unknown("state_jobs_frac.failed")
    (None, None)
    >>> why_unknown("state_jobs_frac")
    'needs a state: state_jobs_frac.completed'
    """
    name, _, label = key.partition(".")
    metric = METRICS.get(name)
    if metric is None:
        return f"no metric is called '{name}'"
    if bool(label) != bool(metric.label):
        like = f"{name}.{metric.values[1] if metric.values else 'NAME'}"
        return f"needs a {metric.label}: {like}" if metric.label else f"{name} has no '{label}'"
    if label and metric.values and label not in metric.values:
        return f"there is no {metric.label} '{label}': one of {', '.join(metric.values)}"
    return None


METRICS: Final[dict[str, Metric]] = {
    **{name: Metric("overview", *about) for name, about in OVERVIEW.items()},
    # sizes
    "size_p25": Metric("sizes", "slot", "p25", "25th percentile of the slots asked for"),
    "size_p50": Metric("sizes", "slot", "median", "median of the slots asked for"),
    "size_p75": Metric("sizes", "slot", "p75", "75th percentile of the same"),
    "size_p90": Metric("sizes", "slot", "p90", "90th percentile of the same"),
    "size_p99": Metric("sizes", "slot", "p99", "99th percentile of the same"),
    "size_max": Metric("sizes", "slot", "largest", "largest job"),
    "size_mean": Metric("sizes", "slot", "mean", "arithmetic mean of the same"),
    "serial_frac": Metric("sizes", "1", "jobs of one slot", "share of the jobs that ask for one slot"),
    "power_of_two_frac": Metric(
        "sizes",
        "1",
        "jobs of 1, 2, 4, 8, … slots",
        "share of the jobs whose size is a power of two, one included",
    ),
    "size_unknown_frac": Metric(
        "sizes", "1", "size unknown", "share of the jobs without slots; not in the other sizes"
    ),
    "size_jobs_frac": Metric(
        "sizes", "1", "jobs", "share of the jobs in a band of sizes", "size", SIZE_BANDS
    ),
    "size_work_frac": Metric(
        "sizes", "1", "work", "share of the slot-time in a band of sizes", "size", SIZE_BANDS
    ),
    "size_run_p50_s": Metric(
        "sizes", "s", "run median", "median run time in a band of sizes", "size", SIZE_BANDS
    ),
    "size_run_mean_s": Metric(
        "sizes", "s", "run mean", "mean run time in a band of sizes", "size", SIZE_BANDS
    ),
    "at_least_jobs_frac": Metric(
        "sizes",
        "1",
        "jobs",
        "share of the jobs of at least so many slots",
        "at_least",
        tuple(map(str, AT_LEAST)),
    ),
    "at_least_work_frac": Metric(
        "sizes",
        "1",
        "work",
        "share of the slot-time in jobs of at least so many slots",
        "at_least",
        tuple(map(str, AT_LEAST)),
    ),
    "common_size_frac": Metric(
        "sizes", "1", "jobs", "share of the jobs of one size, for the five sizes used most", "slots"
    ),
    # run times
    "run_p5_s": Metric("run_times", "s", "p5", "5th percentile of the run times"),
    "run_p25_s": Metric("run_times", "s", "p25", "25th percentile of the same"),
    "run_p50_s": Metric("run_times", "s", "median", "median run time"),
    "run_p75_s": Metric("run_times", "s", "p75", "75th percentile of the same"),
    "run_p90_s": Metric("run_times", "s", "p90", "90th percentile of the same"),
    "run_p95_s": Metric("run_times", "s", "p95", "95th percentile of the same"),
    "run_p99_s": Metric("run_times", "s", "p99", "99th percentile of the same"),
    "run_max_s": Metric("run_times", "s", "longest", "longest run time"),
    "run_mean_s": Metric("run_times", "s", "mean", "arithmetic mean of the run times"),
    "run_mean_over_median": Metric("run_times", "1", "mean over median", "`run_mean_s` over `run_p50_s`"),
    "run_lognormal_sigma": Metric(
        "run_times",
        "1",
        "lognormal sigma",
        "sqrt(2 ln(mean/median)): sigma of the lognormal distribution with this mean and median",
    ),
    "run_ln_mean": Metric(
        "run_times", "1", "ln: mean", "mean of the logarithm of run times of 1 s and more [s]"
    ),
    "run_ln_sd": Metric(
        "run_times", "1", "ln: standard deviation", "standard deviation of the same logarithms"
    ),
    "run_ln_skew": Metric(
        "run_times", "1", "ln: skewness", "third standardised moment of the same logarithms"
    ),
    "run_zero_frac": Metric("run_times", "1", "run time of 0 s", "share of the known run times that are 0 s"),
    "run_unknown_frac": Metric(
        "run_times",
        "1",
        "run time unknown",
        "share of the jobs without a run time; not in the other run times",
    ),
    "size_run_correlation": Metric(
        "run_times", "1", "size with run time", "Spearman's rank correlation of slots and run time"
    ),
    "hour_run_correlation": Metric(
        "run_times",
        "1",
        "hour with run time",
        "Spearman's rank correlation of the hour of submission, 0 to 23 on the log's clock, and run time",
    ),
    # requests
    "requested_p25_s": Metric("requests", "s", "requested: p25", "25th percentile of the requested times"),
    "requested_p50_s": Metric("requests", "s", "requested: median", "median of the requested times"),
    "requested_p75_s": Metric("requests", "s", "requested: p75", "75th percentile"),
    "requested_max_s": Metric("requests", "s", "requested: longest", "longest requested time"),
    "requested_mean_s": Metric("requests", "s", "requested: mean", "arithmetic mean of the same"),
    "used_p25_frac": Metric("requests", "1", "used: p25", "25th percentile of run time over requested time"),
    "used_p50_frac": Metric("requests", "1", "used: median", "median of run time over requested time"),
    "used_p75_frac": Metric("requests", "1", "used: p75", "75th percentile"),
    "used_mean_frac": Metric(
        "requests", "1", "used: mean", "arithmetic mean of run time over requested time"
    ),
    "used_sum_frac": Metric(
        "requests", "1", "used: sum over sum", "sum of the run times over sum of the requested times"
    ),
    "nearly_all_used_frac": Metric(
        "requests",
        "1",
        "jobs that use 95 % or more",
        "share of the jobs with run time over requested time of 0.95 or more",
    ),
    "at_limit_frac": Metric(
        "requests",
        "1",
        "jobs ended at the limit",
        "share of the jobs that ran as long as requested or longer, or whose state is timeout",
    ),
    "over_limit_frac": Metric(
        "requests", "1", "jobs past the limit", "share of the jobs that ran longer than requested"
    ),
    "round_requests_frac": Metric(
        "requests",
        "1",
        f"jobs at the {MOST_USED} most used requests",
        f"share of the jobs at the {MOST_USED} most used requested times",
    ),
    "longest_request_frac": Metric(
        "requests",
        "1",
        "jobs at the longest request",
        "share of the jobs that ask for the longest requested time",
    ),
    "request_unknown_frac": Metric(
        "requests",
        "1",
        "request unknown",
        "share of the jobs without a requested time; not in the other requests",
    ),
    "no_limit_frac": Metric(
        "requests", "1", "no limit", "share of the jobs that ask for no limit; not in the other requests"
    ),
    "common_request_frac": Metric(
        "requests", "1", "jobs", "share of the jobs of one requested time, for the eight used most", "seconds"
    ),
    # fates
    "state_jobs_frac": Metric("fates", "1", "jobs", "share of the jobs that ended so", "state", STATES),
    "state_work_frac": Metric(
        "fates", "1", "work", "share of the slot-time in jobs that ended so", "state", STATES
    ),
    "state_run_p50_s": Metric(
        "fates", "s", "run median", "median run time of the jobs that ended so", "state", STATES
    ),
    "unsuccessful_jobs_frac": Metric(
        "fates",
        "1",
        "jobs that failed in any way",
        "share of the jobs that ended failed, timeout or node_fail",
    ),
    "unsuccessful_work_frac": Metric(
        "fates",
        "1",
        "work that failed in any way",
        "share of the slot-time in jobs that ended failed, timeout or node_fail",
    ),
    # arrivals
    "gap_mean_s": Metric("arrivals", "s", "gap: mean", "mean time from one submission to the next"),
    "gap_p50_s": Metric("arrivals", "s", "gap: median", "median of the same gaps"),
    "gap_cv": Metric(
        "arrivals",
        "1",
        "gap: coefficient of variation",
        "standard deviation of the gaps over their mean; 1 for Poisson",
    ),
    "gap_burstiness": Metric(
        "arrivals",
        "1",
        "gap: burstiness",
        "(sigma - mu) / (sigma + mu) of the gaps: -1 regular, 0 Poisson, 1 bursty (Goh and Barabási 2008)",
    ),
    "same_user_gap_p50_s": Metric(
        "arrivals", "s", "gap of one user: median", "median time from one submission to the same user's next"
    ),
    "repeat_size_frac": Metric(
        "arrivals",
        "1",
        "size as the user's last job",
        "share of the jobs of the size of the same user's job before",
    ),
    "repeat_request_frac": Metric(
        "arrivals",
        "1",
        "size and request as the last job",
        "share of the jobs of the size and requested time of the same user's job before",
    ),
    "night_jobs_factor": Metric(
        "arrivals",
        "1",
        "night (00 to 08 h) over mean hour",
        "submissions per hour from 00 to 08 h over those of the mean hour",
    ),
    "weekend_jobs_factor": Metric(
        "arrivals",
        "1",
        "weekend over mean day",
        "submissions per Saturday and Sunday over those of the mean day",
    ),
    "hour_jobs_factor": Metric(
        "arrivals",
        "1",
        "jobs",
        "submissions in an hour of the day over those of the mean hour",
        "hour",
        HOURS,
    ),
    "hour_dip_factor": Metric(
        "arrivals",
        "1",
        "to neighbours",
        "submissions in an hour over the mean of the hours before and after",
        "hour",
        HOURS,
    ),
    "weekday_jobs_factor": Metric(
        "arrivals",
        "1",
        "jobs",
        "submissions per such day over those of the mean day of the span",
        "weekday",
        WEEKDAYS,
    ),
    "count_dispersion": Metric(
        "arrivals",
        "job",
        "of jobs",
        "variance over mean of the jobs submitted per window; 1 for Poisson",
        "window",
        tuple(WINDOWS_S),
    ),
    "work_dispersion": Metric(
        "arrivals",
        "slot h",
        "of work",
        "variance over mean of the work submitted per window",
        "window",
        tuple(WINDOWS_S),
    ),
    "count_autocorrelation": Metric(
        "arrivals",
        "1",
        "autocorrelation",
        "autocorrelation of the hourly counts, or of the daily ones, so far apart",
        "lag",
        tuple(LAGS),
    ),
    "level_now_ratio": Metric(
        "arrivals",
        "1",
        "level now over its mean",
        "work of the last 13 weeks over that of the mean week, as logarithms, half way back to it",
    ),
    "level_noise_sd": Metric(
        "arrivals",
        "1",
        "weeks about the level",
        "standard deviation of the logarithm of a week's work about the level",
    ),
    "level_step_sd": Metric(
        "arrivals",
        "1",
        "drift of the level in a week",
        "standard deviation of the step of the logarithm of the level from one week to the next",
    ),
    # users
    "user_unknown_frac": Metric(
        "users", "1", "user unknown", "share of the jobs without a user; not in the other users"
    ),
    "user_jobs_p50": Metric("users", "job", "jobs of a user: median", "median of the jobs per user"),
    "top_work_frac": Metric(
        "users",
        "1",
        "work",
        "share of the slot-time of the 5, 10 or 20 % of users with most of it, rounded down, at least one",
        "percent",
        tuple(TOP_PARTS),
    ),
    "top_jobs_frac": Metric(
        "users",
        "1",
        "jobs",
        "share of the jobs of the 5, 10 or 20 % of users with most of them, rounded down, at least one",
        "percent",
        tuple(TOP_PARTS),
    ),
    "work_gini": Metric(
        "users", "1", "Gini of work", "Gini coefficient of the slot-time per user; 0 is equal"
    ),
    "jobs_gini": Metric("users", "1", "Gini of jobs", "Gini coefficient of the jobs per user"),
}


def _of_groups(section: Section, kind: str) -> dict[str, Metric]:
    """Return what is said about each class of work, and about each tenant."""
    named = {
        "jobs": ("job", "jobs", "jobs"),
        "work_frac": ("1", "work", "share of the slot-time of all jobs"),
        "size_p50": ("slot", "size median", "median of the slots asked for"),
        "run_p50_s": ("s", "run median", "median run time"),
        "run_mean_s": ("s", "run mean", "mean run time"),
        "completed_frac": ("1", "completed", "share of its jobs with a known end that completed"),
    }
    return {
        f"{kind}_{name}": Metric(section, unit, title, f"{text}, by {kind}", kind)
        for name, (unit, title, text) in named.items()
    }


METRICS.update(_of_groups("classes", "class"))
METRICS.update(_of_groups("tenants", "tenant"))
