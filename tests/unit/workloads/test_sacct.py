"""Exports of Slurm's sacct: the forms that its fields take, and what becomes of each row."""

import gzip
import io
from typing import Any

import pytest

from workloads.errors import LogError
from workloads.jobtable import NO_LIMIT_S, JobTable
from workloads.readers.sacct.layout import names_of
from workloads.readers.sacct.reader import read_sacct

FIELDS = (
    "jobid", "jobidraw", "cluster", "partition", "qos", "account", "group", "gid", "user", "uid", "submit",
    "eligible", "start", "end", "elapsed", "exitcode", "state", "nnodes", "ncpus", "reqcpus", "reqmem",
    "reqtres", "alloctres", "timelimit", "nodelist", "jobname",
)  # fmt: skip
GOOD = {
    "jobid": "7",
    "cluster": "gist",
    "partition": "gpu",
    "qos": "normal",
    "account": "lab",
    "group": "lab",
    "gid": "100",
    "user": "lee",
    "uid": "2001",
    "submit": "2021-05-01T12:00:00",
    "eligible": "2021-05-01T12:00:00",
    "start": "2021-05-01T12:10:00",
    "end": "2021-05-01T13:10:00",
    "elapsed": "01:00:00",
    "exitcode": "0:0",
    "state": "COMPLETED",
    "nnodes": "1",
    "ncpus": "64",
    "reqcpus": "32",
    "reqmem": "500G",
    "reqtres": "billing=8,cpu=32,gres/gpu=8,mem=500G,node=1",
    "alloctres": "billing=8,cpu=64,gres/gpu:a100=8,gres/gpu=8,mem=500G,node=1",
    "timelimit": "1-00:00:00",
    "nodelist": "gpu01",
    "jobname": "train",
}


def row(**changes: str) -> str:
    """Return one line; the raw job id is the job id unless given."""
    cells = GOOD | changes
    cells.setdefault("jobidraw", cells["jobid"])
    return "|".join(cells[name] for name in FIELDS) + "\n"


def read(*rows: str, lenient: bool = False, **options: Any) -> JobTable:
    options = {"zone": "UTC"} | options
    return read_sacct(io.BytesIO("".join(rows).encode()), lenient=lenient, **options)


def only(table: JobTable) -> dict[str, Any]:
    assert len(table) == 1
    return dict(table.frame.iloc[0])


def said(table: JobTable) -> list[str]:
    return [str(tally) for tally in (*table.dropped, *table.remarks)]


def test_a_job_in_the_list_of_open_xdmod() -> None:
    table = read(row())
    assert only(table) == {
        "eligible_s": 0,
        "asked_slots": 8,
        "other_slots": 64,
        "nodes": 1,
        "requested_memory_kb": 8192000.0,
        "exit_code": 0,
        "qos": "normal",
        "job_id": 7,
        "submit_s": 0,
        "run_s": 3600,
        "requested_s": 86400,
        "slots": 8,
        "allocated_slots": 8,
        "wait_s": 600,
        "pool": "gpu",
        "tenant": "lab",
        "user": "lee",
        "job_class": "normal",
        "state": "completed",
    }
    assert table.origin is not None
    assert table.origin.isoformat() == "2021-05-01T12:00:00+00:00"
    assert table.header == {"Computer": "gist", "SlotsAre": "gpus"}
    assert said(table) == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("COMPLETED", "completed"),
        ("FAILED", "failed"),
        ("OUT_OF_MEMORY", "failed"),
        ("OUT_OF_ME+", "failed"),
        ("OUT_OF_MEM", "failed"),
        ("OOM", "failed"),
        ("CD", "completed"),
        ("CANCELLED,TIMEOUT", "cancelled"),
        ("CANCELLED by  5", "cancelled"),
        ("LAUNCH_FAILED", "node_fail"),
        ("SPECIAL_EXIT", "failed"),
        ("REQUEUED", "cancelled"),
        ("CANCELLED", "cancelled"),
        ("CANCELLED by 1234", "cancelled"),
        ("CANCELLED+", "cancelled"),
        ("PREEMPTED", "cancelled"),
        ("TIMEOUT", "timeout"),
        ("DEADLINE", "timeout"),
        ("NODE_FAIL", "node_fail"),
        ("BOOT_FAIL", "node_fail"),
        ("MELTED", "unknown"),
    ],
)
def test_states_of_jobs_that_ended(state: str, expected: str) -> None:
    table = read(row(state=state))
    assert only(table)["state"] == expected
    assert bool(table.remarks) == (expected == "unknown")


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "SUSPENDED", "REQUEUED", "RESIZING", "COMPLETING"])
def test_jobs_that_have_not_ended_are_counted(state: str) -> None:
    table = read(row(), row(jobid="8", state=state, end="Unknown"))
    assert table.numbers("job_id").tolist() == [7]
    assert said(table) == ["1 × not ended when the log was written (line 2)"]


def test_a_log_in_which_no_job_has_ended_is_an_error_that_says_why() -> None:
    with pytest.raises(LogError, match=r"no job that has ended(.|\n)*1 × not ended"):
        read(row(state="PENDING", start="Unknown", end="Unknown"))


@pytest.mark.parametrize(
    ("limit", "expected", "remarked"),
    [
        ("1-00:00:00", 86400, False),
        ("7-12:30:15", 649815, False),
        ("02:00:00", 7200, False),
        ("30:00", 1800, False),
        ("120:00:00", 432000, False),
        ("UNLIMITED", NO_LIMIT_S, False),
        ("Partition_Limit", NO_LIMIT_S, True),
        ("INVALID", -1, True),
        ("", -1, True),
        ("00:00:00", -1, True),
    ],
)
def test_time_limits(limit: str, expected: int, remarked: bool) -> None:
    table = read(row(timelimit=limit), row(jobid="8"))
    assert table.numbers("requested_s")[0] == expected
    assert [tally.count for tally in table.remarks] == [1] * remarked


def test_array_tasks_share_their_array_and_keep_their_own_numbers() -> None:
    table = read(row(jobid="100_1", jobidraw="101"), row(jobid="100_2", jobidraw="100"), row(jobid="103"))
    assert table.numbers("job_id").tolist() == [100, 101, 103]
    assert table.links("array_id").tolist() == [100, 100, -1]


def test_an_array_that_never_started_is_one_job() -> None:
    table = read(
        row(),
        row(jobid="100_[5-9%2]", jobidraw="100", state="CANCELLED by 0", start="None", elapsed="00:00:00"),
    )
    assert table.links("array_id").tolist() == [-1, 100]
    assert table.numbers("run_s").tolist() == [3600, 0]
    assert table.numbers("wait_s").tolist() == [600, -1]
    assert said(table) == [
        "1 × stands for tasks of an array that never started: kept as one job (line 2)",
        "1 × ended before it started: run time 0, wait unknown (line 2)",
    ]


def test_parts_of_a_heterogeneous_job_are_jobs() -> None:
    table = read(row(jobid="200+0", jobidraw="200"), row(jobid="200+1", jobidraw="201"))
    assert table.numbers("job_id").tolist() == [200, 201]
    assert table.remarks[0].count == 2


def test_steps_are_counted() -> None:
    table = read(
        row(), row(jobid="7.batch"), row(jobid="7.0"), row(jobid="7.extern"), row(jobid="7.interactive")
    )
    assert said(table) == ["4 × job step: the job has a row of its own (line 2, line 3, line 4, …)"]


def test_of_a_requeued_job_the_last_attempt_is_kept() -> None:
    table = read(
        row(state="NODE_FAIL"),
        row(submit="2021-05-01T14:00:00", start="2021-05-01T15:00:00", end="2021-05-01T16:00:00"),
        row(jobid="6"),
    )
    assert table.numbers("job_id").tolist() == [6, 7]
    assert only(table.take(table.numbers("job_id") == 7))["state"] == "completed"
    assert said(table) == ["1 × earlier attempt of a requeued job: the last one is kept (line 1)"]


def test_the_id_of_somebody_elses_job_is_no_attempt() -> None:
    rows = row(), row(user="kim", submit="2021-05-01T12:00:01")
    with pytest.raises(LogError, match="repeat the id"):
        read(*rows)
    assert len(read(*rows, lenient=True)) == 2


@pytest.mark.parametrize(("slots", "asked", "got"), [("gpus", 8, 8), ("cpus", 64, 64), ("nodes", 1, 1)])
def test_what_a_slot_is(slots: str, asked: int, got: int) -> None:
    job = only(read(row(), slots=slots))
    assert (job["slots"], job["allocated_slots"]) == (asked, got)


def test_a_log_without_gpus_counts_processors_and_one_with_gpus_leaves_others_out() -> None:
    plain = {"reqtres": "cpu=32,mem=4G,node=1", "alloctres": "cpu=64,mem=4G,node=1"}
    assert only(read(row(**plain)))["slots"] == 64
    table = read(row(), row(jobid="8", **plain, elapsed="00:06:00", end="2021-05-01T12:16:00"))
    assert table.numbers("job_id").tolist() == [7]
    assert said(table) == ["1 × no GPU (line 2)"]
    with pytest.raises(LogError, match="no job of this log has a GPU"):
        read(row(**plain), slots="gpus")


def test_gpus_by_type_are_added_up() -> None:
    job = only(read(row(reqtres="gres/gpu:a100=2,gres/gpu:h100=4", alloctres="")))
    assert (job["slots"], job["allocated_slots"]) == (6, -1)


def test_a_job_that_ends_before_it_starts_is_counted() -> None:
    table = read(row(), row(jobid="8", end="2021-05-01T12:00:00"))
    assert said(table) == ["1 × ends before it starts (line 2)"]


def test_a_job_that_starts_before_its_submission_has_no_known_wait() -> None:
    table = read(row(start="2021-05-01T11:10:00", end="2021-05-01T12:10:00"))
    assert only(table)["wait_s"] == -1
    assert said(table) == ["1 × starts before it is submitted: wait unknown (line 1)"]


@pytest.mark.parametrize(("elapsed", "word"), [("02:00:00", "daylight"), ("00:40:00", "suspended")])
def test_elapsed_is_believed_when_the_clock_says_otherwise(elapsed: str, word: str) -> None:
    table = read(row(elapsed=elapsed))
    assert only(table)["run_s"] in (7200, 2400)
    assert word in said(table)[0]


def test_a_clock_that_was_not_set_or_jumped_is_said() -> None:
    table = read(
        row(),
        row(jobid="8", submit="1970-01-01T00:00:00"),
        row(jobid="9", submit="2023-01-01T00:00:00", start="1970-01-01T00:00:00", end="2023-01-01T00:00:00"),
    )
    assert table.numbers("job_id").tolist() == [7, 9]
    assert table.numbers("run_s").tolist() == [3600, 0]
    assert said(table) == [
        "1 × submitted before 2000: the clock was not set (line 2)",
        "1 × ended before it started: run time 0, wait unknown (line 3)",
        "1 × nothing submitted for more than a year before it: was the clock right? (line 3)",
    ]


def test_times_may_state_a_zone() -> None:
    table = read(row(submit="2021-05-01T21:00:00+09:00", start="2021-05-01T21:10:00+09:00"))
    assert only(table)["wait_s"] == 600
    assert table.origin is not None
    assert table.origin.isoformat() == "2021-05-01T12:00:00+00:00"


def test_a_header_line_gives_the_columns_in_any_order() -> None:
    text = (
        "User|JobID|Submit|ElapsedRaw|AllocCPUS|TimelimitRaw|MaxRSS|JobName\n"
        "lee|5|2021-05-01T12:00:00|90|4|10|1G|a|b\n"
        "kim|6_1|2021-05-01T12:00:01|30|2|UNLIMITED||x\n"
    )
    table = read(text)
    assert table.numbers("run_s").tolist() == [90, 30]
    assert table.numbers("slots").tolist() == [4, 2]
    assert table.numbers("requested_s").tolist() == [600, NO_LIMIT_S]
    assert table.links("array_id").tolist() == [-1, 6]
    assert table.labels("user")[1] == ["kim", "lee"]
    assert said(table)[0] == "1 × column that no job table has is left out (MaxRSS)"


def test_a_bar_at_the_end_of_every_line_is_no_column() -> None:
    assert only(read("JobID|Submit|Elapsed|NCPUS|\n5|2021-05-01T12:00:00|00:01:00|4|\n"))["slots"] == 4


@pytest.mark.parametrize("line", ["JobID|Elapsed\n1|2\n", "hello world\n", "1|2|3\n"])
def test_what_is_no_export_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(LogError) as caught:
        read(line)
    assert caught.value.problems[0].line == 1


def test_what_a_header_line_must_name() -> None:
    with pytest.raises(LogError, match="no run times"):
        read("JobID|Submit\n1|2021-05-01T12:00:00\n")
    with pytest.raises(LogError, match="no column says how many cpus"):
        read("JobID|Submit|Elapsed\n1|2021-05-01T12:00:00|00:01:00\n")


@pytest.mark.parametrize(
    ("left_out", "put_in"),
    [((), ()), (("qos",), ("reqgres",)), ((), ("reqgres",)), (("qos", "reqtres", "alloctres"), ("reqgres",))],
)
def test_older_lists_of_open_xdmod(left_out: tuple[str, ...], put_in: tuple[str, ...]) -> None:
    names = [name for name in FIELDS if name not in left_out]
    for name in put_in:
        names.insert(names.index("reqmem") + 1, name)
    cells = GOOD | {"jobidraw": "7", "reqgres": "gpu:4", "nnodes": "2", "jobname": "a|b"}
    line = "|".join(cells[name] for name in names)
    assert names_of(line) == tuple(names)
    job = only(read(line + "\n"))
    assert job["slots"] == 8
    assert job["job_class"] == ("" if "qos" in left_out else "normal")


def test_bars_in_job_names_do_not_matter() -> None:
    assert len(read(row(jobname="a|b|c"), row(jobid="8", jobname=""))) == 2


@pytest.mark.parametrize(
    "bad",
    [
        "7|8\n",
        row(jobid="9", submit="soon"),
        row(jobid="9", ncpus="many"),
        row(jobid="9", ncpus="nan"),
        "\0\0\0\n",
    ],
)
def test_malformed_lines_are_named_or_counted(bad: str) -> None:
    rows = row(), bad, row(jobid="8")
    with pytest.raises(LogError) as caught:
        read(*rows)
    assert caught.value.problems[0].line == 2
    table = read(*rows, lenient=True)
    assert len(table) == 2
    assert table.dropped[0].count == 1


def test_korean_account_names_in_both_encodings() -> None:
    data = row(account="광주").encode() + row(jobid="8", account="과기원").encode("cp949")
    table = read_sacct(io.BytesIO(data), zone="UTC")
    assert table.labels("tenant")[1] == ["과기원", "광주"]
    assert said(table) == ["1 × not UTF-8: read as CP949 (line 2)"]


def test_hostile_files() -> None:
    with pytest.raises(LogError, match="no job"):
        read("")
    with pytest.raises(LogError, match="cut short"):
        read_sacct(io.BytesIO(gzip.compress(row().encode() * 999)[:-9]), lenient=True)
    with pytest.raises(LogError, match="allowed: auto"):
        read(row(), slots="cores")
    assert len(read(row(), "x" * 10_000_000 + "\n", lenient=True)) == 1
