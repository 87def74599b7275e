"""Every metric of a simulation: its unit and what it means."""

from dataclasses import dataclass
from typing import Final

CURRENCY: Final = "currency"
"""The unit of metrics of money: each scenario has its own, see `units_in`."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its unit and what it means."""

    unit: str
    definition: str


METRICS: Final[dict[str, Metric]] = {
    "capacity_slots": Metric("slot", "slots in service at the end of the month"),
    "peak_flops": Metric(
        "FLOP/s", "dense peak of what is delivered by the end of the month, at that precision"
    ),
    "utilization": Metric("1", "slot-seconds in use over slot-seconds in service"),
    "delivered_slot_hours": Metric("slot h", "slot-hours in use; a wide job holds whole nodes"),
    "queue_length": Metric("job", "jobs waiting, mean over time"),
    "p50_wait_s": Metric("s", "median wait of the jobs submitted in the month; those still waiting at the "
                              "end of the horizon count with their wait so far"),
    "p95_wait_s": Metric("s", "95th percentile of the same waits"),
    "waits_counted": Metric("job", "jobs of that width and length whose waits count, over the horizon"),
    "mean_wait_s": Metric("s", "mean of the same waits; a few very long ones carry it"),
    "warm_up_s": Metric("s", "time at the start that `month: all` leaves out because the site was still "
                             "filling up; only with `regime: steady`, found by MSER-5"),
    "jobs_submitted": Metric("job", "jobs submitted in the month, those rejected included"),
    "jobs_completed": Metric("job", "jobs that ended in the month with their work done"),
    "jobs_ended": Metric("job", "jobs that ended in the month, completed or not"),
    "jobs_timeout": Metric("job", "jobs killed at their requested time, over the horizon"),
    "jobs_rejected": Metric("job", "jobs that their pools will never hold, beyond a limit on submitted jobs, "
                                   "or not started by their deadline, over the horizon"),
    "jobs_cancelled": Metric("job", "jobs that never started: their users gave up, or a job they depended on "
                                    "did not complete, over the horizon"),
    "requeues": Metric("1", "attempts of jobs after their first, over the horizon"),
    "jobs_node_fail": Metric("job", "jobs that a failed node ended for good, over the horizon"),
    "slot_hours": Metric("slot h", "slot-hours installed, by what became of them: useful, checkpoint, lost, "
                                   "restart, idle or down; they add up to all slots delivered, over time"),
    "goodput_frac": Metric("1", "useful part of the slot-hours installed: work of jobs that was not undone, "
                                "however its user fared with it"),
    "available_frac": Metric("1", "slot-seconds in service over slot-seconds installed: the rest has failed "
                                  "or is being maintained"),
    "node_failures": Metric("1", "failures of single nodes, over the horizon"),
    "group_outages": Metric("1", "outages of groups of nodes that struck the pool, over the horizon"),
    "delivered_flop": Metric("FLOP", "operations of useful work, counted at the precision asked for and done "
                                     "at `ran_at`, over the horizon"),
    "peak_flop": Metric("FLOP", "operations that all slots installed could do at their dense peak at that "
                                "precision, over the horizon"),
    "it_energy_j": Metric("J", "energy of nodes or storage at their plugs: nodes in service draw their idle "
                               "power, and slots in use their part of what is typical beyond that"),
    "site_energy_j": Metric("J", "energy of the site at the meter: that of its IT times its PUE"),
    "mean_power_w": Metric("W", "mean power of the site at the meter"),
    "electricity_cost": Metric(CURRENCY, "price of that energy at the site's mean price"),
    "lost_slot_hours": Metric("slot h", "slot-hours of work that failures and preemption undid, back to the "
                                        "last checkpoint, over the horizon"),
    "tenant_share": Metric("1", "part of the slot-hours of jobs over the horizon that a tenant's jobs held"),
    "work_reference_slot_hours": Metric(
        "slot h", "what the jobs that ended in the horizon would hold on the reference"
    ),
    "jobs_unfinished": Metric("job", "jobs waiting or running at the end of the horizon"),
    "storage_used_bytes": Metric("B", "held on the tier at the end of the month"),
    "storage_capacity_bytes": Metric("B", "usable capacity in service at the end of the month"),
    "storage_limit_bytes": Metric("B", "what may be filled of it: usable capacity times fill limit"),
    "storage_used_frac": Metric("1", "used over usable capacity in service"),
    "storage_growth_bytes": Metric("B", "stored over the horizon by source, deletions not subtracted"),
    "storage_pace_bytes_per_s": Metric("B/s", "net growth over the last 91 days of the horizon"),
    "storage_wanted_bytes": Metric("B", "what would be used at the end of the month if every tier were large "
                                        "enough: nothing turned away, nothing purged for want of room"),
    "storage_held_bytes": Metric("B", "logical bytes of a tenant's data of a kind on the tier at the end of "
                                      "the month, snapshots not included"),
    "storage_arrived_bytes": Metric("B", "written and brought in the month, before anything was turned away"),
    "storage_expired_bytes": Metric("B", "deleted in the month after their time was over, and released by "
                                         "running jobs"),
    "storage_user_deleted_bytes": Metric("B", "deleted in the month by their owners before"),
    "storage_purged_bytes": Metric("B", "deleted in the month by the site's purge rules"),
    "storage_migrated_in_bytes": Metric("B", "moved here in the month from other tiers"),
    "storage_migrated_out_bytes": Metric("B", "moved from here in the month to another tier"),
    "storage_snapshot_bytes": Metric("B", "deleted, and still held by snapshots at the end of the month"),
    "storage_saved_bytes": Metric("B", "how much more the tier would hold at the end without the rule, if it "
                                       "were large enough; less than 0 where the rule brings data here"),
    "storage_failed_jobs": Metric("job", "jobs that ended and whose output did not fit: they have failed"),
    "storage_lost_slot_hours": Metric("slot h", "what those jobs had held"),
    "storage_held_jobs": Metric("job", "jobs held back at their submission because the tier was full"),
    "storage_held_slot_hours": Metric("slot h", "slots of those jobs times their wait"),
    "storage_over_quota_bytes": Metric("B", "turned away in the month because the tenant's quota was full"),
    "storage_refused_bytes": Metric("B", "turned away in the month: the tier at its limit, or not there yet, "
                                         "or the tenant's quota full"),
    "storage_read_load_frac": Metric("1", "read in the month by jobs and to migrate data, over what the read "
                                          "bandwidth in service could have moved"),
    "storage_write_load_frac": Metric("1", "written in the month by jobs, with checkpoints, brought in and "
                                           "migrated here, over what the write bandwidth could have moved"),
    "storage_peak_load_frac": Metric("1", "the most that running jobs and incoming data wanted at a midnight "
                                          "of the month, over the bandwidth in service, read or write"),
    "storage_stretch": Metric("1", "how much longer the parts of run times that wait for the tier take "
                                   "because jobs contend for it; mean over waiting slots and midnights"),
    "storage_read_bytes": Metric("B", "read from the tier by the jobs that started in the month; a job that "
                                      "ran again counts in the month of its last start"),
    "storage_relieved_s": Metric("s", "time from the start until the tier first has room again after it was "
                                      "full; not measured when it was never full, or stays so"),
    "storage_full_s": Metric("s", "time from the start until the tier first reaches its fill limit; "
                                  "not measured when it does not within the horizon"),
}  # fmt: skip

UNITS: Final = {name: metric.unit for name, metric in METRICS.items()}


def units_in(currency: str | None) -> dict[str, str]:
    """Return the unit of each metric where money is counted in a currency: findings carry its code."""
    return {name: (currency or unit) if unit == CURRENCY else unit for name, unit in UNITS.items()}


BETTER: Final[dict[str, str]] = {
    "goodput_frac": "higher", "work_reference_slot_hours": "higher", "delivered_slot_hours": "",
    "jobs_completed": "higher", "queue_length": "lower", "mean_wait_s": "lower", "p50_wait_s": "lower",
    "p95_wait_s": "lower", "jobs_rejected": "lower", "jobs_unfinished": "lower", "lost_slot_hours": "lower",
    "site_energy_j": "lower", "it_energy_j": "lower", "electricity_cost": "lower", "mean_power_w": "lower",
    "storage_failed_jobs": "lower", "storage_refused_bytes": "lower",
}  # fmt: skip
"""Which way is better, where there is one; a high utilization is good for the owner and bad for the waits."""
