"""Accounting lines of PBS, Grid Engine and LSF: attempts, jobs that run, zones, and what is malformed."""

import io

import numpy as np
import pytest

from workloads.errors import LogError
from workloads.readers.schedulers.grid_engine import read_grid_engine
from workloads.readers.schedulers.lsf import read_lsf
from workloads.readers.schedulers.pbs import read_pbs
from workloads.readers.schedulers.tokens import Tokens

T = 1714982400
"""2024-05-06 08:00:00 UTC."""


def pbs(kind, job, start, end, *, wall="05/06/2024 17:00:00", more=""):
    times = f"ctime={T} etime={T} start={start}" + (f" end={end}" if end else "")
    return f"{wall};{kind};{job};user=u group=g queue=q {times} Resource_List.ncpus=4 {more}\n"


def read(reader, text, **options):
    return reader(io.BytesIO(text.encode()), **options)


def test_attempts_and_running_jobs_of_pbs_are_held_time():
    text = (
        pbs("S", "1.s", T, 0)
        + pbs("R", "1.s", T, T + 100, more="Exit_status=-11")
        + pbs("S", "2.s", T + 50, 0)
        + pbs("S", "1.s", T + 200, 0)
        + pbs("E", "1.s", T + 200, T + 500, wall="05/06/2024 17:08:20", more="Exit_status=0")
        + f"05/06/2024 17:00:00;Q;3.s;queue=q ctime={T}\n"
    )
    jobs = read(read_pbs, text)
    assert jobs.frame[["job_id", "run_s", "slots"]].to_numpy().tolist() == [[1, 300, 4]]
    assert jobs.attempts.to_numpy().tolist() == [[1, 0, 100, 4], [2, 50, 450, 4]]
    assert jobs.kept_slot_s == 4 * (300 + 100 + 450)
    assert {tally.reason: tally.count for tally in jobs.dropped} == {
        "waiting when the log was written": 1,
        "running when the log was written": 1,
        "attempt of a job that ran again": 1,
    }
    assert (jobs.zone, jobs.zone_from) == ("+09:00", "log")
    assert jobs.origin.isoformat() == "2024-05-06T17:00:00+09:00"


@pytest.mark.parametrize(
    ("more", "slots"),
    [
        ("exec_host=n1/0+n1/1+n2/0", 4),
        ("exec_host=n1/0*32+n2/0*32", 64),
        ("Resource_List.nodes=2:ppn=8", 16),
        ('account="a b=c" exec_host=n1/0*5', 5),
    ],
)
def test_slots_of_pbs_are_what_was_held(more, slots):
    assert read(read_pbs, pbs("E", "1.s", T, T + 9, more=more)).numbers("slots").tolist() == [slots]


def test_arrays_of_pbs_have_their_number_and_servers_are_kept_apart():
    text = pbs("E", "7[1].s", T, T + 9) + pbs("E", "7[2].s", T, T + 9) + pbs("E", "7[].s", T, T + 9)
    jobs = read(read_pbs, text)
    assert jobs.numbers("array_id").tolist() == [7, 7]
    assert sorted(jobs.frame["word_id"]) == ["7[1]", "7[2]"]
    two = read(read_pbs, pbs("E", "7.a", T, T + 9) + pbs("E", "7.b", T, T + 8))
    assert sorted(two.frame["word_id"]) == ["7.a", "7.b"]


def test_a_number_that_comes_again_is_another_job():
    later = pbs("E", "1.s", T, T + 9).replace(str(T), str(T + 10**7)).replace(str(T + 9), str(T + 10**7 + 9))
    jobs = read(read_pbs, pbs("E", "1.s", T, T + 9) + later + later)
    assert len(set(jobs.numbers("job_id"))) == len(jobs) == 2
    assert [tally.reason for tally in jobs.dropped] == ["the same record again"]


USE = "0:0:1:1.0:2.0:1:0:0:0:0:1:0:0:0:0:0:0:0:1:2"


def grid(job, *, start=T + 10, end=T + 70, task=0, part="NONE", failed=0, category="NONE"):
    times = f"{T}:{start}:{end}"
    use = USE.replace("0:0", f"{failed}:0", 1)
    return f"q:n:g:u:a\\:b:{job}:s:0:{times}:{use}:NONE:d:mpi:2:{task}:1:1:0:{category}:0:{part}:1:0:0\n"


def test_grid_engine_lines_that_are_parts_or_runs_before():
    text = (
        grid(1)
        + grid(1, part="1.n2")
        + grid(2, failed=25)
        + grid(2, start=T + 90, end=T + 99)
        + grid(3, task=4)
    )
    jobs = read(read_grid_engine, "# comment\n" + text)
    assert jobs.numbers("run_s").tolist() == [60, 9, 60]
    assert jobs.attempts.to_numpy().tolist() == [[2, 10, 60, 2]]
    assert jobs.numbers("array_id").tolist() == [-1, -1, 3]
    limited = read(read_grid_engine, grid(1, failed=100, category="-l h_rt=60 -pe mpi 2"))
    assert limited.frame["state"].tolist() == ["timeout"]
    assert limited.numbers("requested_s").tolist() == [60]


@pytest.mark.parametrize(
    ("reader", "good", "bad", "what"),
    [
        (read_pbs, pbs("E", "1.s", T, T + 9), pbs("E", "x.s", T, T + 9), "does not begin with a number"),
        (read_pbs, pbs("E", "1.s", T, T + 9), "hello\n", "no record of PBS"),
        (read_pbs, pbs("E", "1.s", T, T + 9), pbs("E", "2.s", T, 0), "end is no Unix time"),
        (read_pbs, pbs("E", "1.s", T, T + 9), 'x "y\n', "a quote that does not end in its line"),
        (read_grid_engine, grid(1), grid("x"), "number is no whole number"),
        (read_grid_engine, grid(1), "a:b:c\n", "fewer than 43 fields"),
        (read_grid_engine, grid(1), "a\0\n", "a zero byte"),
    ],
)
def test_a_malformed_line_is_named_or_counted(reader, good, bad, what):
    with pytest.raises(LogError, match=f"<stream>:2: .*{what}"):
        read(reader, good + bad)
    jobs = read(reader, good + bad, lenient=True)
    assert len(jobs) == 1
    assert [(tally.reason, tally.count) for tally in jobs.dropped] == [("malformed line", 1)]
    with pytest.raises(LogError):
        read(reader, bad, lenient=True)


def test_lsf_needs_its_tail_only_where_it_is_right():
    line = (  # as short as version 9.1 wrote it
        f'"JOB_FINISH" "9.1" {T + 60} 1 7 33 2 {T} {T + 20} 0 {T + 30} "u" "q" "" "" "" "h" "/" "" "" "" "" '
        f'2 "a" "b" 3 "n1" "n1" "n2" 32 60.0 "say ""x"" y" "r" {"0 " * 19}"" "p" 9 3 "" "" 5\n'
    )
    jobs = read(read_lsf, line)
    assert jobs.numbers("slots").tolist() == [3]
    assert jobs.links("nodes").tolist() == [2]
    assert jobs.numbers("wait_s").tolist() == [10]
    assert jobs.frame["word_id"].tolist() == ["1[5]"]
    assert jobs.links("exit_code").tolist() == [137]


def test_numbers_are_read_eight_digits_at_a_time_as_one_by_one():
    words = [
        "0",
        "7",
        "12345678",
        "123456789",
        "999999999999999",
        "1" * 16,
        "",
        "-5",
        "1x",
        "x1",
        "-",
        "00012",
    ]
    tokens = Tokens(" ".join(words).encode() + b"\n", 1, between=b" ", quoted=False)
    values, good = tokens.integers(tokens.at(np.zeros(len(words), np.int64), np.arange(len(words))))
    right = [word.removeprefix("-").isdigit() and len(word) < 16 for word in words]
    assert good.tolist() == right
    assert [int(v) for v, ok in zip(values, right, strict=True) if ok] == [
        int(word) for word, ok in zip(words, right, strict=True) if ok
    ]
