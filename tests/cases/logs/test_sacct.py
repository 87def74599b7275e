"""What Slurm's accounting says and means: each table is made after a public report of a log read wrongly."""

import csv
import io

import numpy as np
import pytest

from tests.data import need_data
from workloads.errors import LogError
from workloads.jobtable import NO_LIMIT_S
from workloads.logs import recognised
from workloads.readers.sacct.reader import read_sacct

HOUR_S = 3600
DAY = "2024-05-06T"


def table(text, **options):
    """Return the table in a text whose columns are separated by bars."""
    assert recognised(io.BytesIO(text.encode())) == "sacct"
    return read_sacct(io.BytesIO(text.encode()), **options)


def lines(*rows):
    return "\n".join(rows) + "\n"


def reasons(jobs):
    return [tally.reason for tally in jobs.dropped]


def noted(jobs):
    return [tally.reason for tally in jobs.remarks]


def test_a_wait_begins_when_the_job_could_have_started():
    """A chain, a job with a begin time, and a free one: nobody waited for a slot for more than 10 s."""
    jobs = table(
        lines(
            "JobID|User|State|Submit|Eligible|Start|End|Elapsed|NCPUS|Timelimit",
            f"1|a|COMPLETED|{DAY}08:00:00|{DAY}08:00:00|{DAY}08:00:10|{DAY}12:00:10|04:00:00|64|06:00:00",
            f"2|a|COMPLETED|{DAY}08:00:00|{DAY}12:00:11|{DAY}12:00:20|{DAY}16:00:20|04:00:00|64|06:00:00",
            f"3|a|COMPLETED|{DAY}08:00:00|{DAY}16:00:21|{DAY}16:00:30|{DAY}20:00:30|04:00:00|64|06:00:00",
            f"4|b|COMPLETED|{DAY}08:00:00|2024-05-11T08:00:00|2024-05-11T08:00:10|2024-05-11T09:00:10|01:00:00"
            "|8|02:00:00",
            f"5|c|COMPLETED|{DAY}08:30:00|{DAY}08:30:00|{DAY}08:30:05|{DAY}09:30:05|01:00:00|64|02:00:00",
        )
    )
    assert jobs.numbers("wait_s").tolist() == [10, 9, 9, 10, 5]
    assert jobs.numbers("wait_s").mean() == 8.6
    assert jobs.links("eligible_s").tolist() == [0, 14_411, 28_821, 432_000, 1800]


def test_a_job_without_limit_is_a_job():
    jobs = table(
        lines(
            "JobID|User|State|Submit|Start|End|Elapsed|NCPUS|Timelimit",
            f"1|a|COMPLETED|{DAY}08:00:00|{DAY}08:00:00|{DAY}09:00:00|01:00:00|16|02:00:00",
            f"2|b|COMPLETED|{DAY}08:00:00|{DAY}08:00:00|2024-05-10T08:00:00|4-00:00:00|64|UNLIMITED",
            f"3|b|COMPLETED|{DAY}09:00:00|{DAY}09:00:00|2024-05-11T09:00:00|5-00:00:00|32|UNLIMITED",
            f"4|c|CANCELLED by 77|{DAY}09:00:00|{DAY}10:00:00|2024-05-07T10:00:00|1-00:00:00|32"
            "|Partition_Limit",
            f"5|a|COMPLETED|{DAY}10:00:00|{DAY}12:00:00|{DAY}13:00:00|01:00:00|16|02:00:00",
        )
    )
    assert jobs.numbers("requested_s").tolist() == [7200, NO_LIMIT_S, NO_LIMIT_S, NO_LIMIT_S, 7200]
    assert jobs.kept_slot_s == 10_784 * HOUR_S
    assert [tally.count for tally in jobs.remarks if "partition" in tally.reason] == [1]


def test_the_limit_of_the_partition_may_stand_in_the_other_column():
    jobs = table(
        lines(
            "JobID|Submit|Elapsed|NCPUS|TimelimitRaw|Timelimit",
            f"1|{DAY}08:00:00|01:00:00|16|Partition_Limit|04:00:00",
            f"2|{DAY}08:00:01|01:00:00|16|60|01:00:00",
            f"3|{DAY}08:00:02|01:00:00|16|4294967295|UNLIMITED",
        )
    )
    assert jobs.numbers("requested_s").tolist() == [14_400, 3600, NO_LIMIT_S]


def test_a_job_is_as_large_as_what_it_held():
    jobs = table(
        lines(
            "JobID|User|State|Submit|Start|End|Elapsed|NNodes|ReqCPUS|NCPUS|ReqTRES|AllocTRES",
            f"1|a|COMPLETED|{DAY}08:00:00|{DAY}08:01:00|{DAY}09:01:00|01:00:00|4|4|256"
            "|billing=4,cpu=4,mem=64G,node=4|billing=256,cpu=256,mem=1024G,node=4",
            f"2|a|COMPLETED|{DAY}08:00:00|{DAY}08:01:00|{DAY}09:01:00|01:00:00|1|1|64"
            "|billing=1,cpu=1,mem=8G,node=1|billing=64,cpu=64,mem=256G,node=1",
        )
    )
    assert jobs.numbers("slots").tolist() == [256, 64]
    assert jobs.links("asked_slots").tolist() == [4, 1]
    assert jobs.links("nodes").tolist() == [4, 1]
    assert jobs.kept_slot_s == 320 * HOUR_S


MIXED = (
    "JobID|User|State|Submit|Start|End|Elapsed|NCPUS|Timelimit|AllocTRES",
    f"1|a|COMPLETED|{DAY}08:00:00|{DAY}08:00:00|{DAY}09:00:00|01:00:00|512|02:00:00|cpu=512,node=8",
    f"2|b|COMPLETED|{DAY}08:10:00|{DAY}08:10:00|{DAY}09:10:00|01:00:00|512|02:00:00|cpu=512,node=8",
    f"3|b|COMPLETED|{DAY}08:20:00|{DAY}08:20:00|{DAY}09:20:00|01:00:00|512|02:00:00|cpu=512,node=8",
)
ONE_GPU_JOB = f"4|c|COMPLETED|{DAY}08:30:00|{DAY}08:30:00|{DAY}08:31:00|00:01:00|4|02:00:00|cpu=4,gres/gpu=1"


def test_one_job_with_a_gpu_makes_no_log_of_gpus():
    jobs = table(lines(*MIXED, ONE_GPU_JOB))
    assert len(jobs) == 4
    assert jobs.kept_slot_s / HOUR_S == pytest.approx(1536.07, abs=0.005)
    assert jobs.links("other_slots").tolist() == [-1, -1, -1, 1]
    assert any("--slots-are gpus" in reason for reason in noted(jobs))


def test_one_job_without_a_gpu_makes_no_log_of_processors():
    rows = (row.replace(",node=8", ",gres/gpu=8,node=8") for row in MIXED)
    jobs = table(lines(*rows, ONE_GPU_JOB.replace(",gres/gpu=1", "")))
    assert jobs.numbers("slots").tolist() == [8, 8, 8]
    assert jobs.links("other_slots").tolist() == [512, 512, 512]
    assert reasons(jobs) == ["no GPU"]


def test_where_gpus_and_processors_both_matter_nobody_guesses():
    rows = (
        *MIXED,
        f"4|c|COMPLETED|{DAY}08:30:00|{DAY}08:30:00|{DAY}09:30:00|01:00:00|512||cpu=512,gres/gpu=8",
    )
    with pytest.raises(LogError) as caught:
        table(lines(*rows))
    text = str(caught.value)
    assert "1 jobs have GPUs and hold 25% of the processor time, 3 have none and hold 75%" in text
    assert "--slots-are gpus" in text
    assert "--slots-are cpus" in text
    assert "--partition" in text
    assert table(lines(*rows), slots="cpus").kept_slot_s == 2048 * HOUR_S
    assert table(lines(*rows), slots="gpus").kept_slot_s == 8 * HOUR_S


def test_attempts_of_requeued_and_preempted_jobs_held_the_machine():
    jobs = table(
        lines(
            "JobID|JobIDRaw|User|Partition|State|Submit|Start|End|Elapsed|NCPUS|Timelimit",
            f"9001|9001|u1|cpu|REQUEUED|{DAY}08:00:00|{DAY}08:01:00|{DAY}10:01:00|02:00:00|16|04:00:00",
            f"9001|9001|u1|cpu|NODE_FAIL|{DAY}10:01:00|{DAY}10:03:00|{DAY}11:03:00|01:00:00|16|04:00:00",
            f"9001|9001|u1|cpu|COMPLETED|{DAY}11:03:00|{DAY}11:05:00|{DAY}14:05:00|03:00:00|16|04:00:00",
            f"9002|9002|u2|cpu|PREEMPTED|{DAY}08:05:00|{DAY}08:06:00|{DAY}09:36:00|01:30:00|32|1-00:00:00",
            f"9002|9002|u2|cpu|COMPLETED|{DAY}09:36:00|{DAY}11:06:00|{DAY}11:36:00|00:30:00|32|1-00:00:00",
            f"9003|9003|u3|cpu|COMPLETED|{DAY}08:07:00|{DAY}08:08:00|{DAY}09:08:00|01:00:00|8|UNLIMITED",
        )
    )
    assert sorted(jobs.numbers("job_id").tolist()) == [9001, 9002, 9003]
    assert jobs.kept_slot_s == 168 * HOUR_S
    assert jobs.left_out_frac == 0
    assert jobs.attempts is not None
    assert jobs.attempts[["job_id", "run_s", "slots"]].to_numpy().tolist() == [
        [9001, 7200, 16],
        [9001, 3600, 16],
        [9002, 5400, 32],
    ]
    assert jobs.origin is not None
    begin = jobs.origin.timestamp() + jobs.attempts["start_s"].to_numpy()
    assert (np.diff(begin) == [7320, -7020]).all()


def test_a_bar_in_a_job_name_before_other_columns_is_an_error():
    text = lines(
        "JobID|Submit|Elapsed|State|NCPUS|JobName|User|Account|Partition",
        f"1|{DAY}08:00:00|01:00:00|COMPLETED|16|prep|u01|chem|cpu",
        f"2|{DAY}08:05:00|00:30:00|FAILED|32|a|b|u02|bio|cpu",
    )
    with pytest.raises(LogError, match=r"10 columns, not 9: a value holds the '\|'") as caught:
        table(text)
    assert [problem.line for problem in caught.value.problems] == [3]
    assert table(text, lenient=True).labels("user")[1] == ["u01"]


@pytest.mark.parametrize("mark", [";", ",", "\t", "^", "::", "@#@", " ", "§", "x", "~|~", "\x1f"])
def test_any_delimiter_will_do(mark):
    names = ("JobID", "User", "Partition", "State", "Submit", "Start", "End", "Elapsed", "NCPUS", "JobName")
    times = f"{DAY}08:00:00", f"{DAY}08:01:00", f"{DAY}09:01:00"
    cells = ("6001", "u01", "cpu", "COMPLETED", *times, "01:00:00", "16", "run")
    jobs = table(lines(mark.join(names), mark.join(cells), mark.join(("6002", *cells[1:]))), lenient=False)
    assert jobs.numbers("job_id").tolist() == [6001, 6002]
    assert jobs.numbers("slots").tolist() == [16, 16]
    assert jobs.labels("user")[1] == ["u01"]


def test_a_semicolon_at_the_end_of_each_line_and_jobs_in_all_conditions():
    jobs = table(
        lines(
            "JobID;User;Partition;State;Submit;Start;End;Elapsed;NCPUS;Timelimit;",
            f"6001;u01;cpu;COMPLETED;{DAY}08:00:00;{DAY}08:01:00;{DAY}09:01:00;01:00:00;16;02:00:00;",
            f"6002;u02;cpu;CANCELLED by 7;{DAY}08:05:00;{DAY}09:01:00;{DAY}09:31:00;00:30:00;32;1-00:00:00;",
            f"6003;u02;cpu;CANCELLED by 70012;{DAY}08:06:00;None;{DAY}08:20:00;00:00:00;32;Partition_Limit;",
            f"6004;u03;cpu;TIMEOUT;{DAY}08:07:00;{DAY}09:31:00;2024-05-07T09:31:20;1-00:00:20;8;1-00:00:00;",
            f"6005;u03;cpu;RUNNING;{DAY}08:08:00;{DAY}09:31:00;Unknown;3-02:10:09;8;UNLIMITED;",
        )
    )
    assert jobs.numbers("job_id").tolist() == [6001, 6002, 6003, 6004]
    assert jobs.numbers("run_s").tolist() == [3600, 1800, 0, 86_420]
    assert jobs.numbers("allocated_slots").tolist() == [16, 32, -1, 8]
    assert jobs.attempts is not None
    assert jobs.attempts["run_s"].tolist() == [266_999 + 10]


def test_slices_and_shards_are_parts_of_a_gpu():
    head = "JobID|User|State|Submit|Start|End|Elapsed|NCPUS|AllocTRES"
    when = f"{DAY}08:00:00|{DAY}08:00:00|{DAY}18:00:00|10:00:00"
    jobs = table(
        lines(
            head,
            f"1|a|COMPLETED|{when}|4|cpu=4,gres/gpu:a100_1g.5gb=7,gres/gpu=7,node=1",
            f"2|b|COMPLETED|{when}|8|cpu=8,gres/gpu:a100=1,gres/gpu=1,node=1",
            f"3|c|COMPLETED|{when}|4|cpu=4,gres/shard=2,node=1",
            f"4|c|COMPLETED|{when}|4|cpu=4,gres/gpu:h100_3g.40gb=1,gres/gpu=1,node=1",
            f"5|c|COMPLETED|{when}|4|cpu=4,gres/gpu:1g.6gb=3,gres/gpu:a30=1,gres/gpu=4,node=1",
        )
    )
    assert jobs.numbers("slots").tolist() == [1, 1, 1, 1, 2]
    assert jobs.links("share_slots") == pytest.approx([-1, -1, 0.5, 3 / 7, 1.75])
    assert any("become 6 slots" in reason for reason in noted(jobs))
    assert any(reason.startswith("shards of a GPU: 4 are taken") for reason in noted(jobs))


def test_gpus_of_older_versions_stand_in_allocgres():
    head = "JobID|User|Partition|Start|End|Submit|AllocCPUS|AllocGRES|NNodes|Elapsed|State|"
    rows = (
        "61|u1|gpu|2017-01-05T12:02:55|2017-01-05T13:02:55|2017-01-05T12:02:55|1|gpu:2|1|01:00:00|COMPLETED|",
        "62|u2|cpu|2017-01-05T13:54:59|2017-01-05T14:54:59|2017-01-05T13:54:58|16||1|01:00:00|COMPLETED|",
        "62.1||cpu|2017-01-05T13:55:32|2017-01-05T14:54:59|2017-01-05T13:55:32|1||1|00:59:00|COMPLETED|",
        "63|u3|gpu|2017-01-07T02:07:26|2017-01-07T03:07:26|2017-01-07T02:07:26|1|gpu:4|2|01:00:00|TIMEOUT|",
    )
    jobs = table(lines(head, *rows), slots="gpus")
    assert jobs.numbers("slots").tolist() == [2, 8]
    assert reasons(jobs) == ["job step: the job has a row of its own", "no GPU"]


def test_states_of_all_versions():
    times = f"{DAY}08:00:00|{DAY}08:01:00|{DAY}09:01:00"
    states = [
        "RESIZING", "DEADLINE", "NODE_FAIL", "CANCELLED by  5", "REVOKED", "OUT_OF_ME+", "NODE_FAIL+",
        "CANCELLED,TIMEOUT", "REQUEUED", "COMPLETED", "SUSPENDED", "CD", "COMPLETING",
    ]  # fmt: skip
    rows = [f"{number}|a|{state}|{times}|01:00:00|8" for number, state in enumerate(states, 1)]
    rows[10] = rows[10].replace("09:01:00|01", "Unknown|01").replace(f"{DAY}Unknown", "Unknown")
    jobs = table(lines("JobID|User|State|Submit|Start|End|Elapsed|NCPUS", *rows))
    codes, words = jobs.labels("state")
    assert dict(zip(jobs.numbers("job_id").tolist(), [words[code] for code in codes], strict=True)) == {
        1: "unknown",
        2: "timeout",
        3: "node_fail",
        4: "cancelled",
        6: "failed",
        7: "node_fail",
        8: "cancelled",
        9: "cancelled",
        10: "completed",
        12: "completed",
        13: "unknown",
    }
    assert reasons(jobs) == ["revoked: ran on another cluster", "not ended when the log was written"]
    assert jobs.kept_slot_s == 12 * 8 * HOUR_S
    assert not any("taken as unknown" in reason for reason in noted(jobs))


def test_a_log_without_a_zone_says_so_once_and_takes_that_of_the_caller():
    text = lines(
        "JobID|User|State|Submit|Start|End|Elapsed|NCPUS",
        f"1|a|COMPLETED|{DAY}10:00:00|{DAY}10:01:00|{DAY}11:01:00|01:00:00|16",
        "2|a|COMPLETED|2024-05-07T10:00:00|2024-05-07T10:01:00|2024-05-07T11:01:00|01:00:00|16",
    )
    assumed = table(text)
    assert (assumed.zone, assumed.zone_from) == ("UTC", "assumed")
    assert noted(assumed) == ["times without a zone: taken as UTC"]
    for zone in ("Asia/Seoul", "+09:00"):
        told = table(text, zone=zone)
        assert (told.zone, told.zone_from) == (zone, "option")
        assert told.origin is not None
        assert told.origin.isoformat() == "2024-05-06T10:00:00+09:00"
        assert noted(told) == []
        assert told.frame.equals(assumed.frame)
    with pytest.raises(LogError, match="no time zone is called 'Mars/Olympus'"):
        table(text, zone="Mars/Olympus")


def test_the_hour_that_a_clock_shows_twice_costs_no_job():
    """In Berlin it was 02:10 twice on 2024-10-27: the job ran from the first 02:50 to the second 02:10."""
    text = lines(
        "JobID|Submit|Start|End|Elapsed|NCPUS",
        "1|2024-10-27T01:30:00|2024-10-27T02:50:00|2024-10-27T02:10:00|00:20:00|16",
        "2|2024-03-31T01:30:00|2024-03-31T01:40:00|2024-03-31T03:10:00|00:30:00|16",
    )
    jobs = table(text, zone="Europe/Berlin")
    assert jobs.numbers("run_s").tolist() == [1800, 1200]
    assert jobs.numbers("wait_s").tolist() == [600, 4800]
    assert jobs.dropped == ()
    assert jobs.origin is not None
    assert jobs.origin.isoformat() == "2024-03-31T01:30:00+01:00"
    assert any("differs from elapsed by an hour" in reason for reason in noted(jobs))


def test_what_is_printed_for_people_is_refused_with_what_to_type():
    text = lines(
        "JobID        JobName    Partition Account    AllocCPUS  State      ExitCode",
        "------------ ---------- --------- ---------- ---------- ---------- --------",
        "5001         relax_01   cpu        chem              16  COMPLETED      0:0",
    )
    with pytest.raises(LogError, match=r"prints for people(.|\n)*sacct -a -D -P -o JobID,JobIDRaw"):
        table(text)


def test_missing_columns_are_named_with_what_to_type():
    text = lines(
        "Cluster|Start|End|ElapsedRaw|TimelimitRaw|NCPUS|NNodes|AllocTRES|NodeList",
        "trv|1704096000|1704099600|3600|120|128|1|billing=128,cpu=128,gres/gpu=4,node=1|k05g1",
    )
    with pytest.raises(LogError, match=r"export of sacct without JobID and Submit(.|\n)*sacct -a -D -P -o"):
        table(text)


def test_a_message_above_the_header_and_a_repeated_header_are_no_jobs():
    head = "JobID|Submit|Elapsed|NCPUS"
    job = f"|{DAY}08:00:00|01:00:00|16"
    jobs = table(lines("Loading slurm/24.05", "sacct: warning: slow", head, f"1{job}", head, f"2{job}"))
    assert jobs.numbers("job_id").tolist() == [1, 2]
    assert "stands above the header line: no job" in noted(jobs)
    assert "the header line again: no job" in noted(jobs)
    with pytest.raises(LogError) as caught:
        table(lines("Loading slurm/24.05", head, f"1{job}", "2|soon|01:00:00|16"))
    assert [problem.line for problem in caught.value.problems] == [4]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Elapsed", "0.0416667"),
        ("Elapsed", "3600"),
        ("ElapsedRaw", "0.0416667"),
        ("ElapsedRaw", "01:00:00"),
        ("Timelimit", "12-Feb"),
        ("Timelimit", "2h"),
        ("Timelimit", "0.0833333"),
        ("Timelimit", "120"),
        ("TimelimitRaw", "0.5"),
        ("Suspended", "90"),
        ("ExitCode", "00:00:00.5"),
        ("NCPUS", "1.5"),
        ("AllocTRES", "cpu"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_line(column, value):
    names = {"JobID": "1", "Submit": f"{DAY}08:00:00", "Elapsed": "01:00:00", "NCPUS": "16"}
    good = lines("|".join(names | {column: ""}), "|".join((names | {column: ""}).values()))
    text = lines(good.rstrip("\n"), "|".join((names | {"JobID": "2", column: value}).values()))
    with pytest.raises(LogError) as caught:
        table(text)
    assert [problem.line for problem in caught.value.problems if value in problem.what] == [3]


def test_a_job_cancelled_while_pending_never_started():
    text = lines(
        "JobID|User|State|Submit|Start|End|Elapsed|NCPUS|AllocTRES",
        f"1|a|COMPLETED|{DAY}08:00:00|{DAY}08:01:00|{DAY}09:01:00|01:00:00|16|cpu=16",
        f"2|a|CANCELLED by 5|{DAY}08:00:00|{DAY}10:00:00|{DAY}10:00:00|00:00:00|16|",
        f"3|a|DEADLINE|{DAY}08:00:00|None|{DAY}10:00:00|00:00:00|16|",
    )
    jobs = table(text)
    assert jobs.numbers("wait_s").tolist() == [60, -1, -1]
    assert jobs.numbers("allocated_slots").tolist() == [16, -1, -1]
    codes, words = jobs.labels("state")
    assert [words[code] for code in codes] == ["completed", "cancelled", "cancelled"]


def test_clusters_are_kept_apart():
    text = lines(
        "JobID|Cluster|Submit|Elapsed|NCPUS|Partition",
        f"1|aster|{DAY}08:00:00|01:00:00|16|cpu",
        f"1|birch|{DAY}08:00:00|02:00:00|16|cpu",
        f"2|birch|{DAY}08:00:00|03:00:00|16|gpu",
    )
    with pytest.raises(LogError, match=r"2 clusters: aster, birch(.|\n)*--cluster"):
        table(text)
    jobs = table(text, cluster="birch")
    assert jobs.numbers("run_s").tolist() == [7200, 10_800]
    assert jobs.header == {"Computer": "birch", "SlotsAre": "cpus"}
    assert table(text, cluster="birch", partition="gpu").numbers("job_id").tolist() == [2]
    with pytest.raises(LogError, match=r"no job of the cluster 'oak'(.|\n)*aster, birch"):
        table(text, cluster="oak")


def test_ids_that_start_again_are_of_other_jobs():
    text = lines(
        "JobID|JobIDRaw|User|Submit|Start|End|NCPUS",
        f"5_1|5|a|{DAY}08:00:00|{DAY}08:01:00|{DAY}09:01:00|16",
        "5|5|a|2025-06-01T08:00:00|2025-06-01T08:01:00|2025-06-01T10:01:00|16",
        "7|7|b|2025-06-01T08:00:00|2025-06-01T08:01:00|2025-06-01T10:01:00|16",
    )
    jobs = table(text)
    assert jobs.numbers("job_id").tolist() == [5, 7, 15]
    assert jobs.numbers("run_s").tolist() == [3600, 7200, 7200]
    assert jobs.attempts is None
    assert "its id was that of an earlier job: numbered by us" in noted(jobs)


def test_the_same_row_twice_held_the_machine_once():
    row = f"5|a|COMPLETED|{DAY}08:00:00|{DAY}08:01:00|{DAY}09:01:00|16"
    still = row.replace("COMPLETED", "RUNNING").replace(f"{DAY}09:01:00", "Unknown")
    jobs = table(lines("JobID|User|State|Submit|Start|End|NCPUS", still, row, row))
    assert jobs.kept_slot_s == 16 * HOUR_S
    assert jobs.attempts is None
    assert [(tally.reason, tally.count) for tally in jobs.dropped] == [
        ("the same row again: the last one is kept", 2)
    ]


def test_a_job_that_runs_again_is_no_job_yet_but_held_slots():
    jobs = table(
        lines(
            "JobID|User|State|Submit|Start|End|Elapsed|NCPUS",
            f"5|a|NODE_FAIL|{DAY}08:00:00|{DAY}08:01:00|{DAY}09:01:00|01:00:00|16",
            f"5|a|RUNNING|{DAY}09:01:00|{DAY}09:02:00|Unknown|00:30:00|16",
            f"6|a|COMPLETED|{DAY}08:00:00|{DAY}08:01:00|{DAY}09:01:00|01:00:00|1",
        )
    )
    assert jobs.numbers("job_id").tolist() == [6]
    assert jobs.attempts is not None
    assert jobs.attempts["run_s"].tolist() == [3600, 1800]
    assert jobs.kept_slot_s == 25 * HOUR_S


def test_ids_that_are_words_are_numbered_and_kept():
    text = lines(
        "JobID|Submit|Elapsed|NCPUS",
        f"4c1f-aa|{DAY}08:00:00|01:00:00|16",
        f"9b20-bb|{DAY}08:00:01|01:00:00|16",
        f"9b20-bb.batch|{DAY}08:00:01|01:00:00|16",
    )
    jobs = table(text)
    assert jobs.numbers("job_id").tolist() == [1, 2]
    assert [*jobs.frame["word_id"]] == ["4c1f-aa", "9b20-bb"]
    assert reasons(jobs) == ["job step: the job has a row of its own"]


def test_what_else_a_row_knows():
    jobs = table(
        lines(
            "JobID|Submit|Eligible|Start|End|Elapsed|Suspended|NNodes|NCPUS|ReqMem|ExitCode|ConsumedEnergyRaw"
            "|QOS|Reservation",
            f"1|{DAY}08:00:00|{DAY}08:00:00|{DAY}08:10:00|{DAY}09:40:00|01:00:00|00:30:00|2|16|4Gn|1:0|7200000"
            "|high|class",
            f"2|{DAY}08:00:00|{DAY}08:00:00|{DAY}08:10:00|{DAY}09:10:00|01:00:00|00:00:00|1|16|500Mc|0:9"
            "|18446744073709551614||",
        )
    )
    row, other = (dict(jobs.frame.iloc[place]) for place in (0, 1))
    assert (row["run_s"], row["suspended_s"], row["nodes"], row["exit_code"]) == (3600, 1800, 2, 1)
    assert (row["energy_j"], row["requested_memory_kb"]) == (7.2e6, 524_288)
    assert (row["qos"], row["reservation"]) == ("high", "class")
    assert (other["energy_j"], other["requested_memory_kb"], other["exit_code"]) == (-1, 512_000, 0)
    assert not any("elapsed" in reason for reason in noted(jobs))


def test_every_job_and_attempt_of_a_day_is_told_as_written_by_hand():
    """The sums are those of the README beside the data; while suspended, processors are free for others."""
    path = need_data("accounting/sacct.txt")
    with need_data("accounting/expected.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["file"] == "sacct.txt"]
    jobs = read_sacct(path, slots="cpus", zone="UTC")
    assert jobs.attempts is not None
    assert jobs.origin is not None
    begin = int(jobs.origin.timestamp())
    codes, words = jobs.labels("state")
    columns = ("submit_s", "wait_s", "run_s", "slots", "nodes", "requested_s")
    numbers = (jobs.links(name).tolist() for name in columns)
    found = {
        (begin + submit_s, wait_s, run_s, slots, max(nodes, 0), requested_s, words[code])
        for submit_s, wait_s, run_s, slots, nodes, requested_s, code in zip(*numbers, codes, strict=True)
    }
    none = ("pending", "running", "left out")
    last = {row["job_id"]: row for row in rows if row["state"] not in none}
    expected = {
        (
            int(row["submit"]),
            int(row["wait_s"] or -1),
            int(row["run_s"]),
            int(row["cpus"]),
            int(row["nodes"]) if row["start"] else 0,
            int(row["requested_s"] or NO_LIMIT_S),
            row["state"],
        )
        for row in last.values()
    }
    assert found == expected
    assert len(jobs) == len(last)
    held = jobs.numbers("slots") @ np.maximum(jobs.links("suspended_s"), 0)
    assert jobs.kept_slot_s + held == 2_379_210
    assert read_sacct(path, slots="gpus", zone="UTC").kept_slot_s == 102_000
    assert read_sacct(path, slots="cpus").left_out_frac == 0
