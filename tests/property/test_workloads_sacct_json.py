"""``sacct --json`` read column by column is ``sacct --json`` read entry by entry, whatever stands in it."""

import io
import json
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.errors import LogError
from workloads.readers.objects import cut, sacct_json
from workloads.readers.objects.cut import NotCutError
from workloads.readers.objects.sacct_json import read_sacct_json

BEGIN_S = 1_714_982_400
STATES = [
    "COMPLETED",
    "FAILED",
    "TIMEOUT",
    "RUNNING",
    "PENDING",
    "REQUEUED",
    "DEADLINE",
    "REVOKED",
    "nonsense",
    "",
]
ODD = st.sampled_from(
    [None, -1, 0, 1.5, "", "infinite", "x", True, [], {}, 2**32 - 1, 2**32 - 2, 2**60, "\ud800"]
)
WORDS = st.sampled_from(["", "ana", "김철수", 'a "b" },{"job_id": 1', "x\\y"])


def numbers(least, most, *, plain):
    """Numbers as one version of Slurm writes them."""
    values = st.integers(least, most)
    if plain:
        return values
    return st.fixed_dictionaries(
        {"set": st.booleans(), "infinite": st.sampled_from([False, False, False, True]), "number": values}
    )


def states(form):
    words = st.sampled_from(STATES)
    if form == "word":
        return words
    listed = st.lists(words, min_size=1, max_size=2)
    return listed if form == "list" else st.fixed_dictionaries({"current": listed})


def jobs(form, *, plain):
    times = {name: st.integers(BEGIN_S, BEGIN_S + 1000) for name in ("submission", "eligible")}
    times |= {name: st.sampled_from([0, BEGIN_S + 2000, BEGIN_S + 9000]) for name in ("start", "end")}
    times |= {
        "elapsed": st.integers(0, 900),
        "suspended": st.integers(0, 9),
        "limit": numbers(0, 90, plain=plain),
    }
    part = st.fixed_dictionaries(
        {
            "type": st.sampled_from(["cpu", "node", "gres", "mem"]),
            "name": st.sampled_from(["", "gpu", "gpu:a100", "shard"]),
            "count": st.integers(0, 64),
        }
    )
    lists = st.lists(part, max_size=4)
    few = {
        "job_id": st.integers(1, 10**6),
        "time": st.fixed_dictionaries(times),
        "state": states(form),
        "tres": st.fixed_dictionaries({"allocated": lists, "requested": lists}),
        "required": st.fixed_dictionaries({"CPUs": st.integers(1, 8)}),
    }
    more = {
        "user": WORDS, "account": WORDS, "partition": WORDS, "qos": WORDS,
        "association": st.fixed_dictionaries({"user": WORDS, "account": WORDS}),
        "allocation_nodes": st.integers(0, 3),
        "exit_code": st.fixed_dictionaries({"return_code": numbers(0, 3, plain=plain)}),
        "array": st.fixed_dictionaries(
            {"job_id": st.sampled_from([0, 7]), "task_id": numbers(0, 3, plain=plain), "task": st.just("1-3")}
        ),
        "het": st.fixed_dictionaries(
            {"job_id": st.sampled_from([0, 7]), "job_offset": numbers(0, 2, plain=plain)}
        ),
        "steps": st.lists(st.fixed_dictionaries({"job_id": st.integers(1, 9)}), max_size=2),
    }  # fmt: skip
    return st.fixed_dictionaries(few, optional=more)


@st.composite
def logs(draw):
    """A list of jobs as one version writes it, at times with something strange in a few of them."""
    form, plain = draw(st.sampled_from(["word", "list", "object"])), draw(st.booleans())
    entries = draw(st.lists(jobs(form, plain=plain), min_size=2, max_size=12))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        job = draw(st.sampled_from(entries))
        path = draw(st.sampled_from([key for key in job if isinstance(job[key], dict)]))
        where = draw(st.sampled_from([job, job[path]]))
        if where:
            where[draw(st.sampled_from([*where]))] = draw(ODD)
    indent, ascii_only = draw(st.sampled_from([None, 0, 1, 2])), draw(st.booleans())
    whole = {"meta": {"command": ["sacct"]}, "jobs": entries, "errors": []}
    tight = {"separators": (",", ":")} if indent is None and draw(st.booleans()) else {}
    text = json.dumps(whole, indent=indent, ensure_ascii=ascii_only, **tight)
    return text.encode(errors="surrogatepass")


def outcome(raw, *, lenient):
    try:
        jobs = read_sacct_json(io.BytesIO(raw), lenient=lenient, slots="cpus")
    except LogError as error:
        return str(error)
    told = (jobs.dropped, jobs.remarks, jobs.origin, jobs.header)
    attempts = None if jobs.attempts is None else jobs.attempts.to_dict("list")
    return jobs.frame.to_dict("list"), told, attempts


@settings(max_examples=25, deadline=None)
@given(raw=logs(), block=st.sampled_from([200, 1500, 1 << 20]), lenient=st.booleans())
def test_columns_say_what_entries_say(raw, block, lenient):
    with mock.patch.object(sacct_json, "pieces", side_effect=NotCutError):
        one_by_one = outcome(raw, lenient=lenient)
    with mock.patch.object(cut, "BLOCK_BYTES", block):
        assert outcome(raw, lenient=lenient) == one_by_one


def a_job(number, **more):
    time = {"submission": BEGIN_S, "start": BEGIN_S + 1, "end": BEGIN_S + 9}
    tres = {"allocated": [{"type": "cpu", "name": "", "count": 4}]}
    return {"job_id": number, "state": ["COMPLETED"], "time": time, "tres": tres, **more}


@pytest.mark.parametrize("indent", [None, 1])
def test_a_long_list_is_never_understood_one_by_one(indent, monkeypatch):
    raw = json.dumps({"jobs": [a_job(number) for number in range(1, 200)]}, indent=indent).encode()
    monkeypatch.setattr(cut, "BLOCK_BYTES", 2000)
    monkeypatch.setattr(sacct_json, "_entries", None)
    assert len(read_sacct_json(io.BytesIO(raw))) == 199


@pytest.mark.parametrize("torn", [-3, -40, 150])
def test_a_torn_list_is_refused_with_its_line(torn, monkeypatch):
    raw = json.dumps({"jobs": [a_job(number) for number in range(1, 50)]}, indent=1).encode()
    monkeypatch.setattr(cut, "BLOCK_BYTES", 1000)
    with pytest.raises(LogError, match=r":\d+:\d+: not JSON"):
        read_sacct_json(io.BytesIO(raw[:torn]))
