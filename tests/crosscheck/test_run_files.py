"""What a run says of itself worked out again from the files it left, with plain pandas and none of our code.

The site fails and is repaired, its jobs run again, its storage fills: what `findings.json` says and can be
told from `jobs.parquet` and `series.parquet` must be told alike.
"""

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from capacity.cli.main import entry
from tests.support.small_site import write_small

FAILING = (
    "site.pools.gpu.failures={per_1000_node_days: 60, repair: 12 h}",
    "site.pools.hpc.failures={per_1000_node_days: 60, repair: 12 h}",
)
WIDTHS = (("1", 1, 1), ("2-4", 2, 4), ("5-8", 5, 8), ("9-16", 9, 16), ("17-64", 17, 64))


@pytest.fixture(scope="module", params=[(), FAILING], ids=["sound", "failing"])
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    path = str(write_small(folder))
    sets = [word for text in request.param for word in ("--set", text)]
    assert entry(["simulate", path, *sets, "-o", str(folder / "run"), "--json"]) == 0
    return folder / "run"


@pytest.fixture(scope="module")
def files(run):
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    findings = json.loads((run / "findings.json").read_text("utf-8"))["findings"]
    found = {(f["metric"], tuple(sorted(f["labels"].items()))): f["value"] for f in findings}
    return manifest, found, pd.read_parquet(run / "jobs.parquet"), pd.read_parquet(run / "series.parquet")


def value(found, metric, **labels):
    return found[metric, tuple(sorted(labels.items()))]


def months(manifest):
    """Every month of the horizon with its first second and the one after its last."""
    start, end = (datetime.fromisoformat(manifest[key]) for key in ("start", "end"))
    spans, first = {}, start
    while first < end:
        after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = min(after, end)
        spans[f"{first:%Y-%m}"] = tuple(int((t - start).total_seconds()) for t in (first, last))
        first = last
    return {**spans, "all": (0, int((end - start).total_seconds()))}


def waits(jobs, horizon_s):
    counts = jobs[jobs.state.ne("rejected") & ~(jobs.state.eq("cancelled") & jobs.start_s.lt(0))]
    return counts.assign(w=np.where(counts.start_s >= 0, counts.start_s, horizon_s) - counts.submit_s)


def quantile(values, part):
    """The smallest value that at least this part of the values does not exceed."""
    return float(np.sort(values)[int(np.ceil(part * len(values))) - 1]) if len(values) else None


def test_waits_by_pool_and_month(files):
    manifest, found, jobs, _ = files
    spans = months(manifest)
    table = waits(jobs, spans["all"][1])
    for pool in ("gpu", "hpc"):
        for month, (first, last) in spans.items():
            mine = table[(table.pool == pool) & (table.submit_s >= first) & (table.submit_s < last)].w
            assert value(found, "p50_wait_s", pool=pool, month=month) == quantile(mine, 0.5)
            assert value(found, "p95_wait_s", pool=pool, month=month) == quantile(mine, 0.95)
            assert value(found, "mean_wait_s", pool=pool, month=month) == pytest.approx(
                mine.mean(), rel=1e-12
            )
    assert value(found, "p95_wait_s", month="all") == quantile(table.w, 0.95)
    assert value(found, "mean_wait_s", month="all") == pytest.approx(table.w.mean(), rel=1e-12)


def test_waits_by_width(files):
    """Lengths need the run time of the demand, which the files do not have; widths do not."""
    manifest, found, jobs, _ = files
    table = waits(jobs, months(manifest)["all"][1])
    for pool in ("gpu", "hpc"):
        for name, low, high in WIDTHS:
            count = len(table[(table.pool == pool) & table.slots.between(low, high)])
            told = [
                v for (metric, labels), v in found.items()
                if metric == "waits_counted" and len(labels) == 4 and ("length", ">=1h") not in labels
                and {("width", name), ("pool", pool), ("month", "all")} <= set(labels)
            ]  # fmt: skip
            assert sum(told) == count


def test_jobs_that_ended(files):
    manifest, found, jobs, _ = files
    spans = months(manifest)
    for pool in ("gpu", "hpc"):
        mine = jobs[jobs.pool == pool]
        for month, (first, last) in spans.items():
            # A job that ends at midnight ends with the old month.
            inside = (
                mine[(mine.end_s > first) & (mine.end_s <= last)] if month != "all" else mine[mine.end_s >= 0]
            )
            assert value(found, "jobs_ended", pool=pool, month=month) == len(inside)
        assert value(found, "jobs_unfinished", pool=pool, month="all") == (mine.state == "unfinished").sum()
        assert value(found, "jobs_rejected", pool=pool, month="all") == (mine.state == "rejected").sum()


def at(series, metric, place, time_s):
    rows = series[(series.metric == metric) & (series.labels == place) & (series.time_s == time_s)]
    assert len(rows) == 1
    return float(rows.value.iloc[0])


def test_use_and_queue_follow_from_the_levels_at_midnights(files):
    manifest, found, _, series = files
    for pool in ("gpu", "hpc"):
        for month, (first, last) in months(manifest).items():
            busy, served, waiting = (
                at(series, metric, pool, last) - at(series, metric, pool, first)
                for metric in ("busy_slot_s", "capacity_slot_s", "waiting_job_s")
            )
            expected = busy / served if served else None
            assert value(found, "utilization", pool=pool, month=month) == pytest.approx(expected, rel=1e-12)
            assert value(found, "delivered_slot_hours", pool=pool, month=month) == pytest.approx(busy / 3600)
            assert value(found, "queue_length", pool=pool, month=month) == pytest.approx(
                waiting / (last - first)
            )


def test_energy_follows_from_idle_and_busy_slots(files):
    manifest, found, _, series = files
    site = manifest["resolved"]["site"]
    total = 0.0
    last = months(manifest)["all"][1]
    for pool in ("gpu", "hpc"):
        told = value(found, "it_energy_j", pool=pool, month="all")
        busy, served = (at(series, metric, pool, last) for metric in ("busy_slot_s", "capacity_slot_s"))
        power = site["pools"][pool]["node"]["power"]
        idle_w, max_w = (watts(power[name]) for name in ("idle", "max"))
        assert idle_w * served / 8 <= told <= (idle_w * served + (max_w - idle_w) * busy) / 8
        total += told
    storage = value(found, "it_energy_j", part="storage", month="all")
    assert value(found, "site_energy_j", month="all") == pytest.approx(1.5 * (total + storage))
    assert value(found, "electricity_cost", month="all") == pytest.approx(
        1.5 * (total + storage) / 3.6e6 * 100
    )


def watts(written):
    text = written["value"] if isinstance(written, dict) else written
    number, unit = text.split()
    return float(number) * {"W": 1.0, "kW": 1e3}[unit]


def test_storage_is_what_came_less_what_went(files):
    manifest, found, _, series = files
    for tier in ("fast", "lake"):
        for month, (_, last) in months(manifest).items():
            used, arrived, deleted, refused = (
                at(series, f"{name}_bytes", tier, last) for name in ("used", "arrived", "deleted", "refused")
            )
            assert value(found, "storage_used_bytes", tier=tier, month=month) == used
            assert used == arrived - deleted - refused


def test_slot_hours_add_up_to_what_was_delivered(files):
    _, found, jobs, _ = files
    for pool in ("gpu", "hpc"):
        uses = {use: value(found, "slot_hours", pool=pool, use=use) for use in
                ("useful", "checkpoint", "restart", "lost", "idle", "down")}  # fmt: skip
        assert value(found, "goodput_frac", pool=pool, month="all") == pytest.approx(
            uses["useful"] / sum(uses.values())
        )
        mine = jobs[jobs.pool == pool]
        held = np.where(mine.slots > 8, mine.nodes * 8, mine.slots)
        lost = float(np.dot(mine.lost_s, held)) / 3600
        assert value(found, "lost_slot_hours", pool=pool, month="all") == pytest.approx(lost)
        assert value(found, "requeues", pool=pool, month="all") == np.maximum(mine.attempts - 1, 0).sum()


def test_the_replications_file_has_what_the_findings_have(run, files):
    _, found, _, _ = files
    table = pd.read_parquet(run / "replications.parquet")
    assert set(table.columns) == {"case", "replication", "metric", "labels", "value", "censored"}
    for metric, labels, told in zip(table.metric, table.labels, table.value, strict=True):
        expected = found[metric, tuple(sorted(json.loads(labels).items()))]
        assert (np.isnan(told) and expected is None) or told == expected
