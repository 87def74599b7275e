"""One job that was submitted 40 days earlier changes no load, whatever the format of the log."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.demand import likeness
from capacity.study.replay.replay import replay
from workloads.describe.describe import describe
from workloads.formats import FORMATS, reader_with, writer
from workloads.jobtable import table_from
from workloads.logs import read_log
from workloads.period import load_of, period_of
from workloads.published.make import make
from workloads.published.request import Request

HOUR_S, DAY_S = 3_600, 86_400
BEGIN = datetime(2024, 6, 1, tzinfo=UTC)
SLOTS = 40


def rows(early, *, days=10, ran_long_ago=False):
    """Return submission, wait, run time [s, since the first of June] and slots; one early job is among them.

    It ran into the period, as in an export of the period, or when it came, as a test of the machine does.
    """
    often_s = 5_400
    found = [(n * often_s, 60, 3 * HOUR_S, 8) for n in range(days * DAY_S // often_s)]
    wait_s = 0 if ran_long_ago else 40 * DAY_S - 4 * HOUR_S
    return [(-40 * DAY_S, wait_s, 8 * HOUR_S, 16), *found] if early else found


def when(seconds, form="%Y-%m-%d %H:%M:%S"):
    return (BEGIN + timedelta(seconds=seconds)).strftime(form)


def unix(seconds):
    return int(BEGIN.timestamp()) + seconds


def sacct(jobs):
    yield "JobID|User|Account|Partition|State|Submit|Start|End|Elapsed|Timelimit|NCPUS"
    for n, (submit, wait, run, slots) in enumerate(jobs, 1):
        times = "|".join(when(at, "%Y-%m-%dT%H:%M:%S") for at in (submit, submit + wait, submit + wait + run))
        yield f"{n}|u|a|p|COMPLETED|{times}|{run // HOUR_S:02}:00:00|1-00:00:00|{slots}"


def helios(jobs):
    yield "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue"
    for n, (submit, wait, run, slots) in enumerate(jobs, 1):
        times = ",".join(when(at) for at in (submit, submit + wait, submit + wait + run))
        yield f"{n},u,v,{slots},{slots},1,COMPLETED,{times},{run},{wait}"


def philly(jobs):
    yield "timestamp,duration,num_gpus,gpu_time,cluster"
    for submit, _, run, slots in jobs:
        yield f"{when(submit)},{run}.0,{slots},{run * slots}.0,a"


def openb(jobs):
    yield (
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,"
        "scheduled_time"
    )
    for n, (submit, wait, run, slots) in enumerate(jobs):
        came = submit + 40 * DAY_S
        yield f"pod-{n},4000,1,{slots},1000,,LS,Succeeded,{came},{came + wait + run},{came + wait}"


def pbs(jobs):
    for n, (submit, wait, run, slots) in enumerate(jobs):
        start, end = unix(submit + wait), unix(submit + wait + run)
        yield (
            f"{when(submit + wait + run, '%m/%d/%Y %H:%M:%S')};E;{n}.s;user=u group=g queue=q "
            f"ctime={unix(submit)} qtime={unix(submit)} etime={unix(submit)} start={start} "
            f"Resource_List.ncpus={slots} Resource_List.walltime=24:00:00 end={end} Exit_status=0"
        )


def grid_engine(jobs):
    for n, (submit, wait, run, slots) in enumerate(jobs, 1):
        times = f"{unix(submit)}:{unix(submit + wait)}:{unix(submit + wait + run)}"
        yield (
            f"all.q:n1:g1:u1:fit:{n}:sge:0:{times}:0:0:{run}:1:1:1:0:0:0:0:1:0:0:0:0:0:0:0:1:2:NONE:d:mpi:{slots}"
            f":0:1:1:0:-l h_rt=86400 -pe mpi {slots}:0:NONE:1:0:0"
        )


def kubernetes(jobs):
    def time(seconds):
        return when(seconds, "%Y-%m-%dT%H:%M:%SZ")

    asked = {"resources": {"requests": {"nvidia.com/gpu": "1"}, "limits": {"nvidia.com/gpu": "1"}}}
    items = [
        {"apiVersion": "batch/v1", "kind": "Job",
         "metadata": {"name": f"j{n}", "namespace": "a", "uid": f"{n}", "creationTimestamp": time(submit)},
         "spec": {"parallelism": slots, "completions": slots, "template": {"spec": {"containers": [asked]}}},
         "status": {"startTime": time(submit + wait), "completionTime": time(submit + wait + run),
                    "succeeded": slots, "conditions": [{"type": "Complete", "status": "True"}]}}
        for n, (submit, wait, run, slots) in enumerate(jobs)
    ]  # fmt: skip
    yield json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


WRITTEN = {
    "sacct": sacct, "helios": helios, "philly": philly, "alibaba-openb": openb, "pbs": pbs,
    "grid-engine": grid_engine, "kubernetes": kubernetes,
}  # fmt: skip


def table_of(jobs, **about):
    submit, wait, run, slots = np.array(jobs).T
    columns = {"job_id": np.arange(1, len(jobs) + 1), "submit_s": submit + 40 * DAY_S, "wait_s": wait,
               "run_s": run, "slots": slots, "requested_s": np.full(len(jobs), DAY_S)}  # fmt: skip
    return table_from(columns, origin=BEGIN - timedelta(days=40), **about)


def read_as(form, jobs, folder):
    """Return the table of a log of these jobs in a format."""
    path = folder / f"log{FORMATS[form].suffixes[0] if FORMATS[form].writer else ''}"
    if form in WRITTEN:
        path.write_text("\n".join(WRITTEN[form](jobs)) + "\n", encoding="utf-8")
        return reader_with(form, {}, zone="UTC")(path, lenient=False)
    writer(form)(table_of(jobs), path)
    return read_log(path, format_name=form)


@pytest.mark.parametrize("form", [*WRITTEN, *(one.name for one in FORMATS.own.values() if one.writer)])
@pytest.mark.parametrize("days", [1, 10])
def test_load_is_that_of_the_days(form, days, tmp_path):
    plain = read_as(form, rows(False, days=days), tmp_path)
    early = read_as(form, rows(True, days=days), tmp_path)
    assert len(early) == len(plain) + 1
    assert load_of(early, SLOTS) == pytest.approx(load_of(plain, SLOTS), rel=0.01 if days > 1 else 0.1)
    assert period_of(early).before == 1
    assert 0.39 < load_of(plain, SLOTS) < 0.43


def numbers(table):
    """Return load, use, replay's utilization, and what models drawn from the log take from it."""
    found = {one.key: one.value for one in describe(table).measures}
    replayed = replay(table, PoolSpec("machine", SLOTS), Rules())
    drawn = make("poisson", Request(days=20, seed=1, log=table))
    return {
        "described": found["offered_load_frac"], "used": found["used_frac"],
        "recorded": replayed.recorded.utilization,
        "simulated": replayed.simulated.utilization,
        "compared": likeness.figures(likeness.replayed(table, SLOTS))["submission_utilization"],
        "poisson": len(drawn) / 20,
    }  # fmt: skip


@pytest.mark.parametrize("ran_long_ago", [False, True])
def test_everything_goes_by_the_period(ran_long_ago):
    jobs = rows(False, days=30)
    plain = numbers(table_of(jobs, max_slots=SLOTS, period_s=(40 * DAY_S, 70 * DAY_S)))
    early = numbers(table_of(rows(True, days=30, ran_long_ago=ran_long_ago), max_slots=SLOTS))
    for name, value in plain.items():
        assert early[name] == pytest.approx(value, rel=0.01 if name != "poisson" else 0.03), name


@settings(max_examples=40, deadline=None)
@given(st.integers(40, 400), st.booleans(), st.integers(0, 2**32 - 1))
def test_logs_that_say_no_starts_keep_their_span_without_a_gap_like_no_other(n, uneven, seed):
    rng = np.random.default_rng(seed)
    gaps_s = rng.exponential(HOUR_S, n) * (rng.lognormal(0, 0.7, n) if uneven else 1)
    submit_s = np.cumsum(gaps_s).astype(int)
    table = table_from({"job_id": np.arange(n), "submit_s": submit_s, "run_s": np.full(n, 600),
                        "slots": np.ones(n)})  # fmt: skip
    assert period_of(table).is_span


def test_a_few_jobs_without_a_start_do_not_hide_how_full_the_machine_was():
    table = table_of(rows(True), max_slots=SLOTS)
    wait_s = table.numbers("wait_s").copy()
    wait_s[5] = -1
    unsaid = table_from({name: table.numbers(name) for name in ("job_id", "submit_s", "run_s", "slots")}
                        | {"wait_s": wait_s}, origin=table.origin, max_slots=SLOTS)  # fmt: skip
    assert period_of(unsaid).how == "estimated"
    found = {one.key: one.value for one in describe(unsaid).measures}
    assert found["used_frac"] == pytest.approx(0.4, abs=0.02)


SWF = "{n} {at} 0 3600 4 -1 -1 4 7200 -1 1 1 1 -1 1 -1 -1 -1"


@pytest.mark.parametrize(
    ("header", "period_s"),
    [
        ("", None),
        ("; StartTime: Thu Feb 01 00:00:00 KST 2024\n; EndTime: Sat Feb 03 23:30:00 KST 2024\n", None),
        ("; StartTime: Fri Feb 02 00:00:00 KST 2024\n", (DAY_S, 3 * DAY_S - HOUR_S + 1)),
        ("; EndTime:   Fri Feb 02 12:00:00 KST 2024\n", (0, DAY_S + DAY_S // 2)),
        ("; StartTime: yesterday\n", None),
        ("; Period: -60..400000\n", (-60, 400_000)),
        ("; Period: all of it\n", None),
    ],
)
def test_the_header_of_swf_states_a_period_where_jobs_lie_outside_of_it(header, period_s, tmp_path):
    origin = "; UnixStartTime: 1706713200\n; TimeZoneString: Asia/Seoul\n"
    lines = [SWF.format(n=n + 1, at=n * HOUR_S) for n in range(72)]
    (tmp_path / "log.swf").write_text(origin + header + "\n".join(lines) + "\n")
    table = read_log(tmp_path / "log.swf")
    assert table.period_s == period_s
    writer("swf")(table, tmp_path / "again.swf")
    assert read_log(tmp_path / "again.swf").period_s == period_s


def test_summer_time_may_lie_between_the_beginning_and_the_end_of_a_header(tmp_path):
    header = "; UnixStartTime: 749458803\n; TimeZoneString: US/Pacific\n"
    header += "; EndTime: Fri Dec 31 23:03:45 PST 1993\n"
    end_s = 757407825 - 749458803
    lines = [SWF.format(n=n, at=at) for n, at in enumerate((0, end_s - 60, end_s + 60), 1)]
    (tmp_path / "log.swf").write_text(header + "\n".join(lines) + "\n")
    assert read_log(tmp_path / "log.swf").period_s == (0, end_s)
