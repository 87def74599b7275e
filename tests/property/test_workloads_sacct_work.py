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
