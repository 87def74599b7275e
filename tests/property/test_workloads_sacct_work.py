"""No row of sacct and no slot-hour of it vanishes unsaid: against a reader that is slow and plain."""

import io
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.errors import LogError
from workloads.readers.sacct.reader import read_sacct

BEGIN = datetime(2024, 5, 6, 8, tzinfo=UTC)
NAMES = (
    "JobID",
    "User",
    "State",
    "Submit",
    "Eligible",
    "Start",
    "End",
    "Elapsed",
    "NCPUS",
    "ReqCPUS",
    "Timelimit",
)
STATES = (
    "COMPLETED", "FAILED", "CANCELLED by 7", "TIMEOUT", "OUT_OF_ME+", "NODE_FAIL", "PREEMPTED", "REQUEUED",
    "RESIZING", "RUNNING", "PENDING", "SUSPENDED", "COMPLETING", "DEADLINE", "REVOKED", "MELTED", "",
)  # fmt: skip


def clock(second):
    """Return an instant as sacct prints it, or its word for none."""
    return "Unknown" if second is None else (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


def span(seconds):
    """Return a duration as sacct prints it."""
    days, rest = divmod(seconds, 86400)
    return f"{days}-{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"


@st.composite
def rows(draw):
    """Return a row, and the slot-seconds that it says were held."""
    state = draw(st.sampled_from(STATES))
    submit = draw(st.integers(0, 9))
    started = state not in ("PENDING", "REVOKED") and draw(st.booleans())
    start = submit + draw(st.integers(0, 3)) if started else None
    run_s = draw(st.integers(0, 90_000)) if started else 0
    open_ended = state in ("RUNNING", "SUSPENDED", "PENDING") or draw(st.integers(0, 9)) == 0
    end = None if open_ended else (start if started else submit) + run_s
    job = draw(st.sampled_from(["1", "2", "3_1", "3_2", "4+0", "5.batch", "w-x", ""]))
    cpus, asked = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    cells = (
        job, draw(st.sampled_from("ab")), state, clock(submit), clock(draw(st.sampled_from([None, submit]))),
        clock(start), clock(end), span(run_s), str(cpus), str(asked),
        draw(st.sampled_from(["UNLIMITED", "1-00:00:00", "Partition_Limit", ""])),
    )  # fmt: skip
    held = run_s * (cpus or asked) if started and not job.endswith(".batch") else 0
    return "|".join(cells), held, (job, cells[1], submit, start)


@settings(max_examples=200, deadline=None)
@given(st.lists(rows(), min_size=1, max_size=9))
def test_rows_and_slot_hours_are_in_the_table_or_left_out_with_a_reason(found):
    unique = {who: (text, held) for text, held, who in found}  # a row of an attempt that is there again
    text = "\n".join(["|".join(NAMES), *(text for text, _ in unique.values())]) + "\n"
    try:
        jobs = read_sacct(io.BytesIO(text.encode()), lenient=True)
    except LogError as error:
        assert error.problems
        return
    jobs.validate()
    assert len(jobs) + sum(tally.count for tally in jobs.dropped) == len(unique)
    assert all(tally.reason and tally.count for tally in jobs.dropped)
    left_out = sum(tally.slot_s for tally in jobs.dropped)
    assert jobs.kept_slot_s + left_out == sum(held for _, held in unique.values())


WHOLE = {
    "JobID": "1001", "JobIDRaw": "1001", "Cluster": "aster", "User": "ana", "QOS": "normal",
    "Submit": "2024-05-06T08:00:00", "Eligible": "2024-05-06T08:00:00", "Start": "2024-05-06T08:01:40",
    "End": "2024-05-06T09:01:40", "Elapsed": "01:00:00", "ElapsedRaw": "3600", "Suspended": "00:00:00",
    "Planned": "00:01:40", "State": "COMPLETED", "ExitCode": "0:0", "NNodes": "1", "AllocCPUS": "8",
    "ReqMem": "31200M", "ReqTRES": "cpu=8,node=1", "AllocTRES": "cpu=8,gres/gpu=2,node=1", "ReqGRES": "gpu:2",
    "AllocGRES": "gpu:2", "Timelimit": "02:00:00", "TimelimitRaw": "120", "ConsumedEnergyRaw": "55",
}  # fmt: skip
WILD = (
    "", "None", "Unknown", "nan", "-1", "0",
    "0.5", "1e400", "9" * 20, "2147483648", "999999999", "abc", "광주",
    "1_2", "1_[3-5]", "1+0", "1.batch", "１２", "UNLIMITED", "Partition_Limit", "99999:00:00",
    "999999999-999999999:999999999:999999999", "cpu=999999999,gres/gpu=999999999", "gres/shard=999999999",
    "gres/gpu:1g.5gb=3,gres/gpu=999999999", "gpu:999999999", "gpu:1g.5gb:7", "RUNNING", "PENDING", "CD", "R+",
    "+", "CANCELLED by 1", "1970-01-01T00:00:00", "2199-12-31T23:59:59", "2024-05-06T08:00:00+09:00",
    "1714982400", "5Pn", "999999999999P", "18446744073709551614", "9223372036854775807", "4294967295", "\x1f",
)  # fmt: skip
"""What stands in exports, or does not, in the wrong column and in the right one."""


@settings(max_examples=200, deadline=None)
@given(
    names=st.sets(st.sampled_from([*WHOLE]), min_size=3).map(
        lambda some: [*({"JobID", "Submit", "Elapsed"} | some)]
    ),
    bent=st.lists(st.dictionaries(st.sampled_from([*WHOLE]), st.sampled_from(WILD), max_size=3), max_size=5),
    slots=st.sampled_from(["auto", "gpus", "cpus", "nodes"]),
    zone=st.sampled_from([None, "Europe/Berlin", "+05:30"]),
)
def test_wild_cells_cost_their_row_or_are_an_error(names, bent, slots, zone):
    rows_of = [WHOLE, *(WHOLE | {"JobID": str(number)} | change for number, change in enumerate(bent, 1001))]
    text = "\n".join(
        "|".join(cells) for cells in (names, *([row[name] for name in names] for row in rows_of))
    )
    for lenient in (False, True):
        try:
            jobs = read_sacct(io.BytesIO(text.encode()), lenient=lenient, slots=slots, zone=zone)
        except LogError as error:
            assert all(problem.what for problem in error.problems)
            continue
        jobs.validate()
        assert len(jobs) + sum(tally.count for tally in jobs.dropped) == len(rows_of)
        assert (jobs.numbers("slots") > 0).all()
